//! One column of one row, read exactly.
//!
//! Exactly: a text that would be accepted from a person (` Alice`, an upper-case UUID) but is
//! not what we write was changed by somebody else, and is an error that names the column. So
//! no changed byte hides behind a lenient parser.

use std::fmt::Display;
use std::str::FromStr;

use decorum_core::{Digest, Salt, Timestamp};
use rusqlite::Row;
use rusqlite::types::{Value, ValueRef};
use serde::de::DeserializeOwned;

use crate::sqlite::fault::{Fault, Outcome};

/// One column of a row.
#[derive(Clone, Copy)]
pub(in crate::sqlite) struct Cell<'r> {
    value: ValueRef<'r>,
    row: &'r Row<'r>,
    index: usize,
}

/// The column at `index`.
pub(in crate::sqlite) fn cell<'r>(row: &'r Row<'_>, index: usize) -> Outcome<Cell<'r>> {
    Ok(Cell { value: row.get_ref(index)?, row, index })
}

impl<'r> Cell<'r> {
    fn wrong(self, problem: impl Display) -> Fault {
        let statement: &rusqlite::Statement<'_> = self.row.as_ref();
        let name = statement.column_name(self.index).unwrap_or("a column");
        Fault::Damaged(format!("its `{name}` {problem}"))
    }

    /// `None` for NULL.
    pub(in crate::sqlite) fn present(self) -> Option<Self> {
        (!matches!(self.value, ValueRef::Null)).then_some(self)
    }

    pub(in crate::sqlite) fn text(self) -> Outcome<&'r str> {
        let ValueRef::Text(bytes) = self.value else { return Err(self.wrong("is not a text")) };
        std::str::from_utf8(bytes).map_err(|_| self.wrong("is not Unicode"))
    }

    /// A word, name or id in its one spelling.
    pub(in crate::sqlite) fn exact<T>(self) -> Outcome<T>
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

    pub(in crate::sqlite) fn integer(self) -> Outcome<i64> {
        self.value.as_i64().map_err(|_| self.wrong("is not a number"))
    }

    pub(in crate::sqlite) fn count(self) -> Outcome<u64> {
        self.integer().map(i64::cast_unsigned)
    }

    pub(in crate::sqlite) fn instant(self) -> Outcome<Timestamp> {
        let millis = self.integer()?;
        let instant = Timestamp::from_millis(millis);
        if instant.as_millis() != millis {
            return Err(self.wrong(format_args!("is {millis}, outside the years 1970 to 9999")));
        }
        Ok(instant)
    }

    pub(in crate::sqlite) fn digest(self) -> Outcome<Digest> {
        self.bytes().map(Digest::from_bytes)
    }

    pub(in crate::sqlite) fn salt(self) -> Outcome<Salt> {
        self.bytes().map(Salt)
    }

    pub(in crate::sqlite) fn bytes<const N: usize>(self) -> Outcome<[u8; N]> {
        let ValueRef::Blob(bytes) = self.value else { return Err(self.wrong("is not bytes")) };
        bytes.try_into().map_err(|_| self.wrong(format_args!("does not have {N} bytes")))
    }

    /// Bytes of any number.
    pub(in crate::sqlite) fn blob(self) -> Outcome<Vec<u8>> {
        let ValueRef::Blob(bytes) = self.value else { return Err(self.wrong("is not bytes")) };
        Ok(bytes.to_vec())
    }

    pub(in crate::sqlite) fn json<T: DeserializeOwned>(self) -> Outcome<T> {
        let text = self.text()?;
        serde_json::from_str(text).map_err(|e| self.wrong(format_args!("is wrong: {e}")))
    }
}

/// Into a column: an unsigned number, bit for bit.
pub(in crate::sqlite) fn count(n: u64) -> Value {
    Value::Integer(n.cast_signed())
}

pub(in crate::sqlite) fn instant(t: Timestamp) -> Value {
    Value::Integer(t.as_millis())
}

pub(in crate::sqlite) fn text(t: impl Into<String>) -> Value {
    Value::Text(t.into())
}

pub(in crate::sqlite) fn shown(t: impl Display) -> Value {
    Value::Text(t.to_string())
}

pub(in crate::sqlite) fn blob(bytes: &[u8]) -> Value {
    Value::Blob(bytes.to_vec())
}

/// NULL for `None`.
pub(in crate::sqlite) fn maybe<T>(value: Option<T>, into: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, into)
}

/// JSON of something that always has one.
pub(in crate::sqlite) fn json(value: &impl serde::Serialize) -> Outcome<Value> {
    match serde_json::to_string(value) {
        Ok(text) => Ok(Value::Text(text)),
        Err(e) => Err(Fault::Damaged(format!("a value has no JSON form: {e}"))),
    }
}
