//! Phones over HTTP: what they are called, whether they work, and what they show.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::time::Duration;

use decorum_core::{DeviceRecord, Timestamp};
use decorum_engine::process;
use decorum_sim::{Phone, Scenario};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, read};

async fn phone() -> Phone {
    let scenario = Scenario::from_toml("account = 'nord'").expect("a scenario");
    Phone::start(scenario, "127.0.0.1:0".parse().expect("an address")).await.expect("a phone")
}

/// Adds the phone; its id.
async fn add(bench: &Bench, phone: &Phone) -> String {
    let added = bench.post("/api/devices", json!({ "url": phone.url(), "account_ids": ["nord"] }));
    added.await.json()["device_id"].as_str().expect("an id").to_owned()
}

async fn put(bench: &Bench, id: &str, body: Value) -> Answer {
    read(bench.ask(Method::PUT, &format!("/api/devices/{id}")).json(&body)).await
}

fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

/// Holds the phone as a worker does.
async fn hold(bench: &Bench, id: &str) {
    let worker = process::this_process("worker.1");
    let lease = format!("device:{id}");
    let ttl = Duration::from_secs(30);
    bench
        .store
        .acquire_lease(&lease, &worker, None, ttl, now())
        .await
        .unwrap()
        .expect("it is free");
}

#[tokio::test]
async fn a_phone_is_called_by_its_udid_or_its_address() {
    let bench = Bench::open().await;
    let body = |url: &str| json!({ "url": url, "account_ids": ["nord"] });
    let added = bench.post("/api/devices", body("http://LOCALHOST:8100/")).await.json();
    assert_eq!(added["device_id"], "127.0.0.1:8100", "as the command line calls it");
    let named = json!({ "url": "http://127.0.0.1:4723", "capabilities": { "udid": "0000-1" } });
    assert_eq!(bench.post("/api/devices", named).await.json()["device_id"], "0000-1");
    // Another name would be another lease.
    let refused = put(&bench, "phone-1", body("http://127.0.0.1:8200")).await;
    let refused = refused.problem(422, "impossible");
    assert_eq!(refused["field"], "device_id");
    assert!(refused["detail"].as_str().unwrap().contains("127.0.0.1:8200"), "{refused}");
    assert_eq!(put(&bench, "127.0.0.1:8200", body("http://127.0.0.1:8200")).await.status, 200);
    let moved = put(&bench, "127.0.0.1:8200", body("http://127.0.0.1:8300")).await;
    assert_eq!(moved.problem(422, "impossible")["field"], "device_id");
    assert_eq!(bench.delete("/api/devices/127.0.0.1:8200").await.status, 204);
    bench.delete("/api/devices/127.0.0.1:8200").await.problem(404, "not-found");
}

#[tokio::test]
async fn what_the_command_line_added_can_be_changed_but_not_pointed_elsewhere() {
    let bench = Bench::open().await;
    let id = "10.1.2.3:8100";
    let record = DeviceRecord::new(
        id.parse().unwrap(),
        format!("http://{id}"),
        vec!["nord".parse().unwrap()],
    );
    bench.store.put_device(&record, 0, Some("cli:eva"), now()).await.unwrap();
    let body = json!({ "url": format!("http://{id}"), "disabled": true });
    assert_eq!(put(&bench, id, body).await.json()["state"], "disabled");
    let elsewhere = json!({ "url": "http://10.1.2.4:8100" });
    assert_eq!(put(&bench, id, elsewhere).await.problem(422, "impossible")["field"], "url");
}

#[tokio::test]
async fn a_test_names_the_rung_that_breaks() {
    let bench = Bench::open().await;
    let phone = phone().await;
    let id = add(&bench, &phone).await;
    let tested = bench.post(&format!("/api/devices/{id}/test"), json!({})).await.json();
    let steps = |tested: &Value| -> Vec<(String, bool)> {
        let rungs = tested["rungs"].as_array().unwrap();
        let of = |rung: &Value| (rung["step"].as_str().unwrap().to_owned(), rung["ok"] == true);
        rungs.iter().map(of).collect()
    };
    let whole =
        ["phone", "session", "source", "app", "account"].map(|step| (step.to_owned(), true));
    assert_eq!((&tested["ok"], steps(&tested)), (&json!(true), whole.to_vec()));
    assert_eq!(bench.get(&format!("/api/devices/{id}")).await.json()["state"], "ready");
    phone.stop().await;
    let tested = bench.post(&format!("/api/devices/{id}/test"), json!({})).await.json();
    assert_eq!(steps(&tested), [("phone".to_owned(), false)]);
    assert!(tested["rungs"][0]["said"].as_str().unwrap().contains("nothing listens there"));
    let gone = bench.get(&format!("/api/devices/{id}")).await.json();
    assert_eq!(gone["state"], "unreachable");
    let looked = bench.post(&format!("/api/devices/{id}/look"), json!({})).await;
    looked.problem(409, "conflict");
    bench.post("/api/devices/nobody/test", json!({})).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_look_keeps_a_picture_and_says_what_stands_where() {
    let bench = Bench::open().await;
    let phone = phone().await;
    let id = add(&bench, &phone).await;
    for what in ["screen", "screenshot"] {
        bench.get(&format!("/api/devices/{id}/{what}")).await.problem(404, "not-found");
    }
    bench.post(&format!("/api/devices/{id}/test"), json!({})).await;
    let seen = bench.post(&format!("/api/devices/{id}/look"), json!({})).await.json();
    assert_eq!((&seen["fresh"], &seen["held_until"]), (&json!(true), &json!(null)), "{seen}");
    // Where the test left it: on the page that says for whom the app acts.
    assert_eq!(seen["page"], "profile");
    assert!(seen["says"][0].as_str().unwrap().starts_with("page"), "{seen}");
    let (width, height) = (seen["width"].as_f64().unwrap(), seen["height"].as_f64().unwrap());
    assert!(width > 300.0 && height > width, "{width} x {height}");
    let elements = seen["elements"].as_array().unwrap();
    assert!(elements.iter().any(|e| e["known_as"].is_string() && e["width"].as_f64() > Some(1.0)));
    let last = bench.get(&format!("/api/devices/{id}/screen")).await.json();
    assert_eq!((&last["fresh"], &last["elements"]), (&json!(false), &seen["elements"]));
    let picture = bench.ask(Method::GET, &format!("/api/devices/{id}/screenshot")).send().await;
    let picture = picture.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/png");
    assert!(picture.bytes().await.unwrap().starts_with(b"\x89PNG"));
    assert_eq!(bench.delete(&format!("/api/devices/{id}")).await.status, 204);
    assert_eq!(std::fs::read_dir(bench.evidence.join("phones")).unwrap().count(), 0);
}

#[tokio::test]
async fn a_phone_that_a_worker_holds_is_left_alone() {
    let bench = Bench::open().await;
    let phone = phone().await;
    let id = add(&bench, &phone).await;
    hold(&bench, &id).await;
    let nothing_yet = bench.post(&format!("/api/devices/{id}/look"), json!({})).await;
    assert!(
        nothing_yet.problem(409, "conflict")["detail"].as_str().unwrap().contains("a task uses")
    );
    let tested = bench.post(&format!("/api/devices/{id}/test"), json!({})).await.json();
    assert_eq!(tested["rungs"].as_array().unwrap().len(), 1, "only its server: {tested}");
    assert!(tested["held_until"].is_string());
    let asked: Value = bench
        .client
        .get(format!("{}/sim/requests", phone.url()))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert!(!asked["counts"].to_string().contains("session"), "no session was opened: {asked}");
    // The picture that a worker left is shown, and it is said to be one.
    let folder = bench.evidence.join("phones");
    std::fs::create_dir_all(&folder).unwrap();
    let name = id.replace(':', "_");
    std::fs::write(folder.join(format!("{name}.png")), b"\x89PNG old").unwrap();
    let seen = bench.post(&format!("/api/devices/{id}/look"), json!({})).await.json();
    assert_eq!((&seen["fresh"], &seen["page"]), (&json!(false), &json!(null)));
    assert!(seen["held_until"].is_string() && seen["taken_at"].is_string(), "{seen}");
}
