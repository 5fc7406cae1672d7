//! In which order tasks go to phones, and why the others wait.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use std::collections::{BTreeMap, BTreeSet};

use decorum_core::task::queue::{self, Choice, Situation, choose};
use decorum_core::{
    DeviceRecord, DeviceState, Fence, Schedule, Source, Task, TaskError, TaskSpec, TaskState,
    TaskStateName, Timestamp, WaitReason,
};
use proptest::prelude::*;

use crate::support::{MINUTE, account_id, holder, noon, spec_of as spec};

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
fn the_higher_priority_chooses_its_phone_first_and_then_the_older_task() {
    let only = |tasks: Vec<Task>| {
        let phones = vec![phone("p", &["anna", "bert"])];
        let room = Room { tasks, phones, ..Room::default() };
        room.starts().into_iter().map(|(task, _)| task).collect::<Vec<_>>()
    };
    let at = |task: Task, minutes: u32| Task { created_at: noon().plus(MINUTE * minutes), ..task };
    let (a, b) = (|ord| task("a", "anna", ord), |ord| task("b", "bert", ord));
    assert_eq!(only(vec![a(1), b(2).moved(1, 2).unwrap()]), ["b"], "the priority");
    assert_eq!(only(vec![a(2), b(1)]), ["b"], "the place in the queue of its account");
    assert_eq!(only(vec![at(a(1), 2), at(b(1), 1)]), ["b"], "the age");
    assert_eq!(only(vec![b(1), a(1)]), ["a"], "and if nothing else differs, the id");
}

#[test]
fn a_phone_that_is_known_is_taken_before_one_that_never_answered() {
    let unknown = DeviceRecord { state: DeviceState::Unknown, ..phone("a-new-one", &["anna"]) };
    let mut room = Room {
        tasks: vec![task("a", "anna", 1)],
        phones: vec![unknown, phone("p", &["anna", "bert"])],
        ..Room::default()
    };
    assert_eq!(room.starts(), [pair("a", "p")]);
    room.held.insert("p".parse().unwrap());
    assert_eq!(room.starts(), [pair("a", "a-new-one")]);
}

#[test]
fn a_phone_that_says_it_is_busy_is_waited_for() {
    let task_there = "other".parse().unwrap();
    let busy =
        DeviceRecord { state: DeviceState::Busy { task: task_there }, ..phone("p", &["anna"]) };
    let mut room =
        Room { tasks: vec![task("a", "anna", 1)], phones: vec![busy], ..Room::default() };
    assert_eq!(room.waits(), [("a".to_owned(), WaitReason::PhoneBusy)]);
    assert_eq!(room.choose().wait[0].until, None);
    room.phones.push(phone("p2", &["bert"]));
    assert_eq!(room.starts(), [], "another's phone is of no use");
}

#[test]
fn of_phones_that_do_not_answer_the_first_to_be_asked_again_is_waited_for() {
    let lost = |id: &str, failures: u32| {
        (0..failures).fold(phone(id, &["anna"]), |it, _| it.failed("no answer", noon()))
    };
    let phones = vec![lost("p1", 3), lost("p2", 1), lost("p3", 2)];
    let soonest = phones[1].retry_at();
    assert!(soonest.is_some() && soonest < phones[2].retry_at());
    let room = Room { tasks: vec![task("a", "anna", 1)], phones, ..Room::default() };
    assert_eq!(room.choose().wait[0].until, soonest);
}

#[test]
fn a_reason_is_told_again_when_it_or_its_end_has_changed() {
    let until = |minutes| Some(noon().plus(MINUTE * minutes));
    let mut room = Room { tasks: vec![task("a", "anna", 1)], ..Room::default() };
    let rests = |room: &mut Room, reason, until| {
        room.resting.insert(account_id("anna"), (reason, until));
        room.choose().wait
    };
    let told = rests(&mut room, WaitReason::Backoff, until(5));
    assert_eq!((told[0].reason, told[0].until), (WaitReason::Backoff, until(5)));
    room.tasks[0] = room.tasks[0].clone().wait(WaitReason::Backoff, until(5), noon()).unwrap();
    assert_eq!(rests(&mut room, WaitReason::Backoff, until(5)), []);
    assert_eq!(rests(&mut room, WaitReason::Backoff, until(6))[0].until, until(6));
    assert_eq!(rests(&mut room, WaitReason::Cooldown, until(5))[0].reason, WaitReason::Cooldown);
}

#[test]
fn what_waits_for_a_time_wants_a_phone_from_then_on_and_what_waits_for_a_person_never() {
    let mut room = Room { phones: vec![phone("p", &["anna"])], ..Room::default() };
    for (reason, until, starts) in [
        (WaitReason::Budget, Some(noon()), true),
        (WaitReason::Budget, Some(noon().plus(MINUTE)), false),
        (WaitReason::QuietHours, None, true),
        (WaitReason::Device, Some(noon().plus(MINUTE)), false),
        (WaitReason::Backoff, Some(noon().plus(MINUTE)), true),
        (WaitReason::Cooldown, Some(noon().plus(MINUTE)), true),
        (WaitReason::Halted, None, true),
        (WaitReason::Person, Some(noon()), false),
        (WaitReason::Clock, None, false),
    ] {
        room.tasks = vec![task("a", "anna", 1).wait(reason, until, noon()).unwrap()];
        assert_eq!(!room.starts().is_empty(), starts, "{reason}, {until:?}");
        assert!(room.waits().is_empty(), "{reason}, {until:?}");
    }
}

#[test]
fn an_account_that_somebody_holds_waits() {
    let mut room = Room {
        tasks: vec![task("a", "anna", 1)],
        phones: vec![phone("p", &["anna"])],
        ..Room::default()
    };
    room.busy.insert(account_id("anna"));
    assert_eq!(room.waits(), [("a".to_owned(), WaitReason::AccountBusy)]);
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
fn a_time_is_left_out_while_the_copy_before_is_open() {
    let daily = Schedule::Daily { at: "09:30".to_owned(), time_zone: "UTC".to_owned() };
    let daily = TaskSpec { schedule: Some(daily), ..spec("anna") };
    let scheduled = Task::new("s".parse().unwrap(), daily, 0, None, 1, noon());
    let at = scheduled.due_at().unwrap();
    let copy_of = |parent: &str, id: String| {
        let parent = Some(parent.parse().unwrap());
        Task::new(id.parse().unwrap(), spec("anna"), 3, parent, 2, noon())
    };
    let this = scheduled.due(at).unwrap();
    let is_made_beside = |other| {
        let tasks = [scheduled.clone(), other];
        let due = queue::due(&tasks, at);
        assert_eq!((due.len(), &due[0].task.id), (1, &scheduled.id));
        assert!(due[0].copy.is_none() || due[0].copy.as_ref() == Some(&this));
        due[0].copy.is_some()
    };
    assert!(!is_made_beside(copy_of("s", format!("s@{}", at.as_millis() - 86_400_000))));
    assert!(is_made_beside(copy_of("other", "other@1".to_owned())));
    assert!(is_made_beside(task("t", "anna", 2)));
    // Whoever made it may have died before the task itself was moved on.
    assert!(is_made_beside(copy_of("s", this.0.to_string())));
}

#[test]
fn what_was_decided_on_is_made_beside_an_open_copy_unless_its_source_was_erased() {
    let person = "ada".parse().unwrap();
    let source = Source::FollowersOf(person);
    let daily = Schedule::Daily { at: "09:30".to_owned(), time_zone: "UTC".to_owned() };
    let daily = TaskSpec { schedule: Some(daily), source, ..spec("anna") };
    let scheduled = Task::new("s".parse().unwrap(), daily, 0, None, 1, noon());
    let at = scheduled.due_at().unwrap();
    let decided = scheduled.begin_copy().unwrap();
    let before =
        Task::new("s@1".parse().unwrap(), spec("anna"), 3, Some(decided.id.clone()), 2, noon());
    let made = |task: &Task| {
        let tasks = [task.clone(), before.clone()];
        let due = queue::due(&tasks, at);
        assert_eq!(due.len(), 1, "it is to be gone on with");
        due[0].copy.is_some()
    };
    assert!(made(&decided));
    let erased = decided.without(&"ada".parse().unwrap(), at).unwrap();
    assert!(!made(&erased));
    assert_eq!(erased.copied(at).unwrap().state, TaskState::Cancelled);
}

proptest! {
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
