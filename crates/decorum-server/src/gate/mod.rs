//! The way in: every request passes here before its handler, and the list of operations says what
//! it must show.
//!
//! Host and Origin first ([`origin`]), then who it is ([`Doors`]), what they may do, and whether the
//! parameters are known. On a loopback address everybody is let in as an admin unless tokens are
//! asked for: who can reach it can read the store's file as well.

mod doors;
mod origin;
pub mod token;

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{Method, header};
use axum::response::{IntoResponse, Response};
use decorum_core::{Holder, Role};

use crate::operation::Within;
use crate::params::Params;
use crate::problem::{Kind, Problem};
use crate::state::Shared;

pub(crate) use doors::{Doors, Session, cookie};
pub(crate) use origin::check as check_origin;

/// How long a request may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Who asks.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    /// The token's name, or `local`.
    pub(crate) name: Cow<'static, str>,
    pub(crate) role: Role,
    /// What a browser that logged in must prove.
    pub(crate) session: Option<Arc<Session>>,
}

impl Actor {
    fn local() -> Self {
        Self { name: Cow::Borrowed("local"), role: Role::Admin, session: None }
    }

    /// For the admin log.
    pub(crate) fn who(&self) -> String {
        format!("api:{}", self.name)
    }

    /// For claims. Nobody can prove that the program behind it is dead, so only time ends them.
    pub(crate) fn holder(&self) -> Result<Holder, Problem> {
        format!("sidecar api:{}", self.name)
            .parse()
            .map_err(|_| Problem::new(Kind::Internal, "the token's name is no holder"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Actor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let actor = parts.extensions.get::<Self>().cloned();
        actor.ok_or_else(|| Problem::new(Kind::Internal, "the request passed no gate"))
    }
}

/// What the gate must know of an operation.
pub(crate) struct Sign {
    pub(crate) shared: Shared,
    pub(crate) path: &'static str,
    pub(crate) role: Option<Role>,
    pub(crate) query: Box<[&'static str]>,
    pub(crate) endless: bool,
}

impl Sign {
    pub(crate) fn of(operation: &crate::operation::Operation, shared: &Shared) -> Self {
        let query = operation.params.iter().filter(|p| p.within == Within::Query);
        Self {
            shared: Arc::clone(shared),
            path: operation.path,
            role: operation.role,
            query: query.map(|p| p.name).collect(),
            endless: operation.endless,
        }
    }

    fn params(&self, parts: &Parts) -> Result<Params, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        Params::of(query, &self.query)
    }
}

/// Lets a request pass to whoever answers it, or answers with why not.
pub(crate) async fn enter<F>(
    sign: &Sign,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let shared = &sign.shared;
    let permit = if sign.endless { None } else { Some(shared.requests.try_acquire()) };
    if matches!(permit, Some(Err(_))) {
        let problem = "more requests are under way than this server works on at once";
        return Problem::new(Kind::Overloaded, problem).after(1).into_response();
    }
    // A body cannot be looked at by two threads; everything else can.
    let (mut parts, body) = request.into_parts();
    let passed = async {
        if let Some(role) = sign.role {
            let actor = actor(shared, &parts).await?;
            if actor.role < role {
                let problem = format!(
                    "the token {} is a {}; this needs the role {role}",
                    actor.name, actor.role
                );
                return Err(Problem::new(Kind::Forbidden, problem));
            }
            parts.extensions.insert(actor);
        }
        let params = sign.params(&parts)?;
        parts.extensions.insert(params);
        Ok(answer(Request::from_parts(parts, body)))
    };
    let answering = async {
        match passed.await {
            Ok(answer) => answer.await,
            Err(problem) => problem.into_response(),
        }
    };
    if sign.endless {
        return answering.await;
    }
    tokio::time::timeout(PATIENCE, answering).await.unwrap_or_else(|_| {
        let seconds = PATIENCE.as_secs();
        Problem::new(Kind::TimedOut, format!("no answer in {seconds} s")).after(5).into_response()
    })
}

/// Who asks, by token or by cookie.
async fn actor(shared: &Shared, parts: &Parts) -> Result<Actor, Problem> {
    let doors = &shared.doors;
    let peer = parts.extensions.get::<Peer>().copied();
    if let Some(given) = parts.headers.get(header::AUTHORIZATION) {
        let bearer = given.to_str().ok().and_then(|v| v.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let Some((_, secret)) = bearer else {
            let problem = "the header Authorization is not `Bearer TOKEN`";
            return Err(Problem::new(Kind::Unauthenticated, problem));
        };
        return doors.by_token(shared, secret.trim(), peer).await;
    }
    if let Some(cookie) = cookie::of(&parts.headers)
        && let Some(actor) = doors.by_session(shared, cookie).await?
    {
        let safe = matches!(parts.method, Method::GET | Method::HEAD);
        let proof = parts.headers.get("x-csrf-token").map(axum::http::HeaderValue::as_bytes);
        if !safe && !actor.session.as_ref().is_some_and(|s| s.is_proven(proof)) {
            let problem = "a browser that logged in sends what the login answered as \
                           `csrf_token` in the header X-CSRF-Token";
            return Err(Problem::new(Kind::Foreign, problem));
        }
        return Ok(actor);
    }
    if shared.options.is_open() {
        return Ok(Actor::local());
    }
    Err(Problem::new(Kind::Unauthenticated, "this server wants to know who asks"))
}

/// Where a request comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) std::net::IpAddr);
