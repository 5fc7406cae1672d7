//! Requests over HTTP: sent how often, waited for how long, counted.
//!
//! A connection that is kept open may be closed by the server in the very moment it is used
//! again. For a read that does not matter: it is sent once more. A touch must never be: so
//! touches go over a client that keeps no connection, and neither client resends by itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::Value;
use url::Url;

use super::answer::{self, Refusal};
use super::options::{Timeouts, WebDriverOptions};
use crate::{Command, DeviceError, DeviceErrorKind};

/// The largest answer taken, in bytes; a screenshot of a tablet has about ten million.
const ANSWER_MAX: usize = 64 * 1024 * 1024;
/// The most often a read is repeated, whatever the options say.
const RETRIES_MAX: u32 = 5;

/// One request.
pub(super) struct Request<'a> {
    command: Command,
    method: Method,
    path: Vec<&'a str>,
    body: Option<Value>,
}

impl<'a> Request<'a> {
    pub(super) fn get(command: Command, path: &[&'a str]) -> Self {
        Self { command, method: Method::GET, path: path.to_vec(), body: None }
    }

    pub(super) fn post(command: Command, path: &[&'a str], body: Value) -> Self {
        Self { command, method: Method::POST, path: path.to_vec(), body: Some(body) }
    }

    pub(super) fn delete(command: Command, path: &[&'a str]) -> Self {
        Self { command, method: Method::DELETE, path: path.to_vec(), body: None }
    }
}

/// A server by its base URL.
pub(super) struct Http {
    base: Url,
    reads: Client,
    touches: Client,
    timeouts: Timeouts,
    retries: u32,
    backoff: Duration,
    sent: AtomicU64,
}

impl Http {
    /// A server at `url`, path included (`http://127.0.0.1:4723/wd/hub`).
    pub(super) fn new(url: &str, options: &WebDriverOptions) -> Result<Self, DeviceError> {
        let unusable =
            |why: String| DeviceError::new(DeviceErrorKind::Unreachable, Command::Status, url, why);
        let base = Url::parse(url.trim())
            .map_err(|e| unusable(format!("not a URL such as http://127.0.0.1:8100 ({e})")))?;
        if base.scheme() != "http" || base.cannot_be_a_base() {
            return Err(unusable(
                "only http is spoken to a phone; forward its port to this machine, and use \
                 http://127.0.0.1:PORT"
                    .to_owned(),
            ));
        }
        let client = || {
            Client::builder()
                .connect_timeout(options.timeouts.connect)
                .retry(reqwest::retry::never())
                // To follow a redirect is to send again, to somewhere nobody named.
                .redirect(reqwest::redirect::Policy::none())
                // A phone is never behind the proxy that a browser uses.
                .no_proxy()
                .tcp_nodelay(true)
        };
        let built = |builder: reqwest::ClientBuilder| {
            builder.build().map_err(|e| unusable(format!("no HTTP client could be made: {e}")))
        };
        Ok(Self {
            base,
            reads: built(client())?,
            touches: built(client().pool_max_idle_per_host(0))?,
            timeouts: options.timeouts.clone(),
            retries: options.read_retries.min(RETRIES_MAX),
            backoff: options.read_backoff,
            sent: AtomicU64::new(0),
        })
    }

    /// The server's URL without any password.
    pub(super) fn place(&self) -> String {
        let mut base = self.base.clone();
        // Neither can fail for an http URL with a host; the URL is only shown.
        base.set_password(None).ok();
        base.set_username("").ok();
        base.as_str().trim_end_matches('/').to_owned()
    }

    /// Requests sent so far.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    /// Sends the request; a read that fails for a passing reason is sent again.
    pub(super) async fn send(&self, request: Request<'_>) -> Result<Value, DeviceError> {
        let mut tries = 0;
        loop {
            match self.send_once(&request).await {
                Err(error)
                    if request.command.is_read()
                        && error.is_safe_to_repeat()
                        && tries < self.retries =>
                {
                    tracing::debug!(%error, "a read failed and is tried again");
                    tokio::time::sleep(self.backoff * 2_u32.pow(tries)).await;
                    tries += 1;
                }
                answer => return answer,
            }
        }
    }

    async fn send_once(&self, request: &Request<'_>) -> Result<Value, DeviceError> {
        let command = request.command;
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            // Pushing encodes: an element id that a server made up cannot become a path.
            segments.pop_if_empty().extend(&request.path);
        }
        let asked = format!("{} {}/{}", request.method, self.place(), request.path.join("/"));
        let client = if command.is_read() { &self.reads } else { &self.touches };
        let limit = self.timeouts.of(command);
        let mut builder = client.request(request.method.clone(), url).timeout(limit);
        if let Some(body) = &request.body {
            builder = builder.json(body);
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        let (status, body) = receive(builder).await.map_err(|failed| match failed {
            Failed::Http(error) => failure(&error, command, &asked, limit),
            Failed::TooLarge => DeviceError::new(
                DeviceErrorKind::BadAnswer { status: 200 },
                command,
                &asked,
                format!("the answer is larger than {ANSWER_MAX} bytes"),
            ),
        })?;
        answer::value(status, &body)
            .map_err(|Refusal { kind, said }| DeviceError::new(kind, command, asked, said))
    }
}

enum Failed {
    Http(reqwest::Error),
    TooLarge,
}

async fn receive(builder: RequestBuilder) -> Result<(StatusCode, Vec<u8>), Failed> {
    let mut response = builder.send().await.map_err(Failed::Http)?;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(Failed::Http)? {
        if body.len() + chunk.len() > ANSWER_MAX {
            return Err(Failed::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok((response.status(), body))
}

/// What a failure below the protocol means: was the request sent?
fn failure(error: &reqwest::Error, command: Command, asked: &str, limit: Duration) -> DeviceError {
    let (kind, said) = if error.is_connect() || error.is_builder() {
        (DeviceErrorKind::Unreachable, format!("no connection came about ({})", root(error)))
    } else if error.is_timeout() {
        (DeviceErrorKind::Timeout, format!("no answer within {} s", limit.as_secs_f32()))
    } else {
        let said = format!("the connection ended without a whole answer ({})", root(error));
        (DeviceErrorKind::Dropped, said)
    };
    DeviceError::new(kind, command, asked, said).refused(error.is_connect() && is_refused(error))
}

/// Whether somebody at the address said that nobody listens.
fn is_refused(error: &reqwest::Error) -> bool {
    let mut cause: Option<&dyn std::error::Error> = Some(error);
    while let Some(error) = cause {
        if let Some(io) = error.downcast_ref::<std::io::Error>()
            && io.kind() == std::io::ErrorKind::ConnectionRefused
        {
            return true;
        }
        cause = error.source();
    }
    false
}

/// The innermost cause: what a person can act on.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
