//! The client against the simulated phone. The phone's ledger says what became of people, the
//! client says what it believes became of them: here the two are compared.

#![allow(clippy::expect_used, clippy::panic, reason = "a test that cannot go on ends here")]

use std::time::Duration;

use decorum_device::screen::{Overlay, Page, ProfilePage, Relationship};
use decorum_device::{
    AppProfile, Device, DeviceError, DeviceErrorKind, Locator, Point, Screen, ServerKind,
    WebDriver, WebDriverOptions,
};
use decorum_sim::{Phone, Scenario};

/// A phone with this scenario, and a client with an open session.
async fn phone(scenario: &str) -> (Phone, WebDriver) {
    let people = "[[people]]\nusername = \"ada.stone\"\nposts = 9\nstory = true\n";
    let toml = format!("account = \"studio.nord\"\n{people}\n{scenario}");
    let scenario = Scenario::from_toml(&toml).expect("a scenario");
    let listen = "127.0.0.1:0".parse().expect("an address");
    let phone = Phone::start(scenario, listen).await.expect("the phone starts");
    let mut options = WebDriverOptions::for_profile(&AppProfile::builtin());
    options.read_backoff = Duration::from_millis(1);
    let client = WebDriver::connect(&phone.url(), options).await.expect("it answers");
    client.open_session(None).await.expect("a session");
    (phone, client)
}

/// Looks until the screen is as wanted, for as long as the profile lets a page load.
async fn until(client: &WebDriver, wanted: impl Fn(&Screen) -> bool) -> Screen {
    let profile = AppProfile::builtin();
    for _ in 0..200 {
        let source = client.source().await.expect("a source");
        let screen = Screen::read(&source, &profile).expect("a screen");
        if wanted(&screen) {
            return screen;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{}", client.source().await.expect("a source"));
}

async fn open_profile(client: &WebDriver) -> ProfilePage {
    let link = AppProfile::builtin().user_link("ada.stone");
    client.open_link(&link).await.expect("it opens");
    let loaded = |screen: &Screen| matches!(&screen.page, Page::Profile(page) if page.is_loaded);
    let Page::Profile(page) = until(client, loaded).await.page else { panic!("no profile") };
    page
}

async fn tap(client: &WebDriver, locator: &Locator) -> Result<(), DeviceError> {
    let element = client.find(locator).await.expect("it is there");
    client.tap(&element).await
}

/// A follow whose answer is lost, before or after it took effect.
async fn lost_follow(when: &str) -> (Phone, WebDriver, DeviceError) {
    let fault = format!(
        "[[faults]]\nkind = \"drop\"\nroute = \"click\"\nat_request = 1\nwhen = \"{when}\"\n"
    );
    let (phone, client) = phone(&fault).await;
    let page = open_profile(&client).await;
    let follow = page.follow_locator().expect("it offers to follow");
    let error = tap(&client, &follow).await.expect_err("the connection closes");
    (phone, client, error)
}

#[tokio::test]
async fn a_follow_is_found_by_what_was_read_and_reaches_the_person_once() {
    let (phone, client) = phone("").await;
    assert_eq!(client.server(), ServerKind::WebDriverAgent);
    let page = open_profile(&client).await;
    assert!(page.is_of("ada.stone"));
    let follow = page.follow_locator().expect("it offers to follow");

    tap(&client, &follow).await.expect("it taps");

    let done = |screen: &Screen| matches!(&screen.page, Page::Profile(p) if p.relationship == Relationship::Following);
    until(&client, done).await;
    assert_eq!(phone.ledger().len(), 1);
    // What was read before no longer holds, so it finds nothing that a tap could undo.
    let error = client.find(&follow).await.expect_err("the label has changed");
    assert_eq!(*error.kind(), DeviceErrorKind::NoSuchElement);
}

#[tokio::test]
async fn a_follow_whose_answer_is_lost_after_the_effect_is_in_doubt_and_on_the_ledger_once() {
    let (phone, client, error) = lost_follow("after").await;

    assert!(error.is_ambiguous() && !error.is_safe_to_repeat(), "{error}");
    assert_eq!(phone.ledger().len(), 1);
    // A look at the phone settles it.
    let page = open_profile(&client).await;
    assert_eq!(page.relationship, Relationship::Following);
}

#[tokio::test]
async fn a_follow_whose_answer_is_lost_before_the_effect_is_in_doubt_all_the_same() {
    let (phone, client, error) = lost_follow("before").await;

    assert!(error.is_ambiguous() && !error.is_safe_to_repeat(), "{error}");
    assert_eq!(phone.ledger().len(), 0);
    let page = open_profile(&client).await;
    assert_eq!(page.relationship, Relationship::NotFollowing);
}

#[tokio::test]
async fn a_like_and_a_comment_go_the_whole_way() {
    let (phone, client) = phone("").await;
    let page = open_profile(&client).await;
    tap(&client, &page.thumbnail.expect("a post").locator()).await.expect("it opens");
    let shown = |screen: &Screen| matches!(&screen.page, Page::Post(post) if post.liked.is_some());
    let Page::Post(post) = until(&client, shown).await.page else { panic!("no post") };
    assert!(post.is_by("ada.stone"));

    tap(&client, &post.like_locator().expect("not liked yet")).await.expect("it taps");
    let liked = |screen: &Screen| matches!(&screen.page, Page::Post(p) if p.liked == Some(true));
    until(&client, liked).await;

    tap(&client, &post.comment_button.expect("comments are on").locator()).await.expect("it opens");
    let open = |screen: &Screen| matches!(&screen.page, Page::CommentSheet(c) if c.input.is_some());
    let Page::CommentSheet(sheet) = until(&client, open).await.page else { panic!("no comments") };
    let words = "It's \"lovely\" \\ çok güzel 🌿";
    let field = client.find(&sheet.input.expect("a field").locator_by_name()).await.expect("it");
    client.type_text(&field, "a slip").await.expect("it types");
    client.clear(&field).await.expect("it clears");
    client.type_text(&field, words).await.expect("it types");
    let typed = |screen: &Screen| {
        matches!(&screen.page, Page::CommentSheet(c)
            if c.draft.as_deref() == Some(words) && c.send.is_some())
    };
    let Page::CommentSheet(sheet) = until(&client, typed).await.page else { panic!("no draft") };
    tap(&client, &sheet.send.expect("a button").locator()).await.expect("it posts");
    until(&client, |screen| {
        matches!(&screen.page, Page::CommentSheet(c) if c.has_comment("studio.nord", words))
    })
    .await;
    assert_eq!(phone.ledger().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_a_dialog_and_an_alert_alike() {
    let (_phone, client) = phone("[[faults]]\nkind = \"action_blocked\"\n").await;
    assert_eq!(client.alert_text().await.expect("an answer"), None);
    let follow = open_profile(&client).await.follow_locator().expect("it offers to follow");
    tap(&client, &follow).await.expect("it taps");

    let refused = |screen: &Screen| matches!(&screen.overlay, Some(Overlay::Dialog(_)));
    let Some(Overlay::Dialog(dialog)) = until(&client, refused).await.overlay else {
        panic!("no dialog")
    };
    let text = client.alert_text().await.expect("an answer").expect("an alert");
    assert!(text.contains(&dialog.title), "{text}");
    let buttons = client.alert_buttons().await.expect("buttons");
    let closing = AppProfile::builtin();
    let closing = closing.closing_button(&dialog).expect("a button that only closes it");
    assert!(buttons.contains(&closing.label), "{buttons:?}");
    client.alert_press(&closing.label).await.expect("it closes");
    until(&client, |screen| screen.overlay.is_none()).await;
}

#[tokio::test]
async fn a_session_is_taken_up_again_by_another_client_and_replaced_when_it_is_gone() {
    let (phone, client) = phone("").await;
    let id = client.session_id().expect("a session");
    let next = WebDriver::connect(&phone.url(), WebDriverOptions::default()).await.expect("it");
    assert_eq!(next.open_session(Some(&id)).await.expect("it lives"), id);

    next.close_session().await.expect("it ends");
    let error = client.source().await.expect_err("the session has ended");
    assert_eq!(*error.kind(), DeviceErrorKind::SessionLost);
    assert_ne!(client.open_session(Some(&id)).await.expect("a new one"), id);
}

#[tokio::test]
async fn the_phone_shows_its_size_its_picture_and_the_way_back() {
    let (_phone, client) = phone("").await;
    let profile = AppProfile::builtin();
    client.activate_app(profile.bundle_id()).await.expect("it comes to the front");
    until(&client, |screen| screen.page == Page::Feed).await;
    open_profile(&client).await;
    client.back().await.expect("it swipes");
    until(&client, |screen| screen.page == Page::Feed).await;

    let size = client.window_size().await.expect("a size");
    let middle = Point { x: size.width / 2.0, y: size.height / 2.0 };
    client.swipe(middle, middle, Duration::from_millis(50)).await.expect("it swipes");
    assert!(client.screenshot().await.expect("a picture").len() > 100);
    let before = client.round_trips();
    assert!(client.status().await.expect("a status").ready);
    assert_eq!(client.round_trips() - before, 1);

    client.terminate_app(profile.bundle_id()).await.expect("it ends");
    until(&client, |screen| screen.page == Page::HomeScreen).await;
}
