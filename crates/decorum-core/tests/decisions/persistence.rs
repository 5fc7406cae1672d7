//! Whatever a store keeps reads back as it was written.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::{
    Account, AccountError, Breaker, Claim, ClaimRequest, Digest, Event, Finding, HaltReason, Head,
    Hold, Last, Latest, Lease, QuietHours, Refusal, RefusalReason, Settings,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::support::{
    Desk, HOUR, LIMITED, MINUTE, NETWORK, SUCCESS, claim_id, holder, metadata, noon,
};

fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Value {
    let text = serde_json::to_string(value).expect("json");
    assert_eq!(&serde_json::from_str::<T>(&text).expect(&text), value);
    // Also by way of a tree, as some stores and every nested document do.
    let tree = serde_json::to_value(value).expect("json");
    assert_eq!(&serde_json::from_value::<T>(tree.clone()).expect(&text), value);
    tree
}

#[test]
fn accounts_in_every_state() {
    let (since, until) = (noon(), noon().plus(MINUTE));
    let mut desk = Desk::new();
    desk.engage(SUCCESS);
    desk.next_person().engage(NETWORK);
    for breaker in [
        Breaker::Active,
        Breaker::Backoff { consecutive: 2, since, until, ramp: None },
        Breaker::Backoff { consecutive: 2, since, until, ramp: Some(since) },
        Breaker::HalfOpen { consecutive: 2, since, probe: claim_id(9), ramp: None },
        Breaker::Ramp { since },
        Breaker::Cooldown { since, until },
        Breaker::Halted {
            reason: HaltReason::UnknownMessage, detail: "„?“\n".to_owned(), since
        },
    ] {
        same(&breaker);
        same::<Account>(&Account { breaker, ..desk.account.clone() });
    }
    let tree = same(&desk.account);
    assert_eq!(tree["breaker"], json!({"state": "active"}));
    assert_eq!(tree["platform"], "instagram");
}

#[test]
fn an_unknown_state_or_field_of_a_breaker_is_not_read_as_active() {
    for text in [
        r#"{"state":"dreaming"}"#,
        "{}",
        r#"{"state":"backoff"}"#,
        r#"{"state":"cooldown","since":"2026-03-02T12:00:00Z","until":"soon"}"#,
    ] {
        assert!(serde_json::from_str::<Breaker>(text).is_err(), "{text}");
    }
}

#[test]
fn rows_free_claimed_and_in_doubt() {
    let mut desk = Desk::new();
    same(&desk.latest);
    let request = ClaimRequest {
        task_id: Some("task ä".parse().expect("a label")),
        device_id: Some("phone".parse().expect("a label")),
        metadata: metadata(&json!({"text": "schön, 👩‍🚀", "n": 0.1, "deep": [{"a": null}]})),
        ..desk.request()
    };
    let claim = desk.ask(request).expect("granted");
    same::<Claim>(&claim);
    let tree = same::<Latest>(&desk.latest);
    assert_eq!(tree["hold"]["state"], "claimed");
    desk.wait(HOUR).lapse(None);
    let tree = same(&desk.latest);
    assert_eq!(tree["hold"]["state"], "in_doubt");
    desk.reconcile(&claim, Finding::CannotTell);
    let tree = same(&desk.latest);
    assert_eq!(tree["hold"], json!({"state": "free"}));
    same::<Last>(&desk.latest.last.clone().expect("an outcome"));
    same::<Hold>(&desk.latest.hold);
}

#[test]
fn leases_errors_heads_and_refusals() {
    same(
        &Lease::acquire(None, "account:a", &holder("w@host:7"), None, HOUR, noon()).expect("free"),
    );
    let error: AccountError = Desk::new().engage(LIMITED).error.expect("an error");
    same(&error);
    same(&Head { seq: u64::MAX, hash: Digest::from_bytes([0xab; 32]) });
    same(&Refusal::new(RefusalReason::BudgetDay, Some(noon())));
    same(&Refusal::new(RefusalReason::InDoubt, None));
}

#[test]
fn settings_with_and_without_everything() {
    same(&Settings::default());
    let mut settings = Settings {
        quiet_hours: Some(QuietHours {
            from: "22:00".to_owned(),
            to: "07:30".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
        }),
        retention_days: Some(400),
        backoff_jitter: 0.1,
        ..Settings::default()
    };
    settings.budgets.like.day = None;
    same(&settings);
}

#[test]
fn an_event_shows_all_but_its_salt() {
    let mut desk = Desk::new();
    let event: Event = desk.engage(SUCCESS).event;
    let tree = serde_json::to_value(&event).expect("json");
    assert!(tree.get("salt").is_none());
    assert_eq!(tree["target_username"], "alice");
    assert_eq!(tree["ts"], "2026-03-02T12:00:00.000Z");
    assert_eq!(tree["hash"].as_str().map(str::len), Some(64));
    assert_eq!(tree["metadata"], json!({}));
}
