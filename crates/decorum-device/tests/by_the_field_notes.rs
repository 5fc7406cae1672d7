//! Screens written after the field notes about real phones, where they differ from what the
//! simulated phone shows.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_device::screen::{Overlay, Page, Place, Relationship};
use decorum_device::{AppProfile, Locator, Screen, ScreenError};

use crate::sketch::{app, flat_profile, id, of, plain, post, post_page, profile_page, read, text};

#[test]
fn the_label_of_the_follow_button_says_what_we_are() {
    for (label, tie, named) in [
        ("Follow", Relationship::NotFollowing, None),
        ("Follow ada.stone", Relationship::NotFollowing, Some("ada.stone")),
        ("Follow back", Relationship::NotFollowing, None),
        ("Following", Relationship::Following, None),
        ("Tap to unfollow ada.stone", Relationship::Following, Some("ada.stone")),
        ("Requested", Relationship::Requested, None),
        ("Message", Relationship::Unknown, None),
        ("Unblock", Relationship::Unknown, None),
        ("", Relationship::Unknown, None),
        // It names somebody else: nobody may be engaged by it.
        ("Follow bruno.berg", Relationship::Unknown, Some("bruno.berg")),
    ] {
        let page = profile_page(read(&flat_profile("ada.stone", label, "Ada", "Stones.")));
        assert_eq!(page.relationship, tie, "{label}");
        assert_eq!(page.follow_label_username.as_deref(), named, "{label}");
        assert_eq!(page.is_of("@Ada.Stone "), named != Some("bruno.berg"), "{label}");
        assert_eq!(page.follow_locator().is_some(), tie == Relationship::NotFollowing, "{label}");
    }
}

#[test]
fn a_flat_profile_is_read_like_a_nested_one() {
    let screen = read(&flat_profile("ada.stone", "Follow ada.stone", "Ada Stone", "I cut stones."));
    let button = screen.back_button.clone().expect("the bar's first button leads back");
    assert_eq!(button.locator(), Locator::name_and_label("Back", "Back"));
    let page = profile_page(screen);
    assert_eq!((page.posts, page.followers, page.following), (Some(12), Some(1_840), Some(310)));
    assert_eq!(page.full_name.as_deref(), Some("Ada Stone"));
    assert_eq!(page.bio.as_deref(), Some("I cut stones."));
    assert!(page.is_loaded && page.has_thumbnail() && !page.is_private && !page.is_own);
}

#[test]
fn ones_own_page_is_known_by_its_title_or_its_actions() {
    let list = |action: &str| {
        of(
            "CollectionView",
            "name=\"profile\"",
            &[
                id("Button", "user-detail-header-followers", "9 followers"),
                id("Button", "profile-action-bar-button", action),
            ],
        )
    };
    let title = id("Button", "user-switch-title-button", "studio.nord");
    let by_title = profile_page(read(&app(&[title, list("Edit profile")])));
    assert!(by_title.is_own && by_title.is_of("studio.nord"));
    let bar = of("NavigationBar", "name=\"studio.nord\"", &[]);
    let by_action = profile_page(read(&app(&[bar.clone(), list("Profil bearbeiten")])));
    assert!(by_action.is_own && by_action.is_of("studio.nord"));
    assert!(!profile_page(read(&app(&[bar, list("Message")]))).is_own);
}

#[test]
fn a_page_that_only_has_its_title_is_still_loading() {
    let bar = of("NavigationBar", "name=\"ada.stone\"", &[]);
    let page = profile_page(read(&app(&[bar, of("CollectionView", "name=\"profile\"", &[])])));
    assert!(page.is_of("ada.stone") && !page.is_loaded);
    assert_eq!(read(&app(&[])).page, Page::Loading);
    assert_eq!(read(&app(&[of("ActivityIndicator", "", &[])])).page, Page::Loading);
}

#[test]
fn a_like_is_told_by_label_or_value() {
    for (attributes, liked) in [
        ("label=\"Like\"", Some(false)),
        ("label=\"Liked\"", Some(true)),
        ("label=\"Like\" value=\"Liked\"", Some(true)),
        ("value=\"Like\"", Some(false)),
        ("label=\"Gefällt mir\"", Some(false)),
        // A selected button that offers to like contradicts itself.
        ("label=\"Like\" value=\"1\"", None),
        ("label=\"Love\"", None),
        ("", None),
    ] {
        let page = post_page(read(&app(&[post("ada.stone", attributes, "Stones.")])));
        assert_eq!(page.liked, liked, "{attributes}");
        assert_eq!(page.like_locator().is_some(), liked == Some(false), "{attributes}");
        assert!(page.is_by("ada.stone"));
        assert_eq!(page.caption.as_deref(), Some("Stones."));
        assert_eq!(page.likes, Some(1_214));
    }
}

#[test]
fn a_post_belongs_to_the_heading_above_its_own_button() {
    let hidden = post("bruno.berg", "label=\"Like\"", "Out of sight.")
        .replace("name=", "visible=\"false\" name=");
    let shown = post("ada.stone", "label=\"Liked\"", "In sight.");
    let list = of("CollectionView", "", &[hidden.clone(), shown]);
    let page = post_page(read(&app(&[list])));
    assert!(page.is_by("ada.stone"));
    assert_eq!(page.liked, Some(true));

    // Found by name and label, the button of the hidden post would come first.
    let shown = post("ada.stone", "label=\"Like\"", "In sight.");
    let page = post_page(read(&app(&[of("CollectionView", "", &[hidden, shown])])));
    assert!(page.is_by("ada.stone"));
    assert_eq!(page.like_locator(), None);
}

#[test]
fn posts_on_a_page_with_tabs_are_the_feed() {
    let tabs = of(
        "TabBar",
        "",
        &[
            of("Button", "name=\"mainfeed-tab\" label=\"Home\" value=\"1\"", &[]),
            id("Button", "profile-tab", "Profile"),
        ],
    );
    let posts = of("CollectionView", "", &[post("ada.stone", "label=\"Like\"", "Stones.")]);
    assert_eq!(read(&app(&[posts, tabs.clone()])).page, Page::Feed);
    assert_eq!(read(&app(&[tabs])).page, Page::Feed);
    let locator = AppProfile::builtin().own_profile_locator();
    assert_eq!(locator, Some(Locator::AccessibilityId("profile-tab".to_owned())));
}

#[test]
fn a_numbered_result_is_a_person_only_if_more_is_said_about_them() {
    let cell = |name: &str, texts: &[String]| {
        of("Cell", &format!("name=\"search-collection-view-cell-{name}\" label=\"x\""), texts)
    };
    let page = read(&app(&[
        id("SearchField", "search-text-input", "Search"),
        cell("17841", &[text("ceramics")]),
        cell("17842", &[text("ada.stone"), text("Ada Stone")]),
        cell("bruno.berg", &[text("bruno.berg"), text("Bruno")]),
        cell("carla.vale", &[text("Results for carla")]),
    ]));
    let Page::Search(page) = page.page else { panic!("{page}") };
    let names: Vec<&str> = page.rows.iter().map(|row| row.username.as_str()).collect();
    assert_eq!(names, ["ada.stone", "bruno.berg"]);
    assert_eq!(page.rows[0].open.element_type, "XCUIElementTypeStaticText");
}

#[test]
fn a_dialog_of_plain_views_in_the_pages_own_window_is_a_dialog() {
    let dialog = of(
        "Other",
        "",
        &[text("Something nobody has seen before"), of("Other", "", &[plain("Button", "OK")])],
    );
    let source = flat_profile("ada.stone", "Follow", "Ada", "Stones.").replace(
        "</XCUIElementTypeOther></XCUIElementTypeWindow>",
        &format!("{dialog}</XCUIElementTypeOther></XCUIElementTypeWindow>"),
    );
    let screen = read(&source);
    let Some(Overlay::Dialog(found)) = &screen.overlay else { panic!("{screen}") };
    assert_eq!(found.full_text(), "Something nobody has seen before");
    assert!(matches!(screen.page, Page::Profile(_)), "the page below is still read");
}

#[test]
fn a_question_is_harmless_only_if_known_and_never_if_it_reads_like_a_refusal() {
    let alert = |words: &str, buttons: &[&str]| {
        let mut parts = vec![text(words)];
        parts.extend(buttons.iter().map(|label| plain("Button", label)));
        read(&app(&[of("Alert", "", &parts)]))
    };
    let safe = |screen: &Screen| match &screen.overlay {
        Some(Overlay::Interstitial { safe_button, is_alert: true, .. }) => {
            Some(safe_button.label.clone())
        }
        _ => None,
    };
    let known = alert("Save your login info?", &["Save", "Not Now"]);
    assert_eq!(safe(&known).as_deref(), Some("Not Now"));
    let prompt = alert("“Instagram” Would Like to Access the Camera", &["Don’t Allow", "OK"]);
    assert_eq!(safe(&prompt).as_deref(), Some("Don’t Allow"));
    for (words, buttons) in [
        ("Something nobody has seen before", &["Not Now", "Continue"][..]),
        ("Turn on notifications to learn when you can try again later", &["Not Now"]),
        ("Save your login info?", &["Save"]),
        ("Help us confirm it's you", &["Not Now", "Continue"]),
    ] {
        let screen = alert(words, buttons);
        assert!(matches!(screen.overlay, Some(Overlay::Dialog(_))), "{screen}");
    }
}

#[test]
fn a_dialog_without_words_is_still_one() {
    let screen = read(&app(&[of("Alert", "", &[plain("Button", "OK")])]));
    assert!(matches!(screen.overlay, Some(Overlay::Dialog(_))), "{screen}");
}

#[test]
fn the_button_that_only_closes_is_never_one_that_answers() {
    let profile = AppProfile::builtin();
    let closing = |buttons: &[&str]| {
        let buttons: Vec<String> = buttons.iter().map(|label| plain("Button", label)).collect();
        let screen = read(&app(&[of("Alert", "label=\"Try Again Later\"", &buttons)]));
        match screen.overlay {
            Some(Overlay::Dialog(dialog) | Overlay::SystemAlert(dialog)) => {
                profile.closing_button(&dialog).map(|button| button.label.clone())
            }
            Some(Overlay::Interstitial { safe_button, .. }) => Some(safe_button.label),
            other => panic!("{other:?}"),
        }
    };
    for (buttons, expected) in [
        (&["Tell us", "OK"][..], Some("OK")),
        (&["Gib uns Bescheid", "OK"], Some("OK")),
        (&["Avísanos", "Aceptar"], Some("Aceptar")),
        (&["Log In", "Cancel"], Some("Cancel")),
        (&["Dismiss", "OK"], Some("OK")),
        (&["Don't Allow", "OK"], Some("Don't Allow")),
        (&["Tell us"], None),
        (&["Report a problem", "Continue"], None),
        (&["Verify", "Log in", "Allow"], None),
        (&["Something new"], None),
        (&[], None),
    ] {
        assert_eq!(closing(buttons).as_deref(), expected, "{buttons:?}");
    }
}

#[test]
fn what_cannot_be_seen_is_not_there() {
    let hidden = |element: String| of("Other", "visible=\"false\"", &[element]);
    let alert = of("Alert", "label=\"Try Again Later\"", &[plain("Button", "OK")]);
    let source = app(&[
        hidden(alert),
        hidden(id("Button", "like-button", "Like")),
        hidden(text("User not found")),
    ]);
    let screen = read(&source);
    assert_eq!(screen.overlay, None);
    assert_eq!(screen.page, Page::Loading);
    assert_eq!(screen.texts(), &[]);
}

#[test]
fn another_app_is_told_by_its_id_or_name() {
    let with = |attributes: &str| {
        read(&of("Application", attributes, &[of("Window", "", &[text("x")])])).page
    };
    assert_eq!(with("name=\"Settings\""), Page::OtherApp);
    assert_eq!(with("name=\"Instagram\" bundleId=\"com.example.fake\""), Page::OtherApp);
    assert_eq!(with("name=\"\" bundleId=\"com.apple.springboard\""), Page::HomeScreen);
    assert_eq!(with("name=\" \" label=\" \""), Page::HomeScreen);
    assert_eq!(with("name=\"Anything\" bundleId=\"com.burbn.instagram\""), Page::Unknown);
}

#[test]
fn the_log_in_page_is_known_without_identifiers() {
    let fields = [plain("SecureTextField", "Password"), plain("Button", "Log in")];
    assert_eq!(read(&app(&fields)).page, Page::Login);
    let choice = [plain("Button", "Anmelden"), plain("Button", "Neues Konto erstellen")];
    assert_eq!(read(&app(&choice)).page, Page::Login);
    assert_ne!(read(&app(&[plain("Button", "Log in")])).page, Page::Login);
}

#[test]
fn entities_and_character_data_are_decoded() {
    let source = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY y \"z\">]><!-- & --><AppiumAUT>\
                  <XCUIElementTypeApplication name=\"Instagram\">\n<XCUIElementTypeWindow>\n  \
                  <XCUIElementTypeStaticText label=\"a &amp; b &lt;&#x263A;&#10;c\"/>\n\
                  <XCUIElementTypeStaticText><![CDATA[d <& e]]></XCUIElementTypeStaticText>\
                  </XCUIElementTypeWindow></XCUIElementTypeApplication></AppiumAUT>";
    let screen = read(source);
    let texts: Vec<&str> = screen.texts().iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["a & b <☺\nc", "d <& e"]);
    assert_eq!(screen.texts()[0].0, Place::Other);
}

#[test]
fn what_is_no_screen_is_refused_with_a_reason() {
    let profile = AppProfile::builtin();
    let error = |source: &str| Screen::read(source, &profile).expect_err("no screen");
    assert_eq!(error(""), ScreenError::Empty);
    assert_eq!(error("<?xml version=\"1.0\"?>  "), ScreenError::Empty);
    for cut in ["<a><b></a>", "<a", "<a><b/>", "<a x=\"&nope;\" label=\"&nope;\"/>"] {
        assert!(matches!(error(cut), ScreenError::Malformed { .. }), "{cut}");
    }
    let deep = format!("{}{}", "<a>".repeat(1_000), "</a>".repeat(1_000));
    assert!(matches!(error(&deep), ScreenError::TooLarge { what: "levels", .. }));
    let wide = format!("<a>{}</a>", "<b/>".repeat(100_000));
    assert!(matches!(error(&wide), ScreenError::TooLarge { what: "elements", .. }));
    let long = "x".repeat(9 * 1024 * 1024);
    assert!(matches!(error(&long), ScreenError::TooLarge { what: "bytes", .. }));
}
