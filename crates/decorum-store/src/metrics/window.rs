//! From a stretch of time to what has to be read for it.

use decorum_core::Timestamp;

use super::cell::Step;

/// Cells that are wanted whole: those of this level that start in `first..=last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CellRange {
    pub(crate) level: Step,
    pub(crate) first: Timestamp,
    pub(crate) last: Timestamp,
}

/// A stretch of time, cut into days, hours and what is less than an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// From here on, moved to the hour if it had to be.
    pub(crate) from: Option<Timestamp>,
    /// Before this.
    pub(crate) to: Option<Timestamp>,
    /// The whole hours and days in it, without overlaps.
    pub(crate) cells: Vec<CellRange>,
    /// The rest at both ends: events from the first instant on and before the second.
    pub(crate) edges: Vec<(Timestamp, Timestamp)>,
}

fn down(t: i64, step: Step) -> i64 {
    t - t % step.millis()
}

fn up(t: i64, step: Step) -> i64 {
    down(t.saturating_add(step.millis() - 1), step)
}

impl Window {
    /// Cuts the time from `from` on and before `to`. `step` is how fine the answer will be;
    /// `cleaned` is the newest checkpoint of the accounts asked about.
    pub(crate) fn new(
        from: Option<Timestamp>,
        to: Option<Timestamp>,
        step: Step,
        cleaned: Option<Timestamp>,
    ) -> Self {
        let hour = Step::Hour;
        let is_cleaned = |t: i64| cleaned.is_some_and(|c| down(t, hour) <= c.as_millis());
        let from = from.map(Timestamp::as_millis);
        let to = to.map(Timestamp::as_millis);
        let from = from.map(|t| if is_cleaned(t) { down(t, hour) } else { t });
        let to = to.map(|t| if is_cleaned(t) { up(t, hour) } else { t });
        let instant = |t: Option<i64>| t.map(Timestamp::from_millis);
        let mut window =
            Self { from: instant(from), to: instant(to), cells: Vec::new(), edges: Vec::new() };
        // The end of time is no edge: without a `to` the newest cell counts whole.
        let (from, to) = (from.unwrap_or(0), to.unwrap_or(i64::MAX));
        let whole_from = up(from, hour);
        let whole_to = if to == i64::MAX { to } else { down(to, hour) };
        if whole_from > whole_to {
            window.edge(from, to);
            return window;
        }
        window.edge(from, whole_from);
        let day = Step::Day;
        let days = (up(whole_from, day), if to == i64::MAX { to } else { down(whole_to, day) });
        if step == Step::Hour || days.0 >= days.1 {
            window.whole(hour, whole_from, whole_to);
        } else {
            window.whole(hour, whole_from, days.0);
            window.whole(day, days.0, days.1);
            window.whole(hour, days.1, whole_to);
        }
        window.edge(whole_to, to);
        window
    }

    fn edge(&mut self, from: i64, to: i64) {
        if from < to {
            self.edges.push((Timestamp::from_millis(from), Timestamp::from_millis(to)));
        }
    }

    fn whole(&mut self, level: Step, from: i64, to: i64) {
        if from < to {
            let (first, last) = (Timestamp::from_millis(from), Timestamp::from_millis(to - 1));
            self.cells.push(CellRange { level, first, last });
        }
    }

    /// The level of the cells that count an event of this instant; `None` if no cell does.
    pub(crate) fn level(&self, ts: Timestamp) -> Option<Step> {
        self.cells.iter().find(|c| c.first <= ts && ts <= c.last).map(|c| c.level)
    }
}
