//! The part of the contract that is about tokens.

use async_trait::async_trait;
use decorum_core::{Digest, Timestamp};

use super::SqliteStore;
use super::rows::{admin, token};
use crate::tokens::{created, revoked};
use crate::{StoreError, TOKENS_MAX, Token, TokenStore};

#[async_trait]
impl TokenStore for SqliteStore {
    async fn add_token(&self, token: &Token) -> Result<(), StoreError> {
        let new = token.clone();
        self.write(move |conn| {
            if token::named(conn, &new.name)?.is_some() {
                return Err(StoreError::NameTaken(new.name).into());
            }
            let given = token::all(conn)?.len() + 1;
            if given > TOKENS_MAX {
                let what = "tokens";
                return Err(StoreError::TooMany { what, given, max: TOKENS_MAX }.into());
            }
            token::save(conn, &new)?;
            admin::append(conn, &created(&new))
        })
        .await
    }

    async fn token(&self, hash: &Digest) -> Result<Option<Token>, StoreError> {
        let hash = *hash;
        self.glance(move |conn| token::hashed(conn, &hash)).await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.read(token::all).await
    }

    async fn revoke_token(
        &self,
        name: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (name, who) = (name.to_owned(), who.to_owned());
        self.write(move |conn| {
            let Some(mut found) = token::named(conn, &name)? else {
                return Err(StoreError::NoSuchToken(name).into());
            };
            if found.revoked_at.is_some() {
                return Ok(false);
            }
            found.revoked_at = Some(now);
            token::save(conn, &found)?;
            admin::append(conn, &revoked(&found, &who, now))?;
            Ok(true)
        })
        .await
    }

    async fn token_used(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.write(move |conn| {
            let Some(mut found) = token::named(conn, &name)? else { return Ok(()) };
            found.last_used_at = found.last_used_at.max(Some(now));
            token::save(conn, &found)
        })
        .await
    }
}
