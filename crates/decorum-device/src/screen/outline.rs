//! What stands where on a screen, for a person who looks at a picture of it: every element that says
//! something or has an identifier, and which of them the profile knows.

use serde::Serialize;

use super::ScreenError;
use super::tree::{Node, Tree};
use crate::AppProfile;

/// Elements listed at most; a busy feed shows some two hundred.
const ELEMENTS_MAX: usize = 500;
/// Characters kept of what an element says.
const SAYS_MAX: usize = 200;

/// A rectangle, in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Frame {
    /// The left edge.
    pub x: f32,
    /// The upper edge.
    pub y: f32,
    /// How wide.
    pub width: f32,
    /// How high.
    pub height: f32,
}

/// An element that can be seen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outlined {
    /// Its type, such as `Button`.
    pub element_type: String,
    /// Its accessibility id, if it has one.
    pub id: Option<String>,
    /// What it says; empty if nothing.
    pub says: String,
    /// Which of the profile's lists knows its id, such as `follow_button`.
    pub known_as: Option<&'static str>,
    /// Where it stands.
    pub frame: Frame,
}

/// What stands where, in the order of the source.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outline {
    /// The whole screen, if the source says how large it is.
    pub size: Option<Frame>,
    /// At most 500 elements.
    pub elements: Vec<Outlined>,
}

impl Outline {
    /// Reads a page source.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn read(source: &str, profile: &AppProfile) -> Result<Self, ScreenError> {
        let tree = Tree::parse(source)?;
        let size = tree.nodes.iter().find_map(frame);
        let lists: Vec<_> = profile.ids().lists().collect();
        let known = |id: &str| {
            let has = |key: &str, ids: &[String]| {
                let prefix = key.ends_with("_prefix");
                ids.iter().any(|own| if prefix { id.starts_with(own.as_str()) } else { id == own })
            };
            lists.iter().find(|(key, ids)| has(key, ids)).map(|(key, _)| *key)
        };
        let elements = tree
            .nodes
            .iter()
            .filter(|node| node.visible && !node.is_any(&["Application", "Window"]))
            .filter_map(|node| {
                let (id, says) = (node.id(), node.said());
                if id.is_none() && says.is_empty() {
                    return None;
                }
                let kind = &node.element_type;
                Some(Outlined {
                    element_type: kind.strip_prefix("XCUIElementType").unwrap_or(kind).to_owned(),
                    id: id.map(str::to_owned),
                    says: says.chars().take(SAYS_MAX).collect(),
                    known_as: id.and_then(known),
                    frame: frame(node)?,
                })
            })
            .take(ELEMENTS_MAX)
            .collect();
        Ok(Self { size, elements })
    }
}

/// Where it stands, if it covers anything.
fn frame(node: &Node) -> Option<Frame> {
    let frame = Frame { x: node.x?, y: node.y?, width: node.width?, height: node.height? };
    (frame.width > 0.0 && frame.height > 0.0).then_some(frame)
}
