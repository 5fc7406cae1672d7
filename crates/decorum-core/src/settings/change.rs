//! One change of the settings as a person types it: `cooldown_minutes=60`.

use std::str::FromStr;

use serde_json::Value;

use super::SettingsError;

/// A name and the value it is to have, not checked yet: [`Settings::with`](super::Settings::with)
/// does that.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// The setting; dots reach into objects.
    pub name: String,
    /// Its value.
    pub value: Value,
}

impl FromStr for Change {
    type Err = SettingsError;

    /// Reads `NAME=JSON`. What is no JSON is a string, as a person means a bare word:
    /// `dedup_scope=fleet`.
    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let (name, value) = text.split_once('=').ok_or_else(|| {
            SettingsError::new(
                text.chars().take(40).collect::<String>(),
                "this is not a change; write NAME=JSON, as cooldown_minutes=60",
            )
        })?;
        let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
        Ok(Self { name: name.trim().to_owned(), value })
    }
}
