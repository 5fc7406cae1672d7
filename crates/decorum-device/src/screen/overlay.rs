//! What lies over a page.

use super::Control;

/// Something over the page that speaks or stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    /// A dialog of the app. Unless its words are known to be harmless it must be taken for a
    /// refusal.
    Dialog(Dialog),
    /// A dialog of the system (over the app, or with the system in front).
    SystemAlert(Dialog),
    /// A short message that fades.
    Toast {
        /// What it says.
        text: String,
    },
    /// A known, harmless question of the app or system, to be answered by its safe button only.
    Interstitial {
        /// What it says.
        text: String,
        /// The button that declines.
        safe_button: Control,
        /// Whether it is an alert: then [`Device::alert_press`](crate::Device::alert_press) with
        /// the button's label works too.
        is_alert: bool,
    },
}

/// A dialog: title, text and buttons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dialog {
    /// The title; empty if it has none.
    pub title: String,
    /// The text below the title; empty if it has none.
    pub text: String,
    /// The buttons in order.
    pub buttons: Vec<Control>,
}

impl Dialog {
    /// Title and text in one.
    pub fn full_text(&self) -> String {
        match (self.title.is_empty(), self.text.is_empty()) {
            (false, false) => format!("{}\n{}", self.title, self.text),
            (false, true) => self.title.clone(),
            (true, _) => self.text.clone(),
        }
    }
}
