//! Something on a screen that can be tapped or typed into, as it was read.

use super::tree::Node;
use crate::Locator;

/// An element as the page source showed it.
///
/// It builds the locator with which the element is found again: name *and* label, so that a
/// button which has changed since it was read is not found instead of being tapped.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Control {
    /// The element's type, for example `XCUIElementTypeButton`.
    pub element_type: String,
    /// The accessibility id; empty if it has none.
    pub name: String,
    /// The label as it stands in the source; empty if it has none.
    pub label: String,
    /// The value, if it has one.
    pub value: Option<String>,
    /// Whether it is enabled.
    pub enabled: bool,
}

impl Control {
    pub(crate) fn of(node: &Node) -> Self {
        Self {
            element_type: node.element_type.clone(),
            name: node.name.clone(),
            label: node.label.clone(),
            value: (!node.value.is_empty()).then(|| node.value.clone()),
            enabled: node.enabled,
        }
    }

    /// Finds the element only while it still says what was read. For everything that is tapped.
    pub fn locator(&self) -> Locator {
        match (self.name.is_empty(), self.label.is_empty()) {
            (false, false) => Locator::name_and_label(&self.name, &self.label),
            (true, false) => Locator::type_and_label(&self.element_type, &self.label),
            (false, true) => Locator::AccessibilityId(self.name.clone()),
            (true, true) => Locator::ClassChain(format!("**/{}", self.element_type)),
        }
    }

    /// Finds the element by its name alone, whatever it says now. For text fields, whose label
    /// and value change as one types.
    pub fn locator_by_name(&self) -> Locator {
        if self.name.is_empty() {
            self.locator()
        } else {
            Locator::AccessibilityId(self.name.clone())
        }
    }
}
