//! Every error as a problem document (RFC 9457): what happened, to what, what to do.
//!
//! The `type` is a path of this server, stable, and answers with an explanation. A program branches
//! on it, or on `reason`; `detail` is for people and may be worded differently tomorrow.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use decorum_core::{Refusal, RefusalReason, Timestamp};
use decorum_store::StoreError;
use schemars::JsonSchema;
use serde::Serialize;

use crate::wire::Instant;

/// What kinds of problem there are: the end of the `type`, its status, its title, and what to do.
macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident = $slug:literal, $status:literal, $title:literal, $help:literal;)+) => {
        /// A kind of problem.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Kind { $($(#[$doc])* $variant),+ }

        impl Kind {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The last part of the `type`.
            pub(crate) const fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            pub(crate) const fn status(self) -> u16 {
                match self { $(Self::$variant => $status),+ }
            }

            pub(crate) const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title),+ }
            }

            /// What to do about it, for the page behind the `type`.
            pub(crate) const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help),+ }
            }
        }
    };
}

kinds! {
    /// A header, a path or the whole request.
    InvalidRequest = "invalid-request", 400, "The request cannot be understood",
        "Compare it with the API's description at /docs.";
    /// A query or path parameter.
    InvalidParameter = "invalid-parameter", 400, "A parameter is wrong",
        "`field` names the parameter. Parameters nobody knows are refused, so that a misspelt filter does not silently match everything.";
    /// The body does not have the shape it must have.
    InvalidBody = "invalid-body", 400, "The body is wrong",
        "`field` names the place in the JSON document. Fields nobody knows are refused.";
    /// The body has the right shape, but its values do not go together.
    Impossible = "impossible", 422, "The values do not go together",
        "`field` names what is at fault, and `detail` what is possible.";
    /// No token, or a wrong one.
    Unauthenticated = "unauthenticated", 401, "A token is needed",
        "Send `Authorization: Bearer TOKEN`. Tokens are made with `decorum token create --role viewer|operator|admin`.";
    /// The token may not do that.
    Forbidden = "forbidden", 403, "This token may not do that",
        "The token's role does not reach so far; `detail` says which one does.";
    /// A browser sent by another site, or without the proof that it is our page.
    Foreign = "foreign-origin", 403, "The request comes from another site",
        "Requests of a browser must come from this server's own pages and, once logged in, carry the header X-CSRF-Token with what the login answered.";
    NotFound = "not-found", 404, "There is nothing here",
        "Look at `detail` for what was not found; the paths that exist are listed at /docs.";
    MethodNotAllowed = "method-not-allowed", 405, "The method is not possible here",
        "The header Allow lists those that are.";
    /// A claim that is refused.
    Refused = "refused", 409, "Do not engage this person now",
        "`reason` is a stable word; `retry_at`, if there is one, says when to ask again. This is an answer, not a failure.";
    /// Something else is already there, or happens right now.
    Conflict = "conflict", 409, "It is otherwise already",
        "Read the current state and decide anew.";
    /// The version named in If-Match is not the newest.
    Changed = "changed-meanwhile", 412, "Somebody else changed it meanwhile",
        "Read it again, and send the ETag of that answer in If-Match.";
    TooLarge = "too-large", 413, "The request is too large",
        "Send less at a time.";
    UnsupportedMediaType = "unsupported-media-type", 415, "The body must be JSON",
        "Send `Content-Type: application/json`.";
    /// A Host we are not.
    Misdirected = "misdirected", 421, "This server does not go by that name",
        "Ask it by an IP address, as localhost, or by a name given with `--host NAME`. This keeps foreign pages from reaching it by DNS rebinding.";
    /// No If-Match.
    VersionNeeded = "version-needed", 428, "Say which version you change",
        "Read first, and send the ETag of the answer in If-Match, so that nobody's change is overwritten unseen.";
    TooManyRequests = "too-many-requests", 429, "Too many wrong tokens",
        "Wait as long as Retry-After says.";
    Internal = "internal", 500, "Something went wrong in here",
        "The log of the server says more; look for the request id.";
    StoreUnavailable = "store-unavailable", 503, "The store does not answer",
        "Nobody may be engaged meanwhile. Ask again after Retry-After.";
    ClockTrouble = "clock-trouble", 503, "The clock of the machine was set",
        "Every wait is judged by the clock, so nobody is engaged until it is right, or a person confirms it: `decorum doctor --confirm-clock` or POST /api/clock/confirm.";
    Overloaded = "overloaded", 503, "Too much at once",
        "Ask again after Retry-After.";
    TimedOut = "timed-out", 503, "It took too long",
        "Whether a change was made is not known; repeating it with the same Idempotency-Key is safe.";
}

/// An error on its way out.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub(crate) kind: Kind,
    detail: String,
    field: Option<String>,
    refusal: Option<Refusal>,
    /// Seconds.
    retry_after: Option<u64>,
}

/// As it is sent.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Problem", extend("additionalProperties" = false))]
pub(crate) struct Document {
    /// Which kind of problem: a path of this server that explains it.
    #[serde(rename = "type")]
    kind: String,
    /// The kind in words.
    title: String,
    /// The status code again.
    status: u16,
    /// What happened here, for a person.
    detail: String,
    /// The parameter or place in the body at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::wire::text")]
    field: Option<String>,
    /// Why a person may not be engaged, as a stable word.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::wire::text")]
    reason: Option<&'static str>,
    /// When asking again may help.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::wire::instant")]
    retry_at: Option<Instant>,
}

/// Characters of a detail at most: a reader of JSON repeats what it did not expect, however long.
const DETAIL_MAX: usize = 2_000;
/// Characters of a field's name at most.
const FIELD_MAX: usize = 300;

fn at_most(most: usize, text: String) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => text.get(..end).unwrap_or_default().to_owned() + "…",
    }
}

impl Problem {
    pub(crate) fn new(kind: Kind, detail: impl Into<String>) -> Self {
        let detail = at_most(DETAIL_MAX, detail.into());
        Self { kind, detail, field: None, refusal: None, retry_after: None }
    }

    /// The problem with the field at fault.
    pub(crate) fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(at_most(FIELD_MAX, field.into()));
        self
    }

    /// The problem with the seconds after which asking again may help.
    pub(crate) const fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// A claim that is refused.
    pub(crate) fn refused(refusal: Refusal, who: &str, now: Timestamp) -> Self {
        let seconds = refusal.retry_at.map(|t| t.left(now).as_secs().saturating_add(1));
        Self {
            kind: Kind::Refused,
            detail: format!("{who} {}", refusal.reason.explained()),
            field: None,
            refusal: Some(refusal),
            retry_after: seconds,
        }
    }

    /// Its status, what happened, and the place at fault.
    pub(crate) fn told(self) -> (u16, String, Option<String>) {
        (self.kind.status(), self.detail, self.field)
    }

    pub(crate) fn document(&self) -> Document {
        Document {
            kind: format!("/problems/{}", self.kind.slug()),
            title: self.kind.title().to_owned(),
            status: self.kind.status(),
            detail: self.detail.clone(),
            field: self.field.clone(),
            reason: self.refusal.map(|r| RefusalReason::as_str(r.reason)),
            retry_at: self.refusal.and_then(|r| r.retry_at).map(Instant),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status =
            StatusCode::from_u16(self.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self.document()).unwrap_or_default();
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.kind == Kind::Unauthenticated {
            let scheme = HeaderValue::from_static("Bearer realm=\"decorum\"");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let kind = match &error {
            StoreError::Conflict { .. } => Kind::Changed,
            StoreError::NoSuchClaim(_)
            | StoreError::NoSuchToken(_)
            | StoreError::NoSuchTask(_)
            | StoreError::NoSuchAlert(_)
            | StoreError::NoSuchLease(_) => Kind::NotFound,
            StoreError::OtherClaim(_)
            | StoreError::StillHeld { .. }
            | StoreError::StillInDoubt(_)
            | StoreError::TaskState(_)
            | StoreError::AlreadyRunning { .. }
            | StoreError::StaleFence { .. }
            | StoreError::NameTaken(_) => Kind::Conflict,
            StoreError::BadTask(spec) | StoreError::BadDevice(spec) => {
                return Self::new(Kind::Impossible, error.to_string()).at(spec.field.clone());
            }
            StoreError::BadCursor => {
                return Self::new(Kind::Impossible, error.to_string()).at("cursor");
            }
            StoreError::TooMany { .. } => Kind::Impossible,
            _ => Kind::StoreUnavailable,
        };
        let retry = matches!(kind, Kind::StoreUnavailable);
        if retry {
            tracing::error!(%error, "the store failed");
            // The place of the store is the operator's business, not every caller's.
            return Self::new(kind, "the store cannot do that now; nobody may be engaged").after(2);
        }
        Self::new(kind, error.to_string())
    }
}
