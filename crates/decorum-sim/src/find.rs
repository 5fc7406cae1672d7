//! Locator strategies of WebDriverAgent.

mod chain;
mod eval;
mod lexer;
mod predicate;
mod xpath;

use crate::attributes;
use crate::error::{Code, Failure, fail};
use crate::tree::Tree;

/// Longest selector that is read, in bytes.
const LONGEST_SELECTOR: usize = 16 * 1024;

/// Why a selector cannot be used.
pub(crate) type Problem = String;

/// Elements at or below `root` that a selector matches, in document order.
pub(crate) fn find(
    tree: &Tree,
    root: usize,
    using: &str,
    value: &str,
) -> Result<Vec<usize>, Failure> {
    if value.len() > LONGEST_SELECTOR {
        return Err(fail(Code::InvalidSelector, "the selector is too long"));
    }
    let all = tree.subtree(root);
    let found = match using {
        "accessibility id" | "id" | "name" => {
            Ok(all.filter(|&at| has_name(tree, at, value)).collect())
        }
        "class name" => class_name(tree, root, value),
        "predicate string" | "-ios predicate string" => predicate::parse(value)
            .and_then(|wanted| filter(all, |at| eval::holds(&wanted, tree, at))),
        "class chain" | "-ios class chain" => chain::find(tree, root, value),
        "xpath" => xpath::find(tree, root, value),
        "link text" | "partial link text" => link_text(tree, root, value, using != "link text"),
        other => {
            return Err(fail(Code::InvalidSelector, format!("Invalid locator requested: {other}")));
        }
    };
    found.map_err(|problem| {
        fail(Code::InvalidSelector, format!("`{value}` is no valid {using} selector: {problem}"))
    })
}

fn has_name(tree: &Tree, at: usize, name: &str) -> bool {
    tree.items.get(at).is_some_and(|item| item.name() == Some(name))
}

fn class_name(tree: &Tree, root: usize, value: &str) -> Result<Vec<usize>, Problem> {
    let Some(kind) = value.strip_prefix("XCUIElementType") else {
        return Err("an element type begins with XCUIElementType".to_owned());
    };
    Ok(of_kind(tree, tree.subtree(root), kind))
}

/// Those of the items that have a type; `Any` is every type.
fn of_kind(tree: &Tree, items: impl Iterator<Item = usize>, kind: &str) -> Vec<usize> {
    items
        .filter(|&at| {
            kind == "Any" || tree.items.get(at).is_some_and(|item| item.node.kind == kind)
        })
        .collect()
}

fn link_text(tree: &Tree, root: usize, value: &str, partial: bool) -> Result<Vec<usize>, Problem> {
    let (name, wanted) = value.split_once('=').unwrap_or(("name", value));
    filter(tree.subtree(root), |at| {
        let found = attributes::read(tree, at, name).ok_or_else(|| unknown(name))?;
        let text = found.written().unwrap_or_default();
        Ok(if partial { text.contains(wanted) } else { text == wanted })
    })
}

fn filter(
    items: impl Iterator<Item = usize>,
    mut holds: impl FnMut(usize) -> Result<bool, Problem>,
) -> Result<Vec<usize>, Problem> {
    let mut found = Vec::new();
    for at in items {
        if holds(at)? {
            found.push(at);
        }
    }
    Ok(found)
}

fn unknown(name: &str) -> Problem {
    format!("there is no attribute `{name}`")
}

#[cfg(test)]
mod tests;
