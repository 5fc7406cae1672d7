//! What of a list is in sight, and moving it on without losing hold of it.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use decorum_core::Username;
use decorum_device::screen::{ListPage, Page};

use super::{CrawlEnd, Halt, Reading, Source};
use crate::automator::Automator;
use crate::automator::wait::Waited;

/// How far the list is moved between two looks, as a share of the screen's height: half of what a
/// list shows, so that the other half is seen twice.
const STRIDE: f64 = 0.41;
/// How far it is moved back when two looks have too little in common.
const STEP_BACK: f64 = 0.30;
/// How long a swipe takes. A slow finger lets the list follow instead of throwing it.
pub(super) const SWIPE: Duration = Duration::from_millis(600);
/// How many people two looks must have in common. Up to so many neighbours may trade places in
/// between without anybody slipping through: people of one such group alone cannot make it up.
const OVERLAP: usize = 4;
/// How often the list is moved back to find what was in sight before.
const BACK_MAX: u32 = 30;
/// How many people are remembered as given to the sink already.
const RECENT_MAX: usize = 120;

/// What of a list is in sight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Look {
    /// Who, from the top.
    pub(super) names: Vec<Username>,
    /// Whether the list ends here.
    pub(super) is_last: bool,
}

impl Look {
    fn of(list: &ListPage) -> Self {
        let names = list.rows.iter().filter_map(|row| row.username.parse().ok()).collect();
        Self { names, is_last: list.has_end || list.has_suggestions }
    }

    /// Whether it surely shares rows with those names, of which there may be few. That there are few
    /// in sight now is no excuse: below the end of a list there may be none.
    pub(super) fn overlaps(&self, names: &[Username]) -> bool {
        let before: HashSet<&Username> = names.iter().collect();
        let now: HashSet<&Username> = self.names.iter().collect();
        now.intersection(&before).count() >= OVERLAP.min(before.len())
    }
}

/// Who was given to the sink a short while ago: they need not be given again.
#[derive(Debug, Default)]
pub(super) struct Recent {
    order: VecDeque<Username>,
    known: HashSet<Username>,
}

impl Recent {
    /// Whether the person was not among them; they are now.
    pub(super) fn is_new(&mut self, name: &Username) -> bool {
        if !self.known.insert(name.clone()) {
            return false;
        }
        self.order.push_back(name.clone());
        if self.order.len() > RECENT_MAX
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
        true
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Reading<'_> {
    /// Looks at the list once it has loaded what it is loading.
    pub(super) async fn look(&self) -> Result<Look, Halt> {
        let tag = match self.source {
            Source::Hashtag(tag) => Some(format!("#{tag}")),
            _ => None,
        };
        let mut still_loads = false;
        let looked = self
            .automator
            .wait(|screen| {
                let list = match (&screen.page, &tag) {
                    (Page::People(list), None) => list,
                    (Page::Hashtag(list), Some(tag)) if is_titled(list, tag) => list,
                    (Page::Missing { text }, _) => return Some(Err(text.clone())),
                    _ => return None,
                };
                still_loads = list.is_loading;
                // Pictures may come a moment after the page; a list without rows has a reason.
                let shown = tag.is_none() || !list.rows.is_empty();
                (!still_loads && shown).then(|| Ok(Look::of(list)))
            })
            .await?;
        let what = if still_loads { "the rest of" } else { "the list of" };
        match looked {
            Waited::Got(Ok(look)) => Ok(look),
            Waited::Got(Err(why)) => Err(Halt::End(CrawlEnd::Unavailable { why })),
            Waited::Trouble(ending) => Err(Halt::End(CrawlEnd::Trouble(ending))),
            Waited::Lapsed(seen) => {
                let ending = Automator::not_shown(&format!("{what} {}", self.source), seen);
                Err(Halt::End(CrawlEnd::Trouble(ending)))
            }
        }
    }

    /// Swipes the list on, and makes sure that what is in sight now continues what was.
    pub(super) async fn move_on(&mut self, before: &Look) -> Result<Look, Halt> {
        self.swipe(STRIDE).await?;
        self.place.scrolls = self.place.scrolls.saturating_add(1);
        let mut look = self.look().await?;
        let mut back = 0;
        while !look.overlaps(&before.names) {
            back += 1;
            if back > BACK_MAX {
                let list = format!("the row of {} that was read last", self.source);
                let ending =
                    Automator::not_shown(&list, "other rows, however far it is moved back");
                return Err(Halt::End(CrawlEnd::Trouble(ending)));
            }
            self.asked_to_stop()?;
            self.swipe(-STEP_BACK).await?;
            look = self.look().await?;
        }
        Ok(look)
    }

    /// Swipes the list on without looking.
    pub(super) async fn skip(&self) -> Result<(), Halt> {
        self.swipe(STRIDE).await
    }
}

fn is_titled(list: &ListPage, tag: &str) -> bool {
    list.title.as_deref().is_some_and(|title| title.trim().to_lowercase() == tag)
}
