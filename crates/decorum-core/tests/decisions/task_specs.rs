//! What may be asked for, up to its limits.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::{Action, Filters, Schedule, Source, TaskKind, TaskSpec, Username};

use crate::support::{noon, spec_of, user};

fn spec() -> TaskSpec {
    spec_of("anna")
}

/// The field at fault; `fine`: none.
fn fault(spec: &TaskSpec) -> String {
    spec.check().map_or_else(|error| error.field, |()| "fine".to_owned())
}

fn commenting(comments: Vec<String>) -> TaskSpec {
    TaskSpec { actions: vec![Action::Comment], comments, ..spec() }
}

fn crawl() -> TaskSpec {
    TaskSpec { kind: TaskKind::Crawl, actions: Vec::new(), ..spec() }
}

#[test]
fn the_actions_are_at_least_one_and_none_twice() {
    assert_eq!(fault(&spec()), "fine");
    for (actions, field) in [
        (Vec::new(), "actions"),
        (vec![Action::Like, Action::Follow, Action::Like], "actions"),
        (vec![Action::View, Action::Follow, Action::Like], "fine"),
    ] {
        assert_eq!(fault(&TaskSpec { actions, ..spec() }), field);
    }
}

#[test]
fn comments_have_something_to_say_in_one_line() {
    let text = |len| "ä".repeat(len);
    for (comments, field) in [
        (vec![], "comments"),
        (vec![text(1); 500], "fine"),
        (vec![text(1); 501], "comments"),
        (vec![text(1), text(2200)], "fine"),
        (vec![text(1), text(2201)], "comments[1]"),
        (vec![" ".to_owned()], "comments[0]"),
        (vec!["two\nlines".to_owned()], "comments[0]"),
    ] {
        assert_eq!(fault(&commenting(comments)), field);
    }
    let unused = TaskSpec { comments: vec![text(1)], ..spec() };
    assert_eq!(fault(&unused), "comments");
}

#[test]
fn a_crawl_looks_for_people_and_engages_nobody() {
    assert_eq!(fault(&crawl()), "fine");
    for (asked, field) in [
        (TaskSpec { source: Source::List, ..crawl() }, "source"),
        (TaskSpec { actions: vec![Action::Like], ..crawl() }, "actions"),
        (TaskSpec { comments: vec!["hello".to_owned()], ..crawl() }, "comments"),
        (TaskSpec { dry_run: true, ..crawl() }, "dry_run"),
    ] {
        assert_eq!(fault(&asked), field);
    }
}

#[test]
fn nobody_is_engaged_because_they_are_followed_already() {
    let from = |source| TaskSpec { source, ..spec() };
    assert_eq!(fault(&from(Source::FollowingOf(user("anna")))), "source");
    assert_eq!(fault(&from(Source::FollowingOf(user("bert")))), "fine");
    assert_eq!(fault(&from(Source::FollowersOf(user("anna")))), "fine");
    let looked_at = TaskSpec { source: Source::FollowingOf(user("anna")), ..crawl() };
    assert_eq!(fault(&looked_at), "fine");
}

#[test]
fn limits_and_names_have_limits() {
    for (limit, field) in [(0, "limit"), (1, "fine"), (100_000, "fine"), (100_001, "limit")] {
        assert_eq!(fault(&TaskSpec { limit: Some(limit), ..spec() }), field, "{limit}");
    }
    for (name, field) in [
        ("ä".repeat(120), "fine"),
        ("ä".repeat(121), "name"),
        (String::new(), "name"),
        ("  ".to_owned(), "name"),
        ("a\tb".to_owned(), "name"),
    ] {
        assert_eq!(fault(&TaskSpec { name: Some(name), ..spec() }), field);
    }
}

/// The field at fault when it is asked for with these names, under an id of so many bytes.
fn fault_with(spec: &TaskSpec, targets: &[Username], id: usize) -> String {
    let asked = spec.check_with(targets, &"t".repeat(id).parse().unwrap());
    asked.map_or_else(|error| error.field, |()| "fine".to_owned())
}

#[test]
fn names_are_given_with_a_list_and_only_then() {
    let list = TaskSpec { source: Source::List, ..spec() };
    let people = |n: usize| (0..n).map(|n| user(&format!("person{n}"))).collect::<Vec<_>>();
    let twice = [user("mia"), user("bert"), user("mia")];
    for (spec, targets, field) in [
        (&list, &people(1)[..], "fine"),
        (&list, &people(100_000)[..], "fine"),
        (&list, &people(100_001)[..], "targets"),
        (&list, &[][..], "targets"),
        (&list, &twice[..], "targets"),
        (&list, &[user("mia"), user("anna")][..], "targets"),
        (&spec(), &[][..], "fine"),
        (&spec(), &people(1)[..], "targets"),
    ] {
        assert_eq!(fault_with(spec, targets, 1), field, "{} of {:?}", targets.len(), spec.source);
    }
}

#[test]
fn the_id_of_a_task_with_a_schedule_leaves_room_for_the_instant() {
    let scheduled = TaskSpec { schedule: Some(Schedule::Once { at: noon() }), ..spec() };
    assert_eq!(fault_with(&scheduled, &[], 180), "fine");
    assert_eq!(fault_with(&scheduled, &[], 181), "id");
    assert_eq!(fault_with(&spec(), &[], 200), "fine");
}

#[test]
fn a_part_that_cannot_work_is_named() {
    let filters = Filters { min_followers: Some(9), max_followers: Some(8), ..Filters::default() };
    let schedule = Schedule::Daily { at: "25:00".to_owned(), time_zone: "UTC".to_owned() };
    for (spec, field) in [
        (TaskSpec { source: Source::Erased, ..spec() }, "source"),
        (TaskSpec { filters, ..spec() }, "filters.min_followers"),
        (TaskSpec { schedule: Some(schedule), ..spec() }, "schedule.at"),
    ] {
        assert_eq!(fault(&spec), field);
    }
}

#[test]
fn what_cannot_be_read_names_the_field() {
    for (json, field) in [
        (
            serde_json::json!({"kind":"engage","account_id":"anna","source":{"kind":"list"},"x":1}),
            "x",
        ),
        (
            serde_json::json!({"kind":"engage","account_id":"anna","source":{"kind":"fans"}}),
            "source",
        ),
        (
            serde_json::json!({"kind":"engage","account_id":"a b","source":{"kind":"list"}}),
            "account_id",
        ),
        (
            serde_json::json!({"kind":"engage","account_id":"anna","source":{"kind":"list"}}),
            "actions",
        ),
        (serde_json::json!([]), "task"),
    ] {
        let error = TaskSpec::from_json(&json).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
}
