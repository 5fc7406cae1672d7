//! What was done, what came of it, and whether any promise was broken.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::faults::Fault;
use crate::judge::Verdict;
use crate::place::Kind;

/// What a soak came to.
#[derive(Clone, Debug)]
pub struct Findings {
    /// Over which store.
    pub store: Kind,
    /// What repeats it.
    pub seed: u64,
    /// How long it went.
    pub lasted: Duration,
    /// How often each fault struck.
    pub struck: BTreeMap<&'static str, usize>,
    /// Freezes that went on for longer than a lease lives.
    pub long_freezes: usize,
    /// Workers started.
    pub started: usize,
    /// How workers ended by themselves, by exit code.
    pub ended: BTreeMap<i32, usize>,
    /// Lists that a worker got through.
    pub lists: usize,
    /// Accounts that a person had to clear.
    pub cleared: usize,
    /// Clocks that a person confirmed or corrected because they had been set.
    pub confirmed: usize,
    /// How often it was calm, and all was judged.
    pub judged: usize,
    /// Events that workers said were on record.
    pub promised: usize,
    /// What could not be done here, and why.
    pub left_out: Vec<String>,
    /// Whether it was interrupted.
    pub interrupted: bool,
    /// The newest verdict.
    pub(crate) verdict: Verdict,
    /// Acts that were held against a rest, of all verdicts.
    pub(crate) rests_judged: usize,
    /// What is wrong with what is on record.
    pub(crate) damage: Vec<String>,
    /// Workers that ended as none may.
    pub(crate) crashed: Vec<String>,
    /// What was not settled when it had long been calm.
    pub(crate) unsettled: Vec<String>,
}

impl Findings {
    pub(crate) fn new(store: Kind, seed: u64) -> Self {
        Self {
            store,
            seed,
            lasted: Duration::ZERO,
            struck: BTreeMap::new(),
            long_freezes: 0,
            started: 0,
            ended: BTreeMap::new(),
            lists: 0,
            cleared: 0,
            confirmed: 0,
            judged: 0,
            promised: 0,
            left_out: Vec::new(),
            interrupted: false,
            verdict: Verdict::default(),
            rests_judged: 0,
            damage: Vec::new(),
            crashed: Vec::new(),
            unsettled: Vec::new(),
        }
    }

    /// How often this fault struck.
    pub fn count(&self, fault: Fault) -> usize {
        self.struck.get(fault.name()).copied().unwrap_or_default()
    }

    /// Acts that took effect, by the phones' account.
    pub const fn effects(&self) -> usize {
        self.verdict.effects
    }

    /// A sentence for each broken promise; empty: all were kept.
    pub fn violations(&self) -> Vec<String> {
        let mut found = self.broken();
        // What nobody disturbed, and what nobody judged, shows nothing.
        let shown = self.judged > 0 && self.verdict.effects > 0 && !self.struck.is_empty();
        if !shown && !self.interrupted {
            found.push("nothing was shown: nobody was engaged, or nothing was disturbed".into());
        }
        found
    }

    /// Those of them that somebody will want to look into.
    pub(crate) fn broken(&self) -> Vec<String> {
        let verdict = &self.verdict;
        let kinds = [
            ("engaged twice", &verdict.twice),
            ("not on record", &verdict.unrecorded),
            ("on record only", &verdict.invented),
            ("lost", &verdict.lost),
            ("during a rest", &verdict.restless),
            ("damaged", &self.damage),
            ("crashed", &self.crashed),
            ("not settled", &self.unsettled),
        ];
        let mut found = Vec::new();
        for (kind, all) in kinds {
            found.extend(all.iter().map(|what| format!("{kind}: {what}")));
        }
        found
    }

    /// These, and those of a later part of the same soak.
    pub(crate) fn and(mut self, later: Self) -> Self {
        for (fault, times) in later.struck {
            *self.struck.entry(fault).or_default() += times;
        }
        for (code, times) in later.ended {
            *self.ended.entry(code).or_default() += times;
        }
        self.verdict = self.verdict.and(later.verdict);
        for (sum, more) in [
            (&mut self.long_freezes, later.long_freezes),
            (&mut self.started, later.started),
            (&mut self.lists, later.lists),
            (&mut self.cleared, later.cleared),
            (&mut self.confirmed, later.confirmed),
            (&mut self.judged, later.judged),
            (&mut self.promised, later.promised),
            (&mut self.rests_judged, later.rests_judged),
        ] {
            *sum += more;
        }
        for (all, more) in [
            (&mut self.damage, later.damage),
            (&mut self.crashed, later.crashed),
            (&mut self.unsettled, later.unsettled),
        ] {
            all.extend(more);
        }
        Self { lasted: self.lasted + later.lasted, interrupted: later.interrupted, ..self }
    }

    pub(crate) fn strikes(&mut self, fault: Fault) {
        *self.struck.entry(fault.name()).or_default() += 1;
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = &self.verdict;
        writeln!(f, "store                       {:>9}", self.store)?;
        writeln!(f, "seed                        {:>9}", self.seed)?;
        writeln!(f, "lasted                      {:>9.0} s", self.lasted.as_secs_f64())?;
        for (what, fault) in [
            ("workers killed", Fault::Kill),
            ("workers frozen", Fault::Freeze),
            ("workers asked to end", Fault::Restart),
            ("clocks set", Fault::Clock),
            ("phones killed", Fault::Phone),
            ("lines to the store broken", Fault::Partition),
            ("primaries struck", Fault::Primary),
            ("disks filled", Fault::Disk),
        ] {
            writeln!(f, "{what:<28}{:>9}", self.count(fault))?;
            if fault == Fault::Freeze {
                writeln!(f, "  for longer than a lease   {:>9}", self.long_freezes)?;
            }
        }
        let ended: Vec<String> =
            self.ended.iter().map(|(code, times)| format!("{code}: {times}")).collect();
        writeln!(f, "workers started             {:>9}", self.started)?;
        writeln!(f, "  ended by exit code          {}", ended.join(", "))?;
        writeln!(f, "lists done                  {:>9}", self.lists)?;
        writeln!(f, "accounts cleared by a person{:>9}", self.cleared)?;
        writeln!(f, "clocks seen to by a person  {:>9}", self.confirmed)?;
        writeln!(f, "times judged                {:>9}", self.judged)?;
        writeln!(f, "acts that took effect       {:>9}", verdict.effects)?;
        writeln!(f, "acts refused or taken back  {:>9}", verdict.without_effect)?;
        writeln!(f, "events on record            {:>9}", verdict.events)?;
        writeln!(f, "  successes                 {:>9}", verdict.successes)?;
        writeln!(f, "    presumed                {:>9}", verdict.presumed)?;
        writeln!(f, "  doubts settled by looking {:>9}", verdict.reconciled)?;
        writeln!(f, "  late commits              {:>9}", verdict.late)?;
        writeln!(f, "  promised by a worker      {:>9}", self.promised)?;
        writeln!(f, "acts held against a rest    {:>9}", self.rests_judged)?;
        writeln!(f, "engaged twice               {:>9}", verdict.twice.len())?;
        writeln!(f, "effects not on record       {:>9}", verdict.unrecorded.len())?;
        writeln!(f, "successes without an effect {:>9}", verdict.invented.len())?;
        writeln!(f, "events lost                 {:>9}", verdict.lost.len())?;
        writeln!(f, "acts during a rest          {:>9}", verdict.restless.len())?;
        writeln!(f, "damage found                {:>9}", self.damage.len())?;
        writeln!(f, "workers crashed             {:>9}", self.crashed.len())?;
        writeln!(f, "not settled                 {:>9}", self.unsettled.len())?;
        for what in &self.left_out {
            writeln!(f, "left out: {what}")?;
        }
        Ok(())
    }
}
