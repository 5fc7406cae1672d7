//! When a scheduled task is due, also where clocks are changed for summer.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::task::Cron;
use decorum_core::{Schedule, Timestamp};
use proptest::prelude::*;

use crate::support::{DAY, HOUR, at, noon};

fn cron(expr: &str, zone: &str) -> Schedule {
    Schedule::Cron { expr: expr.to_owned(), time_zone: zone.to_owned() }
}

fn daily(time: &str, zone: &str) -> Schedule {
    Schedule::Daily { at: time.to_owned(), time_zone: zone.to_owned() }
}

/// The next times from `from` on.
fn times(schedule: &Schedule, from: &str, n: usize) -> Vec<String> {
    schedule.check().unwrap();
    let mut now = at(from);
    let mut found = Vec::new();
    for _ in 0..n {
        now = schedule.next(now).unwrap();
        found.push(now.to_string().replace(":00.000Z", "Z"));
    }
    found
}

#[test]
fn once_is_once() {
    let once = Schedule::Once { at: noon() };
    assert_eq!(once.next(noon().minus(HOUR)), Some(noon()));
    assert_eq!(once.next(noon()), None);
}

#[test]
fn a_day_is_a_day_on_the_wall_clock() {
    let nine = daily("09:30", "Europe/Berlin");
    assert_eq!(
        times(&nine, "2026-03-27T12:00:00Z", 3),
        ["2026-03-28T08:30Z", "2026-03-29T07:30Z", "2026-03-30T07:30Z"]
    );
}

#[test]
fn a_time_that_does_not_exist_happens_as_much_later_as_the_clocks_jumped() {
    // On 29 March 2026 Berlin goes from 02:00 to 03:00.
    let half_past_two = daily("02:30", "Europe/Berlin");
    assert_eq!(
        times(&half_past_two, "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T01:30Z", "2026-03-30T00:30Z"]
    );
    // 03:10 on the wall has come already, and 02:30 is still to come.
    assert_eq!(times(&half_past_two, "2026-03-29T01:10:00Z", 1), ["2026-03-29T01:30Z"]);
    let hourly = cron("0 * * * *", "Europe/Berlin");
    assert_eq!(
        times(&hourly, "2026-03-28T23:59:00Z", 4),
        ["2026-03-29T00:00Z", "2026-03-29T01:00Z", "2026-03-29T02:00Z", "2026-03-29T03:00Z"]
    );
    // Lord Howe Island moves by half an hour, at 02:00 on 4 October 2026.
    let odd = cron("15,30 2 * * *", "Australia/Lord_Howe");
    assert_eq!(times(&odd, "2026-10-03T15:00:00Z", 2), ["2026-10-03T15:30Z", "2026-10-03T15:45Z"]);
}

#[test]
fn a_time_that_exists_twice_happens_the_first_time() {
    // On 25 October 2026 Berlin goes from 03:00 back to 02:00.
    let half_past_two = daily("02:30", "Europe/Berlin");
    assert_eq!(
        times(&half_past_two, "2026-10-24T12:00:00Z", 2),
        ["2026-10-25T00:30Z", "2026-10-26T01:30Z"]
    );
    let quarters = cron("0,30 * * * *", "Europe/Berlin");
    assert_eq!(
        times(&quarters, "2026-10-25T00:00:00Z", 3),
        ["2026-10-25T00:30Z", "2026-10-25T02:00Z", "2026-10-25T02:30Z"]
    );
}

#[test]
fn expressions_mean_what_cron_says() {
    for (expr, wanted) in [
        ("*/20 8 * * *", ["2026-03-03T08:00Z", "2026-03-03T08:20Z"]),
        ("0 9-17/4 * * mon-fri", ["2026-03-02T13:00Z", "2026-03-02T17:00Z"]),
        ("0 12 1,15 * *", ["2026-03-15T12:00Z", "2026-04-01T12:00Z"]),
        ("0 12 13 * fri", ["2026-03-06T12:00Z", "2026-03-13T12:00Z"]),
        ("0 12 */2 * 5", ["2026-03-13T12:00Z", "2026-03-27T12:00Z"]),
        ("30 6 * jan,DEC 7", ["2026-12-06T06:30Z", "2026-12-13T06:30Z"]),
        ("0 0 29 2 *", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]),
        ("5/20 23 31 * *", ["2026-03-31T23:05Z", "2026-03-31T23:25Z"]),
        ("0 12 4,5,4-5 * *", ["2026-03-04T12:00Z", "2026-03-05T12:00Z"]),
    ] {
        assert_eq!(times(&cron(expr, "UTC"), "2026-03-02T12:00:00Z", 2), wanted, "{expr}");
    }
}

#[test]
fn what_happens_once_in_a_generation_is_not_forgotten() {
    // 29 February on a Sunday: both day fields must fit, because one of them begins with `*`.
    let rare = cron("0 0 29 2 */7", "UTC");
    assert_eq!(
        times(&rare, "2003-06-01T00:00:00Z", 3),
        ["2004-02-29T00:00Z", "2032-02-29T00:00Z", "2060-02-29T00:00Z"]
    );
    assert_eq!(times(&rare, "2088-03-01T00:00:00Z", 1), ["2128-02-29T00:00Z"]);
}

#[test]
fn a_day_that_a_place_left_out_happens_a_day_later() {
    // Samoa went from 29 to 31 December 2011.
    let thirtieth = cron("0 9 30 12 *", "Pacific/Apia");
    let wanted = ["2011-12-30T19:00Z"];
    assert_eq!(times(&thirtieth, "2011-12-01T00:00:00Z", 1), wanted);
    assert_eq!(times(&thirtieth, "2011-12-30T18:59:00Z", 1), wanted);
}

#[test]
fn the_last_time_before_the_end_of_the_calendar_is_found() {
    let last = cron("0 0 30 12 *", "UTC");
    assert_eq!(times(&last, "9999-06-01T00:00:00Z", 1), ["9999-12-30T00:00Z"]);
}

#[test]
fn what_is_no_schedule_says_why() {
    for (schedule, field, said) in [
        (cron("* * * *", "UTC"), "schedule.expr", "five fields"),
        (cron("60 * * * *", "UTC"), "schedule.expr", "minute"),
        (cron("0 0 30 2 *", "UTC"), "schedule.expr", "never"),
        (cron("0 9-8 * * *", "UTC"), "schedule.expr", "hour"),
        (cron("*/0 * * * *", "UTC"), "schedule.expr", "minute"),
        (cron("+5 * * * *", "UTC"), "schedule.expr", "minute"),
        (daily("9:30", "UTC"), "schedule.at", "09:30"),
        (daily("24:30", "UTC"), "schedule.at", "09:30"),
        (daily("09:30", "Berlin"), "schedule.time_zone", "Europe/Berlin"),
    ] {
        let error = schedule.check().unwrap_err();
        assert_eq!(error.field, field);
        assert!(error.problem.contains(said), "{error}");
    }
}

#[test]
fn an_expression_is_as_long_as_anybody_writes_one() {
    let long = |len: usize| cron(&format!("0 12 * *{}*", " ".repeat(len - 9)), "UTC").check();
    assert_eq!(long(200), Ok(()));
    assert_eq!(long(201).unwrap_err().field, "schedule.expr");
    assert_eq!(long(5000).unwrap_err().field, "schedule.expr");
}

#[test]
fn a_clock_at_its_end_is_no_trouble() {
    assert_eq!(daily("09:30", "Europe/Berlin").next(Timestamp::MAX), None);
    assert!(daily("09:30", "Pacific/Auckland").next(Timestamp::MIN).is_some());
}

proptest! {
    #[test]
    fn no_text_makes_an_expression_panic(text in ".{0,40}") {
        let _ = text.parse::<Cron>();
    }

    #[test]
    fn the_next_time_is_later_and_soon(
        millis in 0..4_000_000_000_000_i64,
        hour in 0..24_u8,
        minute in 0..60_u8,
        zone in prop::sample::select(vec![
            "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu",
            "America/Sao_Paulo", "Pacific/Auckland",
        ]),
    ) {
        let schedule = daily(&format!("{hour:02}:{minute:02}"), zone);
        let now = Timestamp::from_millis(millis);
        let next = schedule.next(now).unwrap();
        prop_assert!(next > now);
        prop_assert!(next <= now.plus(DAY + HOUR * 2), "{} after {}", next, now);
        // Nothing is due in between.
        prop_assert_eq!(schedule.next(Timestamp::from_millis(next.as_millis() - 1)), Some(next));
    }
}
