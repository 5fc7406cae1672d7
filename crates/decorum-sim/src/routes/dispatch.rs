//! From an HTTP request to a command and back: sessions, waits, faults, counting.

use std::collections::HashMap;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{RawPathParams, State};
use axum::handler::Handler;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::call::Call;
use super::{Class, Need, Route, invalid};
use crate::error::{Code, Failure, fail};
use crate::machine::{Machine, now};
use crate::phone::Shared;
use crate::scenario::{Fault, FaultKind, When};

/// How often an element is looked for while the client's implicit wait lasts.
const POLL: Duration = Duration::from_millis(50);

/// The handler of a route.
pub(super) fn handler(route: &'static Route) -> impl Handler<((), State<Shared>), Shared> {
    // One extractor: the request is taken apart below, where every mistake has its error.
    Dispatcher { route }
}

#[derive(Debug, Clone, Copy)]
struct Dispatcher {
    route: &'static Route,
}

impl Handler<((), State<Shared>), Shared> for Dispatcher {
    type Future = std::pin::Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, request: axum::extract::Request, shared: Shared) -> Self::Future {
        Box::pin(answer(self.route, request, shared))
    }
}

async fn answer(
    route: &'static Route,
    request: axum::extract::Request,
    shared: Shared,
) -> Response {
    use axum::extract::{FromRequest, FromRequestParts};
    let (mut parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let number = shared.machine().requests.arrived(route.method, label(route), &path, now());
    let params = RawPathParams::from_request_parts(&mut parts, &()).await;
    let query = query(parts.uri.query().unwrap_or_default());
    let request = axum::extract::Request::from_parts(parts, body);
    let body = Bytes::from_request(request, &()).await;
    let mut call = Call { query, ..Call::default() };
    if let Ok(params) = &params {
        for (key, value) in params {
            let value = Some(value.to_owned());
            match key {
                "session" => call.session = value,
                "element" => call.element = value,
                _ => call.name = value,
            }
        }
    }
    let session =
        call.session.clone().or_else(|| shared.machine().sessions.current().map(str::to_owned));
    let result = match arguments(route, body) {
        Ok(body) => {
            call.body = body;
            // A client that gives up does not undo what it asked for: the command goes on.
            let task = tokio::spawn(carry_out(route, call, shared.clone()));
            task.await.unwrap_or_else(|error| Err(fail(Code::Unknown, error.to_string())))
        }
        Err(failure) => Err(failure),
    };
    let dropped = result == Err(Failure::Drop);
    let response = match result {
        Ok(value) => success(&value, session.as_deref(), &shared),
        Err(failure) => failure.respond(session.as_deref()),
    };
    let status = (!dropped).then(|| response.status().as_u16());
    shared.machine().requests.answered(number, status, now());
    response
}

/// The route as it is counted: without the session's prefix.
fn label(route: &Route) -> &'static str {
    if route.path.is_empty() { "/session/{session}" } else { route.path }
}

fn success(value: &Value, session: Option<&str>, shared: &Shared) -> Response {
    // A session that was opened just now stands in its own answer.
    let session = value.get("sessionId").and_then(Value::as_str).or(session);
    let session = session
        .map(str::to_owned)
        .or_else(|| shared.machine().sessions.current().map(str::to_owned));
    let mut response = Json(json!({"value": value, "sessionId": session})).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn arguments(route: &Route, body: Result<Bytes, BytesRejection>) -> Result<Value, Failure> {
    let body = body.map_err(|error| invalid(format!("the body cannot be read: {error}")))?;
    if route.method != "POST" || body.iter().all(u8::is_ascii_whitespace) {
        return Ok(json!({}));
    }
    let value: Value = serde_json::from_slice(&body)
        .map_err(|error| invalid(format!("the body is no JSON: {error}")))?;
    if value.is_object() { Ok(value) } else { Err(invalid("the body must be a JSON object")) }
}

async fn carry_out(
    route: &'static Route,
    mut call: Call,
    shared: Shared,
) -> Result<Value, Failure> {
    let _turn = shared.turn.lock().await;
    let (wait, strikes) = {
        let mut machine = shared.machine();
        let label = format!("{} {}", route.method, label(route));
        let strikes = machine.effects.faults.on_request(&label, now());
        (wait(route.class, &mut machine, &strikes), strikes)
    };
    if !wait.is_zero() {
        tokio::time::sleep(wait).await;
    }
    let crash = strikes.iter().find(|fault| fault.kind == FaultKind::AgentCrash);
    if let Some(crash) = crash.filter(|crash| crash.when != Some(When::After)) {
        shared.go_down(crash);
        return Err(Failure::Drop);
    }
    let mut patience = None;
    loop {
        let result = {
            let mut machine = shared.machine();
            call.now = now();
            if patience.is_none() {
                run_struck(route, &call, &strikes, &mut machine)
            } else {
                run(route, &call, &mut machine)
            }
        };
        if let Some(crash) = crash {
            shared.go_down(crash);
            return Err(Failure::Drop);
        }
        if route.class != Class::Find || !nothing_found(&result) {
            return result;
        }
        let until = *patience.get_or_insert_with(|| {
            let mut machine = shared.machine();
            let implicit = machine.session(call.session.as_deref()).map_or(0, |s| s.implicit_ms);
            tokio::time::Instant::now() + Duration::from_millis(implicit)
        });
        if tokio::time::Instant::now() >= until {
            return result;
        }
        tokio::time::sleep(POLL).await;
    }
}

fn nothing_found(result: &Result<Value, Failure>) -> bool {
    match result {
        Ok(value) => value.as_array().is_some_and(Vec::is_empty),
        Err(Failure::Error { code, .. }) => *code == Code::NoSuchElement,
        Err(Failure::Drop) => false,
    }
}

/// Runs a command on which faults strike.
fn run_struck(
    route: &Route,
    call: &Call,
    strikes: &[Fault],
    machine: &mut Machine,
) -> Result<Value, Failure> {
    let mut drop_after = false;
    let mut crash_after = false;
    for fault in strikes {
        match fault.kind {
            FaultKind::Drop if fault.when == Some(When::Before) => return Err(Failure::Drop),
            FaultKind::Drop => drop_after = true,
            FaultKind::SessionLost => machine.sessions.close_all(),
            FaultKind::StaleElement if call.element.is_some() => {
                return Err(fail(
                    Code::Stale,
                    "The element is not attached to the screen any more",
                ));
            }
            FaultKind::StaleElement | FaultKind::Stall | FaultKind::AgentCrash => {}
            FaultKind::Crash if fault.when == Some(When::After) => crash_after = true,
            _ => machine.app.strike(fault, call.now),
        }
    }
    let result = run(route, call, machine);
    if crash_after {
        machine.app.terminate();
    }
    if drop_after { Err(Failure::Drop) } else { result }
}

fn run(route: &Route, call: &Call, machine: &mut Machine) -> Result<Value, Failure> {
    machine.sessions.expire(machine.scenario.session_timeout_ms, call.now);
    if let Some(id) = &call.session {
        machine.sessions.used(id, call.now);
        if machine.sessions.get(id).is_none() {
            return Err(fail(Code::InvalidSession, "Session does not exist"));
        }
    } else if route.need == Need::Session {
        return Err(fail(Code::InvalidSession, "Session does not exist"));
    }
    machine.effects.session =
        call.session.clone().or_else(|| machine.sessions.current().map(str::to_owned));
    let result = (route.run)(machine, call);
    if std::mem::take(&mut machine.app.drop_answer) {
        return Err(Failure::Drop);
    }
    result
}

fn wait(class: Class, machine: &mut Machine, strikes: &[Fault]) -> Duration {
    let latency = machine.scenario.latency;
    let base = match class {
        Class::Source => latency.source_ms,
        Class::Find => latency.find_ms,
        Class::Tap => latency.tap_ms,
        Class::Screenshot => latency.screenshot_ms,
        Class::Other => latency.default_ms,
    };
    let spread = 1.0 + latency.jitter * (machine.jitter.f64() * 2.0 - 1.0);
    let stall: u64 = strikes
        .iter()
        .filter(|fault| fault.kind == FaultKind::Stall)
        .filter_map(|fault| fault.stall_ms)
        .sum();
    Duration::from_millis(base).mul_f64(spread.max(0.0)) + Duration::from_millis(stall)
}

fn query(raw: &str) -> HashMap<String, String> {
    axum::extract::Query::try_from_uri(&format!("/?{raw}").parse::<Uri>().unwrap_or_default())
        .map_or_else(|_| HashMap::new(), |axum::extract::Query(map)| map)
}

/// The path is known, the method is not.
pub(super) async fn unknown_method(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
) -> Response {
    refuse(&shared, &method, &uri, Code::UnknownMethod)
}

/// Nothing is known at this path.
pub(super) async fn unknown_command(
    State(shared): State<Shared>,
    method: Method,
    uri: Uri,
    _headers: HeaderMap,
) -> Response {
    refuse(&shared, &method, &uri, Code::UnknownCommand)
}

fn refuse(shared: &Shared, method: &Method, uri: &Uri, code: Code) -> Response {
    let mut machine = shared.machine();
    let number = machine.requests.arrived(method.as_str(), code.word(), uri.path(), now());
    let path: String = uri.path().chars().take(300).collect();
    let message = format!("Unhandled endpoint: {method} {path}");
    let response = fail(code, message).respond(machine.sessions.current());
    machine.requests.answered(number, Some(response.status().as_u16()), now());
    response
}
