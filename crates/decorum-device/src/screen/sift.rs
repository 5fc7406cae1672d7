//! Which of a profile's identifiers a page source has, and which of the source's the profile does
//! not know: what a person needs who repairs a profile after an update of the app.

use std::collections::BTreeMap;

use serde::Serialize;

use super::ScreenError;
use super::tree::{Node, Tree};
use crate::AppProfile;

/// One list of identifiers of the profile, held against a page source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sifted {
    /// The list's key in the profile, such as `follow_button`.
    pub key: &'static str,
    /// Its identifiers, in the order in which they are tried.
    pub tried: Vec<String>,
    /// What was found; empty if nothing was.
    pub found: Vec<Match>,
}

/// Elements with one identifier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Match {
    /// The identifier.
    pub id: String,
    /// How many elements have it.
    pub elements: usize,
    /// The type of the first, such as `Button`.
    pub element_type: String,
    /// What the first says.
    pub says: String,
}

/// A page source, held against a profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Sieve {
    /// Every list of the profile.
    pub lists: Vec<Sifted>,
    /// Identifiers on the page that no list has, in the order of their names.
    pub unknown: Vec<Match>,
}

impl Sieve {
    /// Holds a page source against a profile.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn read(source: &str, profile: &AppProfile) -> Result<Self, ScreenError> {
        let tree = Tree::parse(source)?;
        let mut on_page: BTreeMap<&str, Match> = BTreeMap::new();
        for node in &tree.nodes {
            // A bar is named by its title, the app by its own name.
            if node.is_any(&["NavigationBar", "Application"]) {
                continue;
            }
            let Some(id) = node.id() else { continue };
            on_page.entry(id).or_insert_with(|| first(id, node)).elements += 1;
        }
        let mut known = Vec::new();
        let lists = profile
            .ids()
            .lists()
            .map(|(key, ids)| {
                let prefix = key.ends_with("_prefix");
                let is_one = |id: &str| {
                    ids.iter().any(|own| if prefix { id.starts_with(own) } else { id == own })
                };
                let found: Vec<_> =
                    on_page.values().filter(|found| is_one(&found.id)).cloned().collect();
                known.extend(found.iter().map(|found| found.id.clone()));
                Sifted { key, tried: ids.to_vec(), found }
            })
            .collect();
        let unknown = on_page.into_values().filter(|found| !known.contains(&found.id)).collect();
        Ok(Self { lists, unknown })
    }
}

fn first(id: &str, node: &Node) -> Match {
    let kind = &node.element_type;
    let kind = kind.strip_prefix("XCUIElementType").unwrap_or(kind);
    Match {
        id: id.to_owned(),
        elements: 0,
        element_type: kind.to_owned(),
        says: node.said().chars().take(60).collect(),
    }
}
