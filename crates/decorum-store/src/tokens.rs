//! Who may ask over the network: tokens, kept as hashes.
//!
//! A token is 256 random bits, so its plain SHA-256 can be neither guessed nor reversed, and
//! whoever reads the store cannot use what is in it. A name is given out once and stays known
//! after its token was revoked: it is what the admin log says.

use async_trait::async_trait;
use decorum_core::{Digest, Role, Timestamp};
use serde::Serialize;
use serde_json::json;

use crate::{AdminEntry, StoreError};

/// Tokens that may be kept, revoked ones included.
pub const TOKENS_MAX: usize = 1000;

/// The longest name of a token, in characters.
pub const TOKEN_NAME_MAX: usize = 64;

/// A token, without what is secret about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// What the admin log calls whoever has it.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// SHA-256 of the secret.
    #[serde(skip)]
    pub hash: Digest,
    /// When it was made.
    pub created_at: Timestamp,
    /// Who made it.
    pub created_by: String,
    /// When it was last used, to the minute or so; `None`: never.
    pub last_used_at: Option<Timestamp>,
    /// Since when it opens nothing any more.
    pub revoked_at: Option<Timestamp>,
}

/// What a keeper remembers of tokens. As with everything in a [`crate::Store`], a change and its
/// entry in the admin log are one step.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// Adds a token.
    ///
    /// # Errors
    /// [`StoreError::NameTaken`] when there is, or was, one of this name; [`StoreError::TooMany`]
    /// beyond [`TOKENS_MAX`].
    async fn add_token(&self, token: &Token) -> Result<(), StoreError>;

    /// The token whose secret has this hash, also a revoked one.
    async fn token(&self, hash: &Digest) -> Result<Option<Token>, StoreError>;

    /// All of them, by name.
    async fn tokens(&self) -> Result<Vec<Token>, StoreError>;

    /// Has the token of this name open nothing any more; `false`: it did not before either.
    ///
    /// # Errors
    /// [`StoreError::NoSuchToken`].
    async fn revoke_token(&self, name: &str, who: &str, now: Timestamp)
    -> Result<bool, StoreError>;

    /// Notes that the token of this name was used. An unknown one changes nothing.
    async fn token_used(&self, name: &str, now: Timestamp) -> Result<(), StoreError>;
}

/// The entry about a token that was made.
pub(crate) fn created(token: &Token) -> AdminEntry {
    AdminEntry {
        ts: token.created_at,
        who: token.created_by.clone(),
        what: "token.created".to_owned(),
        subject: token.name.clone(),
        note: None,
        before: serde_json::Value::Null,
        after: json!({ "role": token.role }),
    }
}

/// The entry about a token that was revoked.
pub(crate) fn revoked(token: &Token, who: &str, now: Timestamp) -> AdminEntry {
    AdminEntry {
        ts: now,
        who: who.to_owned(),
        what: "token.revoked".to_owned(),
        subject: token.name.clone(),
        note: None,
        before: json!({ "role": token.role }),
        after: serde_json::Value::Null,
    }
}
