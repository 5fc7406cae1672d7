//! Looking after the store: cleanup, forgetting a person, metrics.

#![allow(clippy::expect_used, reason = "a broken arrangement is a failed test")]

use std::fs;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use decorum_core::{
    Action, ClaimId, ClaimRequest, EventId, Jitter, Key, Metadata, Observation, Outcome, Platform,
    Refusal, RefusalReason, Salt, Seen, Settings, Stamp, Timestamp,
};
use decorum_store::{ClaimVerdict, Store, open_store, open_store_read_only};
use serde_json::{Value, json};

use crate::support::{Sandbox, Sim};

const DAY: Duration = Duration::from_hours(24);

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970");
    Timestamp::from_millis(i64::try_from(since.as_millis()).expect("before 9999"))
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(work)
}

fn address(sandbox: &Sandbox) -> String {
    format!("sqlite:{}", sandbox.path("decorum.db").display())
}

/// Writes into the sandbox's store what happened long ago.
fn with_store<F: Future<Output = ()>>(sandbox: &Sandbox, write: impl FnOnce(Arc<dyn Store>) -> F) {
    block_on(async {
        let store = open_store(&address(sandbox)).await.expect("a store");
        write(Arc::clone(&store)).await;
        store.close().await.expect("closed");
    });
}

fn key(target: &str) -> Key {
    Key {
        platform: Platform::Instagram,
        account_id: "studio.nord".parse().expect("an account"),
        target_username: target.parse().expect("a person"),
        action: Action::Follow,
    }
}

fn stamp(now: Timestamp) -> Stamp {
    Stamp { event_id: uuid().parse::<EventId>().expect("an id"), salt: Salt([3; 16]), now }
}

fn uuid() -> String {
    let (a, b) = (fastrand::u64(..), fastrand::u64(..));
    format!(
        "{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}",
        a >> 32,
        a & 0xffff,
        (a >> 16) & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

fn seen(target: &str, what: Seen, at: Timestamp) -> Observation {
    Observation {
        key: key(target),
        seen: what,
        reason: None,
        detail: String::new(),
        task_id: None,
        device_id: None,
        session_id: None,
        latency_ms: Some(900),
        metadata: Metadata::default(),
        jitter: Jitter::default(),
        stamp: stamp(at),
    }
}

/// `n` events, of people engaged and people refused in turn, a minute apart from `days` ago on.
async fn long_ago(store: &dyn Store, n: u32, days: u32) {
    let start = now().minus(DAY * days);
    let mut batch = Vec::new();
    for i in 0..n {
        let at = start.plus(Duration::from_mins(u64::from(i)));
        let what = match i % 2 {
            0 => Seen::Outcome(Outcome::Success { presumed: false }),
            _ => Seen::Refused(Refusal::new(RefusalReason::AlreadyEngaged, None)),
        };
        batch.push(seen(&format!("person{:04}", i / 2), what, at));
        if batch.len() == 1_000 || i + 1 == n {
            let ready = std::mem::take(&mut batch);
            store.observe(&Settings::default(), ready).await.expect("recorded");
        }
    }
}

fn old_log(n: u32) -> Sandbox {
    let sandbox = Sandbox::brisk();
    with_store(&sandbox, |store| async move {
        long_ago(store.as_ref(), n, 100).await;
        store
            .observe(
                &Settings::default(),
                vec![seen(
                    "newest",
                    Seen::Refused(Refusal::new(RefusalReason::TooSoon, None)),
                    now(),
                )],
            )
            .await
            .expect("recorded");
    });
    sandbox
}

#[test]
fn cleanup_removes_what_is_old_and_the_audit_says_so() {
    let sandbox = old_log(20);
    let dry = sandbox.decorum(&["cleanup", "--dry-run", "--json"]).expect(0).json();
    assert_eq!((&dry["expired_latest"], &dry["events_removed"]), (&json!(10), &json!(0)));
    sandbox.decorum(&["settings", "set", "retention_days=90"]).expect(0);
    sandbox.decorum(&["cleanup", "--dry-run"]).expect(0).says("20 events past retention would be");
    assert_eq!(sandbox.events().len(), 21, "a dry run changes nothing");

    sandbox.decorum(&["cleanup"]).expect(0).says("10 expired rows and 20 events past retention");

    assert_eq!(sandbox.events().len(), 1);
    sandbox
        .decorum(&["audit", "verify"])
        .expect(0)
        .says("21 events")
        .says("events 1 to 20 were cleaned up on purpose");
    let report = sandbox.decorum(&["audit", "verify", "--json"]).expect(0).json();
    assert_eq!(report["accounts"][0]["checkpoint"]["head"]["seq"], 20);
    let again = sandbox.decorum(&["cleanup", "--json"]).expect(0).json();
    assert_eq!((&again["expired_latest"], &again["events_removed"]), (&json!(0), &json!(0)));
    // What happened is still counted.
    let metrics = sandbox.decorum(&["metrics", "--json"]).expect(0).json();
    assert_eq!(metrics["events"], 21);
    assert_eq!(metrics["by_status"]["success"], 10);
}

#[test]
fn cleanup_keeps_events_unless_told_otherwise() {
    let sandbox = old_log(4);
    sandbox.decorum(&["cleanup"]).expect(0).says("2 expired rows and 0").says("retention_days");
    assert_eq!(sandbox.events().len(), 5);
}

#[test]
fn cleanup_of_a_broken_log_takes_no_evidence_with_it() {
    let sandbox = Sandbox::brisk();
    let place = sandbox.path("evidence/a.png").display().to_string();
    with_store(&sandbox, |store| async move {
        long_ago(store.as_ref(), 6, 100).await;
        with_evidence(store.as_ref(), "eve", 90, &place).await;
        with_evidence(store.as_ref(), "newest", 0, "").await;
    });
    sandbox.decorum(&["settings", "set", "retention_days=30"]).expect(0);
    fs::create_dir(sandbox.path("evidence")).expect("a folder");
    let picture = sandbox.write("evidence/a.png", "content");
    let path = sandbox.path("decorum.db");
    let mut bytes = fs::read(&path).expect("the database");
    let mut at = 0;
    // The name of one person becomes another one, wherever it stands.
    while let Some(found) = bytes[at..].windows(10).position(|w| w == b"person0001") {
        at += found + 9;
        bytes[at] = b'7';
    }
    assert!(at > 0);
    fs::write(&path, bytes).expect("written");
    let told = sandbox.decorum(&["cleanup"]).expect(4);
    assert!(told.err.contains("studio.nord is broken"), "{}", told.err);
    assert!(told.err.contains("no event of it was removed"), "{}", told.err);
    assert!(told.err.contains("a.png stays: the log of studio.nord is broken"), "{}", told.err);
    assert_eq!(sandbox.events().len(), 8);
    assert!(picture.exists());
    sandbox.decorum(&["audit", "verify"]).expect(4);
}

#[test]
fn an_interrupted_cleanup_is_whole_and_goes_on() {
    let sandbox = old_log(30_000);
    sandbox.decorum(&["settings", "set", "retention_days=30"]).expect(0);
    let mut cleanup = sandbox
        .command(&["cleanup"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("it starts");
    block_on(async {
        let store = open_store_read_only(&address(&sandbox)).await.expect("a store");
        while store.accounts().await.expect("read")[0].account.checkpoint.is_none() {
            assert!(cleanup.try_wait().expect("a child").is_none(), "it ended early");
        }
    });
    let pid = cleanup.id().to_string();
    let kill = std::process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(kill.expect("kill").success());
    assert_eq!(cleanup.wait().expect("it ends").code(), Some(130));
    sandbox.decorum(&["audit", "verify"]).expect(0).says("cleaned up on purpose");
    let done = sandbox.decorum(&["cleanup", "--json"]).expect(0).json();
    assert!(done["events_removed"].as_u64().expect("a number") > 0);
    assert_eq!(sandbox.events().len(), 1);
    sandbox.decorum(&["audit", "verify"]).expect(0).says("events 1 to 30000");
}

/// The files under the sandbox in which the text stands.
fn files_with(sandbox: &Sandbox, text: &str) -> Vec<String> {
    let mut folders = vec![sandbox.path("")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read(&path)
                .expect("a file")
                .windows(text.len())
                .any(|w| w.eq_ignore_ascii_case(text.as_bytes()))
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}

const ODD: &str = "zq7.forget_me";

#[test]
fn a_forgotten_person_is_nowhere_and_never_engaged_again() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.write("list.txt", format!("alice\n{ODD}\nbob\n"));
    sandbox.run(&phone, "studio.nord", "follow,like", &list, &[]).expect(0);
    sandbox.decorum(&["suppress", ODD, "--note", "asked us"]).expect(0);
    let before = sandbox.decorum(&["audit", "verify", "--json"]).expect(0).json();
    fs::remove_file(&list).expect("the list is the operator's to remove");
    assert!(!files_with(&sandbox, ODD).is_empty());

    let forgotten = sandbox.decorum(&["target", "forget", ODD, "--json"]).expect(0).json();

    assert_eq!(forgotten["events"], 2);
    assert_eq!(forgotten["rows"], 2);
    assert_eq!(forgotten["traces"], json!([]));
    assert_eq!(files_with(&sandbox, ODD), Vec::<String>::new());
    let after = sandbox.decorum(&["audit", "verify", "--json"]).expect(0).json();
    assert_eq!(after["accounts"][0]["hash"], before["accounts"][0]["hash"]);
    assert_eq!(after["accounts"][0]["erased"], 2);
    sandbox.decorum(&["audit", "verify"]).expect(0).says("2 events have lost their person");
    sandbox.decorum(&["check", "studio.nord", "view", ODD]).expect(3).says("suppressed");

    let list = sandbox.write("list.txt", ODD);
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("1 suppressed");
    fs::remove_file(&list).expect("removed");
    assert_eq!(files_with(&sandbox, ODD), Vec::<String>::new(), "refused without the name");
    phone.expect_nobody_twice();

    sandbox.decorum(&["target", "forget", "@Zq7.Forget_Me"]).expect(0).says("forgotten: 0 events");
    sandbox.decorum(&["target", "forget", "not a name"]).expect(2);
}

#[test]
fn pictures_of_a_forgotten_person_go_too_and_no_other_file() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("evidence")).expect("a folder");
    for name in ["evidence/a.png", "evidence/a.xml", "evidence/b.png", "elsewhere.png"] {
        sandbox.write(name, "content");
    }
    let kept = |name: &str| sandbox.path(name).display().to_string();
    let places = [kept("evidence/a.png"), kept("elsewhere.png"), kept("evidence/../elsewhere.png")];
    with_store(&sandbox, |store| async move {
        for place in places {
            let mut one = seen(ODD, Seen::Outcome(Outcome::Retry(None)), now());
            one.metadata = Metadata::new(&json!({ "evidence": place })).expect("metadata");
            store.observe(&Settings::default(), vec![one]).await.expect("recorded");
        }
    });
    let ended = sandbox.decorum(&["target", "forget", ODD, "--json"]).expect(1);
    let forgotten = ended.json();
    ended.says("elsewhere.png is not in ");
    assert_eq!((&forgotten["events"], &forgotten["evidence_files"]), (&json!(3), &json!(2)));
    let left = |name: &str| sandbox.path(name).exists();
    assert!(!left("evidence/a.png") && !left("evidence/a.xml"));
    assert!(left("evidence/b.png") && left("elsewhere.png"));
}

/// A retry of somebody, so many days ago, with evidence at `place`.
async fn with_evidence(store: &dyn Store, person: &str, days: u32, place: &str) {
    let at = now().minus(DAY * days);
    let mut one = seen(person, Seen::Outcome(Outcome::Retry(None)), at);
    one.metadata = Metadata::new(&json!({ "evidence": place })).expect("metadata");
    store.observe(&Settings::default(), vec![one]).await.expect("recorded");
}

#[test]
fn pictures_are_found_however_the_folder_was_spelt() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("evidence")).expect("a folder");
    let here = |name: &str| sandbox.path(name).display().to_string();
    let places = [
        here("evidence/../evidence/a.png"),
        "data/evidence/b.xml".to_owned(),
        "/where/it/lay/before/evidence/c.png".to_owned(),
        "/on/another/machine/evidence/d.png".to_owned(),
        here("other/evidence/e.png"),
    ];
    fs::create_dir_all(sandbox.path("other/evidence")).expect("a folder");
    for name in ["a.png", "b.xml", "b.png", "c.xml", "e.png", "f.png"] {
        sandbox.write(&format!("evidence/{name}"), "content");
    }
    sandbox.write("other/evidence/e.png", "content");
    with_store(&sandbox, |store| async move {
        for place in places {
            with_evidence(store.as_ref(), ODD, 0, &place).await;
        }
    });
    std::os::unix::fs::symlink(sandbox.path(""), sandbox.path("link")).expect("a link");
    let linked = sandbox.path("link");
    let args = ["target", "forget", ODD, "--json", "--data-dir", linked.to_str().expect("UTF-8")];
    let ended = sandbox.decorum(&args).expect(1);
    let forgotten = ended.json();
    assert_eq!((&forgotten["events"], &forgotten["evidence_files"]), (&json!(5), &json!(4)));
    let left: Vec<_> = fs::read_dir(sandbox.path("evidence"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert!(left.len() == 2 && left.iter().all(|name| name == "e.png" || name == "f.png"));
    assert!(sandbox.path("other/evidence/e.png").exists(), "not ours to remove");
    let traces = forgotten["traces"].as_array().expect("a list");
    assert_eq!(traces.len(), 2, "{traces:?}");
    ended
        .says("/on/another/machine/evidence/d.png is not here")
        .says("other/evidence/e.png is not in");
}

#[test]
fn cleanup_takes_the_pictures_of_the_events_with_it() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("evidence")).expect("a folder");
    let here = |name: &str| sandbox.path("evidence").join(name);
    for name in ["old.png", "old.xml", "young.png", "newest.png", "of_nobody.png"] {
        fs::write(here(name), "content").expect("a file");
    }
    let place = |name: &str| here(name).display().to_string();
    let (old, young, gone) = (place("old.png"), place("young.png"), place("gone.png"));
    with_store(&sandbox, |store| async move {
        with_evidence(store.as_ref(), "alice", 100, &old).await;
        with_evidence(store.as_ref(), "bob", 99, &gone).await;
        with_evidence(store.as_ref(), "cleo", 10, &young).await;
    });
    sandbox.decorum(&["cleanup"]).expect(0).says("0 events past retention removed");
    assert!(here("old.png").exists(), "events are kept, and what belongs to them");

    sandbox.decorum(&["settings", "set", "retention_days=30"]).expect(0);
    let dry = sandbox.decorum(&["cleanup", "--dry-run", "--json"]).expect(0).json();
    assert_eq!((&dry["events_removed"], &dry["evidence_files"]), (&json!(2), &json!(2)));
    assert!(here("old.png").exists(), "a dry run changes nothing");
    sandbox
        .decorum(&["cleanup"])
        .expect(0)
        .says("2 events past retention, with 2 files of evidence removed")
        .says("gone.png is not here");
    let left = |name: &str| here(name).exists();
    assert!(!left("old.png") && !left("old.xml"));
    assert!(left("young.png") && left("newest.png") && left("of_nobody.png"));
    let again = sandbox.decorum(&["cleanup", "--json"]).expect(0).json();
    assert_eq!(again["evidence_files"], 0);
}

#[test]
fn the_pictures_of_an_event_that_stays_stay() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("evidence")).expect("a folder");
    let newest = sandbox.write("evidence/newest.png", "content");
    let place = newest.display().to_string();
    with_store(&sandbox, |store| async move {
        with_evidence(store.as_ref(), "alice", 100, &place).await;
    });
    sandbox.decorum(&["settings", "set", "retention_days=30"]).expect(0);
    sandbox.decorum(&["cleanup"]).expect(0).says("0 events past retention removed");
    assert!(newest.exists());
}

fn claim(sandbox: &Sandbox, at: Timestamp) {
    with_store(sandbox, |store| async move {
        let request = ClaimRequest {
            claim_id: uuid().parse::<ClaimId>().expect("an id"),
            key: key(ODD),
            holder: "somebody on another machine".parse().expect("a holder"),
            account_fence: None,
            task_id: None,
            device_id: None,
            metadata: Metadata::default(),
            now: at,
        };
        let verdict = store.claim(&Settings::default(), request).await.expect("an answer");
        assert!(matches!(verdict, ClaimVerdict::Granted(_)), "{verdict:?}");
    });
}

#[test]
fn a_claim_in_doubt_is_settled_and_one_under_way_is_waited_for() {
    let sandbox = Sandbox::new();
    claim(&sandbox, now());
    sandbox.decorum(&["target", "forget", ODD]).expect(5).says("is held by");
    assert!(!files_with(&sandbox, ODD).is_empty());

    let sandbox = Sandbox::new();
    claim(&sandbox, now().minus(DAY));
    let told = sandbox.decorum(&["target", "forget", ODD]).expect(0);
    assert!(told.err.contains("was in doubt; it counts as done now"), "{}", told.err);
    assert!(told.out.contains("forgotten: 1 event "), "{}", told.out);
    assert_eq!(files_with(&sandbox, ODD), Vec::<String>::new());
    let metrics = sandbox.decorum(&["metrics", "--json"]).expect(0).json();
    assert_eq!(metrics["by_status"]["success"], 1);
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn metrics_are_a_table_for_people_and_a_document_for_programs() {
    let sandbox = old_log(2_000);
    let told = sandbox.decorum(&["metrics"]).expect(0);
    assert!(told.out.contains("events             2,001"), "{}", told.out);
    assert!(told.out.contains("success rate     100.0 %"), "{}", told.out);
    assert!(told.out.contains("success 1,000, dedupe_hit 1,001"), "{}", told.out);
    assert!(!told.out.contains('█'), "no bars in a file");

    let days = sandbox.decorum(&["metrics", "--json"]).expect(0).json();
    let hours = sandbox.decorum(&["metrics", "--step", "hour", "--json"]).expect(0).json();
    let sum = |m: &Value| -> u64 {
        let series = m["series"].as_array().expect("a series");
        series.iter().map(|p| p["events"].as_u64().expect("a number")).sum()
    };
    assert_eq!((sum(&days), sum(&hours)), (2_001, 2_001));
    assert!(hours["series"].as_array().expect("a series").len() > 30);
    assert_eq!(days["latency"]["max_ms"], 900);

    let from = now().minus(DAY).to_string();
    let today = sandbox.decorum(&["metrics", "--from", &from, "--json"]).expect(0).json();
    assert_eq!(today["events"], 1);
    let one = sandbox.decorum(&["metrics", "--account", "studio.nord", "--json"]).expect(0).json();
    assert_eq!(one["events"], 2_001);
    sandbox.decorum(&["metrics", "--account", "nobody"]).expect(2).says("no account nobody");
    sandbox.decorum(&["metrics", "--step", "week"]).expect(2).says("hour, day");
    sandbox.decorum(&["metrics", "--from", &from, "--to", &from]).expect(2).says("is not after");
}

#[test]
fn an_empty_store_has_metrics_and_nothing_to_clean() {
    let sandbox = Sandbox::new();
    sandbox.decorum(&["metrics"]).expect(0).says("events                 0");
    sandbox.decorum(&["cleanup"]).expect(0).says("0 expired rows and 0 events");
    sandbox.decorum(&["audit", "verify"]).expect(0).says("the log is empty");
}
