//! Metadata: one canonical text per object, that survives being read and written.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::{Metadata, MetadataError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::metadata;

#[test]
fn the_same_object_has_the_same_text() {
    let text = r#"{ "b" : [1, 2.50, {"z":null,"a":true}],
                    "a" : "ä\u00e4\n\"\/" }"#;
    let value: Value = serde_json::from_str(text).expect("json");
    assert_eq!(
        metadata(&value).as_str(),
        "{\"a\":\"ää\\n\\\"/\",\"b\":[1,2.5,{\"a\":true,\"z\":null}]}"
    );
    assert_eq!(metadata(&value).to_string(), metadata(&value).as_str());
    assert_eq!(metadata(&json!({})), Metadata::default());
    assert_eq!(Metadata::default().as_str(), "{}");
}

#[test]
fn only_objects_of_a_bearable_size_are_kept() {
    for value in [json!(null), json!([]), json!("x"), json!(1), json!(true)] {
        assert_eq!(Metadata::new(&value), Err(MetadataError::NotAnObject));
    }
    let fits = json!({"x": "a".repeat(16 * 1024 - 8)});
    assert_eq!(metadata(&fits).as_str().len(), 16 * 1024);
    let too_large = json!({"x": "a".repeat(16 * 1024 - 7)});
    assert_eq!(Metadata::new(&too_large), Err(MetadataError::TooLarge(16 * 1024 + 1)));
}

#[test]
fn a_field_is_added_in_its_place_or_left_out_if_it_does_not_fit() {
    let one = metadata(&json!({"b": 1})).with("a", 2).with("b", "new");
    assert_eq!(one.as_str(), r#"{"a":2,"b":"new"}"#);
    let full = metadata(&json!({"x": "a".repeat(16 * 1024 - 8)}));
    assert_eq!(full.clone().with("late", true), full);
}

#[test]
fn a_damaged_text_reads_as_nothing_and_stays_as_it_is() {
    let damaged = Metadata::from_stored("{\"a\":".to_owned());
    assert!(damaged.to_map().is_empty());
    assert_eq!(damaged.as_str(), "{\"a\":");
}

fn any_object() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let value = leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::hash_map(any::<String>(), inner, 0..6)
                .prop_map(|map| map.into_iter().collect()),
        ]
    });
    proptest::collection::hash_map(any::<String>(), value, 0..6)
        .prop_map(|map| map.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    /// What is exported must hash to what was recorded: to the last digit of a number.
    #[test]
    fn reading_and_writing_changes_nothing(value in any_object()) {
        if let Ok(kept) = Metadata::new(&value) {
            let map = Value::Object(kept.to_map());
            prop_assert_eq!(Metadata::new(&map), Ok(kept.clone()));
            let json = serde_json::to_string(&kept).expect("json");
            prop_assert_eq!(serde_json::from_str::<Metadata>(&json).expect("back"), kept);
        }
    }

    #[test]
    fn no_stored_text_panics(text in "\\PC*") {
        let stored = Metadata::from_stored(text);
        let _ = (stored.to_map(), stored.clone().with("a", 1), serde_json::to_string(&stored));
    }
}
