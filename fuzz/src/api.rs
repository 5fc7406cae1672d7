//! What comes over the network: the bodies of requests, and the places in lists that were given out.

use std::fmt::Display;
use std::str::FromStr;
use std::sync::LazyLock;

use decorum_server::BodyReader;
use decorum_store::{AlertCursor, Cursor, StoreError, TaskCursor};
use serde_json::Value;

/// Characters at most of what is said about a body: nobody is sent back what they sent.
const TOLD_MAX: usize = 2_500;

/// A body, read for every operation that has one. A refusal is the caller's fault, and says so in
/// bounded length; what is accepted is accepted however the same document is written.
///
/// # Panics
///
/// When it is not.
pub fn api_body(bytes: &[u8]) {
    static READERS: LazyLock<Vec<BodyReader>> = LazyLock::new(BodyReader::all);
    let document = serde_json::from_slice::<Value>(bytes).ok();
    for reader in READERS.iter() {
        match reader.read(bytes) {
            Ok(()) => {
                let document = document.as_ref().expect("what is read is JSON");
                for same in [document.to_string(), pointed(document.clone()).to_string()] {
                    let read = reader.read(same.as_bytes());
                    assert_eq!(read, Ok(()), "{}: {same}", reader.operation());
                }
            }
            Err(refused) => {
                let told = refused.detail.chars().count()
                    + refused.field.as_ref().map_or(0, |field| field.chars().count());
                assert!((400..500).contains(&refused.status), "{refused:?}");
                assert!((1..=TOLD_MAX).contains(&told), "{}: {told}", reader.operation());
            }
        }
    }
}

/// The document with every whole number written with a point, as some languages do.
fn pointed(mut value: Value) -> Value {
    match &mut value {
        Value::Number(number) => {
            // Beyond these a double does not tell all whole numbers apart.
            let small = number.as_i64().and_then(|n| i32::try_from(n).ok());
            if let Some(small) = small {
                return f64::from(small).into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| *item = pointed(item.take())),
        Value::Object(map) => map.values_mut().for_each(|item| *item = pointed(item.take())),
        _ => {}
    }
    value
}

/// A place in a list, as a client hands it back. What is accepted is written as the same place.
///
/// # Panics
///
/// When it is not.
pub fn cursor(text: &str) {
    fn same<T: FromStr<Err = StoreError> + Display + PartialEq>(text: &str) {
        let Ok(place) = text.parse::<T>() else { return };
        assert!(place.to_string().parse().ok() == Some(place), "{text} is another place then");
    }
    same::<Cursor>(text);
    same::<TaskCursor>(text);
    same::<AlertCursor>(text);
}
