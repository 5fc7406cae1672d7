//! Erasing a person: what is blanked, and how they stay on the suppression list without a name.
//!
//! An event loses the name, the salt and the metadata, all three or none; its place in the chain
//! stays (see [`crate::chain`]). Free texts lose everything once they mention the person, because
//! nobody can tell what else in them speaks of them.
//!
//! The suppression is kept as a keyed hash. Whoever has the key and a name can tell whether it is
//! on the list, as the program itself must; nobody can read the names off the list.

use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use unicode_normalization::UnicodeNormalization as _;
use uuid::Uuid;

use crate::engage::Settled;
use crate::{
    Breaker, Claim, Digest, Event, EventId, Hold, Latest, Metadata, Platform, Timestamp, Username,
};

/// What stands where a text was erased.
pub const ERASED: &str = "(erased with the person)";

impl Event {
    /// The event without the person: name, salt and metadata gone, its place in the chain kept.
    #[must_use]
    pub fn erased(self) -> Self {
        Self { target_username: None, salt: None, metadata: Metadata::default(), ..self }
    }

    /// Whether its person was erased.
    pub const fn is_erased(&self) -> bool {
        self.target_username.is_none()
    }
}

impl Settled {
    /// What to store of an attempt on somebody who was erased before it was recorded: the event
    /// and what it taught about the account, without the person. The row is not to be written.
    #[must_use]
    pub fn erased(mut self) -> Self {
        self.event = self.event.erased();
        if let Some(error) = &mut self.error {
            // What was said may have halted the account, and stands there too then.
            if let Breaker::Halted { detail, .. } = &mut self.account.breaker
                && *detail == error.detail
            {
                ERASED.clone_into(detail);
            }
            ERASED.clone_into(&mut error.detail);
        }
        self
    }
}

/// Why a person cannot be erased yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// Somebody acts on them, or is about to.
    Held(Claim),
    /// Somebody may have acted on them, and nobody has looked yet.
    InDoubt(Claim),
}

/// What keeps a person with these rows from being erased at `now`, if anything. A claim under way
/// is named before one in doubt.
pub fn obstacle<'a>(
    rows: impl IntoIterator<Item = &'a Latest>,
    now: Timestamp,
) -> Option<Obstacle> {
    let mut doubt = None;
    for row in rows {
        match &row.hold {
            Hold::Free => {}
            Hold::Claimed(claim) if now < claim.lease_until => {
                return Some(Obstacle::Held(claim.clone()));
            }
            Hold::Claimed(claim) | Hold::InDoubt(claim) => {
                doubt.get_or_insert_with(|| claim.clone());
            }
        }
    }
    doubt.map(Obstacle::InDoubt)
}

/// Whether the text speaks of the person: their name stands in it as a word, in any case and any
/// compatible spelling. A name that only begins or ends another name is not meant, and a dot that
/// ends a sentence is not part of a name.
pub fn mentions(text: &str, person: &Username) -> bool {
    let text: Vec<char> = text.nfkc().flat_map(char::to_lowercase).collect();
    let name: Vec<char> = person.as_str().chars().collect();
    let inner = |c: Option<&char>| c.is_some_and(|c| c.is_alphanumeric() || *c == '_');
    let dotted = |dot: Option<&char>, beyond: Option<&char>| dot == Some(&'.') && inner(beyond);
    let at = |i: Option<usize>| i.and_then(|i| text.get(i));
    (0..text.len()).filter(|start| text.get(*start..start + name.len()) == Some(&name)).any(
        |start| {
            let end = start + name.len();
            let before = (at(start.checked_sub(1)), at(start.checked_sub(2)));
            let after = (text.get(end), text.get(end + 1));
            [before, after].into_iter().all(|(next, beyond)| !inner(next) && !dotted(next, beyond))
        },
    )
}

/// The key of what a store keeps about people it must not name: their suppressions, and the ids of
/// imported events. 32 random bytes, drawn when first needed, and kept with the store.
#[derive(Clone, PartialEq, Eq)]
pub struct SuppressionKey([u8; 32]);

impl SuppressionKey {
    /// Wraps random bytes.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes, for a store to keep.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What stands on the list instead of the name: HMAC-SHA256 over platform and name, each with
    /// its length in front.
    pub fn hash(&self, platform: Platform, person: &Username) -> Digest {
        let fields = ["decorum suppression 1", platform.as_str(), person.as_str()];
        self.mac(&fields.map(str::as_bytes))
    }

    /// The id under which an imported event stands in the log, UUID version 8: the same for the
    /// same engagement, and nothing that somebody could guess who has the log but not the key.
    /// `known` is [`crate::engage::imported_id`].
    pub fn event_id(&self, known: EventId) -> EventId {
        let digest = self.mac(&[b"decorum imported event 1", known.as_bytes()]);
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest.as_bytes()[..16]);
        EventId::from_uuid(Uuid::new_v8(bytes))
    }

    fn mac(&self, fields: &[&[u8]]) -> Digest {
        // A key shorter than a block of the hash is continued with zeros (RFC 2104).
        let mut block = [0; 64];
        block[..32].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        for field in fields {
            mac.update(&(field.len() as u64).to_be_bytes());
            mac.update(field);
        }
        Digest::from_bytes(mac.finalize().into_bytes().into())
    }
}

impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SuppressionKey(…)")
    }
}

/// What people see of an erased person: the first twelve digits of the keyed hash.
pub fn pseudonym(hash: &Digest) -> String {
    hash.to_string().chars().take(12).collect()
}
