//! The people of a task, and what becomes of them.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::{Candidate, CandidateState, NewCandidate, Progress, RefusalReason, Status};

use crate::support::{noon, user};

fn done(status: Status) -> CandidateState {
    CandidateState::Done { status, reason: None }
}

fn every_state() -> Vec<(CandidateState, &'static str)> {
    vec![
        (CandidateState::Open, "open"),
        (done(Status::Success), "done"),
        (CandidateState::Refused { reason: "budget".to_owned() }, "refused"),
        (CandidateState::PassedOver { reason: "private".to_owned() }, "passed_over"),
    ]
}

fn seen() -> Candidate {
    let (source, note) = (Some("followers of mia".to_owned()), Some("writes in Danish".to_owned()));
    NewCandidate { username: user("anna"), seen_at: noon(), source, note }.at(4)
}

#[test]
fn a_state_is_called_what_it_is_written_as() {
    for (state, name) in every_state() {
        assert_eq!(state.name(), name);
        assert_eq!(state.is_open(), name == "open", "{name}");
        assert_eq!(serde_json::to_value(&state).unwrap()["state"], name);
    }
}

#[test]
fn what_is_settled_is_never_open_again() {
    for (before, _) in every_state() {
        for (after, _) in every_state() {
            let expected = before.is_open() || !after.is_open();
            assert_eq!(after.may_follow(&before), expected, "{before:?}, then {after:?}");
        }
    }
}

#[test]
fn a_person_who_was_seen_is_on_the_list_with_a_place() {
    let Candidate { ord, username, seen_at, source, state, note } = seen();
    assert_eq!((ord, username, seen_at), (4, Some(user("anna")), noon()));
    assert_eq!(source.as_deref(), Some("followers of mia"));
    assert_eq!((state, note.as_deref()), (CandidateState::Open, Some("writes in Danish")));
}

#[test]
fn of_a_person_who_is_erased_the_place_is_left_and_what_became_of_it() {
    for (state, name) in every_state() {
        let left = Candidate { state: state.clone(), ..seen() }.erased();
        let refused = CandidateState::Refused { reason: RefusalReason::Suppressed.to_string() };
        let state = if name == "open" { refused } else { state };
        assert_eq!(
            left,
            Candidate { ord: 4, username: None, seen_at: noon(), source: None, state, note: None }
        );
    }
}

#[test]
fn each_who_is_settled_counts_once_under_what_became_of_them() {
    let none = Progress::default().grown(9);
    assert_eq!(none, Progress { candidates: 9, left: 9, ..Progress::default() });
    assert_eq!(none.with(&CandidateState::Open), none);
    let one = Progress { candidates: 9, done: 1, left: 8, ..Progress::default() };
    let reason = || "budget".to_owned();
    for (state, expected) in [
        (done(Status::Success), Progress { engaged: 1, ..one }),
        (done(Status::Skipped), Progress { skipped: 1, ..one }),
        (CandidateState::PassedOver { reason: reason() }, Progress { skipped: 1, ..one }),
        (done(Status::DedupeHit), Progress { refused: 1, ..one }),
        (CandidateState::Refused { reason: reason() }, Progress { refused: 1, ..one }),
        (done(Status::Failed), Progress { failed: 1, ..one }),
        (done(Status::Retry), Progress { failed: 1, ..one }),
    ] {
        assert_eq!(none.with(&state), expected, "{state:?}");
    }
    let more = none.with(&done(Status::Success)).grown(2);
    assert_eq!((more.candidates, more.done, more.left), (11, 1, 10));
}
