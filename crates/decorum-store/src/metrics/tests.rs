//! Folding in any cut counts what counting everything counts.

use std::collections::BTreeMap;

use decorum_core::{AccountId, Action, ErrorClass, Platform, Status, Timestamp};
use proptest::prelude::*;

use super::cell::gapless;
use super::histogram::Histogram;
use super::window::Window;
use super::{Cell, CellKey, CellRange, Entry, SERIES_MAX, Step, Tally, by_cell};
use crate::StoreError;

const PLATFORM: Platform = Platform::Instagram;
const HOUR: i64 = Step::Hour.millis();
const DAY: i64 = Step::Day.millis();

fn anna() -> AccountId {
    "anna".parse().unwrap()
}

fn instant(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn of(values: &[u64]) -> Histogram {
    let mut histogram = Histogram::default();
    for value in values {
        histogram.add(*value);
    }
    histogram
}

#[test]
fn small_values_are_exact_and_large_ones_within_their_error() {
    for value in (0..100_000).chain([u64::MAX, u64::MAX - 1, 1 << 40, (1 << 40) - 1]) {
        let mut histogram = Histogram::default();
        histogram.add(value);
        // Something larger, so that the maximum does not stand in for the bucket.
        histogram.add(u64::MAX);
        let found = histogram.percentile(50).unwrap();
        assert!(found.abs_diff(value) <= value / 32, "{value} is read as {found}");
        assert_eq!(histogram.max(), Some(u64::MAX));
    }
}

#[test]
fn an_empty_histogram_has_no_percentiles() {
    let empty = Histogram::default();
    assert_eq!((empty.percentile(50), empty.max(), empty.count()), (None, None, 0));
}

#[test]
fn a_histogram_reads_back_as_it_was_written() {
    let mut histogram = Histogram::default();
    for value in [0, 7, 7, 31, 32, 5_000, 5_000_000, u64::MAX] {
        histogram.add(value);
    }
    let text = serde_json::to_string(&histogram).unwrap();
    assert_eq!(serde_json::from_str::<Histogram>(&text).unwrap(), histogram);
    assert_eq!(
        serde_json::to_value(Histogram::default()).unwrap(),
        serde_json::json!({ "max": 0, "buckets": [] })
    );
    // A promise to every cell already written.
    let mut one = Histogram::default();
    one.add(1_250);
    assert_eq!(
        serde_json::to_value(&one).unwrap(),
        serde_json::json!({ "max": 1250, "buckets": [[115, 1]] })
    );
}

fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    // Mostly onwards; history that is imported lies far back.
    let word = (
        prop_oneof![9 => 0..4 * HOUR, 1 => -40 * HOUR..0],
        proptest::sample::select(Action::ALL),
        proptest::sample::select(Status::ALL),
        proptest::option::of(proptest::sample::select(&ErrorClass::ALL[..2])),
        proptest::option::of(0..1_000_000_u64),
    );
    proptest::collection::vec(word, 0..60).prop_map(|words| {
        let mut ts = 3 * DAY - 20 * HOUR;
        let entries =
            (1..).zip(words).map(|(seq, (wait, action, status, error_class, latency_ms))| {
                ts = (ts + wait).max(0);
                Entry { seq, ts: instant(ts), action, status, error_class, latency_ms }
            });
        entries.collect()
    })
}

type Cells = BTreeMap<CellKey, Cell>;

/// What a keeper does with a batch, up to `broken_off` writes of cells.
fn fold(cells: &mut Cells, batch: &[Entry], broken_off: usize) {
    let Some(end) = batch.last().map(|e| e.seq) else { return };
    for (key, entries) in by_cell((PLATFORM, &anna()), batch).into_iter().take(broken_off) {
        cells.entry(key).or_default().include(&entries, end);
    }
}

fn counts(cells: &Cells) -> BTreeMap<CellKey, (u64, Histogram)> {
    cells.iter().map(|(key, cell)| (key.clone(), (cell.count, cell.latency.clone()))).collect()
}

fn select(cells: &Cells, range: &CellRange) -> Cells {
    let within = |key: &CellKey| {
        key.level == range.level && range.first <= key.start && key.start <= range.last
    };
    cells.iter().filter(|(key, _)| within(key)).map(|(k, c)| (k.clone(), c.clone())).collect()
}

/// What a keeper answers, with its cells folded up to somewhere and its mark at `mark`.
fn answer(
    cells: &Cells,
    mark: u64,
    entries: &[Entry],
    window: &Window,
    step: Step,
) -> super::Metrics {
    let mut tally = Tally::new(window.clone(), step);
    for range in &window.cells {
        for (key, cell) in select(cells, range) {
            tally.cell(key, cell);
        }
    }
    for entry in entries.iter().filter(|e| e.seq > mark) {
        tally.beyond((PLATFORM, &anna()), *entry);
    }
    for (from, to) in &window.edges {
        for entry in entries.iter().filter(|e| *from <= e.ts && e.ts < *to) {
            tally.edge(*entry);
        }
    }
    tally.finish().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn percentiles_are_within_their_error(
        mut values in proptest::collection::vec(0..u64::MAX, 1..200),
        shift in 0..60_u32,
        percent in 1..=100_u32,
    ) {
        for value in &mut values {
            *value >>= shift;
        }
        let histogram = of(&values);
        values.sort_unstable();
        let rank = (values.len() * percent as usize).div_ceil(100);
        let (exact, found) = (values[rank - 1], histogram.percentile(percent).unwrap());
        prop_assert!(found.abs_diff(exact) <= exact / 32, "{} for {}", found, exact);
        prop_assert_eq!(histogram.count(), values.len() as u64);
        prop_assert_eq!(histogram.max(), values.last().copied());
    }

    #[test]
    fn merging_is_adding_all(a in proptest::collection::vec(any::<u64>(), 0..50),
                             b in proptest::collection::vec(any::<u64>(), 0..50)) {
        let mut merged = of(&a);
        merged.merge(&of(&b));
        prop_assert_eq!(merged, of(&[a, b].concat()));
    }

    /// Folds that break off after any number of cells, and are done again with any other end,
    /// count each event once. So does a reader that comes at any moment.
    #[test]
    fn folding_in_any_cut_counts_everything_once(
        entries in any_entries(),
        steps in proptest::collection::vec((1..20_usize, 0..30_usize), 0..12),
        from in proptest::option::of(0..9 * DAY),
        length in proptest::option::of(0..9 * DAY),
    ) {
        let mut whole = Cells::new();
        fold(&mut whole, &entries, usize::MAX);
        let (mut cells, mut mark) = (Cells::new(), 0_usize);
        let from_instant = from.map(instant);
        let to = length.map(|l| instant(from.unwrap_or(0) + l));
        for (size, broken_off) in steps {
            let batch = &entries[mark..entries.len().min(mark + size)];
            let complete = broken_off >= by_cell((PLATFORM, &anna()), batch).len();
            fold(&mut cells, batch, broken_off);
            if complete {
                mark += batch.len();
            }
            for step in Step::ALL {
                let window = Window::new(from_instant, to, step, None);
                let expected = answer(&Cells::new(), 0, &entries, &window, step);
                let found = answer(&cells, mark as u64, &entries, &window, step);
                prop_assert_eq!(&found, &expected);
                let wanted = entries.iter().filter(|e| {
                    from_instant.is_none_or(|f| f <= e.ts) && to.is_none_or(|t| e.ts < t)
                });
                prop_assert_eq!(expected.events, wanted.count() as u64);
            }
        }
        fold(&mut cells, &entries[mark..], usize::MAX);
        prop_assert_eq!(counts(&cells), counts(&whole));
    }

    #[test]
    fn a_window_covers_every_instant_once(
        from in proptest::option::of(0..5 * DAY),
        to in proptest::option::of(0..5 * DAY),
        by_hour in any::<bool>(),
        instants in proptest::collection::vec(0..6 * DAY, 30),
    ) {
        let step = if by_hour { Step::Hour } else { Step::Day };
        let window = Window::new(from.map(instant), to.map(instant), step, None);
        let ends = [from, to].into_iter().flatten().flat_map(|t| [t - 1, t, t + 1]);
        for t in instants.into_iter().chain(ends).filter(|t| *t >= 0) {
            let within = from.is_none_or(|f| f <= t) && to.is_none_or(|e| t < e);
            let t = instant(t);
            let cells = window.cells.iter().filter(|c| {
                let start = c.level.start(t);
                c.first <= start && start <= c.last
            });
            let edges = window.edges.iter().filter(|(f, e)| *f <= t && t < *e);
            prop_assert_eq!(cells.count() + edges.count(), usize::from(within));
            prop_assert_eq!(window.level(t).is_some() , within
                && !window.edges.iter().any(|(f, e)| *f <= t && t < *e));
        }
        // What is read event by event is less than an hour at each end.
        let read: i64 = window.edges.iter().map(|(f, e)| e.as_millis() - f.as_millis()).sum();
        prop_assert!(read < 2 * HOUR);
        if by_hour {
            prop_assert!(window.cells.iter().all(|c| c.level == Step::Hour));
        }
    }
}

#[test]
fn whole_days_are_read_as_days() {
    let (from, to) = (instant(DAY - HOUR - 7), instant(4 * DAY + 2 * HOUR + 9));
    let window = Window::new(Some(from), Some(to), Step::Day, None);
    let whole: Vec<_> = window
        .cells
        .iter()
        .map(|c| (c.level, c.first.as_millis(), c.last.as_millis() + 1))
        .collect();
    assert_eq!(
        whole,
        [
            (Step::Hour, DAY - HOUR, DAY),
            (Step::Day, DAY, 4 * DAY),
            (Step::Hour, 4 * DAY, 4 * DAY + 2 * HOUR),
        ]
    );
    assert_eq!(window.edges, [(from, instant(DAY - HOUR)), (instant(4 * DAY + 2 * HOUR), to)]);
    let all = Window::new(None, None, Step::Day, None);
    assert_eq!(all.edges, []);
    assert_eq!(
        all.cells,
        [CellRange { level: Step::Day, first: Timestamp::MIN, last: Timestamp::MAX }]
    );
}

#[test]
fn a_cut_through_a_cleaned_hour_moves_outwards() {
    let cut = |cleaned: i64| {
        let (from, to) = (instant(5 * HOUR + 7), instant(8 * HOUR + 7));
        let window = Window::new(Some(from), Some(to), Step::Hour, Some(instant(cleaned)));
        (window.from.unwrap().as_millis(), window.to.unwrap().as_millis())
    };
    assert_eq!(cut(5 * HOUR - 1), (5 * HOUR + 7, 8 * HOUR + 7), "both hours are whole");
    assert_eq!(cut(5 * HOUR), (5 * HOUR, 8 * HOUR + 7));
    assert_eq!(cut(8 * HOUR), (5 * HOUR, 9 * HOUR));
    let even =
        Window::new(Some(instant(HOUR)), Some(instant(2 * HOUR)), Step::Hour, Some(instant(DAY)));
    assert_eq!((even.from, even.to), (Some(instant(HOUR)), Some(instant(2 * HOUR))));
}

#[test]
fn nobody_folds_past_a_gap() {
    let entry = |seq| Entry {
        seq,
        ts: instant(DAY),
        action: Action::Follow,
        status: Status::Success,
        error_class: None,
        latency_ms: None,
    };
    assert_eq!(gapless(4, &[5, 6, 7].map(entry)), 3);
    assert_eq!(gapless(4, &[5, 7, 8].map(entry)), 1);
    assert_eq!(gapless(4, &[6, 7].map(entry)), 0);
    assert_eq!(gapless(4, &[]), 0);
}

#[test]
fn a_step_has_one_spelling() {
    for step in Step::ALL {
        assert_eq!(step.to_string().parse(), Ok(step));
        assert_eq!(serde_json::to_value(step).unwrap(), step.as_str());
    }
    assert!("week".parse::<Step>().unwrap_err().to_string().contains("hour, day"));
}

#[test]
fn a_series_has_a_largest_length() {
    let hours = i64::try_from(SERIES_MAX).unwrap() + 1;
    let counted = |from: i64, step| {
        let window = Window::new(Some(instant(from * HOUR)), None, step, None);
        let mut tally = Tally::new(window, step);
        for (seq, hour) in (1..).zip(0..hours) {
            let entry = Entry {
                seq,
                ts: instant(hour * HOUR),
                action: Action::Follow,
                status: Status::Success,
                error_class: None,
                latency_ms: None,
            };
            tally.beyond((PLATFORM, &anna()), entry);
        }
        tally.finish()
    };
    let error = counted(0, Step::Hour).unwrap_err();
    let given = SERIES_MAX + 1;
    assert!(
        matches!(error, StoreError::TooMany { given: g, max: SERIES_MAX, .. } if g == given),
        "{error}"
    );
    assert_eq!(counted(1, Step::Hour).unwrap().series.len(), SERIES_MAX);
    assert_eq!(counted(0, Step::Day).unwrap().events, u64::try_from(hours).unwrap());
}
