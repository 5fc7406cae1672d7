//! Who somebody is: tokens out of the store, and the sessions of browsers that showed one.
//!
//! A token is asked of the store at most every two seconds, so a revoked one opens nothing after
//! that. Sessions live in memory: who restarts the server logs in again.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use decorum_core::Digest;
use decorum_store::Token;
use moka::sync::Cache;

use super::{Actor, Peer, token};
use crate::problem::{Kind, Problem};
use crate::state::Shared;

/// For how long the store's answer about a token is believed.
const BELIEVED: Duration = Duration::from_secs(2);

/// How often a use is written down.
const NOTED: Duration = Duration::from_mins(1);

/// How long a browser stays logged in.
pub(crate) const SESSION: Duration = Duration::from_hours(12);

/// Wrong tokens from one address in a minute, before it is asked to wait. Nobody guesses 256 bits;
/// this keeps them from asking the store for it.
const WRONG_MAX: u32 = 300;

/// A browser that logged in.
#[derive(Debug)]
pub(crate) struct Session {
    /// The token it showed.
    pub(crate) token: Digest,
    /// What its pages send along.
    pub(crate) csrf: String,
}

impl Session {
    pub(crate) fn is_proven(&self, proof: Option<&[u8]>) -> bool {
        proof.is_some_and(|proof| token::is_same(proof, self.csrf.as_bytes()))
    }
}

/// See the module's documentation.
pub(crate) struct Doors {
    tokens: Cache<Digest, Option<Token>>,
    noted: Cache<String, ()>,
    sessions: Cache<Digest, Arc<Session>>,
    wrong: Cache<IpAddr, Arc<AtomicU32>>,
}

impl Default for Doors {
    fn default() -> Self {
        let lasting = |max, ttl| Cache::builder().max_capacity(max).time_to_live(ttl);
        Self {
            tokens: lasting(10_000, BELIEVED).build(),
            noted: Cache::builder().max_capacity(2_000).time_to_live(NOTED).build(),
            sessions: Cache::builder().max_capacity(10_000).time_to_live(SESSION).build(),
            wrong: Cache::builder()
                .max_capacity(10_000)
                .time_to_live(Duration::from_mins(1))
                .build(),
        }
    }
}

impl Doors {
    /// Who shows this token.
    pub(crate) async fn by_token(
        &self,
        shared: &Shared,
        secret: &str,
        peer: Option<Peer>,
    ) -> Result<Actor, Problem> {
        let wrong = peer.map(|peer| self.wrong.get_with(peer.0, Arc::default));
        if wrong.as_ref().is_some_and(|wrong| wrong.load(Ordering::Relaxed) >= WRONG_MAX) {
            let problem = "too many wrong tokens came from there in the last minute";
            return Err(Problem::new(Kind::TooManyRequests, problem).after(60));
        }
        if let Some(actor) = self.actor(shared, token::hash(secret)).await? {
            return Ok(actor);
        }
        if let Some(wrong) = wrong {
            wrong.fetch_add(1, Ordering::Relaxed);
        }
        let problem = "this token was never given out, or was revoked";
        Err(Problem::new(Kind::Unauthenticated, problem))
    }

    /// Who logged in with this cookie, if it is still good.
    pub(crate) async fn by_session(
        &self,
        shared: &Shared,
        cookie: &str,
    ) -> Result<Option<Actor>, Problem> {
        let Some(session) = self.sessions.get(&token::hash(cookie)) else { return Ok(None) };
        let actor = self.actor(shared, session.token).await?;
        Ok(actor.map(|actor| Actor { session: Some(session), ..actor }))
    }

    async fn actor(&self, shared: &Shared, hash: Digest) -> Result<Option<Actor>, Problem> {
        let known = if let Some(known) = self.tokens.get(&hash) {
            known
        } else {
            let found = shared.store().token(&hash).await?;
            self.tokens.insert(hash, found.clone());
            found
        };
        let open = known.filter(|found| {
            found.revoked_at.is_none() && token::is_same(found.hash.as_bytes(), hash.as_bytes())
        });
        let Some(Token { name, role, .. }) = open else { return Ok(None) };
        if self.noted.get(&name).is_none() {
            self.noted.insert(name.clone(), ());
            let (shared, name, now) = (Arc::clone(shared), name.clone(), shared.now());
            tokio::spawn(async move {
                if let Err(error) = shared.store().token_used(&name, now).await {
                    tracing::debug!(%error, "the use of a token could not be noted");
                }
            });
        }
        Ok(Some(Actor { name: name.into(), role, session: None }))
    }

    /// Begins a session of whoever shows this token; returns its cookie.
    pub(crate) fn log_in(&self, secret: &str) -> Result<(String, Arc<Session>), Problem> {
        let drawn = || {
            token::draw().map(|(secret, _)| secret).map_err(|e| {
                Problem::new(Kind::Internal, format!("the system has no random numbers: {e}"))
            })
        };
        let (cookie, csrf) = (drawn()?, drawn()?);
        let session = Arc::new(Session { token: token::hash(secret), csrf });
        self.sessions.insert(token::hash(&cookie), Arc::clone(&session));
        Ok((cookie, session))
    }

    pub(crate) fn log_out(&self, cookie: &str) {
        self.sessions.invalidate(&token::hash(cookie));
    }

    /// Has the store asked again about all tokens: one was just revoked.
    pub(crate) fn forget_tokens(&self) {
        self.tokens.invalidate_all();
    }
}

/// The cookie of a session.
pub(crate) mod cookie {
    use axum::http::{HeaderMap, header};

    const NAME: &str = "decorum_session";

    /// The session's secret, if the browser sent one.
    pub(crate) fn of(headers: &HeaderMap) -> Option<&str> {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
        let mut pairs =
            cookies.flat_map(|v| v.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(name, _)| *name == NAME).map(|(_, value)| value)
    }

    /// What has the browser keep it; an empty secret has it forget it.
    pub(crate) fn set(secret: &str, secure: bool) -> String {
        let age = if secret.is_empty() { 0 } else { super::SESSION.as_secs() };
        let secure = if secure { "; Secure" } else { "" };
        format!("{NAME}={secret}; Path=/; Max-Age={age}; HttpOnly; SameSite=Strict{secure}")
    }
}
