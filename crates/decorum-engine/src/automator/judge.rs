//! What a screen means: from texts and pages to an [`Ending`].

use decorum_core::classify::{Class, Place};
use decorum_core::{ErrorClass, Outcome, Skip, outcome::reason};
use decorum_device::screen::{Overlay, Page};
use decorum_device::{Screen, screen};

use super::Automator;
use crate::guard::Ending;

impl Automator {
    /// The trouble a screen shows, if any. What a person wrote never counts.
    pub(super) fn trouble(&self, screen: &Screen) -> Option<Ending> {
        self.overlay_trouble(screen).or_else(|| page_trouble(&screen.page)).or_else(|| {
            let banners =
                screen.texts().iter().filter(|(place, _)| *place == screen::Place::Banner);
            banners.map(|(_, text)| text).find_map(|text| self.known(text, Place::Banner))
        })
    }

    fn overlay_trouble(&self, screen: &Screen) -> Option<Ending> {
        match screen.overlay.as_ref()? {
            Overlay::Dialog(dialog) | Overlay::SystemAlert(dialog) => {
                let text = dialog.full_text();
                match self.classifier.classify(&text, Place::Dialog, None).class {
                    Class::Benign => None,
                    // Nobody taught us these words, so they count as a refusal.
                    class => Some(ending(class, &text)),
                }
            }
            Overlay::Toast { text } => self.known(text, Place::Toast),
            Overlay::Interstitial { .. } => None,
        }
    }

    /// A text that fades or decorates is trouble only if its words are known to be.
    fn known(&self, text: &str, place: Place) -> Option<Ending> {
        match self.classifier.classify(text, place, None).class {
            Class::Benign | Class::Unknown => None,
            class => Some(ending(class, text)),
        }
    }
}

fn page_trouble(page: &Page) -> Option<Ending> {
    let (class, text) = match page {
        Page::Login => (ErrorClass::LoggedOut, "the app shows the log-in page"),
        Page::Challenge { text } => (ErrorClass::Challenge, text.as_str()),
        Page::AccountSuspended { text } => (ErrorClass::AccountSuspended, text.as_str()),
        _ => return None,
    };
    Some(Ending::new(Outcome::Failed(class), text))
}

fn ending(class: Class, text: &str) -> Ending {
    match class.error_class() {
        Some(ErrorClass::PrivateAccount) => {
            Ending::new(Outcome::Skipped(Skip::Private), text).because(reason::PRIVATE_ACCOUNT)
        }
        Some(class) => Ending::new(Outcome::Failed(class), text),
        None => Ending::new(Outcome::Failed(ErrorClass::Unknown), text),
    }
}
