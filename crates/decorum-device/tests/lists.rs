//! Lists of people and accounts: who is in them, and what only looks as if.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_device::screen::{ListPage, Page, Relationship};

use crate::sketch::{app, id, of, plain, read, text};

/// A row as the app has it: name, display name, button.
fn row(username: &str, full_name: &str, button: &str) -> String {
    of("Cell", "", &[text(username), text(full_name), plain("Button", button)])
}

fn list(rows: &[String]) -> ListPage {
    let bar = of("NavigationBar", "name=\"followers\"", &[plain("Button", "Back")]);
    let screen = read(&app(&[bar, of("CollectionView", "", rows)]));
    match screen.page {
        Page::People(list) => list,
        other => panic!("no list: {other:?}"),
    }
}

fn names(list: &ListPage) -> Vec<&str> {
    list.rows.iter().map(|row| row.username.as_str()).collect()
}

#[test]
fn a_row_says_who_and_what_we_are_to_them() {
    let list = list(&[
        row("ada.stone", "Ada", "Follow ada.stone"),
        row("bruno_berg", "Bruno", "Following"),
        row("carla", "Carla", "Requested"),
    ]);
    let ties: Vec<Relationship> = list.rows.iter().map(|row| row.relationship).collect();
    assert_eq!(names(&list), ["ada.stone", "bruno_berg", "carla"]);
    assert_eq!(
        ties,
        [Relationship::NotFollowing, Relationship::Following, Relationship::Requested]
    );
    assert!(!list.has_suggestions && !list.has_end && !list.is_loading);
}

#[test]
fn who_stands_below_the_suggestions_is_not_in_the_list_in_any_language() {
    for heading in ["Suggested for you", "Vorschläge für dich", "Suggestions pour vous", "为你推荐"]
    {
        let list = list(&[
            row("ada.stone", "Ada", "Follow"),
            text(heading),
            row("stranger", "Somebody", "Follow"),
        ]);
        assert_eq!(names(&list), ["ada.stone"], "{heading}");
        assert!(list.has_suggestions);
    }
}

#[test]
fn a_person_who_is_called_like_a_heading_is_a_person() {
    let list = list(&[
        row("joker", "Suggested for you", "Follow"),
        row("prankster", "You've reached the end of the list", "Follow"),
        row("ada.stone", "Ada", "Follow"),
    ]);
    assert_eq!(names(&list), ["joker", "prankster", "ada.stone"]);
    assert!(!list.has_suggestions && !list.has_end);
}

#[test]
fn a_list_that_is_loading_and_one_that_ends_say_so() {
    let spinner = of("Cell", "", &[of("ActivityIndicator", "label=\"In progress\"", &[])]);
    assert!(list(&[row("ada.stone", "Ada", "Follow"), spinner]).is_loading);
    let end = of("Cell", "", &[text("You've reached the end of the list")]);
    assert!(list(&[row("ada.stone", "Ada", "Follow"), end]).has_end);
}

#[test]
fn the_posts_of_a_hashtag_say_whose_they_are() {
    let bar = of("NavigationBar", "name=\"#ceramics\"", &[]);
    let posts = [
        "Photo by ada.stone",
        "7 photos or videos from bruno_berg",
        "carlaの写真または動画3件",
        "A photo of nobody we know",
    ];
    let cells: Vec<String> =
        posts.iter().map(|label| id("Cell", "media-thumbnail-cell", label)).collect();
    let screen = read(&app(&[bar, of("CollectionView", "", &cells)]));
    let Page::Hashtag(list) = screen.page else { panic!("no hashtag: {:?}", screen.page) };
    assert_eq!(names(&list), ["ada.stone", "bruno_berg", "carla"]);
    assert_eq!(list.title.as_deref(), Some("#ceramics"));
}

#[test]
fn the_sheet_of_accounts_lists_accounts_and_not_the_way_to_add_one() {
    let account =
        |name: &str| of("Cell", &format!("name=\"{name}\" label=\"{name}\""), &[text(name)]);
    let add = of("Cell", "label=\"Add Instagram account\"", &[text("Add Instagram account")]);
    let below = of("Window", "", &[id("Button", "user-switch-title-button", "one")]);
    let sheet = of("Window", "", &[of("Other", "", &[account("one"), account("two"), add])]);
    let screen = read(&of("Application", "name=\"Instagram\"", &[below, sheet]));
    let Page::Accounts(sheet) = screen.page else { panic!("no sheet: {:?}", screen.page) };
    let names: Vec<&str> = sheet.accounts.iter().map(|row| row.username.as_str()).collect();
    assert_eq!(names, ["one", "two"]);
    assert!(sheet.button_of("@Two").is_some() && sheet.button_of("three").is_none());
}
