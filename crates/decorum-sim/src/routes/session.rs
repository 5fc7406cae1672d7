//! Sessions, status, settings, contexts.

use serde_json::{Value, json};

use super::Class::Other;
use super::Need::{Either, Nothing, Session};
use super::call::Call;
use super::{NOTHING, Route, delete, get, invalid, post};
use crate::error::{Code, Failure, fail};
use crate::machine::Machine;

pub(super) const ROUTES: &[Route] = &[
    get("/status", Either, Other, status),
    get("/sessions", Nothing, Other, list),
    get("/wda/healthcheck", Either, Other, health),
    post("/session", Nothing, Other, create),
    get("", Session, Other, read),
    delete("", Session, Other, close),
    get("/appium/settings", Session, Other, settings),
    post("/appium/settings", Session, Other, change_settings),
    get("/timeouts", Session, Other, timeouts),
    post("/timeouts", Session, Other, set_timeouts),
    post("/timeouts/implicit_wait", Session, Other, set_implicit),
    get("/contexts", Session, Other, contexts),
    get("/context", Session, Other, context),
    post("/context", Session, Other, switch_context),
];

/// Longest implicit wait a client may ask for.
const LONGEST_IMPLICIT_MS: u64 = 60_000;

fn status(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let version = &machine.scenario.device.os_version;
    Ok(json!({
        "ready": true,
        "message": "WebDriverAgent is ready to accept commands",
        "state": "success",
        "os": {"name": "iOS", "version": version, "sdkVersion": "18.2", "testmanagerdVersion": 65535},
        "ios": {"ip": "127.0.0.1"},
        "build": {
            "time": "Jun  9 2026 09:41:00",
            "productBundleIdentifier": "com.facebook.WebDriverAgentRunner",
            "version": "9.6.1",
        },
        "device": "iphone",
    }))
}

fn health(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(NOTHING)
}

fn list(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let capabilities = capabilities(machine);
    let ids: Vec<Value> =
        machine.sessions.ids().map(|id| json!({"id": id, "capabilities": capabilities})).collect();
    Ok(Value::Array(ids))
}

fn capabilities(machine: &Machine) -> Value {
    let device = &machine.scenario.device;
    json!({
        "platformName": "iOS",
        "browserName": "",
        "device": "iphone",
        "sdkVersion": device.os_version,
        "CFBundleIdentifier": machine.scenario.bundle_id,
        "appium:automationName": "XCUITest",
        "appium:platformVersion": device.os_version,
        "appium:deviceName": device.name,
        "appium:udid": device.udid,
        "appium:bundleId": machine.scenario.bundle_id,
    })
}

/// A capability by its plain or its prefixed name, wherever the client put it.
fn wanted<'a>(body: &'a Value, name: &str) -> Option<&'a Value> {
    let capabilities = body.get("capabilities")?;
    let first = capabilities.get("firstMatch").and_then(|list| list.get(0));
    [capabilities.get("alwaysMatch"), first, body.get("desiredCapabilities")]
        .into_iter()
        .flatten()
        .find_map(|set| set.get(name).or_else(|| set.get(format!("appium:{name}"))))
}

fn create(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let given = call.arg("capabilities").or_else(|| call.arg("desiredCapabilities"));
    if !given.is_some_and(Value::is_object) {
        return Err(fail(Code::NotCreated, "'capabilities' is mandatory to create a new session"));
    }
    let platform = wanted(&call.body, "platformName").and_then(Value::as_str).unwrap_or("ios");
    if !platform.eq_ignore_ascii_case("ios") {
        return Err(fail(Code::NotCreated, format!("this is an iPhone, not {platform}")));
    }
    let bundle = wanted(&call.body, "bundleId").and_then(Value::as_str).map(str::to_owned);
    if let Some(bundle) = bundle {
        if bundle != machine.scenario.bundle_id {
            return Err(fail(
                Code::NotCreated,
                format!("Cannot launch {bundle} application. It is not installed on this phone"),
            ));
        }
        let no_reset = wanted(&call.body, "noReset").and_then(Value::as_bool).unwrap_or(false);
        let force =
            wanted(&call.body, "forceAppLaunch").and_then(Value::as_bool).unwrap_or(!no_reset);
        if force {
            machine.app.terminate();
        }
        machine.app.activate(call.now);
    }
    let id = machine.sessions.open();
    Ok(json!({"sessionId": id, "capabilities": capabilities(machine)}))
}

fn read(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    Ok(json!({"sessionId": call.session, "capabilities": capabilities(machine)}))
}

fn close(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    machine.sessions.close(call.session.as_deref().unwrap_or_default());
    Ok(NOTHING)
}

fn settings(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let session = machine.session(call.session.as_deref())?;
    Ok(Value::Object(session.settings.clone()))
}

fn change_settings(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let changes = match call.arg("settings") {
        None => serde_json::Map::new(),
        Some(Value::Object(changes)) => changes.clone(),
        Some(_) => return Err(invalid("settings must be a dictionary")),
    };
    let session = machine.session(call.session.as_deref())?;
    if session.settings.len() + changes.len() > 200 {
        return Err(invalid("too many settings"));
    }
    session.settings.extend(changes);
    Ok(Value::Object(session.settings.clone()))
}

fn timeouts(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let implicit = machine.session(call.session.as_deref())?.implicit_ms;
    Ok(json!({"implicit": implicit, "pageLoad": 300_000, "script": 30_000}))
}

fn set_timeouts(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    // The older form names the timeout in `type`.
    let implicit = match call.arg("type").and_then(Value::as_str) {
        Some("implicit") => call.arg("ms"),
        Some(_) => None,
        None => call.arg("implicit"),
    };
    implicit.map_or(Ok(NOTHING), |value| set(machine, call, value))
}

fn set_implicit(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let value = call.arg("ms").ok_or_else(|| invalid("'ms' is required"))?;
    set(machine, call, value)
}

fn set(machine: &mut Machine, call: &Call, value: &Value) -> Result<Value, Failure> {
    let ms = super::call::points(value)
        .and_then(|ms| u64::try_from(ms).ok())
        .ok_or_else(|| invalid("a timeout is a number of milliseconds, not negative"))?;
    machine.session(call.session.as_deref())?.implicit_ms = ms.min(LONGEST_IMPLICIT_MS);
    Ok(NOTHING)
}

fn contexts(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!(["NATIVE_APP"]))
}

fn context(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!("NATIVE_APP"))
}

fn switch_context(_: &mut Machine, call: &Call) -> Result<Value, Failure> {
    match call.required("name")? {
        "NATIVE_APP" => Ok(NOTHING),
        other => Err(fail(Code::Unknown, format!("No such context found: {other}"))),
    }
}
