//! What surrounds every request: its id, the headers every answer has, the log line, the count.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use crate::gate::check_origin;
use crate::state::Shared;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Nothing of ours is to be run, framed or sniffed unless a page says otherwise.
const POLICY: &str =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// What every answer says unless it says otherwise.
const HEADERS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Of what is behind no route.
pub(crate) const NO_ROUTE: &str = "none";

/// Answers a request that came by `route`, and sees to everything around it.
pub(crate) async fn around<F>(
    shared: &Shared,
    route: &'static str,
    request: Request,
    answer: impl FnOnce(Request) -> F,
) -> Response
where
    F: Future<Output = Response>,
{
    let begun = Instant::now();
    let id = request_id(&request, &shared.ids);
    let method = request.method().clone();
    let mut response = match check_origin(&shared.options, request.uri(), request.headers()) {
        Ok(()) => answer(request).await,
        Err(problem) => problem.into_response(),
    };
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    shared.counts.answered(known(&method), route, status, took);
    // Neither the query nor any header: they may name people, or be secrets.
    tracing::debug!(%method, route, status, ?took, id = ?id, "answered");
    let headers = response.headers_mut();
    headers.reserve(HEADERS.len() + 2);
    headers.insert(REQUEST_ID, id);
    for (name, value) in HEADERS {
        headers.entry(name).or_insert(value);
    }
    if shared.options.tls.is_some() {
        let year = HeaderValue::from_static("max-age=31536000");
        headers.insert(header::STRICT_TRANSPORT_SECURITY, year);
    }
    response
}

/// Ids for requests that come without: of this process, and then one after the other. They are
/// names to ask after, and no secrets.
pub(crate) struct RequestIds {
    process: u64,
    next: AtomicU64,
}

impl RequestIds {
    pub(crate) fn new() -> Self {
        Self { process: Uuid::now_v7().as_u64_pair().1, next: AtomicU64::new(0) }
    }

    fn next(&self) -> Uuid {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.process.to_be_bytes());
        bytes[8..].copy_from_slice(&number.to_be_bytes());
        Uuid::new_v8(bytes)
    }
}

/// The caller's own id if it is a harmless one, or a new one.
fn request_id(request: &Request, ids: &RequestIds) -> HeaderValue {
    let given = request.headers().get(REQUEST_ID).filter(|value| {
        let harmless = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (1..=64).contains(&value.len()) && value.as_bytes().iter().all(harmless)
    });
    let fresh = || {
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        HeaderValue::from_str(ids.next().hyphenated().encode_lower(&mut text))
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
pub(crate) fn other_method(methods: &str) -> Response {
    let problem = format!("possible here: {methods}");
    let kind = crate::problem::Kind::MethodNotAllowed;
    let mut response = crate::problem::Problem::new(kind, problem).into_response();
    if let Ok(allowed) = HeaderValue::from_str(methods) {
        response.headers_mut().insert(header::ALLOW, allowed);
    }
    response
}
