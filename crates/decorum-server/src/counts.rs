//! What this process counts about its own requests, for `/metrics`. No name of a person or an
//! account is ever a label.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper ends of the buckets of durations, in seconds.
const BUCKETS: [f64; 8] = [0.001, 0.005, 0.025, 0.1, 0.5, 1.0, 5.0, 30.0];

#[derive(Clone, Copy, Default)]
struct Tally {
    count: u64,
    seconds: f64,
    buckets: [u64; BUCKETS.len()],
}

impl Tally {
    fn add(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        self.count += 1;
        self.seconds += seconds;
        for (bucket, end) in self.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= end);
        }
    }
}

/// Counts by method, route and status.
#[derive(Default)]
pub(crate) struct Counts(Mutex<BTreeMap<&'static str, Routes>>);

type Routes = BTreeMap<String, BTreeMap<u16, Tally>>;

impl Counts {
    /// One request that was answered. Nothing is allocated but for the first of its route: this is on
    /// the way of every request.
    pub(crate) fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let routes = counts.entry(method).or_default();
        if let Some(statuses) = routes.get_mut(route) {
            statuses.entry(status).or_default().add(took);
        } else {
            routes.entry(route.to_owned()).or_default().entry(status).or_default().add(took);
        }
    }

    /// Everything so far, by method and route as one, and status.
    fn so_far(&self) -> BTreeMap<(String, u16), Tally> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = BTreeMap::new();
        for (method, routes) in counts.iter() {
            for (route, statuses) in routes {
                let of = |(status, tally): (&u16, &Tally)| {
                    ((format!("{method} {route}"), *status), *tally)
                };
                all.extend(statuses.iter().map(of));
            }
        }
        all
    }

    /// As Prometheus reads it.
    pub(crate) fn write(&self, out: &mut String) {
        let counts = self.so_far();
        let head = |out: &mut String, name: &str, kind: &str, help: &str| {
            writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}").ok();
        };
        let name = "decorum_http_requests_total";
        head(out, name, "counter", "Requests answered, by route and status.");
        for ((route, status), tally) in &counts {
            writeln!(out, "{name}{{route=\"{route}\",status=\"{status}\"}} {}", tally.count).ok();
        }
        let mut routes: BTreeMap<&str, Tally> = BTreeMap::new();
        for ((route, _), tally) in &counts {
            let sum = routes.entry(route).or_default();
            sum.count += tally.count;
            sum.seconds += tally.seconds;
            for (sum, each) in sum.buckets.iter_mut().zip(tally.buckets) {
                *sum += each;
            }
        }
        let name = "decorum_http_request_seconds";
        head(out, name, "histogram", "How long requests took, by route.");
        for (route, tally) in routes {
            for (end, n) in BUCKETS.iter().zip(tally.buckets) {
                writeln!(out, "{name}_bucket{{route=\"{route}\",le=\"{end}\"}} {n}").ok();
            }
            writeln!(out, "{name}_bucket{{route=\"{route}\",le=\"+Inf\"}} {}", tally.count).ok();
            writeln!(out, "{name}_sum{{route=\"{route}\"}} {}", tally.seconds).ok();
            writeln!(out, "{name}_count{{route=\"{route}\"}} {}", tally.count).ok();
        }
    }
}
