//! What a drill found, and whether any promise was broken.

use std::fmt;
use std::time::Duration;

/// What one writer went through.
#[derive(Clone, Debug, Default)]
pub struct WriterTally {
    /// Claims it was granted.
    pub granted: usize,
    /// Claims it was refused, because another was faster.
    pub refused: usize,
    /// Outcomes recorded.
    pub settled: usize,
    /// Outcomes that turned out to be recorded already when they were offered again.
    pub repeated: usize,
    /// Outcomes of claims that had passed to somebody else.
    pub late: usize,
    /// Granted claims that the store denied when their outcome came.
    pub claims_denied: usize,
    /// Those of them that it did not come to know again.
    pub claims_lost: usize,
    /// Answers that were errors.
    pub errors: usize,
    /// Requests that took more than a second, or were answered with an error first.
    pub disturbed: usize,
    /// Those of them that were answered in the end.
    pub recovered: usize,
    /// The longest that a request took, from its first offer to its answer.
    pub longest: Duration,
    /// Why it stopped before the end.
    pub gave_up: Option<String>,
}

/// What came of it all.
#[derive(Clone, Debug)]
pub struct Findings {
    /// How long it went.
    pub lasted: Duration,
    /// How often a primary was struck.
    pub struck: usize,
    /// Of each writer.
    pub writers: Vec<WriterTally>,
    /// Events that the store acknowledged.
    pub acknowledged: usize,
    /// Events on record at the end.
    pub recorded: usize,
    /// People who were engaged by more than one claim.
    pub twice: Vec<String>,
    /// Acknowledged events that are not on record as they were acknowledged.
    pub lost: Vec<String>,
    /// What is wrong with what is on record: breaks in a chain, rows that disagree with it.
    pub damage: Vec<String>,
}

impl Findings {
    /// A sentence for each broken promise; empty: all were kept.
    pub fn violations(&self) -> Vec<String> {
        let mut found = Vec::new();
        found.extend(self.twice.iter().map(|what| format!("engaged twice: {what}")));
        found.extend(self.lost.iter().map(|what| format!("lost: {what}")));
        found.extend(self.damage.iter().map(|what| format!("damaged: {what}")));
        for (number, writer) in self.writers.iter().enumerate() {
            if writer.claims_denied > 0 {
                found.push(format!(
                    "denied: {} granted claims of writer {number}, {} of them for good",
                    writer.claims_denied, writer.claims_lost
                ));
            }
            if writer.late > 0 {
                found.push(format!("{} claims were taken from writer {number}", writer.late));
            }
            if let Some(why) = &writer.gave_up {
                found.push(format!("writer {number} did not recover: {why}"));
            }
        }
        if self.struck == 0 || self.acknowledged == 0 {
            found.push("nothing was shown: no primary was struck, or nothing was written".into());
        }
        found
    }

    fn sum(&self, of: impl Fn(&WriterTally) -> usize) -> usize {
        self.writers.iter().map(of).sum()
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "lasted                      {:>8.0} s", self.lasted.as_secs_f64())?;
        writeln!(f, "primaries struck            {:>8}", self.struck)?;
        writeln!(f, "claims granted              {:>8}", self.sum(|w| w.granted))?;
        writeln!(f, "claims refused in a race    {:>8}", self.sum(|w| w.refused))?;
        writeln!(f, "events acknowledged         {:>8}", self.acknowledged)?;
        writeln!(f, "  of these on a second offer{:>8}", self.sum(|w| w.repeated))?;
        writeln!(f, "events on record            {:>8}", self.recorded)?;
        writeln!(f, "double claims               {:>8}", self.twice.len())?;
        writeln!(f, "acknowledged events lost    {:>8}", self.lost.len())?;
        writeln!(f, "acknowledged claims denied  {:>8}", self.sum(|w| w.claims_denied))?;
        writeln!(f, "acknowledged claims lost    {:>8}", self.sum(|w| w.claims_lost + w.late))?;
        writeln!(f, "damage found                {:>8}", self.damage.len())?;
        writeln!(f)?;
        writeln!(f, "writer  granted  errors  disturbed  recovered  longest wait")?;
        for (number, w) in self.writers.iter().enumerate() {
            writeln!(
                f,
                "{number:>6}  {:>7}  {:>6}  {:>9}  {:>9}  {:>10.1} s",
                w.granted,
                w.errors,
                w.disturbed,
                w.recovered,
                w.longest.as_secs_f64()
            )?;
        }
        Ok(())
    }
}
