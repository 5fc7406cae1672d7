//! The part of the contract that is about tokens.
//!
//! A change and its entry in the admin log are one step without a transaction: the token's document
//! carries the entry until it is written, by whoever comes first.

use async_trait::async_trait;
use decorum_core::{Digest, Timestamp};
use mongodb::bson::{Document, doc};

use super::MongoStore;
use super::fault::{Fault, Outcome, limited};
use super::fields;
use super::rows::{admin, token};
use super::step::{Keeper, patiently};
use crate::tokens::{created, revoked};
use crate::{StoreError, TOKENS_MAX, Token, TokenStore};

impl Keeper {
    async fn token_named(&self, name: &str) -> Outcome<Option<Document>> {
        self.servers.one(&self.servers.tokens, doc! { "_id": name }).await
    }

    async fn all_tokens(&self) -> Outcome<Vec<Token>> {
        let find = self.servers.tokens.find(doc! {}).sort(doc! { "_id": 1 });
        self.servers.collect(find).await?.iter().map(token::read).collect()
    }

    async fn add_token(&self, new: &Token, entry: &Document) -> Outcome<()> {
        if let Some(found) = self.token_named(&new.name).await? {
            // Ours, of a try whose answer was lost.
            if token::read(&found)?.hash == new.hash {
                return self.note_token(&found).await;
            }
            return Err(StoreError::NameTaken(new.name.clone()).into());
        }
        let given = self.all_tokens().await?.len() + 1;
        if given > TOKENS_MAX {
            return Err(StoreError::TooMany { what: "tokens", given, max: TOKENS_MAX }.into());
        }
        let document = token::write(new, Some(entry))?;
        match limited(self.servers.tokens.insert_one(&document)).await {
            Ok(_) => self.note_token(&document).await,
            Err(fault) if fault.is_duplicate() => Err(Fault::Overtaken),
            Err(fault) => Err(fault),
        }
    }

    async fn revoke_token(&self, name: &str, now: Timestamp, who: &str) -> Outcome<bool> {
        let Some(found) = self.token_named(name).await? else {
            return Err(StoreError::NoSuchToken(name.to_owned()).into());
        };
        self.note_token(&found).await?;
        let mut known = token::read(&found)?;
        if known.revoked_at.is_some() {
            return Ok(false);
        }
        known.revoked_at = Some(now);
        let document = token::write(&known, Some(&admin::write(&revoked(&known, who, now))?))?;
        if !self.replace_token(&found, &document).await? {
            return Err(Fault::Overtaken);
        }
        self.note_token(&document).await?;
        Ok(true)
    }

    /// Replaces the document if nobody else did since it was found.
    async fn replace_token(&self, found: &Document, new: &Document) -> Outcome<bool> {
        let filter = doc! { "_id": found.get("_id"), "seal": found.get("seal") };
        let done = limited(self.servers.tokens.replace_one(filter, new)).await?;
        Ok(done.matched_count == 1)
    }

    async fn token_used(&self, name: &str, now: Timestamp) -> Outcome<()> {
        let Some(found) = self.token_named(name).await? else { return Ok(()) };
        let mut known = token::read(&found)?;
        known.last_used_at = known.last_used_at.max(Some(now));
        let unnoted = found.get_document(token::UNNOTED).ok();
        // Whoever was faster has noted a use, or revoked it: both are worth more than this.
        self.replace_token(&found, &token::write(&known, unnoted)?).await.map(drop)
    }

    async fn note_token(&self, document: &Document) -> Outcome<()> {
        let Ok(entry) = document.get_document(token::UNNOTED) else { return Ok(()) };
        self.insert_entry(entry).await?;
        let noted = doc! { "$unset": { token::UNNOTED: "" } };
        let filter = doc! { "_id": document.get("_id"), "seal": document.get("seal") };
        limited(self.servers.tokens.update_one(filter, noted)).await?;
        Ok(())
    }

    /// Writes the entries that a process which died in between could not.
    pub(super) async fn note_tokens(&self) -> Outcome<()> {
        let unnoted = doc! { token::UNNOTED: { "$exists": true } };
        for each in self.servers.all(&self.servers.tokens, unnoted, None).await? {
            self.note_token(&each).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl TokenStore for MongoStore {
    async fn add_token(&self, token: &Token) -> Result<(), StoreError> {
        let new = token.clone();
        self.change(move |keeper| async move {
            let entry = admin::write(&created(&new)).map_err(|f| f.at(&keeper.place))?;
            patiently!(keeper, keeper.add_token(&new, &entry))
        })
        .await
    }

    async fn token(&self, hash: &Digest) -> Result<Option<Token>, StoreError> {
        let hash = *hash;
        self.run(move |keeper| async move {
            let filter = doc! { "hash": fields::bytes(hash.as_bytes()) };
            let found =
                patiently!(keeper, keeper.servers.one(&keeper.servers.tokens, filter.clone()))?;
            found.as_ref().map(token::read).transpose().map_err(|f| f.at(&keeper.place))
        })
        .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.run(|keeper| async move { patiently!(keeper, keeper.all_tokens()) }).await
    }

    async fn revoke_token(
        &self,
        name: &str,
        who: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let (name, who) = (name.to_owned(), who.to_owned());
        self.change(move |keeper| async move {
            patiently!(keeper, keeper.revoke_token(&name, now, &who))
        })
        .await
    }

    async fn token_used(&self, name: &str, now: Timestamp) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.change(move |keeper| async move { patiently!(keeper, keeper.token_used(&name, now)) })
            .await
    }
}
