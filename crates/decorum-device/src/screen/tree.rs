//! The page source as a compact tree.
//!
//! Elements lie in document order in one vector; a subtree is a range of it. That makes every
//! question a walk over a slice, and nothing recursive that a hostile source could make deep.

use std::ops::Range;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::ScreenError;

/// The largest source taken, in bytes; a long list of people has about two hundred thousand.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// The most elements.
const ELEMENTS_MAX: usize = 50_000;
/// The most levels; XCUITest itself stops at about sixty.
const LEVELS_MAX: usize = 500;

/// One element of the source.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) element_type: String,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) placeholder: String,
    pub(crate) bundle_id: String,
    pub(crate) enabled: bool,
    pub(crate) visible: bool,
    /// The element around it.
    pub(crate) parent: Option<usize>,
    /// One past its last descendant.
    pub(crate) end: usize,
}

impl Node {
    /// Whether it is of this type, given without `XCUIElementType`.
    pub(crate) fn is(&self, short: &str) -> bool {
        self.element_type.strip_prefix("XCUIElementType") == Some(short)
    }

    /// What it says: its label, or its value, or its name.
    pub(crate) fn text(&self) -> &str {
        [&self.label, &self.value, &self.name].into_iter().find(|t| !t.is_empty()).map_or("", |t| t)
    }
}

/// A source, read.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

impl Tree {
    /// Reads a source.
    pub(crate) fn read(source: &str) -> Result<Self, ScreenError> {
        limit("bytes", source.len(), BYTES_MAX)?;
        let mut reader = Reader::from_str(source);
        let mut nodes: Vec<Node> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        loop {
            let event = reader.read_event().map_err(|e| ScreenError::Malformed {
                position: reader.error_position(),
                detail: e.to_string(),
            })?;
            match event {
                Event::Start(tag) => {
                    limit("levels", open.len() + 1, LEVELS_MAX)?;
                    let at = push(&mut nodes, &tag, open.last().copied(), &reader)?;
                    open.push(at);
                }
                Event::Empty(tag) => {
                    push(&mut nodes, &tag, open.last().copied(), &reader)?;
                }
                Event::End(_) => {
                    if let Some(at) = open.pop() {
                        let end = nodes.len();
                        if let Some(node) = nodes.get_mut(at) {
                            node.end = end;
                        }
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if !open.is_empty() {
            return Err(ScreenError::Malformed {
                position: reader.buffer_position(),
                detail: "it ends before its last element is closed".to_owned(),
            });
        }
        if nodes.is_empty() { Err(ScreenError::Empty) } else { Ok(Self { nodes }) }
    }

    /// The elements inside the one at `at`.
    pub(crate) fn inside(&self, at: usize) -> Range<usize> {
        at + 1..self.nodes.get(at).map_or(at + 1, |n| n.end)
    }

    /// The visible elements of a range, with their places.
    pub(crate) fn visible(&self, range: Range<usize>) -> impl Iterator<Item = (usize, &Node)> {
        let start = range.start;
        let nodes = self.nodes.get(range).unwrap_or_default();
        nodes.iter().enumerate().map(move |(i, n)| (start + i, n)).filter(|(_, n)| n.visible)
    }

    /// The nearest element around the one at `at` that `wanted` accepts.
    pub(crate) fn around(&self, at: usize, wanted: impl Fn(&Node) -> bool) -> Option<usize> {
        let mut next = self.nodes.get(at)?.parent;
        while let Some(i) = next {
            let node = self.nodes.get(i)?;
            if wanted(node) {
                return Some(i);
            }
            next = node.parent;
        }
        None
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), ScreenError> {
    if found > limit { Err(ScreenError::TooLarge { what, found, limit }) } else { Ok(()) }
}

fn push(
    nodes: &mut Vec<Node>,
    tag: &BytesStart<'_>,
    parent: Option<usize>,
    reader: &Reader<&[u8]>,
) -> Result<usize, ScreenError> {
    limit("elements", nodes.len() + 1, ELEMENTS_MAX)?;
    let at = nodes.len();
    let mut node = Node {
        element_type: tag.name().as_ref().to_owned(),
        enabled: true,
        visible: true,
        parent,
        end: at + 1,
        ..Node::default()
    };
    let malformed =
        |detail: String| ScreenError::Malformed { position: reader.buffer_position(), detail };
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|e| malformed(e.to_string()))?;
        let slot = match attribute.key.as_ref() {
            "name" => &mut node.name,
            "label" => &mut node.label,
            "value" => &mut node.value,
            "placeholderValue" => &mut node.placeholder,
            "bundleId" => &mut node.bundle_id,
            "enabled" => {
                node.enabled = attribute.value.as_ref() != "false";
                continue;
            }
            "visible" => {
                node.visible = attribute.value.as_ref() != "false";
                continue;
            }
            _ => continue,
        };
        let version = quick_xml::XmlVersion::Implicit1_0;
        let value = attribute.normalized_value(version).map_err(|e| malformed(e.to_string()))?;
        *slot = value.into_owned();
    }
    nodes.push(node);
    Ok(at)
}
