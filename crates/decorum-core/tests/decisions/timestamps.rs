//! Instants: read strictly, printed so that they sort, saturating at the edges.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::time::Duration;

use decorum_core::Timestamp;
use proptest::prelude::*;

#[test]
fn one_instant_has_one_text() {
    for (text, normal) in [
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31T10:30:00+01:00", "2026-01-31T09:30:00.000Z"),
        ("2026-01-31t09:30:00.5z", "2026-01-31T09:30:00.500Z"),
        (" 2026-01-31T09:30:00.123456789Z ", "2026-01-31T09:30:00.123Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
    ] {
        assert_eq!(text.parse::<Timestamp>().expect(text).to_string(), normal);
    }
    assert_eq!(Timestamp::MAX.to_string(), "9999-12-30T22:00:00.999Z");
    let text = Timestamp::from_millis(1_769_851_800_123).to_string();
    assert_eq!(text, "2026-01-31T09:30:00.123Z");
    assert_eq!(text.parse::<Timestamp>().expect("valid").as_millis(), 1_769_851_800_123);
}

#[test]
fn what_is_no_instant_is_told_how_to_write_one() {
    for text in [
        "",
        "now",
        "2026-01-31",
        "2026-01-31T09:30:00",
        "2026-02-30T00:00:00Z",
        "1234567890",
        "1969-12-31T23:59:59Z",
        "9999-12-31T23:59:59Z",
        "2026-01-31T25:00:00Z",
        "10000-01-01T00:00:00Z",
    ] {
        let error = text.parse::<Timestamp>().expect_err(text).to_string();
        assert!(error.contains("RFC 3339"), "{error}");
    }
    assert!("9".repeat(100_000).parse::<Timestamp>().expect_err("long").to_string().len() < 200);
}

#[test]
fn arithmetic_stops_at_the_edges() {
    let day = Duration::from_hours(24);
    assert_eq!(Timestamp::MAX.plus(day), Timestamp::MAX);
    assert_eq!(Timestamp::MIN.minus(day), Timestamp::MIN);
    assert_eq!(Timestamp::MIN.plus(Duration::MAX), Timestamp::MAX);
    assert_eq!(Timestamp::MAX.minus(Duration::MAX), Timestamp::MIN);
    assert_eq!(Timestamp::from_millis(i64::MIN), Timestamp::MIN);
    assert_eq!(Timestamp::from_millis(i64::MAX), Timestamp::MAX);
    let (early, late) = (Timestamp::from_millis(5), Timestamp::from_millis(9));
    assert_eq!(late.left(early), Duration::from_millis(4));
    assert_eq!(early.left(late), Duration::ZERO);
    assert_eq!(late.left(late), Duration::ZERO);
}

proptest! {
    #[test]
    fn texts_read_back_and_sort_as_instants_do(a in 0..=Timestamp::MAX.as_millis(), b in 0..=Timestamp::MAX.as_millis()) {
        let (a, b) = (Timestamp::from_millis(a), Timestamp::from_millis(b));
        prop_assert_eq!(a.to_string().parse::<Timestamp>(), Ok(a));
        prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
        prop_assert_eq!(Timestamp::from(a.to_jiff()), a);
        let json = serde_json::to_string(&a).expect("json");
        prop_assert_eq!(serde_json::from_str::<Timestamp>(&json).expect("back"), a);
    }

    #[test]
    fn so_do_those_at_the_far_end(back in 0..10_000_i64) {
        let t = Timestamp::from_millis(Timestamp::MAX.as_millis() - back);
        prop_assert_eq!(t.to_string().parse::<Timestamp>(), Ok(t));
        prop_assert_eq!(Timestamp::from(t.to_jiff()), t);
    }

    #[test]
    fn no_text_panics(text in prop_oneof!["\\PC*", "[0-9TZ:.+-]{0,40}"]) {
        if let Ok(t) = text.parse::<Timestamp>() {
            prop_assert!((Timestamp::MIN..=Timestamp::MAX).contains(&t));
        }
    }
}
