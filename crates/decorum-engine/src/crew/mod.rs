//! The crew: workers that take tasks from the queue and drive them on the phones of the registry.
//!
//! Any number of workers share one store. Nobody leads: each looks at the same queue, comes to the
//! same conclusion ([`decorum_core::task::queue::choose`]) and takes what it can get. What keeps them
//! apart are the leases: whoever drives a task holds its account and its phone, under fences that
//! only grow, and lends both to the run.
//!
//! Invariants:
//! - a task is started only by whoever holds the leases on its account and its phone;
//! - the state of a task is written before its leases are given back;
//! - a worker that lost a lease writes nothing about the task any more;
//! - a phone is touched only by whoever holds its lease; anybody may ask whether it answers;
//! - each errand has a holder of its own, so that two in one process exclude each other, too.

mod alarm;
mod checkpoint;
mod crawl;
mod dispatch;
mod ending;
mod errand;
pub mod evidence;
mod health;
mod ladder;
mod line;
mod orphans;
mod rests;
mod schedules;
mod visit;
mod webhook;
mod worker;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use decorum_core::DeviceId;
use tokio::sync::Notify;

use crate::guard::Guard;
use crate::run::Kit;

pub use ladder::{Rung, Step, Verdict, climb, knock};
pub use line::{Lines, WebDriverLines, phone_name};
pub use visit::{Looked, Tested, VisitError, Visits};
pub use webhook::{Webhook, WebhookError};

/// Tasks one worker drives at a time, unless it is told otherwise.
pub const SLOTS: usize = 32;

/// How often a phone's picture is taken while a task runs on it, unless it is told otherwise: a
/// picture costs two requests, of which one is a page source.
pub const PICTURES: Duration = Duration::from_mins(1);

/// What counts of failures in a row; the pause does not grow any more long before.
const STRIKES_MAX: u32 = 16;

/// What a crew is made of.
pub struct Parts {
    /// Every way into and out of an engagement.
    pub guard: Arc<Guard>,
    /// What is known of the app.
    pub kit: Kit,
    /// How phones are reached.
    pub lines: Arc<dyn Lines>,
    /// What this worker is called, in the log and in alerts.
    pub name: String,
    /// How many tasks it drives at a time; at least 1.
    pub slots: usize,
    /// Where pictures and page sources are kept.
    pub folder: PathBuf,
    /// How often a phone's picture is taken while a task runs on it; `None`: only when something
    /// ends strangely.
    pub pictures: Option<Duration>,
    /// Who else is told of alerts.
    pub webhook: Option<Webhook>,
}

/// One worker of the crew. See the module's documentation.
pub struct Crew {
    guard: Arc<Guard>,
    kit: Kit,
    lines: Arc<dyn Lines>,
    name: String,
    slots: usize,
    folder: PathBuf,
    pictures: Option<Duration>,
    webhook: Option<Webhook>,
    /// Something changed: the queue is worth a look.
    wake: Notify,
    /// How often in a row a phone broke off in a task of this worker.
    strikes: Mutex<HashMap<DeviceId, u32>>,
}

impl Crew {
    /// A worker made of these parts. It does nothing before [`Crew::work`].
    pub fn new(parts: Parts) -> Arc<Self> {
        let Parts { guard, kit, lines, name, slots, folder, pictures, webhook } = parts;
        let slots = slots.max(1);
        let (wake, strikes) = (Notify::new(), Mutex::default());
        Arc::new(Self { guard, kit, lines, name, slots, folder, pictures, webhook, wake, strikes })
    }

    /// Has it look at the queue at once, instead of within a second.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// A phone broke off in a task, once more in a row. Returns how often that is.
    fn strike(&self, phone: &DeviceId) -> u32 {
        let mut strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        let strikes = strikes.entry(phone.clone()).or_default();
        *strikes = (*strikes + 1).min(STRIKES_MAX);
        *strikes
    }

    /// A phone did not break off: none in a row.
    fn forgive(&self, phone: &DeviceId) -> u32 {
        self.strikes.lock().unwrap_or_else(PoisonError::into_inner).remove(phone);
        0
    }
}
