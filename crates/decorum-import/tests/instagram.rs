//! Instagram's own export, in the shapes it has had.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::{Action, Outcome, Skip};
use decorum_import::{Followers, Kind, LeftOut, Options};
use serde_json::{Value, json};

use crate::support::{
    Export, Folder, Got, MAY, anonymous, from_bytes, like, options, refused, relation, whole,
};

const KIND: Kind = Kind::InstagramExport;
const FOLLOWING: &str = "connections/followers_and_following/following.json";
const FOLLOWERS: &str = "connections/followers_and_following/followers_1.json";
const LIKES: &str = "your_instagram_activity/likes/liked_posts.json";
const COMMENTS: &str = "your_instagram_activity/comments/post_comments_1.json";
const PERSONAL: &str = "personal_information/personal_information/personal_information.json";

fn list(name: &str, entries: &[Value]) -> Value {
    json!({ name: entries })
}

fn following(entries: &[Value]) -> Export {
    Export::default().with(FOLLOWING, &list("relationships_following", entries))
}

fn personal(name: &str) -> Value {
    json!({"profile_user": [{
        "title": "",
        "string_map_data": {"Email": {"value": "x@y.z"}, "Username": {"value": name}}
    }]})
}

fn comment(owner: &str, second: i64) -> Value {
    json!({"media_list_data": [], "string_map_data": {
        "Comment": {"value": "so sch\u{c3}\u{b6}n"},
        "Media Owner": {"value": owner},
        "Time": {"timestamp": second}
    }})
}

/// An export with some of everything.
fn everything() -> Export {
    following(&[relation("alice", MAY), relation("bob", MAY + 60)])
        .with(FOLLOWERS, &json!([relation("bob", MAY + 5), relation("cleo", MAY + 6)]))
        .with(LIKES, &list("likes_media_likes", &[like("dan", MAY + 7)]))
        .with(COMMENTS, &json!([comment("eve", MAY + 8)]))
        .with(PERSONAL, &personal("Studio.Nord"))
        .text("media/posts/1.jpg", [0xff; 64])
        .text("index.html", "<html>")
}

const EVERYTHING: [&str; 6] = [
    "studio.nord follow alice 2026-05-01T10:00:00Z",
    "studio.nord follow bob 2026-05-01T10:01:00Z",
    "studio.nord like dan 2026-05-01T10:00:07Z",
    "studio.nord comment eve 2026-05-01T10:00:08Z",
    "studio.nord follow bob skipped 2026-05-01T10:00:05Z",
    "studio.nord follow cleo skipped 2026-05-01T10:00:06Z",
];

fn zipped(export: &Export, options: &Options) -> Got {
    from_bytes(KIND, "export.zip", export.zip("instagram-me-2026-06-01/"), options)
        .unwrap_or_else(|e| panic!("{e}"))
}

#[test]
fn a_zip_and_its_folder_are_the_same() {
    let export = everything();
    assert_eq!(zipped(&export, &anonymous()).lines(), EVERYTHING);
    let folder = export.folder();
    assert_eq!(whole(KIND, folder.path(), &anonymous()).lines(), EVERYTHING);
    let zip = Folder::new();
    let file = zip.write("export.zip", export.zip(""));
    assert_eq!(whole(KIND, &file, &anonymous()).lines(), EVERYTHING);
}

#[test]
fn folders_of_other_years_are_found_too() {
    let export = Export::default()
        .with(
            "followers_and_following/following.json",
            &list("relationships_following", &[relation("alice", MAY)]),
        )
        .with(
            "followers_and_following/followers.json",
            &list("relationships_followers", &[relation("bob", MAY)]),
        )
        .with("likes/liked_posts.json", &list("likes_media_likes", &[like("dan", MAY)]))
        .with(
            "comments/post_comments.json",
            &list("comments_media_comments", &[comment("eve", MAY)]),
        );
    let got = zipped(&export, &options());
    assert_eq!(got.people(Action::Follow), ["alice", "bob"]);
    assert_eq!(got.people(Action::Like), ["dan"]);
    assert_eq!(got.people(Action::Comment), ["eve"]);
}

#[test]
fn long_lists_come_in_parts() {
    let mut export = following(&[]);
    for n in 1..=12 {
        export = export.with(
            &format!("connections/followers_and_following/followers_{n}.json"),
            &json!([relation(&format!("fan_{n}"), MAY)]),
        );
    }
    assert_eq!(zipped(&export, &options()).engagements.len(), 12);
}

#[test]
fn newer_exports_name_people_elsewhere() {
    let got = zipped(
        &following(&[
            json!({"title": "alice", "string_list_data": [{"href": "https://www.instagram.com/_u/alice", "timestamp": MAY}]}),
            json!({"title": "", "string_list_data": [{"href": "https://www.instagram.com/_u/bob?hl=de", "timestamp": MAY}]}),
            json!({"string_list_data": [{"href": "https://www.instagram.com/cleo/", "timestamp": 0}]}),
            json!({"timestamp": MAY, "fbid": "1", "media": [], "label_values": [
                {"label": "URL", "value": "https://www.instagram.com/dan"},
                {"label": "Name", "value": "Dan D."},
                {"label": "Username", "value": "dan"}
            ]}),
        ]),
        &options(),
    );
    assert_eq!(got.people(Action::Follow), ["alice", "bob", "cleo", "dan"]);
    let times: Vec<_> = got.engagements.iter().map(|e| e.happened_at.is_some()).collect();
    assert_eq!(times, [true, true, false, true], "a time of 0 is no time");
}

#[test]
fn a_name_that_cannot_be_gives_way_to_the_link() {
    let got = zipped(
        &following(&[json!({"title": "José Smith", "string_list_data": [
            {"href": "https://www.instagram.com/jose.smith", "timestamp": MAY}
        ]})]),
        &options(),
    );
    assert_eq!(got.people(Action::Follow), ["jose.smith"]);
}

#[test]
fn newer_likes_name_the_owner_in_a_list_within_a_list() {
    let likes = json!([
        {"timestamp": MAY, "media": [], "fbid": "1", "label_values": [
            {"label": "URL", "value": "https://www.instagram.com/p/abc/", "href": "x"},
            {"label": "Caption", "value": "Username: nobody"},
            {"title": "Hashtags", "dict": []},
            {"title": "Owner", "dict": [{"title": "", "dict": [
                {"label": "URL", "value": ""},
                {"label": "Name", "value": "Dan D."},
                {"label": "Username", "value": "dan"}
            ]}]}
        ]},
        {"timestamp": MAY, "label_values": [{"label": "URL", "value": "https://www.instagram.com/p/def/"}]}
    ]);
    let got = zipped(&Export::default().with(LIKES, &likes), &options());
    assert_eq!(got.lines(), ["studio.nord like dan 2026-05-01T10:00:00Z"]);
    assert_eq!(got.left_out.len(), 1, "a post that is gone names nobody");
    assert_eq!(got.left_out[0].0, LeftOut::NobodyNamed);
    assert!(got.left_out[0].1.ends_with("liked_posts.json, [1]"), "{:?}", got.left_out);
}

#[test]
fn requests_and_unfollowed_people_were_engaged() {
    let export = Export::default()
        .with(
            "connections/followers_and_following/pending_follow_requests.json",
            &list("relationships_follow_requests_sent", &[relation("alice", MAY)]),
        )
        .with(
            "connections/followers_and_following/recently_unfollowed_profiles.json",
            &list("relationships_unfollowed_users", &[relation("bob", MAY)]),
        );
    let got = zipped(&export, &options());
    assert_eq!(got.people(Action::Follow), ["alice", "bob"]);
    assert!(got.engagements.iter().all(|e| e.outcome == Outcome::Success { presumed: false }));
}

#[test]
fn followers_count_as_engaged_unless_they_are_left() {
    let export = Export::default().with(FOLLOWERS, &json!([relation("bob", MAY)]));
    let got = zipped(&export, &options());
    assert_eq!(got.engagements[0].outcome, Outcome::Skipped(Skip::AlreadyDone));
    assert_eq!(got.engagements[0].reason, Some("follows_you"));
    let leave = Options { followers: Followers::Leave, ..options() };
    let got = zipped(&export, &leave);
    assert_eq!((got.engagements.len(), got.left_out[0].0), (0, LeftOut::FollowsUs));
}

#[test]
fn whose_it_is_must_be_known_and_right() {
    let export = everything();
    let other = Options { account: Some("somebody".parse().expect("a name")), ..options() };
    let folder = Folder::new();
    let file = folder.write("export.zip", export.zip(""));
    let said = refused(KIND, &file, &other);
    assert!(said.contains("`studio.nord`, not of `somebody`"), "{said}");

    let nameless = folder.write("nameless.zip", following(&[relation("alice", MAY)]).zip(""));
    assert!(refused(KIND, &nameless, &anonymous()).contains("--account"));
    // In another language the label is another one; then it has to be said.
    let german = following(&[]).with(
        PERSONAL,
        &json!({"profile_user": [{
            "string_map_data": {"Benutzername": {"value": "studio.nord"}}
        }]}),
    );
    let german = folder.write("german.zip", german.zip(""));
    assert!(refused(KIND, &german, &anonymous()).contains("--account"));
}

#[test]
fn impossible_names_are_named_with_their_place() {
    let got =
        zipped(&following(&[relation("alice", MAY), relation("not a name", MAY)]), &options());
    assert_eq!(got.people(Action::Follow), ["alice"]);
    assert!(got.bad[0].contains("following.json, relationships_following[1]: "), "{:?}", got.bad);
    let got = zipped(&following(&[relation("alice", MAY + 300_000_000)]), &options());
    assert!(got.bad[0].contains("yet to come"), "{:?}", got.bad);
}

#[test]
fn an_export_in_html_is_refused_with_advice() {
    let export = Export::default()
        .text("connections/followers_and_following/following.html", "<html>")
        .text("start_here.html", "<html>");
    let folder = export.folder();
    let said = refused(KIND, folder.path(), &options());
    assert!(said.contains("HTML") && said.contains("choose JSON"), "{said}");
    let zip = Folder::new();
    let said = refused(KIND, &zip.write("a.zip", export.zip("x/")), &options());
    assert!(said.contains("choose JSON"), "{said}");
}

#[test]
fn what_is_no_export_is_refused() {
    let folder = Folder::new();
    assert!(refused(KIND, folder.path(), &options()).contains("following.json"));
    let text = folder.write("notes.txt", "dear diary");
    assert!(refused(KIND, &text, &options()).contains("zip"));
    let missing = folder.path().join("missing.zip");
    assert!(refused(KIND, &missing, &options()).contains("missing.zip cannot be read"));
    let list = folder.write("friends.json", "[]");
    assert!(refused(KIND, &list, &options()).contains("none of the lists"));
}

#[test]
fn one_list_alone_can_be_given() {
    let folder = Folder::new();
    let file = folder.write("followers_1.json", json!([relation("bob", MAY)]).to_string());
    assert_eq!(whole(KIND, &file, &options()).people(Action::Follow), ["bob"]);
}

/// Every list, cut at every byte: never read as if it were whole.
#[test]
fn a_list_cut_short_is_refused_with_the_line() {
    let files = [
        ("following.json", list("relationships_following", &[relation("alice", MAY)])),
        ("followers_1.json", json!([relation("bob", MAY)])),
        ("liked_posts.json", list("likes_media_likes", &[like("dan", MAY)])),
        ("post_comments_1.json", json!([comment("eve", MAY)])),
    ];
    for (name, content) in files {
        let text = serde_json::to_string_pretty(&content).expect("JSON");
        for cut in 0..text.len() {
            let said = from_bytes(KIND, name, &text.as_bytes()[..cut], &options());
            let said = said.expect_err("it was cut short").to_string();
            let lines = text.bytes().take(cut).filter(|b| *b == b'\n').count();
            let line = |n: usize| said.contains(&format!("{name}, line {n}: damaged"));
            assert!(line(lines) || line(lines + 1), "{name} cut at {cut}: {said}");
        }
        assert_eq!(from_bytes(KIND, name, &text, &options()).expect("whole").engagements.len(), 1);
        let trailing = from_bytes(KIND, name, format!("{text} x"), &options());
        assert!(trailing.expect_err("more after it").to_string().contains("line"), "{name}");
    }
}

#[test]
fn a_list_of_another_shape_is_refused_with_the_line() {
    for text in [
        r#"{"relationships_followers": []}"#,
        r#"{"relationships_following": {}}"#,
        r#"{"relationships_following": ["alice"]}"#,
        "{\n\"relationships_following\": [{\"string_list_data\": [{\"timestamp\": \"soon\"}]}]}",
        "\"alice\"",
    ] {
        let said = from_bytes(KIND, "following.json", text, &options());
        let said = said.expect_err("of another shape").to_string();
        assert!(said.contains("following.json, line "), "{text}: {said}");
    }
    // Other lists of the same file, and lists that are empty, are no harm.
    let text = r#"{"other": [1, {"deep": [[]]}], "relationships_following": []}"#;
    assert!(from_bytes(KIND, "following.json", text, &options()).is_ok());
    assert!(from_bytes(KIND, "following.json", "{}", &options()).is_ok());
}

#[test]
fn a_zip_with_a_broken_entry_is_refused_with_its_name() {
    let many: Vec<Value> = (0..200).map(|n| relation(&format!("person_{n}"), MAY)).collect();
    let export = following(&many);
    let zip = export.zip("");
    let folder = Folder::new();
    let mut broken = 0;
    // One flipped bit in each place of the compressed content.
    let start = zip.windows(4).position(|w| w == b".jso").expect("the name") + 5;
    for at in (start..zip.len() - 120).step_by(41) {
        let mut bytes = zip.clone();
        bytes[at] ^= 0x10;
        let file = folder.write("broken.zip", &bytes);
        let said = refused(KIND, &file, &options());
        assert!(said.contains("following.json") || said.contains("broken.zip"), "{at}: {said}");
        broken += usize::from(said.contains("following.json"));
    }
    assert!(broken > 10, "{broken}");
    let half = folder.write("half.zip", &zip[..zip.len() / 2]);
    assert!(refused(KIND, &half, &options()).contains("half.zip is a damaged zip"));
}

#[test]
fn a_bomb_is_not_inflated() {
    let bomb = Export::default().text("following.json", {
        let mut text = br#"{"relationships_following": [{"title": ""#.to_vec();
        text.resize(16 * 1024 * 1024, b'a');
        text
    });
    let zip = bomb.zip("");
    assert!(zip.len() < 50_000, "{}", zip.len());
    let said = from_bytes(KIND, "bomb.zip", zip, &options()).expect_err("a bomb").to_string();
    assert!(said.contains("following.json") && said.contains("more than 1 MB"), "{said}");
    // Nor are blanks between entries read for ever.
    let mut blanks = b"{\"relationships_following\": [".to_vec();
    blanks.resize(2 * 1024 * 1024, b' ');
    let said = from_bytes(KIND, "following.json", blanks, &options()).expect_err("blanks");
    assert!(said.to_string().contains("more than 1 MB"), "{said}");
    // Nor does depth exhaust the stack.
    let deep = format!("{}{}", r#"{"x": "#, "[".repeat(100_000));
    assert!(from_bytes(KIND, "following.json", deep, &options()).is_err());
}

#[test]
fn a_long_list_is_read_entry_by_entry() {
    let many: Vec<Value> = (0..4_000).map(|n| relation(&format!("person_{n}"), MAY)).collect();
    let got = zipped(&following(&many), &options());
    assert_eq!(got.engagements.len(), 4_000);
}

#[test]
fn the_reader_stops_when_it_is_told_to() {
    let many: Vec<Value> = (0..100).map(|n| relation(&format!("person_{n}"), MAY)).collect();
    let bytes = following(&many).zip("");
    let mut seen = 0;
    let options = options();
    let ended = decorum_import::read_bytes(KIND, "a.zip", &bytes, &options, &mut |_| {
        seen += 1;
        if seen == 3 {
            std::ops::ControlFlow::Break(())
        } else {
            std::ops::ControlFlow::Continue(())
        }
    });
    assert!(ended.is_ok());
    assert_eq!(seen, 3);
}

#[test]
fn an_encrypted_zip_is_not_called_damaged() {
    let list = json!({"relationships_following": [relation("alice", MAY)]});
    let mut bytes = Export::default().with("following.json", &list).zip("");
    // The flag of encryption, in the entry's own header and in the directory's.
    for (start, flags) in [(b"PK\x03\x04", 6), (b"PK\x01\x02", 8)] {
        let at = bytes.windows(4).position(|w| w == start).expect("a header");
        bytes[at + flags] |= 1;
    }
    let folder = Folder::new();
    let said = refused(Kind::InstagramExport, &folder.write("export.zip", bytes), &options());
    assert!(said.contains("is encrypted; unpack the zip"), "{said}");
}
