//! Which server is it? By its answer to `GET /status`.

use serde_json::Value;

use crate::{DeviceStatus, ServerKind};

/// Reads an answer to `GET /status`. A WebDriverAgent names itself in its build or says on which
/// iOS it runs; whatever else speaks W3C is talked to as an Appium server.
pub(super) fn identify(answer: &Value) -> DeviceStatus {
    let text = |pointer: &str| answer.pointer(pointer).and_then(Value::as_str);
    let agent = answer.get("ios").is_some()
        || text("/build/productBundleIdentifier").is_some()
        || text("/state") == Some("success");
    let os = match (text("/os/name"), text("/os/version")) {
        (Some(name), Some(version)) if agent => Some(format!("{name} {version}")),
        _ => None,
    };
    DeviceStatus {
        server: if agent { ServerKind::WebDriverAgent } else { ServerKind::Appium },
        ready: answer.get("ready").and_then(Value::as_bool).unwrap_or(true),
        version: text("/build/version").map(ToOwned::to_owned),
        os,
        session_id: text("/sessionId").filter(|id| !id.is_empty()).map(ToOwned::to_owned),
    }
}
