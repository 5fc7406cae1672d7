//! The phone itself: window, screen, lock, battery, orientation.

use serde_json::{Value, json};

use super::Class::Other;
use super::Need::{Either, Session};
use super::call::Call;
use super::{NOTHING, Route, get, invalid, post};
use crate::app::Stuck;
use crate::error::{Code, Failure, fail};
use crate::machine::Machine;
use crate::tree::{HEIGHT, WIDTH};

pub(super) const ROUTES: &[Route] = &[
    get("/window/size", Either, Other, window_size),
    get("/window/rect", Either, Other, window_rect),
    get("/window", Session, Other, window),
    get("/wda/screen", Either, Other, screen),
    get("/wda/device/info", Either, Other, info),
    get("/wda/batteryInfo", Either, Other, battery),
    get("/wda/locked", Either, Other, locked),
    post("/wda/lock", Either, Other, lock),
    post("/wda/unlock", Either, Other, unlock),
    get("/wda/deviceOrientation", Either, Other, device_orientation),
    get("/orientation", Either, Other, orientation),
    post("/orientation", Either, Other, turn),
    get("/rotation", Either, Other, rotation),
    post("/rotation", Either, Other, rotate),
    get("/appium/device/system_time", Session, Other, time),
    post("/appium/device/system_time", Session, Other, time),
    get("/appium/device/is_keyboard_shown", Session, Other, keyboard_shown),
    post("/appium/device/hide_keyboard", Session, Other, super::gesture::dismiss_keyboard),
    post("/appium/device/lock", Session, Other, lock),
    post("/appium/device/unlock", Session, Other, unlock),
    post("/appium/device/is_locked", Session, Other, locked),
];

fn window_size(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let (width, height) = size(machine);
    Ok(json!({"width": width, "height": height}))
}

pub(super) fn window_rect(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let (width, height) = size(machine);
    Ok(json!({"x": 0, "y": 0, "width": width, "height": height}))
}

fn size(machine: &Machine) -> (i32, i32) {
    if machine.app.sideways.is_some() { (HEIGHT, WIDTH) } else { (WIDTH, HEIGHT) }
}

fn window(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!("1"))
}

pub(super) fn screen(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!({
        "statusBarSize": {"width": WIDTH, "height": 47},
        "scale": machine.scenario.scale,
        "screenSize": {"width": WIDTH, "height": HEIGHT},
    }))
}

pub(super) fn info(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let device = &machine.scenario.device;
    Ok(json!({
        "timeZone": "UTC",
        "currentLocale": machine.scenario.language.tag(),
        "model": device.model,
        "uuid": device.udid,
        "userInterfaceIdiom": 0,
        "userInterfaceStyle": "light",
        "name": device.name,
        "isSimulator": false,
        "thermalState": 0,
    }))
}

pub(super) fn battery(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!({"level": 0.87, "state": 2}))
}

pub(super) fn locked(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!(machine.app.locked))
}

pub(super) fn lock(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    machine.app.locked = true;
    machine.app.generation += 1;
    Ok(NOTHING)
}

pub(super) fn unlock(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    machine.app.locked = false;
    machine.app.generation += 1;
    Ok(NOTHING)
}

fn device_orientation(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!("PORTRAIT"))
}

fn orientation(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let sideways = machine.app.sideways.is_some();
    Ok(json!(if sideways { "LANDSCAPE" } else { "PORTRAIT" }))
}

/// The app stays upright whatever is asked, as the real one does; one that a fault laid on its side
/// gets up, unless it is stuck.
fn turn(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    match call.required("orientation")? {
        "PORTRAIT" if machine.app.sideways == Some(Stuck::Yes) => {
            Err(fail(Code::InvalidElementState, "Unable To Rotate Device"))
        }
        "PORTRAIT" => {
            if machine.app.sideways.take().is_some() {
                machine.app.generation += 1;
            }
            Ok(NOTHING)
        }
        "LANDSCAPE" => Ok(NOTHING),
        other => Err(invalid(format!("'{other}' is no orientation: PORTRAIT or LANDSCAPE"))),
    }
}

fn rotation(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!({"x": 0, "y": 0, "z": 0}))
}

fn rotate(_: &mut Machine, call: &Call) -> Result<Value, Failure> {
    for axis in ["x", "y", "z"] {
        call.points(axis)?.ok_or_else(|| invalid(format!("'{axis}' is required")))?;
    }
    Ok(NOTHING)
}

pub(super) fn time(_: &mut Machine, call: &Call) -> Result<Value, Failure> {
    Ok(json!(crate::effects::instant_text(call.now)))
}

pub(super) fn keyboard_shown(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!(machine.app.focus.is_some()))
}
