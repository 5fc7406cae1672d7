//! The log over HTTP: pages, filters, export, and proof.

#![allow(clippy::expect_used, clippy::unwrap_used, clippy::panic, reason = "a test may fail")]

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Bench, read};

async fn some(bench: &Bench) {
    for name in ["ada", "ben", "cid", "dan", "eve"] {
        bench.engage("nord", name, "like").await;
    }
    bench.engage("sued", "ada", "follow").await;
}

#[tokio::test]
async fn pages_have_no_gaps_and_no_repeats() {
    let bench = Bench::open().await;
    some(&bench).await;
    let (mut ids, mut cursor, mut pages) = (Vec::new(), None::<String>, 0);
    loop {
        let from = cursor.map(|c| format!("&cursor={c}")).unwrap_or_default();
        let page =
            bench.get(&format!("/api/interactions/events?limit=2&order=oldest{from}")).await.json();
        let items = page["items"].as_array().unwrap().clone();
        assert!(items.len() <= 2);
        ids.extend(items.iter().map(|e| e["id"].as_str().unwrap().to_owned()));
        pages += 1;
        cursor = page["next_cursor"].as_str().map(str::to_owned);
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!((ids.len(), ids.iter().collect::<BTreeSet<_>>().len()), (6, 6));
    assert!(pages >= 3);
    let newest = bench.get("/api/interactions/events").await.json();
    assert_eq!(newest["items"][0]["id"], json!(ids[5]), "newest first unless asked otherwise");
}

#[tokio::test]
async fn every_filter_narrows_the_log() {
    let bench = Bench::open().await;
    some(&bench).await;
    let count = |query: &'static str| {
        let bench = &bench;
        async move {
            let page = bench.get(&format!("/api/interactions/events?{query}")).await.json();
            page["items"].as_array().unwrap_or_else(|| panic!("{page}")).len()
        }
    };
    assert_eq!(count("account_id=sued").await, 1);
    assert_eq!(count("target_username=@ADA").await, 2);
    assert_eq!(count("target_username=ada&action=like").await, 1);
    assert_eq!(count("status=failed").await, 0);
    assert_eq!(count("error_class=rate_limited").await, 0);
    assert_eq!(count("task_id=t1").await + count("device_id=d1").await, 0);
    assert_eq!(count("from=2999-01-01T00:00:00Z").await, 0);
    assert_eq!(count("to=0001-01-01T00:00:00Z").await, 0);
    assert_eq!(count("from=1970-01-01T02:00:00%2B02:00&to=2999-01-01T00:00:00Z").await, 6);
}

#[tokio::test]
async fn a_misspelt_filter_is_named_instead_of_matching_everything() {
    let bench = Bench::open().await;
    for (query, field) in [
        ("acount_id=nord", "acount_id"),
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=+5", "limit"),
        ("action=folow", "action"),
        ("from=yesterday", "from"),
        ("account_id=a%20b", "account_id"),
        ("order=up", "order"),
        ("account_id=a&account_id=b", "account_id"),
    ] {
        let problem = bench
            .get(&format!("/api/interactions/events?{query}"))
            .await
            .problem(400, "invalid-parameter");
        assert_eq!(problem["field"], field, "{problem}");
    }
    let strange = bench.get("/api/interactions/events?cursor=elsewhere").await;
    assert_eq!(strange.problem(422, "impossible")["field"], "cursor");
}

#[tokio::test]
async fn an_export_is_the_log_in_every_format() {
    let bench = Bench::open().await;
    some(&bench).await;
    let csv = bench.get("/api/interactions/export?format=csv").await;
    assert!(csv.header("content-type").starts_with("text/csv"));
    assert!(
        csv.header("content-disposition").contains("decorum-20")
            && csv.header("content-disposition").ends_with(".csv\"")
    );
    assert_eq!(csv.text.lines().count(), 7, "a header and six events");
    let json = bench.get("/api/interactions/export?format=json&account_id=sued").await.json();
    assert_eq!(json.as_array().unwrap().len(), 1);
    let lines = bench.get("/api/interactions/export?format=jsonl&order=newest").await.text;
    let events: Vec<Value> = lines.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    let listed = bench.get("/api/interactions/events").await.json();
    assert_eq!(json!(events), listed["items"], "the same events as the list's");

    // Compressed, as browsers ask for it.
    let packed = bench
        .ask(Method::GET, "/api/interactions/export?format=csv")
        .header("accept-encoding", "gzip");
    let packed = packed.send().await.unwrap();
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    assert!(packed.bytes().await.unwrap().starts_with(&[0x1f, 0x8b]));
    bench.get("/api/interactions/export").await.problem(400, "invalid-parameter");
}

#[tokio::test]
async fn a_person_is_known_and_then_erased() {
    let bench = Bench::open().await;
    some(&bench).await;
    let known = bench.get("/api/targets/@Ada").await.json();
    assert_eq!(
        (known["suppressed"].clone(), known["events"].as_array().unwrap().len()),
        (json!(false), 2)
    );
    let like = known["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .find(|a| a["account_id"] == "nord" && a["action"] == "like")
        .unwrap();
    assert_eq!(like["reason"], "already_engaged");

    let list = json!({
        "kind": "engage", "account_id": "nord", "actions": ["follow"],
        "source": { "kind": "list" }, "targets": ["ada", "zoe"],
    });
    assert_eq!(bench.post("/api/tasks", list).await.status, 201);
    let erased = bench.delete("/api/targets/ada").await.json();
    assert_eq!((&erased["events"], &erased["traces"]), (&json!(2), &json!([])));
    assert_eq!(erased["candidates"], 1);
    assert_eq!(bench.get("/api/suppressions/ada").await.json()["suppressed"], true);
    let export = bench.get("/api/interactions/export?format=jsonl").await.text;
    assert!(!export.contains("\"ada\""), "{export}");
    let audit = bench.get("/api/audit/verify").await.json();
    assert_eq!((&audit["intact"], &audit["findings"]), (&json!(true), &json!([])));
    assert_eq!(
        audit["accounts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|a| a["erased"].as_u64().unwrap())
            .sum::<u64>(),
        2
    );
}

#[tokio::test]
async fn metrics_count_what_is_on_the_log() {
    let bench = Bench::open().await;
    some(&bench).await;
    let counts = bench.get("/api/metrics?step=hour").await.json();
    assert_eq!((&counts["events"], &counts["by_action"]["like"]), (&json!(6), &json!(5)));
    assert_eq!(counts["success_rate"], 1.0);
    let again = "/api/check?account_id=nord&target_username=ada&action=like";
    for asked in [6, 7] {
        assert_eq!(bench.get(again).await.json()["engage"], false);
        // Six claims and these questions; what the first found out, the second knew.
        let cache = &bench.get("/api/metrics").await.json()["cache"];
        assert_eq!((&cache["asked"], &cache["hits"]), (&json!(asked + 1), &json!(asked - 6)));
    }
    assert_eq!(bench.get("/api/metrics").await.json()["cache"]["hit_rate"], 0.125);
    let text = bench.get("/metrics").await;
    assert!(text.header("content-type").starts_with("text/plain; version=0.0.4"));
    assert!(text.text.contains("decorum_events_total{status=\"success\"} 6"), "{}", text.text);
    assert!(
        text.text
            .contains("decorum_http_requests_total{route=\"POST /api/claims\",status=\"201\"} 6")
    );
    assert!(!text.text.contains("nord") && !text.text.contains("ada"), "no names");
}

#[tokio::test]
async fn a_cleanup_counts_first_and_then_removes() {
    let bench = Bench::open().await;
    let claim = bench.claim("nord", "ada", "like").await;
    bench.post(&format!("/api/claims/{claim}/release"), json!({})).await;
    let path = "/api/interactions/cleanup";
    let dry = bench.post(path, json!({ "dry_run": true })).await.json();
    assert_eq!((&dry["expired_latest"], &dry["events_removed"]), (&json!(0), &json!(0)));
    let done = bench.post(path, json!({})).await.json();
    assert_eq!((&done["more"], &done["broken"]), (&json!(false), &json!([])));
    bench.post(path, json!({ "dryrun": true })).await.problem(400, "invalid-body");
    let nothing = bench.ask(Method::POST, path);
    read(nothing).await.problem(415, "unsupported-media-type");
}
