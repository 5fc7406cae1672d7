//! Of a phone: what can be one, and when one that does not answer is asked again.

use decorum_core::{DeviceRecord, DeviceState, Fence, InFront};
use serde_json::json;

use crate::support::{MINUTE, SECOND, account_id, noon};

fn phone() -> DeviceRecord {
    let accounts = vec![account_id("studio.nord")];
    DeviceRecord::new("shelf-1".parse().expect("a name"), "http://127.0.0.1:4723".into(), accounts)
}

/// The field at fault, once `change` was made.
fn fault(change: impl FnOnce(&mut DeviceRecord)) -> Option<String> {
    let mut phone = phone();
    change(&mut phone);
    phone.check().err().map(|error| error.field)
}

#[test]
fn every_state_has_a_word_of_its_own() {
    let unreachable = DeviceState::Unreachable { since: noon(), why: String::new(), failures: 1 };
    for (state, name) in [
        (DeviceState::Unknown, "unknown"),
        (DeviceState::Ready, "ready"),
        (unreachable, "unreachable"),
        (DeviceState::Disabled, "disabled"),
    ] {
        assert_eq!(state.name(), name);
    }
}

#[test]
fn an_address_is_one_of_a_server() {
    for url in ["http://127.0.0.1:4723", "https://phones.example/wd/hub"] {
        assert_eq!(fault(|phone| phone.url = url.into()), None, "{url}");
    }
    for url in ["", "127.0.0.1:4723", "ftp://127.0.0.1", "http://one two"] {
        assert_eq!(fault(|phone| phone.url = url.into()).as_deref(), Some("url"), "{url}");
    }
    let long = |length: usize| "http://".to_owned() + &"a".repeat(length - 7);
    assert_eq!(fault(|phone| phone.url = long(2_000)), None);
    assert_eq!(fault(|phone| phone.url = long(2_001)).as_deref(), Some("url"));
}

#[test]
fn an_udid_says_something_or_is_left_out() {
    for (udid, is_good) in [
        (None, true),
        (Some("00008110-0012".to_owned()), true),
        (Some("a".repeat(200)), true),
        (Some("a".repeat(201)), false),
        (Some(String::new()), false),
        (Some(" ".to_owned()), false),
    ] {
        let found = fault(|phone| phone.udid = udid.clone());
        assert_eq!(found.as_deref(), (!is_good).then_some("udid"), "{udid:?}");
    }
}

#[test]
fn accounts_are_few_and_each_is_named_once() {
    let many = |n: usize| (0..n).map(|n| account_id(&format!("studio.{n}"))).collect::<Vec<_>>();
    assert_eq!(fault(|phone| phone.account_ids = many(20)), None);
    assert_eq!(fault(|phone| phone.account_ids = many(21)).as_deref(), Some("account_ids"));
    assert_eq!(fault(|phone| phone.account_ids = many(0)), None);
    let twice = [many(2), many(1)].concat();
    assert_eq!(fault(|phone| phone.account_ids = twice).as_deref(), Some("account_ids"));
}

#[test]
fn capabilities_are_no_book() {
    // What surrounds the text: {"a":""}
    let filled = |bytes: usize| {
        move |phone: &mut DeviceRecord| {
            phone.capabilities.insert("a".into(), json!("b".repeat(bytes - 8)));
        }
    };
    assert_eq!(fault(filled(20_000)), None);
    assert_eq!(fault(filled(20_001)).as_deref(), Some("capabilities"));
}

#[test]
fn one_that_does_not_answer_is_asked_ever_more_seldom() {
    let mut phone = phone();
    assert_eq!(phone.retry_at(), None);
    let pauses = [5, 10, 20, 40, 80, 160, 300, 300].map(|seconds| SECOND * seconds);
    let mut now = noon();
    for (n, pause) in (1..).zip(pauses) {
        phone = phone.failed("no answer", now);
        let why = "no answer".to_owned();
        let state = DeviceState::Unreachable { since: noon(), why, failures: n };
        assert_eq!((&phone.state, phone.checked_at), (&state, Some(now)));
        assert_eq!(phone.retry_at(), Some(now.plus(pause)), "after {n}");
        now = now.plus(pause);
    }
    for _ in 0..100 {
        phone = phone.failed("no answer", now);
    }
    assert_eq!(phone.retry_at(), Some(now.plus(MINUTE * 5)));
    let phone = phone.answered(Some("an iPhone".into()), now);
    assert_eq!((phone.state.name(), phone.retry_at()), ("ready", None));
    assert_eq!(phone.answered(None, now).described.as_deref(), Some("an iPhone"));
}

#[test]
fn one_that_a_person_took_out_of_use_stays_so() {
    let disabled = DeviceRecord { state: DeviceState::Disabled, ..phone() };
    assert_eq!(disabled.clone().failed("no answer", noon()), disabled);
    assert_eq!(disabled.answered(None, noon()).state, DeviceState::Disabled);
}

#[test]
fn who_is_in_front_is_known_from_the_holder_before_or_from_there_being_only_one() {
    let front =
        |it: &DeviceRecord, fence| it.front_under(Fence::new(fence)).map(ToString::to_string);
    let with = |accounts: &[&str]| {
        let account_ids = accounts.iter().copied().map(account_id).collect();
        DeviceRecord { account_ids, ..phone() }
    };
    let mut two = with(&["ada", "bruno"]);
    assert_eq!(front(&two, 5), None);
    two.front = Some(InFront { account_id: account_id("bruno"), fence: Fence::new(4) });
    assert_eq!(front(&two, 5).as_deref(), Some("bruno"));
    assert_eq!(front(&two, 6), None, "somebody had the phone in between");
    assert_eq!(front(&two, 4), None, "that was another lease");
    assert_eq!(front(&with(&["ada"]), 9).as_deref(), Some("ada"));
    assert_eq!(front(&with(&[]), 9), None);
}
