//! Counts agree with the log, whatever is asked and whatever was folded.

use std::collections::BTreeMap;

use decorum_core::{
    Action, ErrorClass, Event, Outcome, Refusal, RefusalReason, Seen, Status, Timestamp,
};

use super::arrange::{
    Bench, DAY, HOUR, NETWORK, NOON, PRIVATE, RATE_LIMITED, SECOND, SUCCESS, at_once, follow, key,
    name,
};
use crate::{Latency, Metrics, MetricsQuery, OBSERVE_MAX, Point, Step};

fn query(from: Option<Timestamp>, to: Option<Timestamp>, step: Step) -> MetricsQuery {
    MetricsQuery { account_id: None, from, to, step }
}

impl Bench {
    async fn counted(&self, query: &MetricsQuery) -> Metrics {
        self.store.metrics(query).await.unwrap()
    }

    /// Records events of every kind, `events` of them over about `over` from now on.
    async fn much_happens(&mut self, accounts: &[&str], events: usize, over: std::time::Duration) {
        let mut random = fastrand::Rng::with_seed(events as u64);
        let start = self.now;
        let mut at: Vec<_> = (0..events)
            .map(|_| {
                let t = start.plus(over.mul_f64(random.f64()));
                // Some exactly where days meet.
                if random.u8(..) < 16 { Step::Day.start(t) } else { t }
            })
            .collect();
        at.sort();
        let mut at = at.into_iter().map(|t| t.max(start));
        loop {
            let batch: Vec<_> = at.by_ref().take(OBSERVE_MAX).collect();
            if batch.is_empty() {
                return;
            }
            let mut seen = Vec::new();
            for (n, now) in batch.into_iter().enumerate() {
                self.now = now;
                let action = Action::ALL[random.usize(..Action::ALL.len())];
                let account = accounts[random.usize(..accounts.len())];
                let key = key(account, &format!("p{n}"), action);
                let what = match random.u8(0..8) {
                    0 | 1 => Seen::Outcome(SUCCESS),
                    2 => Seen::Outcome(NETWORK),
                    3 => Seen::Outcome(PRIVATE),
                    4 => Seen::Outcome(Outcome::Retry(Some(ErrorClass::App))),
                    _ => Seen::Refused(Refusal::new(RefusalReason::TooSoon, None)),
                };
                let mut one = self.seen(key, what);
                let long = random.u64(0..u64::from(u32::MAX)) >> random.u32(0..32);
                one.latency_ms = matches!(what, Seen::Outcome(_)).then_some(long);
                seen.push(one);
            }
            self.store.observe(&self.settings, seen).await.unwrap();
        }
    }
}

/// What the answer must be, counted the slow way.
fn recount(log: &[Event], query: &MetricsQuery) -> Metrics {
    let none = |words: &[Status]| words.iter().map(|w| (*w, 0)).collect::<BTreeMap<_, u64>>();
    let no_action = Action::ALL.iter().map(|w| (*w, 0)).collect::<BTreeMap<_, u64>>();
    let mut metrics = Metrics {
        from: query.from,
        to: query.to,
        step: query.step,
        events: 0,
        by_action: no_action.clone(),
        by_status: none(Status::ALL),
        by_error_class: ErrorClass::ALL.iter().map(|w| (*w, 0)).collect(),
        success_rate: None,
        dedupe_hits: 0,
        latency: Latency::default(),
        series: Vec::new(),
    };
    let mut latencies = Vec::new();
    let wanted = log.iter().filter(|e| {
        query.account_id.as_ref().is_none_or(|a| *a == e.account_id)
            && query.from.is_none_or(|from| from <= e.ts)
            && query.to.is_none_or(|to| e.ts < to)
    });
    for event in wanted {
        metrics.events += 1;
        *metrics.by_action.get_mut(&event.action).unwrap() += 1;
        *metrics.by_status.get_mut(&event.status).unwrap() += 1;
        if let Some(class) = event.error_class {
            *metrics.by_error_class.get_mut(&class).unwrap() += 1;
        }
        latencies.extend(event.latency_ms);
        let start = query.step.start(event.ts);
        if metrics.series.last().is_none_or(|p| p.start != start) {
            metrics.series.push(Point {
                start,
                events: 0,
                by_action: no_action.clone(),
                by_status: none(Status::ALL),
            });
        }
        let point = metrics.series.last_mut().unwrap();
        point.events += 1;
        *point.by_action.get_mut(&event.action).unwrap() += 1;
        *point.by_status.get_mut(&event.status).unwrap() += 1;
    }
    let (success, failed) =
        (metrics.by_status[&Status::Success], metrics.by_status[&Status::Failed]);
    let share = |n: u64| f64::from(u32::try_from(n).unwrap());
    if success + failed > 0 {
        metrics.success_rate = Some(share(success) / share(success + failed));
    }
    metrics.dedupe_hits = metrics.by_status[&Status::DedupeHit];
    latencies.sort_unstable();
    let rank = |percent: usize| {
        let rank = (latencies.len() * percent).div_ceil(100).max(1);
        latencies.get(rank - 1).copied()
    };
    metrics.latency = Latency {
        count: latencies.len() as u64,
        p50_ms: rank(50),
        p90_ms: rank(90),
        p95_ms: rank(95),
        p99_ms: rank(99),
        max_ms: latencies.last().copied(),
    };
    metrics
}

/// Compares; percentiles only within their error.
fn assert_agree(counted: &Metrics, expected: &Metrics, what: &str) {
    let (c, e) = (counted.latency, expected.latency);
    let pairs =
        [(c.p50_ms, e.p50_ms), (c.p90_ms, e.p90_ms), (c.p95_ms, e.p95_ms), (c.p99_ms, e.p99_ms)];
    for (counted, exact) in pairs {
        match (counted, exact) {
            (Some(counted), Some(exact)) => {
                assert!(counted.abs_diff(exact) * 32 <= exact, "{what}: {counted} for {exact}");
            }
            both => assert_eq!(both, (None, None), "{what}"),
        }
    }
    assert_eq!((c.count, c.max_ms), (e.count, e.max_ms), "{what}");
    let expected = Metrics { latency: c, ..expected.clone() };
    assert_eq!(*counted, expected, "{what}");
}

pub(crate) async fn an_empty_log_counts_nothing(bench: Bench) {
    for step in Step::ALL {
        let query = query(None, None, step);
        let counted = bench.counted(&query).await;
        assert_agree(&counted, &recount(&[], &query), "nothing");
        assert_eq!(counted.success_rate, None);
        assert_eq!(counted.by_status.len(), Status::ALL.len());
    }
}

pub(crate) async fn totals_are_what_happened(mut bench: Bench) {
    bench.engage(follow("mia")).await;
    bench.engage(follow("noa")).await;
    bench.engage_with(follow("zoe"), NETWORK).await;
    bench.wait(HOUR);
    bench.engage_with(key("bert", "mia", Action::Like), RATE_LIMITED).await;
    bench.refuse("mia").await;

    let counted = bench.counted(&query(None, None, Step::Hour)).await;

    assert_eq!(counted.events, 5);
    assert_eq!(counted.by_action[&Action::Follow], 4);
    assert_eq!(counted.by_action[&Action::View], 0);
    assert_eq!(counted.by_status[&Status::Failed], 2);
    assert_eq!(counted.by_error_class[&ErrorClass::RateLimited], 1);
    assert_eq!(counted.success_rate, Some(0.5));
    assert_eq!(counted.dedupe_hits, 1);
    assert_eq!(counted.latency.count, 4);
    assert_eq!(counted.latency.max_ms, Some(1_250));
    let series: Vec<_> = counted.series.iter().map(|p| (p.start, p.events)).collect();
    assert_eq!(series, [(NOON, 3), (NOON.plus(HOUR), 2)]);
    assert_agree(&counted, &recount(&bench.log().await, &query(None, None, Step::Hour)), "all");
}

pub(crate) async fn any_stretch_of_time_counts_what_is_in_it(mut bench: Bench) {
    bench.now = NOON.plus(SECOND * 1_234);
    bench.much_happens(&["anna", "bert"], 3_000, DAY * 4).await;
    let log = bench.log().await;
    let mut random = fastrand::Rng::with_seed(7);
    let instant = |random: &mut fastrand::Rng| {
        let t = NOON.plus((DAY * 5).mul_f64(random.f64()));
        match random.u8(0..6) {
            0 => None,
            1 => Some(Step::Day.start(t)),
            2 => Some(Step::Hour.start(t)),
            // The exact instant of an event.
            3 => Some(log[random.usize(..log.len())].ts),
            _ => Some(t),
        }
    };
    for round in 0..45 {
        let account_id = [None, Some(name("anna")), Some(name("nobody"))][round % 3].clone();
        let (mut from, mut to) = (instant(&mut random), instant(&mut random));
        if from > to && to.is_some() {
            (from, to) = (to, from);
        }
        for step in Step::ALL {
            let query = MetricsQuery { account_id: account_id.clone(), from, to, step };
            let counted = bench.counted(&query).await;
            assert_agree(&counted, &recount(&log, &query), &format!("{query:?}"));
        }
    }
    bench.assert_intact().await;
}

pub(crate) async fn a_stretch_that_ends_before_it_begins_counts_nothing(mut bench: Bench) {
    bench.much_happens(&["anna"], 50, DAY * 2).await;
    let counted = bench.counted(&query(Some(NOON.plus(DAY)), Some(NOON), Step::Day)).await;
    assert_eq!((counted.events, counted.series.len()), (0, 0));
    let counted = bench.counted(&query(Some(NOON), Some(NOON), Step::Day)).await;
    assert_eq!(counted.events, 0);
}

pub(crate) async fn what_is_counted_once_is_not_counted_again(mut bench: Bench) {
    let all = query(None, None, Step::Hour);
    for _ in 0..3 {
        bench.much_happens(&["anna", "bert", "cleo"], 2_100, HOUR * 6).await;
        let log = bench.log().await;
        for client in [bench.clone(), bench.another("worker-2")] {
            assert_agree(&client.counted(&all).await, &recount(&log, &all), "again");
        }
    }
    bench.assert_intact().await;
}

pub(crate) async fn counting_goes_on_while_others_write(mut bench: Bench) {
    bench.much_happens(&["anna", "bert"], 2_500, HOUR * 12).await;
    let all = query(None, None, Step::Day);
    let counts = at_once(6, |n| {
        let mut bench = bench.another(&format!("worker-{n}"));
        let all = all.clone();
        async move {
            let mut before = 0;
            for round in 0..15 {
                if n < 3 {
                    let account = ["anna", "bert", "cleo"][n];
                    bench.wait(SECOND);
                    bench.engage(key(account, &format!("w{n}_{round}"), Action::Follow)).await;
                } else {
                    // What was counted once stays counted.
                    let counted = bench.counted(&all).await;
                    assert!(counted.events >= before, "{} after {before}", counted.events);
                    let series: u64 = counted.series.iter().map(|p| p.events).sum();
                    assert_eq!(series, counted.events);
                    before = counted.events;
                }
            }
            before
        }
    })
    .await;
    assert!(counts[3..].iter().all(|n| (2_500..=2_545).contains(n)), "{counts:?}");
    let log = bench.log().await;
    assert_eq!(log.len(), 2_545);
    assert_agree(&bench.counted(&all).await, &recount(&log, &all), "in the end");
    bench.assert_intact().await;
}

pub(crate) async fn a_cut_through_what_was_cleaned_up_moves_to_the_hour(bench: Bench) {
    let mut bench = bench.keeping(30);
    bench.much_happens(&["anna", "bert"], 800, DAY * 2).await;
    bench.wait(DAY * 40);
    bench.much_happens(&["anna"], 300, DAY).await;
    let log = bench.log().await;
    bench.clean().await;
    assert!(bench.log().await.len() < 310);
    let (minutes, day) = (SECOND * 60, Step::Day);
    let (from, to) = (NOON.plus(HOUR * 3 + minutes * 20), NOON.plus(HOUR * 30 + minutes * 40));
    let moved = query(Some(NOON.plus(HOUR * 3)), Some(NOON.plus(HOUR * 31)), day);
    let counted = bench.counted(&query(Some(from), Some(to), day)).await;
    assert_agree(&counted, &recount(&log, &moved), "cut twice where events are gone");
    // Where they are still there, a cut is a cut.
    let from = bench.now.minus(HOUR * 10).plus(minutes);
    let exact = query(Some(from), None, Step::Hour);
    assert_agree(&bench.counted(&exact).await, &recount(&log, &exact), "cut where all is there");
    bench.assert_intact().await;
}
