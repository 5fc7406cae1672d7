//! The protocol: routes of the W3C standard and of WebDriverAgent, as one table.
//!
//! A route says whether it needs a session, what kind of wait it costs, and which function
//! carries it out. Each is reachable under `/session/{session}` and, where WebDriverAgent
//! allows it, without.

#![allow(clippy::unnecessary_wraps, reason = "all handlers have one shape, fallible or not")]

mod alert;
mod apps;
mod call;
mod device;
mod dispatch;
mod element;
mod gesture;
mod page;
mod script;
mod session;
mod sim;
mod source;

use std::collections::BTreeMap;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{MethodFilter, MethodRouter};
use serde_json::Value;

use crate::error::{Code, Failure, fail};
use crate::machine::Machine;
use crate::phone::Shared;
use call::Call;

/// Largest body a client may send.
const LARGEST_BODY: usize = 1 << 20;

/// Whether a route works without a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    /// Only under `/session/{session}`.
    Session,
    /// With or without.
    Either,
    /// Only without.
    Nothing,
}

/// What kind of wait a route costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    Source,
    Find,
    Tap,
    Screenshot,
    Other,
}

type Run = fn(&mut Machine, &Call) -> Result<Value, Failure>;

#[derive(Debug, Clone, Copy)]
struct Route {
    method: &'static str,
    path: &'static str,
    need: Need,
    class: Class,
    run: Run,
}

const fn get(path: &'static str, need: Need, class: Class, run: Run) -> Route {
    Route { method: "GET", path, need, class, run }
}

const fn post(path: &'static str, need: Need, class: Class, run: Run) -> Route {
    Route { method: "POST", path, need, class, run }
}

const fn delete(path: &'static str, need: Need, class: Class, run: Run) -> Route {
    Route { method: "DELETE", path, need, class, run }
}

/// The whole protocol.
pub(crate) fn router(shared: Shared) -> Router {
    let tables = [
        session::ROUTES,
        source::ROUTES,
        element::ROUTES,
        gesture::ROUTES,
        alert::ROUTES,
        apps::ROUTES,
        device::ROUTES,
        script::ROUTES,
    ];
    let mut paths: BTreeMap<String, MethodRouter<Shared>> = BTreeMap::new();
    for route in tables.into_iter().flatten() {
        let mut add = |path: String| {
            let router = paths
                .remove(&path)
                .unwrap_or_else(|| MethodRouter::new().fallback(dispatch::unknown_method));
            paths.insert(path, router.on(filter(route.method), dispatch::handler(route)));
        };
        if route.need != Need::Nothing {
            add(format!("/session/{{session}}{}", route.path));
        }
        if route.need != Need::Session {
            add(route.path.to_owned());
        }
    }
    let mut router = Router::new();
    for (path, methods) in paths {
        router = router.route(&path, methods);
    }
    router
        .merge(sim::router())
        .fallback(dispatch::unknown_command)
        .layer(DefaultBodyLimit::max(LARGEST_BODY))
        .with_state(shared)
}

fn filter(method: &str) -> MethodFilter {
    match method {
        "POST" => MethodFilter::POST,
        "DELETE" => MethodFilter::DELETE,
        _ => MethodFilter::GET,
    }
}

/// For answers that are nothing.
const NOTHING: Value = Value::Null;

fn invalid(message: impl Into<String>) -> Failure {
    fail(Code::InvalidArgument, message)
}
