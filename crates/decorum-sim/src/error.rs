//! WebDriver errors, as the W3C standard names them.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// Error codes of the standard that a phone can answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidArgument,
    InvalidSelector,
    InvalidSession,
    InvalidElementState,
    NoSuchAlert,
    NoSuchElement,
    NotInteractable,
    NotCreated,
    Stale,
    UnknownCommand,
    UnknownMethod,
    Unknown,
}

impl Code {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::InvalidArgument => "invalid argument",
            Self::InvalidSelector => "invalid selector",
            Self::InvalidSession => "invalid session id",
            Self::InvalidElementState => "invalid element state",
            Self::NoSuchAlert => "no such alert",
            Self::NoSuchElement => "no such element",
            Self::NotInteractable => "element not interactable",
            Self::NotCreated => "session not created",
            Self::Stale => "stale element reference",
            Self::UnknownCommand => "unknown command",
            Self::UnknownMethod => "unknown method",
            Self::Unknown => "unknown error",
        }
    }

    fn status(self) -> StatusCode {
        match self {
            Self::InvalidArgument
            | Self::InvalidSelector
            | Self::InvalidElementState
            | Self::NotInteractable => StatusCode::BAD_REQUEST,
            Self::InvalidSession
            | Self::NoSuchAlert
            | Self::NoSuchElement
            | Self::Stale
            | Self::UnknownCommand => StatusCode::NOT_FOUND,
            Self::UnknownMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotCreated | Self::Unknown => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// An error in the shape of the standard.
    Error { code: Code, message: String },
    /// The connection closes without a word.
    Drop,
}

/// A [`Failure`] with a code of the standard.
pub(crate) fn fail(code: Code, message: impl Into<String>) -> Failure {
    Failure::Error { code, message: message.into() }
}

/// Marks a response that must not be sent: the connection closes instead.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dropped;

impl Failure {
    pub(crate) fn respond(self, session: Option<&str>) -> Response {
        match self {
            Self::Error { code, message } => {
                let body = json!({
                    "value": {"error": code.word(), "message": message, "traceback": ""},
                    "sessionId": session,
                });
                (code.status(), Json(body)).into_response()
            }
            Self::Drop => {
                let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
                response.extensions_mut().insert(Dropped);
                response
            }
        }
    }
}
