//! What was asked of the phone: round trips are what an engagement costs, so they are counted.

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};

use crate::effects::instant_text;

/// Requests that are kept one by one.
const TAIL: usize = 500;

#[derive(Debug)]
struct Request {
    number: u64,
    at: i64,
    method: String,
    route: String,
    path: String,
    status: Option<u16>,
    took_ms: Option<i64>,
}

/// Counters per route and the last requests.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    total: u64,
    counts: BTreeMap<String, u64>,
    tail: VecDeque<Request>,
}

impl Requests {
    /// Notes a request when it arrives; answers its number.
    pub(crate) fn arrived(&mut self, method: &str, route: &str, path: &str, now: i64) -> u64 {
        self.total += 1;
        *self.counts.entry(format!("{method} {route}")).or_default() += 1;
        if self.tail.len() >= TAIL {
            self.tail.pop_front();
        }
        self.tail.push_back(Request {
            number: self.total,
            at: now,
            method: method.to_owned(),
            route: route.to_owned(),
            path: path.chars().take(300).collect(),
            status: None,
            took_ms: None,
        });
        self.total
    }

    /// Notes how a request ended; no status means that the connection was closed.
    pub(crate) fn answered(&mut self, number: u64, status: Option<u16>, now: i64) {
        if let Some(request) = self.tail.iter_mut().rev().find(|one| one.number == number) {
            request.status = status;
            request.took_ms = Some(now - request.at);
        }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn json(&self) -> Value {
        let tail: Vec<Value> = self
            .tail
            .iter()
            .map(|one| {
                json!({
                    "number": one.number,
                    "ts": instant_text(one.at),
                    "method": one.method,
                    "route": one.route,
                    "path": one.path,
                    "status": one.status,
                    "took_ms": one.took_ms,
                })
            })
            .collect();
        json!({"total": self.total, "counts": self.counts, "items": tail})
    }
}
