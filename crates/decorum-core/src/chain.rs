//! The hash chain: what makes the log evidence.
//!
//! Each account has its own chain. An event's hash covers every field of it and the hash of
//! the event before; the first event follows [`Digest::ZERO`]. Changing, removing, inserting
//! or reordering any event breaks the chain at that event.
//!
//! The fields that speak of a person (`target_username`, `metadata`) enter through a salted
//! commitment, `target_ref`. Erasing a person blanks the name, the metadata and the salt; the
//! commitment stays, so the chain still verifies, and without its salt it cannot be linked to
//! a name by guessing; nor can the id of an imported event, without the store's key
//! ([`crate::SuppressionKey::event_id`]).
//!
//! The chain proves the order of recording. Times follow the same order but for imported
//! events, which are dated when they happened.
//!
//! The oldest events may be cleaned up on purpose. A [`Checkpoint`] takes their place: it says how
//! far, and with which hash the rest goes on. What is missing beyond it is missing.
//!
//! Fields are hashed with their lengths in front, under a tag that names the format, so that
//! no two different events have the same encoding.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};

use crate::{AccountId, Event, Metadata, Platform, Timestamp, Username};

/// A SHA-256 value, written as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// What the first event of a chain follows.
    pub const ZERO: Self = Self([0; 32]);

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Wraps bytes a store kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|b| write!(f, "{b:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text that is not a digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a digest is 64 hexadecimal digits")]
pub struct DigestError;

impl FromStr for Digest {
    type Err = DigestError;

    fn from_str(text: &str) -> Result<Self, DigestError> {
        if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(DigestError);
        }
        let mut bytes = [0; 32];
        for (i, byte) in bytes.iter_mut().enumerate() {
            let pair = text.get(2 * i..2 * i + 2).ok_or(DigestError)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| DigestError)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(d)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Sixteen random bytes drawn by the caller for each event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Salt(pub [u8; 16]);

/// Where a chain stands: the number and hash of its newest event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Number of the newest event; 0 if there is none yet.
    pub seq: u64,
    /// Its hash; [`Digest::ZERO`] if there is none yet.
    pub hash: Digest,
}

impl Default for Head {
    fn default() -> Self {
        Self { seq: 0, hash: Digest::ZERO }
    }
}

/// What stands in place of the oldest events of a chain once they were cleaned up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Number and hash of the last event removed.
    pub head: Head,
    /// When the newest of the removed events was; the last of them may be history of an earlier
    /// time that was imported.
    pub ts: Timestamp,
}

struct Fields(Sha256);

impl Fields {
    fn new(tag: &str) -> Self {
        Self(Sha256::new()).bytes(tag.as_bytes())
    }

    fn bytes(mut self, field: &[u8]) -> Self {
        self.0.update((field.len() as u64).to_be_bytes());
        self.0.update(field);
        self
    }

    fn text(self, field: &str) -> Self {
        self.bytes(field.as_bytes())
    }

    fn maybe(mut self, field: Option<&[u8]>) -> Self {
        if let Some(field) = field {
            return self.bytes(field);
        }
        self.0.update(u64::MAX.to_be_bytes());
        self
    }

    fn finish(self) -> Digest {
        Digest(self.0.finalize().into())
    }
}

/// The commitment to the fields of an event that speak of a person.
pub fn target_ref(salt: &Salt, target: &Username, metadata: &Metadata) -> Digest {
    Fields::new("decorum target 1")
        .bytes(&salt.0)
        .text(target.as_str())
        .text(metadata.as_str())
        .finish()
}

/// The hash an event must have, given the fields it has.
pub fn event_hash(event: &Event) -> Digest {
    let text = |t: &'static str| Some(t.as_bytes());
    Fields::new("decorum event 1")
        .bytes(event.prev_hash.as_bytes())
        .bytes(event.id.as_bytes())
        .bytes(&event.seq.to_be_bytes())
        .text(event.platform.as_str())
        .text(event.account_id.as_str())
        .bytes(event.target_ref.as_bytes())
        .text(event.action.as_str())
        .text(event.status.as_str())
        .maybe(event.reason.as_deref().map(str::as_bytes))
        .maybe(event.error_class.and_then(|c| text(c.as_str())))
        .maybe(event.task_id.as_ref().map(|t| t.as_str().as_bytes()))
        .maybe(event.device_id.as_ref().map(|t| t.as_str().as_bytes()))
        .maybe(event.session_id.as_ref().map(|t| t.as_str().as_bytes()))
        .maybe(event.claim_id.as_ref().map(|c| c.as_bytes().as_slice()))
        .maybe(event.latency_ms.map(u64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice))
        .bytes(&event.ts.as_millis().to_be_bytes())
        .finish()
}

/// What is wrong with a chain, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Break {
    /// The event does not hash to what it says.
    #[error("event {seq} ({id}) was changed: its fields no longer match its hash")]
    Changed {
        /// Its number.
        seq: u64,
        /// Its id.
        id: String,
    },
    /// The name or metadata does not match the commitment.
    #[error("event {seq} ({id}) was changed: its name or metadata no longer match `target_ref`")]
    PersonChanged {
        /// Its number.
        seq: u64,
        /// Its id.
        id: String,
    },
    /// The event does not follow the one before it.
    #[error("event {seq} ({id}) does not follow event {}: one of them was changed or replaced", seq - 1)]
    Unlinked {
        /// Its number.
        seq: u64,
        /// Its id.
        id: String,
    },
    /// An event is not there.
    #[error("event {missing} is missing: the next one found is {found}")]
    Missing {
        /// The number expected.
        missing: u64,
        /// The number found.
        found: u64,
    },
    /// The log ends before, or not with, what the account remembers as its newest event.
    #[error(
        "the log ends with event {found}, but the account's newest event is {expected}: \
         events were removed, or the account row was changed"
    )]
    Truncated {
        /// The account's newest.
        expected: u64,
        /// The log's newest.
        found: u64,
    },
    /// The event belongs to another chain.
    #[error("event {seq} ({id}) names another account or platform")]
    Foreign {
        /// Its number.
        seq: u64,
        /// Its id.
        id: String,
    },
    /// A stored field cannot be read at all.
    #[error("event {seq} cannot be read: {problem}")]
    Unreadable {
        /// Its number, or the one expected there.
        seq: u64,
        /// What is wrong with it.
        problem: String,
    },
}

/// Follows one account's chain event by event; memory does not grow with its length.
#[derive(Debug)]
pub struct Verifier {
    platform: Platform,
    account: AccountId,
    head: Head,
}

impl Verifier {
    /// Starts before the first event.
    pub fn new(platform: Platform, account: AccountId) -> Self {
        Self::after(platform, account, None)
    }

    /// Starts after what was cleaned up; before the first event if nothing was.
    pub fn after(platform: Platform, account: AccountId, cleaned: Option<&Checkpoint>) -> Self {
        Self { platform, account, head: cleaned.map(|c| c.head).unwrap_or_default() }
    }

    /// Where the verified part ends.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Takes the next event in order of `seq`.
    ///
    /// # Errors
    /// The first thing found wrong with it.
    pub fn next(&mut self, event: &Event) -> Result<(), Break> {
        let (seq, id) = (event.seq, || event.id.to_string());
        let expected = self.head.seq + 1;
        if seq > expected {
            return Err(Break::Missing { missing: expected, found: seq });
        }
        if event.platform != self.platform || event.account_id != self.account {
            return Err(Break::Foreign { seq, id: id() });
        }
        if event.hash != event_hash(event) {
            return Err(Break::Changed { seq, id: id() });
        }
        if seq != expected || event.prev_hash != self.head.hash {
            return Err(Break::Unlinked { seq: seq.max(1), id: id() });
        }
        match (&event.target_username, &event.salt) {
            (Some(target), Some(salt))
                if target_ref(salt, target, &event.metadata) == event.target_ref => {}
            // Erased: name, salt and metadata are gone together.
            (None, None) if event.metadata == Metadata::default() => {}
            _ => return Err(Break::PersonChanged { seq, id: id() }),
        }
        self.head = Head { seq, hash: event.hash };
        Ok(())
    }

    /// Compares the end of the log with what the account remembers.
    ///
    /// # Errors
    /// [`Break::Truncated`] when they differ.
    pub fn finish(self, expected: Head) -> Result<Head, Break> {
        if self.head == expected {
            Ok(self.head)
        } else {
            Err(Break::Truncated { expected: expected.seq, found: self.head.seq })
        }
    }
}
