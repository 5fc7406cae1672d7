//! The OpenAPI 3.1 document, made of the list of operations and the types they read and answer.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::operation::{Operation, Param, Within};
use crate::problem::{Document, Kind};

/// The chapters, in order, and what each is about.
pub(crate) const TAGS: [(&str, &str); 10] = [
    ("engage", "May we? Then go ahead, and say what became of it."),
    ("log", "Every attempt, refusals included."),
    ("accounts", "Who acts, who rests, and a person's hand on them."),
    ("people", "Who must never be contacted, what is known of somebody, and erasing it."),
    ("settings", "Windows, backoff, budgets, quiet hours."),
    ("tasks", "Work for the phones."),
    ("phones", "The phones the work is done on."),
    ("proof", "That the log is whole, and who changed what by hand."),
    ("upkeep", "Cleaning up, the clock, health."),
    ("door", "Logging in, and tokens."),
];

/// The document.
pub(crate) fn document(operations: &[Operation]) -> Value {
    let settings = || {
        SchemaSettings::draft2020_12().with(|s| s.definitions_path = "/components/schemas".into())
    };
    let mut reads = settings().for_deserialize().into_generator();
    let mut writes = settings().for_serialize().into_generator();
    let problem = writes.subschema_for::<Document>();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for operation in operations {
        let described = describe(operation, &mut reads, &mut writes, &problem);
        let method = operation.method.as_str().to_lowercase();
        paths.entry(operation.path).or_default().insert(method, described);
    }
    let mut schemas = reads.take_definitions(true);
    schemas.extend(writes.take_definitions(true));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Decorum",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Restraint and proof for programs that drive a social app on phones.",
            "description": "Times are RFC 3339 in UTC. Errors are RFC 9457 problem documents. Lists answer `items` and `next_cursor`; a parameter or field that nobody knows is an error that names it.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "tags": TAGS.iter().map(|(name, says)| json!({ "name": name, "description": says })).collect::<Vec<_>>(),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token made with `decorum token create`. On a loopback address none is needed unless the server was started with --require-tokens.",
                },
            },
        },
    })
}

fn describe(
    operation: &Operation,
    reads: &mut SchemaGenerator,
    writes: &mut SchemaGenerator,
    problem: &Schema,
) -> Value {
    let mut responses = Map::new();
    for answer in &operation.answers {
        let mut content = Map::new();
        for media in answer.media {
            content.insert((*media).to_owned(), json!({ "schema": (answer.schema)(writes) }));
        }
        let mut response = json!({ "description": answer.says });
        if let Value::Object(fields) = &mut response
            && !content.is_empty()
        {
            fields.insert("content".to_owned(), Value::Object(content));
        }
        responses.insert(answer.status.to_string(), response);
    }
    let mut titles: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for kind in operation.all_problems() {
        titles.entry(Kind::status(kind)).or_default().push(kind.title());
    }
    for (status, titles) in titles {
        let response = json!({
            "description": titles.join("; ") + ".",
            "content": { "application/problem+json": { "schema": problem } },
        });
        responses.insert(status.to_string(), response);
    }
    let params: Vec<Value> = operation.params.iter().map(|param| parameter(param, reads)).collect();
    let mut described = Map::new();
    described.insert("operationId".to_owned(), json!(operation.id));
    described.insert("tags".to_owned(), json!([operation.tag]));
    described.insert("summary".to_owned(), json!(operation.summary));
    let needs = operation.role.map_or_else(String::new, |role| format!("Needs the role {role}."));
    let description = format!("{} {needs}", operation.description).trim().to_owned();
    if !description.is_empty() {
        described.insert("description".to_owned(), json!(description));
    }
    if operation.role.is_some() {
        described.insert("security".to_owned(), json!([{ "token": [] }]));
    }
    if !params.is_empty() {
        described.insert("parameters".to_owned(), Value::Array(params));
    }
    if let Some(body) = operation.body {
        let schema = body(reads);
        let content = json!({ "application/json": { "schema": schema } });
        described.insert("requestBody".to_owned(), json!({ "required": true, "content": content }));
    }
    described.insert("responses".to_owned(), Value::Object(responses));
    Value::Object(described)
}

fn parameter(param: &Param, reads: &mut SchemaGenerator) -> Value {
    let within = match param.within {
        Within::Query => "query",
        Within::Path => "path",
        Within::Header => "header",
    };
    json!({
        "name": param.name,
        "in": within,
        "required": param.required,
        "description": param.says,
        "schema": (param.schema)(reads),
    })
}
