//! Opening people and following them.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::common::Bench;

#[tokio::test]
async fn following_flips_the_label_and_is_on_the_ledger() {
    let bench = Bench::calm().await;
    bench.open("ada.stone").await;
    let button = "user-detail-header-follow-button";
    assert_eq!(bench.label(button).await, "Follow ada.stone");
    bench.tap(button).await;
    assert_eq!(bench.label(button).await, "Following");
    assert_eq!(bench.lines(), ["ada.stone follow applied"]);
    let ledger = bench.ledger().await;
    assert_eq!(ledger["counts"]["applied"]["follow"], 1);
    assert_eq!(ledger["items"][0]["account_id"], "studio.nord");
    assert_eq!(ledger["items"][0]["seq"], 1);
}

#[tokio::test]
async fn a_second_tap_opens_the_sheet_instead_of_following_twice() {
    let bench = Bench::calm().await;
    bench.follow("ada.stone").await;
    bench.tap("user-detail-header-follow-button").await;
    assert_eq!(bench.lines(), ["ada.stone follow applied"]);
    let cell = bench.find("class chain", "**/XCUIElementTypeCell[`label == 'Unfollow'`]").await;
    bench.click(&cell.expect("the sheet")).await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada.stone");
    assert_eq!(bench.lines(), ["ada.stone follow applied", "ada.stone unfollow applied"]);
}

#[tokio::test]
async fn a_private_person_is_asked() {
    let bench = Bench::with("population.private = ['shy']").await;
    bench.open("shy").await;
    assert!(bench.source().await.contains("This account is private"));
    bench.tap("user-detail-header-follow-button").await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Requested");
    assert_eq!(bench.lines(), ["shy follow requested"]);
}

#[tokio::test]
async fn missing_and_suspended_people_have_no_button() {
    let bench = Bench::with("population.missing = ['gone']\npopulation.suspended = ['out']").await;
    bench.open("gone").await;
    assert!(
        bench.source().await.contains("Sorry, this page isn&apos;t available.")
            || bench.source().await.contains("Sorry, this page isn't available.")
    );
    bench.open("out").await;
    assert!(bench.source().await.contains("User not found"));
    let missing = bench.find("accessibility id", "user-detail-header-follow-button").await;
    assert_eq!(missing, Err("no such element".to_owned()));
}

#[tokio::test]
async fn a_profile_fills_in_later() {
    let bench = Bench::with("load_ms = 300").await;
    bench.open("ada.stone").await;
    assert!(bench.find("accessibility id", "user-detail-header-follow-button").await.is_err());
    bench.post("/timeouts", json!({"implicit": 3000})).await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada.stone");
}

#[tokio::test]
async fn the_own_profile_names_the_account() {
    let bench = Bench::with("account = '@Studio.Nord'\nother_accounts = ['second.one']").await;
    bench.tap("profile-tab").await;
    assert_eq!(bench.label("user-switch-title-button").await, "studio.nord");
    assert_eq!(bench.label("profile-action-bar-button").await, "Edit profile");
    bench.tap("user-switch-title-button").await;
    let cell =
        bench.find("predicate string", "type == 'XCUIElementTypeCell' AND label == 'second.one'");
    let cell = cell.await.expect("the other account");
    bench.click(&cell).await;
    assert_eq!(bench.label("user-switch-title-button").await, "second.one");
}

#[tokio::test]
async fn inner_views_hide_the_tab_bar_and_go_back() {
    let bench = Bench::calm().await;
    assert!(bench.find("accessibility id", "mainfeed-tab").await.is_ok());
    bench.open("ada.stone").await;
    assert!(bench.find("accessibility id", "mainfeed-tab").await.is_err());
    bench.tap("BackButton").await;
    assert_eq!(bench.screen().await, "feed");
    bench.open("ada.stone").await;
    let edge = json!({"fromX": 2, "fromY": 400, "toX": 300, "toY": 400, "duration": 0.2});
    bench.post("/wda/dragfromtoforduration", edge).await;
    assert_eq!(bench.screen().await, "feed");
}

#[tokio::test]
async fn elements_of_another_screen_are_stale() {
    let bench = Bench::calm().await;
    bench.open("ada.stone").await;
    let button = bench.id("user-detail-header-follow-button").await;
    bench.open("bruno.rivers").await;
    let (status, error) = bench.click(&button).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(error["error"], "stale element reference");
    assert!(bench.lines().is_empty());
}

#[tokio::test]
async fn a_restart_of_the_app_lands_on_the_feed() {
    let bench = Bench::calm().await;
    bench.follow("ada.stone").await;
    let app = json!({"bundleId": "com.burbn.instagram"});
    assert_eq!(bench.post("/wda/apps/terminate", app.clone()).await.1, true);
    assert_eq!(bench.post("/wda/apps/state", app.clone()).await.1, 1);
    assert_eq!(bench.screen().await, "home_screen");
    bench.post("/wda/apps/activate", app.clone()).await;
    assert_eq!(bench.post("/wda/apps/state", app).await.1, 4);
    assert_eq!(bench.screen().await, "feed");
    bench.open("ada.stone").await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Following");
}

#[tokio::test]
async fn a_ledger_file_outlives_the_phone() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("ledger.jsonl");
    let toml = format!("ledger_file = {:?}", file.display().to_string());
    let bench = Bench::with(&toml).await;
    bench.follow("ada.stone").await;
    bench.phone.stop().await;
    let bench = Bench::with(&toml).await;
    bench.open("ada.stone").await;
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Following");
    assert_eq!(bench.lines(), ["ada.stone follow applied"]);
    bench.raw(Method::POST, "/sim/reset", None).await;
    assert!(bench.lines().is_empty());
    assert_eq!(std::fs::read_to_string(&file).expect("file"), "");
}

#[tokio::test]
async fn a_line_cut_off_by_a_crash_is_forgotten() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("ledger.jsonl");
    let toml = format!("ledger_file = {:?}", file.display().to_string());
    let bench = Bench::with(&toml).await;
    bench.follow("ada.stone").await;
    bench.phone.stop().await;
    let mut text = std::fs::read_to_string(&file).expect("file");
    text.push_str("{\"seq\": 2, \"ts");
    std::fs::write(&file, text).expect("written");
    let bench = Bench::with(&toml).await;
    bench.follow("bruno.rivers").await;
    assert_eq!(bench.lines(), ["ada.stone follow applied", "bruno.rivers follow applied"]);
    assert_eq!(bench.phone.ledger()[1].seq, 2);
}
