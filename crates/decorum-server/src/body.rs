//! A JSON body, read strictly: bounded, declared as JSON, and an error names the place at fault.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde_json::Value;

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
    let read = from(&mut json).and_then(|value| {
        json.end().map_err(|e| Problem::new(Kind::InvalidBody, e.to_string()))?;
        Ok(value)
    });
    match (read, whole_numbers(bytes)) {
        (Err(_), Some(body)) => from(body),
        (read, _) => read,
    }
}

fn from<'de, T: DeserializeOwned>(json: impl Deserializer<'de>) -> Result<T, Problem> {
    serde_path_to_error::deserialize(json).map_err(|e| {
        let path = e.path().to_string();
        let problem = Problem::new(Kind::InvalidBody, e.into_inner().to_string());
        if path == "." { problem } else { problem.at(path) }
    })
}

/// The body with `226.0` written as `226`, which is the same number to JSON Schema and to many
/// languages; `None` if there is nothing to write differently.
fn whole_numbers(bytes: &[u8]) -> Option<Value> {
    let mut body = serde_json::from_slice(bytes).ok()?;
    write_whole(&mut body).then_some(body)
}

fn write_whole(value: &mut Value) -> bool {
    match value {
        Value::Number(number) => {
            match number.as_f64().filter(|_| number.is_f64()).and_then(whole) {
                Some(whole) => {
                    *value = whole.into();
                    true
                }
                None => false,
            }
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| write_whole(item) | any),
        Value::Object(map) => map.values_mut().fold(false, |any, item| write_whole(item) | any),
        _ => false,
    }
}

/// Up to where a double tells all whole numbers apart.
#[expect(clippy::cast_possible_truncation, reason = "it is whole, and small enough")]
fn whole(number: f64) -> Option<i64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Order {
        ord: u64,
        #[serde(default)]
        priority: i16,
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        let order = read::<Order>(br#"{"ord": 226.0, "priority": -3.0}"#).ok();
        assert_eq!(order, Some(Order { ord: 226, priority: -3 }));
        for bad in [r#"{"ord": 226.5}"#, r#"{"ord": -1.0}"#, r#"{"ord": 1e300}"#, r#"{"ord": 1} 2"#]
        {
            assert!(read::<Order>(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
