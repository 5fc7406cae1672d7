//! Page source, screenshots and links.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Class::{Other, Screenshot, Source};
use super::Need::{Either, Session};
use super::call::Call;
use super::{NOTHING, Route, get, invalid, post};
use crate::error::{Code, Failure, fail};
use crate::machine::Machine;
use crate::{picture, render};

pub(super) const ROUTES: &[Route] = &[
    get("/source", Either, Source, source),
    get("/wda/accessibleSource", Either, Source, accessible),
    get("/screenshot", Either, Screenshot, screenshot),
    get("/screenshot/{element}", Session, Screenshot, of_element),
    get("/element/{element}/screenshot", Session, Screenshot, of_element),
    post("/url", Session, Other, open_url),
];

pub(super) fn source(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let param = |key: &str| {
        call.query.get(key).map(String::as_str).or_else(|| call.arg(key).and_then(Value::as_str))
    };
    let format = param("format").unwrap_or("xml");
    let tree = machine.screen(call.now).tree;
    match format.to_ascii_lowercase().as_str() {
        "xml" => {
            let without: Vec<&str> = param("excluded_attributes")
                .or_else(|| param("excludedAttributes"))
                .map(|list| list.split(',').map(str::trim).collect())
                .unwrap_or_default();
            Ok(json!(render::xml(&tree, param("scope"), &without)))
        }
        "json" => Ok(render::tree_json(&tree, 0)),
        "description" => Ok(json!(render::description(&tree))),
        other => Err(invalid(format!(
            "Unknown source format '{other}'. Only xml, json, description source formats are \
             supported."
        ))),
    }
}

fn accessible(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    Ok(render::tree_json(&machine.screen(call.now).tree, 0))
}

pub(super) fn screenshot(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let tree = machine.screen(call.now).tree;
    picture::png(&tree, machine.scenario.scale, None)
        .map(|bytes| json!(STANDARD.encode(bytes)))
        .map_err(|problem| fail(Code::Unknown, problem))
}

fn of_element(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let (screen, at) = call.resolve(machine)?;
    let frame = screen.tree.items.get(at).map(|item| item.node.rect);
    picture::png(&screen.tree, machine.scenario.scale, frame)
        .map(|bytes| json!(STANDARD.encode(bytes)))
        .map_err(|problem| fail(Code::Unknown, problem))
}

pub(super) fn open_url(machine: &mut Machine, call: &Call) -> Result<Value, Failure> {
    let url = call.required("url")?;
    machine.app.open_link(url, &mut machine.effects, call.now)?;
    Ok(NOTHING)
}
