//! One entry of a list, in any of the shapes it has had.
//!
//! Relationships: `string_list_data` with the name in `value`, in newer exports in the entry's
//! `title` or in the link alone. Likes: the name in `title`; newer ones have `label_values`, in
//! which the owner is a list within a list. Comments: `string_map_data` with "Media Owner" and
//! "Time".

use std::collections::BTreeMap;

use decorum_core::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::List;
use crate::time::unix_seconds;

#[derive(Deserialize)]
pub(super) struct Entry {
    title: Option<String>,
    timestamp: Option<i64>,
    #[serde(default)]
    string_list_data: Vec<Datum>,
    #[serde(default)]
    string_map_data: BTreeMap<String, Datum>,
    #[serde(default)]
    label_values: Vec<Label>,
}

#[derive(Deserialize)]
struct Datum {
    href: Option<String>,
    value: Option<String>,
    timestamp: Option<i64>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(rename = "label")]
    name: Option<String>,
    /// Mostly a text.
    value: Option<Value>,
    #[serde(default)]
    dict: Vec<Label>,
}

/// What may be the name of a person, best first, and when it was.
type Person<'e> = (Vec<&'e str>, Option<Timestamp>);

impl Entry {
    /// The value under this name of a map.
    pub(super) fn mapped(&self, name: &str) -> Option<&str> {
        self.string_map_data.get(name)?.value.as_deref()
    }

    /// The people of an entry: one, but for lists of old exports with several in an entry.
    pub(super) fn people(&self, list: List) -> Vec<Person<'_>> {
        let whole = self.timestamp.and_then(unix_seconds);
        let title = self.title.as_deref();
        if !self.label_values.is_empty() {
            let name = username(&self.label_values);
            return vec![(name.into_iter().collect(), whole)];
        }
        match list {
            List::Commented => {
                let name = self.mapped("Media Owner");
                let time = self.string_map_data.get("Time").and_then(|time| time.timestamp);
                // In other languages the names are others; the one time there is, is it.
                let time = time.or_else(|| {
                    self.string_map_data.values().filter_map(|datum| datum.timestamp).max()
                });
                vec![(name.into_iter().collect(), time.and_then(unix_seconds).or(whole))]
            }
            List::Liked => {
                // The link leads to the post, and the value is a heart.
                let time = self.string_list_data.iter().find_map(|datum| datum.timestamp);
                vec![(title.into_iter().collect(), time.and_then(unix_seconds).or(whole))]
            }
            _ if self.string_list_data.is_empty() => vec![(title.into_iter().collect(), whole)],
            _ => self.string_list_data.iter().map(|datum| self.listed(datum)).collect(),
        }
    }
}

impl Entry {
    fn listed<'e>(&'e self, datum: &'e Datum) -> Person<'e> {
        let link = datum.href.as_deref().and_then(linked);
        let names = [datum.value.as_deref(), self.title.as_deref(), link];
        let time = datum.timestamp.or(self.timestamp).and_then(unix_seconds);
        (names.into_iter().flatten().collect(), time)
    }
}

/// The name in a link to a profile, such as `https://www.instagram.com/_u/NAME`.
fn linked(href: &str) -> Option<&str> {
    let (_, path) = href.split_once("instagram.com/")?;
    let path = path.split(['?', '#']).next()?;
    let path = path.strip_prefix("_u/").unwrap_or(path);
    path.split('/').next().filter(|name| !name.is_empty())
}

/// The first username among labels, however deep.
fn username(labels: &[Label]) -> Option<&str> {
    labels.iter().find_map(|label| match (label.name.as_deref(), &label.value) {
        (Some("Username"), Some(Value::String(name))) => Some(name.as_str()),
        _ => username(&label.dict),
    })
}
