//! `/api/settings`: the one document, with a version that a change must name.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use decorum_core::{Role, Settings};
use decorum_store::SettingsVersion;
use schemars::{Schema, SchemaGenerator, json_schema};

use crate::body::{self, Body};
use crate::gate::Actor;
use crate::operation::{Operation, Param, Within};
use crate::problem::{Kind, Problem};
use crate::state::{Shared, State as Inner};
use crate::wire::SettingsDocument;

fn etag_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^\"[0-9]{1,19}\"$", "examples": ["\"3\""] })
}

const IF_MATCH: Param = Param {
    name: "If-Match",
    within: Within::Header,
    required: true,
    says: "The ETag of the settings that were read.",
    schema: etag_schema,
};

pub(super) fn operations() -> Vec<Operation> {
    vec![
        Operation::get("/api/settings", "getSettings")
            .says("settings", "The settings in force", "The ETag of the answer is what a change names in If-Match.")
            .needs(Role::Viewer)
            .answers::<SettingsDocument>(200, "The document.")
            .by(get),
        Operation::put("/api/settings", "putSettings")
            .says("settings", "Replace the settings", "Names that are absent take their defaults. They hold from now on, for everybody who uses the store.")
            .needs(Role::Admin)
            .takes([IF_MATCH])
            .reads::<SettingsDocument>()
            .held_to(|bytes| read(&body::read(bytes)?).map(drop))
            .answers::<SettingsDocument>(200, "As they are now.")
            .refuses([Kind::Changed, Kind::VersionNeeded])
            .by(put),
    ]
}

fn tagged(SettingsVersion { version, settings }: SettingsVersion) -> Response {
    let mut response = Json(settings.to_json()).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn stored(shared: &Inner) -> Result<SettingsVersion, Problem> {
    Ok(shared.store().settings(&shared.options.first).await?)
}

async fn get(State(shared): State<Shared>) -> Result<Response, Problem> {
    stored(&shared).await.map(tagged)
}

/// The version that the caller read.
fn expected(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(value) = headers.get(header::IF_MATCH) else {
        let problem = "send the ETag of GET /api/settings in If-Match";
        return Err(Problem::new(Kind::VersionNeeded, problem).at("If-Match"));
    };
    let number = value.to_str().ok().and_then(|v| v.strip_prefix('"')?.strip_suffix('"'));
    let digits = number.filter(|n| n.len() <= 19 && n.bytes().all(|b| b.is_ascii_digit()));
    digits.and_then(|n| n.parse().ok()).ok_or_else(|| {
        let problem = "If-Match is not an ETag of the settings, such as \"3\"";
        Problem::new(Kind::InvalidParameter, problem).at("If-Match")
    })
}

/// The settings, read by the core.
fn read(SettingsDocument(document): &SettingsDocument) -> Result<Settings, Problem> {
    Settings::from_json(document).map_err(|e| Problem::new(Kind::Impossible, e.problem).at(e.field))
}

async fn put(
    State(shared): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    Body(document): Body<SettingsDocument>,
) -> Result<Response, Problem> {
    let expected = expected(&headers)?;
    let settings = read(&document)?;
    let before = stored(&shared).await?;
    if settings.message_rules != before.settings.message_rules {
        shared
            .lexicon
            .try_out(&settings.message_rules)
            .map_err(|e| Problem::new(Kind::Impossible, e.to_string()).at("message_rules"))?;
    }
    if settings == before.settings && before.version == expected && expected > 0 {
        return Ok(tagged(before));
    }
    let now = shared.now();
    let store = shared.store();
    Ok(tagged(store.put_settings(&settings, expected, &actor.who(), now).await?))
}
