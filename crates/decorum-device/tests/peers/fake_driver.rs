//! The real Appium server with `@appium/fake-driver`, which the makers of Appium test their own
//! server and clients with: a page of XML whose buttons count how often they were tapped.

use std::time::Duration;

use decorum_device::{
    Device, DeviceErrorKind, Element, Locator, Point, ServerKind, WebDriver, WebDriverOptions,
};
use serde_json::{Value, json};

use super::appium::appium;
use super::program::Program;

const PAGE: &str = r#"<app width="390" height="844">
  <title>A page</title>
  <MockButton id="follow" name="follow"/>
  <MockButton id="hidden" visible="false"/>
  <MockInputField id="words"/>
  <MockButton id="warn" showAlert="warning"/>
  <alert id="warning" text="Try again later"/>
  <cell/><cell/><cell/>
</app>
"#;

struct Stage {
    server: Program,
    phone: WebDriver,
}

/// A session of the fake driver that shows [`PAGE`].
async fn stage() -> Stage {
    let server = appium().await;
    let phone = connect(&server, Some(&page(&server))).await;
    phone.open_session(None).await.expect("a session");
    Stage { server, phone }
}

fn page(server: &Program) -> String {
    let file = server.folder().join("page.xml");
    std::fs::write(&file, PAGE).expect("the page is written");
    file.to_str().expect("a path in letters").to_owned()
}

async fn connect(server: &Program, app: Option<&str>) -> WebDriver {
    let mut capabilities = json!({ "platformName": "Fake", "automationName": "Fake" });
    if let Some(app) = app {
        capabilities["app"] = app.into();
    }
    let Value::Object(capabilities) = capabilities else { unreachable!("it was an object") };
    let options = WebDriverOptions { capabilities, ..WebDriverOptions::default() };
    WebDriver::connect(&server.url, options).await.expect("the server answers")
}

async fn find(phone: &WebDriver, name: &str) -> Element {
    phone.find(&Locator::AccessibilityId(name.to_owned())).await.expect("it is there")
}

fn kind<T: std::fmt::Debug>(answer: Result<T, decorum_device::DeviceError>) -> DeviceErrorKind {
    answer.expect_err("it was refused").kind().clone()
}

#[tokio::test]
async fn a_session_is_opened_gone_on_with_and_closed() {
    let Stage { server, phone } = stage().await;
    assert_eq!(phone.server(), ServerKind::Appium);
    assert!(phone.status().await.expect("a status").ready);
    assert!(phone.describe().starts_with("Appium 3."), "{}", phone.describe());

    let session = phone.session_id().expect("it is open");
    let other = connect(&server, Some(&page(&server))).await;
    assert_eq!(other.open_session(Some(&session)).await.as_ref(), Ok(&session));

    phone.close_session().await.expect("it is closed");
    assert_eq!(kind(other.source().await), DeviceErrorKind::SessionLost);
    other.close_session().await.expect("a session that is gone counts as closed");
    let new = other.open_session(Some(&session)).await.expect("a new one instead");
    assert_ne!(new, session);
}

#[tokio::test]
async fn a_session_that_cannot_be_had_names_the_capability_that_is_missing() {
    let server = appium().await;
    let phone = connect(&server, None).await;
    let error = phone.open_session(None).await.expect_err("no app, no session");
    assert_eq!(*error.kind(), DeviceErrorKind::SessionNotCreated);
    assert!(error.to_string().contains("app"), "{error}");
}

#[tokio::test]
async fn elements_are_found_and_what_is_not_there_is_missing() {
    let Stage { phone, server: _server } = stage().await;
    let source = phone.source().await.expect("a page");
    assert!(source.contains("id=\"follow\""), "{source}");

    let by_name = find(&phone, "follow").await;
    let by_path = phone.find(&Locator::XPath("//MockButton[1]".to_owned())).await;
    assert_eq!(by_path.as_ref(), Ok(&by_name));
    let cells = phone.find_all(&Locator::XPath("//cell".to_owned())).await.expect("some");
    assert_eq!(cells.len(), 3);

    let nobody = Locator::AccessibilityId("nobody".to_owned());
    let error = phone.find(&nobody).await.expect_err("nobody is there");
    assert_eq!(*error.kind(), DeviceErrorKind::NoSuchElement);
    assert!(error.to_string().contains("nobody"), "it says what was looked for: {error}");
    assert_eq!(phone.find_all(&nobody).await, Ok(Vec::new()));
    let broken = Locator::XPath("badsel".to_owned());
    assert_eq!(kind(phone.find(&broken).await), DeviceErrorKind::InvalidSelector);
}

#[tokio::test]
async fn a_tap_arrives_once_and_one_that_is_refused_is_not_in_doubt() {
    let Stage { phone, server: _server } = stage().await;
    let button = find(&phone, "follow").await;
    phone.tap(&button).await.expect("a tap");
    assert_eq!(phone.attribute(&button, "clicks").await, Ok(Some("1".to_owned())));

    for (element, expected) in [
        (find(&phone, "hidden").await, DeviceErrorKind::NotInteractable),
        (Element::new("4711"), DeviceErrorKind::StaleElement),
    ] {
        let error = phone.tap(&element).await.expect_err("it cannot be tapped");
        assert_eq!(*error.kind(), expected);
        assert!(!error.is_ambiguous(), "{error}");
    }
    assert_eq!(phone.attribute(&button, "clicks").await, Ok(Some("1".to_owned())));
}

#[tokio::test]
async fn words_are_typed_and_taken_back() {
    let Stage { phone, server: _server } = stage().await;
    let field = find(&phone, "words").await;
    phone.type_text(&field, "Schöne Töpfe 🏺").await.expect("typed");
    assert_eq!(phone.attribute(&field, "value").await, Ok(Some("Schöne Töpfe 🏺".to_owned())));
    phone.clear(&field).await.expect("emptied");
    assert_eq!(phone.attribute(&field, "value").await, Ok(Some(String::new())));
}

#[tokio::test]
async fn an_alert_is_in_the_way_until_it_is_answered() {
    let Stage { phone, server: _server } = stage().await;
    assert_eq!(phone.alert_text().await, Ok(None));
    assert_eq!(kind(phone.alert_accept().await), DeviceErrorKind::NoSuchAlert);

    let follow = find(&phone, "follow").await;
    phone.tap(&find(&phone, "warn").await).await.expect("a tap");
    assert_eq!(phone.alert_text().await, Ok(Some("Try again later".to_owned())));
    let error = phone.tap(&follow).await.expect_err("the alert is in the way");
    assert!(matches!(error.kind(), DeviceErrorKind::UnexpectedAlert { .. }), "{error}");
    assert!(!error.is_ambiguous(), "{error}");

    phone.alert_dismiss().await.expect("answered");
    assert_eq!(phone.alert_text().await, Ok(None));
    phone.tap(&follow).await.expect("nothing is in the way");
}

#[tokio::test]
async fn the_screen_is_pictured_measured_and_swiped() {
    let Stage { phone, server: _server } = stage().await;
    let picture = phone.screenshot().await.expect("a picture");
    assert!(picture.len() > 100, "{} bytes are no picture", picture.len());
    let size = phone.window_size().await.expect("a size");
    assert_eq!((size.width, size.height), (390.0, 844.0));
    let (from, to) = (Point { x: 10.0, y: 400.0 }, Point { x: 300.0, y: 400.0 });
    phone.swipe(from, to, Duration::from_millis(50)).await.expect("a swipe");
}

#[tokio::test]
async fn a_server_that_died_is_unreachable_and_what_was_never_sent_is_not_in_doubt() {
    let Stage { mut server, phone } = stage().await;
    let button = find(&phone, "follow").await;
    server.kill();
    let error = phone.tap(&button).await.expect_err("nobody is there");
    assert_eq!(*error.kind(), DeviceErrorKind::Unreachable);
    assert!(!error.is_ambiguous(), "{error}");
    assert_eq!(kind(phone.source().await), DeviceErrorKind::Unreachable);
}
