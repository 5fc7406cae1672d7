//! What can be asked of a phone, and which of it changes something.
//!
//! Invariant: a command is a read only if sending it twice, or not knowing whether it was carried
//! out, can never engage anybody. Everything else is sent exactly once.

use std::fmt;

/// One kind of request to a phone server, named for error messages and time-outs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    /// Ask the server what it is and whether it is ready.
    Status,
    /// Create a session.
    OpenSession,
    /// Ask whether a session still lives.
    ResumeSession,
    /// End a session.
    CloseSession,
    /// Open a deep link.
    OpenLink,
    /// Read the page source.
    Source,
    /// Find one element.
    Find,
    /// Find all matching elements.
    FindAll,
    /// Read an attribute of an element.
    Attribute,
    /// Tap an element.
    Tap,
    /// Type text into an element.
    TypeText,
    /// Empty a text field.
    Clear,
    /// Drag a finger across the screen.
    Swipe,
    /// Read the text of an alert.
    AlertText,
    /// Read the button labels of an alert.
    AlertButtons,
    /// Accept an alert.
    AlertAccept,
    /// Dismiss an alert.
    AlertDismiss,
    /// Press a named button of an alert.
    AlertPress,
    /// Take a screenshot.
    Screenshot,
    /// Bring an app to the front.
    ActivateApp,
    /// End an app.
    TerminateApp,
    /// Read the size of the screen.
    WindowSize,
    /// Turn what is shown upright.
    TurnUpright,
    /// Put the keyboard away.
    HideKeyboard,
}

impl Command {
    /// Whether the command only looks: it may be repeated freely, and its failure is never
    /// ambiguous.
    pub const fn is_read(self) -> bool {
        matches!(
            self,
            Self::Status
                | Self::ResumeSession
                | Self::Source
                | Self::Find
                | Self::FindAll
                | Self::Attribute
                | Self::AlertText
                | Self::AlertButtons
                | Self::Screenshot
                | Self::WindowSize
        )
    }

    /// The command as a phrase that completes "could not ...".
    pub const fn phrase(self) -> &'static str {
        match self {
            Self::Status => "ask the server for its status",
            Self::OpenSession => "open a session",
            Self::ResumeSession => "resume the session",
            Self::CloseSession => "close the session",
            Self::OpenLink => "open the link",
            Self::Source => "read the page source",
            Self::Find => "find the element",
            Self::FindAll => "find the elements",
            Self::Attribute => "read the attribute",
            Self::Tap => "tap the element",
            Self::TypeText => "type the text",
            Self::Clear => "clear the text field",
            Self::Swipe => "swipe",
            Self::AlertText => "read the alert",
            Self::AlertButtons => "read the buttons of the alert",
            Self::AlertAccept => "accept the alert",
            Self::AlertDismiss => "dismiss the alert",
            Self::AlertPress => "press the button of the alert",
            Self::Screenshot => "take a screenshot",
            Self::ActivateApp => "activate the app",
            Self::TerminateApp => "terminate the app",
            Self::WindowSize => "read the size of the screen",
            Self::TurnUpright => "turn the phone upright",
            Self::HideKeyboard => "put the keyboard away",
        }
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}
