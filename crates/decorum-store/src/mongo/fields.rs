//! One field of one document, read exactly.
//!
//! Exactly: a text that would be accepted from a person but is not what we write was changed by
//! somebody else, and is an error that names the field. A field without a value is left out of
//! its document, so that partial indexes stay small.

use std::fmt::Display;
use std::str::FromStr;

use decorum_core::{Digest, Salt, Timestamp};
use mongodb::bson::spec::BinarySubtype;
use mongodb::bson::{self, Binary, Bson, DateTime, Document};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::fault::{Fault, Outcome};

/// A document being read.
#[derive(Clone, Copy)]
pub(super) struct Fields<'d>(pub(super) &'d Document);

/// A field that is there.
#[derive(Clone, Copy)]
pub(super) struct Field<'d> {
    name: &'static str,
    value: &'d Bson,
}

impl<'d> Fields<'d> {
    /// A field that may be absent.
    pub(super) fn maybe(self, name: &'static str) -> Option<Field<'d>> {
        match self.0.get(name) {
            None | Some(Bson::Null) => None,
            Some(value) => Some(Field { name, value }),
        }
    }

    /// A field that must be there.
    pub(super) fn get(self, name: &'static str) -> Outcome<Field<'d>> {
        self.maybe(name).ok_or_else(|| Fault::Damaged(format!("its `{name}` is missing")))
    }
}

impl<'d> Field<'d> {
    fn wrong(self, problem: impl Display) -> Fault {
        Fault::Damaged(format!("its `{}` {problem}", self.name))
    }

    pub(super) fn text(self) -> Outcome<&'d str> {
        self.value.as_str().ok_or_else(|| self.wrong("is not a text"))
    }

    pub(super) fn owned(self) -> Outcome<String> {
        self.text().map(str::to_owned)
    }

    /// A word, name or id in its one spelling.
    pub(super) fn exact<T>(self) -> Outcome<T>
    where
        T: FromStr + Display,
        T::Err: Display,
    {
        let text = self.text()?;
        let value: T = text.parse().map_err(|e| self.wrong(format_args!("is wrong: {e}")))?;
        if value.to_string() != text {
            return Err(self.wrong(format_args!("is `{text}`, which is never written so")));
        }
        Ok(value)
    }

    pub(super) fn integer(self) -> Outcome<i64> {
        match self.value {
            Bson::Int64(n) => Ok(*n),
            Bson::Int32(n) => Ok(i64::from(*n)),
            _ => Err(self.wrong("is not a whole number")),
        }
    }

    pub(super) fn count(self) -> Outcome<u64> {
        self.integer().map(i64::cast_unsigned)
    }

    pub(super) fn instant(self) -> Outcome<Timestamp> {
        let Bson::DateTime(at) = self.value else { return Err(self.wrong("is not a date")) };
        let millis = at.timestamp_millis();
        let instant = Timestamp::from_millis(millis);
        if instant.as_millis() != millis {
            return Err(self.wrong(format_args!("is {at}, outside the years 1970 to 9999")));
        }
        Ok(instant)
    }

    pub(super) fn digest(self) -> Outcome<Digest> {
        self.bytes().map(Digest::from_bytes)
    }

    pub(super) fn salt(self) -> Outcome<Salt> {
        self.bytes().map(Salt)
    }

    fn bytes<const N: usize>(self) -> Outcome<[u8; N]> {
        let Bson::Binary(binary) = self.value else { return Err(self.wrong("is not bytes")) };
        let bytes = binary.bytes.as_slice();
        bytes.try_into().map_err(|_| self.wrong(format_args!("does not have {N} bytes")))
    }

    pub(super) fn document(self) -> Outcome<&'d Document> {
        self.value.as_document().ok_or_else(|| self.wrong("is not a document"))
    }

    /// The documents of a list.
    pub(super) fn documents(self) -> Outcome<Vec<Document>> {
        let wrong = || self.wrong("is not a list of documents");
        let list = self.value.as_array().ok_or_else(wrong)?;
        list.iter().map(|each| each.as_document().cloned().ok_or_else(wrong)).collect()
    }

    /// The texts of a list.
    pub(super) fn texts(self) -> Outcome<Vec<String>> {
        let wrong = || self.wrong("is not a list of texts");
        let list = self.value.as_array().ok_or_else(wrong)?;
        list.iter().map(|each| each.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
    }

    /// Something kept in its JSON form.
    pub(super) fn structure<T: DeserializeOwned>(self) -> Outcome<T> {
        bson::deserialize_from_bson::<serde_json::Value>(self.value.clone())
            .map_err(|e| self.wrong(format_args!("is wrong: {e}")))
            .and_then(|json| {
                serde_json::from_value(json).map_err(|e| self.wrong(format_args!("is wrong: {e}")))
            })
    }
}

/// Writes documents field by field, leaving out what has no value.
#[derive(Default)]
pub(super) struct Writing(Document);

impl Writing {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn with(mut self, name: &str, value: impl Into<Bson>) -> Self {
        self.0.insert(name, value);
        self
    }

    pub(super) fn maybe(self, name: &str, value: Option<impl Into<Bson>>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    pub(super) fn done(self) -> Document {
        self.0
    }
}

pub(super) fn instant(t: Timestamp) -> Bson {
    Bson::DateTime(DateTime::from_millis(t.as_millis()))
}

/// An unsigned number, bit for bit.
pub(super) fn count(n: u64) -> Bson {
    Bson::Int64(n.cast_signed())
}

pub(super) fn bytes(bytes: &[u8]) -> Bson {
    Bson::Binary(Binary { subtype: BinarySubtype::Generic, bytes: bytes.to_vec() })
}

/// The JSON form of something, as a document people can query.
pub(super) fn structure(value: &impl Serialize) -> Outcome<Bson> {
    serde_json::to_value(value)
        .map_err(|e| Fault::Damaged(format!("a value has no JSON form: {e}")))
        .and_then(|json| {
            bson::serialize_to_bson(&json)
                .map_err(|e| Fault::Damaged(format!("a value has no BSON form: {e}")))
        })
}
