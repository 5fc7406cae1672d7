//! What people change, as a keeper writes it down: the change and its entry in the admin log.

use decorum_core::{Account, HaltReason, Jitter, Settings, Signal, Timestamp};
use serde_json::{Map, Value};

use crate::AdminEntry;

/// Who does it, when, and what they say about it.
#[derive(Clone, Debug)]
pub(crate) struct Hand {
    pub(crate) who: String,
    pub(crate) note: String,
    pub(crate) now: Timestamp,
}

/// What is done to an account by hand.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Intervention {
    Halt(HaltReason),
    Clear,
}

/// The entry about a change of settings: the fields that differ, as they were and as they are.
pub(crate) fn settings_changed(
    old: Option<&Settings>,
    new: &Settings,
    who: &str,
    now: Timestamp,
) -> AdminEntry {
    let (before, after) = difference(&old.map_or(Value::Null, Settings::to_json), &new.to_json());
    let subject = match &after {
        Value::Object(changed) => changed.keys().cloned().collect::<Vec<_>>().join(", "),
        _ => String::new(),
    };
    let (who, what) = (who.to_owned(), "settings.changed".to_owned());
    AdminEntry { ts: now, who, what, subject, note: None, before, after }
}

/// Before the first change there is no document, so all of the first one is new.
fn difference(old: &Value, new: &Value) -> (Value, Value) {
    let (Value::Object(old), Value::Object(new)) = (old, new) else {
        return (old.clone(), new.clone());
    };
    let changed = |this: &Map<String, Value>, that: &Map<String, Value>| {
        let changed = this.iter().filter(|(name, value)| that.get(*name) != Some(*value));
        Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
    };
    (changed(old, new), changed(new, old))
}

/// Does it, and returns the entry about it.
pub(crate) fn intervene(
    account: &mut Account,
    intervention: Intervention,
    hand: &Hand,
) -> serde_json::Result<AdminEntry> {
    let before = serde_json::to_value(&account.breaker)?;
    let at = account.not_before_newest(hand.now);
    let breaker = std::mem::take(&mut account.breaker);
    let what = match intervention {
        Intervention::Halt(reason) => {
            // Settings and jitter matter to rate limits only.
            let (settings, jitter) = (Settings::default(), Jitter::default());
            account.breaker =
                breaker.after(Signal::Halt(reason), None, &hand.note, at, &settings, jitter);
            "account.halted"
        }
        Intervention::Clear => {
            account.breaker = breaker.cleared();
            "account.cleared"
        }
    };
    Ok(AdminEntry {
        ts: hand.now,
        who: hand.who.clone(),
        what: what.to_owned(),
        subject: account.account_id.to_string(),
        note: Some(hand.note.clone()),
        before,
        after: serde_json::to_value(&account.breaker)?,
    })
}
