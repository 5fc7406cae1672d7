//! The judge's own routes. They answer at once: no latency, no faults, no queue.

use axum::Json;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::machine::now;
use crate::people::{self, Listed};
use crate::phone::Shared;
use crate::picture;
use crate::scenario::{Fault, check_fault};

/// The live page: no script, font or picture from anywhere else.
const PAGE: &str = include_str!("sim.html");

pub(super) fn router() -> Router<Shared> {
    Router::new()
        .route("/sim", get(async || Html(PAGE)))
        .route("/sim/ledger", get(ledger))
        .route("/sim/requests", get(requests))
        .route("/sim/list", get(list))
        .route("/sim/state", get(state))
        .route("/sim/faults", post(add_faults))
        .route("/sim/clear", post(clear))
        .route("/sim/reset", post(reset))
        .route("/sim/screen.png", get(screen))
        .route("/wda/shutdown", get(shut_down))
}

#[derive(Debug, Deserialize)]
struct Tail {
    /// Only the last so many entries.
    last: Option<usize>,
}

async fn ledger(State(shared): State<Shared>, Query(tail): Query<Tail>) -> Json<Value> {
    let machine = shared.machine();
    let entries = machine.effects.ledger.entries();
    let from = entries.len().saturating_sub(tail.last.unwrap_or(usize::MAX));
    Json(json!({
        "items": entries.get(from..).unwrap_or_default(),
        "counts": machine.effects.ledger.counts(),
    }))
}

/// Which list, and of whom.
#[derive(Debug, Deserialize)]
struct Wanted {
    list: String,
    of: String,
}

/// Everybody in a list, whatever of it was shown.
async fn list(State(shared): State<Shared>, Query(wanted): Query<Wanted>) -> Response {
    let list = match wanted.list.as_str() {
        "followers" => Listed::Followers,
        "following" => Listed::Following,
        "likers" => Listed::Likers,
        "tag" => Listed::Tag,
        _ => return refuse("`list` is followers, following, likers or tag"),
    };
    let scenario = std::sync::Arc::clone(&shared.machine().scenario);
    Json(json!({"items": people::everybody(&scenario, list, &wanted.of)})).into_response()
}

async fn requests(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.machine().requests.json())
}

async fn state(State(shared): State<Shared>) -> Json<Value> {
    Json(shared.machine().state(now()))
}

/// Takes one fault, a list of them, or `{"faults": [...]}` as in a scenario.
async fn add_faults(State(shared): State<Shared>, body: Bytes) -> Response {
    let faults = match read_faults(&body) {
        Ok(faults) => faults,
        Err(problem) => return refuse(&problem),
    };
    let mut machine = shared.machine();
    for fault in faults {
        if !machine.add_fault(fault, now()) {
            return refuse("there are too many faults already");
        }
    }
    Json(json!({"faults": machine.effects.faults.state(now())})).into_response()
}

fn read_faults(body: &[u8]) -> Result<Vec<Fault>, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let list = match value {
        Value::Array(list) => list,
        Value::Object(mut object) => match object.remove("faults") {
            Some(Value::Array(list)) if object.is_empty() => list,
            Some(_) => return Err("`faults` must be a list and stand alone".to_owned()),
            None => vec![Value::Object(object)],
        },
        _ => return Err("a fault is a JSON object".to_owned()),
    };
    let mut faults = Vec::new();
    for (index, value) in list.into_iter().enumerate() {
        let mut fault: Fault =
            serde_json::from_value(value).map_err(|error| format!("faults[{index}]: {error}"))?;
        fault.target = fault.target.as_deref().map(crate::scenario::username);
        fault.account = fault.account.as_deref().map(crate::scenario::username);
        check_fault(&format!("faults[{index}]"), &fault).map_err(|error| error.to_string())?;
        faults.push(fault);
    }
    Ok(faults)
}

fn refuse(problem: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": problem}))).into_response()
}

/// What a person does who settles a challenge, a login or a suspension.
async fn clear(State(shared): State<Shared>) -> Json<Value> {
    let mut machine = shared.machine();
    machine.app.open_gate(now());
    Json(machine.state(now()))
}

async fn reset(State(shared): State<Shared>) -> Response {
    let mut machine = shared.machine();
    match machine.reset() {
        Ok(()) => Json(machine.state(now())).into_response(),
        Err(error) => {
            let body = json!({"error": format!("the ledger cannot be emptied: {error}")});
            (StatusCode::INTERNAL_SERVER_ERROR, Json(body)).into_response()
        }
    }
}

/// `WebDriverAgent`'s own way to end the server.
async fn shut_down(State(shared): State<Shared>) -> Json<Value> {
    shared.stop.send_replace(true);
    Json(json!({"value": "Shutting down", "sessionId": null}))
}

async fn screen(State(shared): State<Shared>) -> Response {
    let (tree, scale) = {
        let machine = shared.machine();
        (machine.screen(now()).tree, machine.scenario.scale)
    };
    let drawn = tokio::task::spawn_blocking(move || picture::png(&tree, scale, None)).await;
    match drawn.unwrap_or_else(|error| Err(error.to_string())) {
        Ok(bytes) => {
            let headers =
                [(header::CONTENT_TYPE, "image/png"), (header::CACHE_CONTROL, "no-store")];
            (headers, bytes).into_response()
        }
        Err(problem) => (StatusCode::INTERNAL_SERVER_ERROR, problem).into_response(),
    }
}
