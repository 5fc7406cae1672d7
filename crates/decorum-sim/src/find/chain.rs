//! Class chains: a path of element types with conditions and positions.

use super::predicate::{self, Predicate};
use super::{Problem, eval, filter, of_kind};
use crate::tree::Tree;

/// Steps in a chain, at most.
const LONGEST_CHAIN: usize = 64;

#[derive(Debug)]
struct Step {
    /// Anywhere below, not only the children.
    deep: bool,
    /// Type without its prefix; `Any` for the star.
    kind: String,
    filters: Vec<Filter>,
}

#[derive(Debug)]
enum Filter {
    /// The element itself.
    Own(Predicate),
    /// Something below the element.
    Below(Predicate),
    /// From 1, or from -1 backwards.
    Position(i64),
}

/// Elements below `root` that a chain leads to.
pub(super) fn find(tree: &Tree, root: usize, source: &str) -> Result<Vec<usize>, Problem> {
    let mut found = vec![root];
    for step in parse(source)? {
        let mut next = Vec::new();
        for at in found {
            if step.deep {
                next.extend(of_kind(tree, tree.subtree(at).skip(1), &step.kind));
            } else if let Some(item) = tree.items.get(at) {
                next.extend(of_kind(tree, item.children.iter().copied(), &step.kind));
            }
        }
        next.sort_unstable();
        next.dedup();
        for one in &step.filters {
            next = apply(tree, next, one)?;
        }
        found = next;
    }
    Ok(found)
}

fn apply(tree: &Tree, items: Vec<usize>, one: &Filter) -> Result<Vec<usize>, Problem> {
    match one {
        Filter::Own(wanted) => filter(items.into_iter(), |at| eval::holds(wanted, tree, at)),
        Filter::Below(wanted) => filter(items.into_iter(), |at| {
            for below in tree.subtree(at).skip(1) {
                if eval::holds(wanted, tree, below)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }),
        Filter::Position(position) => {
            let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let index = if *position > 0 { position - 1 } else { count + position };
            let chosen = usize::try_from(index).ok().and_then(|index| items.get(index));
            Ok(chosen.copied().into_iter().collect())
        }
    }
}

fn parse(source: &str) -> Result<Vec<Step>, Problem> {
    let mut rest = source.trim();
    let mut steps = Vec::new();
    if rest.is_empty() {
        return Err("it is empty".to_owned());
    }
    rest = rest.strip_prefix('/').filter(|rest| !rest.starts_with('/')).unwrap_or(rest);
    loop {
        let deep = rest.starts_with("**/");
        rest = if deep { rest.get(3..).unwrap_or_default() } else { rest };
        let (kind, after) = kind(rest)?;
        let (filters, after) = filters(after)?;
        steps.push(Step { deep, kind, filters });
        if steps.len() > LONGEST_CHAIN {
            return Err("it has too many steps".to_owned());
        }
        if after.is_empty() {
            return Ok(steps);
        }
        rest =
            after.strip_prefix('/').ok_or_else(|| format!("`/` was expected before `{after}`"))?;
    }
}

fn kind(rest: &str) -> Result<(String, &str), Problem> {
    if let Some(after) = rest.strip_prefix('*') {
        return Ok(("Any".to_owned(), after));
    }
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
    let (word, after) = rest.split_at(end);
    match word.strip_prefix("XCUIElementType") {
        Some(kind) if !kind.is_empty() => Ok((kind.to_owned(), after)),
        _ => Err(format!("`{word}` is no element type")),
    }
}

fn filters(mut rest: &str) -> Result<(Vec<Filter>, &str), Problem> {
    let mut filters = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        let first = inner.chars().next().ok_or("`[` is not closed")?;
        let after = if first == '`' || first == '$' {
            let (text, after) = quoted(inner.get(1..).unwrap_or_default(), first)?;
            let wanted = predicate::parse(&text)?;
            filters.push(if first == '`' { Filter::Own(wanted) } else { Filter::Below(wanted) });
            after
        } else {
            let end = inner.find(']').ok_or("`[` is not closed")?;
            let (digits, after) = inner.split_at(end);
            let position: i64 =
                digits.trim().parse().map_err(|_| format!("`{digits}` is no position"))?;
            if position == 0 {
                return Err("positions count from 1".to_owned());
            }
            filters.push(Filter::Position(position));
            after
        };
        rest = after.strip_prefix(']').ok_or("`]` is missing")?;
    }
    Ok((filters, rest))
}

/// A text up to the closing mark; the mark doubled stands for itself.
fn quoted(rest: &str, mark: char) -> Result<(String, &str), Problem> {
    let mut out = String::new();
    let mut letters = rest.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        if letter != mark {
            out.push(letter);
        } else if letters.peek().is_some_and(|(_, next)| *next == mark) {
            out.push(mark);
            letters.next();
        } else {
            return Ok((out, rest.get(at + mark.len_utf8()..).unwrap_or_default()));
        }
    }
    Err(format!("`{mark}` is not closed"))
}
