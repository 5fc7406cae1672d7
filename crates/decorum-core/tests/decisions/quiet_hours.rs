//! Quiet hours on the wall clock of a zone, midnight and changes of the clock included.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::{QuietHours, RefusalReason, Timestamp};

use crate::support::{Desk, MINUTE, TICK, at};

fn quiet(from: &str, to: &str, zone: &str) -> QuietHours {
    QuietHours { from: from.to_owned(), to: to.to_owned(), time_zone: zone.to_owned() }
}

fn until(hours: &QuietHours, now: &str) -> Option<Timestamp> {
    hours.quiet_until(at(now))
}

#[test]
fn within_a_day() {
    let hours = quiet("12:00", "14:30", "UTC");
    assert_eq!(until(&hours, "2026-03-02T11:59:59.999Z"), None);
    assert_eq!(until(&hours, "2026-03-02T12:00:00Z"), Some(at("2026-03-02T14:30:00Z")));
    assert_eq!(until(&hours, "2026-03-02T14:29:59.999Z"), Some(at("2026-03-02T14:30:00Z")));
    assert_eq!(until(&hours, "2026-03-02T14:30:00Z"), None);
}

#[test]
fn across_midnight() {
    let hours = quiet("22:00", "07:30", "UTC");
    assert_eq!(until(&hours, "2026-03-02T21:59:59Z"), None);
    assert_eq!(until(&hours, "2026-03-02T22:00:00Z"), Some(at("2026-03-03T07:30:00Z")));
    assert_eq!(until(&hours, "2026-03-02T23:59:59Z"), Some(at("2026-03-03T07:30:00Z")));
    assert_eq!(until(&hours, "2026-03-03T00:00:00Z"), Some(at("2026-03-03T07:30:00Z")));
    assert_eq!(until(&hours, "2026-03-03T07:30:00Z"), None);
    assert_eq!(until(&hours, "2026-12-31T23:00:00Z"), Some(at("2027-01-01T07:30:00Z")));
}

#[test]
fn on_the_wall_clock_of_the_zone() {
    let berlin = quiet("22:00", "07:00", "Europe/Berlin");
    assert_eq!(until(&berlin, "2026-01-15T20:59:00Z"), None);
    assert_eq!(until(&berlin, "2026-01-15T21:00:00Z"), Some(at("2026-01-16T06:00:00Z")));
    assert_eq!(until(&berlin, "2026-07-15T20:00:00Z"), Some(at("2026-07-16T05:00:00Z")));
    let new_york = quiet("22:00", "07:00", "America/New_York");
    assert_eq!(until(&new_york, "2026-01-16T03:00:00Z"), Some(at("2026-01-16T12:00:00Z")));
    let kathmandu = quiet("00:00", "06:00", "Asia/Kathmandu");
    assert_eq!(until(&kathmandu, "2026-01-15T18:15:00Z"), Some(at("2026-01-16T00:15:00Z")));
}

#[test]
fn over_the_gap_in_spring() {
    // Berlin, 2026-03-29: 01:59:59 is followed by 03:00:00.
    let hours = quiet("22:00", "07:00", "Europe/Berlin");
    assert_eq!(until(&hours, "2026-03-28T22:00:00Z"), Some(at("2026-03-29T05:00:00Z")));
    // The end falls into the gap: never before the clock has passed it.
    let hours = quiet("22:00", "02:30", "Europe/Berlin");
    let end = until(&hours, "2026-03-29T00:59:00Z").expect("quiet");
    assert!(end >= at("2026-03-29T01:00:00Z"), "{end}");
    assert_eq!(hours.quiet_until(end), None);
    assert_eq!(until(&hours, "2026-03-29T01:00:00Z"), None, "03:00 on the wall");
    // The beginning falls into the gap: quiet from its end on.
    let hours = quiet("02:30", "06:00", "Europe/Berlin");
    assert_eq!(until(&hours, "2026-03-29T00:59:59Z"), None);
    assert_eq!(until(&hours, "2026-03-29T01:00:00Z"), Some(at("2026-03-29T04:00:00Z")));
    // New York, 2026-03-08: 01:59:59 is followed by 03:00:00.
    let hours = quiet("23:00", "03:00", "America/New_York");
    assert_eq!(until(&hours, "2026-03-08T06:59:59Z"), Some(at("2026-03-08T07:00:00Z")));
    assert_eq!(until(&hours, "2026-03-08T07:00:00Z"), None);
}

#[test]
fn over_the_fold_in_autumn() {
    // Berlin, 2026-10-25: 02:59:59 is followed by 02:00:00.
    let hours = quiet("22:00", "07:00", "Europe/Berlin");
    assert_eq!(until(&hours, "2026-10-24T21:00:00Z"), Some(at("2026-10-25T06:00:00Z")));
    // The end is there twice: the second counts, and what the wall shows decides.
    let hours = quiet("22:00", "02:30", "Europe/Berlin");
    let end = at("2026-10-25T01:30:00Z");
    assert_eq!(until(&hours, "2026-10-24T23:00:00Z"), Some(end));
    assert_eq!(until(&hours, "2026-10-25T01:15:00Z"), Some(end), "02:15 for the second time");
    assert_eq!(hours.quiet_until(end), None);
    // New York, 2026-11-01: 01:59:59 is followed by 01:00:00.
    let hours = quiet("23:00", "01:30", "America/New_York");
    assert_eq!(until(&hours, "2026-11-01T04:00:00Z"), Some(at("2026-11-01T06:30:00Z")));
}

#[test]
fn what_the_settings_would_not_take_is_always_quiet() {
    let hours = quiet("12:00", "12:00", "UTC");
    for (now, end) in [
        ("2026-03-02T11:59:59Z", "2026-03-02T12:00:00Z"),
        ("2026-03-02T12:00:00Z", "2026-03-03T12:00:00Z"),
        ("2026-03-02T12:00:01Z", "2026-03-03T12:00:00Z"),
    ] {
        assert_eq!(until(&hours, now), Some(at(end)), "{now}");
    }
    let nowhere = quiet("12:00", "13:00", "Mars/Olympus");
    assert_eq!(until(&nowhere, "2026-03-02T18:00:00Z"), Some(at("2026-03-02T19:00:00Z")));
}

#[test]
fn at_the_end_it_is_never_quiet_any_more() {
    for zone in
        ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]
    {
        for (from, to) in
            [("22:00", "07:00"), ("01:30", "02:30"), ("23:30", "00:00"), ("00:00", "23:59")]
        {
            let hours = quiet(from, to, zone);
            for start in [
                "2026-03-07T00:00:00Z",
                "2026-03-28T00:00:00Z",
                "2026-04-04T00:00:00Z",
                "2026-10-03T00:00:00Z",
                "2026-10-24T00:00:00Z",
                "2026-10-31T00:00:00Z",
            ] {
                let mut now = at(start);
                for _ in 0..48 * 12 {
                    if let Some(end) = hours.quiet_until(now) {
                        assert!(end > now, "{zone} {from}-{to} at {now}");
                        assert_eq!(
                            hours.quiet_until(end),
                            None,
                            "{zone} {from}-{to} at {now}: {end}"
                        );
                    }
                    now = now.plus(MINUTE * 5);
                }
            }
        }
    }
}

#[test]
fn nobody_is_engaged_in_quiet_hours() {
    let mut desk = Desk::new();
    desk.settings.quiet_hours = Some(quiet("12:00", "13:00", "UTC"));
    let end = at("2026-03-02T13:00:00Z");
    let refusal = desk.try_claim().expect_err("quiet");
    assert_eq!((refusal.reason, refusal.retry_at), (RefusalReason::QuietHours, Some(end)));
    desk.now = end.minus(TICK);
    assert!(desk.try_claim().is_err());
    desk.now = end;
    desk.claim();
}
