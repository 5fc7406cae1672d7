//! The app: which screen is open, what stands in front of it, how the acting account relates to
//! people.
//!
//! Every function takes the instant it happens at, in milliseconds of the Unix epoch. What is
//! due is worked out when somebody looks, so nothing happens behind the back of a test.

mod act;
mod input;
mod link;
mod navigate;
mod overlay;
mod restore;
mod roll;
mod screen;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::people::{self, Found};
use crate::scenario::{AppState, Relationship, Scenario};
use crate::texts::{Texts, texts};
use crate::tree::Field;
use roll::Loading;

pub(crate) use input::Gesture;
pub(crate) use overlay::{Dialog, Gate, Overlay, Toast};
pub(crate) use roll::{Entry, ROW, Roll};
pub(crate) use screen::{Key, ListKind, Page, PostId, Screen, Tab, Tap};

/// Whether the app runs and is in front.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Running {
    No,
    Behind,
    Front,
}

/// Whether something goes away when it is asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stuck {
    No,
    Yes,
}

/// What a newer version of the app calls otherwise.
#[derive(Debug, Clone, Default)]
pub(crate) struct Update {
    names: BTreeMap<String, String>,
    labels: BTreeMap<String, String>,
}

impl Update {
    /// What changes with one more version.
    fn take(&mut self, names: &BTreeMap<String, String>, labels: &BTreeMap<String, String>) {
        self.names.extend(names.clone());
        self.labels.extend(labels.clone());
    }

    /// The new identifier, if it has one.
    pub(crate) fn name(&self, old: &str) -> Option<String> {
        self.names.get(old).cloned()
    }

    /// The new label, if the words it begins with have changed.
    pub(crate) fn label(&self, old: &str) -> Option<String> {
        self.labels.iter().find_map(|(before, after)| {
            let rest = old.strip_prefix(before.as_str())?;
            (rest.is_empty() || rest.starts_with(' ')).then(|| format!("{after}{rest}"))
        })
    }
}

/// A value that shows with a delay and may flip back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Switch<T> {
    value: T,
    before: T,
    shown_at: i64,
    reverts_at: Option<i64>,
}

impl<T: Copy> Switch<T> {
    fn settled(value: T) -> Self {
        Self { value, before: value, shown_at: i64::MIN, reverts_at: None }
    }

    /// What the screen shows.
    pub(crate) fn shown(&self, now: i64) -> T {
        if self.reverts_at.is_some_and(|at| at <= now) || now < self.shown_at {
            self.before
        } else {
            self.value
        }
    }

    /// What is true once everything due has happened.
    fn real(&self, now: i64) -> T {
        if self.reverts_at.is_some_and(|at| at <= now) { self.before } else { self.value }
    }
}

/// A comment somebody here wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Comment {
    pub(crate) author: String,
    pub(crate) text: String,
    pub(crate) gone_at: Option<i64>,
}

/// State of the app.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) scenario: Arc<Scenario>,
    pub(crate) account: String,
    pub(crate) running: Running,
    pub(crate) locked: bool,
    pub(crate) gate: Gate,
    pub(crate) pages: Vec<Page>,
    pub(crate) overlays: Vec<Overlay>,
    pub(crate) toast: Option<Toast>,
    pub(crate) focus: Option<Field>,
    pub(crate) fields: HashMap<Field, String>,
    /// Grows whenever another screen opens: element ids of earlier screens are stale.
    pub(crate) generation: u64,
    /// How often a list of people has been opened, and how often one has been scrolled.
    pub(crate) lists_opened: u32,
    pub(crate) lists_moved: u32,
    /// The answer to the current request must not be sent.
    pub(crate) drop_answer: bool,
    /// The app is shown on its side, and whether it can be turned upright.
    pub(crate) sideways: Option<Stuck>,
    /// Whether a keyboard that is up goes away when asked to.
    pub(crate) keyboard: Stuck,
    /// What a newer version of the app calls otherwise.
    pub(crate) update: Update,
    ties: HashMap<(String, String), Switch<Relationship>>,
    likes: HashMap<(String, PostId), Switch<bool>>,
    comments: HashMap<PostId, Vec<Comment>>,
    seen: HashMap<(String, String), i64>,
}

impl App {
    pub(crate) fn new(scenario: Arc<Scenario>, now: i64) -> Self {
        let running = match scenario.app_state {
            AppState::Foreground => Running::Front,
            AppState::Background => Running::Behind,
            AppState::NotRunning => Running::No,
        };
        Self {
            account: scenario.account.clone(),
            running,
            locked: false,
            gate: Gate::Open,
            pages: vec![Page::new(Screen::Feed, now)],
            overlays: Vec::new(),
            toast: None,
            focus: None,
            fields: HashMap::new(),
            generation: 1,
            lists_opened: 0,
            lists_moved: 0,
            drop_answer: false,
            sideways: None,
            keyboard: Stuck::No,
            update: Update::default(),
            ties: HashMap::new(),
            likes: HashMap::new(),
            comments: HashMap::new(),
            seen: HashMap::new(),
            scenario,
        }
    }

    pub(crate) fn texts(&self) -> &'static Texts {
        texts(self.scenario.language)
    }

    pub(crate) fn person(&self, username: &str) -> Found {
        people::find(&self.scenario, username)
    }

    /// The page on top. There is always one; the feed stands in for the impossible.
    pub(crate) fn page(&self) -> &Page {
        static FEED: Page =
            Page { screen: Screen::Feed, opened_at: 0, scroll: 0, loading: Loading::START };
        self.pages.last().unwrap_or(&FEED)
    }

    pub(crate) fn field(&self, field: Field) -> &str {
        self.fields.get(&field).map_or("", String::as_str)
    }

    /// Relationship of the acting account to a person, as shown.
    pub(crate) fn relationship(&self, user: &str, now: i64) -> Relationship {
        self.tie(user).shown(now)
    }

    fn tie(&self, user: &str) -> Switch<Relationship> {
        self.ties.get(&(self.account.clone(), user.to_owned())).copied().unwrap_or_else(|| {
            // The scenario speaks of its own account; another one starts with nobody.
            let listed = (self.account == self.scenario.account)
                .then(|| self.scenario.people.iter().find(|person| person.username == user))
                .flatten();
            Switch::settled(listed.map_or(Relationship::None, |person| person.relationship))
        })
    }

    /// Whether the acting account likes a post, as shown.
    pub(crate) fn liked(&self, post: &PostId, now: i64) -> bool {
        self.like(post).shown(now)
    }

    fn like(&self, post: &PostId) -> Switch<bool> {
        let key = (self.account.clone(), post.clone());
        self.likes.get(&key).copied().unwrap_or_else(|| Switch::settled(false))
    }

    /// Comments that were written here and are still there.
    pub(crate) fn comments(&self, post: &PostId, now: i64) -> impl Iterator<Item = &Comment> {
        self.comments
            .get(post)
            .into_iter()
            .flatten()
            .filter(move |comment| comment.gone_at.is_none_or(|at| now < at))
    }

    /// Whether the story of a person was watched.
    pub(crate) fn story_seen(&self, user: &str) -> bool {
        self.seen.contains_key(&(self.account.clone(), user.to_owned()))
    }

    /// Whether the posts of a private person may be seen.
    pub(crate) fn admitted(&self, user: &str, now: i64) -> bool {
        user == self.account || self.tie(user).real(now) == Relationship::Following
    }
}
