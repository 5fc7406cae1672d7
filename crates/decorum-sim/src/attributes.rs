//! What an element says about itself: one list of attributes for the page source, the locators
//! and the attribute route.

use serde_json::{Value, json};

use crate::tree::{Item, Rect, Tree};

/// Attributes of the page source, in the order WebDriverAgent writes them.
pub(crate) const LISTED: [&str; 12] = [
    "type",
    "value",
    "name",
    "label",
    "enabled",
    "visible",
    "accessible",
    "x",
    "y",
    "width",
    "height",
    "index",
];

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Attribute {
    Nothing,
    Text(String),
    Bool(bool),
    Number(i32),
    Frame(Rect),
}

impl Attribute {
    fn text(value: Option<&str>) -> Self {
        value.map_or(Self::Nothing, |text| Self::Text(text.to_owned()))
    }

    /// As it stands in XML; nothing for an attribute that is left out.
    pub(crate) fn written(&self) -> Option<String> {
        match self {
            Self::Nothing | Self::Frame(_) => None,
            Self::Text(text) => Some(text.clone()),
            Self::Bool(yes) => Some(yes.to_string()),
            Self::Number(number) => Some(number.to_string()),
        }
    }

    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Nothing => Value::Null,
            Self::Text(text) => json!(text),
            Self::Bool(yes) => json!(yes),
            Self::Number(number) => json!(number),
            Self::Frame(frame) => frame_json(*frame),
        }
    }
}

pub(crate) fn frame_json(frame: Rect) -> Value {
    json!({"x": frame.x, "y": frame.y, "width": frame.w, "height": frame.h})
}

impl Item {
    /// Element type with its prefix.
    pub(crate) fn type_name(&self) -> String {
        format!("XCUIElementType{}", self.node.kind)
    }

    /// The identifier, or the label where there is none.
    pub(crate) fn name(&self) -> Option<&str> {
        self.node.name.as_deref().or(self.node.label.as_deref()).filter(|name| !name.is_empty())
    }

    /// What the element holds, by the rules of WebDriverAgent for its type.
    pub(crate) fn value(&self) -> Option<&str> {
        let own = self.node.value.as_deref().filter(|value| !value.is_empty());
        match self.node.kind {
            "StaticText" => own.or(self.node.label.as_deref()),
            "Button" => own.or(self.node.selected.then_some("1")),
            "TextField" | "SecureTextField" | "SearchField" | "TextView" => {
                own.or(self.node.placeholder.as_deref())
            }
            _ => own,
        }
    }
}

/// Reads an attribute by any of the names WebDriverAgent knows; nothing for an unknown one.
pub(crate) fn read(tree: &Tree, at: usize, name: &str) -> Option<Attribute> {
    let item = tree.items.get(at)?;
    let node = &item.node;
    let frame = node.rect;
    Some(match canonical(name) {
        "type" => Attribute::Text(item.type_name()),
        "value" => Attribute::text(item.value()),
        "name" => Attribute::text(item.name()),
        "identifier" => Attribute::text(node.name.as_deref()),
        "label" => Attribute::text(node.label.as_deref()),
        "placeholderValue" => Attribute::text(node.placeholder.as_deref()),
        "enabled" => Attribute::Bool(!node.disabled),
        "visible" => Attribute::Bool(item.visible),
        "hittable" => Attribute::Bool(tree.hittable(at)),
        "accessible" => Attribute::Bool(node.accessible),
        "accessibilityContainer" => Attribute::Bool(!node.accessible && !item.children.is_empty()),
        "selected" => Attribute::Bool(node.selected),
        "focused" => Attribute::Bool(false),
        "index" => Attribute::Number(i32::try_from(item.index).unwrap_or(i32::MAX)),
        "x" => Attribute::Number(frame.x),
        "y" => Attribute::Number(frame.y),
        "width" => Attribute::Number(frame.w),
        "height" => Attribute::Number(frame.h),
        "rect" | "frame" => Attribute::Frame(frame),
        "traits" => Attribute::text(traits(item.node.kind)),
        "UID" => Attribute::Text(format!("{:x}", item.key)),
        _ => return None,
    })
}

/// Folds the names WebDriverAgent accepts for one attribute into one.
fn canonical(name: &str) -> &str {
    match name {
        "wdType" | "elementType" => "type",
        "wdValue" => "value",
        "wdName" => "name",
        "wdLabel" => "label",
        "wdEnabled" | "isEnabled" | "isWDEnabled" => "enabled",
        "wdVisible" | "isVisible" | "isWDVisible" | "displayed" => "visible",
        "wdHittable" | "isHittable" | "isWDHittable" => "hittable",
        "wdAccessible" | "isAccessible" | "isWDAccessible" => "accessible",
        "wdAccessibilityContainer" | "isAccessibilityContainer" => "accessibilityContainer",
        "wdSelected" | "isSelected" | "isWDSelected" => "selected",
        "wdFocused" | "isFocused" | "hasFocus" | "hasKeyboardFocus" => "focused",
        "wdIndex" => "index",
        "wdPlaceholderValue" | "placeholder" => "placeholderValue",
        "wdRect" => "rect",
        "wdFrame" => "frame",
        "wdTraits" => "traits",
        "wdUID" => "UID",
        "rect.x" | "wdRect.x" | "frame.origin.x" | "frame.x" => "x",
        "rect.y" | "wdRect.y" | "frame.origin.y" | "frame.y" => "y",
        "rect.width" | "wdRect.width" | "frame.size.width" | "frame.width" => "width",
        "rect.height" | "wdRect.height" | "frame.size.height" | "frame.height" => "height",
        "accessibilityIdentifier" => "identifier",
        other => other,
    }
}

fn traits(kind: &str) -> Option<&'static str> {
    match kind {
        "Button" | "Icon" => Some("Button"),
        "StaticText" => Some("StaticText"),
        "Image" => Some("Image"),
        "SearchField" => Some("SearchField"),
        "Key" => Some("KeyboardKey"),
        _ => None,
    }
}
