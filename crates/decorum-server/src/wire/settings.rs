//! The settings document, with the limits that [`decorum_core::Settings`] holds it to.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde_json::{Value, json};

/// The settings as JSON. The core reads it, and names the field at fault.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Value")]
pub(crate) struct SettingsDocument(pub(crate) Value);

impl From<Value> for SettingsDocument {
    fn from(value: Value) -> Self {
        Self(crate::body::document(value))
    }
}

impl JsonSchema for SettingsDocument {
    fn schema_name() -> Cow<'static, str> {
        "Settings".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number =
            |low: u32, high: u32| json!({ "type": "integer", "minimum": low, "maximum": high });
        let or_none = |low: u32, high: u32| json!({ "type": ["integer", "null"], "minimum": low, "maximum": high });
        let cap_of = |most| {
            json!({
                "type": ["object", "null"],
                "additionalProperties": false,
                "properties": { "hour": or_none(0, most), "day": or_none(0, most) },
                "description": "Most acts in any 60 minutes and any 24 hours; null: no cap.",
            })
        };
        let (cap, together) = (cap_of(100_000), cap_of(100_000_000));
        let time = json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" });
        let steps = json!({
            "type": "array", "items": number(1, 86_400), "minItems": 1, "maxItems": 20,
            "description": "Seconds of backoff after the first, second, … rate limit in a row.",
        });
        let rule = json!({
            "type": "object",
            "additionalProperties": false,
            "required": ["class", "language", "phrase"],
            "properties": {
                "class": { "type": "string" },
                "language": { "type": "string" },
                "phrase": { "type": "string" },
            },
        });
        json_schema!({
            "type": "object",
            "additionalProperties": false,
            "description": "Everything a person can tune; names that are absent take their defaults.",
            "properties": {
                "reengagement_days": number(1, 3650),
                "private_retry_days": number(1, 3650),
                "rate_limit_steps": steps,
                "backoff_jitter": { "type": "number", "minimum": 0, "maximum": 0.9 },
                "cooldown_after_consecutive": number(1, 100),
                "cooldown_minutes": number(1, 10_080),
                "ramp_hours": number(0, 720),
                "cache_ttl_seconds": number(0, 86_400),
                "dedup_scope": { "type": "string", "enum": ["account", "fleet"] },
                "budgets": {
                    "type": "object",
                    "additionalProperties": false,
                    "properties": { "follow": cap, "like": cap, "comment": cap, "view": cap },
                },
                "fleet_budgets": {
                    "type": "object",
                    "additionalProperties": false,
                    "description": "Of all accounts together; an action that is not named has no cap.",
                    "properties": {
                        "follow": together,
                        "like": together,
                        "comment": together,
                        "view": together,
                    },
                },
                "min_seconds_between_actions": number(0, 86_400),
                "quiet_hours": {
                    "type": ["object", "null"],
                    "additionalProperties": false,
                    "required": ["from", "to", "time_zone"],
                    "properties": {
                        "from": time,
                        "to": time,
                        "time_zone": { "type": "string", "description": "An IANA name such as Europe/Berlin." },
                    },
                },
                "claim_lease_seconds": number(5, 86_400),
                "retention_days": or_none(1, 36_500),
                "message_rules": { "type": "array", "items": rule, "maxItems": 500 },
            },
        })
    }
}
