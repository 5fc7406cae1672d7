//! What goes over the wire: names, words and texts with the exact schema they are held to.
//!
//! A type here accepts exactly what its schema describes, so that the description can be relied on
//! in both directions; `tests/peers/test_api.py` has a fuzzer try. Only a line break at the end is
//! let pass, because patterns of many languages do.

mod alert;
mod claims;
mod event;
mod settings;
mod task;

use std::borrow::Cow;

use decorum_core::{AccountId, Action, ErrorClass, Role, Status, Timestamp, Username};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub(crate) use alert::AlertShown;
pub(crate) use claims::ClaimMetadata;
pub(crate) use event::EventSchema;
pub(crate) use settings::SettingsDocument;
pub(crate) use task::{TaskDocument, TaskShown};

/// A text that is read from a parameter as well as from JSON.
pub(crate) trait Readable: Sized {
    /// What it is called, for the reader of an error.
    const WHAT: &'static str;

    /// Reads exactly what the schema describes.
    fn read(text: &str) -> Result<Self, String>;
}

fn without_line_break(text: &str) -> &str {
    text.strip_suffix('\n').unwrap_or(text)
}

/// Whether a text has this many characters, all of them possible.
fn is_made_of(text: &str, least: usize, most: usize, possible: impl Fn(char) -> bool) -> bool {
    (least..=most).contains(&text.chars().count()) && text.chars().all(possible)
}

macro_rules! readable {
    ($(#[$doc:meta])* $name:ident($inner:ty), $what:literal, |$text:ident| $read:expr, $schema:tt) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $inner);

        impl Readable for $name {
            const WHAT: &'static str = $what;

            fn read($text: &str) -> Result<Self, String> {
                $read
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(d)?;
                Self::read(&text).map_err(de::Error::custom)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!($schema)
            }
        }
    };
}

macro_rules! shown {
    ($($name:ident),+) => {
        $(impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(&self.0)
            }
        })+
    };
}

/// The characters of a username, before capitals are made small.
const fn in_a_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_')
}

readable!(
    /// A person; capitals and a leading `@` do not matter.
    Person(Username), "username",
    |text| {
        let text = without_line_break(text);
        let name = text.strip_prefix('@').unwrap_or(text);
        if !is_made_of(name, 1, 30, in_a_name) {
            return Err("a username has 1 to 30 of the letters a to z, digits, `.` and `_`".to_owned());
        }
        name.parse().map(Self).map_err(|e: decorum_core::NameError| e.to_string())
    },
    { "type": "string", "pattern": "^@?[A-Za-z0-9._]{1,30}$", "description": "A username; capitals and a leading @ do not matter.", "examples": ["ines.keramik"] }
);

readable!(
    /// An acting account.
    AccountName(AccountId), "account",
    |text| {
        let text = without_line_break(text);
        let name = text.strip_prefix('@').unwrap_or(text);
        if !is_made_of(name, 1, 64, |c| in_a_name(c) || c == '-') {
            return Err("an account has 1 to 64 of the letters a to z, digits, `.`, `_` and `-`".to_owned());
        }
        name.parse().map(Self).map_err(|e: decorum_core::NameError| e.to_string())
    },
    { "type": "string", "pattern": "^@?[A-Za-z0-9._-]{1,64}$", "description": "An acting account; capitals and a leading @ do not matter.", "examples": ["studio.nord"] }
);

const fn printable(c: char) -> bool {
    matches!(c, ' '..='~')
}

readable!(
    /// A task, a phone or a session: printable ASCII.
    Label(String), "label",
    |text| {
        let text = without_line_break(text);
        if !is_made_of(text, 1, 200, printable) || text.starts_with(' ') || text.ends_with(' ') {
            return Err("1 to 200 printable ASCII characters, without spaces around them".to_owned());
        }
        Ok(Self(text.to_owned()))
    },
    { "type": "string", "pattern": "^[!-~]([ -~]{0,198}[!-~])?$" }
);

/// White space as regular expressions have it.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

readable!(
    /// What a person has to say.
    Note(String), "note",
    |text| {
        if text.chars().count() > 1000 || text.chars().all(is_space) {
            return Err("a note has 1 to 1000 characters, and not only spaces".to_owned());
        }
        Ok(Self(text.trim().to_owned()))
    },
    { "type": "string", "pattern": "\\S", "maxLength": 1000 }
);

readable!(
    /// A stable word of the caller's.
    Word(String), "word",
    |text| {
        let text = without_line_break(text);
        if !is_made_of(text, 1, 64, |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            return Err("1 to 64 small letters, digits and `_`".to_owned());
        }
        Ok(Self(text.to_owned()))
    },
    { "type": "string", "pattern": "^[a-z0-9_]{1,64}$" }
);

readable!(
    /// A language, as `en` or `pt-BR`.
    Locale(String), "locale",
    |text| {
        let text = without_line_break(text);
        let mut parts = text.split(['-', '_']);
        let first = parts.next().is_some_and(|p| is_made_of(p, 2, 8, |c| c.is_ascii_alphabetic()));
        let rest: Vec<&str> = parts.collect();
        let rest = rest.len() <= 3 && rest.iter().all(|p| is_made_of(p, 1, 8, |c| c.is_ascii_alphanumeric()));
        if first && rest { Ok(Self(text.to_owned())) } else { Err("a language such as en or pt-BR".to_owned()) }
    },
    { "type": "string", "pattern": "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8}){0,3}$", "examples": ["en", "pt-BR"] }
);

readable!(
    /// What the app showed.
    Said(String), "text",
    |text| {
        if text.chars().count() > 10_000 {
            return Err("at most 10000 characters".to_owned());
        }
        Ok(Self(text.to_owned()))
    },
    { "type": "string", "maxLength": 10000 }
);

readable!(
    /// An instant. Earlier than 1970 counts as 1970.
    Instant(Timestamp), "time",
    |text| {
        let text = without_line_break(text);
        let shape = text.len() >= 20 && matches!(text.as_bytes().get(10), Some(b'T' | b't'));
        let bad = || "write a time as in 2026-01-31T09:30:00Z (RFC 3339)".to_owned();
        let instant = if shape { text.parse::<jiff::Timestamp>().ok() } else { None };
        instant.map(|t| Self(t.into())).ok_or_else(bad)
    },
    { "type": "string", "format": "date-time", "examples": ["2026-01-31T09:30:00Z"] }
);

readable!(
    /// A UUID.
    Uuid(uuid::Uuid), "id",
    |text| {
        let text = without_line_break(text);
        let shape = text.len() == 36;
        text.parse().ok().filter(|_| shape).map(Self).ok_or_else(|| "it is not a UUID such as 01890a5d-ac96-774b-bcce-b302099a8057".to_owned())
    },
    { "type": "string", "format": "uuid" }
);

readable!(
    /// Where a page begins; only this server knows what is in it.
    Place(String), "cursor",
    |text| {
        let text = without_line_break(text);
        if !is_made_of(text, 1, 200, |c| c.is_ascii_graphic()) {
            return Err("the cursor is not one of this list; start again without it".to_owned());
        }
        Ok(Self(text.to_owned()))
    },
    { "type": "string", "pattern": "^[!-~]{1,200}$" }
);

readable!(
    /// What a token is called.
    TokenName(String), "token name",
    |text| {
        let text = without_line_break(text);
        let possible = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        if !is_made_of(text, 1, decorum_store::TOKEN_NAME_MAX, possible) {
            return Err("a token's name has 1 to 64 letters, digits, `.`, `_` and `-`".to_owned());
        }
        Ok(Self(text.to_owned()))
    },
    { "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$" }
);

shown!(Person, AccountName, Label, Note, Word, Locale, Said, Instant, Uuid, Place, TokenName);

/// A word of a closed vocabulary.
macro_rules! word {
    ($($name:ident($inner:ty), $what:literal;)+) => {
        $(#[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) $inner);

        impl Readable for $name {
            const WHAT: &'static str = $what;

            fn read(text: &str) -> Result<Self, String> {
                let words = <$inner>::ALL;
                words.iter().copied().find(|w| w.as_str() == text).map(Self).ok_or_else(|| {
                    let known: Vec<_> = words.iter().map(|w| w.as_str()).collect();
                    format!("known are {}", known.join(", "))
                })
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = Cow::<'de, str>::deserialize(d)?;
                Self::read(&text).map_err(de::Error::custom)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.0.as_str())
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let words: Vec<_> = <$inner>::ALL.iter().map(|w| w.as_str()).collect();
                json_schema!({ "type": "string", "enum": words })
            }
        })+
    };
}

word! {
    ActionWord(Action), "action";
    StatusWord(Status), "status";
    ClassWord(ErrorClass), "error class";
    RoleWord(Role), "role";
    PlaceWord(decorum_core::classify::Place), "place";
    TaskStateWord(decorum_core::TaskStateName), "task state";
    KindWord(decorum_core::TaskKind), "kind of task";
    AlertWord(decorum_core::AlertKind), "kind of alert";
}

/// The schema of a text that is there or not.
pub(crate) fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

/// The schema of an instant that is there or not.
pub(crate) fn instant(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date-time" })
}

/// The schema of anything.
pub(crate) fn anything(_: &mut SchemaGenerator) -> Schema {
    json_schema!({})
}

/// A list of bounded length, without an empty one.
#[derive(Clone, Debug)]
pub(crate) struct People(pub(crate) Vec<Username>);

impl People {
    /// People at most in one request.
    pub(crate) const MAX: usize = 10_000;
}

impl<'de> Deserialize<'de> for People {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let people = Vec::<Person>::deserialize(d)?;
        if people.is_empty() || people.len() > Self::MAX {
            let given = people.len();
            return Err(de::Error::custom(format!("1 to {} names, not {given}", Self::MAX)));
        }
        Ok(Self(people.into_iter().map(|person| person.0).collect()))
    }
}

impl JsonSchema for People {
    fn schema_name() -> Cow<'static, str> {
        "People".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(g: &mut SchemaGenerator) -> Schema {
        let item = g.subschema_for::<Person>();
        json_schema!({ "type": "array", "items": item, "minItems": 1, "maxItems": 10_000 })
    }
}
