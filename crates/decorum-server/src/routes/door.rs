//! Logging in with a browser, and tokens.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use decorum_core::Role;
use decorum_store::Token;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::body::Body;
use crate::gate::{Actor, Peer, cookie, token};
use crate::operation::{Operation, Param};
use crate::params::InPath;
use crate::problem::{Kind, Problem};
use crate::state::Shared;
use crate::wire::{Instant, Place, RoleWord, TokenName};

fn nothing(_: &mut SchemaGenerator) -> Schema {
    json_schema!({})
}

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::post("/api/login", "logIn")
            .says("door", "Log a browser in with a token", "The answer sets an HttpOnly, SameSite=Strict cookie. Requests that change something send `csrf_token` in the header X-CSRF-Token.")
            .reads::<Shown>()
            .answers::<Inside>(200, "Logged in.")
            .refuses([Kind::Unauthenticated, Kind::TooManyRequests])
            .by(log_in),
        Operation::get("/api/session", "getSession")
            .says("door", "Who asks", "")
            .needs(Role::Viewer)
            .answers::<Inside>(200, "By which token, and what it may do.")
            .by(session),
        Operation::post("/api/logout", "logOut")
            .says("door", "Log a browser out", "")
            .needs(Role::Viewer)
            .answers_as(204, "Logged out.", &[], nothing)
            .by(log_out),
        Operation::get("/api/tokens", "listTokens")
            .says("door", "All tokens, without what is secret about them", "")
            .needs(Role::Admin)
            .answers::<Tokens>(200, "By name.")
            .by(list),
        Operation::post("/api/tokens", "createToken")
            .says("door", "Make a token", "Its secret is in the answer and nowhere else: only its hash is kept.")
            .needs(Role::Admin)
            .reads::<Wanted>()
            .answers::<Made>(201, "The token.")
            .refuses([Kind::Conflict])
            .by(create),
        Operation::delete("/api/tokens/{name}", "revokeToken")
            .says("door", "Have a token open nothing any more", "At once here, and within two seconds at every other server of the store.")
            .needs(Role::Admin)
            .takes([Param::path::<TokenName>("name", "What it is called.")])
            .answers_as(204, "It opens nothing any more.", &[], nothing)
            .refuses([Kind::NotFound, Kind::Conflict])
            .by(revoke),
    ]
}

/// A token, shown.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "LoginRequest")]
#[serde(deny_unknown_fields)]
struct Shown {
    /// Its secret.
    token: String,
}

/// Who asks.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
struct Inside {
    /// The token's name; `local` on an open server.
    name: String,
    /// What they may do.
    role: RoleWord,
    /// What a browser that logged in sends along; null for others.
    csrf_token: Option<String>,
}

/// A token that is wanted.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "TokenRequest")]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// What the admin log will call whoever has it. Names are given out once.
    name: TokenName,
    /// What they may do.
    role: RoleWord,
}

/// A token that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "NewToken")]
struct Made {
    /// What it is called.
    name: TokenName,
    /// What it may do.
    role: RoleWord,
    /// Its secret, said this once.
    token: String,
}

/// Tokens.
#[derive(Serialize, JsonSchema)]
struct Tokens {
    /// By name.
    items: Vec<Listed>,
    /// Always null: there is one page.
    next_cursor: Option<Place>,
}

/// A token without its secret.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Token")]
struct Listed {
    /// What it is called.
    name: TokenName,
    /// What it may do.
    role: RoleWord,
    /// When it was made.
    created_at: Instant,
    /// Who made it.
    created_by: String,
    /// When it was last used, to the minute or so.
    last_used_at: Option<Instant>,
    /// Since when it opens nothing any more.
    revoked_at: Option<Instant>,
}

fn with_cookie(mut response: Response, value: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(header::SET_COOKIE, value);
    }
    response
}

async fn log_in(State(shared): State<Shared>, request: Request) -> Result<Response, Problem> {
    let peer = request.extensions().get::<Peer>().copied();
    let Body(shown) =
        <Body<Shown> as axum::extract::FromRequest<_>>::from_request(request, &()).await?;
    let secret = shown.token.trim();
    let actor = shared.doors.by_token(&shared, secret, peer).await?;
    let (kept, session) = shared.doors.log_in(secret)?;
    let inside = Inside {
        name: actor.name.into_owned(),
        role: RoleWord(actor.role),
        csrf_token: Some(session.csrf.clone()),
    };
    let secure = shared.options.tls.is_some();
    Ok(with_cookie(Json(inside).into_response(), &cookie::set(&kept, secure)))
}

async fn session(actor: Actor) -> Json<Inside> {
    let csrf_token = actor.session.as_ref().map(|session| session.csrf.clone());
    Json(Inside { name: actor.name.into_owned(), role: RoleWord(actor.role), csrf_token })
}

async fn log_out(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Some(kept) = cookie::of(&headers) {
        shared.doors.log_out(kept);
    }
    let secure = shared.options.tls.is_some();
    with_cookie(StatusCode::NO_CONTENT.into_response(), &cookie::set("", secure))
}

async fn list(State(shared): State<Shared>) -> Result<Json<Tokens>, Problem> {
    let tokens = shared.store().tokens().await?;
    let items = tokens.into_iter().map(|t| Listed {
        name: TokenName(t.name),
        role: RoleWord(t.role),
        created_at: Instant(t.created_at),
        created_by: t.created_by,
        last_used_at: t.last_used_at.map(Instant),
        revoked_at: t.revoked_at.map(Instant),
    });
    Ok(Json(Tokens { items: items.collect(), next_cursor: None }))
}

async fn create(
    State(shared): State<Shared>,
    actor: Actor,
    Body(wanted): Body<Wanted>,
) -> Result<Response, Problem> {
    let (secret, hash) = token::draw().map_err(|e| {
        Problem::new(Kind::Internal, format!("the system has no random numbers: {e}"))
    })?;
    let new = Token {
        name: wanted.name.0.clone(),
        role: wanted.role.0,
        hash,
        created_at: shared.now(),
        created_by: actor.who(),
        last_used_at: None,
        revoked_at: None,
    };
    shared.store().add_token(&new).await?;
    let made = Made { name: wanted.name, role: wanted.role, token: secret };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

async fn revoke(
    State(shared): State<Shared>,
    InPath(TokenName(name)): InPath<TokenName>,
    actor: Actor,
) -> Result<StatusCode, Problem> {
    if name == actor.name {
        let problem =
            "a token cannot revoke itself, so that nobody shuts themselves out; use another";
        return Err(Problem::new(Kind::Conflict, problem).at("name"));
    }
    shared.store().revoke_token(&name, &actor.who(), shared.now()).await?;
    shared.doors.forget_tokens();
    Ok(StatusCode::NO_CONTENT)
}
