//! Finding elements, reading them, tapping them, typing into them.

use serde_json::{Value, json};

use super::Class::{Find, Other, Tap};
use super::Need::Session;
use super::call::{Call, not_found};
use super::{NOTHING, Route, get, invalid, page, post};
use crate::attributes;
use crate::error::{Code, Failure, fail};
use crate::find;
use crate::machine::Machine;
use crate::tree::Item;

pub(super) const ROUTES: &[Route] = &[
    post("/element", Session, Find, find_one),
    post("/elements", Session, Find, find_all),
    post("/element/{element}/element", Session, Find, find_one),
    post("/element/{element}/elements", Session, Find, find_all),
    get("/wda/element/{element}/getVisibleCells", Session, Find, visible_cells),
    get("/element/active", Session, Find, active),
    get("/element/{element}/attribute/{name}", Session, Other, attribute),
    get("/element/{element}/property/{name}", Session, Other, attribute),
    get("/element/{element}/text", Session, Other, text),
    get("/element/{element}/name", Session, Other, tag),
    get("/element/{element}/rect", Session, Other, rect),
    get("/element/{element}/location", Session, Other, location),
    get("/element/{element}/size", Session, Other, size),
    get("/element/{element}/displayed", Session, Other, displayed),
    get("/element/{element}/enabled", Session, Other, enabled),
    get("/element/{element}/selected", Session, Other, selected),
    get("/wda/element/{element}/accessible", Session, Other, accessible),
    get("/wda/element/{element}/accessibilityContainer", Session, Other, container),
    post("/element/{element}/click", Session, Tap, click),
    post("/element/{element}/value", Session, Tap, type_into),
    post("/wda/element/{element}/keyboardInput", Session, Tap, type_into),
    post("/element/{element}/clear", Session, Tap, clear),
];

/// Elements one answer holds, at most.
const MOST_FOUND: usize = 1_000;

fn look(
    machine: &mut Machine,
    call: &Call,
) -> Result<(crate::layout::Screenful, Vec<usize>), Failure> {
    let using = call.required("using")?;
    let value = call.required("value")?;
    let (screen, root) = call.resolve_or_root(machine)?;
    let mut found = find::find(&screen.tree, root, using, value)?;
    if call.element.is_some() {
        found.retain(|&at| at != root);
    }
    found.truncate(MOST_FOUND);
    Ok((screen, found))
}

fn find_one(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let (screen, found) = look(machine, call)?;
    let generation = machine.app.generation;
    let Some(&at) = found.first() else {
        return Err(not_found(call.required("using")?, call.required("value")?));
    };
    Ok(machine.session(call.session.as_deref())?.remember(&screen.tree, at, generation))
}

fn find_all(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let (screen, found) = look(machine, call)?;
    let generation = machine.app.generation;
    let session = machine.session(call.session.as_deref())?;
    Ok(found.into_iter().map(|at| session.remember(&screen.tree, at, generation)).collect())
}

fn visible_cells(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let (screen, root) = call.resolve(machine)?;
    let generation = machine.app.generation;
    let session = machine.session(call.session.as_deref())?;
    Ok(screen
        .tree
        .subtree(root)
        .filter(|&at| {
            screen.tree.items.get(at).is_some_and(|item| item.node.kind == "Cell" && item.visible)
        })
        .map(|at| session.remember(&screen.tree, at, generation))
        .collect())
}

fn active(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let screen = machine.screen(call.now);
    let (focus, generation) = (machine.app.focus, machine.app.generation);
    let at = focus
        .and_then(|field| screen.tree.items.iter().position(|item| item.node.field == Some(field)))
        .ok_or_else(|| not_found("active element", ""))?;
    Ok(machine.session(call.session.as_deref())?.remember(&screen.tree, at, generation))
}

fn with<T>(
    machine: &mut Machine,
    call: &Call,
    read: impl FnOnce(&Item) -> T,
) -> Result<T, Failure> {
    let (screen, at) = call.resolve(machine)?;
    screen.tree.items.get(at).map(read).ok_or_else(|| not_found("id", ""))
}

fn attribute(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let name = call.name.as_deref().unwrap_or_default();
    let (screen, at) = call.resolve(machine)?;
    attributes::read(&screen.tree, at, name)
        .map(|attribute| attribute.json())
        .ok_or_else(|| invalid(format!("The attribute '{name}' is unknown")))
}

fn text(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| {
        json!(item.value().or(item.node.label.as_deref()).unwrap_or_default())
    })
}

fn tag(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!(item.type_name()))
}

fn rect(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| attributes::frame_json(item.node.rect))
}

fn location(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!({"x": item.node.rect.x, "y": item.node.rect.y}))
}

fn size(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!({"width": item.node.rect.w, "height": item.node.rect.h}))
}

fn displayed(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!(item.visible))
}

fn enabled(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!(!item.node.disabled))
}

fn selected(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!(item.node.selected))
}

fn accessible(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!(item.node.accessible))
}

fn container(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    with(machine, call, |item| json!(!item.node.accessible && !item.children.is_empty()))
}

/// A tap in the middle of the element. What lies over it gets the tap, as on a phone.
pub(super) fn click(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let (screen, at) = call.resolve(machine)?;
    let Some(item) = screen.tree.items.get(at) else { return Ok(NOTHING) };
    if !item.visible {
        return Err(fail(
            Code::NotInteractable,
            format!("The element '{}' is not visible on the screen", item.type_name()),
        ));
    }
    page::tap(machine, &screen, item.node.rect.center(), call.now)
}

fn type_into(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let typed = call.typed()?;
    let (screen, at) = call.resolve(machine)?;
    let Some(item) = screen.tree.items.get(at) else { return Ok(NOTHING) };
    let Some(field) = item.node.field else {
        return Err(fail(
            Code::InvalidElementState,
            format!("'{}' does not have keyboard focus and cannot take text", item.type_name()),
        ));
    };
    if machine.app.focus != Some(field) {
        page::tap(machine, &screen, item.node.rect.center(), call.now)?;
    }
    if machine.app.focus != Some(field) {
        return Err(fail(Code::InvalidElementState, "the field cannot be reached"));
    }
    machine.app.type_text(&typed, call.now);
    Ok(NOTHING)
}

fn clear(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    match with(machine, call, |item| item.node.field)? {
        Some(field) => {
            machine.app.fields.remove(&field);
            Ok(NOTHING)
        }
        None => Err(fail(Code::InvalidElementState, "the element holds no text")),
    }
}
