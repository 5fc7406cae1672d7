//! The page source as a compact tree.
//!
//! Elements lie in document order in one list; each knows its parent and where its last
//! descendant ends, so a subtree is a range. Everything has a limit: a screen larger than any
//! real one is refused, not read.

use std::ops::Range;

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::ScreenError;

/// A busy feed has some 400 kB.
const BYTES_MAX: usize = 8 * 1024 * 1024;
/// A busy feed has some 1500 elements.
const ELEMENTS_MAX: usize = 20_000;
/// `WebDriverAgent` itself stops at 50 unless told otherwise.
const LEVELS_MAX: usize = 200;

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
    /// What stands between its tags, while it is read.
    written: String,
    /// The left edge, in points.
    pub(crate) x: Option<f32>,
    /// The upper edge, in points.
    pub(crate) y: Option<f32>,
    /// In points.
    pub(crate) width: Option<f32>,
    /// In points.
    pub(crate) height: Option<f32>,
    pub(crate) parent: Option<usize>,
    /// One past the last descendant.
    pub(crate) end: usize,
}

impl Node {
    /// Whether it is of this type, for example `Button`.
    pub(crate) fn is(&self, kind: &str) -> bool {
        self.element_type.strip_prefix("XCUIElementType") == Some(kind)
    }

    pub(crate) fn is_any(&self, kinds: &[&str]) -> bool {
        kinds.iter().any(|kind| self.is(kind))
    }

    /// Whether it carries one of these accessibility ids. A name that only repeats the label is
    /// no id: `WebDriverAgent` fills it in where there is none, and labels may be written by
    /// people. A text never carries an id of its own.
    pub(crate) fn has_id(&self, ids: &[String]) -> bool {
        self.id().is_some_and(|own| ids.iter().any(|id| *id == own))
    }

    /// Its accessibility id, if it has one.
    pub(crate) fn id(&self) -> Option<&str> {
        (!self.name.is_empty() && self.name != self.label && !self.is("StaticText"))
            .then_some(self.name.as_str())
    }

    /// Takes what stands between the tags for what it says, if nothing else does.
    fn settle(&mut self) {
        let written = std::mem::take(&mut self.written);
        if self.said().is_empty() {
            written.trim().clone_into(&mut self.value);
        }
    }

    /// What it says: its label, or its value where it has no label.
    pub(crate) fn said(&self) -> &str {
        let label = self.label.trim();
        if label.is_empty() { self.value.trim() } else { label }
    }
}

/// All elements in document order.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

impl Tree {
    /// Reads a source.
    pub(crate) fn parse(source: &str) -> Result<Self, ScreenError> {
        if source.len() > BYTES_MAX {
            return Err(too_large("bytes", source.len(), BYTES_MAX));
        }
        let mut reader = Reader::from_str(source.trim_start_matches('\u{feff}'));
        let mut tree = Self { nodes: Vec::new() };
        let mut open: Vec<usize> = Vec::new();
        loop {
            let at = reader.buffer_position();
            let malformed = |detail: String| ScreenError::Malformed { position: at, detail };
            match reader.read_event().map_err(|e| malformed(e.to_string()))? {
                Event::Start(start) => {
                    let node = tree.node(&start, open.last().copied()).map_err(malformed)?;
                    open.push(tree.add(node)?);
                    if open.len() > LEVELS_MAX {
                        return Err(too_large("levels", open.len(), LEVELS_MAX));
                    }
                }
                Event::Empty(start) => {
                    let node = tree.node(&start, open.last().copied()).map_err(malformed)?;
                    tree.add(node)?;
                }
                Event::End(_) => {
                    let end = tree.nodes.len();
                    if let Some(node) = open.pop().and_then(|i| tree.nodes.get_mut(i)) {
                        node.end = end;
                        node.settle();
                    }
                }
                Event::Text(text) => tree.write(open.last(), &text.xml10_content()),
                Event::CData(text) => tree.write(open.last(), &text.xml10_content()),
                Event::GeneralRef(entity) => {
                    let name = entity.xml10_content();
                    match entity.resolve_char_ref() {
                        Ok(Some(c)) => tree.write(open.last(), c.encode_utf8(&mut [0; 4])),
                        _ => tree.write(open.last(), predefined(&name).unwrap_or_default()),
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        if !open.is_empty() {
            let detail = "it ends in the middle of an element".to_owned();
            return Err(ScreenError::Malformed { position: reader.buffer_position(), detail });
        }
        if tree.nodes.is_empty() { Err(ScreenError::Empty) } else { Ok(tree) }
    }

    fn node(&self, start: &BytesStart<'_>, parent: Option<usize>) -> Result<Node, String> {
        let above = parent.and_then(|i| self.nodes.get(i));
        let mut node = Node {
            element_type: start.name().as_ref().to_owned(),
            enabled: true,
            // Sources can be asked for without this attribute; then the parent's word holds.
            visible: above.is_none_or(|parent| parent.visible),
            parent,
            ..Node::default()
        };
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|e| e.to_string())?;
            let read = || {
                attribute
                    .normalized_value(XmlVersion::Implicit1_0)
                    .map(std::borrow::Cow::into_owned)
                    .map_err(|e| e.to_string())
            };
            match attribute.key.as_ref() {
                "name" => node.name = read()?,
                "label" => node.label = read()?,
                "value" => node.value = read()?,
                "placeholderValue" => node.placeholder = read()?,
                "bundleId" => node.bundle_id = read()?,
                "enabled" => node.enabled = attribute.value != "false",
                "visible" => node.visible = attribute.value != "false",
                "x" => node.x = points(&attribute.value),
                "y" => node.y = points(&attribute.value),
                "width" => node.width = points(&attribute.value),
                "height" => node.height = points(&attribute.value),
                _ => {}
            }
        }
        Ok(node)
    }

    fn add(&mut self, mut node: Node) -> Result<usize, ScreenError> {
        let at = self.nodes.len();
        if at >= ELEMENTS_MAX {
            return Err(too_large("elements", at + 1, ELEMENTS_MAX));
        }
        node.end = at + 1;
        self.nodes.push(node);
        Ok(at)
    }

    /// Text between tags. A phone says everything in attributes and only indents between them.
    fn write(&mut self, open: Option<&usize>, text: &str) {
        if let Some(node) = open.and_then(|&i| self.nodes.get_mut(i)) {
            node.written.push_str(text);
        }
    }

    /// The element and everything below it.
    pub(crate) fn subtree(&self, at: usize) -> Range<usize> {
        at..self.nodes.get(at).map_or(at, |node| node.end)
    }

    /// Everything above the element, nearest first.
    pub(crate) fn above(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(self.parent(at), |&i| self.parent(i))
    }

    /// Whether the element, or something above it, is of one of these types.
    pub(crate) fn is_within(&self, at: usize, kinds: &[&str]) -> bool {
        std::iter::once(at)
            .chain(self.above(at))
            .any(|i| self.nodes.get(i).is_some_and(|node| node.is_any(kinds)))
    }

    fn parent(&self, at: usize) -> Option<usize> {
        self.nodes.get(at)?.parent
    }
}

fn points(written: &str) -> Option<f32> {
    written.parse().ok().filter(|points: &f32| points.is_finite())
}

fn predefined(entity: &str) -> Option<&'static str> {
    quick_xml::escape::resolve_predefined_entity(entity)
}

const fn too_large(what: &'static str, found: usize, limit: usize) -> ScreenError {
    ScreenError::TooLarge { what, found, limit }
}
