//! Starting, stopping and asking about apps.

use serde_json::{Value, json};

use super::Class::Other;
use super::Need::{Either, Session};
use super::call::Call;
use super::{NOTHING, Route, get, invalid, post};
use crate::app::Running;
use crate::error::{Code, Failure, fail};
use crate::machine::Machine;

pub(super) const ROUTES: &[Route] = &[
    post("/wda/apps/activate", Session, Other, activate),
    post("/wda/apps/launch", Session, Other, launch),
    post("/wda/apps/launchUnattached", Either, Other, launch),
    post("/wda/apps/terminate", Session, Other, terminate),
    post("/wda/apps/state", Session, Other, state),
    get("/wda/apps/list", Session, Other, list),
    get("/wda/activeAppInfo", Either, Other, active),
    post("/wda/homescreen", Either, Other, home),
    post("/wda/deactivateApp", Session, Other, deactivate),
    post("/appium/device/activate_app", Session, Other, activate),
    post("/appium/device/terminate_app", Session, Other, terminate),
    post("/appium/device/app_state", Session, Other, state),
    post("/appium/device/app_installed", Session, Other, installed),
    post("/appium/app/background", Session, Other, deactivate),
    post("/appium/app/launch", Session, Other, launch_own),
    post("/appium/app/close", Session, Other, close_own),
];

/// Process id of the app; any fixed number will do.
const PID: u32 = 4242;

fn bundle(call: &Call) -> Result<&str, Failure> {
    for key in ["bundleId", "appId", "bundleIdentifier"] {
        if let Some(bundle) = call.text(key)? {
            return Ok(bundle);
        }
    }
    Err(invalid("'bundleId' is required"))
}

fn ours(machine: &Machine, call: &Call) -> Result<bool, Failure> {
    Ok(bundle(call)? == machine.scenario.bundle_id)
}

pub(super) fn activate(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    if ours(machine, call)? {
        machine.app.activate(call.now);
        return Ok(NOTHING);
    }
    // Apps of the system can be opened; nothing of them is played but that ours is gone.
    let other = bundle(call)?;
    if other.starts_with("com.apple.") {
        machine.app.go_behind();
        return Ok(NOTHING);
    }
    Err(fail(Code::Unknown, format!("the app '{other}' is not installed")))
}

/// A launch starts the app anew, unlike an activation.
pub(super) fn launch(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    if ours(machine, call)? {
        machine.app.terminate();
    }
    activate(machine, call)
}

fn launch_own(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    machine.app.activate(call.now);
    Ok(NOTHING)
}

fn close_own(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    machine.app.terminate();
    Ok(NOTHING)
}

pub(super) fn terminate(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    if !ours(machine, call)? {
        return Ok(json!(false));
    }
    let ran = machine.app.running != Running::No;
    machine.app.terminate();
    Ok(json!(ran))
}

/// 1 not running, 3 in the background, 4 in front, as `XCTest` counts.
pub(super) fn state(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let asked = bundle(call)?;
    let state = if asked == machine.scenario.bundle_id {
        match machine.app.running {
            Running::No => 1,
            Running::Behind => 3,
            Running::Front => 4,
        }
    } else if asked == machine.front_bundle() {
        4
    } else {
        1
    };
    Ok(json!(state))
}

pub(super) fn installed(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    Ok(json!(ours(machine, call)? || bundle(call)?.starts_with("com.apple.")))
}

fn list(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!([{"pid": PID, "bundleId": machine.front_bundle()}]))
}

pub(super) fn active(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let bundle = machine.front_bundle();
    let name = if bundle == machine.scenario.bundle_id { "Instagram" } else { "SpringBoard" };
    Ok(json!({
        "pid": PID,
        "bundleId": bundle,
        "name": name,
        "processArguments": {"env": {}, "args": []},
    }))
}

pub(super) fn home(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    machine.app.go_behind();
    Ok(NOTHING)
}

/// Puts the app behind the home screen; a duration that is not negative brings it back.
pub(super) fn deactivate(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let seconds = match call.points("duration")? {
        None => call.points("seconds")?,
        some => some,
    };
    machine.app.go_behind();
    if seconds.is_none_or(|seconds| seconds >= 0) {
        machine.app.activate(call.now);
    }
    Ok(NOTHING)
}
