//! A JSON body, read strictly: bounded, declared as JSON, and an error names the place at fault.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::de::DeserializeOwned;

use crate::problem::{Kind, Problem};

/// Bytes of a body at most: a bulk check of 10,000 names has about 350,000.
pub(crate) const BODY_MAX: usize = 2 * 1024 * 1024;

/// The body as a `T`.
#[derive(Clone, Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        // A form that another site's page sends cannot claim to be JSON without asking first.
        let media = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let media = media.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        if !media.eq_ignore_ascii_case("application/json") {
            let given = if media.is_empty() { "no media type" } else { media };
            let shown: String = given.chars().take(80).collect();
            let problem = format!("the body must be application/json, not {shown}");
            return Err(Problem::new(Kind::UnsupportedMediaType, problem));
        }
        let bytes = to_bytes(request.into_body(), BODY_MAX).await.map_err(|_| {
            let problem = format!("the body has more than {BODY_MAX} bytes, or broke off");
            Problem::new(Kind::TooLarge, problem)
        })?;
        read(&bytes).map(Self)
    }
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|e| {
        let path = e.path().to_string();
        let inner = e.into_inner();
        let problem = Problem::new(Kind::InvalidBody, inner.to_string());
        if path == "." { problem } else { problem.at(path) }
    })?;
    json.end().map_err(|e| Problem::new(Kind::InvalidBody, e.to_string()))?;
    Ok(value)
}
