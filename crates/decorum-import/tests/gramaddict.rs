//! `GramAddict`'s memory.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::Action;
use decorum_import::{Kind, LeftOut, Options};
use serde_json::{Value, json};

use crate::support::{Folder, Got, anonymous, from_bytes, options, refused, whole};

const KIND: Kind = Kind::Gramaddict;

/// What version 3 writes of a person.
fn person(changes: &Value) -> Value {
    let mut person = json!({
        "last_interaction": "2026-05-01 12:00:00.123456",
        "following_status": "none",
        "session_id": "d2f0a9c4-7d4b-4c3e-8f59-3a6f3c1f9b11",
        "job_name": "hashtag-likers-top",
        "target": "ceramics",
        "liked": 0,
        "watched": 0,
        "commented": 0,
        "followed": false,
        "unfollowed": false,
        "scraped": false,
        "pm_sent": false
    });
    for (name, value) in changes.as_object().expect("an object") {
        person[name] = value.clone();
    }
    person
}

fn read(people: &Value) -> Got {
    from_bytes(KIND, "interacted_users.json", people.to_string(), &options())
        .unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn each_thing_done_is_an_engagement() {
    let got = read(&json!({
        "alice": person(&json!({"followed": true, "following_status": "followed", "liked": 3})),
        "bob": person(&json!({"followed": true, "following_status": "requested"})),
        "cleo": person(&json!({"watched": 1, "commented": 2})),
        "dan": person(&json!({"pm_sent": true, "scraped": true, "following_status": "scraped"})),
        "eve": person(&json!({"following_status": "unfollowed", "unfollowed": true})),
    }));
    let noon = "2026-05-01T10:00:00.123Z";
    let expected =
        ["follow alice", "like alice", "follow bob", "comment cleo", "view cleo", "follow eve"];
    assert_eq!(got.lines(), expected.map(|line| format!("studio.nord {line} {noon}")));
    assert_eq!(got.left_out.len(), 1);
    assert!(got.left_out[0].1.ends_with("[\"dan\"]"), "{:?}", got.left_out);
    assert_eq!(got.left_out[0].0, LeftOut::NotDone);
}

#[test]
fn newer_versions_have_a_list_of_sources() {
    let got = read(&json!({
        "alice": [
            person(&json!({"liked": 1, "target": "one"})),
            person(&json!({"liked": 2, "target": "two", "last_interaction": "2026-05-02 12:00:00.000000"})),
        ],
    }));
    assert_eq!(
        got.lines(),
        [
            "studio.nord like alice 2026-05-01T10:00:00.123Z",
            "studio.nord like alice 2026-05-02T10:00:00Z",
        ]
    );
}

#[test]
fn older_versions_know_less() {
    let got = read(&json!({
        "alice": {"last_interaction": "2020-11-01 12:00:00.5", "following_status": "followed"},
        "bob": {"last_interaction": "2020-07-01 12:00:00", "following_status": "none"},
        "cleo": {"following_status": "requested"},
    }));
    assert_eq!(
        got.lines(),
        ["studio.nord follow alice 2020-11-01T11:00:00.500Z", "studio.nord follow cleo -",]
    );
}

#[test]
fn the_clock_on_the_wall_is_where_it_hung() {
    let tokyo = Options { zone: "Asia/Tokyo".parse().expect("a zone"), ..options() };
    let people = json!({"alice": person(&json!({"liked": 1}))}).to_string();
    let got = from_bytes(KIND, "interacted_users.json", people, &tokyo).expect("whole");
    assert_eq!(got.lines(), ["studio.nord like alice 2026-05-01T03:00:00.123Z"]);
}

#[test]
fn the_folder_says_whose_it_is() {
    let folder = Folder::new();
    let people = json!({"alice": person(&json!({"liked": 1}))}).to_string();
    let file = folder.write("accounts/atelier.sued/interacted_users.json", &people);
    for path in [&file, &file.parent().expect("a folder").to_owned()] {
        let got = whole(KIND, path, &anonymous());
        assert_eq!(got.engagements[0].account_id.as_str(), "atelier.sued");
    }
    let got = whole(KIND, &file, &options());
    assert_eq!(got.engagements[0].account_id.as_str(), "studio.nord", "a file, if it is said");
    let account_folder = file.parent().expect("a folder");
    let said = refused(KIND, account_folder, &options());
    assert!(said.contains("is of the account `atelier.sued`, not of `studio.nord`"), "{said}");
    // A file that lies anywhere does not belong to an account called Downloads.
    let stray = folder.write("downloads/interacted_users.json", &people);
    assert!(refused(KIND, &stray, &anonymous()).contains("--account"));
    let given = whole(KIND, stray.parent().expect("a folder"), &anonymous());
    assert_eq!(given.engagements[0].account_id.as_str(), "downloads", "a folder given by name");
    let given = whole(KIND, stray.parent().expect("a folder"), &options());
    assert_eq!(given.engagements[0].account_id.as_str(), "studio.nord", "unless it is said");
    assert!(refused(KIND, folder.path(), &options()).contains("interacted_users.json"));
}

#[test]
fn what_cannot_be_true_is_named() {
    let got = read(&json!({
        "not a name": person(&json!({"liked": 1, "followed": true})),
        "bob": person(&json!({"liked": 1, "last_interaction": "yesterday"})),
        "cleo": person(&json!({"liked": 1, "last_interaction": "2031-01-01 00:00:00.0"})),
    }));
    assert_eq!((got.engagements.len(), got.bad.len()), (0, 3), "{:?}", got.bad);
    let all = got.bad.join("\n");
    for words in ["[\"not a name\"]", "`yesterday` is not a time", "yet to come"] {
        assert!(all.contains(words), "{all}");
    }
}

#[test]
fn a_memory_cut_short_or_of_another_shape_is_refused_with_the_line() {
    let people = json!({
        "alice": person(&json!({"followed": true})),
        "bob": [person(&json!({"liked": 1}))],
    });
    let text = serde_json::to_string_pretty(&people).expect("JSON");
    for cut in 0..text.len() {
        let name = "interacted_users.json";
        let said = from_bytes(KIND, name, &text.as_bytes()[..cut], &options());
        let said = said.expect_err("it was cut short").to_string();
        assert!(said.contains("interacted_users.json, line "), "cut at {cut}: {said}");
    }
    for text in
        ["[]", "{\"alice\": 3}", "{\n\"alice\": {\"liked\": \"often\"}}", "{\"alice\": [1]}"]
    {
        let said = from_bytes(KIND, "interacted_users.json", text, &options());
        let said = said.expect_err("of another shape").to_string();
        assert!(said.contains("line "), "{text}: {said}");
    }
    assert_eq!(read(&json!({})).people(Action::Follow), Vec::<&str>::new());
}
