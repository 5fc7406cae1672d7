//! History from elsewhere: each kind of file, twice, damaged, and what follows from it.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::fs;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::{Ended, Sandbox, Sim};

fn import(sandbox: &Sandbox, kind: &str, file: &Path, more: &[&str]) -> Ended {
    let mut args = vec!["import", kind, file.to_str().expect("UTF-8")];
    args.extend(more);
    sandbox.decorum(&args)
}

/// Seconds since 1970, so many days ago.
fn days_ago(days: u64) -> u64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
    now.as_secs() - days * 86_400
}

fn lines(numbers: std::ops::Range<u64>, line: impl Fn(u64) -> String) -> String {
    numbers.map(line).collect::<Vec<_>>().concat()
}

fn zip(files: &[(&str, String)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let method = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("instagram-me/{name}"), method).expect("an entry");
        zip.write_all(content.as_bytes()).expect("written");
    }
    zip.finish().expect("a zip").into_inner()
}

fn relation(name: &str, days: u64) -> Value {
    json!({"title": "", "string_list_data": [
        {"href": format!("https://www.instagram.com/{name}"), "value": name, "timestamp": days_ago(days)}
    ]})
}

/// An Instagram export: alice is followed, mia follows us, noa's post is liked.
fn instagram(sandbox: &Sandbox) -> PathBuf {
    let like = json!({"title": "noa", "string_list_data": [{"timestamp": days_ago(3)}]});
    let files = [
        (
            "connections/followers_and_following/following.json",
            json!({"relationships_following": [relation("alice", 3), relation("bob", 400)]}),
        ),
        ("connections/followers_and_following/followers_1.json", json!([relation("mia", 3)])),
        ("your_instagram_activity/likes/liked_posts.json", json!({"likes_media_likes": [like]})),
    ];
    let files = files.map(|(name, content)| (name, content.to_string()));
    sandbox.write("instagram.zip", zip(&files))
}

fn instapy(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.path("instapy.db");
    let conn = rusqlite::Connection::open(&path).expect("a database");
    conn.execute_batch(
        "CREATE TABLE profiles (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE followRestriction (profile_id INTEGER, username TEXT NOT NULL, times INT);
         INSERT INTO profiles VALUES (1, 'studio.nord');
         INSERT INTO followRestriction VALUES (1, 'alice', 1), (1, 'bob', 1);",
    )
    .expect("tables");
    path
}

fn gramaddict(sandbox: &Sandbox) -> PathBuf {
    let folder = sandbox.path("accounts/studio.nord");
    fs::create_dir_all(&folder).expect("a folder");
    let people = json!({
        "alice": {"last_interaction": "2020-01-02 03:04:05.678", "followed": true, "liked": 2},
        "bob": [{"last_interaction": "2020-01-02 03:04:05.678", "watched": 1}],
    });
    fs::write(folder.join("interacted_users.json"), people.to_string()).expect("a file");
    folder
}

/// A file of each kind, with its further arguments and how many engagements it has.
fn each_kind(sandbox: &Sandbox) -> Vec<(&'static str, PathBuf, Vec<&'static str>, u64)> {
    let csv = sandbox.write("people.csv", "user,ts\nalice,2020-01-02T03:04:05Z\nbob,\n");
    let pool =
        sandbox.write("studio.nord_followedPool.csv", "2020-01-02 03:04 ~ alice ~ 1,\nbob,\n");
    vec![
        ("csv", csv, vec!["--account", "studio.nord", "--action", "follow"], 2),
        ("instagram-export", instagram(sandbox), vec!["--account", "studio.nord"], 4),
        ("gramaddict", gramaddict(sandbox), vec!["--time-zone", "UTC"], 3),
        ("instapy", instapy(sandbox), vec![], 2),
        ("instapy", pool, vec!["--time-zone", "Europe/Berlin"], 2),
    ]
}

#[test]
fn each_kind_is_imported_once_however_often_it_is_tried() {
    let files = Sandbox::new();
    for (kind, file, more, engagements) in each_kind(&files) {
        let sandbox = Sandbox::new();
        let with = |flag: &'static str| {
            let mut args = more.clone();
            args.extend([flag, "--json"]);
            args
        };
        let dry = import(&sandbox, kind, &file, &with("--dry-run")).expect(0).json();
        assert_eq!((&dry["dry_run"], &dry["imported"]), (&json!(true), &json!(0)), "{kind}");
        assert_eq!(sandbox.events(), Vec::<Value>::new(), "{kind}: a dry run stores nothing");

        let first = import(&sandbox, kind, &file, &with("--yes")).expect(0).json();
        assert_eq!(first["imported"], engagements, "{kind}");
        let log = sandbox.events();
        assert_eq!(log.len() as u64, engagements, "{kind}");
        for event in &log {
            assert_eq!(event["metadata"]["imported_from"], kind);
            assert_eq!(event["account_id"], "studio.nord");
        }

        let again = import(&sandbox, kind, &file, &with("--yes")).expect(0).json();
        assert_eq!(again["imported"], 0, "{kind}");
        let known = again["engagements"].as_array().expect("a list");
        let known: u64 = known.iter().map(|group| group["known"].as_u64().expect("a number")).sum();
        assert_eq!(known, engagements, "{kind}");
        assert_eq!(sandbox.events(), log, "{kind}");
        sandbox.decorum(&["audit", "verify"]).expect(0);
        sandbox.decorum(&["doctor"]).expect(0);
    }
}

#[test]
fn the_same_engagement_from_another_file_adds_nothing() {
    let sandbox = Sandbox::new();
    let files = Sandbox::new();
    let table = files
        .write("a.csv", "user,action,date,account\nalice,follow,2020-01-02 03:04:05,studio.nord\n");
    import(&sandbox, "csv", &table, &["--time-zone", "UTC"])
        .expect(0)
        .says("1 engagement imported");
    let got =
        import(&sandbox, "gramaddict", &gramaddict(&files), &["--time-zone", "UTC", "--json"]);
    let got = got.expect(0).json();
    assert_eq!(got["imported"], 2, "the like and the view; the follow is known");
}

#[test]
fn whoever_was_engaged_is_not_engaged_again() {
    let sandbox = Sandbox::brisk();
    import(&sandbox, "instagram-export", &instagram(&sandbox), &["--account", "studio.nord"])
        .expect(0);
    let checked =
        sandbox.decorum(&["check", "studio.nord", "follow", "alice", "bob", "mia", "noa"]);
    let checked = checked.expect(3).out;
    let answers: Vec<_> = checked.lines().map(|line| &line[..3]).collect();
    assert_eq!(answers, ["no ", "yes", "no ", "yes"], "{checked}");
    assert!(checked.contains("alice already_engaged until "), "{checked}");
    sandbox.decorum(&["check", "studio.nord", "like", "noa"]).expect(3);

    let phone = Sim::start(&sandbox, "account = 'studio.nord'");
    let list = sandbox.write("list.txt", "alice\nbob\nmia\nnoa\n");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]).expect(0).says("2 of 4 engaged");
    assert_eq!(phone.effects().len(), 2);
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

#[test]
fn followers_can_be_left_out() {
    let sandbox = Sandbox::new();
    let file = instagram(&sandbox);
    let args = ["--account", "studio.nord", "--followers", "leave"];
    import(&sandbox, "instagram-export", &file, &args)
        .expect(0)
        .says("left out: 1 entry of people who follow us");
    sandbox.decorum(&["check", "studio.nord", "follow", "mia"]).expect(0);
}

#[test]
fn people_on_the_suppression_list_are_not_put_on_record() {
    let sandbox = Sandbox::new();
    sandbox.decorum(&["suppress", "alice"]).expect(0);
    let file = instagram(&sandbox);
    import(&sandbox, "instagram-export", &file, &["--account", "studio.nord"])
        .expect(0)
        .says("about people on the suppression list")
        .says("3 engagements imported");
    assert!(sandbox.events().iter().all(|event| event["target_username"] != "alice"));
}

#[test]
fn an_export_moves_to_another_store_and_back() {
    let old = Sandbox::new();
    let names = lines(0..2_500, |n| format!("person_{n},=cmd|' /c calc'!A1\n"));
    let list = old.write("people.csv", format!("user,note\n{names}"));
    import(&old, "csv", &list, &["--account", "studio.nord", "--action", "follow"])
        .expect(0)
        .says("2500 engagements imported, 0 known");
    let csv = old.path("log.csv");
    let csv_name = csv.to_str().expect("UTF-8");
    old.decorum(&["export", "--format", "csv", "-o", csv_name]).expect(0);

    // Back into the store it came from: all of it is known.
    import(&old, "csv", &csv, &[]).expect(0).says("nothing was imported");

    let new = Sandbox::new();
    import(&new, "csv", &csv, &[]).expect(0).says("2500 engagements imported");
    import(&new, "csv", &csv, &[]).expect(0).says("nothing was imported").says("2500 known");
    let essence = |event: &Value| {
        ["account_id", "target_username", "action", "status", "ts"].map(|name| event[name].clone())
    };
    let moved: Vec<_> = new.events().iter().map(essence).collect();
    assert_eq!(moved, old.events().iter().map(essence).collect::<Vec<_>>());
    new.decorum(&["audit", "verify"]).expect(0).says("2500 events");
}

#[test]
fn only_what_was_done_moves() {
    let sandbox = Sandbox::brisk();
    let phone = Sim::start(&sandbox, "account = 'studio.nord'\n[population]\nmissing = ['gone']\n");
    let list = sandbox.write("list.txt", "alice\ngone\n");
    sandbox.run(&phone, "studio.nord", "follow", &list, &[]);
    let log = sandbox.decorum(&["export", "--format", "csv"]).expect(0).out;
    let rows = log.lines().count() as u64 - 1;
    let done = log.lines().filter(|line| line.contains(",success,")).count() as u64;
    assert!(done > 0 && done < rows, "some of both:\n{log}");
    let file = sandbox.write("log.csv", &log);
    let other = Sandbox::new();
    let got = import(&other, "csv", &file, &["--json"]).expect(0).json();
    assert_eq!(
        (&got["imported"], &got["left_out"]["not_done"]),
        (&json!(done), &json!(rows - done))
    );
}

#[test]
fn a_damaged_file_is_refused_and_nothing_of_it_is_kept() {
    let files = Sandbox::new();
    let rows = lines(0..1_500, |n| format!("person_{n},follow\n"));
    let table = files.write("a.csv", format!("user,action\n{rows}last,follow,extra\n"));
    let pool = files.write("me_followedPool.csv", "alice,\n2020-01-02 03:04 ~ bo");
    let memory =
        files.write("interacted_users.json", "{\n\"alice\": {\"liked\": 1},\n\"bob\": {\"li");
    let wrong = files.path("photos.db");
    rusqlite::Connection::open(&wrong)
        .and_then(|conn| conn.execute_batch("CREATE TABLE photos (id INTEGER)"))
        .expect("a database");
    let list = r#"{"relationships_following": [{"title": "alice"}, {"title": "bo"#.to_owned();
    let export = files.write("a.zip", zip(&[("following.json", list)]));
    let mut torn = fs::read(instagram(&files)).expect("a zip");
    let at = torn.windows(7).position(|w| w == b"g.json{" || w == b"g.json\xab").unwrap_or(120);
    torn[at + 40] ^= 0xff;
    let torn = files.write("torn.zip", torn);
    for (kind, file, words) in [
        ("csv", &table, "a.csv, line 1502"),
        ("instapy", &pool, "line 2: damaged: the file ends in the middle"),
        ("gramaddict", &memory, "interacted_users.json, line 3: damaged"),
        ("instapy", &wrong, "no table profiles"),
        ("instagram-export", &export, "following.json, line 1: damaged"),
        ("instagram-export", &torn, "torn.zip"),
    ] {
        let sandbox = Sandbox::new();
        import(&sandbox, kind, file, &["--account", "studio.nord"])
            .expect(2)
            .says(words)
            .says("nothing was imported");
        assert_eq!(sandbox.events(), Vec::<Value>::new(), "{}", file.display());
    }
}

#[test]
fn entries_that_cannot_be_true_refuse_the_file_unless_they_are_skipped() {
    let sandbox = Sandbox::new();
    let future = days_ago(0) + 86_400;
    let bad = lines(0..7, |n| format!("no name {n},\n"));
    let file = sandbox.write("a.csv", format!("user,ts\nalice,\nbob,{future}\n{bad}"));
    let args = ["--account", "studio.nord", "--action", "follow"];
    import(&sandbox, "csv", &file, &args)
        .expect(2)
        .says("line 3: ")
        .says("yet to come")
        .says("line 4: ")
        .says("and 3 more")
        .says("--skip-bad");
    assert_eq!(sandbox.events(), Vec::<Value>::new());
    let mut skipping = args.to_vec();
    skipping.push("--skip-bad");
    import(&sandbox, "csv", &file, &skipping)
        .expect(0)
        .says("8 entries that cannot be true")
        .says("1 engagement imported");
    assert_eq!(sandbox.events()[0]["target_username"], "alice");
}

#[test]
fn what_is_missing_is_asked_for() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("a.csv", "user\nalice\n");
    import(&sandbox, "csv", &file, &["--account", "me"]).expect(2).says("--action");
    import(&sandbox, "csv", &file, &["--action", "follow"]).expect(2).says("--account");
    import(&sandbox, "csv", Path::new("nowhere.csv"), &["--account", "me", "--action", "follow"])
        .expect(2)
        .says("nowhere.csv");
    import(&sandbox, "tiktok", &file, &[]).expect(2).says("instagram-export");
    import(&sandbox, "csv", &file, &["--time-zone", "Atlantis"]).expect(2).says("Europe/Berlin");
}

#[test]
fn a_summary_says_what_is_in_the_file() {
    let sandbox = Sandbox::new();
    let file = instagram(&sandbox);
    let told =
        import(&sandbox, "instagram-export", &file, &["--account", "studio.nord", "--dry-run"]);
    let told = told
        .expect(0)
        .says("studio.nord follow: 2 engagements, from ")
        .says("1 still within the re-engagement window")
        .says("studio.nord follow: 1 follower, counted as engaged, from ")
        .says("Dry run: nothing was imported");
    assert!(!told.out.contains("known"), "{}", told.out);
}

/// An account that has just been told to rest, or has used up its budget, is no reason not to
/// import, and importing changes nothing of that.
#[test]
fn importing_leaves_the_account_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.decorum(&["account", "halt", "studio.nord", "--note", "holiday"]).expect(0);
    let before = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
    let file = instagram(&sandbox);
    import(&sandbox, "instagram-export", &file, &["--account", "studio.nord"]).expect(0);
    let mut after = sandbox.decorum(&["account", "list", "--json"]).expect(0).json();
    assert_eq!(after["items"][0]["events"].take(), 4);
    after["items"][0]["events"] = json!(0);
    assert_eq!(after, before);
}

/// While the test holds the store's one right to write, an import gets to its next step and no
/// further, so that is where it is hit.
#[test]
fn an_import_that_was_killed_goes_on_where_it_was() {
    let sandbox = Sandbox::new();
    let rows = lines(0..6_000, |n| format!("person_{n},{}\n", days_ago(n / 50)));
    let file = sandbox.write("a.csv", format!("user,ts\n{rows}"));
    let file = file.to_str().expect("UTF-8");
    let args = ["import", "csv", file, "--account", "studio.nord", "--action", "follow"];
    sandbox.decorum(&["account", "halt", "studio.nord", "--note", "moving"]).expect(0);
    let store = rusqlite::Connection::open(sandbox.path("decorum.db")).expect("the store");
    let count = || -> i64 {
        let sql = "SELECT head_seq FROM accounts";
        store.query_row(sql, [], |row| row.get(0)).expect("the account")
    };
    let mut done = 0;
    for (signal, code) in
        [("-KILL", None), ("-TERM", Some(130)), ("-INT", Some(130)), ("-KILL", None)]
    {
        store.execute_batch("BEGIN IMMEDIATE").expect("the right to write");
        let mut child = sandbox
            .command(&args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let mut summary = String::new();
        BufReader::new(child.stdout.take().expect("standard output"))
            .read_line(&mut summary)
            .expect("it says what is in the file");
        assert!(summary.contains("6000 engagements"), "{summary}");
        let pid = child.id().to_string();
        let sent = std::process::Command::new("kill").args([signal, &pid]).status();
        assert!(sent.expect("kill").success());
        if code.is_none() {
            assert_eq!(child.wait().expect("it ends").code(), code);
            store.execute_batch("ROLLBACK").expect("given back");
            assert_eq!(count(), done, "after {signal}");
        } else {
            store.execute_batch("ROLLBACK").expect("given back");
            assert_eq!(child.wait().expect("it ends").code(), code);
            // A step that was under way is finished first; no other is begun.
            let step = count() - done;
            assert!([0, 1_000].contains(&step), "{step} after {signal}");
            done += step;
        }
    }
    let known = format!("{} engagements imported, {done} known already", 6_000 - done);
    sandbox.decorum(&args).expect(0).says(&known);
    assert_eq!(count(), 6_000);
    sandbox.decorum(&args).expect(0).says("6000 known already").says("nothing was imported");
    sandbox.decorum(&["audit", "verify"]).expect(0);
}

/// The file is looked at while the test holds the store's one right to write, and changed before
/// the import gets to the changed part: the reader runs only a few thousand entries ahead.
fn changed_meanwhile(more: &str) -> (Sandbox, Ended) {
    let sandbox = Sandbox::new();
    let rows = lines(0..9_000, |n| format!("person_{n},{}\n", days_ago(n / 50)));
    let path = sandbox.write("a.csv", format!("user,ts\n{rows}"));
    let file = path.to_str().expect("UTF-8");
    let args = ["import", "csv", file, "--account", "studio.nord", "--action", "follow"];
    sandbox.decorum(&["account", "halt", "studio.nord", "--note", "moving"]).expect(0);
    let store = rusqlite::Connection::open(sandbox.path("decorum.db")).expect("the store");
    store.execute_batch("BEGIN IMMEDIATE").expect("the right to write");
    let mut child = sandbox
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut out = BufReader::new(child.stdout.take().expect("standard output"));
    let mut said = String::new();
    out.read_line(&mut said).expect("it says what is in the file");
    let mut file = fs::OpenOptions::new().append(true).open(&path).expect("the file");
    file.write_all(more.as_bytes()).expect("written");
    store.execute_batch("ROLLBACK").expect("given back");
    std::io::Read::read_to_string(&mut out, &mut said).expect("UTF-8");
    let mut ended = Ended::of(child.wait_with_output().expect("it ends"));
    ended.out = said;
    (sandbox, ended)
}

#[test]
fn a_file_that_grew_since_it_was_looked_at_is_counted_anew() {
    let more = lines(0..500, |n| format!("later_{n},{}\n", days_ago(1)));
    let (sandbox, ended) = changed_meanwhile(&more);
    ended.expect(0).says("9500 engagements imported, 0 known already");
    assert_eq!(sandbox.events().len(), 9_500);
}

#[test]
fn a_file_that_was_damaged_since_it_was_looked_at_has_failed_halfway() {
    for more in ["half\n", &format!("no name,{}\n", days_ago(1))] {
        let (sandbox, ended) = changed_meanwhile(more);
        let ended = ended.expect(1).says("line 9002: ").says("has changed since it was looked at");
        assert!(!ended.err.contains("nothing was imported"), "{}", ended.err);
        let kept = sandbox.events().len();
        assert!(kept > 0);
        ended.says(&format!("{kept} engagements were imported before that"));
    }
}

#[test]
fn a_pipe_is_refused_before_anything_waits_for_it() {
    let sandbox = Sandbox::new();
    let pipe = sandbox.path("pipe.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    for kind in ["csv", "instagram-export", "gramaddict", "instapy"] {
        import(&sandbox, kind, &pipe, &["--account", "me", "--action", "follow"])
            .expect(2)
            .says("pipe.csv is a pipe or a device, and an import reads its file twice");
    }
}

#[test]
fn what_is_not_opened_in_a_folder_is_named() {
    let sandbox = Sandbox::new();
    let folder = sandbox.path("InstaPy");
    fs::create_dir(&folder).expect("a folder");
    let pool = sandbox.write("InstaPy/studio.nord_followedPool.csv", "alice,\n");
    let link = folder.join("studio.nord_record_all_followed.csv");
    std::os::unix::fs::symlink(pool, &link).expect("a link");
    import(&sandbox, "instapy", &folder, &[])
        .expect(0)
        .says("left out: 1 entry not opened")
        .says(link.to_str().expect("UTF-8"))
        .says("1 engagement imported");
}

#[test]
fn an_interrupted_import_says_so_to_programs_too() {
    let sandbox = Sandbox::new();
    let rows = lines(0..6_000, |n| format!("person_{n},{}\n", days_ago(n / 50)));
    let file = sandbox.write("a.csv", format!("user,ts\n{rows}"));
    let file = file.to_str().expect("UTF-8");
    let args = ["import", "csv", file, "--account", "me", "--action", "follow", "--json"];
    sandbox.decorum(&["account", "halt", "me", "--note", "moving"]).expect(0);
    let store = rusqlite::Connection::open(sandbox.path("decorum.db")).expect("the store");
    store.execute_batch("BEGIN IMMEDIATE").expect("the right to write");
    let child = sandbox
        .command(&args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // Signals are caught once the file was looked at.
    let status = format!("/proc/{}/status", child.id());
    let catches = || {
        let text = fs::read_to_string(&status).expect("a process");
        let caught = text.lines().find_map(|line| line.strip_prefix("SigCgt:\t"));
        let caught = u64::from_str_radix(caught.expect("a mask"), 16).expect("a number");
        caught & (1 << 1) != 0
    };
    while !catches() {}
    let pid = child.id().to_string();
    let sent = std::process::Command::new("kill").args(["-INT", &pid]).status();
    assert!(sent.expect("kill").success());
    store.execute_batch("ROLLBACK").expect("given back");
    let ended = Ended::of(child.wait_with_output().expect("it ends")).expect(130);
    let told = ended.json();
    assert_eq!(told["interrupted"], true);
    assert_eq!(told["imported"], sandbox.events().len());
    assert_eq!(told["engagements"][0]["count"], 6_000);
    assert_eq!(sandbox.decorum(&args).expect(0).json()["interrupted"], false);
}
