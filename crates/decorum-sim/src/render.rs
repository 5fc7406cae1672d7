//! The page source: XML as WebDriverAgent writes it, its JSON tree, and the description that
//! `XCTest` prints.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::attributes::{self, LISTED};
use crate::tree::Tree;

/// XML of the screen. `scope` is the name of an element to wrap it in; `without` leaves
/// attributes out.
pub(crate) fn xml(tree: &Tree, scope: Option<&str>, without: &[&str]) -> String {
    let mut out = String::with_capacity(32 * 1024);
    out.push_str("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let scope = scope.filter(|name| is_tag(name));
    let depth = usize::from(scope.is_some());
    if let Some(name) = scope {
        let _ = writeln!(out, "<{name}>");
    }
    element(tree, 0, depth, without, &mut out);
    if let Some(name) = scope {
        let _ = writeln!(out, "</{name}>");
    }
    out
}

fn is_tag(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

fn element(tree: &Tree, at: usize, depth: usize, without: &[&str], out: &mut String) {
    let Some(item) = tree.items.get(at) else { return };
    let indent = "  ".repeat(depth);
    let tag = item.type_name();
    let _ = write!(out, "{indent}<{tag}");
    for name in LISTED.iter().filter(|name| !without.contains(name)) {
        if let Some(value) = attributes::read(tree, at, name).and_then(|value| value.written()) {
            let _ = write!(out, " {name}=\"");
            escape(&value, out);
            out.push('"');
        }
    }
    if item.children.is_empty() {
        out.push_str("/>\n");
        return;
    }
    out.push_str(">\n");
    for &child in &item.children {
        element(tree, child, depth + 1, without, out);
    }
    let _ = writeln!(out, "{indent}</{tag}>");
}

fn escape(value: &str, out: &mut String) {
    for letter in value.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            '\t' => out.push_str("&#9;"),
            // Not allowed in XML 1.0, not even escaped.
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            letter => out.push(letter),
        }
    }
}

/// The tree as JSON.
pub(crate) fn tree_json(tree: &Tree, at: usize) -> Value {
    let Some(item) = tree.items.get(at) else { return Value::Null };
    let frame = item.node.rect;
    let flag = |yes: bool| if yes { "1" } else { "0" };
    let mut value = json!({
        "type": item.node.kind,
        "rawIdentifier": item.node.name,
        "name": item.name(),
        "value": item.value(),
        "label": item.node.label,
        "rect": attributes::frame_json(frame),
        "frame": format!("{{{{{}, {}}}, {{{}, {}}}}}", frame.x, frame.y, frame.w, frame.h),
        "isEnabled": flag(!item.node.disabled),
        "isVisible": flag(item.visible),
        "isAccessible": flag(item.node.accessible),
        "isFocused": "0",
    });
    if !item.children.is_empty()
        && let Some(object) = value.as_object_mut()
    {
        let children = item.children.iter().map(|&child| tree_json(tree, child)).collect();
        object.insert("children".to_owned(), Value::Array(children));
    }
    value
}

/// The tree as `XCTest` prints it.
pub(crate) fn description(tree: &Tree) -> String {
    let mut out = String::new();
    describe(tree, 0, 0, &mut out);
    out
}

fn describe(tree: &Tree, at: usize, depth: usize, out: &mut String) {
    let Some(item) = tree.items.get(at) else { return };
    let frame = item.node.rect;
    let _ = write!(
        out,
        "{}{}, 0x{:x}, {{{{{:.1}, {:.1}}}, {{{:.1}, {:.1}}}}}",
        "  ".repeat(depth),
        item.node.kind,
        item.key & 0xffff_ffff,
        f64::from(frame.x),
        f64::from(frame.y),
        f64::from(frame.w),
        f64::from(frame.h)
    );
    for (word, value) in
        [("identifier", &item.node.name), ("label", &item.node.label), ("value", &item.node.value)]
    {
        if let Some(value) = value {
            let _ = write!(out, ", {word}: '{value}'");
        }
    }
    out.push('\n');
    for &child in &item.children {
        describe(tree, child, depth + 1, out);
    }
}
