//! The wire: shapes, errors, and what no client may break.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{Bench, W3C};

#[tokio::test]
async fn status_and_session_have_the_shapes_of_webdriveragent() {
    let mut bench = Bench::calm().await;
    let (_, status) = bench.raw(Method::GET, "/status", None).await;
    assert_eq!(status["value"]["ready"], true);
    let body =
        json!({"capabilities": {"firstMatch": [{"arguments": [], "maxTypingFrequency": 60}]}});
    let (_, opened) = bench.raw(Method::POST, "/session", Some(body)).await;
    let id = opened["sessionId"].as_str().expect("id").to_owned();
    assert_eq!(opened["value"]["sessionId"], id.as_str());
    assert_eq!(opened["value"]["capabilities"]["device"], "iphone");
    assert_eq!(bench.get("/source").await.1["error"], "invalid session id", "one session only");
    bench.session = id;
    bench.source().await;
    let gone = format!("/session/{}", bench.session);
    assert_eq!(bench.raw(Method::DELETE, &gone, None).await.0, StatusCode::OK);
    assert_eq!(bench.get("/source").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn every_locator_finds_the_same_button() {
    let bench = Bench::calm().await;
    bench.open("ada.stone").await;
    let name = "user-detail-header-follow-button";
    let wanted = bench.id(name).await;
    let cases = [
        ("id", name.to_owned()),
        ("name", name.to_owned()),
        (
            "predicate string",
            "label BEGINSWITH[c] 'FOLLOW ' AND type == 'XCUIElementTypeButton'".to_owned(),
        ),
        ("-ios predicate string", format!("name == \"{name}\" && visible == 1")),
        (
            "predicate string",
            "name LIKE '*-follow-*' AND NOT (rect.x > 100 OR enabled == NO)".to_owned(),
        ),
        ("predicate string", "name IN {'x', 'user-detail-header-follow-button'}".to_owned()),
        ("class chain", format!("**/XCUIElementTypeButton[`name == '{name}'`]")),
        (
            "class chain",
            "**/XCUIElementTypeOther[`name == 'user-detail-header'`]/XCUIElementTypeButton[-2]"
                .to_owned(),
        ),
        ("class chain", "**/XCUIElementTypeButton[$label == 'Follow'$][1]".to_owned()),
        ("xpath", format!("//XCUIElementTypeButton[@name='{name}']")),
        ("xpath", "//*[starts-with(@label, 'Follow ada') and @visible='true']".to_owned()),
        ("link text", "label=Follow ada.stone".to_owned()),
    ];
    for (using, value) in cases {
        assert_eq!(bench.find(using, &value).await, Ok(wanted.clone()), "{using}: {value}");
    }
}

#[tokio::test]
async fn elements_are_found_below_elements() {
    let bench = Bench::calm().await;
    bench.open("ada.stone").await;
    let button = bench.id("user-detail-header-followers").await;
    let path = format!("/element/{button}/elements");
    for (using, value) in [
        ("class name", "XCUIElementTypeStaticText"),
        ("xpath", ".//XCUIElementTypeStaticText"),
        ("xpath", "//XCUIElementTypeStaticText"),
        ("class chain", "XCUIElementTypeStaticText"),
        ("predicate string", "type == 'XCUIElementTypeStaticText'"),
    ] {
        let (_, found) = bench.post(&path, json!({"using": using, "value": value})).await;
        assert_eq!(found.as_array().map(Vec::len), Some(2), "{using}: {value}");
        assert_eq!(found[0]["ELEMENT"], found[0][W3C]);
    }
}

#[tokio::test]
async fn errors_have_the_codes_of_the_standard() {
    let bench = Bench::calm().await;
    let find = |using: &str, value: &str| json!({"using": using, "value": value});
    let cases = [
        ("/element", find("accessibility id", "nowhere"), 404, "no such element"),
        ("/element", find("xpath", "//["), 400, "invalid selector"),
        ("/element", find("xpath", "1 + 1"), 400, "invalid selector"),
        ("/element", find("predicate string", "label ="), 400, "invalid selector"),
        ("/element", find("predicate string", "colour == 'red'"), 400, "invalid selector"),
        ("/element", find("class chain", "**/Button"), 400, "invalid selector"),
        ("/element", find("class name", "Button"), 400, "invalid selector"),
        ("/element", find("css selector", "a"), 400, "invalid selector"),
        ("/element", json!({"using": "id"}), 400, "invalid argument"),
        ("/element/nope/click", json!({}), 404, "stale element reference"),
        ("/url", json!({}), 400, "invalid argument"),
        ("/url", json!({"url": 5}), 400, "invalid argument"),
        ("/wda/tap", json!({"x": "a", "y": 1}), 400, "invalid argument"),
        ("/wda/nothing", json!({}), 404, "unknown command"),
        ("/alert/accept", json!({}), 404, "no such alert"),
        ("/wda/keys", json!({"value": ["a"]}), 400, "invalid element state"),
        ("/timeouts", json!({"implicit": -4}), 400, "invalid argument"),
        ("/execute/sync", json!({"script": "mobile: fly", "args": []}), 404, "unknown command"),
    ];
    for (path, body, status, error) in cases {
        let (found, value) = bench.post(path, body.clone()).await;
        assert_eq!((found.as_u16(), &value["error"]), (status, &json!(error)), "{path} {body}");
        assert!(value["message"].is_string() && value["traceback"].is_string());
    }
    let path = format!("/session/{}/element", bench.session);
    let (status, answer) = bench.raw(Method::GET, &path, None).await;
    assert_eq!((status.as_u16(), &answer["value"]["error"]), (405, &json!("unknown method")));
    let url = format!("{}{path}", bench.phone.url());
    for body in ["{", "[]", "7", "\u{0}"] {
        let answer = bench.http.post(&url).body(body).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
        assert_eq!(
            answer.json::<Value>().await.expect("JSON")["value"]["error"],
            "invalid argument"
        );
    }
    let large = bench.http.post(&url).body(vec![b' '; 2 << 20]).send().await;
    assert!(large.is_err() || large.is_ok_and(|answer| answer.status() == StatusCode::BAD_REQUEST));
}

#[tokio::test]
async fn sources_come_in_three_forms() {
    let bench = Bench::calm().await;
    let xml = bench.source().await;
    assert!(xml.starts_with(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XCUIElementTypeApplication type="
    ));
    assert!(xml.contains("width=\"390\" height=\"844\" index=\"0\">"));
    let (_, wrapped) = bench.get("/source?format=xml&scope=AppiumAUT").await;
    assert!(wrapped.as_str().expect("xml").contains("<AppiumAUT>"));
    let (_, thin) = bench.get("/source?excluded_attributes=visible,accessible").await;
    assert!(!thin.as_str().expect("xml").contains("visible="));
    assert_eq!(bench.get("/source?format=json").await.1["type"], "Application");
    assert!(bench.get("/source?format=description").await.1.is_string());
    assert_eq!(bench.get("/source?format=yaml").await.1["error"], "invalid argument");
    let (status, bare) = bench.raw(Method::GET, "/source", None).await;
    assert_eq!((status, bare["value"].as_str()), (StatusCode::OK, Some(xml.as_str())));
}

#[tokio::test]
async fn pictures_are_png_of_the_right_size() {
    use base64::Engine as _;
    let bench = Bench::calm().await;
    let decode = |value: &Value| {
        base64::engine::general_purpose::STANDARD
            .decode(value.as_str().expect("text"))
            .expect("base64")
    };
    let side = |png: &[u8], at: usize| u32::from_be_bytes(png[at..at + 4].try_into().expect("4"));
    let png = decode(&bench.get("/screenshot").await.1);
    assert_eq!(&png[1..4], b"PNG");
    assert_eq!((side(&png, 16), side(&png, 20)), (780, 1688));
    let tab = bench.id("explore-tab").await;
    let png = decode(&bench.get(&format!("/element/{tab}/screenshot")).await.1);
    assert_eq!((side(&png, 16), side(&png, 20)), (156, 98));
}

#[tokio::test]
async fn pointer_actions_tap_and_swipe() {
    let bench = Bench::calm().await;
    let tab = bench.id("explore-tab").await;
    let tap = json!({"actions": [{"type": "pointer", "id": "f", "parameters": {"pointerType": "touch"},
        "actions": [
            {"type": "pointerMove", "duration": 0, "origin": {W3C: tab}, "x": 0, "y": 0},
            {"type": "pointerDown", "button": 0}, {"type": "pause", "duration": 50},
            {"type": "pointerUp", "button": 0}]}]});
    assert_eq!(bench.post("/actions", tap).await.0, StatusCode::OK);
    assert_eq!(bench.screen().await, "explore");
    let swipe = json!({"actions": [{"type": "pointer", "id": "f", "actions": [
        {"type": "pointerMove", "duration": 0, "x": 195, "y": 700},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerMove", "duration": 200, "origin": "pointer", "x": 0, "y": -400},
        {"type": "pointerUp", "button": 0}]}]});
    bench.post("/actions", swipe).await;
    let state = bench.raw(Method::GET, "/sim/state", None).await.1;
    assert_eq!(state["scroll"], 400);
}

#[tokio::test]
async fn scripts_stand_for_routes() {
    let bench = Bench::calm().await;
    let run = async |script: &str, args: Value| {
        bench.post("/execute/sync", json!({"script": script, "args": [args]})).await.1
    };
    let app = json!({"bundleId": "com.burbn.instagram"});
    run("mobile: deepLink", json!({"url": "https://www.instagram.com/ada.stone/"})).await;
    assert_eq!(bench.screen().await, "profile");
    assert_eq!(run("mobile: queryAppState", app.clone()).await, 4);
    assert_eq!(run("mobile: terminateApp", app.clone()).await, true);
    assert_eq!(run("mobile: queryAppState", app.clone()).await, 1);
    run("mobile: activateApp", app).await;
    assert_eq!(bench.screen().await, "feed");
    assert_eq!(
        run("mobile: alert", json!({"action": "getButtons"})).await["error"],
        "no such alert"
    );
}

#[tokio::test]
async fn requests_are_counted() {
    let bench = Bench::calm().await;
    bench.source().await;
    bench.source().await;
    let (_, requests) = bench.raw(Method::GET, "/sim/requests", None).await;
    assert_eq!(requests["counts"]["GET /source"], 2);
    assert_eq!(requests["counts"]["POST /session"], 1);
    assert_eq!(requests["total"], 3);
    assert_eq!(requests["items"][2]["status"], 200);
}

#[tokio::test]
async fn the_live_page_asks_for_nothing_from_outside() {
    let bench = Bench::calm().await;
    let page = bench.http.get(format!("{}/sim", bench.phone.url())).send().await.expect("page");
    let text = page.text().await.expect("text");
    assert!(text.contains("Simulated phone"));
    assert!(!text.contains("http://") && !text.contains("https://"));
    let picture = bench.http.get(format!("{}/sim/screen.png", bench.phone.url())).send().await;
    assert_eq!(picture.expect("picture").headers()["content-type"], "image/png");
}

#[tokio::test]
async fn a_shutdown_over_http_is_noticed() {
    let bench = Bench::calm().await;
    bench.raw(Method::GET, "/wda/shutdown", None).await;
    bench.phone.stopped().await;
    bench.phone.stop().await;
}
