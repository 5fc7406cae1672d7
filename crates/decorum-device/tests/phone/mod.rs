//! A simulated phone, driven over plain HTTP: what is read here is what any server would send.
#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends here")]

use decorum_device::screen::Control;
use decorum_device::{AppProfile, Locator, Screen};
use decorum_sim::{Phone, Scenario};
use reqwest::{Client, Method};
use serde_json::{Value, json};

/// The languages of the profile and of the simulated phone.
pub(crate) const LANGUAGES: [&str; 6] = ["en", "es", "de", "pt", "fr", "ja"];

const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// People whose pages differ in what matters here.
const PEOPLE: &str = r#"
account = "studio.nord"
other_accounts = ["second.account"]

[population]
story_share = 0.0

[[people]]
username = "ines.keramik"
full_name = "Ines Keramik"
bio = "Cups and bowls.\nTry again later is my life motto."
posts = 1214
followers = 12345
following = 310
story = true
followers_list = ["ada.stone", "bruno_berg", "studio.nord"]

[[people]]
username = "friend.of.ours"
relationship = "following"

[[people]]
username = "asked.before"
private = true
relationship = "requested"

[[people]]
username = "shy.person"
private = true

[[people]]
username = "gone.person"
missing = true

[[people]]
username = "banned.person"
suspended = true

[[people]]
username = "no.posts"
posts = 0
bio = ""
full_name = "This account is private"
"#;

/// A running phone with an open session.
pub(crate) struct Bench {
    pub(crate) phone: Phone,
    http: Client,
    session: String,
}

impl Bench {
    /// A phone in this language, with further lines of a scenario before the people.
    pub(crate) async fn with(language: &str, top: &str, faults: &str) -> Self {
        let toml = format!("language = \"{language}\"\n{top}\n{PEOPLE}\n{faults}");
        let scenario = Scenario::from_toml(&toml).expect("a scenario");
        let listen = "127.0.0.1:0".parse().expect("an address");
        let phone = Phone::start(scenario, listen).await.expect("the phone starts");
        let mut bench = Self { phone, http: Client::new(), session: String::new() };
        let body = json!({"capabilities": {"alwaysMatch": {}}});
        let answer = bench.send(Method::POST, "/session", Some(body)).await;
        answer["sessionId"].as_str().expect("a session").clone_into(&mut bench.session);
        bench
    }

    pub(crate) async fn speaking(language: &str) -> Self {
        Self::with(language, "", "").await
    }

    pub(crate) async fn english() -> Self {
        Self::speaking("en").await
    }

    async fn send(&self, method: Method, path: &str, body: Option<Value>) -> Value {
        let mut request = self.http.request(method, format!("{}{path}", self.phone.url()));
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await.expect("an answer").json().await.expect("JSON")
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let answer = self.send(Method::POST, &path, Some(body)).await;
        assert!(answer["value"]["error"].is_null(), "{path}: {answer}");
        answer["value"].clone()
    }

    /// Plays a fault from now on.
    pub(crate) async fn fault(&self, fault: Value) {
        let answer = self.send(Method::POST, "/sim/faults", Some(fault)).await;
        assert!(answer["faults"].is_array(), "{answer}");
    }

    pub(crate) async fn link(&self, url: &str) {
        self.post("/url", json!({"url": url})).await;
    }

    pub(crate) async fn open(&self, username: &str) {
        self.link(&AppProfile::builtin().user_link(username)).await;
    }

    /// The source as a `WebDriverAgent` gives it.
    pub(crate) async fn source(&self) -> String {
        self.source_with("").await
    }

    /// The source as an Appium server asks for it.
    pub(crate) async fn source_for_appium(&self) -> String {
        self.source_with("?format=xml&scope=AppiumAUT").await
    }

    async fn source_with(&self, query: &str) -> String {
        let path = format!("/session/{}/source{query}", self.session);
        let answer = self.send(Method::GET, &path, None).await;
        answer["value"].as_str().expect("a source").to_owned()
    }

    /// What Decorum sees.
    pub(crate) async fn screen(&self) -> Screen {
        read(&self.source().await)
    }

    async fn find(&self, locator: &Locator) -> String {
        let (using, value) = match locator {
            Locator::AccessibilityId(value) => ("accessibility id", value),
            Locator::Predicate(value) => ("predicate string", value),
            Locator::ClassChain(value) => ("class chain", value),
            Locator::XPath(value) => ("xpath", value),
        };
        let found = self.post("/element", json!({"using": using, "value": value})).await;
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("{locator}: {found}")).to_owned()
    }

    /// Taps the control, found again as the engine finds it.
    pub(crate) async fn tap(&self, control: &Control) {
        self.tap_at(&control.locator()).await;
    }

    pub(crate) async fn tap_at(&self, locator: &Locator) {
        let element = self.find(locator).await;
        self.post(&format!("/element/{element}/click"), json!({})).await;
    }

    pub(crate) async fn tap_id(&self, id: &str) {
        self.tap_at(&Locator::AccessibilityId(id.to_owned())).await;
    }

    pub(crate) async fn type_into(&self, control: &Control, text: &str) {
        let element = self.find(&control.locator_by_name()).await;
        let body = json!({"text": text, "value": [text]});
        self.post(&format!("/element/{element}/value"), body).await;
    }

    pub(crate) async fn activate(&self) {
        self.post("/wda/apps/activate", json!({"bundleId": AppProfile::builtin().bundle_id()}))
            .await;
    }
}

/// A source in the light of the built-in profile.
pub(crate) fn read(source: &str) -> Screen {
    Screen::read(source, &AppProfile::builtin()).unwrap_or_else(|e| panic!("{e}\n{source}"))
}
