//! Alerts.

use serde_json::{Value, json};

use super::Class::{Other, Tap};
use super::Need::Either;
use super::call::Call;
use super::{NOTHING, Route, get, invalid, post};
use crate::app::{Dialog, Tap as Touch};
use crate::error::{Code, Failure, fail};
use crate::machine::Machine;

pub(super) const ROUTES: &[Route] = &[
    get("/alert/text", Either, Other, text),
    get("/alert_text", Either, Other, text),
    post("/alert/text", Either, Other, type_text),
    post("/alert/accept", Either, Tap, accept),
    post("/accept_alert", Either, Tap, accept),
    post("/alert/dismiss", Either, Tap, dismiss),
    post("/dismiss_alert", Either, Tap, dismiss),
    get("/wda/alert/buttons", Either, Other, buttons),
];

fn open(machine: &Machine) -> Result<&Dialog, Failure> {
    let front = machine.app.running == crate::app::Running::Front;
    machine.app.dialog().filter(|dialog| dialog.alert && (front || dialog.system)).ok_or_else(
        || {
            fail(
                Code::NoSuchAlert,
                "An attempt was made to operate on a modal dialog when one was not open",
            )
        },
    )
}

pub(super) fn text(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    let dialog = open(machine)?;
    let lines: Vec<&str> = [dialog.title.as_str(), dialog.text.as_str()]
        .into_iter()
        .filter(|line| !line.is_empty())
        .collect();
    Ok(json!(lines.join("\n")))
}

fn type_text(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    open(machine)?;
    Err(fail(Code::NotInteractable, "the alert has no text field"))
}

pub(super) fn buttons(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(json!(open(machine)?.buttons))
}

/// Presses the button that was named, else the last one.
pub(super) fn accept(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let last = open(machine)?.buttons.len().saturating_sub(1);
    press(machine, call, last)
}

/// Presses the button that was named, else the first one.
pub(super) fn dismiss(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    open(machine)?;
    press(machine, call, 0)
}

fn press(machine: &mut Machine, call: &Call, standard: usize) -> Result<Value, Failure> {
    let name = match call.text("name")? {
        None => call.text("buttonLabel")?,
        some => some,
    };
    let dialog = open(machine)?;
    let place = match name {
        None => standard,
        Some(name) => dialog
            .buttons
            .iter()
            .position(|button| button == name)
            .ok_or_else(|| invalid(format!("the alert has no button '{name}'")))?,
    };
    machine.app.tap(Touch::Button(place), &mut machine.effects, call.now)?;
    Ok(NOTHING)
}
