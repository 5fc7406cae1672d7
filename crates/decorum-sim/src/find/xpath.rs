//! `XPath` over the very tree the page source shows.

use std::cmp::Ordering;

use xpath_eval::{
    DocumentCache, EvaluationContext, ExpandedName, Node, NodeKind, Value, evaluate, parse,
};

use super::Problem;
use crate::attributes::{self, LISTED};
use crate::tree::Tree;

/// Brackets inside each other, at most: the parser recurses.
const DEEPEST: usize = 48;

/// A place in the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Element(usize),
    /// Element and number of the attribute.
    Attribute(usize, usize),
}

#[derive(Debug, Clone, Copy)]
struct View<'a> {
    tree: &'a Tree,
    /// The element that plays the document element.
    top: usize,
    place: Place,
}

impl PartialEq for View<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
    }
}

impl Eq for View<'_> {}

impl View<'_> {
    fn rank(self) -> (usize, usize) {
        match self.place {
            Place::Root => (0, 0),
            Place::Element(at) => (at + 1, 0),
            Place::Attribute(at, number) => (at + 1, number + 1),
        }
    }
}

impl<'a> Node<'a> for View<'a> {
    fn kind(self) -> NodeKind {
        match self.place {
            Place::Root => NodeKind::Root,
            Place::Element(_) => NodeKind::Element,
            Place::Attribute(..) => NodeKind::Attribute,
        }
    }

    fn parent(self) -> Option<Self> {
        let place = match self.place {
            Place::Root => return None,
            Place::Element(at) if at == self.top => Place::Root,
            Place::Element(at) => Place::Element(self.tree.items.get(at)?.parent?),
            Place::Attribute(at, _) => Place::Element(at),
        };
        Some(Self { place, ..self })
    }

    fn children(self) -> impl Iterator<Item = Self> + 'a {
        let top = [self.top];
        let below: &'a [usize] = match self.place {
            Place::Element(at) => self.tree.items.get(at).map_or(&[], |item| &item.children),
            Place::Root | Place::Attribute(..) => &[],
        };
        let first = (self.place == Place::Root).then_some(top).into_iter().flatten();
        first.chain(below.iter().copied()).map(move |at| Self { place: Place::Element(at), ..self })
    }

    fn attributes(self) -> impl Iterator<Item = Self> + 'a {
        let at = match self.place {
            Place::Element(at) => Some(at),
            Place::Root | Place::Attribute(..) => None,
        };
        at.into_iter().flat_map(move |at| {
            (0..LISTED.len())
                .map(move |number| Self { place: Place::Attribute(at, number), ..self })
                .filter(|view| view.written().is_some())
        })
    }

    fn namespaces(self) -> impl Iterator<Item = Self> + 'a {
        std::iter::empty()
    }

    fn expanded_name(self) -> Option<ExpandedName> {
        let local_name = match self.place {
            Place::Root => return None,
            Place::Element(at) => self.tree.items.get(at)?.type_name(),
            Place::Attribute(_, number) => (*LISTED.get(number)?).to_owned(),
        };
        Some(ExpandedName { namespace_uri: None, local_name })
    }

    fn string_value(self) -> String {
        // Elements hold no text of their own.
        self.written().unwrap_or_default()
    }

    fn document_order(self, other: Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

impl View<'_> {
    fn written(self) -> Option<String> {
        match self.place {
            Place::Attribute(at, number) => {
                attributes::read(self.tree, at, LISTED.get(number)?)?.written()
            }
            Place::Root | Place::Element(_) => None,
        }
    }
}

/// Elements that an expression selects, with `top` as the document element.
pub(super) fn find(tree: &Tree, top: usize, source: &str) -> Result<Vec<usize>, Problem> {
    let mut depth = 0_usize;
    for letter in source.chars() {
        match letter {
            '(' | '[' | '-' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
    }
    let expression = parse(source).map_err(|error| error.to_string())?;
    let cache = DocumentCache::new();
    let root = View { tree, top, place: Place::Root };
    let mut context = EvaluationContext::new(root);
    context.cache = Some(&cache);
    let value = evaluate(&expression, &context).map_err(|error| error.to_string())?;
    let Value::NodeSet(nodes) = value else {
        return Err("it does not select elements".to_owned());
    };
    let mut found: Vec<usize> = nodes
        .into_iter()
        .filter_map(|node| match node.place {
            Place::Element(at) => Some(at),
            Place::Root | Place::Attribute(..) => None,
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
