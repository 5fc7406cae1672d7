//! What surrounds every request: its id, the headers every answer has, the log line, the count.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::gate::check_origin;
use crate::state::Shared;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing of ours is to be run, framed or sniffed unless a page says otherwise.
const POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Answers a request, and everything around it.
pub(crate) async fn around(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id(&request);
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let checked = check_origin(&shared.options, request.uri(), request.headers());
    let mut response = match checked {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    let route = route.as_ref().map_or("none", MatchedPath::as_str);
    shared.counts.answered(known(&method), route, status, took);
    // Neither the query nor any header: they may name people, or be secrets.
    tracing::debug!(%method, route, status, ?took, id = ?id, "answered");
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    let set = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in set {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    if shared.options.tls.is_some() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// The caller's own id if it is a harmless one, or a new one.
fn request_id(request: &Request) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|value| {
        let harmless = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=64).contains(&value.len()) && value.as_bytes().iter().all(harmless)
    });
    let fresh = || {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        HeaderValue::from_str(uuid::Uuid::now_v7().hyphenated().encode_lower(&mut text))
    };
    match given {
        Some(given) => given.clone(),
        None => fresh().unwrap_or(HeaderValue::from_static("none")),
    }
}

/// Methods that nobody knows are counted as one.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        _ => "other",
    }
}

/// What is behind no route.
pub(crate) fn nothing(request: &Request) -> Response {
    let shown: String = request.uri().path().chars().take(100).collect();
    let problem = format!("there is nothing at {shown}; /docs lists what there is");
    crate::problem::Problem::new(crate::problem::Kind::NotFound, problem).into_response()
}

/// A route with another method than those it has.
#[expect(clippy::unused_async, reason = "a handler is a function that may wait")]
pub(crate) async fn other_method(methods: Arc<str>) -> Response {
    let problem = format!("possible here: {methods}");
    let kind = crate::problem::Kind::MethodNotAllowed;
    let mut response = crate::problem::Problem::new(kind, problem).into_response();
    if let Ok(allowed) = HeaderValue::from_str(&methods) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
