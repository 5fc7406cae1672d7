//! What can happen to a task, and in which order tasks go to phones.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use decorum_core::task::queue::{self, Choice, Situation, choose};
use decorum_core::{
    Action, DeviceRecord, DeviceState, Fence, Filters, InFront, Schedule, Source, Task, TaskError,
    TaskKind, TaskSpec, TaskState, TaskStateName, Timestamp, WaitReason, Wish,
};
use proptest::prelude::*;

use crate::support::{MINUTE, account_id, holder, noon, user};

fn spec(account: &str) -> TaskSpec {
    TaskSpec {
        kind: TaskKind::Engage,
        account_id: account_id(account),
        actions: vec![Action::Follow],
        source: Source::FollowersOf(user("mia")),
        limit: None,
        comments: Vec::new(),
        dry_run: false,
        priority: 0,
        filters: Filters::default(),
        schedule: None,
        name: None,
    }
}

fn task(id: &str, account: &str, ord: u64) -> Task {
    Task::new(id.parse().unwrap(), spec(account), 3, None, ord, noon())
}

fn begun(task: Task, fence: u64) -> Result<Task, TaskError> {
    task.start(holder("w"), "phone-1".parse().unwrap(), Fence::new(fence), noon())
}

fn phone(id: &str, accounts: &[&str]) -> DeviceRecord {
    let accounts = accounts.iter().copied().map(account_id).collect();
    let phone = DeviceRecord::new(id.parse().unwrap(), "http://10.0.0.7:4723".into(), accounts);
    phone.answered(None, noon())
}

#[test]
fn who_is_in_front_is_known_from_the_holder_before_or_from_there_being_only_one() {
    let front =
        |it: &DeviceRecord, fence| it.front_under(Fence::new(fence)).map(ToString::to_string);
    let mut two = phone("phone-1", &["ada", "bruno"]);
    assert_eq!(front(&two, 5), None);
    two.front = Some(InFront { account_id: account_id("bruno"), fence: Fence::new(4) });
    assert_eq!(front(&two, 5).as_deref(), Some("bruno"));
    assert_eq!(front(&two, 6), None, "somebody had the phone in between");
    assert_eq!(front(&two, 4), None, "that was another lease");
    assert_eq!(front(&phone("phone-2", &["ada"]), 9).as_deref(), Some("ada"));
    assert_eq!(front(&phone("phone-3", &[]), 9), None);
}

#[derive(Default)]
struct Room {
    tasks: Vec<Task>,
    phones: Vec<DeviceRecord>,
    resting: BTreeMap<decorum_core::AccountId, (WaitReason, Option<Timestamp>)>,
    busy: BTreeSet<decorum_core::AccountId>,
    held: BTreeSet<decorum_core::DeviceId>,
}

impl Room {
    fn choose(&self) -> Choice {
        choose(&Situation {
            tasks: &self.tasks,
            devices: &self.phones,
            resting: &self.resting,
            busy_accounts: &self.busy,
            busy_devices: &self.held,
            now: noon(),
        })
    }

    fn starts(&self) -> Vec<(String, String)> {
        let start = self.choose().start;
        start.iter().map(|it| (it.task.to_string(), it.device.to_string())).collect()
    }

    fn waits(&self) -> Vec<(String, WaitReason)> {
        self.choose().wait.iter().map(|it| (it.task.to_string(), it.reason)).collect()
    }
}

fn pair(task: &str, phone: &str) -> (String, String) {
    (task.to_owned(), phone.to_owned())
}

#[test]
fn a_wish_waits_until_the_worker_is_at_a_checkpoint() {
    let running = begun(task("t", "anna", 1), 1).unwrap();
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
fn an_impossible_change_says_what_is_possible() {
    let paused = task("t", "anna", 1).pause().unwrap();
    let error = begun(paused, 1).unwrap_err().to_string();
    assert_eq!(
        error,
        "task t is paused; `start` is not possible then, only resume, cancel and move"
    );
}

#[test]
fn a_task_of_a_worker_that_is_gone_passes_on_with_a_larger_fence() {
    let running = begun(task("t", "anna", 1), 4).unwrap();
    assert!(begun(running.clone(), 4).is_err(), "it is running");
    let taken = begun(running, 5).unwrap();
    let late = taken.settled(Fence::new(4), decorum_core::Progress::default());
    assert!(matches!(late, Err(TaskError::Overtaken { .. })), "{late:?}");
}

#[test]
fn the_higher_priority_and_then_the_lower_place_goes_first() {
    let urgent = task("urgent", "anna", 3).moved(5, 3).unwrap();
    let room = Room {
        tasks: vec![task("second", "anna", 2), task("first", "anna", 1), urgent],
        phones: vec![phone("p", &["anna"])],
        ..Room::default()
    };
    assert_eq!(room.starts(), [pair("urgent", "p")]);
    let waiting = [WaitReason::AccountBusy; 2];
    assert_eq!(room.waits(), [("first".to_owned(), waiting[0]), ("second".to_owned(), waiting[1])]);
}

#[test]
fn an_account_and_a_phone_have_one_task_at_a_time() {
    let mut room = Room {
        tasks: vec![task("a", "anna", 1), task("b", "bert", 1), task("c", "carl", 1)],
        phones: vec![phone("phone-1", &["anna", "bert"]), phone("p2", &["bert", "carl"])],
        ..Room::default()
    };
    assert_eq!(room.starts(), [pair("a", "phone-1"), pair("b", "p2")]);
    assert_eq!(room.waits(), [("c".to_owned(), WaitReason::PhoneBusy)]);
    room.tasks[0] = begun(task("a", "anna", 1), 1).unwrap();
    room.tasks.push(task("a2", "anna", 2));
    room.held.insert("p2".parse().unwrap());
    assert_eq!(room.starts(), []);
    assert!(room.waits().contains(&("a2".to_owned(), WaitReason::AccountBusy)));
}

#[test]
fn the_phone_with_the_fewest_accounts_is_taken_first() {
    let room = Room {
        tasks: vec![task("a", "anna", 1)],
        phones: vec![phone("p1", &["anna", "bert"]), phone("p2", &["anna"])],
        ..Room::default()
    };
    assert_eq!(room.starts(), [pair("a", "p2")]);
}

#[test]
fn without_a_phone_that_answers_a_task_waits_for_one() {
    let lost = phone("p1", &["anna"]).failed("no answer", noon());
    let mut room =
        Room { tasks: vec![task("a", "anna", 1)], phones: vec![lost], ..Room::default() };
    let choice = room.choose();
    assert_eq!(choice.wait[0].reason, WaitReason::Device);
    assert_eq!(choice.wait[0].until, room.phones[0].retry_at());
    let until = choice.wait[0].until;
    room.tasks[0] = room.tasks[0].clone().wait(WaitReason::Device, until, noon()).unwrap();
    assert_eq!(room.choose(), Choice::default(), "the same again is not said again");
    room.phones.clear();
    room.tasks[0] = task("a", "anna", 1);
    assert_eq!(room.waits(), [("a".to_owned(), WaitReason::Device)]);
    room.phones = vec![phone("p1", &["anna"])];
    room.phones[0].state = DeviceState::Disabled;
    assert_eq!(room.waits(), [("a".to_owned(), WaitReason::Device)]);
}

#[test]
fn a_resting_account_waits_and_goes_on_as_soon_as_it_may() {
    let until = Some(noon().plus(MINUTE));
    let mut room = Room {
        tasks: vec![task("a", "anna", 1)],
        phones: vec![phone("p", &["anna"])],
        ..Room::default()
    };
    room.resting.insert(account_id("anna"), (WaitReason::Backoff, until));
    assert_eq!(room.waits(), [("a".to_owned(), WaitReason::Backoff)]);
    room.tasks[0] = room.tasks[0].clone().wait(WaitReason::Backoff, until, noon()).unwrap();
    room.resting.clear();
    assert_eq!(room.starts(), [pair("a", "p")], "a person cleared it before the time");
    let budget = task("a", "anna", 1).wait(WaitReason::Budget, until, noon()).unwrap();
    room.tasks[0] = budget;
    assert_eq!(room.starts(), []);
    room.tasks[0] = task("a", "anna", 1).wait(WaitReason::Person, None, noon()).unwrap();
    assert_eq!(room.starts(), [], "only a person ends it");
}

#[test]
fn a_scheduled_task_is_never_started_itself() {
    let at = noon().plus(MINUTE);
    let once = TaskSpec { schedule: Some(Schedule::Once { at }), ..spec("anna") };
    let scheduled = Task::new("s".parse().unwrap(), once, 0, None, 1, noon());
    assert!(begun(scheduled.clone(), 1).is_err());
    let paused = scheduled.clone().pause().unwrap();
    assert_eq!(paused.due(at), None, "what is paused is not due");
    let room = Room {
        tasks: vec![scheduled.clone()],
        phones: vec![phone("p", &["anna"])],
        ..Room::default()
    };
    assert_eq!(room.choose(), Choice::default());
    assert!(queue::due(&room.tasks, noon()).is_empty());
    let due = queue::due(&room.tasks, at);
    assert_eq!(due[0].copy.as_ref().unwrap().0.as_str(), format!("s@{}", at.as_millis()));
    assert_eq!(scheduled.copied(at).unwrap().state, TaskState::Succeeded);
}

#[test]
fn what_cannot_work_names_the_field() {
    let long = "x".repeat(2201);
    for (spec, field) in [
        (TaskSpec { actions: vec![Action::Like, Action::Like], ..spec("anna") }, "actions"),
        (TaskSpec { actions: vec![Action::Comment], ..spec("anna") }, "comments"),
        (TaskSpec { comments: vec!["hi".into()], ..spec("anna") }, "comments"),
        (
            TaskSpec { actions: vec![Action::Comment], comments: vec![long], ..spec("anna") },
            "comments[0]",
        ),
        (TaskSpec { limit: Some(0), ..spec("anna") }, "limit"),
        (TaskSpec { name: Some("a\nb".into()), ..spec("anna") }, "name"),
        (TaskSpec { kind: TaskKind::Crawl, ..spec("anna") }, "actions"),
        (TaskSpec { source: Source::FollowingOf(user("anna")), ..spec("anna") }, "source"),
        (TaskSpec { source: Source::Erased, ..spec("anna") }, "source"),
        (
            TaskSpec {
                filters: Filters {
                    min_followers: Some(9),
                    max_followers: Some(8),
                    ..Filters::default()
                },
                ..spec("anna")
            },
            "filters.min_followers",
        ),
    ] {
        assert_eq!(spec.check().unwrap_err().field, field, "{spec:?}");
    }
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
        (serde_json::json!([]), "task"),
    ] {
        let error = TaskSpec::from_json(&json).unwrap_err();
        assert_eq!(error.field, field, "{error}");
    }
}

#[test]
fn every_source_is_written_as_documented_and_read_back() {
    for json in [
        serde_json::json!({"kind":"list"}),
        serde_json::json!({"kind":"followers_of","username":"anna"}),
        serde_json::json!({"kind":"following_of","username":"anna"}),
        serde_json::json!({"kind":"likers_of","username":"anna"}),
        serde_json::json!({"kind":"hashtag","hashtag":"straßenkunst"}),
        serde_json::json!({"kind":"erased"}),
    ] {
        let source: Source = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&source).unwrap(), json);
    }
    for bad in [
        serde_json::json!({"kind":"list","username":"anna"}),
        serde_json::json!({"kind":"followers_of"}),
        serde_json::json!({"kind":"hashtag","username":"anna"}),
        serde_json::json!({"kind":"hashtag","hashtag":"two words"}),
    ] {
        assert!(serde_json::from_value::<Source>(bad.clone()).is_err(), "{bad}");
    }
    let tag: decorum_core::Hashtag = " #ＳｔｒｅｅｔArt ".parse().unwrap();
    assert_eq!(tag.as_str(), "streetart");
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
        1 => Just(Step::Copied),
    ]
}

fn apply(task: Task, step: Step, now: Timestamp) -> Result<Task, TaskError> {
    match step {
        Step::Start(fence) => begun(task, fence),
        Step::Wait(reason) => task.wait(WaitReason::ALL[reason], None, now),
        Step::Orphan => task.orphaned(now),
        Step::Honour => task.honour(now),
        Step::Finish => task.finish(now),
        Step::Fail => task.fail("it cannot be done", now),
        Step::Pause => task.pause(),
        Step::Resume => task.resume(now),
        Step::Cancel => task.cancel(now),
        Step::Move => task.moved(1, 9),
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
        let spec = TaskSpec { schedule, ..spec("anna") };
        let mut task = Task::new("t".parse().unwrap(), spec, 0, None, 1, noon());
        let mut now = noon();
        for step in steps {
            now = now.plus(MINUTE);
            let before = task.clone();
            let Ok(after) = apply(task.clone(), step, now) else { continue };
            before.may_become(&after).unwrap();
            prop_assert_eq!(after.state.is_end(), after.ended_at.is_some());
            let running = after.state.name() == TaskStateName::Running;
            prop_assert!(after.wish.is_none() || running, "a wish is for those that run");
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

    #[test]
    fn giving_out_tasks_keeps_accounts_and_phones_to_one(
        wanted in prop::collection::vec((0..5_usize, 0..4_u8, -2..3_i16, 1..9_u64), 0..25),
        phones in prop::collection::vec(prop::collection::btree_set(0..5_usize, 0..4), 0..6),
        broken in 0..6_usize,
    ) {
        let names = ["anna", "bert", "carl", "dora", "emil"];
        let mut room = Room::default();
        for (n, (account, state, priority, ord)) in wanted.into_iter().enumerate() {
            let it = task(&format!("t{n}"), names[account], ord).moved(priority, ord).unwrap();
            let one_runs = room.tasks.iter().any(|other| {
                other.state.name() == TaskStateName::Running
                    && other.spec.account_id == it.spec.account_id
            });
            room.tasks.push(match state {
                0 if !one_runs => begun(it, 1).unwrap(),
                1 => it.pause().unwrap(),
                2 => it.wait(WaitReason::Device, None, noon()).unwrap(),
                _ => it,
            });
        }
        for (n, accounts) in phones.into_iter().enumerate() {
            let accounts: Vec<_> = accounts.into_iter().map(|n| names[n]).collect();
            let it = phone(&format!("phone-{n}"), &accounts);
            room.phones.push(if n == broken { it.failed("gone", noon()) } else { it });
        }
        let choice = room.choose();
        let (mut accounts, mut devices) = (BTreeSet::new(), BTreeSet::new());
        for it in &room.tasks {
            if let TaskState::Running { device_id, .. } = &it.state {
                accounts.insert(it.spec.account_id.clone());
                devices.insert(device_id.clone());
            }
        }
        for given in &choice.start {
            prop_assert!(accounts.insert(given.account.clone()), "two tasks of an account");
            prop_assert!(devices.insert(given.device.clone()), "two tasks on a phone");
            let phone = room.phones.iter().find(|it| it.device_id == given.device).unwrap();
            prop_assert!(phone.account_ids.contains(&given.account));
            prop_assert_eq!(&phone.state, &DeviceState::Ready);
            let it = room.tasks.iter().find(|it| it.id == given.task).unwrap();
            prop_assert!(begun(it.clone(), 9).is_ok());
        }
        room.tasks.reverse();
        room.phones.reverse();
        prop_assert_eq!(room.choose(), choice, "whoever asks");
    }
}
