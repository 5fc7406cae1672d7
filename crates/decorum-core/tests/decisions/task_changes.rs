//! What can happen to a task in which state, and what comes of it.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::{
    Crawl, Fence, Progress, Schedule, Task, TaskError, TaskSpec, TaskState, TaskStateName,
    Timestamp, Username, WaitReason, Wish,
};
use proptest::prelude::*;

use crate::support::{HOUR, MINUTE, SECOND, account_id, holder, noon, spec_of, user};

fn spec() -> TaskSpec {
    let name = Some("spring".to_owned());
    TaskSpec { limit: Some(7), dry_run: true, priority: 3, name, ..spec_of("anna") }
}

fn submitted(spec: TaskSpec) -> Task {
    Task::new("t".parse().unwrap(), spec, 5, None, 4, noon())
}

fn queued() -> Task {
    submitted(spec())
}

fn waiting() -> Task {
    queued().wait(WaitReason::Device, None, noon()).unwrap()
}

/// Every day at half past nine: due in 21.5 hours.
fn scheduled() -> Task {
    let daily = Schedule::Daily { at: "09:30".to_owned(), time_zone: "UTC".to_owned() };
    submitted(TaskSpec { schedule: Some(daily), ..spec() })
}

/// The same, about to make the copy that is due.
fn copying() -> Task {
    scheduled().begin_copy().unwrap()
}

fn start(task: Task, fence: u64) -> Result<Task, TaskError> {
    task.start(holder("w"), "phone-1".parse().unwrap(), Fence::new(fence), later())
}

fn running() -> Task {
    start(queued(), 1).unwrap()
}

fn later() -> Timestamp {
    noon().plus(MINUTE)
}

/// The state, and what a person wishes of it; `-`: it was refused.
fn shown(task: &Result<Task, TaskError>) -> String {
    let Ok(task) = task else { return "-".to_owned() };
    let wish = match task.wish {
        None => "",
        Some(Wish::Pause) => "+pause",
        Some(Wish::Cancel) => "+cancel",
    };
    format!("{}{wish}", task.state.name())
}

type Change = fn(Task) -> Result<Task, TaskError>;

const CHANGES: [(&str, Change); 12] = [
    ("start", |task| start(task, 9)),
    ("wait", |task| task.wait(WaitReason::Budget, None, later())),
    ("orphan", |task| task.orphaned(later())),
    ("honour", |task| task.honour(later())),
    ("finish", |task| task.finish(later())),
    ("fail", |task| task.fail("why", later())),
    ("pause", Task::pause),
    ("resume", |task| task.resume(later())),
    ("cancel", |task| task.cancel(later())),
    ("move", |task| task.moved(1, 2)),
    ("copy", Task::begin_copy),
    ("copy", |task| task.copied(later())),
];

#[test]
#[rustfmt::skip]
fn every_change_is_possible_in_some_states_and_refused_in_the_others() {
    let wished = |wish| Task { wish: Some(wish), ..running() };
    for (task, results) in [
        // start, wait, orphan, honour, finish, fail, pause, resume, cancel, move, copy, copied
        (queued(),
            "running waiting - - - failed paused queued cancelled queued - -"),
        (waiting(),
            "running waiting - - - failed paused queued cancelled waiting - -"),
        (scheduled(),
            "- - - - - failed paused waiting cancelled waiting waiting waiting"),
        (running(),
            "running waiting queued queued succeeded failed running+pause running running+cancel running - -"),
        (wished(Wish::Pause),
            "running+pause paused paused paused succeeded failed running+pause running running+cancel running+pause - -"),
        (wished(Wish::Cancel),
            "running+cancel cancelled cancelled cancelled succeeded failed - - running+cancel running+cancel - -"),
        (queued().pause().unwrap(),
            "- - - - - - paused queued cancelled paused - -"),
        (scheduled().pause().unwrap(),
            "- - - - - - paused waiting cancelled paused - -"),
        (copying(),
            "- - - - - failed paused waiting waiting+cancel waiting waiting waiting"),
        (copying().pause().unwrap(),
            "- - - - - - paused waiting paused+cancel paused paused paused"),
        (copying().cancel(noon()).unwrap(),
            "- - - - - failed - - waiting+cancel waiting+cancel waiting+cancel cancelled"),
        (copying().pause().unwrap().cancel(noon()).unwrap(),
            "- - - - - - - - paused+cancel paused+cancel paused+cancel cancelled"),
        (running().finish(noon()).unwrap(),
            "- - - - - - - - - - - -"),
        (queued().fail("why", noon()).unwrap(),
            "- - - - - - - - - - - -"),
        (queued().cancel(noon()).unwrap(),
            "- - - - - - - - cancelled - - -"),
    ] {
        assert_eq!(results.split(' ').count(), CHANGES.len(), "{results}");
        let is_scheduled = task.spec.schedule.is_some();
        for ((name, change), result) in CHANGES.into_iter().zip(results.split(' ')) {
            let became = change(task.clone());
            let was = format!("{:?}, scheduled: {is_scheduled}, {:?}: {name}", task.state, task.wish);
            assert_eq!(shown(&became), result, "{was}");
            match became {
                Ok(after) => {
                    let ended = after.state.name().is_end() && !task.state.is_end();
                    let ended_at = if ended { Some(later()) } else { task.ended_at };
                    assert_eq!(after.ended_at, ended_at, "{was}");
                    assert_eq!(after.is_open(), after.ended_at.is_none(), "{was}");
                    assert_eq!(after.rev, task.rev, "whoever keeps it counts");
                }
                Err(error) => {
                    let error = error.to_string();
                    assert!(error.contains(&format!("`{name}` is not possible")), "{was}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_refusal_names_what_is_possible_instead() {
    for (refused, possible) in [
        (queued().finish(noon()), "only start, wait, fail, pause, cancel and move"),
        (running().cancel(noon()).unwrap().pause(), "only cancel: it is being cancelled"),
        (copying().cancel(noon()).unwrap().resume(noon()), "only cancel: it is being cancelled"),
        (waiting().finish(noon()), "only start, wait, fail, pause, cancel and move"),
        (scheduled().finish(noon()), "only pause, cancel and copy"),
        (start(running(), 1), "only wait, finish, fail, pause and cancel"),
        (start(queued().pause().unwrap(), 1), "only resume, cancel and move"),
        (start(queued().cancel(noon()).unwrap(), 1), "only nothing; submit it anew"),
    ] {
        let error = refused.unwrap_err().to_string();
        assert!(error.ends_with(possible), "{error}");
    }
}

#[test]
fn whoever_starts_it_is_on_it_and_the_first_start_is_remembered() {
    let first = running();
    let (worker, since) = (holder("w"), later());
    let on_phone = TaskState::Running { worker, device_id: "phone-1".parse().unwrap(), since };
    assert_eq!((&first.state, first.fence), (&on_phone, Fence::new(1)));
    assert_eq!(first.started_at, Some(later()));
    let second = holder("second");
    let again =
        first.start(second.clone(), "p2".parse().unwrap(), Fence::new(2), noon().plus(HOUR));
    let again = again.unwrap();
    assert_eq!((again.started_at, again.fence), (Some(later()), Fence::new(2)));
    assert!(matches!(again.state, TaskState::Running { worker, .. } if worker == second));
    let overtaken = start(Task { fence: Fence::new(8), ..queued() }, 7);
    let error = overtaken.unwrap_err();
    assert!(matches!(error, TaskError::Overtaken { given, newest, .. }
        if (given, newest) == (Fence::new(7), Fence::new(8))));
}

#[test]
fn a_wait_says_why_and_until_when_but_never_for_a_schedule() {
    let until = Some(noon().plus(HOUR));
    let waits = running().wait(WaitReason::Backoff, until, later()).unwrap();
    assert_eq!(waits.state, TaskState::Waiting { reason: WaitReason::Backoff, until });
    let other = waits.wait(WaitReason::Device, None, later()).unwrap();
    assert_eq!(other.state, TaskState::Waiting { reason: WaitReason::Device, until: None });
    assert!(queued().wait(WaitReason::Schedule, until, later()).is_err());
}

#[test]
fn it_never_ends_before_it_was_submitted() {
    let early = noon().minus(SECOND);
    assert_eq!(queued().cancel(early).unwrap().ended_at, Some(noon()));
}

#[test]
fn the_reason_of_a_failure_is_cut_to_what_can_be_kept() {
    let failed = queued().fail(&"ä".repeat(3000), noon()).unwrap();
    assert_eq!(failed.state, TaskState::Failed { why: "ä".repeat(2000) });
}

#[test]
fn a_moved_task_has_its_new_place() {
    let moved = queued().moved(-4, 9).unwrap();
    assert_eq!((moved.spec.priority, moved.ord), (-4, 9));
}

#[test]
fn the_copy_of_a_scheduled_task_is_the_task_without_the_schedule() {
    let task = scheduled();
    let due = task.due_at().expect("it waits for its time");
    assert_eq!(due, noon().plus(HOUR * 21 + MINUTE * 30));
    assert_eq!(task.due(due.minus(SECOND)), None);
    let (id, copy) = task.due(due).expect("it is due");
    assert_eq!(id.as_str(), format!("t@{}", due.as_millis()));
    assert_eq!(copy, spec());
    assert_eq!(task.clone().resume(due).unwrap().due_at(), Some(due), "still due");
    let day = HOUR * 24;
    assert_eq!(task.clone().copied(noon()).unwrap().due_at(), Some(due.plus(day)), "not twice");
    assert_eq!(
        task.copied(due.plus(day * 3)).unwrap().due_at(),
        Some(due.plus(day * 4)),
        "not late"
    );
}

#[test]
fn a_copy_that_is_decided_on_is_made_whatever_is_done_to_its_task() {
    let due = scheduled().due_at().expect("it waits for its time");
    let id = |task: &Task, at| task.due(at).map(|(id, _)| id.to_string());
    let copy = id(&scheduled(), due);
    let day = HOUR * 24;
    for (what, task) in [
        ("untouched", copying()),
        ("decided on again", copying().begin_copy().unwrap()),
        ("paused", copying().pause().unwrap()),
        ("resumed a day later", copying().pause().unwrap().resume(due.plus(day)).unwrap()),
        ("cancelled", copying().cancel(due).unwrap()),
        ("moved", copying().moved(1, 9).unwrap()),
    ] {
        assert!(task.is_open(), "{what}");
        assert_eq!(id(&task, due.plus(day * 2)), copy, "{what}");
        let after = task.copied(due).unwrap();
        assert_eq!(id(&after, due), None, "{what}: once");
        assert_eq!(after.copying, None, "{what}");
    }
    let once = TaskSpec { schedule: Some(Schedule::Once { at: later() }), ..spec() };
    let once = submitted(once).begin_copy().unwrap().pause().unwrap();
    let resumed = once.resume(later().plus(day)).unwrap();
    assert!(resumed.is_open(), "its only copy is still to be made");
    assert_eq!(resumed.copied(later().plus(day)).unwrap().state, TaskState::Succeeded);
    let failed = copying().fail("why", later()).unwrap();
    assert_eq!((failed.copying, id(&failed, due)), (None, None));
}

#[test]
fn only_what_is_the_same_task_may_take_its_place() {
    let task = Task { fence: Fence::new(5), ..queued() };
    assert_eq!(task.may_become(&Task { ord: 9, ..task.clone() }), Ok(()));
    assert_eq!(task.may_become(&Task { fence: Fence::new(6), ..task.clone() }), Ok(()));
    let copy_of = Some("s".parse().unwrap());
    let other = TaskSpec { account_id: account_id("bert"), ..spec() };
    for not_the_same in [
        Task { id: "u".parse().unwrap(), ..task.clone() },
        Task { created_at: later(), ..task.clone() },
        Task { spec: other, ..task.clone() },
        Task { copy_of, ..task.clone() },
    ] {
        let refused = task.may_become(&not_the_same);
        assert!(matches!(refused, Err(TaskError::NotNow { .. })), "{not_the_same:?}");
    }
    let late = task.may_become(&Task { fence: Fence::new(4), ..task.clone() });
    assert!(matches!(late, Err(TaskError::Overtaken { .. })));
}

#[test]
fn what_ended_keeps_its_state() {
    let ended = running().finish(noon()).unwrap();
    assert_eq!(ended.may_become(&Task { ord: 9, ..ended.clone() }), Ok(()));
    for state in [TaskState::Queued, TaskState::Cancelled] {
        let revived = Task { state, ..ended.clone() };
        let error = ended.may_become(&revived).unwrap_err();
        assert!(matches!(error, TaskError::NotNow { state: TaskStateName::Succeeded, .. }));
    }
}

#[test]
fn the_store_says_how_many_people_there_are_and_the_worker_what_became_of_them() {
    let told = Progress {
        candidates: 99,
        done: 3,
        engaged: 2,
        skipped: 1,
        left: 50,
        ..Progress::default()
    };
    let settled = running().settled(Fence::new(1), told).unwrap();
    assert_eq!(settled.progress, Progress { candidates: 5, left: 2, ..told });
    assert!(running().settled(Fence::new(0), told).is_err());
}

#[test]
fn a_crawl_keeps_its_place_and_the_last_names_it_saw() {
    let names: Vec<Username> = (0..23).map(|n| user(&format!("person{n}"))).collect();
    let crawl = Crawl { seen: 23, last_names: names.clone(), scrolls: 2, ..Crawl::default() };
    let crawled = running().crawled(Fence::new(1), 4, crawl.clone()).unwrap();
    assert_eq!((crawled.progress.candidates, crawled.progress.left), (9, 9));
    assert_eq!(crawled.crawl, Crawl { last_names: names[3..].to_vec(), ..crawl.clone() });
    assert!(running().crawled(Fence::new(0), 4, crawl).is_err());
}

#[test]
fn a_wish_waits_until_the_worker_is_at_a_checkpoint() {
    let running = start(queued(), 1).unwrap();
    let asked = running.clone().pause().unwrap();
    assert_eq!((asked.state.name(), asked.wish), (TaskStateName::Running, Some(Wish::Pause)));
    assert_eq!(asked.clone().honour(noon()).unwrap().state, TaskState::Paused);
    let budget = asked.clone().wait(WaitReason::Budget, None, noon()).unwrap();
    assert_eq!(budget.state, TaskState::Paused, "the wish comes before the wait");
    assert_eq!(asked.resume(noon()).unwrap(), running);
    let cancelled = running.cancel(noon()).unwrap();
    assert!(cancelled.clone().pause().is_err() && cancelled.clone().resume(noon()).is_err());
    assert_eq!(cancelled.orphaned(noon()).unwrap().state, TaskState::Cancelled);
}

#[test]
fn a_task_of_a_worker_that_is_gone_passes_on_with_a_larger_fence() {
    let running = start(queued(), 4).unwrap();
    assert!(start(running.clone(), 4).is_err(), "it is running");
    let taken = start(running, 5).unwrap();
    let late = taken.settled(Fence::new(4), Progress::default());
    assert!(matches!(late, Err(TaskError::Overtaken { .. })), "{late:?}");
}

/// One of the things that can be done to a task.
#[derive(Clone, Copy, Debug)]
enum Step {
    Start(u64),
    Wait(usize),
    Orphan,
    Honour,
    Finish,
    Fail,
    Pause,
    Resume,
    Cancel,
    Move,
    Copy,
    Copied,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (1..6_u64).prop_map(Step::Start),
        2 => (0..WaitReason::ALL.len()).prop_map(Step::Wait),
        1 => Just(Step::Orphan),
        1 => Just(Step::Honour),
        1 => Just(Step::Finish),
        1 => Just(Step::Fail),
        2 => Just(Step::Pause),
        2 => Just(Step::Resume),
        1 => Just(Step::Cancel),
        1 => Just(Step::Move),
        1 => Just(Step::Copy),
        1 => Just(Step::Copied),
    ]
}

fn apply(task: Task, step: Step, now: Timestamp) -> Result<Task, TaskError> {
    match step {
        Step::Start(fence) => start(task, fence),
        Step::Wait(reason) => task.wait(WaitReason::ALL[reason], None, now),
        Step::Orphan => task.orphaned(now),
        Step::Honour => task.honour(now),
        Step::Finish => task.finish(now),
        Step::Fail => task.fail("it cannot be done", now),
        Step::Pause => task.pause(),
        Step::Resume => task.resume(now),
        Step::Cancel => task.cancel(now),
        Step::Move => task.moved(1, 9),
        Step::Copy => task.begin_copy(),
        Step::Copied => task.copied(now),
    }
}

proptest! {
    #[test]
    fn no_sequence_of_changes_makes_an_illegal_task(
        steps in prop::collection::vec(step(), 1..40),
        scheduled in any::<bool>(),
    ) {
        let daily = || Schedule::Daily { at: "09:30".into(), time_zone: "UTC".into() };
        let schedule = scheduled.then(daily);
        let spec = TaskSpec { schedule, ..spec() };
        let mut task = Task::new("t".parse().unwrap(), spec, 0, None, 1, noon());
        let mut now = noon();
        for step in steps {
            now = now.plus(MINUTE);
            let before = task.clone();
            let Ok(after) = apply(task.clone(), step, now) else { continue };
            before.may_become(&after).unwrap();
            prop_assert_eq!(after.state.is_end(), after.ended_at.is_some());
            let running = after.state.name() == TaskStateName::Running;
            let under_way = running || after.copying.is_some();
            prop_assert!(after.wish.is_none() || under_way, "a wish is for those that act");
            prop_assert!(after.copying.is_none() || scheduled && after.is_open());
            prop_assert!(!(running && scheduled), "a scheduled task runs its copies");
            prop_assert!(!running || after.started_at.is_some());
            prop_assert!(after.fence >= before.fence);
            if before.state.is_end() {
                prop_assert_eq!(&after.state, &before.state, "what ended has ended");
            }
            let due = matches!(after.state, TaskState::Waiting { reason: WaitReason::Schedule, .. });
            prop_assert!(!due || scheduled);
            let json = serde_json::to_value(&after).unwrap();
            prop_assert_eq!(serde_json::from_value::<Task>(json).unwrap(), after.clone());
            task = after;
        }
    }
}
