//! When things go wrong.
//!
//! Faults count the acts and requests they watch and answer with a [`Verdict`]; what the verdict
//! looks like on the screen is the app's business.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::scenario::{Act, Fault, FaultKind, When};

/// Milliseconds in a second.
const SECOND: i64 = 1_000;

/// Faults that watch at the same time, at most.
pub(crate) const MAX_FAULTS: usize = 256;

/// What the faults say about one act.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    /// The first fault that refuses the act.
    pub(crate) refusal: Option<Fault>,
    /// The act is taken back after so many milliseconds.
    pub(crate) revert_after_ms: Option<u64>,
    /// The connection closes.
    pub(crate) drop: Option<When>,
    /// The app dies.
    pub(crate) crash: Option<When>,
    /// What happens once the act is done.
    pub(crate) after: Vec<Fault>,
}

#[derive(Debug)]
struct Armed {
    fault: Fault,
    acts: u32,
    requests: u32,
    fired: u32,
    recent: VecDeque<i64>,
    until: Option<i64>,
}

/// All faults of a phone.
#[derive(Debug)]
pub(crate) struct Faults {
    armed: Vec<Armed>,
    chance: fastrand::Rng,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self { armed: Vec::new(), chance: fastrand::Rng::with_seed(seed) }
    }

    /// Starts watching; answers `false` when there are too many already.
    pub(crate) fn add(&mut self, fault: Fault) -> bool {
        if self.armed.len() >= MAX_FAULTS {
            return false;
        }
        self.armed.push(Armed {
            fault,
            acts: 0,
            requests: 0,
            fired: 0,
            recent: VecDeque::new(),
            until: None,
        });
        true
    }

    /// Decides about an act.
    pub(crate) fn on_act(&mut self, act: Act, target: &str, now: i64) -> Verdict {
        let mut verdict = Verdict::default();
        for armed in self.armed.iter_mut().filter(|armed| armed.fault.watches_acts()) {
            if !armed.counts(act, target) || !armed.strikes_at_act(now, &mut self.chance) {
                continue;
            }
            let fault = &armed.fault;
            match fault.kind {
                FaultKind::SilentRevert => {
                    verdict.revert_after_ms = Some(fault.revert_after_ms.unwrap_or(1_500));
                }
                FaultKind::Drop => verdict.drop = Some(fault.when.unwrap_or(When::After)),
                FaultKind::Crash => verdict.crash = Some(fault.when.unwrap_or(When::Before)),
                FaultKind::WrongAccount
                | FaultKind::Interstitial
                | FaultKind::Sideways
                | FaultKind::Keyboard
                | FaultKind::AppUpdated => {
                    verdict.after.push(fault.clone());
                }
                _ if fault.when == Some(When::After) => verdict.after.push(fault.clone()),
                _ => {
                    verdict.refusal.get_or_insert_with(|| fault.clone());
                }
            }
        }
        verdict
    }

    /// Faults that strike at a request, before it is carried out.
    pub(crate) fn on_request(&mut self, route: &str, now: i64) -> Vec<Fault> {
        let mut strikes = Vec::new();
        for armed in self.armed.iter_mut().filter(|armed| armed.fault.watches_requests()) {
            if armed.fault.route.as_deref().is_none_or(|part| route.contains(part))
                && armed.strikes_at_request(now, &mut self.chance)
            {
                strikes.push(armed.fault.clone());
            }
        }
        strikes
    }

    /// Faults that strike when a list has been scrolled as far down as this row, counted from 1.
    /// A refusal that lasts strikes whenever a list is scrolled.
    pub(crate) fn on_row(&mut self, row: u32, now: i64) -> Vec<Fault> {
        let mut strikes = Vec::new();
        for armed in &mut self.armed {
            let Some(at) = armed.fault.at_row else { continue };
            let lasts = armed.until.is_some_and(|until| now < until);
            if !lasts && row >= at && armed.fired == 0 && armed.luck(&mut self.chance) {
                armed.fire(now);
                strikes.push(armed.fault.clone());
            } else if lasts {
                strikes.push(armed.fault.clone());
            }
        }
        strikes
    }

    /// What is watched and what it has done so far.
    pub(crate) fn state(&self, now: i64) -> Vec<Value> {
        self.armed
            .iter()
            .map(|armed| {
                json!({
                    "fault": armed.fault,
                    "acts": armed.acts,
                    "requests": armed.requests,
                    "fired": armed.fired,
                    "seconds_left": armed.until.map(|until| (until - now).max(0) / SECOND),
                })
            })
            .collect()
    }
}

impl Armed {
    fn counts(&self, act: Act, target: &str) -> bool {
        self.fault.action.is_none_or(|only| only == act)
            && self.fault.target.as_deref().is_none_or(|only| only == target)
    }

    fn exhausted(&self) -> bool {
        self.fault.times.is_some_and(|times| self.fired >= times)
    }

    fn strikes_at_act(&mut self, now: i64, chance: &mut fastrand::Rng) -> bool {
        if let Some(until) = self.until {
            if now < until {
                return true;
            }
            // The refusal is over: counting starts anew.
            self.until = None;
            self.recent.clear();
            if self.fault.after_acts.is_some() {
                self.acts = 0;
            }
        }
        if self.exhausted() {
            return false;
        }
        self.acts = self.acts.saturating_add(1);
        if let Some(seconds) = self.fault.within_seconds {
            let from =
                now.saturating_sub(i64::try_from(seconds).unwrap_or(i64::MAX / SECOND) * SECOND);
            while self.recent.front().is_some_and(|at| *at < from) {
                self.recent.pop_front();
            }
        }
        let due = match (self.fault.at_act, self.fault.after_acts) {
            (Some(at), _) => self.acts == at,
            (None, Some(after)) if self.fault.within_seconds.is_some() => {
                self.recent.len() >= usize::try_from(after).unwrap_or(usize::MAX)
            }
            (None, Some(after)) => self.acts > after,
            (None, None) => true,
        };
        if due && self.luck(chance) {
            self.fire(now);
            true
        } else {
            if self.fault.within_seconds.is_some() {
                self.recent.push_back(now);
            }
            false
        }
    }

    fn strikes_at_request(&mut self, now: i64, chance: &mut fastrand::Rng) -> bool {
        if self.exhausted() {
            return false;
        }
        self.requests = self.requests.saturating_add(1);
        let due = self.fault.at_request.is_none_or(|at| self.requests == at);
        let strikes = due && self.luck(chance);
        if strikes {
            self.fire(now);
        }
        strikes
    }

    fn luck(&self, chance: &mut fastrand::Rng) -> bool {
        self.fault.probability.is_none_or(|probability| chance.f64() < probability)
    }

    fn fire(&mut self, now: i64) {
        self.fired = self.fired.saturating_add(1);
        if let Some(seconds) = self.fault.for_seconds {
            let seconds = i64::try_from(seconds).unwrap_or(i64::MAX / SECOND);
            self.until = Some(now.saturating_add(seconds.saturating_mul(SECOND)));
        }
    }
}
