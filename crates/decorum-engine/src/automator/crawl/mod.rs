//! Reading a list of people in the app, from its top to its end, whatever happens on the way.
//!
//! A phone shows a dozen rows at a time, and only by swiping does it show more. So the one idea is
//! overlap: what is in sight after a swipe must share rows with what was in sight before. If it
//! does not, the swipe flew too far, and the list is moved back until it does. That way nobody is
//! passed over, even where neighbours trade places, rows come twice and others appear at the top.
//!
//! Invariants:
//! - nobody's row is touched: the list is only swiped;
//! - rows go to the [`Sink`] in order, together with the place they lead to, and the list is moved
//!   on only when it has them, so a reader that dies continues where its sink is;
//! - people whom the app merely suggests are never taken;
//! - a place that cannot be found again costs time and nobody: the list is read from the top.

mod list;
mod open;
mod place;

use async_trait::async_trait;
use decorum_core::{Timestamp, Username};
use decorum_device::{DeviceError, Point, Size};
use decorum_store::StoreError;

use super::Automator;
use crate::guard::Ending;
use crate::run::Stop;
use list::{Look, Recent};
use place::Pass;

pub use decorum_core::task::{Crawl as Place, Source};

/// How often in a row a swipe may bring nobody new before the list counts as read.
const STILL_MAX: u32 = 2;

/// One person in a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who.
    pub username: Username,
    /// When they were seen.
    pub seen_at: Timestamp,
    /// Where, in words for a person.
    pub where_seen: String,
}

/// Who takes what is read.
#[async_trait]
pub trait Sink: Send + Sync {
    /// Takes the rows of one look, in order, and the place to go on from. Durable when it returns.
    /// A person may come more than once and counts once; returns how many there are now.
    async fn take(&self, rows: Vec<Row>, place: &Place) -> Result<u64, StoreError>;
}

/// Why reading ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrawlEnd {
    /// The list was read to its end, as far as the app shows it; the place says so, and may have a
    /// note why that was early.
    Finished,
    /// There are as many people as were asked for.
    LimitReached,
    /// It was asked to.
    Stopped,
    /// The app does not show this list to this account: its owner is private or gone, or there is
    /// no post.
    Unavailable {
        /// Why, for a person.
        why: String,
    },
    /// The app says something that ends the attempt, or does not show what it should.
    Trouble(Ending),
}

/// What failed that is not the app.
#[derive(Debug, thiserror::Error)]
pub enum CrawlError {
    /// The phone does not do as it is told.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// What was read could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why reading does not go on.
enum Halt {
    End(CrawlEnd),
    Failed(CrawlError),
}

impl From<DeviceError> for Halt {
    fn from(error: DeviceError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// One list being read.
struct Reading<'a> {
    automator: &'a Automator,
    source: &'a Source,
    sink: &'a dyn Sink,
    stop: &'a Stop,
    limit: Option<u64>,
    place: Place,
    size: Size,
    /// People given to the sink a short while ago.
    recent: Recent,
    /// How many people the sink has, once it has said so.
    total: u64,
    /// How many people the list should have, by the number in the app.
    promised: Option<u64>,
}

impl Automator {
    /// Reads the people of `source` from the place `from` on, and gives them to `sink`, until it has
    /// `limit` people, the list ends, or `stop` is asked. Any session and any phone of the account
    /// will do: the list is opened anew, and its place is found again.
    ///
    /// # Errors
    /// When the phone does not do as it is told, or the sink does not take what was read. Whatever
    /// the sink took stays taken; start again from the place it has.
    pub async fn crawl(
        &self,
        source: &Source,
        from: &Place,
        limit: Option<u32>,
        sink: &dyn Sink,
        stop: &Stop,
    ) -> Result<CrawlEnd, CrawlError> {
        if from.finished || !source.is_crawled() {
            return Ok(CrawlEnd::Finished);
        }
        let size = self.device.window_size().await?;
        let mut reading = Reading {
            automator: self,
            source,
            sink,
            stop,
            limit: limit.map(u64::from),
            place: from.clone(),
            size,
            recent: Recent::default(),
            total: 0,
            promised: None,
        };
        match reading.all().await {
            Ok(end) | Err(Halt::End(end)) => Ok(end),
            Err(Halt::Failed(error)) => Err(error),
        }
    }
}

impl Reading<'_> {
    async fn all(&mut self) -> Result<CrawlEnd, Halt> {
        if self.limit.is_some() {
            self.total = self.sink.take(Vec::new(), &self.place).await?;
            self.within_limit()?;
        }
        self.open().await?;
        let mut look = self.find_place().await?;
        let mut still = 0;
        loop {
            let fresh = self.take(&look).await?;
            still = if fresh == 0 { still + 1 } else { 0 };
            // The first look is no swipe.
            if look.is_last || still > STILL_MAX {
                return self.finish().await;
            }
            self.asked_to_stop()?;
            look = self.move_on(&look).await?;
        }
    }

    fn asked_to_stop(&self) -> Result<(), Halt> {
        if self.stop.is_asked() { Err(Halt::End(CrawlEnd::Stopped)) } else { Ok(()) }
    }

    fn within_limit(&self) -> Result<(), Halt> {
        match self.limit {
            Some(limit) if self.total >= limit => Err(Halt::End(CrawlEnd::LimitReached)),
            _ => Ok(()),
        }
    }

    /// Gives who is new in sight to the sink. Returns how many that were.
    async fn take(&mut self, look: &Look) -> Result<usize, Halt> {
        let mut fresh: Vec<Username> = Vec::new();
        for name in &look.names {
            if self.recent.is_new(name) {
                fresh.push(name.clone());
            }
        }
        let count = fresh.len();
        let mut fresh = fresh.into_iter().peekable();
        while fresh.peek().is_some() {
            // Some may be known, so the limit may take several rounds to be reached exactly.
            let room = self.limit.map_or(count as u64, |limit| limit.saturating_sub(self.total));
            let room = usize::try_from(room).unwrap_or(count);
            let names: Vec<Username> = fresh.by_ref().take(room).collect();
            for name in &names {
                self.place.pass(name);
            }
            let rows = self.rows(names);
            self.total = self.sink.take(rows, &self.place).await?;
            self.within_limit()?;
        }
        Ok(count)
    }

    fn rows(&self, names: Vec<Username>) -> Vec<Row> {
        let (seen_at, where_seen) = (self.automator.clock.now(), self.source.to_string());
        // The account's own row is a row of the list, but nobody for it to engage.
        let own = self.automator.account.as_str();
        names
            .into_iter()
            .filter(|name| name.as_str() != own)
            .map(|username| Row { username, seen_at, where_seen: where_seen.clone() })
            .collect()
    }

    async fn finish(&mut self) -> Result<CrawlEnd, Halt> {
        self.place.finished = true;
        let seen = self.place.seen;
        if let Some(promised) = self.promised.filter(|promised| seen < *promised) {
            self.place.note =
                Some(format!("the list ended after {seen} of the {promised} that the app counts"));
        }
        self.sink.take(Vec::new(), &self.place).await?;
        Ok(CrawlEnd::Finished)
    }

    /// Moves the list by a share of the screen's height: down the list if positive. The finger stays
    /// in the middle of the list, away from the bars and the edges that mean something else.
    async fn swipe(&self, share: f64) -> Result<(), Halt> {
        let x = self.size.width / 2.0;
        let at = |share: f64| Point { x, y: self.size.height * share };
        let middle = 0.6;
        let (from, to) = (at(middle + share / 2.0), at(middle - share / 2.0));
        self.automator.device.swipe(from, to, list::SWIPE).await?;
        Ok(())
    }
}
