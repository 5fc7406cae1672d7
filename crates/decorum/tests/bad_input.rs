//! What a person can get wrong: each answered with what to do, and nothing changed.

use std::fs;
use std::path::Path;

use crate::support::{BRISK, Ended, Sandbox, Sim, SmallDisk};

/// Runs over `list` and asserts that it was refused as wrong input and that nobody was engaged.
#[track_caller]
fn refused(list: &[u8], action: &str) -> Ended {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.write("list.txt", list);
    let ended = sandbox.run(&phone, "studio.nord", action, &list, &[]).expect(2);
    assert_eq!(phone.ledger(), Vec::<serde_json::Value>::new(), "nobody was engaged");
    assert_eq!(sandbox.events(), Vec::<serde_json::Value>::new(), "nothing was recorded");
    ended
}

#[test]
fn a_missing_file() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "");
    sandbox
        .run(&phone, "studio.nord", "follow", Path::new("nowhere.txt"), &[])
        .expect(2)
        .says("nowhere.txt")
        .says("one username a line");
}

#[test]
fn a_binary_file() {
    refused(b"\x7fELF\x02\x01\0\0\xff\xfe", "follow").says("binary file");
    refused(b"alice\0bob", "follow").says("binary file");
}

#[test]
fn an_empty_list() {
    refused(b"", "follow").says("is empty");
    refused(b"\n  \n# only a comment\n", "follow").says("one username a line");
}

#[test]
fn a_name_of_40_characters() {
    let name = "a".repeat(40);
    refused(format!("alice\n{name}\n").as_bytes(), "follow")
        .says("line 2")
        .says("40 characters")
        .says("at most 30");
}

#[test]
fn names_that_cannot_exist_are_named_with_their_lines() {
    refused("alice\nbob smith\nzoë\n".as_bytes(), "follow").says("line 2").says("line 3");
}

#[test]
fn duplicate_names() {
    refused(b"alice\nbob\n@Alice \n", "follow")
        .says("line 3: alice stands on line 1 already")
        .says("--skip-duplicates");
}

#[test]
fn duplicate_names_can_be_counted_once() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.write("list.txt", "alice\nbob\n@Alice \n");
    sandbox.run(&phone, "studio.nord", "follow", &list, &["--skip-duplicates"]).expect(0);
    assert_eq!(phone.effects().len(), 2);
    phone.expect_nobody_twice();
}

#[test]
fn an_unknown_action() {
    refused(b"alice\n", "unfollow").says("follow, like, comment, view");
}

#[test]
fn a_comment_without_a_text() {
    refused(b"alice\n", "comment").says("--comment TEXT");
}

#[test]
fn a_comment_with_keys_in_it() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.write("list.txt", "alice\n");
    for text in ["two\nlines", "  ", "tab\there"] {
        sandbox
            .run(&phone, "studio.nord", "comment", &list, &["--comment", text])
            .expect(2)
            .says("write it in one line");
    }
    assert_eq!(phone.ledger(), Vec::<serde_json::Value>::new());
}

#[test]
fn an_account_on_its_own_list() {
    refused(b"alice\nstudio.nord\n", "follow").says("on its own list");
}

#[test]
fn an_unreachable_phone() {
    let sandbox = Sandbox::brisk();
    let list = sandbox.write("list.txt", "alice\n");
    let args = ["run", "--account", "studio.nord", "--action", "follow", "--targets"];
    let mut args = args.to_vec();
    let list = list.to_str().expect("UTF-8");
    // Port 1 of the loopback is never listened on.
    args.extend([list, "--device", "http://127.0.0.1:1"]);
    sandbox.decorum(&args).expect(7).says("127.0.0.1:1").says("check the URL");
    assert_eq!(sandbox.events(), Vec::<serde_json::Value>::new());
}

#[test]
fn no_phone_at_all() {
    let sandbox = Sandbox::brisk();
    let list = sandbox.write("list.txt", "alice\n");
    let list = list.to_str().expect("UTF-8");
    sandbox
        .decorum(&["run", "--account", "a", "--action", "follow", "--targets", list])
        .expect(2)
        .says("--device");
}

#[test]
fn a_database_of_another_program() {
    let sandbox = Sandbox::new();
    for (name, content) in [
        ("photos.db", b"SQLite format 3\0but not really".to_vec()),
        ("notes.txt", b"hello".to_vec()),
    ] {
        let path = sandbox.write(name, &content);
        let store = format!("sqlite:{}", path.display());
        sandbox
            .decorum(&["--store", &store, "settings", "set", "cooldown_minutes=50"])
            .expect(2)
            .says(name);
        assert_eq!(fs::read(&path).expect("still there"), content, "not one byte was changed");
    }
}

#[test]
fn a_store_that_cannot_be() {
    let sandbox = Sandbox::new();
    for (address, words) in [
        ("decorum.db", "use sqlite:PATH"),
        ("mongodb://me:secret@/db", "use mongodb://HOST"),
        ("sqlite::memory:", "give a path"),
    ] {
        let told =
            sandbox.decorum(&["--store", address, "check", "me", "follow", "alice"]).expect(2);
        assert!(!told.err.contains("secret"), "{}", told.err);
        told.says(words);
    }
}

#[test]
fn a_full_disk_engages_nobody_and_loses_nothing() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let small = SmallDisk::mount(&sandbox.path("small"), "600k");
    let store = format!("sqlite:{}/decorum.db", small.path().display());
    let list = sandbox.people("person", 400);
    let with = |args: &[&str]| {
        let mut all = vec!["--store", store.as_str()];
        all.extend(args);
        sandbox.decorum(&all)
    };
    let mut set = vec!["settings", "set"];
    set.extend(BRISK);
    with(&set).expect(0);

    let url = phone.url.clone();
    let list = list.to_str().expect("UTF-8");
    let run = [
        "run",
        "--account",
        "studio.nord",
        "--action",
        "follow",
        "--targets",
        list,
        "--device",
        &url,
    ];
    with(&run).expect(7).says("disk is full");

    let engaged = phone.effects();
    assert!(!engaged.is_empty() && engaged.len() < 400, "{} engaged", engaged.len());
    phone.expect_nobody_twice();
    // With room again the run goes on where it was, and the phone never sees anybody twice.
    small.grow("64m");
    with(&run).expect(0);
    assert_eq!(phone.effects().len(), 400);
    phone.expect_nobody_twice();
    with(&["audit", "verify"]).expect(0);
}

#[test]
fn a_read_only_database() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let disk = SmallDisk::mount(&sandbox.path("small"), "8m");
    let store = format!("sqlite:{}/decorum.db", disk.path().display());
    sandbox.decorum(&["--store", &store, "settings", "set", "cooldown_minutes=50"]).expect(0);
    disk.read_only();

    let list = sandbox.write("list.txt", "alice\n");
    let more = ["--store", store.as_str()];
    sandbox.run(&phone, "studio.nord", "follow", &list, &more).expect(7).says("read-only");
    assert_eq!(phone.ledger(), Vec::<serde_json::Value>::new());
    // Reading still works.
    sandbox
        .decorum(&["--store", &store, "settings", "get", "cooldown_minutes"])
        .expect(0)
        .says("50");
}
