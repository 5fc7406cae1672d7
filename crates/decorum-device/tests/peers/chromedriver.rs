//! chromedriver with a headless browser: a second W3C server, by other people and older than the
//! first, for the part of the protocol that a browser and a phone share.

use std::path::PathBuf;
use std::process::Command;

use decorum_device::{
    Device, DeviceErrorKind, Element, Locator, Point, WebDriver, WebDriverOptions,
};
use serde_json::{Value, json};

use super::program::Program;

const PAGE: &str = r#"<!doctype html>
<title>A page</title>
<button id="follow" onclick="this.dataset.clicks = 1 + Number(this.dataset.clicks || 0)">Follow</button>
<button id="vanish" onclick="this.remove()">Vanish</button>
<button id="warn" onclick="alert('Try again later')">Warn</button>
<input id="words" oninput="this.setAttribute('value', this.value)" onchange="this.oninput()">
<ul><li>anna</li><li>ben</li></ul>
"#;

struct Stage {
    server: Program,
    phone: WebDriver,
}

async fn stage() -> Stage {
    let named = std::env::var_os("DECORUM_CHROMEDRIVER");
    let program = named.unwrap_or_else(|| "chromedriver".into());
    let server = Program::start(|port, _| {
        let mut command = Command::new(&program);
        command.arg(format!("--port={port}"));
        command
    })
    .await;
    let phone = connect(&server).await;
    let session = phone.open_session(None).await;
    let session = session.expect("a session; `scripts/ensure chromium` installs the browser");
    // A phone has no such command: it opens links in an app.
    reqwest::Client::new()
        .post(format!("{}/session/{session}/url", server.url))
        .json(&json!({ "url": format!("file://{}", page(&server).display()) }))
        .send()
        .await
        .and_then(reqwest::Response::error_for_status)
        .expect("the page is opened");
    Stage { server, phone }
}

fn page(server: &Program) -> PathBuf {
    let file = server.folder().join("page.html");
    std::fs::write(&file, PAGE).expect("the page is written");
    file
}

async fn connect(server: &Program) -> WebDriver {
    let profile = server.folder().join("profile");
    let arguments = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--window-size=600,800",
        &format!("--user-data-dir={}", profile.display()),
    ];
    // What is null is taken back: a browser is no iPhone.
    let Value::Object(capabilities) = json!({
        "browserName": "chrome",
        "platformName": null,
        "appium:automationName": null,
        "appium:newCommandTimeout": null,
        "unhandledPromptBehavior": "ignore",
        "goog:chromeOptions": { "args": arguments },
    }) else {
        unreachable!("it was an object")
    };
    let options = WebDriverOptions { capabilities, ..WebDriverOptions::default() };
    WebDriver::connect(&server.url, options).await.expect("the server answers")
}

async fn find(phone: &WebDriver, id: &str) -> Element {
    let found = phone.find(&Locator::XPath(format!("//*[@id='{id}']"))).await;
    found.unwrap_or_else(|e| panic!("{e}"))
}

fn kind<T: std::fmt::Debug>(answer: Result<T, decorum_device::DeviceError>) -> DeviceErrorKind {
    answer.expect_err("it was refused").kind().clone()
}

#[tokio::test]
async fn a_page_is_read_touched_and_pictured() {
    let Stage { phone, server } = stage().await;
    assert!(phone.source().await.expect("a page").contains("<li>anna</li>"));
    let rows = phone.find_all(&Locator::XPath("//li".to_owned())).await.expect("a list");
    assert_eq!(rows.len(), 2);
    let nobody = Locator::XPath("//aside".to_owned());
    assert_eq!(kind(phone.find(&nobody).await), DeviceErrorKind::NoSuchElement);
    assert_eq!(phone.find_all(&nobody).await, Ok(Vec::new()));
    let broken = Locator::XPath("//[".to_owned());
    assert_eq!(kind(phone.find(&broken).await), DeviceErrorKind::InvalidSelector);

    let button = find(&phone, "follow").await;
    phone.tap(&button).await.expect("a tap");
    assert_eq!(phone.attribute(&button, "data-clicks").await, Ok(Some("1".to_owned())));
    assert_eq!(phone.attribute(&button, "no-such").await, Ok(None));

    let field = find(&phone, "words").await;
    phone.type_text(&field, "Schöne Töpfe").await.expect("typed");
    assert_eq!(phone.attribute(&field, "value").await, Ok(Some("Schöne Töpfe".to_owned())));
    phone.clear(&field).await.expect("emptied");
    assert_eq!(phone.attribute(&field, "value").await, Ok(Some(String::new())));

    assert!(phone.screenshot().await.expect("a picture").len() > 1000);
    let size = phone.window_size().await.expect("a size");
    assert!(size.width >= 500.0 && size.height >= 500.0, "{size:?}");
    let (from, to) = (Point { x: 50.0, y: 300.0 }, Point { x: 50.0, y: 100.0 });
    phone.swipe(from, to, std::time::Duration::from_millis(50)).await.expect("a swipe");

    // What would need an iPhone is refused as unknown, and the page stays as it is.
    let error = phone.activate_app("com.example").await.expect_err("a browser has no apps");
    assert!(!error.is_safe_to_repeat(), "{error}");
    drop(server);
}

#[tokio::test]
async fn an_element_that_vanished_is_stale_and_a_tap_on_it_is_not_in_doubt() {
    let Stage { phone, server: _server } = stage().await;
    let button = find(&phone, "vanish").await;
    phone.tap(&button).await.expect("a tap");
    let error = phone.tap(&button).await.expect_err("it is gone");
    assert_eq!(*error.kind(), DeviceErrorKind::StaleElement);
    assert!(!error.is_ambiguous(), "{error}");
}

#[tokio::test]
async fn an_alert_is_in_the_way_until_it_is_answered() {
    let Stage { phone, server: _server } = stage().await;
    assert_eq!(phone.alert_text().await, Ok(None));
    assert_eq!(kind(phone.alert_dismiss().await), DeviceErrorKind::NoSuchAlert);
    let follow = find(&phone, "follow").await;
    phone.tap(&find(&phone, "warn").await).await.expect("a tap");
    assert_eq!(phone.alert_text().await, Ok(Some("Try again later".to_owned())));
    let error = phone.tap(&follow).await.expect_err("the alert is in the way");
    let DeviceErrorKind::UnexpectedAlert { text } = error.kind() else { panic!("{error}") };
    assert_eq!(text.as_deref(), Some("Try again later"));
    phone.alert_accept().await.expect("answered");
    phone.tap(&follow).await.expect("nothing is in the way");
}

#[tokio::test]
async fn a_session_that_was_closed_is_lost_and_a_browser_without_its_server_unreachable() {
    let Stage { phone, mut server } = stage().await;
    let session = phone.session_id().expect("it is open");
    let other = connect(&server).await;
    assert_eq!(other.open_session(Some(&session)).await.as_ref(), Ok(&session));
    phone.close_session().await.expect("closed");
    assert_eq!(kind(other.source().await), DeviceErrorKind::SessionLost);
    server.kill();
    assert_eq!(kind(other.status().await), DeviceErrorKind::Unreachable);
}
