//! `execute/sync`: the `mobile:` scripts of the XCUITest driver, for clients that talk to the
//! phone without an Appium server in between.

use serde_json::{Value, json};

use super::Class::Tap;
use super::Need::Session;
use super::call::Call;
use super::{Route, Run, alert, apps, device, element, gesture, invalid, post, source};
use crate::error::{Code, Failure, fail};
use crate::machine::Machine;

pub(super) const ROUTES: &[Route] =
    &[post("/execute/sync", Session, Tap, execute), post("/execute", Session, Tap, execute)];

fn execute(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let script = call.required("script")?;
    let Some(name) = script.strip_prefix("mobile:").map(str::trim) else {
        return Err(fail(Code::Unknown, "only `mobile:` scripts are understood"));
    };
    let arguments = match call.arg("args") {
        None => json!({}),
        Some(Value::Array(list)) => list.first().cloned().unwrap_or_else(|| json!({})),
        Some(_) => return Err(invalid("'args' must be a list")),
    };
    let inner = call.with(arguments);
    let run: Run = match name {
        "deepLink" => source::open_url,
        "source" => source::source,
        "activateApp" => apps::activate,
        "launchApp" => apps::launch,
        "terminateApp" => apps::terminate,
        "queryAppState" => apps::state,
        "isAppInstalled" => apps::installed,
        "backgroundApp" => apps::deactivate,
        "activeAppInfo" => apps::active,
        "tap" | "doubleTap" => gesture::tap,
        "swipe" => gesture::swipe,
        "scroll" | "scrollToElement" => gesture::scroll,
        "dragFromToForDuration" | "dragFromToWithVelocity" => gesture::drag,
        "keys" => gesture::keys,
        "hideKeyboard" => gesture::dismiss_keyboard,
        "isKeyboardShown" => device::keyboard_shown,
        "pressButton" => gesture::press_button,
        "click" => element::click,
        "alert" => alert_action,
        "deviceInfo" => device::info,
        "deviceScreenInfo" => device::screen,
        "batteryInfo" => device::battery,
        "viewportRect" => device::window_rect,
        "viewportScreenshot" => source::screenshot,
        "getDeviceTime" => device::time,
        "isLocked" => device::locked,
        "lock" => device::lock,
        "unlock" => device::unlock,
        "getContexts" => contexts,
        _ => {
            return Err(fail(Code::UnknownCommand, format!("Unknown mobile command \"{name}\"")));
        }
    };
    run(machine, &inner)
}

fn alert_action(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    match call.required("action")? {
        "accept" => alert::accept(machine, call),
        "dismiss" => alert::dismiss(machine, call),
        "getButtons" => alert::buttons(machine, call),
        "getText" => alert::text(machine, call),
        other => Err(invalid(format!("'{other}' is no action: accept, dismiss, getButtons"))),
    }
}

fn contexts(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!([{"id": "NATIVE_APP"}]))
}
