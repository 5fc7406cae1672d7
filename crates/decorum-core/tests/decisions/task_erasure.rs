//! What becomes of a task that speaks of a person who is erased.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::erasure::ERASED;
use decorum_core::{
    Action, Crawl, Fence, Filters, Source, Task, TaskSpec, TaskState, TaskStateName, Wish,
};

use crate::support::{MINUTE, holder, noon, spec_of, user};

/// Speaks of mia nowhere.
fn plain() -> TaskSpec {
    TaskSpec { source: Source::FollowersOf(user("bert")), ..spec_of("anna") }
}

fn queued(spec: TaskSpec) -> Task {
    Task::new("t".parse().unwrap(), spec, 0, None, 1, noon())
}

fn running(spec: TaskSpec) -> Task {
    let phone = "phone-1".parse().unwrap();
    queued(spec).start(holder("w"), phone, Fence::new(1), noon()).unwrap()
}

fn without_mia(task: &Task) -> Option<Task> {
    task.without(&user("mia"), noon().plus(MINUTE))
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_task_that_does_not_speak_of_them_stays_as_it_is() {
    let talkative = TaskSpec {
        actions: vec![Action::Comment],
        comments: texts(&["well made, miami"]),
        name: Some("friends of bert".to_owned()),
        ..plain()
    };
    for spec in [plain(), talkative, TaskSpec { source: Source::List, ..plain() }] {
        assert_eq!(without_mia(&queued(spec)), None);
    }
}

#[test]
fn a_task_whose_people_came_from_them_ends() {
    for source in [
        Source::FollowersOf(user("mia")),
        Source::FollowingOf(user("mia")),
        Source::LikersOf(user("mia")),
    ] {
        let spec = TaskSpec { source, ..plain() };
        let waits = without_mia(&queued(spec.clone())).unwrap();
        assert_eq!(
            (&waits.spec.source, waits.state.name()),
            (&Source::Erased, TaskStateName::Cancelled)
        );
        assert_eq!(waits.ended_at, Some(noon().plus(MINUTE)));
        let runs = without_mia(&running(spec.clone())).unwrap();
        assert_eq!(
            (&runs.spec.source, runs.state.name()),
            (&Source::Erased, TaskStateName::Running)
        );
        assert_eq!(
            runs.wish,
            Some(Wish::Cancel),
            "its worker stops after the engagement under way"
        );
        let done = running(spec).finish(noon()).unwrap();
        let done = without_mia(&done).unwrap();
        assert_eq!((&done.spec.source, done.state), (&Source::Erased, TaskState::Succeeded));
        assert_eq!((done.ended_at, done.wish), (Some(noon()), None));
    }
}

#[test]
fn a_text_that_speaks_of_them_is_not_posted() {
    let commenting = |comments: &[&str]| {
        queued(TaskSpec { actions: vec![Action::Comment], comments: texts(comments), ..plain() })
    };
    let some = without_mia(&commenting(&["as @mia says", "well made"])).unwrap();
    assert_eq!(some.spec.comments, ["well made"]);
    assert_eq!(some.state, TaskState::Queued, "there is one left to post");
    let none = without_mia(&commenting(&["as @mia says"])).unwrap();
    assert!(none.spec.comments.is_empty());
    assert_eq!(none.state, TaskState::Cancelled);
}

#[test]
fn what_only_people_read_is_blanked() {
    let filters = Filters {
        bio_excludes: texts(&["mia", "no dms"]),
        bio_includes_any: texts(&["mia", "art"]),
        ..Filters::default()
    };
    let spec = TaskSpec { name: Some("like mia".to_owned()), filters, ..plain() };
    let last_names = vec![user("anton"), user("mia"), user("zoe")];
    let note = Some("mia hides her list".to_owned());
    let crawl = Crawl { last_names, note, ..Crawl::default() };
    let task = Task { crawl, ..queued(spec) };
    let left = without_mia(&task).unwrap();
    assert_eq!(left.state, TaskState::Queued, "it can go on without them");
    assert_eq!(left.spec.name.as_deref(), Some(ERASED));
    assert_eq!(left.spec.filters.bio_excludes, ["no dms"]);
    // Left out, it would let everybody through who has none of the others.
    assert_eq!(left.spec.filters.bio_includes_any, [ERASED, "art"]);
    assert_eq!(left.crawl.last_names, [user("anton"), user("zoe")]);
    assert_eq!(left.crawl.note.as_deref(), Some(ERASED));
    assert_eq!(without_mia(&left), None, "there is nothing more to erase");
}

#[test]
fn the_reason_of_a_failure_is_blanked_and_stays_a_failure() {
    let failed = |why: &str| queued(plain()).fail(why, noon()).unwrap();
    let blanked = without_mia(&failed("mia has no followers")).unwrap();
    assert_eq!(blanked.state, TaskState::Failed { why: ERASED.to_owned() });
    assert_eq!(without_mia(&failed("no phone answers")), None);
}
