//! A list of people as the app shows it: in which order, how much of it, and what comes after.
//!
//! The list itself is a function of the scenario. What the app makes of it, rows that come twice,
//! trade places or push the others down, is a function of the scenario and of how often lists have
//! been opened and scrolled: the same swipes show the same rows.

use super::App;
use crate::people::{self, Listed, fingerprint};
use crate::scenario::Lists;
use crate::tree::HEIGHT;

/// Height of a row.
pub(crate) const ROW: i32 = 64;
/// Where the first row of a list begins.
pub(crate) const FIRST_ROW: i32 = 151;

/// How far the list of a page is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loading {
    /// Pages of rows beyond the first.
    pages: u32,
    /// Since when the next one is awaited.
    since: Option<i64>,
}

impl Loading {
    pub(crate) const START: Self = Self { pages: 0, since: None };

    fn pages(self, load_ms: i64, now: i64) -> u32 {
        self.pages + u32::from(self.since.is_some_and(|since| now >= since + load_ms))
    }
}

/// What stands in one row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Entry {
    Person(String),
    Spinner,
    End,
    Heading,
    Suggested(String),
}

/// The list of the page in front at an instant.
#[derive(Debug)]
pub(crate) struct Roll<'a> {
    app: &'a App,
    kind: Listed,
    of: String,
    /// People who came meanwhile; they stand at the top.
    arrivals: u32,
    /// Places in the list, repeated rows counted.
    places: u32,
    /// How many of them are loaded.
    pub(crate) loaded: u32,
    /// Whether even the first of them are still awaited.
    pub(crate) blank: bool,
    /// Which order the rows have now.
    order: String,
}

impl App {
    /// The list on the page in front, if it is one.
    pub(crate) fn roll(&self, now: i64) -> Option<Roll<'_>> {
        let page = self.page();
        let (kind, of) = Listed::on(&page.screen)?;
        let lists = &self.scenario.lists;
        let load_ms = i64::try_from(lists.load_ms).unwrap_or(0);
        let arrivals = self.arrivals();
        let places = places(people::list_count(&self.scenario, kind, &of), lists) + arrivals;
        let pages = page.loading.pages(load_ms, now);
        let loaded = match lists.page_size {
            0 => places,
            size => arrivals
                .saturating_add(size)
                .saturating_add(pages.saturating_mul(size + lists.repeats))
                .min(places),
        };
        let blank = now < page.opened_at + load_ms;
        let order = format!("{} {}", self.lists_opened, self.lists_moved);
        Some(Roll { app: self, kind, of, arrivals, places, loaded, blank, order })
    }

    /// People who have come to the top of every list so far.
    fn arrivals(&self) -> u32 {
        self.lists_moved.checked_div(self.scenario.lists.arrivals_every).unwrap_or(0)
    }

    /// How much further a swipe flies, in points.
    pub(super) fn flies_on(&self, by: i32) -> i32 {
        let lists = &self.scenario.lists;
        let flies = by > 0
            && lists.fling_share > 0.0
            && Listed::on(&self.page().screen).is_some()
            && people::draw(self.scenario.seed, "fling", &self.lists_moved.to_string())
                < lists.fling_share;
        if flies { i32::try_from(lists.fling_rows).unwrap_or(0) * ROW } else { 0 }
    }

    /// Takes note that the page was scrolled; answers the last row in sight, counted from 1, if
    /// it is a list.
    pub(super) fn list_scrolled(&mut self, now: i64) -> Option<u32> {
        let (loaded, places) = self.roll(now).map(|roll| (roll.loaded, roll.places))?;
        self.lists_moved = self.lists_moved.saturating_add(1);
        let load_ms = i64::try_from(self.scenario.lists.load_ms).unwrap_or(0);
        let page = self.pages.last_mut()?;
        let pages = page.loading.pages(load_ms, now);
        if pages > page.loading.pages {
            page.loading = Loading { pages, since: None };
        }
        let in_sight = u32::try_from((page.scroll + HEIGHT - FIRST_ROW) / ROW + 1).unwrap_or(0);
        if in_sight > loaded && loaded < places && page.loading.since.is_none() {
            page.loading.since = Some(now);
        }
        Some(in_sight.min(loaded))
    }
}

impl Roll<'_> {
    /// Rows of all kinds that stand below each other now.
    pub(crate) fn rows(&self) -> u32 {
        if self.blank {
            return 0;
        }
        let lists = &self.app.scenario.lists;
        if self.loaded < self.places {
            return self.loaded + 1;
        }
        let suggested = if lists.suggestions > 0 { lists.suggestions + 1 } else { 0 };
        self.places + u32::from(lists.ends_after > 0) + suggested
    }

    /// What stands in a row, counted from 0.
    pub(crate) fn entry(&self, row: u32) -> Entry {
        if row < self.loaded {
            return Entry::Person(self.person(row));
        }
        if self.loaded < self.places {
            return Entry::Spinner;
        }
        let ends = u32::from(self.app.scenario.lists.ends_after > 0);
        match row - self.loaded {
            0 if ends > 0 => Entry::End,
            below if below == ends => Entry::Heading,
            below => Entry::Suggested(people::list_name(
                &self.app.scenario,
                &self.of,
                "suggested",
                below - ends,
            )),
        }
    }

    fn person(&self, row: u32) -> String {
        let scenario = &self.app.scenario;
        match row.checked_sub(self.arrivals) {
            // The newest stands first.
            None => people::list_name(scenario, &self.of, "arrivals", self.arrivals - row),
            Some(place) => {
                let row = once(self.traded(place), &scenario.lists);
                people::list_row(scenario, self.kind, &self.of, row)
            }
        }
    }

    /// The place whose row stands at this place now.
    fn traded(&self, place: u32) -> u32 {
        let size = self.app.scenario.lists.reorder;
        if size < 2 {
            return place;
        }
        let first = place - place % size;
        let length = size.min(self.places - self.arrivals - first);
        let mut group: Vec<u32> = (first..first + length).collect();
        let seed = self.app.scenario.seed;
        let mut luck = fingerprint(seed, &["order", &self.of, &first.to_string(), &self.order]);
        for last in (1..group.len()).rev() {
            let other = usize::try_from(luck % (last as u64 + 1)).unwrap_or(0);
            group.swap(last, other);
            luck = luck.rotate_right(9).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        group.get((place - first) as usize).copied().unwrap_or(place)
    }
}

/// Places a list of so many people takes, with what is repeated.
fn places(count: u32, lists: &Lists) -> u32 {
    let (size, repeats) = (lists.page_size, lists.repeats);
    let further = count.saturating_sub(size);
    if size == 0 { count } else { count + further.div_ceil(size) * repeats }
}

/// The row of the list that stands at a place, when pages begin with rows of the page before.
fn once(place: u32, lists: &Lists) -> u32 {
    let (size, repeats) = (lists.page_size, lists.repeats);
    match place.checked_sub(size) {
        Some(beyond) if size > 0 => {
            let (page, offset) = (beyond / (size + repeats), beyond % (size + repeats));
            (page + 1) * size + offset - repeats
        }
        _ => place,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_place_and_pages_begin_with_what_was_there() {
        let lists = Lists { page_size: 5, repeats: 2, ..Lists::default() };
        let rows: Vec<u32> = (0..places(12, &lists)).map(|place| once(place, &lists)).collect();
        assert_eq!(rows, [0, 1, 2, 3, 4, 3, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11]);
        let plain = Lists::default();
        assert_eq!((0..places(3, &plain)).map(|p| once(p, &plain)).collect::<Vec<_>>(), [0, 1, 2]);
    }
}
