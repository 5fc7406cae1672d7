//! What a caller wants remembered with a claim.

use std::borrow::Cow;

use decorum_core::Metadata;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

/// A flat JSON object of texts, numbers and truth values, small enough to be kept whatever is in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct ClaimMetadata(pub(crate) Metadata);

/// Fields at most.
const FIELDS_MAX: usize = 20;

/// Characters of a name or a text at most.
const TEXT_MAX: usize = 100;

impl<'de> Deserialize<'de> for ClaimMetadata {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let fields = serde_json::Map::deserialize(d)?;
        let long = |text: &str| text.chars().count() > TEXT_MAX;
        let possible = fields.iter().all(|(name, value)| {
            !long(name)
                && match value {
                    Value::String(text) => !long(text),
                    Value::Bool(_) | Value::Number(_) => true,
                    Value::Null | Value::Array(_) | Value::Object(_) => false,
                }
        });
        if fields.len() > FIELDS_MAX || !possible {
            return Err(de::Error::custom(format!(
                "metadata is a JSON object of at most {FIELDS_MAX} texts of at most {TEXT_MAX} \
                 characters, numbers and truth values"
            )));
        }
        Metadata::new(&Value::Object(fields)).map(Self).map_err(de::Error::custom)
    }
}

impl JsonSchema for ClaimMetadata {
    fn schema_name() -> Cow<'static, str> {
        "ClaimMetadata".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "maxProperties": FIELDS_MAX,
            "propertyNames": { "maxLength": TEXT_MAX },
            "additionalProperties": {
                "anyOf": [
                    { "type": "string", "maxLength": TEXT_MAX },
                    { "type": "number" },
                    { "type": "boolean" }
                ]
            },
            "examples": [{ "campaign": "spring" }]
        })
    }
}
