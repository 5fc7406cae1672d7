//! The whole phone in one place: the app, its effects, the sessions, the counters.
//!
//! A command runs while it holds the one lock and never waits in there.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::app::{App, Running};
use crate::effects::Effects;
use crate::error::{Code, Failure, fail};
use crate::faults::Faults;
use crate::layout::{self, Screenful};
use crate::ledger::{Ledger, LedgerError};
use crate::requests::Requests;
use crate::scenario::Scenario;
use crate::sessions::{Session, Sessions};

/// Everything a phone is.
#[derive(Debug)]
pub(crate) struct Machine {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) app: App,
    pub(crate) effects: Effects,
    pub(crate) sessions: Sessions,
    pub(crate) requests: Requests,
    pub(crate) jitter: fastrand::Rng,
}

/// Milliseconds of the Unix epoch.
pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

impl Machine {
    pub(crate) fn new(scenario: Scenario) -> Result<Self, LedgerError> {
        let scenario = Arc::new(scenario);
        let ledger = Ledger::open(scenario.ledger_file.as_deref())?;
        let now = now();
        let mut app = App::new(Arc::clone(&scenario), now);
        app.restore(ledger.entries(), now);
        let effects = Effects { faults: Faults::new(scenario.seed), ledger, session: None };
        let mut machine = Self {
            app,
            effects,
            sessions: Sessions::new(scenario.sessions),
            requests: Requests::default(),
            jitter: fastrand::Rng::with_seed(scenario.seed),
            scenario,
        };
        machine.arm(now);
        Ok(machine)
    }

    /// Adds the scenario's faults; those that strike at the start do.
    fn arm(&mut self, now: i64) {
        for fault in self.scenario.faults.clone() {
            self.add_fault(fault, now);
        }
    }

    /// Adds one fault; answers `false` when there are too many.
    pub(crate) fn add_fault(&mut self, fault: crate::scenario::Fault, now: i64) -> bool {
        if fault.strikes_at_start() {
            self.app.strike(&fault, now);
            return true;
        }
        self.effects.faults.add(fault)
    }

    /// Back to how the scenario begins, with an empty ledger.
    pub(crate) fn reset(&mut self) -> std::io::Result<()> {
        self.effects.ledger.clear()?;
        let now = now();
        self.app = App::new(Arc::clone(&self.scenario), now);
        self.effects.faults = Faults::new(self.scenario.seed);
        self.requests = Requests::default();
        self.sessions.close_all();
        self.arm(now);
        Ok(())
    }

    /// The screen as it is at an instant.
    pub(crate) fn screen(&self, now: i64) -> Screenful {
        layout::lay_out(&self.app, now)
    }

    /// A session by its id.
    pub(crate) fn session(&mut self, id: Option<&str>) -> Result<&mut Session, Failure> {
        let id = id.or(self.sessions.current()).unwrap_or_default().to_owned();
        self.sessions.get(&id).ok_or_else(|| fail(Code::InvalidSession, "Session does not exist"))
    }

    /// Bundle id of what is in front.
    pub(crate) fn front_bundle(&self) -> &str {
        if self.app.running == Running::Front && !self.app.locked {
            &self.scenario.bundle_id
        } else {
            "com.apple.springboard"
        }
    }

    /// State of the simulation, for people and tests.
    pub(crate) fn state(&self, now: i64) -> Value {
        let page = self.app.page();
        json!({
            "screen": self.app.screen_word(),
            "page": format!("{:?}", page.screen),
            "scroll": page.scroll,
            "depth": self.app.pages.len(),
            "generation": self.app.generation,
            "account": self.app.account,
            "gate": self.app.gate.word(),
            "dialog": self.app.dialog().map(|dialog| json!({
                "title": dialog.title, "text": dialog.text, "buttons": dialog.buttons,
            })),
            "overlays": self.app.overlays.len(),
            "toast": self.app.toast(now),
            "keyboard": self.app.focus.is_some(),
            "session": self.sessions.current(),
            "sessions": self.sessions.ids().collect::<Vec<_>>(),
            "language": self.scenario.language.tag(),
            "requests": self.requests.total(),
            "ledger": self.effects.ledger.entries().len(),
            "faults": self.effects.faults.state(now),
        })
    }
}
