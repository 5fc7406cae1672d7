//! Tasks: what is asked for, when it is due, and how it is kept.

use std::time::Duration;

use decorum_core::{Alert, Candidate, DeviceRecord, Schedule, Task, TaskId, TaskSpec, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Further ahead no schedule is due: a 29 February on a Sunday may be forty years away.
const HORIZON: Duration = Duration::from_hours(24 * 366 * 41);

/// 2026-06-01T12:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_780_315_200_000);

/// A task that is accepted is the same after a way through its document; if it is due by a schedule,
/// then later than now, and its copy is a task that works and has no schedule of its own.
///
/// # Panics
///
/// When it is not.
pub fn task_spec(text: &str) {
    let Ok(document) = serde_json::from_str::<Value>(text) else { return };
    let Ok(spec) = TaskSpec::from_json(&document) else { return };
    assert_eq!(TaskSpec::from_json(&json!(spec)).as_ref(), Ok(&spec));
    let id: TaskId = "task".parse().expect("an id");
    let _ = spec.check_with(&[], &id);
    let task = Task::new(id, spec, 0, None, 1, NOW);
    let Some(due_at) = task.due_at() else { return };
    assert!(due_at > NOW, "{due_at} has passed");
    let (_, copy) = task.due(due_at).expect("it is due then");
    assert_eq!((copy.check(), copy.schedule), (Ok(()), None));
    let next = task.copied(due_at).expect("it waits").due_at();
    assert!(next.is_none_or(|next| next > due_at), "it is due twice at {due_at}");
}

/// Milliseconds, a time zone, and when: what is due next is later, within the horizon, and the first:
/// from everywhere before it, it is next.
///
/// # Panics
///
/// When it is not.
pub fn schedule(text: &str) {
    let mut lines = text.lines();
    let (Some(after), Some(zone), Some(when)) = (lines.next(), lines.next(), lines.next()) else {
        return;
    };
    let Ok(after) = after.parse().map(Timestamp::from_millis) else { return };
    let (time_zone, when) = (zone.to_owned(), when.to_owned());
    for schedule in [
        Schedule::Daily { at: when.clone(), time_zone: time_zone.clone() },
        Schedule::Cron { expr: when, time_zone },
    ] {
        if schedule.check().is_ok() {
            is_due_next(&schedule, after);
        }
    }
}

fn is_due_next(schedule: &Schedule, after: Timestamp) {
    let Some(next) = schedule.next(after) else {
        assert_eq!(after.plus(HORIZON), Timestamp::MAX, "{schedule:?} is forgotten at {after}");
        return;
    };
    assert!(next > after, "{schedule:?}: {next} is not after {after}");
    assert!(next <= after.plus(HORIZON), "{schedule:?}: {next} is not soon after {after}");
    let last = next.as_millis() - 1;
    for before in [last, i64::midpoint(after.as_millis(), last), after.as_millis() + 1] {
        let before = Timestamp::from_millis(before.min(last));
        assert_eq!(schedule.next(before), Some(next), "{schedule:?} at {before} and at {after}");
    }
    let then = schedule.next(next);
    assert!(then.is_none_or(|then| then > next), "{schedule:?}: {then:?} after {next}");
}

/// A record as the store keeps it: what can be read is written as the same.
///
/// # Panics
///
/// When it is not.
pub fn task_record(text: &str) {
    if let Some(task) = same::<Task>(text, |_| ()) {
        assert!(task.may_become(&task).is_ok(), "{task:?} may not stay as it is");
        let _ = (task.due(NOW), task.clone().copied(NOW), task.clone().orphaned(NOW));
        let _ = (task.clone().cancel(NOW), task.pause());
    }
    same::<Candidate>(text, |_| ());
    same::<Alert>(text, |_| ());
    // A fraction among the capabilities may be off by its last digit.
    if let Some(phone) = same::<DeviceRecord>(text, |phone| phone.capabilities.clear()) {
        let _ = (phone.check(), phone.retry_at());
    }
}

fn same<T>(text: &str, strip: impl Fn(&mut T)) -> Option<T>
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    let mut first: T = serde_json::from_str(text).ok()?;
    strip(&mut first);
    let again: T = serde_json::from_value(json!(first)).expect("what was written can be read");
    assert_eq!(again, first);
    Some(first)
}
