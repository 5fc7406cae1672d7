//! A task as it is asked for and as it is shown. The core reads and checks it, field by field; the
//! schema here says no more than what the core holds it to whatever else it says.

use std::borrow::Cow;

use decorum_core::Task;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What a person asks for.
#[derive(Clone, Debug, Deserialize)]
#[serde(from = "Value")]
pub(crate) struct TaskDocument(pub(crate) Value);

impl From<Value> for TaskDocument {
    fn from(value: Value) -> Self {
        Self(crate::body::document(value))
    }
}

fn spec() -> serde_json::Map<String, Value> {
    let texts = || json!({ "type": "array", "items": { "type": "string" } });
    let count = || json!({ "type": ["integer", "null"], "minimum": 0 });
    let fields = json!({
        "kind": { "type": "string", "enum": ["engage", "crawl"] },
        "account_id": { "type": "string", "description": "The account that acts." },
        "actions": {
            "type": "array",
            "items": { "type": "string", "enum": ["follow", "like", "comment", "view"] },
            "description": "What to do to each person, in order; empty for a crawl.",
        },
        "source": {
            "type": "object",
            "required": ["kind"],
            "additionalProperties": false,
            "properties": {
                "kind": { "type": "string", "enum": ["list", "followers_of", "following_of", "likers_of", "hashtag", "erased"] },
                "username": { "type": ["string", "null"] },
                "hashtag": { "type": ["string", "null"] },
            },
            "description": "Where the people come from; for `list` they are given as `targets`.",
        },
        "limit": { "type": ["integer", "null"], "minimum": 1, "maximum": 100_000 },
        "comments": texts(),
        "dry_run": { "type": "boolean" },
        "priority": { "type": "integer", "minimum": -32768, "maximum": 32767 },
        "filters": {
            "type": "object",
            "additionalProperties": false,
            "properties": {
                "skip_private": { "type": "boolean" },
                "min_followers": count(),
                "max_followers": count(),
                "skip_following": { "type": "boolean" },
                "bio_excludes": texts(),
                "bio_includes_any": texts(),
            },
        },
        "schedule": { "type": ["object", "null"] },
        "name": { "type": ["string", "null"] },
    });
    match fields {
        Value::Object(fields) => fields,
        _ => serde_json::Map::new(),
    }
}

impl JsonSchema for TaskDocument {
    fn schema_name() -> Cow<'static, str> {
        "TaskRequest".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut properties = spec();
        let targets = json!({
            "type": "array",
            "items": { "type": "string", "pattern": "^@?[A-Za-z0-9._]{1,30}$" },
            "description": "The people, for the source `list`.",
        });
        properties.insert("targets".to_owned(), targets);
        json_schema!({
            "type": "object",
            "required": ["kind", "account_id", "source"],
            "additionalProperties": false,
            "properties": properties,
            "examples": [{
                "kind": "engage", "account_id": "studio.nord", "actions": ["follow"],
                "source": { "kind": "list" }, "targets": ["ines.keramik"],
            }],
        })
    }
}

/// A task as it is.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct TaskShown(pub(crate) Task);

impl JsonSchema for TaskShown {
    fn schema_name() -> Cow<'static, str> {
        "Task".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let number = || json!({ "type": "integer", "minimum": 0 });
        let time = || json!({ "type": ["string", "null"], "format": "date-time" });
        let progress = ["candidates", "done", "engaged", "skipped", "failed", "refused", "left"];
        let properties: serde_json::Map<String, Value> =
            progress.iter().map(|name| ((*name).to_owned(), number())).collect();
        json_schema!({
            "type": "object",
            "required": ["id", "spec", "state", "wish", "ord", "rev", "created_at", "started_at", "ended_at", "progress", "crawl", "fence", "copy_of"],
            "properties": {
                "id": { "type": "string" },
                "spec": { "type": "object", "properties": spec() },
                "state": {
                    "type": "string",
                    "enum": ["queued", "running", "paused", "waiting", "succeeded", "failed", "cancelled"],
                    "description": "`running` comes with `worker`, `device_id` and `since`, `waiting` with `reason` and `until`, `failed` with `why`.",
                },
                "worker": { "type": "string" },
                "device_id": { "type": "string" },
                "since": { "type": "string", "format": "date-time" },
                "reason": { "type": "string" },
                "until": time(),
                "why": { "type": "string" },
                "wish": { "type": ["string", "null"], "enum": ["pause", "cancel", null] },
                "ord": number(),
                "rev": number(),
                "created_at": { "type": "string", "format": "date-time" },
                "started_at": time(),
                "ended_at": time(),
                "progress": { "type": "object", "required": progress, "additionalProperties": false, "properties": properties },
                "crawl": { "type": "object" },
                "fence": number(),
                "copy_of": { "type": ["string", "null"] },
                "copying": {
                    "type": "string", "format": "date-time",
                    "description": "Of a scheduled task: when the copy was due that is being made.",
                },
            },
        })
    }
}
