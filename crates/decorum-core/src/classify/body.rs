//! The body of a server's answer: which part of it the server says, and which is content. A comment
//! that reads "please wait a few minutes", a person called `challenge_required` or 429 posts say
//! nothing about the account.

use serde_json::{Map, Value};

/// Parts of the names under which a server speaks for itself.
const SPEAKING: &[&str] = &[
    "message",
    "error",
    "exception",
    "feedback",
    "challenge",
    "checkpoint",
    "spam",
    "code",
    "lock",
    "login",
    "logout",
    "consent",
    "two_factor",
    "step_name",
    "reason",
];

/// What an answer came to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// It is content, and all is well.
    Content,
    /// What the server says in it.
    Says(String),
}

/// Reads a body that is a JSON object; `None` for any other text.
pub(super) fn read(text: &str) -> Option<Body> {
    let text = text.trim();
    if !(text.starts_with('{') && text.ends_with('}')) {
        return None;
    }
    let body: Map<String, Value> = serde_json::from_str(text).ok()?;
    // `friendship_status` and its like are content.
    let speaks = |name: &str| name == "status" || SPEAKING.iter().any(|part| name.contains(part));
    // `"spam": false` says nothing.
    let is_said = |value: &Value| !matches!(value, Value::Bool(false) | Value::Null);
    let said: Map<String, Value> =
        body.into_iter().filter(|(name, value)| speaks(name) && is_said(value)).collect();
    let all_is_well = said.len() == 1 && said.get("status").is_some_and(|s| s == "ok");
    if all_is_well {
        return Some(Body::Content);
    }
    (!said.is_empty()).then(|| Body::Says(Value::Object(said).to_string()))
}
