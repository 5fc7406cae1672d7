//! `/api/devices`: the phones. The server connects to what stands here, so a new address is taken only
//! if it is on this machine or on a host the operator named: nobody makes it ask elsewhere over the
//! network. What the command line put here was put by somebody who has the store, and may stay.
//!
//! A phone is called by its udid or its address ([`phone_name`]), here as everywhere: one phone with
//! two names would have two leases, and be driven by two tasks at once.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use decorum_core::{DeviceId, DeviceRecord, DeviceState, Role};
use decorum_engine::crew::phone_name;
use decorum_store::StoreError;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use url::{Host, Url};

use crate::body::Body;
use crate::gate::Actor;
use crate::operation::{Operation, Param};
use crate::options::Options;
use crate::params::InPath;
use crate::problem::{Kind, Problem};
use crate::state::{Shared, State as Inner};
use crate::wire::{AccountName, Instant, Label, Place};

pub(super) fn operations() -> Vec<Operation> {
    let id = || Param::path::<Label>("device_id", "The phone.");
    vec![
        Operation::get("/api/devices", "listDevices")
            .says("phones", "Every phone, by id", "")
            .needs(Role::Viewer)
            .answers_as(200, "All of them.", &["application/json"], list_schema)
            .by(list),
        Operation::get("/api/devices/{device_id}", "getDevice")
            .says("phones", "One phone", "")
            .needs(Role::Viewer)
            .takes([id()])
            .answers_as(200, "As it is.", &["application/json"], device_schema)
            .refuses([Kind::NotFound])
            .by(one),
        Operation::post("/api/devices", "addDevice")
            .says("phones", "Add a phone", "It is called by its udid, or else by its address, so that one phone never has two names. The address must be on this machine or on a host given with `--device-host`. Adding it again changes its entry.")
            .needs(Role::Admin)
            .reads::<Wanted>()
            .answers_as(200, "As it is now.", &["application/json"], device_schema)
            .refuses([Kind::Changed])
            .by(add),
        Operation::put("/api/devices/{device_id}", "putDevice")
            .says("phones", "Change a phone, or add one by the name that it will have", "With another udid or address it would be another phone. A new address must be on this machine or on a host given with `--device-host`. Repeating it changes nothing.")
            .needs(Role::Admin)
            .takes([id()])
            .reads::<Wanted>()
            .answers_as(200, "As it is now.", &["application/json"], device_schema)
            .refuses([Kind::Changed])
            .by(put),
        Operation::delete("/api/devices/{device_id}", "removeDevice")
            .says("phones", "Remove a phone", "")
            .needs(Role::Admin)
            .takes([id()])
            .answers_as(204, "It is gone.", &[], nothing)
            .refuses([Kind::NotFound])
            .by(remove),
    ]
}

fn nothing(_: &mut SchemaGenerator) -> Schema {
    json_schema!({})
}

fn device_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["device_id", "url", "udid", "capabilities", "account_ids", "state", "checked_at", "described", "rev", "picture_at"],
        "properties": {
            "device_id": { "type": "string" },
            "url": { "type": "string" },
            "udid": { "type": ["string", "null"] },
            "capabilities": { "type": "object" },
            "account_ids": { "type": "array", "items": { "type": "string" } },
            "state": { "type": "string", "enum": ["unknown", "ready", "busy", "unreachable", "disabled"] },
            "checked_at": { "type": ["string", "null"], "format": "date-time" },
            "described": { "type": ["string", "null"] },
            "front": {
                "type": "object",
                "required": ["account_id", "fence"],
                "properties": {
                    "account_id": { "type": "string" },
                    "fence": { "type": "integer", "minimum": 0 },
                },
            },
            "rev": { "type": "integer", "minimum": 0 },
            "picture_at": {
                "type": ["string", "null"],
                "format": "date-time",
                "description": "When its last picture was taken that is on this machine.",
            },
        },
    })
}

fn list_schema(g: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "required": ["items", "next_cursor"],
        "additionalProperties": false,
        "properties": {
            "items": { "type": "array", "items": device_schema(g) },
            "next_cursor": { "type": "null" },
        },
    })
}

/// A phone.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "DeviceRequest")]
#[serde(deny_unknown_fields)]
struct Wanted {
    /// Its Appium server or WebDriverAgent.
    url: String,
    /// Its own identifier, where one server has several.
    #[serde(default)]
    udid: Option<Label>,
    /// Merged into the session request.
    #[serde(default)]
    capabilities: Option<Map<String, Value>>,
    /// The accounts logged in on it.
    #[serde(default)]
    #[schemars(length(max = 20))]
    account_ids: Vec<AccountName>,
    /// Whether it may be used.
    #[serde(default)]
    disabled: bool,
}

#[derive(Serialize)]
struct Devices {
    items: Vec<Shown>,
    next_cursor: Option<Place>,
}

/// A phone, and what is kept of it on this machine.
#[derive(Serialize)]
struct Shown {
    #[serde(flatten)]
    record: DeviceRecord,
    picture_at: Option<Instant>,
}

impl Shown {
    fn of(record: DeviceRecord, shared: &Inner) -> Self {
        let phones = shared.options.phones.as_ref();
        let taken = phones.and_then(|phones| phones.last_taken(&record.device_id));
        let instant = taken.and_then(|at| jiff::Timestamp::try_from(at).ok());
        Self { record, picture_at: instant.map(|at| Instant(at.into())) }
    }
}

/// Refuses an address that the server must not connect to.
pub(crate) fn is_reachable(options: &Options, address: &str) -> Result<(), String> {
    let url = Url::parse(address).map_err(|e| format!("`{address}` is no address: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err("a phone is reached by http:// or https://".to_owned());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("leave user and password out of the address".to_owned());
    }
    let this_machine = match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let (host, port) = (url.host_str().unwrap_or_default(), url.port_or_known_default());
    let with_port = format!("{host}:{}", port.unwrap_or_default());
    let named = options
        .device_hosts
        .iter()
        .any(|given| given.eq_ignore_ascii_case(host) || given.eq_ignore_ascii_case(&with_port));
    if this_machine || named {
        return Ok(());
    }
    Err(format!(
        "`{host}` is not a host that phones may be on; start the server with --device-host {host}"
    ))
}

pub(super) fn parsed(Label(text): &Label) -> Result<DeviceId, Problem> {
    text.parse().map_err(|e: decorum_core::IdError| {
        Problem::new(Kind::InvalidParameter, e.to_string()).at("device_id")
    })
}

pub(super) fn nobody(id: &DeviceId) -> Problem {
    Problem::new(Kind::NotFound, format!("there is no phone {id}"))
}

fn tagged(device: DeviceRecord, shared: &Inner) -> Response {
    let tag = HeaderValue::from_str(&format!("\"{}\"", device.rev));
    let mut response = Json(Shown::of(device, shared)).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn list(State(shared): State<Shared>) -> Result<Json<Devices>, Problem> {
    let phones = shared.store().devices().await?;
    let items = phones.into_iter().map(|phone| Shown::of(phone, &shared)).collect();
    Ok(Json(Devices { items, next_cursor: None }))
}

async fn one(State(shared): State<Shared>, InPath(id): InPath<Label>) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    let found = shared.store().device(&id).await?;
    found.map(|phone| tagged(phone, &shared)).ok_or_else(|| nobody(&id))
}

/// What the phone is called by its udid, or else by its address.
fn name_of(wanted: &Wanted) -> Result<DeviceId, Problem> {
    let given = wanted.udid.as_ref().map(|label| label.0.as_str());
    let udid = given.or_else(|| {
        let capabilities = wanted.capabilities.as_ref()?;
        ["appium:udid", "udid"].iter().find_map(|key| capabilities.get(*key)?.as_str())
    });
    phone_name(&wanted.url, udid)
        .parse()
        .map_err(|e: decorum_core::IdError| Problem::new(Kind::Impossible, e.to_string()).at("url"))
}

async fn add(
    State(shared): State<Shared>,
    actor: Actor,
    headers: HeaderMap,
    Body(wanted): Body<Wanted>,
) -> Result<Response, Problem> {
    let id = name_of(&wanted)?;
    write(&shared, &actor, &headers, id, wanted).await
}

async fn put(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
    headers: HeaderMap,
    Body(wanted): Body<Wanted>,
) -> Result<Response, Problem> {
    let id = parsed(&id)?;
    write(&shared, &actor, &headers, id, wanted).await
}

async fn write(
    shared: &Inner,
    actor: &Actor,
    headers: &HeaderMap,
    id: DeviceId,
    wanted: Wanted,
) -> Result<Response, Problem> {
    let before = shared.store().device(&id).await?;
    let there = before.as_ref().is_some_and(|before| before.url == wanted.url);
    if !there {
        is_reachable(&shared.options, &wanted.url)
            .map_err(|problem| Problem::new(Kind::Impossible, problem).at("url"))?;
    }
    let name = name_of(&wanted)?;
    if !there && name != id {
        let problem = format!(
            "the phone at this address is called {name}, by its udid or address; use that name, or \
             POST /api/devices"
        );
        return Err(Problem::new(Kind::Impossible, problem).at("device_id"));
    }
    let rev = before.as_ref().map_or(0, |device| device.rev);
    let read = headers.get(header::IF_MATCH).map(HeaderValue::as_bytes);
    if read.is_some_and(|read| read != format!("\"{rev}\"").as_bytes()) {
        return Err(Problem::new(Kind::Changed, format!("the phone {id} was changed meanwhile")));
    }
    let accounts = wanted.account_ids.into_iter().map(|name| name.0).collect();
    let mut device = DeviceRecord {
        udid: wanted.udid.map(|label| label.0),
        capabilities: wanted.capabilities.unwrap_or_default(),
        ..DeviceRecord::new(id, wanted.url, accounts)
    };
    // What is known of it stays, as long as it is the same phone.
    if let Some(before) = before.filter(|before| before.url == device.url) {
        let was_disabled = before.state == DeviceState::Disabled;
        device.state = if was_disabled { DeviceState::Unknown } else { before.state };
        (device.checked_at, device.described) = (before.checked_at, before.described);
        device.front = before.front;
    }
    if wanted.disabled {
        device.state = DeviceState::Disabled;
    }
    saved(shared, actor, device, rev).await
}

async fn saved(
    shared: &Inner,
    actor: &Actor,
    device: DeviceRecord,
    rev: u64,
) -> Result<Response, Problem> {
    let now = shared.now();
    match shared.store().put_device(&device, rev, Some(&actor.who()), now).await {
        Err(error @ StoreError::Conflict { .. }) => {
            Err(Problem::new(Kind::Changed, error.to_string()))
        }
        saved => Ok(tagged(saved?, shared)),
    }
}

async fn remove(
    State(shared): State<Shared>,
    InPath(id): InPath<Label>,
    actor: Actor,
) -> Result<StatusCode, Problem> {
    let id = parsed(&id)?;
    if shared.store().remove_device(&id, &actor.who(), shared.now()).await? {
        if let Some(Err(error)) = shared.options.phones.as_ref().map(|phones| phones.forget(&id)) {
            tracing::warn!(phone = %id, %error, "its last picture stays");
        }
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(nobody(&id))
    }
}

#[cfg(test)]
mod tests {
    use decorum_core::Settings;

    use super::*;

    #[test]
    fn a_phone_is_on_this_machine_or_on_a_host_that_was_named() {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let mut options = Options::new(listen, Settings::default());
        options.device_hosts = vec!["lab.example".to_owned(), "10.0.0.7:8100".to_owned()];
        for address in [
            "http://127.0.0.1:8100",
            "http://localhost:4723/wd/hub",
            "http://[::1]:8100",
            "https://lab.example/appium",
            "http://LAB.example:4723",
            "http://10.0.0.7:8100",
        ] {
            assert_eq!(is_reachable(&options, address), Ok(()), "{address}");
        }
        for address in [
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.7:22",
            "http://10.0.0.8:8100",
            "http://localhost.evil.example",
            "http://lab.example.evil.example",
            "http://user:secret@127.0.0.1:8100",
            "file:///etc/passwd",
            "http://0x7f000002.evil.example",
            "not an address",
            "",
        ] {
            assert!(is_reachable(&options, address).is_err(), "{address}");
        }
    }
}
