//! What a server's answer means: a value, or one of the protocol's errors.
//!
//! W3C errors carry a word in `value.error`; older servers a number in `status` (the JSON wire
//! protocol). Both are understood; everything else is no answer of this protocol.

use reqwest::StatusCode;
use serde_json::Value;

use crate::DeviceErrorKind;

/// A no, and the words that came with it.
pub(super) struct Refusal {
    pub(super) kind: DeviceErrorKind,
    pub(super) said: String,
}

/// The value of an answer. Where the session id stands beside the value, as older servers have
/// it, it is moved into it.
pub(super) fn value(status: StatusCode, body: &[u8]) -> Result<Value, Refusal> {
    let code = status.as_u16();
    let bad = |what: &str| Refusal {
        kind: DeviceErrorKind::BadAnswer { status: code },
        said: format!("HTTP {code}, {what}: {}", start_of(&String::from_utf8_lossy(body))),
    };
    let Ok(Value::Object(mut answer)) = serde_json::from_slice::<Value>(body) else {
        return Err(bad("and no JSON object"));
    };
    let beside = answer.get("sessionId").cloned().unwrap_or_default();
    let old_status = answer.get("status").and_then(Value::as_i64).unwrap_or_default();
    let mut value = answer.remove("value").unwrap_or_default();
    let word = value.get("error").and_then(Value::as_str);
    let message = value
        .get("message")
        .or_else(|| answer.get("message"))
        .and_then(Value::as_str)
        .map_or_else(|| value.as_str().unwrap_or_default().to_owned(), ToOwned::to_owned);
    if status.is_success() && old_status == 0 {
        if let (Value::Object(map), Value::String(_)) = (&mut value, &beside)
            && !map.contains_key("sessionId")
        {
            map.insert("sessionId".to_owned(), beside);
        }
        return Ok(value);
    }
    let kind = match word {
        Some(word) => Some(by_word(word, &message, &value)),
        None => by_number(old_status, &message),
    };
    match kind {
        Some(kind) => {
            let word = word.map_or_else(|| format!("status {old_status}"), ToOwned::to_owned);
            let said = if message.is_empty() { word } else { format!("{word}: {message}") };
            Err(Refusal { kind, said: start_of(&said) })
        }
        None => Err(bad("without an error of the protocol")),
    }
}

/// How Appium ends the command that is under way when its driver dies, in base-driver's
/// `startUnexpectedShutdown`. It calls that an invalid session id, but unlike any other command of
/// an invalid session this one had reached the phone.
const DIED_UNDER_WAY: &str = "unexpectedly shut down";

/// The words of W3C WebDriver, section "Errors".
fn by_word(word: &str, message: &str, value: &Value) -> DeviceErrorKind {
    use DeviceErrorKind as K;
    match word {
        "invalid session id" if message.contains(DIED_UNDER_WAY) => K::Dropped,
        "invalid session id" | "no such driver" => K::SessionLost,
        "session not created" => K::SessionNotCreated,
        "stale element reference" => K::StaleElement,
        "no such element" | "no such window" => K::NoSuchElement,
        "no such alert" => K::NoSuchAlert,
        "unexpected alert open" => {
            let text = value.pointer("/data/text").and_then(Value::as_str);
            K::UnexpectedAlert { text: text.map(ToOwned::to_owned) }
        }
        "invalid selector" => K::InvalidSelector,
        "element not interactable"
        | "element click intercepted"
        | "element not visible"
        | "invalid element state"
        | "move target out of bounds" => K::NotInteractable,
        "invalid argument" => K::InvalidArgument,
        "unknown command" | "unknown method" | "unsupported operation" => K::Unsupported,
        "timeout" | "script timeout" => K::Timeout,
        _ => K::Server,
    }
}

/// The numbers of the JSON wire protocol, section "Response Status Codes".
fn by_number(status: i64, message: &str) -> Option<DeviceErrorKind> {
    use DeviceErrorKind as K;
    Some(match status {
        0 => return None,
        6 => K::SessionLost,
        7 => K::NoSuchElement,
        9 => K::Unsupported,
        10 => K::StaleElement,
        11 | 12 => K::NotInteractable,
        21 | 28 => K::Timeout,
        26 => K::UnexpectedAlert { text: (!message.is_empty()).then(|| message.to_owned()) },
        27 => K::NoSuchAlert,
        32 => K::InvalidSelector,
        33 => K::SessionNotCreated,
        _ => K::Server,
    })
}

/// Enough of a text to recognize it, on one line.
fn start_of(text: &str) -> String {
    let line: Vec<&str> = text.split_whitespace().collect();
    let line = line.join(" ");
    if line.chars().count() <= 300 {
        return line;
    }
    format!("{}…", line.chars().take(300).collect::<String>())
}
