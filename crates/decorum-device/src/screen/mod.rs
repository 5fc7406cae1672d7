//! One page source, understood.
//!
//! [`Screen::read`] goes over the XML once into a compact tree and answers every question from
//! it: which page, whose, what relationship, what lies over it, which texts stood where. One
//! round trip (1 to 3 s on a real phone) instead of ten.
//!
//! Invariants: reading never panics, whatever the input; a page is only named if what makes it
//! that page is there; a label that is not understood makes `Unknown`, never a guess; a text that
//! a person wrote never comes out as the platform's.

mod control;
mod display;
mod outline;
mod overlay;
mod page;
mod place;
mod read;
mod sift;
mod tree;

pub use control::Control;
pub use outline::{Frame, Outline, Outlined};
pub use overlay::{Dialog, Overlay};
pub use page::{
    AccountSheet, Comment, CommentSheet, ListPage, Page, PostPage, ProfilePage, Relationship, Row,
    StoryPage,
};
pub use place::Place;
pub use sift::{Match, Sieve, Sifted};

use crate::AppProfile;

/// What Decorum sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The page in front.
    pub page: Page,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// The app in front.
    pub app: FrontApp,
    /// The button that leads back, if the page shows one.
    pub back_button: Option<Control>,
    /// Whether the keyboard is up: it covers the lower third.
    pub has_keyboard: bool,
    /// Whether the app is shown on its side, wider than it is high. A phone's pages are known
    /// upright only.
    pub is_sideways: bool,
    texts: Vec<(Place, String)>,
}

/// The app in front, as far as the source tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FrontApp {
    /// Its bundle id, if the source says it.
    pub bundle_id: Option<String>,
    /// Its name, if the source says it.
    pub name: Option<String>,
}

/// Why a page source cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ScreenError {
    /// It is not well-formed XML.
    #[error(
        "the page source is not well-formed XML near byte {position}: {detail}; fetch it again"
    )]
    Malformed {
        /// Bytes from the start.
        position: u64,
        /// What the parser says.
        detail: String,
    },
    /// It has no element.
    #[error("the page source is empty; fetch it again")]
    Empty,
    /// It is larger than any real screen.
    #[error("the page source has {found} {what}, more than the {limit} a screen may have")]
    TooLarge {
        /// Bytes, elements or levels.
        what: &'static str,
        /// How many it has (at least).
        found: usize,
        /// How many it may have.
        limit: usize,
    },
}

impl Screen {
    /// Reads a page source, of a WebDriverAgent or through Appium, in the light of an app profile.
    pub fn read(source_xml: &str, profile: &AppProfile) -> Result<Self, ScreenError> {
        Ok(read::screen(&tree::Tree::parse(source_xml)?, profile))
    }

    /// Every text on the screen with the place where it stood, overlay first.
    pub fn texts(&self) -> &[(Place, String)] {
        &self.texts
    }
}
