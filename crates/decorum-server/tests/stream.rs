//! The stream: what happens as it happens, and what was missed in between.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;
use std::time::Duration;

use decorum_core::{Alert, AlertKind};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::Bench;

async fn some(bench: &Bench) {
    for name in ["ada", "ben"] {
        bench.engage("nord", name, "like").await;
    }
    bench.engage("sued", "ada", "follow").await;
}

/// One message: its kind, and what it says.
type Message = (String, Value);

/// A stream being followed, as a browser does.
struct Following {
    response: Response,
    text: String,
    /// The last id that came, with or without a message.
    last: Option<String>,
}

impl Following {
    async fn begin(bench: &Bench, query: &str, last: Option<String>) -> Self {
        let request = bench.ask(Method::GET, &format!("/api/stream{query}"));
        let request = match last {
            Some(last) => request.header("last-event-id", last),
            None => request,
        };
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: String::new(), last: None }
    }

    /// The next message.
    async fn next(&mut self) -> Message {
        loop {
            while let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let line = |name: &str| {
                    block.lines().find_map(|l| l.strip_prefix(name)).map(str::to_owned)
                };
                self.last = line("id: ").or(self.last.take());
                if let (Some(kind), Some(data)) = (line("event: "), line("data: ")) {
                    return (kind, serde_json::from_str(&data).unwrap());
                }
            }
            let chunk = tokio::time::timeout(Duration::from_secs(20), self.response.chunk());
            let chunk = chunk.await.expect("in time").unwrap().expect("the stream goes on");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// The next message of which this is so.
    async fn until(&mut self, is_so: impl Fn(&Message) -> bool) -> Message {
        loop {
            let message = self.next().await;
            if is_so(&message) {
                return message;
            }
        }
    }

    /// Waits for the greeting, which has a place to go on from.
    async fn greeted(mut self) -> Self {
        while !self.text.contains("\n\n") {
            let chunk = self.response.chunk().await.unwrap().expect("the stream goes on");
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
        self.last = self.text.lines().find_map(|l| l.strip_prefix("id: ")).map(str::to_owned);
        self
    }
}

fn list(account: &str) -> Value {
    json!({
        "kind": "engage", "account_id": account, "actions": ["follow"],
        "source": { "kind": "list" }, "targets": ["zoe"],
    })
}

async fn submit(bench: &Bench, account: &str) -> String {
    let task = bench.post("/api/tasks", list(account)).await;
    assert_eq!(task.status, 201, "{}", task.text);
    task.json()["id"].as_str().unwrap().to_owned()
}

fn is_task(message: &Message, id: &str, state: &str) -> bool {
    message.0 == "task" && message.1["id"] == id && message.1["state"] == state
}

fn is_about(message: &Message, subject: &str) -> bool {
    message.0 == "alert" && message.1["subject"] == subject
}

async fn raise(bench: &Bench, subject: &str) -> String {
    let id = uuid::Uuid::now_v7();
    let alert = Alert {
        id: decorum_core::AlertId::from_uuid(id),
        kind: AlertKind::DeviceLost,
        subject: subject.to_owned(),
        message: "it does not answer".to_owned(),
        raised_at: jiff::Timestamp::now().into(),
        closed_at: None,
        closed_by: None,
        evidence: None,
    };
    assert!(bench.store.raise_alert(alert).await.unwrap().1);
    id.to_string()
}

#[tokio::test]
async fn what_happens_is_streamed_and_resumed_without_a_gap() {
    let bench = Bench::open().await;
    let mut stream = Following::begin(&bench, "", None).await;
    bench.engage("nord", "ada", "like").await;
    let (kind, event) = stream.next().await;
    assert_eq!((kind.as_str(), &event["target_username"]), ("interaction", &json!("ada")));
    let last = stream.last.clone();
    drop(stream);

    bench.engage("nord", "ben", "like").await;
    let mut stream = Following::begin(&bench, "", last).await;
    bench.engage("nord", "cid", "like").await;
    let mut names = BTreeSet::new();
    while !names.contains("cid") {
        names.insert(stream.next().await.1["target_username"].as_str().unwrap().to_owned());
    }
    assert!(names.contains("ben"), "what came in between: {names:?}");
    let nonsense = bench.ask(Method::GET, "/api/stream").header("last-event-id", "x").send();
    assert_eq!(nonsense.await.unwrap().status(), 422);
}

#[tokio::test]
async fn tasks_and_alerts_are_told_as_they_change() {
    let bench = Bench::open().await;
    let mut stream = Following::begin(&bench, "", None).await.greeted().await;
    let task = submit(&bench, "nord").await;
    stream.until(|m| is_task(m, &task, "queued")).await;
    bench.post(&format!("/api/tasks/{task}/pause"), json!({})).await;
    stream.until(|m| is_task(m, &task, "paused")).await;
    let alert = raise(&bench, "phone-1").await;
    let (_, told) = stream.until(|m| is_about(m, "phone-1")).await;
    assert_eq!((&told["id"], &told["closed_at"]), (&json!(alert), &Value::Null));
    assert_eq!(bench.post(&format!("/api/alerts/{alert}/close"), json!({})).await.status, 200);
    let (_, told) = stream.until(|m| is_about(m, "phone-1")).await;
    assert!(told["closed_at"].is_string(), "{told}");
    bench.post(&format!("/api/tasks/{task}/cancel"), json!({})).await;
    stream.until(|m| is_task(m, &task, "cancelled")).await;
}

#[tokio::test]
async fn who_comes_again_learns_what_became_of_tasks_and_alerts() {
    let bench = Bench::open().await;
    // Nothing but the greeting comes before the line breaks.
    let stream = Following::begin(&bench, "", None).await.greeted().await;
    let last = stream.last.clone();
    assert!(last.is_some(), "a place to go on from: {}", stream.text);
    drop(stream);
    let (open, over) = (submit(&bench, "nord").await, submit(&bench, "nord").await);
    bench.post(&format!("/api/tasks/{over}/cancel"), json!({})).await;
    let (raised, closed) = (raise(&bench, "phone-1").await, raise(&bench, "phone-2").await);
    assert_eq!(bench.post(&format!("/api/alerts/{closed}/close"), json!({})).await.status, 200);
    bench.engage("nord", "ada", "like").await;

    let mut stream = Following::begin(&bench, "", last).await;
    assert_eq!(stream.next().await.1["target_username"], "ada", "the log comes first");
    let mut wanted: BTreeSet<_> = [("task", &open, false), ("task", &over, true)]
        .into_iter()
        .chain([("alert", &raised, false), ("alert", &closed, true)])
        .map(|(kind, id, ended)| (kind.to_owned(), id.clone(), ended))
        .collect();
    while !wanted.is_empty() {
        let (kind, data) = stream.next().await;
        let ended = data["ended_at"].is_string() || data["closed_at"].is_string();
        wanted.remove(&(kind, data["id"].as_str().unwrap().to_owned(), ended));
    }
    // What came of the work did not move the place in the log.
    assert_eq!(
        stream.last.as_deref().and_then(|id| id.split('.').next_back()).map(str::len),
        Some(36)
    );
}

#[tokio::test]
async fn the_stream_can_be_of_one_account_only() {
    let bench = Bench::open().await;
    let mut stream = Following::begin(&bench, "?account_id=sued", None).await;
    submit(&bench, "nord").await;
    let task = submit(&bench, "sued").await;
    some(&bench).await;
    let mut seen = BTreeSet::new();
    while seen.len() < 2 {
        let (kind, data) = stream.next().await;
        let account =
            if kind == "task" { &data["spec"]["account_id"] } else { &data["account_id"] };
        assert_eq!(account, "sued", "{data}");
        assert!(kind != "task" || data["id"] == task.as_str());
        seen.insert(kind);
    }
}

#[tokio::test]
async fn ending_the_server_ends_its_streams_and_finishes_its_answers() {
    let bench = Bench::open().await;
    let mut stream = Following::begin(&bench, "", None).await;
    bench.engage("nord", "ada", "like").await;
    stream.next().await;
    let ended = tokio::time::timeout(Duration::from_secs(10), bench.end());
    let rest = async { while stream.response.chunk().await.is_ok_and(|chunk| chunk.is_some()) {} };
    tokio::join!(async { ended.await.expect("in time") }, rest);
}
