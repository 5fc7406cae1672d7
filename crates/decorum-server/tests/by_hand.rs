//! What people change: settings, accounts, the suppression list, tasks; and that it is noted.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Bench, read};

async fn put(bench: &Bench, version: Option<&str>, body: Value) -> Answer {
    let request = bench.ask(Method::PUT, "/api/settings").json(&body);
    let request = match version {
        Some(version) => request.header("if-match", version),
        None => request,
    };
    read(request).await
}

#[tokio::test]
async fn settings_are_changed_by_who_read_the_newest() {
    let bench = Bench::open().await;
    let first = bench.get("/api/settings").await;
    assert_eq!(first.header("etag"), "\"0\"");
    let mut wanted = first.json();
    wanted["cooldown_minutes"] = json!(90);
    let changed = put(&bench, Some("\"0\""), wanted.clone()).await;
    assert_eq!((changed.status, changed.header("etag")), (200, "\"1\""));
    assert_eq!(bench.get("/api/settings").await.json()["cooldown_minutes"], 90);

    put(&bench, Some("\"0\""), wanted.clone()).await.problem(412, "changed-meanwhile");
    put(&bench, None, wanted.clone()).await.problem(428, "version-needed");
    put(&bench, Some("1"), wanted.clone()).await.problem(400, "invalid-parameter");
    wanted["cooldown_minutes"] = json!(0);
    assert_eq!(
        put(&bench, Some("\"1\""), wanted.clone()).await.problem(422, "impossible")["field"],
        "cooldown_minutes"
    );
    wanted = json!({ "cooldown": 3 });
    put(&bench, Some("\"1\""), wanted).await.problem(422, "impossible");
    assert_eq!(bench.get("/api/settings").await.json()["cooldown_minutes"], 90);
    let log = bench.get("/api/admin-log").await.json();
    let newest = &log["items"][0];
    assert_eq!(
        (&newest["what"], &newest["who"]),
        (&json!("settings.changed"), &json!("api:local"))
    );
    assert_eq!(log["items"].as_array().unwrap().len(), 1, "what is refused is not noted");
}

#[tokio::test]
async fn an_account_is_halted_and_cleared_with_a_reason() {
    let bench = Bench::open().await;
    bench.get("/api/accounts/nord").await.problem(404, "not-found");
    bench
        .post("/api/accounts/nord/halt", json!({ "note": "  " }))
        .await
        .problem(400, "invalid-body");
    let halted =
        bench.post("/api/accounts/nord/halt", json!({ "note": "on holiday" })).await.json();
    assert_eq!(
        (&halted["state"], &halted["reason"]),
        (&json!("halted"), &json!("operator: on holiday"))
    );
    let wish = json!({ "account_id": "nord", "target_username": "ines", "action": "follow" });
    assert_eq!(
        bench.post("/api/claims", wish).await.problem(409, "refused")["reason"],
        "account_halted"
    );
    let cleared = bench.post("/api/accounts/nord/clear", json!({ "note": "back" })).await.json();
    assert_eq!((&cleared["state"], &cleared["reason"]), (&json!("active"), &json!(null)));
    assert_eq!(bench.get("/api/accounts/nord").await.json()["account_id"], "nord");
}

#[tokio::test]
async fn a_suppressed_person_is_never_engaged() {
    let bench = Bench::open().await;
    let asked = json!({ "targets": ["@Ines", "mia"], "note": "asked us not to" });
    assert_eq!(bench.post("/api/suppressions", asked.clone()).await.json()["added"], 2);
    assert_eq!(bench.post("/api/suppressions", asked).await.json()["added"], 0);
    let check =
        bench.get("/api/check?account_id=nord&target_username=ines&action=view").await.json();
    assert_eq!((&check["engage"], &check["reason"]), (&json!(false), &json!("suppressed")));
    assert_eq!(bench.get("/api/suppressions/noa").await.json()["suppressed"], false);
    bench.delete("/api/targets/mia").await;
    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = bench.get(&format!("/api/suppressions?limit=1{cursor}")).await.json();
        listed.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let [ines, erased] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!((&ines["target_username"], &ines["target_hash"]), (&json!("ines"), &json!(null)));
    assert_eq!(
        (&ines["note"], &ines["added_by"]),
        (&json!("asked us not to"), &json!("api:local"))
    );
    assert_eq!((&erased["target_username"], &erased["note"]), (&json!(null), &json!(null)));
    assert_eq!(erased["target_hash"].as_str().map(str::len), Some(64));
    bench.get("/api/suppressions?cursor=mia").await.problem(422, "impossible");
    bench.post("/api/suppressions", json!({ "targets": [] })).await.problem(400, "invalid-body");
    bench
        .post("/api/suppressions", json!({ "targets": ["a b"] }))
        .await
        .problem(400, "invalid-body");
}

fn task(targets: &[&str]) -> Value {
    json!({
        "kind": "engage", "account_id": "nord", "actions": ["follow"],
        "source": { "kind": "list" }, "targets": targets,
    })
}

#[tokio::test]
async fn a_task_is_looked_at_before_it_is_submitted() {
    let bench = Bench::open().await;
    bench.engage("nord", "ada", "follow").await;
    bench.post("/api/suppressions", json!({ "targets": ["ben"] })).await;
    let preview =
        bench.post("/api/tasks/preview", task(&["ada", "ben", "cid", "dan"])).await.json();
    assert_eq!((&preview["people"], &preview["engage"]["follow"]), (&json!(4), &json!(2)));
    assert_eq!(preview["refused"], json!({ "already_engaged": 1, "suppressed": 1 }));
    assert_eq!(bench.get("/api/tasks").await.json()["items"], json!([]), "nothing was submitted");
}

#[tokio::test]
async fn a_task_is_submitted_stopped_and_submitted_again() {
    let bench = Bench::open().await;
    let submit = |key: &'static str, body: Value| {
        read(bench.ask(Method::POST, "/api/tasks").header("idempotency-key", key).json(&body))
    };
    let first = submit("a", task(&["ada", "ben"])).await;
    assert_eq!((first.status, &first.json()["state"]), (201, &json!("queued")));
    let id = first.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(submit("a", task(&["ada", "ben"])).await.json()["id"], json!(id));
    let mut other = task(&["ada"]);
    other["actions"] = json!(["like"]);
    submit("a", other).await.problem(409, "conflict");

    let path = |what: &str| format!("/api/tasks/{id}/{what}");
    let ask = |what: &'static str| read(bench.ask(Method::POST, &path(what)));
    assert_eq!(ask("pause").await.json()["state"], "paused");
    assert_eq!(ask("resume").await.json()["state"], "queued");
    let moved = bench.post(&path("order"), json!({ "priority": 5, "ord": 1 })).await.json();
    assert_eq!((&moved["spec"]["priority"], &moved["ord"]), (&json!(5), &json!(1)));
    let people = bench.get(&path("candidates?limit=1")).await.json();
    assert_eq!(
        (&people["items"][0]["username"], &people["next_cursor"]),
        (&json!("ada"), &json!("1"))
    );
    let rest = bench.get(&path("candidates?limit=1&cursor=1&open=true")).await.json();
    assert_eq!(rest["items"][0]["username"], "ben");
    assert_eq!(ask("cancel").await.json()["state"], "cancelled");
    ask("resume").await.problem(409, "conflict");

    let clone = ask("clone").await;
    assert_eq!((clone.status, &clone.json()["progress"]["candidates"]), (201, &json!(2)));
    assert_ne!(clone.json()["id"], json!(id));
    let queued = bench.get("/api/tasks?state=queued&account_id=nord&kind=engage").await.json();
    assert_eq!(queued["items"].as_array().unwrap().len(), 1);
    bench.get("/api/tasks/none").await.problem(404, "not-found");
    bench.get("/api/tasks?state=sleeping").await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn a_task_that_cannot_work_is_refused_with_the_field_at_fault() {
    let bench = Bench::open().await;
    for (change, field) in [
        (json!({ "actions": [] }), "actions"),
        (json!({ "actions": ["comment"] }), "comments"),
        (json!({ "limit": 0 }), "limit"),
        (json!({ "source": { "kind": "hashtag" } }), "source"),
        (json!({ "schedule": { "kind": "cron", "expr": "* *", "time_zone": "UTC" } }), "schedule"),
        (json!({ "targets": ["ada", "Ada"] }), "targets"),
        (json!({ "targets": [] }), "targets"),
    ] {
        let mut wrong = task(&["ada"]);
        wrong.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let problem = bench.post("/api/tasks", wrong).await;
        let named = problem.json()["field"].as_str().unwrap_or_default().to_owned();
        assert!(problem.status == 422 && named.starts_with(field), "{field}: {}", problem.text);
    }
    assert_eq!(bench.get("/api/tasks").await.json()["items"], json!([]));
}

#[tokio::test]
async fn an_alert_is_seen_to_once() {
    let bench = Bench::open().await;
    assert_eq!(bench.get("/api/alerts?open=true").await.json()["items"], json!([]));
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    bench.post(&format!("/api/alerts/{id}/close"), json!({})).await.problem(404, "not-found");
}

#[tokio::test]
async fn the_clock_is_shown_and_confirmed() {
    let bench = Bench::open().await;
    assert_eq!(bench.get("/api/clock").await.json()["trouble"], json!(null));
    let confirmed = read(bench.ask(Method::POST, "/api/clock/confirm")).await.json();
    assert_eq!(confirmed["trouble"], json!(null));
}

#[tokio::test]
async fn what_is_not_there_and_what_is_not_possible_is_said_so() {
    let bench = Bench::open().await;
    bench.get("/api/nothing").await.problem(404, "not-found");
    let patched = read(bench.ask(Method::PATCH, "/api/settings")).await;
    patched.problem(405, "method-not-allowed");
    assert_eq!(patched.header("allow"), "GET, PUT, HEAD");
    let large = "x".repeat(2 * 1024 * 1024 + 1);
    let large = bench
        .ask(Method::POST, "/api/claims")
        .header("content-type", "application/json")
        .body(large);
    read(large).await.problem(413, "too-large");
    let broken = bench
        .ask(Method::POST, "/api/claims")
        .header("content-type", "application/json")
        .body("{\"a\":");
    read(broken).await.problem(400, "invalid-body");
    let id = bench.ask(Method::GET, "/healthz").header("x-request-id", "mine-1");
    assert_eq!(read(id).await.header("x-request-id"), "mine-1");
    assert_eq!(bench.get("/healthz").await.header("x-request-id").len(), 36);
}

#[tokio::test]
async fn every_problem_and_every_operation_is_described() {
    let bench = Bench::open().await;
    let document = bench.get("/api/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let page = bench.get("/docs").await.text;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("id=\"{id}\"")), "{method} {path} is not on the page");
            assert!(!operation["summary"].as_str().unwrap().is_empty());
        }
    }
    let text = document.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(document.pointer(pointer).is_some(), "{pointer} leads nowhere");
    }
    assert_eq!(bench.get("/problems/refused").await.status, 200);
    bench.get("/problems/nonsense").await.problem(400, "invalid-parameter");
}
