//! A phone and a client that speaks to it over HTTP, as any program would.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends here")]

use decorum_sim::{Phone, Scenario};
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

pub(crate) const W3C: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A running phone with an open session.
pub(crate) struct Bench {
    pub(crate) phone: Phone,
    pub(crate) http: Client,
    pub(crate) session: String,
}

impl Bench {
    pub(crate) async fn with(toml: &str) -> Self {
        let scenario = Scenario::from_toml(toml).expect("scenario");
        let phone = Phone::start(scenario, "127.0.0.1:0".parse().expect("address"))
            .await
            .expect("phone starts");
        let mut bench = Self { phone, http: Client::new(), session: String::new() };
        bench.open_session().await;
        bench
    }

    pub(crate) async fn calm() -> Self {
        Self::with("").await
    }

    pub(crate) async fn open_session(&mut self) {
        let body = json!({"capabilities": {"alwaysMatch": {"platformName": "iOS"}}});
        let (_, answer) = self.raw(Method::POST, "/session", Some(body)).await;
        answer["sessionId"].as_str().expect("session id").clone_into(&mut self.session);
    }

    pub(crate) async fn raw(
        &self,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> (StatusCode, Value) {
        let mut request = self.http.request(method, format!("{}{path}", self.phone.url()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        (status, response.json().await.expect("JSON"))
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let path = format!("/session/{}{path}", self.session);
        let (status, answer) = self.raw(Method::POST, &path, Some(body)).await;
        (status, answer["value"].clone())
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let path = format!("/session/{}{path}", self.session);
        let (status, answer) = self.raw(Method::GET, &path, None).await;
        (status, answer["value"].clone())
    }

    pub(crate) async fn open(&self, user: &str) {
        let url = format!("instagram://user?username={user}");
        assert_eq!(self.post("/url", json!({"url": url})).await.0, StatusCode::OK);
    }

    pub(crate) async fn find(&self, using: &str, value: &str) -> Result<String, String> {
        let (_, found) = self.post("/element", json!({"using": using, "value": value})).await;
        match found[W3C].as_str() {
            Some(id) => Ok(id.to_owned()),
            None => Err(found["error"].as_str().unwrap_or("?").to_owned()),
        }
    }

    pub(crate) async fn find_all(&self, using: &str, value: &str) -> Vec<String> {
        let (_, found) = self.post("/elements", json!({"using": using, "value": value})).await;
        let list = found.as_array().expect("a list");
        list.iter().map(|one| one[W3C].as_str().expect("id").to_owned()).collect()
    }

    pub(crate) async fn id(&self, name: &str) -> String {
        self.find("accessibility id", name).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub(crate) async fn attribute(&self, id: &str, name: &str) -> Value {
        self.get(&format!("/element/{id}/attribute/{name}")).await.1
    }

    /// Label of the element with a name.
    pub(crate) async fn label(&self, name: &str) -> String {
        let id = self.id(name).await;
        self.attribute(&id, "label").await.as_str().unwrap_or_default().to_owned()
    }

    pub(crate) async fn click(&self, id: &str) -> (StatusCode, Value) {
        self.post(&format!("/element/{id}/click"), json!({})).await
    }

    pub(crate) async fn tap(&self, name: &str) -> (StatusCode, Value) {
        let id = self.id(name).await;
        self.click(&id).await
    }

    pub(crate) async fn follow(&self, user: &str) {
        self.open(user).await;
        self.tap("user-detail-header-follow-button").await;
    }

    pub(crate) async fn source(&self) -> String {
        let (status, value) = self.get("/source").await;
        assert_eq!(status, StatusCode::OK);
        value.as_str().expect("text").to_owned()
    }

    pub(crate) async fn ledger(&self) -> Value {
        self.raw(Method::GET, "/sim/ledger", None).await.1
    }

    pub(crate) async fn screen(&self) -> String {
        let state = self.raw(Method::GET, "/sim/state", None).await.1;
        state["screen"].as_str().expect("a word").to_owned()
    }

    /// The ledger as short lines: who, what, what became of it.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.phone
            .ledger()
            .iter()
            .map(|entry| {
                format!("{} {:?} {:?}", entry.target_username, entry.action, entry.effect)
                    .to_lowercase()
            })
            .collect()
    }
}
