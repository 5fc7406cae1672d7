//! A server on a free port of this machine, over a store of its own, and a client for it.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has failed")]

use std::future::Future;
use std::sync::Arc;

use decorum_core::{Role, Settings, Timestamp};
use decorum_engine::crew::{Visits, WebDriverLines};
use decorum_engine::guard::Guard;
use decorum_engine::lexicon::Lexicon;
use decorum_engine::machine::Machine;
use decorum_engine::process;
use decorum_server::{Options, Server, token};
use decorum_store::{Store, Token};
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A running server.
pub(crate) struct Bench {
    pub(crate) url: String,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) client: Client,
    /// Where pictures are kept.
    pub(crate) evidence: std::path::PathBuf,
    stop: Option<oneshot::Sender<()>>,
    running: Option<JoinHandle<()>>,
    _kept: TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    /// As JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    /// A header as text.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// A problem of this kind and status, with its detail; checked as every problem is.
    pub(crate) fn problem(&self, status: u16, kind: &str) -> Value {
        let document = self.json();
        assert_eq!(self.status, status, "{document}");
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(document["type"], format!("/problems/{kind}"), "{document}");
        assert_eq!(document["status"], status);
        assert!(document["detail"].as_str().is_some_and(|d| !d.is_empty()), "{document}");
        document
    }
}

/// Settings under which a test need not wait between two acts.
pub(crate) fn brisk() -> Settings {
    Settings::default().with("min_seconds_between_actions", json!(0)).expect("a setting")
}

impl Bench {
    /// An open server over SQLite.
    pub(crate) async fn open() -> Self {
        Self::with(|_| {}).await
    }

    /// A server with other options.
    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::with_tokens(change, &[]).await.0
    }

    /// A server that asks for tokens, with one of each role: viewer, operator, admin.
    pub(crate) async fn guarded() -> (Self, [String; 3]) {
        let named = [("eye", Role::Viewer), ("bot", Role::Operator), ("boss", Role::Admin)];
        let (bench, tokens) = Self::with_tokens(|o| o.require_tokens = true, &named).await;
        (bench, tokens.try_into().expect("three tokens"))
    }

    async fn with_tokens(
        change: impl FnOnce(&mut Options),
        tokens: &[(&str, Role)],
    ) -> (Self, Vec<String>) {
        let kept = tempfile::tempdir().expect("a directory");
        let address = format!("sqlite:{}", kept.path().join("decorum.db").display());
        let store = decorum_store::open_store(&address).await.expect("a store");
        let mut secrets = Vec::new();
        for (name, role) in tokens {
            let (secret, hash) = token::draw().expect("random numbers");
            let now = Timestamp::from_millis(1_700_000_000_000);
            let token = Token {
                name: (*name).to_owned(),
                role: *role,
                hash,
                created_at: now,
                created_by: "test".to_owned(),
                last_used_at: None,
                revoked_at: None,
            };
            store.add_token(&token).await.expect("a token");
            secrets.push(secret);
        }
        let machine = Machine::this(kept.path(), "the store");
        let guard = Guard::new(Arc::clone(&store), machine, process::this_process("api"), brisk());
        let lexicon = Arc::new(
            Lexicon::of(&decorum_device::AppProfile::builtin()).expect("the built-in profile"),
        );
        let mut options = Options::new("127.0.0.1:0".parse().expect("an address"), brisk());
        let evidence = kept.path().join("evidence");
        let profile = decorum_device::AppProfile::builtin();
        let lines = Arc::new(WebDriverLines::new(&profile));
        options.evidence = Some(evidence.clone());
        options.phones = Some(Arc::new(Visits::new(lines, Arc::new(profile), evidence.clone())));
        change(&mut options);
        let server = Server::bind(guard, lexicon, options).await.expect("a server");
        let url = server.url();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(async {
            stopped.await.ok();
        }));
        let client = Client::builder().build().expect("a client");
        let (stop, running) = (Some(stop), Some(running));
        let bench = Self { url, store, client, evidence, stop, running, _kept: kept };
        (bench, secrets)
    }

    pub(crate) fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.url))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        read(self.ask(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        read(self.ask(Method::POST, path).json(&body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        read(self.ask(Method::DELETE, path)).await
    }

    /// A claim that is granted; its id.
    pub(crate) async fn claim(&self, account: &str, target: &str, action: &str) -> String {
        let wish = json!({ "account_id": account, "target_username": target, "action": action });
        let answer = self.post("/api/claims", wish).await;
        assert_eq!(answer.status, 201, "{}", answer.text);
        answer.json()["claim_id"].as_str().expect("an id").to_owned()
    }

    /// An engagement that succeeds.
    pub(crate) async fn engage(&self, account: &str, target: &str, action: &str) -> Value {
        let claim = self.claim(account, target, action).await;
        let told = json!({ "status": "success" });
        let answer = self.post(&format!("/api/claims/{claim}/outcome"), told).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }

    /// Has the server end, and waits for it.
    pub(crate) async fn end(mut self) {
        self.stop.take().expect("running").send(()).expect("running");
        self.running.take().expect("running").await.expect("ended well");
    }
}

/// Sends a request and reads its answer.
pub(crate) async fn read(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status(), response.headers().clone());
    let text = response.text().await.expect("a body");
    Answer { status: StatusCode::as_u16(&status), headers, text }
}

/// Waits until something is so, for ten seconds at most.
pub(crate) async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("never: {what}");
}
