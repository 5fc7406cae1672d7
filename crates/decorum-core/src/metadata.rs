//! What a caller adds to an event in its own words: a JSON object, kept as one canonical text.
//!
//! Canonical (keys sorted, no white space) and kept as text because it is hashed: parsing and
//! printing again could change a number by its last digit and break the chain.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Map, Value};

/// The largest metadata, in bytes of canonical text.
pub const METADATA_MAX: usize = 16 * 1024;

/// Metadata that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Not an object.
    #[error("metadata must be a JSON object such as {{\"campaign\":\"spring\"}}")]
    NotAnObject,
    /// Too large.
    #[error("metadata has {0} bytes; at most {METADATA_MAX} are kept")]
    TooLarge(usize),
}

/// A JSON object in canonical form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metadata(Box<str>);

impl Metadata {
    /// Brings an object into canonical form.
    ///
    /// # Errors
    /// When it is not an object, or larger than [`METADATA_MAX`].
    pub fn new(value: &Value) -> Result<Self, MetadataError> {
        if !value.is_object() {
            return Err(MetadataError::NotAnObject);
        }
        let mut text = String::new();
        write_canonical(value, &mut text);
        if text.len() > METADATA_MAX {
            return Err(MetadataError::TooLarge(text.len()));
        }
        Ok(Self(text.into_boxed_str()))
    }

    /// Wraps a text a store kept. It is not checked: the hash chain judges it.
    pub fn from_stored(text: String) -> Self {
        Self(text.into_boxed_str())
    }

    /// The canonical text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The object; empty if the text was damaged in the store.
    pub fn to_map(&self) -> Map<String, Value> {
        serde_json::from_str(&self.0).unwrap_or_default()
    }

    /// This metadata with one more field. A field that would make it too large is left out.
    #[must_use]
    pub fn with(self, name: &str, value: impl Into<Value>) -> Self {
        let mut map = self.to_map();
        map.insert(name.to_owned(), value.into());
        Self::new(&Value::Object(map)).unwrap_or(self)
    }
}

impl Default for Metadata {
    fn default() -> Self {
        Self("{}".into())
    }
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Metadata {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.to_map().serialize(s)
    }
}

impl<'de> Deserialize<'de> for Metadata {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::new(&Value::deserialize(d)?).map_err(de::Error::custom)
    }
}

fn write_canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut fields: Vec<_> = map.iter().collect();
            fields.sort_by_key(|(name, _)| name.as_str());
            out.push('{');
            for (i, (name, value)) in fields.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(name.as_str()).to_string());
                out.push(':');
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        scalar => out.push_str(&scalar.to_string()),
    }
}
