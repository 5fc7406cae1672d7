//! A JSON body, read strictly: bounded, declared as JSON, and an error names the place at fault.
//!
//! How the bytes are read needs neither a request nor a server ([`BodyReader`]), so that the readers
//! can be tried with bodies that nobody would send.

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::header;
use serde::Deserializer;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::operation::Operation;
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

/// Whether a body can be read; asked of the bytes alone.
pub(crate) type Reads = fn(&[u8]) -> Result<(), Problem>;

/// What one operation makes of the bytes of a body.
#[derive(Clone, Copy)]
pub struct BodyReader {
    operation: &'static str,
    reads: Reads,
}

/// Why a body is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyRefused {
    /// The status that is answered.
    pub status: u16,
    /// The place in the document at fault, if there is one.
    pub field: Option<String>,
    /// What is wrong, for a person.
    pub detail: String,
}

impl BodyReader {
    /// That of every operation that has a body.
    pub fn all() -> Vec<Self> {
        let of = |Operation { id, reads, .. }| Some(Self { operation: id, reads: reads? });
        crate::routes::all().into_iter().filter_map(of).collect()
    }

    /// The operation's name in the description of the API.
    pub const fn operation(&self) -> &'static str {
        self.operation
    }

    /// Reads a body and forgets it.
    ///
    /// # Errors
    /// As the operation answers.
    pub fn read(&self, body: &[u8]) -> Result<(), BodyRefused> {
        (self.reads)(body).map_err(|problem| {
            let (status, detail, field) = problem.told();
            BodyRefused { status, field, detail }
        })
    }
}

/// Reads a body as a `T`.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
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

/// A document of which the core reads the fields, with its whole numbers written as such.
pub(crate) fn document(mut value: Value) -> Value {
    write_whole(&mut value);
    value
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

    fn reader(operation: &str) -> BodyReader {
        BodyReader::all().into_iter().find(|reader| reader.operation() == operation).expect("it is")
    }

    #[test]
    fn the_readers_need_no_server() {
        let order = reader("moveTask");
        assert_eq!(order.read(br#"{"ord": 1, "priority": 0}"#), Ok(()));
        let refused = order.read(br#"{"ord": "x", "priority": 0}"#).expect_err("a text");
        assert_eq!((refused.status, refused.field.as_deref()), (400, Some("ord")));
        assert_eq!(order.read(br#"{"ord": 0, "priority": 0}"#).expect_err("no place").status, 400);
        let refused = reader("createTask").read(br#"{"kind": "engage"}"#).expect_err("too little");
        assert_eq!(refused.status, 422);
    }

    #[test]
    fn a_refusal_does_not_repeat_a_long_body() {
        let body = format!(r#"{{"priority": 0, "{}": 1}}"#, "x".repeat(100_000));
        let refused = reader("moveTask").read(body.as_bytes()).expect_err("no such field");
        assert!(refused.detail.starts_with("unknown field") && refused.detail.len() < 2_100);
    }

    #[test]
    fn in_a_document_too_a_whole_number_may_be_written_with_a_point() {
        let task = br#"{"kind": "engage", "account_id": "a", "actions": ["follow"],
            "source": {"kind": "list"}, "targets": ["anna"], "limit": 5.0, "priority": -1.0}"#;
        assert_eq!(reader("createTask").read(task), Ok(()));
        let settings = br#"{"reengagement_days": 30.0, "backoff_jitter": 0.0}"#;
        assert_eq!(reader("putSettings").read(settings), Ok(()));
        assert!(reader("putSettings").read(br#"{"reengagement_days": 30.5}"#).is_err());
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
