//! The client against a server that answers as it is told: how often is something sent, and
//! what does a failure mean?

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a broken server is a failed test")]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use decorum_device::{
    AppProfile, Device, DeviceErrorKind, Element, Locator, ServerKind, WebDriver, WebDriverOptions,
};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the server does with a request.
enum Reply {
    Json(u16, Value),
    Raw(u16, &'static str),
    /// A redirect that keeps method and body.
    Elsewhere(&'static str),
    /// Read it, then close the connection without a word.
    Drop,
    /// Read it, then say nothing.
    Silence,
}

struct Server {
    url: String,
    seen: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Server {
    /// A server that answers each request with what `script` says; connections are kept open.
    async fn start(script: impl Fn(&str, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (script, log) = (Arc::new(script), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&script), Arc::clone(&log)));
            }
        });
        Self { url, seen }
    }

    /// One that plays a WebDriverAgent until `script` says otherwise.
    async fn agent(script: impl Fn(&str, usize) -> Option<Reply> + Send + Sync + 'static) -> Self {
        Self::start(move |request, n| script(request, n).unwrap_or_else(|| agent(request))).await
    }

    fn count(&self, request: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|(r, _)| r == request).count()
    }

    fn body(&self, request: &str) -> Value {
        let seen = self.seen.lock().unwrap();
        seen.iter().find(|(r, _)| r == request).expect("it was asked").1.clone()
    }

    async fn connect(&self) -> WebDriver {
        let options = WebDriverOptions {
            read_backoff: Duration::from_millis(1),
            ..WebDriverOptions::for_profile(&AppProfile::builtin())
        };
        let phone = WebDriver::connect(&self.url, options).await.unwrap();
        phone.open_session(None).await.unwrap();
        phone
    }
}

fn agent(request: &str) -> Reply {
    Reply::Json(
        200,
        match request {
            "GET /status" => json!({ "value": {
            "ready": true,
            "state": "success",
            "os": { "name": "iOS", "version": "18.3" },
            "ios": { "ip": "127.0.0.1" },
            "build": { "version": "9.0.0", "productBundleIdentifier": "agent" },
        }, "sessionId": null }),
            "POST /session" => {
                json!({ "value": { "sessionId": "S", "capabilities": {} }, "sessionId": "S" })
            }
            _ => json!({ "value": null, "sessionId": "S" }),
        },
    )
}

async fn serve(
    mut stream: TcpStream,
    script: Arc<impl Fn(&str, usize) -> Reply>,
    log: Arc<Mutex<Vec<(String, Value)>>>,
) {
    let mut buffer = Vec::new();
    loop {
        let Some((line, body)) = request(&mut stream, &mut buffer).await else { return };
        let nth = {
            let mut log = log.lock().unwrap();
            log.push((line.clone(), body));
            log.iter().filter(|(r, _)| *r == line).count()
        };
        let (status, text) = match script(&line, nth) {
            Reply::Json(status, value) => (format!("{status} X"), value.to_string()),
            Reply::Raw(status, text) => (format!("{status} X"), text.to_owned()),
            Reply::Elsewhere(path) => (format!("307 X\r\nlocation: {path}"), String::new()),
            Reply::Drop => return,
            Reply::Silence => std::future::pending().await,
        };
        let head = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n", text.len());
        stream.write_all((head + &text).as_bytes()).await.unwrap();
    }
}

async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<(String, Value)> {
    loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
            let length = head
                .lines()
                .find_map(|l| l.to_ascii_lowercase().strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if buffer.len() >= end + 4 + length {
                let body = serde_json::from_slice(&buffer[end + 4..end + 4 + length]);
                buffer.drain(..end + 4 + length);
                let line = head.lines().next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
                return Some((line, body.unwrap_or_default()));
            }
        }
        let mut chunk = [0; 4096];
        match stream.read(&mut chunk).await {
            Ok(n) if n > 0 => buffer.extend_from_slice(&chunk[..n]),
            _ => return None,
        }
    }
}

const TAP: &str = "POST /session/S/element/E/click";
const SOURCE: &str = "GET /session/S/source";

#[tokio::test]
async fn a_tap_whose_answer_is_lost_is_sent_once_and_is_ambiguous() {
    let server = Server::agent(|r, _| (r == TAP).then_some(Reply::Drop)).await;
    let phone = server.connect().await;

    let error = phone.tap(&Element::new("E")).await.unwrap_err();

    assert_eq!(server.count(TAP), 1);
    assert_eq!(*error.kind(), DeviceErrorKind::Dropped);
    assert!(error.is_ambiguous());
    assert!(!error.is_safe_to_repeat());
    assert!(error.to_string().contains("do not repeat it"), "{error}");
}

#[tokio::test]
async fn a_kept_connection_that_closes_never_costs_a_second_tap() {
    // The first read leaves a connection open; the server closes it while the tap is under way.
    let server = Server::agent(|r, _| (r == TAP).then_some(Reply::Drop)).await;
    let phone = server.connect().await;
    for _ in 0..3 {
        phone.alert_text().await.unwrap();
        phone.tap(&Element::new("E")).await.unwrap_err();
    }
    assert_eq!(server.count(TAP), 3, "one request for each tap");
}

#[tokio::test]
async fn a_tap_is_not_carried_to_where_a_redirect_points() {
    let server = Server::agent(|r, _| (r == TAP).then_some(Reply::Elsewhere("/again"))).await;
    let phone = server.connect().await;

    let error = phone.tap(&Element::new("E")).await.unwrap_err();

    assert_eq!(server.count(TAP), 1);
    assert_eq!(server.count("POST /again"), 0);
    assert_eq!(*error.kind(), DeviceErrorKind::BadAnswer { status: 307 });
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn a_driver_that_dies_under_a_tap_leaves_it_in_doubt() {
    // Appium 3's words: the phone had the tap already, whatever the error is called.
    let died = json!({ "value": {
        "error": "invalid session id",
        "message": "The driver was unexpectedly shut down!",
        "stacktrace": "",
    } });
    let server =
        Server::agent(move |r, _| (r == TAP).then(|| Reply::Json(404, died.clone()))).await;

    let error = server.connect().await.tap(&Element::new("E")).await.unwrap_err();

    assert_eq!(*error.kind(), DeviceErrorKind::Dropped);
    assert!(error.is_ambiguous());
}

#[tokio::test]
async fn a_read_is_tried_three_times_and_then_given_up() {
    let server = Server::agent(|r, n| match (r, n) {
        (SOURCE, 1 | 2) => Some(Reply::Drop),
        (SOURCE, 3) => Some(Reply::Json(200, json!({ "value": "<x/>" }))),
        (SOURCE, _) => Some(Reply::Raw(502, "<html>bad gateway</html>")),
        _ => None,
    })
    .await;
    let phone = server.connect().await;

    assert_eq!(phone.source().await.unwrap(), "<x/>");
    assert_eq!(server.count(SOURCE), 3);
    let error = phone.source().await.unwrap_err();
    assert_eq!(server.count(SOURCE), 6);
    assert_eq!(*error.kind(), DeviceErrorKind::BadAnswer { status: 502 });
    assert!(!error.is_ambiguous());
}

#[tokio::test]
async fn a_server_that_says_nothing_runs_into_the_time_limit() {
    let server = Server::agent(|r, _| (r == TAP).then_some(Reply::Silence)).await;
    let mut options = WebDriverOptions::default();
    options.timeouts.tap = Duration::from_millis(50);
    let phone = WebDriver::connect(&server.url, options).await.unwrap();
    phone.open_session(None).await.unwrap();

    let error = phone.tap(&Element::new("E")).await.unwrap_err();

    assert_eq!(*error.kind(), DeviceErrorKind::Timeout);
    assert!(error.is_ambiguous());
    assert_eq!(server.count(TAP), 1);
}

#[tokio::test]
async fn errors_of_both_protocols_are_told_apart() {
    let w3c = |word: &str| json!({ "value": { "error": word, "message": "m", "traceback": "" } });
    let cases = [
        (404, w3c("no such element"), DeviceErrorKind::NoSuchElement),
        (404, w3c("stale element reference"), DeviceErrorKind::StaleElement),
        (404, w3c("invalid session id"), DeviceErrorKind::SessionLost),
        (400, w3c("invalid selector"), DeviceErrorKind::InvalidSelector),
        (400, w3c("element click intercepted"), DeviceErrorKind::NotInteractable),
        (404, w3c("unknown command"), DeviceErrorKind::Unsupported),
        (500, w3c("unknown error"), DeviceErrorKind::Server),
        (500, w3c("a word of next year"), DeviceErrorKind::Server),
        (200, json!({ "status": 7, "value": "not found" }), DeviceErrorKind::NoSuchElement),
        (
            500,
            json!({ "status": 10, "value": { "message": "old" } }),
            DeviceErrorKind::StaleElement,
        ),
        (
            500,
            json!({ "value": { "error": "unexpected alert open", "message": "m", "data": { "text": "Hi" } } }),
            DeviceErrorKind::UnexpectedAlert { text: Some("Hi".to_owned()) },
        ),
    ];
    for (status, body, expected) in cases {
        let answer = body.clone();
        let server =
            Server::agent(move |r, _| (r == TAP).then(|| Reply::Json(status, answer.clone())))
                .await;
        let error = server.connect().await.tap(&Element::new("E")).await.unwrap_err();
        assert_eq!(*error.kind(), expected, "{body}");
        assert_eq!(error.is_ambiguous(), expected == DeviceErrorKind::Server, "{body}");
    }
}

#[tokio::test]
async fn no_server_is_told_from_a_bad_url_and_from_https() {
    let connect = |url: &'static str| WebDriver::connect(url, WebDriverOptions::default());
    for url in ["http://127.0.0.1:1", "https://127.0.0.1:8100", "phone", "ftp://x", ""] {
        let error = connect(url).await.unwrap_err();
        assert_eq!(*error.kind(), DeviceErrorKind::Unreachable, "{url}");
        assert!(!error.is_ambiguous());
        assert_eq!(error.is_refused(), url == "http://127.0.0.1:1", "{url}");
    }
    assert!(connect("https://127.0.0.1:8100").await.unwrap_err().to_string().contains("only http"));
}

#[tokio::test]
async fn an_agent_and_an_appium_server_are_spoken_to_in_their_own_words() {
    let find = json!({ "value": { "element-6066-11e4-a52e-4f735466cecf": "E" } });
    let found = find.clone();
    let agent = Server::agent(move |r, _| {
        (r == "POST /session/S/element").then(|| Reply::Json(200, found.clone()))
    })
    .await;
    let phone = agent.connect().await;
    assert_eq!(phone.server(), ServerKind::WebDriverAgent);
    assert_eq!(phone.find(&Locator::Predicate("a".into())).await.unwrap(), Element::new("E"));
    phone.activate_app("app").await.unwrap();
    assert_eq!(agent.body("POST /session/S/element")["using"], "predicate string");
    assert_eq!(agent.body("POST /session/S/wda/apps/activate"), json!({ "bundleId": "app" }));
    phone.turn_upright().await.unwrap();
    phone.hide_keyboard().await.unwrap();
    assert_eq!(agent.body("POST /session/S/orientation"), json!({ "orientation": "PORTRAIT" }));
    assert_eq!(agent.body("POST /session/S/wda/keyboard/dismiss"), json!({}));

    let appium = Server::start(move |r, _| {
        Reply::Json(
            200,
            match r {
                "GET /status" => {
                    json!({ "value": { "ready": true, "build": { "version": "3.8.0" } } })
                }
                "POST /session" => json!({ "value": { "sessionId": "S", "capabilities": {} } }),
                "POST /session/S/element" => find.clone(),
                _ => json!({ "value": null }),
            },
        )
    })
    .await;
    let phone = appium.connect().await;
    assert_eq!(phone.server(), ServerKind::Appium);
    phone.find(&Locator::ClassChain("**/X".into())).await.unwrap();
    phone.activate_app("app").await.unwrap();
    assert_eq!(appium.body("POST /session/S/element")["using"], "-ios class chain");
    let script = appium.body("POST /session/S/execute/sync");
    assert_eq!(script["script"], "mobile: activateApp");
    let wanted = &appium.body("POST /session")["capabilities"]["firstMatch"][0];
    assert_eq!(wanted["appium:automationName"], "XCUITest");
}

#[tokio::test]
async fn round_trips_count_every_request_and_a_lost_session_is_replaced() {
    const SIZE: &str = "GET /session/OLD/window/size";
    let gone = json!({ "value": { "error": "invalid session id", "message": "" } });
    let server =
        Server::agent(move |r, _| (r == SIZE).then(|| Reply::Json(404, gone.clone()))).await;
    let phone = server.connect().await;
    let before = phone.round_trips();
    assert_eq!(phone.open_session(Some("OLD")).await.unwrap(), "S");
    assert_eq!(phone.round_trips() - before, 2);
    phone.close_session().await.unwrap();
    assert_eq!(phone.session_id(), None);
    let error = phone.source().await.unwrap_err();
    assert_eq!(*error.kind(), DeviceErrorKind::SessionLost);
}

#[tokio::test]
async fn a_picture_is_checked_to_be_one() {
    const SHOT: &str = "GET /session/S/screenshot";
    let server = Server::agent(|r, n| match (r, n) {
        (SHOT, 1) => Some(Reply::Json(200, json!({ "value": "iVBORw0K\nGgo=" }))),
        (SHOT, _) => Some(Reply::Json(200, json!({ "value": "aGVsbG8=" }))),
        _ => None,
    })
    .await;
    let phone = server.connect().await;
    assert_eq!(phone.screenshot().await.unwrap(), b"\x89PNG\r\n\x1a\n");
    assert!(phone.screenshot().await.unwrap_err().to_string().contains("no PNG"));
}

#[tokio::test]
async fn an_element_id_cannot_become_a_path() {
    let server = Server::agent(|_, _| None).await;
    let phone = server.connect().await;
    phone.tap(&Element::new("../../wda/shutdown?x=1")).await.unwrap();
    assert_eq!(server.count("POST /session/S/element/..%2F..%2Fwda%2Fshutdown%3Fx=1/click"), 1);
}
