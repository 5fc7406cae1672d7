//! An event as a row.

use std::borrow::Cow;
use std::fmt::Display;

use decorum_core::{DeviceId, Event, SessionId, TaskId};

use crate::guard::{guarded, guarded_json};

/// The columns of a CSV, named as the fields of an event.
pub const COLUMNS: [&str; 19] = [
    "id",
    "seq",
    "platform",
    "account_id",
    "target_username",
    "target_ref",
    "action",
    "status",
    "reason",
    "error_class",
    "task_id",
    "device_id",
    "session_id",
    "claim_id",
    "latency_ms",
    "ts",
    "metadata",
    "prev_hash",
    "hash",
];

fn shown<T: Display>(value: Option<&T>) -> Cow<'_, str> {
    value.map_or(Cow::Borrowed(""), |v| Cow::Owned(v.to_string()))
}

fn free(text: Option<&str>) -> Cow<'_, str> {
    text.map_or(Cow::Borrowed(""), guarded)
}

/// The cells. What others choose freely is guarded; usernames, words, numbers and hashes cannot
/// begin a formula.
pub(crate) fn row(event: &Event) -> [Cow<'_, str>; 19] {
    [
        event.id.to_string().into(),
        event.seq.to_string().into(),
        event.platform.as_str().into(),
        guarded(event.account_id.as_str()),
        event.target_username.as_ref().map_or("", |t| t.as_str()).into(),
        event.target_ref.to_string().into(),
        event.action.as_str().into(),
        event.status.as_str().into(),
        free(event.reason.as_deref()),
        event.error_class.map_or("", |c| c.as_str()).into(),
        free(event.task_id.as_ref().map(TaskId::as_str)),
        free(event.device_id.as_ref().map(DeviceId::as_str)),
        free(event.session_id.as_ref().map(SessionId::as_str)),
        shown(event.claim_id.as_ref()),
        shown(event.latency_ms.as_ref()),
        event.ts.to_string().into(),
        guarded_json(event.metadata.as_str()),
        event.prev_hash.to_string().into(),
        event.hash.to_string().into(),
    ]
}
