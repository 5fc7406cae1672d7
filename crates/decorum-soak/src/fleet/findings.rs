//! What was counted, and which promises were broken.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

/// See [`super::fleet`].
#[derive(Clone, Debug, Default)]
pub struct FleetFindings {
    /// What repeats it.
    pub seed: u64,
    /// How long it took until nothing was left to do.
    pub lasted: Duration,
    /// People on the lists.
    pub people: usize,
    /// Acts that took effect, by the phones' account.
    pub effects: usize,
    /// Effects after the last worker was killed.
    pub effects_after_kills: usize,
    /// Acts that the platform refused or took back.
    pub without_effect: usize,
    /// Events on record.
    pub events: usize,
    /// Doubts that were settled by looking.
    pub reconciled: usize,
    /// Sessions of phones that acted on somebody.
    pub sessions: usize,
    /// Workers killed.
    pub kills: usize,
    /// Workers held still for longer than a lease lives.
    pub freezes: usize,
    /// Phones lost.
    pub losses: usize,
    /// Accounts halted at the end.
    pub halted: Vec<String>,
    /// Tasks by their state at the end.
    pub tasks: BTreeMap<String, usize>,
    /// It was ended early.
    pub interrupted: bool,
    /// People engaged more than once by the fleet.
    pub twice: Vec<String>,
    /// Two tasks at the same time on one phone or account.
    pub together: Vec<String>,
    /// Effects of which the log knows nothing, or the other way round.
    pub unlike: Vec<String>,
    /// Acts of accounts that were halted.
    pub restless: Vec<String>,
    /// Accounts that were halted though the platform asked another one.
    pub blamed: Vec<String>,
    /// People who could have been engaged and were not.
    pub forgotten: Vec<String>,
    /// What else is not as it should be.
    pub damage: Vec<String>,
}

impl FleetFindings {
    /// A sentence for each broken promise; empty: all were kept.
    pub fn violations(&self) -> Vec<String> {
        let kinds = [
            ("engaged twice", &self.twice),
            ("at the same time", &self.together),
            ("ledger and log differ", &self.unlike),
            ("halted, and acted", &self.restless),
            ("halted for another", &self.blamed),
            ("forgotten", &self.forgotten),
            ("damaged", &self.damage),
        ];
        let mut found: Vec<String> = kinds
            .iter()
            .flat_map(|(kind, all)| all.iter().map(move |what| format!("{kind}: {what}")))
            .collect();
        if !self.interrupted
            && (self.effects == 0 || self.kills > 0 && self.effects_after_kills == 0)
        {
            found
                .push("nothing was shown: nobody was engaged after a worker was killed".to_owned());
        }
        found
    }
}

impl fmt::Display for FleetFindings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks: Vec<String> =
            self.tasks.iter().map(|(state, n)| format!("{n} {state}")).collect();
        let rate = self.effects as u64 * 60 / self.lasted.as_secs().max(1);
        writeln!(f, "seed                {}", self.seed)?;
        writeln!(
            f,
            "took                {} s, {rate} engagements a minute",
            self.lasted.as_secs()
        )?;
        writeln!(f, "people              {}", self.people)?;
        writeln!(
            f,
            "engaged             {} ({} after the last kill), {} refused or taken back by the app",
            self.effects, self.effects_after_kills, self.without_effect
        )?;
        writeln!(f, "events              {}", self.events)?;
        writeln!(f, "settled by looking  {}", self.reconciled)?;
        writeln!(f, "sessions            {}", self.sessions)?;
        writeln!(f, "workers killed      {}", self.kills)?;
        writeln!(f, "workers frozen      {}", self.freezes)?;
        writeln!(f, "phones lost         {}", self.losses)?;
        writeln!(f, "halted accounts     {}", self.halted.len())?;
        writeln!(f, "tasks               {}", tasks.join(", "))
    }
}
