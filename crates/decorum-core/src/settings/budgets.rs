//! Caps per action, of each account and of all accounts together.
//!
//! The defaults of an account are deliberately below what people report as tolerated: one that does
//! less than it could loses an hour, one that does more loses itself.

use serde::{Deserialize, Deserializer, Serialize};

use super::{SettingsError, range};
use crate::Action;

/// Caps of one action; `None`: no cap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Most acts in any 60 minutes.
    #[serde(default)]
    pub hour: Option<u32>,
    /// Most acts in any 24 hours.
    #[serde(default)]
    pub day: Option<u32>,
}

impl Cap {
    const fn new(hour: u32, day: u32) -> Self {
        Self { hour: Some(hour), day: Some(day) }
    }

    /// Whether it caps nothing.
    pub const fn is_none(self) -> bool {
        self.hour.is_none() && self.day.is_none()
    }
}

/// `null` for an action is no cap of either kind.
fn cap_or_none<'de, D: Deserializer<'de>>(d: D) -> Result<Cap, D::Error> {
    Ok(Option::deserialize(d)?.unwrap_or_default())
}

/// Caps of every action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Budgets {
    /// Follows.
    #[serde(deserialize_with = "cap_or_none")]
    pub follow: Cap,
    /// Likes.
    #[serde(deserialize_with = "cap_or_none")]
    pub like: Cap,
    /// Comments.
    #[serde(deserialize_with = "cap_or_none")]
    pub comment: Cap,
    /// Stories watched.
    #[serde(deserialize_with = "cap_or_none")]
    pub view: Cap,
}

impl Default for Budgets {
    fn default() -> Self {
        Self {
            follow: Cap::new(15, 100),
            like: Cap::new(30, 250),
            comment: Cap::new(6, 30),
            view: Cap::new(40, 300),
        }
    }
}

/// The same for the caps of all accounts together, where an action that is not named has none.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Named {
    #[serde(deserialize_with = "cap_or_none")]
    follow: Cap,
    #[serde(deserialize_with = "cap_or_none")]
    like: Cap,
    #[serde(deserialize_with = "cap_or_none")]
    comment: Cap,
    #[serde(deserialize_with = "cap_or_none")]
    view: Cap,
}

/// Reads caps of which those that are not named are none.
pub(super) fn only_named<'de, D: Deserializer<'de>>(d: D) -> Result<Budgets, D::Error> {
    let Named { follow, like, comment, view } = Named::deserialize(d)?;
    Ok(Budgets { follow, like, comment, view })
}

impl Budgets {
    /// No caps at all.
    pub const NONE: Self = {
        let none = Cap { hour: None, day: None };
        Self { follow: none, like: none, comment: none, view: none }
    };

    /// The caps of one action.
    pub const fn cap(&self, action: Action) -> Cap {
        match action {
            Action::Follow => self.follow,
            Action::Like => self.like,
            Action::Comment => self.comment,
            Action::View => self.view,
        }
    }

    /// `name`: of the setting. `most`: the largest cap it takes.
    pub(super) fn check(&self, name: &str, most: u32) -> Result<(), SettingsError> {
        for action in Action::ALL {
            let cap = self.cap(*action);
            for (window, value) in [("hour", cap.hour), ("day", cap.day)] {
                if let Some(value) = value {
                    range(&format!("{name}.{action}.{window}"), value, 0, most)?;
                }
            }
        }
        Ok(())
    }
}
