//! A simulated phone, an automator for it, and a book that keeps who was read.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends here")]

use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{AccountId, Username};
use decorum_device::{AppProfile, Device, WebDriver, WebDriverOptions};
use decorum_engine::automator::Automator;
use decorum_engine::automator::crawl::{CrawlEnd, CrawlError, Place, Row, Sink, Source};
use decorum_engine::clock::SystemClock;
use decorum_engine::run::{Kit, StopSwitch};
use decorum_sim::{Listed, Phone, Scenario};
use decorum_store::StoreError;
use tokio::sync::Notify;

/// The built-in profile with waits that suit a simulated phone.
const BRISK: &str = "[timings]\nsettle_ms = 20\nload_timeout_ms = 5000\npoll_ms = 5\n";

/// A phone that plays a scenario, and what is needed to drive it.
pub(crate) struct World {
    pub(crate) phone: Phone,
    kit: Kit,
    account: AccountId,
}

impl World {
    pub(crate) async fn with(scenario: &str) -> Self {
        let scenario = Scenario::from_toml(scenario).unwrap_or_else(|e| panic!("{e}\n{scenario}"));
        let account = scenario.account.parse().expect("an account");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let phone = Phone::start(scenario, listen).await.expect("the phone starts");
        let profile = AppProfile::from_toml(BRISK).expect("a profile");
        Self { phone, kit: Kit::of(profile).expect("rules"), account }
    }

    /// A phone whose `crowd` has so many followers, with lists that behave like this.
    pub(crate) async fn crowd(followers: u32, lists: &str, more: &str) -> Self {
        Self::with(&crowd("en", followers, lists, more)).await
    }

    /// A new session, as whoever takes over has it.
    pub(crate) async fn automator(&self) -> Automator {
        self.automator_for(&self.account).await
    }

    pub(crate) async fn automator_for(&self, account: &AccountId) -> Automator {
        let mut options = WebDriverOptions::for_profile(&self.kit.profile);
        options.read_backoff = Duration::from_millis(1);
        let client = WebDriver::connect(&self.phone.url(), options).await.expect("it answers");
        client.open_session(None).await.expect("a session");
        let (profile, classifier) =
            (Arc::clone(&self.kit.profile), Arc::clone(&self.kit.classifier));
        Automator::new(Arc::new(client), profile, classifier, Arc::new(SystemClock), account)
    }

    /// Reads on from where the book is, in a new session, with nobody who says stop.
    pub(crate) async fn read(
        &self,
        source: &Source,
        limit: Option<u32>,
        book: &Book,
    ) -> Result<CrawlEnd, CrawlError> {
        let (_switch, stop) = StopSwitch::new();
        let place = book.place();
        self.automator().await.crawl(source, &place, limit, book, &stop).await
    }

    /// Reads all of it, and says how that ended.
    pub(crate) async fn end(&self, source: &Source, book: &Book) -> CrawlEnd {
        self.read(source, None, book).await.expect("phone and book do as they are told")
    }

    /// Reads until the book has the reader die, and drops everything.
    pub(crate) async fn die_reading(&self, source: &Source, book: &Book) {
        tokio::select! {
            ended = self.read(source, None, book) => panic!("{ended:?}"),
            () = book.death() => {}
        }
    }

    /// Everybody in a list, by the phone's own account.
    pub(crate) fn listed(&self, list: Listed, of: &str) -> BTreeSet<String> {
        self.phone.listed(list, of).into_iter().collect()
    }

    pub(crate) async fn fault(&self, fault: serde_json::Value) {
        let url = format!("{}/sim/faults", self.phone.url());
        let client = reqwest::Client::new();
        client.post(url).json(&fault).send().await.expect("it answers");
    }

    pub(crate) async fn requests(&self) -> u64 {
        let url = format!("{}/sim/requests", self.phone.url());
        let answer = reqwest::get(url).await.expect("an answer");
        let answer: serde_json::Value = answer.json().await.expect("JSON");
        answer["total"].as_u64().expect("a number")
    }
}

pub(crate) fn crowd(language: &str, followers: u32, lists: &str, more: &str) -> String {
    format!(
        "account = 'studio.nord'\nlanguage = '{language}'\n[population]\nlist_length = {followers}\n\
         [lists]\n{lists}\n[[people]]\nusername = 'crowd'\nfollowers = {followers}\n\
         following = {followers}\nposts = 9\n{more}"
    )
}

pub(crate) fn name(text: &str) -> Username {
    text.parse().expect("a username")
}

pub(crate) fn followers() -> Source {
    Source::FollowersOf(name("crowd"))
}

/// When somebody who reads into a book drops dead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Death {
    /// Before what was read is kept.
    Before,
    /// After it is kept, and before anybody hears of it.
    After,
}

/// What was kept, by whom it was ever read.
#[derive(Default)]
pub(crate) struct Book {
    kept: Mutex<Kept>,
    died: Notify,
}

#[derive(Default)]
struct Kept {
    order: Vec<String>,
    known: HashSet<String>,
    place: Place,
    rows: usize,
    dies: Option<(u32, Death)>,
}

impl Book {
    pub(crate) fn names(&self) -> Vec<String> {
        self.kept.lock().expect("a book").order.clone()
    }

    pub(crate) fn set(&self) -> BTreeSet<String> {
        self.names().into_iter().collect()
    }

    pub(crate) fn place(&self) -> Place {
        self.kept.lock().expect("a book").place.clone()
    }

    /// How often somebody was given, counting everybody as often as they came.
    pub(crate) fn rows(&self) -> usize {
        self.kept.lock().expect("a book").rows
    }

    /// Forgets where it was, as if the list had changed beyond recognition.
    pub(crate) fn lose_place(&self, names: &[&str]) {
        let mut kept = self.kept.lock().expect("a book");
        kept.place.last_names = names.iter().map(|text| name(text)).collect();
    }

    /// The reader dies at the take after so many more.
    pub(crate) fn kill_after(&self, takes: u32, death: Death) {
        self.kept.lock().expect("a book").dies = Some((takes, death));
    }

    /// Waits until the reader has died.
    pub(crate) async fn death(&self) {
        self.died.notified().await;
    }

    /// Whether the reader dies now.
    fn dies(&self) -> Option<Death> {
        let mut kept = self.kept.lock().expect("a book");
        match kept.dies.take() {
            Some((0, death)) => Some(death),
            Some((more, death)) => {
                kept.dies = Some((more - 1, death));
                None
            }
            None => None,
        }
    }

    fn keep(&self, rows: &[Row], place: &Place) -> u64 {
        let mut kept = self.kept.lock().expect("a book");
        kept.rows += rows.len();
        for row in rows {
            let name = row.username.as_str().to_owned();
            if kept.known.insert(name.clone()) {
                kept.order.push(name);
            }
        }
        kept.place = place.clone();
        kept.order.len() as u64
    }
}

#[async_trait]
impl Sink for Book {
    async fn take(&self, rows: Vec<Row>, place: &Place) -> Result<u64, StoreError> {
        let dies = self.dies();
        if dies != Some(Death::Before) {
            let total = self.keep(&rows, place);
            if dies.is_none() {
                return Ok(total);
            }
        }
        self.died.notify_one();
        std::future::pending().await
    }
}
