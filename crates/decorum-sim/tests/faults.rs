//! What goes wrong does so when the scenario says, and the ledger tells.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::common::Bench;

#[tokio::test]
async fn a_rate_limit_refuses_until_it_is_over() {
    let bench = Bench::with(
        "[[faults]]\nkind = 'rate_limit'\nafter_acts = 2\nwithin_seconds = 60\nfor_seconds = 1",
    )
    .await;
    for user in ["ada", "bruno", "carla"] {
        bench.follow(user).await;
    }
    let (_, text) = bench.get("/alert/text").await;
    assert!(text.as_str().expect("text").starts_with("Try Again Later\nWe limit how often"));
    assert_eq!(bench.get("/wda/alert/buttons").await.1, json!(["Tell us", "OK"]));
    bench.post("/alert/accept", json!({})).await;
    assert_eq!(bench.get("/alert/text").await.0, StatusCode::NOT_FOUND);
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow carla");
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    bench.tap("user-detail-header-follow-button").await;
    assert_eq!(
        bench.lines(),
        [
            "ada follow applied",
            "bruno follow applied",
            "carla follow refused",
            "carla follow applied"
        ]
    );
}

#[tokio::test]
async fn the_dialog_takes_the_tap_meant_for_the_button_behind_it() {
    let bench = Bench::with("[[faults]]\nkind = 'action_blocked'\nat_act = 1").await;
    bench.follow("ada").await;
    bench.tap("user-detail-header-follow-button").await;
    assert_eq!(bench.lines(), ["ada follow refused"]);
    let button = bench.id("user-detail-header-follow-button").await;
    assert_eq!(bench.attribute(&button, "hittable").await, false);
}

#[tokio::test]
async fn a_toast_goes_away_by_itself() {
    let bench =
        Bench::with("toast_ms = 200\n[[faults]]\nkind = 'rate_limit'\nat_act = 1\nshow = 'toast'")
            .await;
    bench.follow("ada").await;
    assert!(bench.source().await.contains("Please wait a few minutes"));
    tokio::time::sleep(Duration::from_millis(250)).await;
    assert!(!bench.source().await.contains("Please wait a few minutes"));
}

#[tokio::test]
async fn a_silent_revert_flips_back_and_never_counted() {
    let bench = Bench::with(
        "[[faults]]\nkind = 'silent_revert'\naction = 'follow'\nat_act = 1\nrevert_after_ms = 250",
    )
    .await;
    bench.follow("ada").await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Following");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada");
    assert_eq!(bench.lines(), ["ada follow reverted"]);
}

#[tokio::test]
async fn the_label_flips_late() {
    let bench = Bench::with("follow_ms = 250").await;
    bench.follow("ada").await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Following");
}

#[tokio::test]
async fn gates_close_the_app_until_a_person_comes() {
    for (kind, words) in [
        ("challenge", "Help us confirm it's you"),
        ("logged_out", "Log in"),
        ("account_suspended", "We suspended your account"),
    ] {
        let toml = format!("[[faults]]\nkind = '{kind}'\nafter_acts = 1");
        let bench = Bench::with(&toml).await;
        bench.follow("ada").await;
        bench.follow("bruno").await;
        assert_eq!(bench.screen().await, kind);
        assert!(bench.source().await.contains(words), "{kind}");
        let app = json!({"bundleId": "com.burbn.instagram"});
        bench.post("/wda/apps/terminate", app.clone()).await;
        bench.post("/wda/apps/activate", app).await;
        bench.open("carla").await;
        assert_eq!(bench.screen().await, kind);
        assert_eq!(bench.lines(), ["ada follow applied", "bruno follow refused"]);
        bench.raw(Method::POST, "/sim/clear", None).await;
        assert_eq!(bench.screen().await, "feed");
    }
}

#[tokio::test]
async fn the_phone_can_be_somebody_elses() {
    let bench = Bench::with("[[faults]]\nkind = 'wrong_account'\naccount = 'other.one'").await;
    bench.tap("profile-tab").await;
    assert_eq!(bench.label("user-switch-title-button").await, "other.one");
    bench.follow("ada").await;
    assert_eq!(bench.phone.ledger()[0].account_id, "other.one");
}

/// Taps Follow and tells whether an answer came.
async fn answered(bench: &Bench, user: &str) -> bool {
    bench.open(user).await;
    let button = bench.id("user-detail-header-follow-button").await;
    let url = format!("{}/session/{}/element/{button}/click", bench.phone.url(), bench.session);
    bench.http.post(url).json(&json!({})).send().await.is_ok()
}

#[tokio::test]
async fn a_connection_drops_before_the_effect() {
    let bench = Bench::with("[[faults]]\nkind = 'drop'\nat_act = 1\nwhen = 'before'").await;
    assert!(!answered(&bench, "ada").await);
    assert!(bench.lines().is_empty());
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada");
    assert!(answered(&bench, "ada").await);
}

#[tokio::test]
async fn a_connection_drops_after_the_effect() {
    let bench = Bench::with("[[faults]]\nkind = 'drop'\nat_act = 1\nwhen = 'after'").await;
    assert!(!answered(&bench, "ada").await);
    assert_eq!(bench.lines(), ["ada follow applied"]);
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Following");
}

#[tokio::test]
async fn any_request_can_be_dropped() {
    let bench = Bench::with("[[faults]]\nkind = 'drop'\nroute = '/source'\nat_request = 2").await;
    bench.source().await;
    let url = format!("{}/session/{}/source", bench.phone.url(), bench.session);
    assert!(bench.http.get(url).send().await.is_err());
    bench.source().await;
}

#[tokio::test]
async fn a_client_that_gives_up_does_not_undo_the_tap() {
    let bench = Bench::with("latency.tap_ms = 300").await;
    bench.open("ada").await;
    let button = bench.id("user-detail-header-follow-button").await;
    let url = format!("{}/session/{}/element/{button}/click", bench.phone.url(), bench.session);
    let tap = bench.http.post(url).json(&json!({})).timeout(Duration::from_millis(50)).send();
    assert!(tap.await.is_err());
    assert!(bench.lines().is_empty());
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(bench.lines(), ["ada follow applied"]);
}

#[tokio::test]
async fn a_session_gets_lost() {
    let mut bench =
        Bench::with("[[faults]]\nkind = 'session_lost'\nroute = '/source'\nat_request = 1").await;
    let (status, error) = bench.get("/source").await;
    assert_eq!((status, &error["error"]), (StatusCode::NOT_FOUND, &json!("invalid session id")));
    bench.open_session().await;
    bench.source().await;
}

#[tokio::test]
async fn an_element_goes_stale() {
    let bench =
        Bench::with("[[faults]]\nkind = 'stale_element'\nroute = 'click'\nat_request = 1").await;
    bench.open("ada").await;
    let button = bench.id("user-detail-header-follow-button").await;
    assert_eq!(bench.click(&button).await.1["error"], "stale element reference");
    assert!(bench.lines().is_empty());
    assert_eq!(bench.click(&button).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_unknown_dialog_shows_the_text_it_was_given() {
    let bench = Bench::with(
        "[[faults]]\nkind = 'dialog'\nat_act = 1\ntitle = 'Hm'\ntext = 'Something new'\nbuttons = ['Why']",
    )
    .await;
    bench.follow("ada").await;
    assert_eq!(bench.get("/alert/text").await.1, "Hm\nSomething new");
    let why = json!({"name": "Why"});
    assert_eq!(bench.post("/alert/accept", why).await.0, StatusCode::OK);
    assert_eq!(bench.lines(), ["ada follow refused"]);
}

#[tokio::test]
async fn dialogs_can_hide_from_the_alert_routes() {
    let bench =
        Bench::with("dialog_style = 'custom'\n[[faults]]\nkind = 'rate_limit'\nat_act = 1").await;
    bench.follow("ada").await;
    assert_eq!(bench.get("/alert/text").await.0, StatusCode::NOT_FOUND);
    assert!(bench.source().await.contains("Try Again Later"));
    bench.tap("OK").await;
    assert!(!bench.source().await.contains("Try Again Later"));
}

#[tokio::test]
async fn prompts_stand_in_the_way() {
    let bench = Bench::with(
        "[[faults]]\nkind = 'interstitial'\nprompt = 'notifications'\n\
         [[faults]]\nkind = 'interstitial'\nprompt = 'tracking'",
    )
    .await;
    assert_eq!(bench.get("/wda/alert/buttons").await.1, json!(["Ask App Not to Track", "Allow"]));
    bench.tap("Ask App Not to Track").await;
    bench.tap("Not now").await;
    bench.tap("explore-tab").await;
    assert_eq!(bench.screen().await, "explore");
}

#[tokio::test]
async fn the_app_crashes_after_the_effect() {
    let bench = Bench::with("[[faults]]\nkind = 'crash'\nat_act = 1\nwhen = 'after'").await;
    bench.follow("ada").await;
    assert_eq!(bench.screen().await, "home_screen");
    assert_eq!(bench.lines(), ["ada follow applied"]);
    assert_eq!(bench.get("/wda/activeAppInfo").await.1["bundleId"], "com.apple.springboard");
    bench.tap("Instagram").await;
    assert_eq!(bench.screen().await, "feed");
}

#[tokio::test]
async fn the_app_lies_on_its_side_until_it_is_turned() {
    for stuck in [false, true] {
        let bench = Bench::with(&format!("[[faults]]\nkind = 'sideways'\nstuck = {stuck}")).await;
        assert_eq!(bench.get("/orientation").await.1, "LANDSCAPE");
        assert_eq!(bench.get("/window/size").await.1, json!({"width": 844, "height": 390}));
        let tab = bench.id("explore-tab").await;
        assert_eq!(bench.click(&tab).await.0, StatusCode::BAD_REQUEST, "it is out of sight");
        let turned = bench.post("/orientation", json!({"orientation": "PORTRAIT"})).await;
        assert_eq!(turned.0 == StatusCode::OK, !stuck, "{}", turned.1);
        let upright = bench.get("/window/size").await.1 == json!({"width": 390, "height": 844});
        assert_eq!(upright, !stuck);
    }
}

#[tokio::test]
async fn a_keyboard_takes_the_taps_meant_for_what_it_covers() {
    for stuck in [false, true] {
        let bench = Bench::calm().await;
        bench.post("/url", json!({"url": "instagram://media?id=0_ada"})).await;
        let fault = json!({"kind": "keyboard", "stuck": stuck, "route": "/source", "times": 1});
        bench.raw(Method::POST, "/sim/faults", Some(fault)).await;
        assert!(bench.source().await.contains("XCUIElementTypeKeyboard"));
        bench.tap("like-button").await;
        assert_eq!(bench.lines(), [""; 0], "a key was pressed");
        let asked = bench.post("/wda/keyboard/dismiss", json!({})).await;
        assert_eq!(asked.0 == StatusCode::OK, !stuck, "{}", asked.1);
        bench.tap("like-button").await;
        assert_eq!(bench.lines().is_empty(), stuck);
    }
}

#[tokio::test]
async fn a_newer_app_calls_things_otherwise() {
    let bench = Bench::with(
        "[[faults]]\nkind = 'app_updated'\nroute = '/url'\nat_request = 2\n\
         rename = { user-detail-header-follow-button = 'cta' }\nrelabel = { Follow = 'Connect' }",
    )
    .await;
    bench.open("ada").await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada");
    bench.open("ada").await;
    assert_eq!(bench.label("cta").await, "Connect ada");
    assert!(!bench.source().await.contains("user-detail-header-follow-button"));
}

#[tokio::test]
async fn an_agent_crashes_and_comes_back_without_its_sessions() {
    let mut bench = Bench::with(
        "[[faults]]\nkind = 'agent_crash'\nroute = '/url'\nwhen = 'after'\ntimes = 1\ndown_ms = 300",
    )
    .await;
    let path = format!("{}/session/{}/url", bench.phone.url(), bench.session);
    let body = json!({"url": "instagram://user?username=ada"});
    assert!(bench.http.post(path).json(&body).send().await.is_err(), "no answer came");
    let status = format!("{}/status", bench.phone.url());
    assert!(reqwest::get(&status).await.is_err_and(|error| error.is_connect()), "nobody listens");
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(bench.get("/window/size").await.1["error"], "invalid session id");
    bench.open_session().await;
    assert_eq!(bench.screen().await, "profile", "the app went on, and the link was opened");
}

#[tokio::test]
async fn a_session_without_commands_times_out() {
    let bench = Bench::with("session_timeout_ms = 300").await;
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(150)).await;
        assert_eq!(bench.get("/window/size").await.0, StatusCode::OK);
    }
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(bench.get("/window/size").await.1["error"], "invalid session id");
}

#[tokio::test]
async fn faults_are_added_while_the_phone_runs() {
    let bench = Bench::calm().await;
    let fault = json!({"kind": "rate_limit", "times": 1, "target": "@Ada"});
    let (status, _) = bench.raw(Method::POST, "/sim/faults", Some(fault)).await;
    assert_eq!(status, StatusCode::OK);
    bench.follow("bruno").await;
    bench.follow("ada").await;
    assert_eq!(bench.lines(), ["bruno follow applied", "ada follow refused"]);
    for wrong in [json!({"kind": "rate_limit", "wat": 1}), json!({"kind": "stall"}), json!(7)] {
        let (status, _) = bench.raw(Method::POST, "/sim/faults", Some(wrong)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn latency_is_felt() {
    let bench = Bench::with("latency.source_ms = 200").await;
    let before = std::time::Instant::now();
    bench.source().await;
    assert!(before.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn chance_is_the_same_for_the_same_seed() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let bench = Bench::with(
            "seed = 7\n[[faults]]\nkind = 'rate_limit'\nshow = 'toast'\nprobability = 0.5",
        )
        .await;
        for user in ["ada", "bruno", "carla", "diego", "elena", "fynn"] {
            bench.follow(user).await;
        }
        runs.push(bench.lines());
    }
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].iter().any(|line| line.ends_with("refused")));
    assert!(runs[0].iter().any(|line| line.ends_with("applied")));
}
