//! WebDriver sessions and the elements they have seen.

use std::collections::{HashMap, VecDeque};

use serde_json::{Map, Value, json};

use crate::error::{Code, Failure, fail};
use crate::scenario::SessionPolicy;
use crate::tree::Tree;

/// Elements one session remembers; the oldest are forgotten, as WebDriverAgent does.
const MOST_ELEMENTS: usize = 1_024;

/// Sessions at a time, where more than one is allowed.
const MOST_SESSIONS: usize = 64;

/// Key of an element in W3C answers.
pub(crate) const W3C_ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One session.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) id: String,
    pub(crate) implicit_ms: u64,
    pub(crate) settings: Map<String, Value>,
    /// When it had its last command.
    used_at: i64,
    elements: HashMap<String, Seen>,
    order: VecDeque<String>,
}

/// Where an element was seen.
#[derive(Debug, Clone, Copy)]
struct Seen {
    generation: u64,
    key: u64,
}

impl Session {
    fn new(id: String) -> Self {
        let settings = json!({
            "shouldUseCompactResponses": true,
            "elementResponseAttributes": "type,label",
            "mjpegServerScreenshotQuality": 25,
            "mjpegServerFramerate": 10,
            "screenshotQuality": 3,
            "snapshotMaxDepth": 50,
            "defaultAlertAction": "",
            "acceptAlertButtonSelector": "",
            "dismissAlertButtonSelector": "",
            "useFirstMatch": false,
            "boundElementsByIndex": false,
            "reduceMotion": false,
            "waitForIdleTimeout": 10,
            "animationCoolOffTimeout": 2,
            "maxTypingFrequency": 60,
            "respectSystemAlerts": false,
        });
        Self {
            id,
            implicit_ms: 0,
            settings: settings.as_object().cloned().unwrap_or_default(),
            used_at: crate::machine::now(),
            elements: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// Remembers an element and answers how it is written on the wire.
    pub(crate) fn remember(&mut self, tree: &Tree, at: usize, generation: u64) -> Value {
        let key = tree.items.get(at).map_or(0, |item| item.key);
        let id = format!(
            "{:08X}-0000-0000-{:04X}-{:012X}",
            key >> 32,
            generation & 0xffff,
            (key & 0xffff_ffff) | (generation >> 16 << 32),
        );
        if self.elements.insert(id.clone(), Seen { generation, key }).is_none() {
            self.order.push_back(id.clone());
        }
        if self.order.len() > MOST_ELEMENTS
            && let Some(oldest) = self.order.pop_front()
        {
            self.elements.remove(&oldest);
        }
        json!({"ELEMENT": id, W3C_ELEMENT: id})
    }

    /// The element an id stands for on the screen as it is now.
    pub(crate) fn resolve(&self, tree: &Tree, id: &str, generation: u64) -> Result<usize, Failure> {
        self.elements
            .get(id)
            .filter(|seen| seen.generation == generation)
            .and_then(|seen| tree.by_key(seen.key))
            .ok_or_else(|| {
                fail(
                    Code::Stale,
                    format!(
                        "The element identified by \"{id}\" is either not present or it has \
                         expired from the internal cache. Try to find it again"
                    ),
                )
            })
    }
}

/// All sessions of a phone.
#[derive(Debug)]
pub(crate) struct Sessions {
    list: Vec<Session>,
    policy: SessionPolicy,
    random: fastrand::Rng,
}

impl Sessions {
    pub(crate) fn new(policy: SessionPolicy) -> Self {
        Self { list: Vec::new(), policy, random: fastrand::Rng::new() }
    }

    /// Opens a session; with one session per phone the previous one ends.
    pub(crate) fn open(&mut self) -> String {
        if self.policy == SessionPolicy::One {
            self.list.clear();
        }
        if self.list.len() >= MOST_SESSIONS {
            self.list.remove(0);
        }
        let bits = self.random.u128(..);
        let id = format!(
            "{:08X}-{:04X}-4{:03X}-A{:03X}-{:012X}",
            bits >> 96,
            bits >> 80 & 0xffff,
            bits >> 68 & 0xfff,
            bits >> 56 & 0xfff,
            bits & 0xffff_ffff_ffff,
        );
        self.list.push(Session::new(id.clone()));
        id
    }

    /// Ends sessions without a command for so long; 0: never.
    pub(crate) fn expire(&mut self, timeout_ms: u64, now: i64) {
        let timeout = i64::try_from(timeout_ms).unwrap_or(i64::MAX);
        if timeout > 0 {
            self.list.retain(|session| now.saturating_sub(session.used_at) < timeout);
        }
    }

    /// A session has a command.
    pub(crate) fn used(&mut self, id: &str, now: i64) {
        if let Some(session) = self.get(id) {
            session.used_at = now;
        }
    }

    pub(crate) fn close(&mut self, id: &str) {
        self.list.retain(|session| session.id != id);
    }

    pub(crate) fn close_all(&mut self) {
        self.list.clear();
    }

    pub(crate) fn get(&mut self, id: &str) -> Option<&mut Session> {
        self.list.iter_mut().find(|session| session.id == id)
    }

    /// The newest session.
    pub(crate) fn current(&self) -> Option<&str> {
        self.list.last().map(|session| session.id.as_str())
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(|session| session.id.as_str())
    }
}
