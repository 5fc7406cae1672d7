//! The way of an automator in another language: check, claim, act, report.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use reqwest::Method;
use serde_json::json;

use crate::support::{Bench, read};

#[tokio::test]
async fn a_claim_is_granted_once_and_its_outcome_closes_the_window() {
    let bench = Bench::open().await;
    let check = "/api/check?account_id=nord&target_username=@Ines&action=follow";
    assert_eq!(bench.get(check).await.json()["engage"], true);

    let claim = bench.claim("nord", "ines", "follow").await;
    let wish = json!({ "account_id": "nord", "target_username": "Ines", "action": "follow" });
    let refused = bench.post("/api/claims", wish.clone()).await.problem(409, "refused");
    assert_eq!(refused["reason"], "claimed");

    let told = json!({ "status": "success" });
    let done = bench.post(&format!("/api/claims/{claim}/outcome"), told).await.json();
    assert_eq!((&done["status"], &done["next"]), (&json!("success"), &json!("continue")));
    assert_eq!((&done["error_class"], &done["recorded"]), (&json!(null), &json!("settled")));

    let refused = bench.post("/api/claims", wish).await;
    assert!(!refused.header("retry-after").is_empty());
    assert_eq!(refused.problem(409, "refused")["reason"], "already_engaged");
    assert_eq!(bench.get(check).await.json()["reason"], "already_engaged");
}

#[tokio::test]
async fn what_the_app_says_moves_the_breaker() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "follow").await;
    let said = json!({ "text": "Try Again Later. We restrict certain activity to protect our community.", "where": "dialog", "locale": "en" });
    let answer = bench.post(&format!("/api/claims/{claim}/outcome"), said).await.json();
    assert_eq!(answer["status"], "failed");
    assert!(["rate_limited", "action_blocked"].contains(&answer["error_class"].as_str().unwrap()));
    assert_eq!(answer["next"], "wait");
    assert!(answer["until"].is_string());

    let wish = json!({ "account_id": "nord", "target_username": "mia", "action": "like" });
    let refused = bench.post("/api/claims", wish).await.problem(409, "refused");
    assert_eq!(refused["reason"], "account_backoff");
    assert_eq!(refused["retry_at"], answer["until"]);
    let states = bench.get("/api/accounts/states").await.json();
    assert_eq!(states["items"][0]["state"], "backoff");
}

#[tokio::test]
async fn a_bio_that_says_the_same_stops_nobody() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "like").await;
    let said = json!({ "text": "Try again later", "where": "bio", "status": "success" });
    let answer = bench.post(&format!("/api/claims/{claim}/outcome"), said).await.json();
    assert_eq!((&answer["status"], &answer["next"]), (&json!("success"), &json!("continue")));
}

#[tokio::test]
async fn words_that_nobody_taught_call_a_person() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "follow").await;
    let said = json!({ "text": "Zwölf Boxkämpfer jagen Viktor", "where": "dialog" });
    let answer = bench.post(&format!("/api/claims/{claim}/outcome"), said).await.json();
    assert_eq!((&answer["error_class"], &answer["next"]), (&json!("unknown"), &json!("stop")));
    let cleared = bench.post("/api/accounts/nord/clear", json!({ "note": "harmless" })).await;
    assert_eq!(cleared.json()["state"], "active");
    let log = bench.get("/api/admin-log").await.json();
    assert_eq!(
        (&log["items"][0]["what"], &log["items"][0]["who"]),
        (&json!("account.cleared"), &json!("api:local"))
    );
}

#[tokio::test]
async fn the_same_key_is_the_same_claim() {
    let bench = Bench::open().await;
    let wish = json!({ "account_id": "nord", "target_username": "ines", "action": "follow" });
    let ask = |key: &'static str, body: serde_json::Value| {
        read(bench.ask(Method::POST, "/api/claims").header("idempotency-key", key).json(&body))
    };
    let first = ask("k1", wish.clone()).await;
    let again = ask("k1", wish.clone()).await;
    assert_eq!((first.status, again.status), (201, 201));
    assert_eq!(first.json(), again.json());
    assert_eq!(ask("k2", wish.clone()).await.problem(409, "refused")["reason"], "claimed");
    let other = json!({ "account_id": "nord", "target_username": "mia", "action": "follow" });
    ask("k1", other).await.problem(409, "conflict");

    let id = first.json()["claim_id"].as_str().unwrap().to_owned();
    bench.post(&format!("/api/claims/{id}/outcome"), json!({ "status": "success" })).await;
    let settled = ask("k1", wish).await.problem(409, "refused");
    assert!(["claim_settled", "already_engaged"].contains(&settled["reason"].as_str().unwrap()));
}

#[tokio::test]
async fn an_outcome_told_twice_is_recorded_once() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "follow").await;
    let path = format!("/api/claims/{claim}/outcome");
    let first = bench.post(&path, json!({ "status": "success" })).await.json();
    let again =
        bench.post(&path, json!({ "status": "failed", "error_class": "network" })).await.json();
    assert_eq!(again["recorded"], "repeated");
    assert_eq!((&again["event_id"], &again["status"]), (&first["event_id"], &json!("success")));
    let events = bench.get("/api/interactions/events").await.json();
    assert_eq!(events["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_claim_that_nobody_made_is_not_found() {
    let bench = Bench::open().await;
    let id = "01890a5d-ac96-774b-bcce-b302099a8057";
    for (what, body) in [
        ("outcome", json!({ "status": "success" })),
        ("release", json!({})),
        ("reconcile", json!({ "finding": "done" })),
    ] {
        bench.post(&format!("/api/claims/{id}/{what}"), body).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_claim_given_back_can_be_claimed_at_once() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "follow").await;
    let answer = bench.post(&format!("/api/claims/{claim}/release"), json!({})).await.json();
    assert_eq!((&answer["status"], &answer["next"]), (&json!("retry"), &json!("continue")));
    bench.claim("nord", "ines", "follow").await;
    let event = bench.get("/api/interactions/events?status=retry").await.json();
    assert_eq!(event["items"][0]["reason"], "released");
}

#[tokio::test]
async fn a_claim_whose_lease_ran_out_is_in_doubt_until_somebody_looked() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "follow").await;
    bench
        .post(&format!("/api/claims/{claim}/reconcile"), json!({ "finding": "done" }))
        .await
        .problem(409, "conflict");

    // The keeper is told that the lease is over, instead of waiting for it.
    let later = "2999-01-01T00:00:00Z".parse().unwrap();
    assert_eq!(bench.store.lapse(None, &[], later).await.unwrap(), 1);
    let doubts = bench.get("/api/claims").await.json();
    assert_eq!(doubts["items"][0]["claim_id"], json!(claim));
    assert_eq!(doubts["items"][0]["holder"], "sidecar api:local");
    let wish = json!({ "account_id": "nord", "target_username": "ines", "action": "follow" });
    assert_eq!(bench.post("/api/claims", wish).await.problem(409, "refused")["reason"], "in_doubt");

    let answer = bench
        .post(&format!("/api/claims/{claim}/reconcile"), json!({ "finding": "cannot_tell" }))
        .await
        .json();
    assert_eq!(answer["status"], "success");
    assert_eq!(bench.get("/api/claims").await.json()["items"], json!([]));
    let event = bench.get("/api/interactions/events").await.json();
    assert_eq!(event["items"][0]["reason"], "presumed");
    assert_eq!(event["items"][1]["reason"], "in_doubt");
}

#[tokio::test]
async fn ten_thousand_people_are_checked_at_once_in_order() {
    let bench = Bench::open().await;
    bench.engage("nord", "p7", "follow").await;
    let names: Vec<String> = (0..10_000).map(|n| format!("p{n}")).collect();
    let asked = json!({ "account_id": "nord", "action": "follow", "targets": names });
    let answer = bench.post("/api/check", asked).await;
    assert_eq!(answer.status, 200);
    let items = answer.json()["items"].as_array().unwrap().clone();
    assert_eq!(items.len(), 10_000);
    for (n, item) in items.iter().enumerate() {
        assert_eq!(item["target_username"], names[n]);
        assert_eq!(item["engage"], n != 7, "{item}");
    }
    let names: Vec<String> = (0..10_001).map(|n| format!("p{n}")).collect();
    let asked = json!({ "account_id": "nord", "action": "follow", "targets": names });
    assert_eq!(
        bench.post("/api/check", asked).await.problem(400, "invalid-body")["field"],
        "targets"
    );
}

#[tokio::test]
async fn an_outcome_that_says_nothing_changes_nothing() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ines", "follow").await;
    let path = format!("/api/claims/{claim}/outcome");
    for (body, field) in [
        (json!({}), "status"),
        (json!({ "status": "dedupe_hit" }), "status"),
        (json!({ "status": "failed" }), "error_class"),
    ] {
        assert_eq!(bench.post(&path, body).await.problem(422, "impossible")["field"], field);
    }
    let misspelt = json!({ "status": "success", "latency": 3 });
    bench.post(&path, misspelt).await.problem(400, "invalid-body");
    let told = bench.post(&path, json!({ "status": "success" })).await.json();
    assert_eq!(told["recorded"], "settled", "the claim was still open");
}
