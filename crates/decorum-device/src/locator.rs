//! How an element is looked for, and how text gets safely into a predicate.

use std::fmt;

/// A way to find an element.
///
/// The names that go over the wire differ between servers (`-ios predicate string` for Appium,
/// `predicate string` for WebDriverAgent); the WebDriver client knows which to use.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Locator {
    /// The accessibility id, which XCUITest shows as `name`. The fastest: 0.1 to 0.5 s.
    AccessibilityId(String),
    /// An `NSPredicate` over `name`, `label`, `value`, `type`, ...
    Predicate(String),
    /// A class chain such as `**/XCUIElementTypeButton`.
    ClassChain(String),
    /// An `XPath` over the page source. The slowest.
    XPath(String),
}

impl Locator {
    /// A predicate that holds for an element with exactly this name and this label.
    ///
    /// An element found by it still says what was read a moment ago, so a tap cannot land on a
    /// button that has changed its meaning in between.
    pub fn name_and_label(name: &str, label: &str) -> Self {
        Self::Predicate(format!("name == {} AND label == {}", quoted(name), quoted(label)))
    }

    /// A predicate that holds for an element of this type with exactly this label.
    pub fn type_and_label(element_type: &str, label: &str) -> Self {
        Self::Predicate(format!("type == {} AND label == {}", quoted(element_type), quoted(label)))
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AccessibilityId(value) => write!(f, "accessibility id {value:?}"),
            Self::Predicate(value) => write!(f, "predicate `{value}`"),
            Self::ClassChain(value) => write!(f, "class chain `{value}`"),
            Self::XPath(value) => write!(f, "xpath `{value}`"),
        }
    }
}

/// The text as a string literal of an `NSPredicate`: single quotes around it, a backslash before
/// each quote and backslash of its own, line breaks written as escapes.
pub(crate) fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}
