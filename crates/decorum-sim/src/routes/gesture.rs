//! Taps by coordinates, drags, swipes, keys, and the actions of the standard.

use serde_json::Value;

use super::Class::Tap;
use super::Need::{Either, Session};
use super::call::{Call, element_id, points};
use super::{NOTHING, Route, delete, invalid, page, post};
use crate::app::Stuck;
use crate::error::{Code, Failure, fail};
use crate::find;
use crate::machine::Machine;
use crate::tree::{HEIGHT, Rect, SCREEN, WIDTH};

pub(super) const ROUTES: &[Route] = &[
    post("/wda/tap", Session, Tap, tap),
    post("/wda/tap/{element}", Session, Tap, tap),
    post("/wda/element/{element}/tap", Session, Tap, tap),
    post("/wda/doubleTap", Session, Tap, tap),
    post("/wda/element/{element}/doubleTap", Session, Tap, tap),
    post("/wda/touchAndHold", Session, Tap, hold),
    post("/wda/element/{element}/touchAndHold", Session, Tap, hold),
    post("/wda/dragfromtoforduration", Session, Tap, drag),
    post("/wda/element/{element}/dragfromtoforduration", Session, Tap, drag),
    post("/wda/swipe", Session, Tap, swipe),
    post("/wda/element/{element}/swipe", Session, Tap, swipe),
    post("/wda/scroll", Session, Tap, scroll),
    post("/wda/element/{element}/scroll", Session, Tap, scroll),
    post("/wda/element/{element}/scrollTo", Session, Tap, scroll_to),
    post("/actions", Session, Tap, actions),
    delete("/actions", Session, Tap, release),
    post("/wda/keys", Session, Tap, keys),
    post("/keys", Session, Tap, keys),
    post("/wda/keyboard/dismiss", Session, Tap, dismiss_keyboard),
    post("/back", Session, Tap, back),
    post("/wda/pressButton", Either, Tap, press_button),
];

/// A tap at a point; with an element the point is relative to it, and its middle if not given.
pub(super) fn tap(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let given = (call.points("x")?, call.points("y")?);
    let (screen, at) = call.resolve_or_root(machine)?;
    let frame = screen.tree.items.get(at).map_or(SCREEN, |item| item.node.rect);
    let point = match given {
        (Some(x), Some(y)) => (frame.x + x, frame.y + y),
        (None, None) if call.element.is_some() => frame.center(),
        _ => return Err(invalid("both 'x' and 'y' are required")),
    };
    page::tap(machine, &screen, point, call.now)
}

/// A long press opens menus that are not played: nothing happens.
fn hold(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    call.resolve_or_root(machine)?;
    Ok(NOTHING)
}

pub(super) fn drag(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let point = |key: &str| -> Result<i32, Failure> {
        call.points(key)?.ok_or_else(|| invalid(format!("'{key}' is required")))
    };
    let (from, to) = ((point("fromX")?, point("fromY")?), (point("toX")?, point("toY")?));
    let (screen, at) = call.resolve_or_root(machine)?;
    let frame = screen.tree.items.get(at).map_or(SCREEN, |item| item.node.rect);
    let from = (frame.x + from.0, frame.y + from.1);
    Ok(page::drag(machine, from, (frame.x + to.0, frame.y + to.1), call.now))
}

pub(super) fn swipe(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let frame = frame(machine, call)?;
    let (x, y) = frame.center();
    let (dx, dy) = (frame.w.min(WIDTH) * 2 / 5, frame.h.min(HEIGHT) * 2 / 5);
    let (from, to) = match call.required("direction")? {
        "up" => ((x, y + dy), (x, y - dy)),
        "down" => ((x, y - dy), (x, y + dy)),
        "left" => ((x + dx, y), (x - dx, y)),
        "right" => ((x - dx, y), (x + dx, y)),
        other => return Err(invalid(format!("'{other}' is no direction: up, down, left, right"))),
    };
    Ok(page::drag(machine, from, to, call.now))
}

fn frame(machine: &mut Machine, call: &Call) -> Result<Rect, Failure> {
    let (screen, at) = call.resolve_or_root(machine)?;
    Ok(screen.tree.items.get(at).map_or(SCREEN, |item| item.node.rect))
}

/// Scrolls by direction, or until something is visible.
pub(super) fn scroll(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let frame = frame(machine, call)?;
    let end = machine.screen(call.now).scroll_end;
    if let Some(direction) = call.text("direction")? {
        let by = frame.h.min(HEIGHT - 200);
        match direction {
            "down" => machine.app.scroll(by, end, &mut machine.effects, call.now),
            "up" => machine.app.scroll(-by, end, &mut machine.effects, call.now),
            "left" | "right" => {}
            other => return Err(invalid(format!("'{other}' is no direction"))),
        }
        return Ok(NOTHING);
    }
    let (using, value) = if let Some(name) = call.text("name")? {
        ("name", name)
    } else if let Some(predicate) = call.text("predicateString")? {
        ("predicate string", predicate)
    } else {
        return scroll_to(machine, call);
    };
    // A bounded number of steps: a list that never shows it ends the search.
    for _ in 0..100 {
        let screen = machine.screen(call.now);
        let found = find::find(&screen.tree, 0, using, value)?;
        if found.iter().any(|&at| screen.tree.items.get(at).is_some_and(|item| item.visible)) {
            return Ok(NOTHING);
        }
        let before = machine.app.page().scroll;
        machine.app.scroll(400, screen.scroll_end, &mut machine.effects, call.now);
        if machine.app.page().scroll == before {
            break;
        }
    }
    Err(super::call::not_found(using, value))
}

fn scroll_to(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let (screen, at) = call.resolve_or_root(machine)?;
    if let Some(item) = screen.tree.items.get(at).filter(|item| !item.visible) {
        let by = item.node.rect.y - HEIGHT / 2;
        machine.app.scroll(by, screen.scroll_end, &mut machine.effects, call.now);
    }
    Ok(NOTHING)
}

/// Pointer and key actions of the standard.
fn actions(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let sources = call
        .arg("actions")
        .and_then(Value::as_array)
        .ok_or_else(|| invalid("'actions' must be a list"))?;
    for source in sources {
        let steps = source
            .get("actions")
            .and_then(Value::as_array)
            .ok_or_else(|| invalid("every action source needs a list of 'actions'"))?;
        if steps.len() > 1_000 {
            return Err(invalid("too many actions"));
        }
        match source.get("type").and_then(Value::as_str) {
            Some("pointer") => pointer(machine, call, steps)?,
            Some("key") => typing(machine, call, steps),
            Some("none" | "wheel") => {}
            _ => return Err(invalid("an action source is of type pointer, key, wheel or none")),
        }
    }
    Ok(NOTHING)
}

fn pointer(machine: &mut Machine, call: &Call, steps: &[Value]) -> Result<(), Failure> {
    let mut place = (0, 0);
    let mut down: Option<(i32, i32)> = None;
    for step in steps {
        match step.get("type").and_then(Value::as_str) {
            Some("pointerMove") => place = moved(machine, call, step, place)?,
            Some("pointerDown") => down = Some(place),
            Some("pointerUp") => {
                let Some(from) = down.take() else { continue };
                if (from.0 - place.0).abs() < 10 && (from.1 - place.1).abs() < 10 {
                    let screen = machine.screen(call.now);
                    page::tap(machine, &screen, place, call.now)?;
                } else {
                    page::drag(machine, from, place, call.now);
                }
            }
            Some("pause" | "pointerCancel") => {}
            other => {
                return Err(invalid(format!(
                    "'{}' is no pointer action",
                    other.unwrap_or_default()
                )));
            }
        }
    }
    Ok(())
}

fn moved(
    machine: &mut Machine,
    call: &Call,
    step: &Value,
    place: (i32, i32),
) -> Result<(i32, i32), Failure> {
    let coordinate = |key: &str| step.get(key).map_or(Some(0), points);
    let (Some(x), Some(y)) = (coordinate("x"), coordinate("y")) else {
        return Err(invalid("'x' and 'y' must be numbers"));
    };
    let origin = match step.get("origin") {
        None => (0, 0),
        Some(Value::String(word)) if word == "viewport" => (0, 0),
        Some(Value::String(word)) if word == "pointer" => place,
        Some(element) => {
            let inner = Call { element: element_id(element), ..call.with(Value::Null) };
            frame(machine, &inner)?.center()
        }
    };
    Ok((origin.0 + x, origin.1 + y))
}

fn typing(machine: &mut Machine, call: &Call, steps: &[Value]) {
    for step in steps {
        if step.get("type").and_then(Value::as_str) == Some("keyDown")
            && let Some(text) = step.get("value").and_then(Value::as_str)
        {
            // WebDriver writes special keys in a private range of Unicode.
            match text {
                "\u{e003}" => machine.app.type_text("\u{8}", call.now),
                "\u{e006}" | "\u{e007}" => machine.app.type_text("\n", call.now),
                _ => machine.app.type_text(text, call.now),
            }
        }
    }
}

fn release(_: &mut Machine, _: &Call) -> Result<Value, Failure> {
    Ok(NOTHING)
}

pub(super) fn keys(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let typed = match call.arg("keys") {
        Some(keys) => call.with(serde_json::json!({"value": keys})).typed()?,
        None => call.typed()?,
    };
    if machine.app.focus.is_none() {
        return Err(fail(Code::InvalidElementState, "the keyboard is not shown"));
    }
    machine.app.type_text(&typed, call.now);
    Ok(NOTHING)
}

pub(super) fn dismiss_keyboard(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    if machine.app.focus.is_some() && machine.app.keyboard == Stuck::Yes {
        return Err(fail(
            Code::InvalidElementState,
            "Did not know how to dismiss the keyboard. Try to dismiss it in the way supported by \
             your application under test.",
        ));
    }
    machine.app.focus = None;
    Ok(NOTHING)
}

pub(super) fn back(machine: &mut Machine, _: &Call) -> Result<Value, Failure> {
    if machine.app.usable() && machine.app.overlays.is_empty() {
        machine.app.back();
    }
    Ok(NOTHING)
}

pub(super) fn press_button(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    match call.required("name")?.to_ascii_lowercase().as_str() {
        "home" => machine.app.go_behind(),
        "volumeup" | "volumedown" | "action" | "camera" => {}
        other => return Err(invalid(format!("the phone has no button '{other}'"))),
    }
    Ok(NOTHING)
}
