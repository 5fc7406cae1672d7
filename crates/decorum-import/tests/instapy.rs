//! `InstaPy`'s database and pools.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use std::path::{Path, PathBuf};

use decorum_core::Action;
use decorum_import::{Kind, LeftOut, Options};
use rusqlite::Connection;

use crate::support::{Folder, Got, anonymous, from_bytes, options, refused, whole};

const KIND: Kind = Kind::Instapy;

/// A database as `InstaPy` makes it, with people followed by `studio.nord` and somebody by
/// another.
fn database(folder: &Folder, name: &str) -> PathBuf {
    let path = folder.write(name, "");
    let conn = Connection::open(&path).expect("a database");
    conn.execute_batch(
        "CREATE TABLE `profiles` (`id` INTEGER PRIMARY KEY AUTOINCREMENT, `name` TEXT NOT NULL);
         CREATE TABLE `recordActivity` (`profile_id` INTEGER REFERENCES `profiles` (id),
           `likes` SMALLINT UNSIGNED NOT NULL, `comments` SMALLINT UNSIGNED NOT NULL,
           `follows` SMALLINT UNSIGNED NOT NULL, `unfollows` SMALLINT UNSIGNED NOT NULL,
           `server_calls` INT UNSIGNED NOT NULL, `created` DATETIME NOT NULL);
         CREATE TABLE `followRestriction` (`profile_id` INTEGER REFERENCES `profiles` (id),
           `username` TEXT NOT NULL, `times` TINYINT UNSIGNED NOT NULL);
         CREATE TABLE `commentRestriction` (`profile_id` INTEGER REFERENCES `profiles` (id),
           `postid` TEXT NOT NULL, `times` TINYINT UNSIGNED NOT NULL);
         INSERT INTO profiles (name) VALUES ('studio.nord'), ('other');
         INSERT INTO followRestriction VALUES
           (1, 'alice', 1), (1, 'bob', 2), (2, 'cleo', 1), (1, 'dan', 0);
         INSERT INTO commentRestriction VALUES (1, 'Babc', 1);",
    )
    .expect("tables");
    path
}

fn change(path: &Path, sql: &str) {
    Connection::open(path).expect("a database").execute_batch(sql).expect(sql);
}

fn pool(text: &str) -> Got {
    from_bytes(KIND, "studio.nord_followedPool.csv", text, &anonymous())
        .unwrap_or_else(|e| panic!("{e}"))
}

#[track_caller]
fn no_pool(text: impl AsRef<[u8]>) -> String {
    let read = from_bytes(KIND, "studio.nord_followedPool.csv", text, &anonymous());
    read.expect_err("a damaged pool").to_string()
}

#[test]
fn a_database_says_whom_but_not_when() {
    let folder = Folder::new();
    let path = database(&folder, "instapy.db");
    let before = std::fs::read(&path).expect("the file");
    let got = whole(KIND, &path, &anonymous());
    assert_eq!(
        got.lines(),
        ["studio.nord follow alice -", "studio.nord follow bob -", "other follow cleo -",]
    );
    assert_eq!(got.left_out[0].0, LeftOut::NotDone);
    assert!(got.left_out[0].1.ends_with("instapy.db, followRestriction row 4"));
    let got = whole(KIND, &path, &options());
    assert_eq!(got.people(Action::Follow), ["alice", "bob"]);
    assert_eq!(got.left_out[0].0, LeftOut::OtherAccount);

    assert_eq!(std::fs::read(&path).expect("the file"), before, "not a byte was changed");
    assert_eq!(std::fs::read_dir(folder.path()).expect("the folder").count(), 1);
}

#[test]
fn a_pool_comes_in_three_layouts() {
    let got = pool(
        "alice,\n2018-05-01 10:30 ~ bob,\n\n2019-05-01 10:30 ~ cleo ~ 123456,\r\n2020-05-01 10:30 ~ dan ~ undefined,",
    );
    assert_eq!(
        got.lines(),
        [
            "studio.nord follow alice -",
            "studio.nord follow bob 2018-05-01T08:30:00Z",
            "studio.nord follow cleo 2019-05-01T08:30:00Z",
            "studio.nord follow dan 2020-05-01T08:30:00Z",
        ]
    );
    assert!(got.engagements[2].place.to_string().ends_with("line 4"));
}

#[test]
fn a_folder_prefers_what_says_when() {
    let folder = Folder::new();
    database(&folder, "db/instapy.db");
    folder
        .write("logs/studio.nord/studio.nord_followedPool.csv", "2019-05-01 10:30 ~ alice ~ 1,\n");
    folder.write(
        "logs/studio.nord/studio.nord_record_all_followed.csv",
        "2019-05-01 10:30 ~ alice ~ 1,\n2019-05-02 10:30 ~ eve ~ 2,\n",
    );
    folder
        .write("logs/studio.nord/studio.nord_unfollowedPool.csv", "2019-06-01 10:30 ~ zoe ~ 3,\n");
    folder.write("logs/studio.nord/general.log", "x");
    let got = whole(KIND, folder.path(), &anonymous());
    assert_eq!(
        got.lines(),
        [
            "studio.nord follow alice 2019-05-01T08:30:00Z",
            "studio.nord follow alice 2019-05-01T08:30:00Z",
            "studio.nord follow eve 2019-05-02T08:30:00Z",
            "studio.nord follow bob -",
            "other follow cleo -",
        ]
    );
    assert!(got.left_out.iter().any(|(why, _)| *why == LeftOut::InPool));
    assert!(refused(KIND, Folder::new().path(), &options()).contains("_followedPool.csv"));
}

#[test]
fn of_a_folder_only_the_account_asked_for_is_taken() {
    let folder = Folder::new();
    database(&folder, "db/instapy.db");
    folder.write("logs/studio.nord/studio.nord_followedPool.csv", "alice,\n");
    folder.write("logs/other/other_followedPool.csv", "cleo,\n2019-05-01 10:30 ~ eve ~ 1,\n");
    let got = whole(KIND, folder.path(), &options());
    assert_eq!(got.lines(), ["studio.nord follow alice -", "studio.nord follow bob -"]);
    let others = got.left_out.iter().filter(|(why, _)| *why == LeftOut::OtherAccount);
    let places: Vec<_> = others.map(|(_, place)| place.rsplit('/').next()).collect();
    assert_eq!(
        places,
        [
            Some("other_followedPool.csv, line 1"),
            Some("other_followedPool.csv, line 2"),
            Some("instapy.db, followRestriction row 3"),
        ]
    );
}

#[test]
fn a_pool_alone_says_whose_it_is_by_its_name() {
    let folder = Folder::new();
    let path = folder.write("atelier_record_all_followed.csv", "alice,\n");
    assert_eq!(whole(KIND, &path, &anonymous()).lines(), ["atelier follow alice -"]);
    assert_eq!(whole(KIND, &path, &options()).lines(), ["studio.nord follow alice -"]);
    let nameless = folder.write("pool.csv", "alice,\n");
    assert!(refused(KIND, &nameless, &anonymous()).contains("--account"));
}

#[test]
fn a_damaged_pool_is_refused_with_the_line() {
    for (text, line) in [
        ("alice,\n2019-05-01 10:30 ~ bo", "line 2: damaged: the file ends in the middle"),
        ("a ~ b ~ c ~ d,\n", "line 1"),
        ("alice,\nname,age\n", "line 2"),
        ("alice,\n2019-05-01 10:30 ~ ~ 7,\n", "line 2"),
    ] {
        let said = no_pool(text);
        assert!(said.contains(line), "{text:?}: {said}");
    }
    assert!(no_pool(b"alice,\n\xff\xfe,\n").contains("line 2"));
    let endless = format!("alice,\n{}", "x".repeat(100_000));
    assert!(no_pool(endless).contains("line 2"));
}

#[test]
fn what_cannot_be_true_is_named_with_its_line() {
    let got = pool("alice smith,\nsoon ~ bob,\n2031-01-01 00:00 ~ cleo,\ndan,\n");
    assert_eq!(got.people(Action::Follow), ["dan"]);
    for (n, words) in ["alice smith", "`soon` is not a time", "yet to come"].iter().enumerate() {
        let line = format!("line {}: ", n + 1);
        assert!(got.bad[n].contains(&line) && got.bad[n].contains(words), "{:?}", got.bad[n]);
    }
}

#[test]
fn a_wrong_or_damaged_database_is_refused() {
    let folder = Folder::new();
    let other = folder.write("photos.db", "");
    change(&other, "CREATE TABLE photos (id INTEGER); INSERT INTO photos VALUES (1)");
    assert!(refused(KIND, &other, &options()).contains("no table profiles"));

    let view = database(&folder, "view.db");
    change(
        &view,
        "ALTER TABLE followRestriction RENAME TO f; CREATE VIEW followRestriction AS SELECT * FROM f",
    );
    assert!(refused(KIND, &view, &options()).contains("no table followRestriction"));

    let columns = database(&folder, "columns.db");
    change(&columns, "ALTER TABLE followRestriction RENAME COLUMN username TO person");
    assert!(refused(KIND, &columns, &options()).contains("columns.db"));

    let typed = database(&folder, "typed.db");
    change(&typed, "UPDATE followRestriction SET username = x'00ff' WHERE username = 'bob'");
    let said = refused(KIND, &typed, &options());
    assert!(said.contains("typed.db, followRestriction row 2: damaged"), "{said}");

    let path = database(&folder, "torn.db");
    let whole_file = std::fs::read(&path).expect("the file");
    for cut in [20, 100, 1000, whole_file.len() - 1, whole_file.len() - 4096] {
        std::fs::write(&path, &whole_file[..cut]).expect("written");
        assert!(refused(KIND, &path, &options()).contains("torn.db"), "cut at {cut}");
    }
}

#[test]
fn a_database_in_the_middle_of_a_write_is_refused_with_what_to_do() {
    let folder = Folder::new();
    let path = database(&folder, "instapy.db");
    let conn = Connection::open(&path).expect("a database");
    conn.execute_batch(
        "PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; PRAGMA cache_spill = 1; BEGIN;
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
         INSERT INTO followRestriction SELECT 1, 'person' || i, 1 FROM n;",
    )
    .expect("half a write");
    // As a machine that lost its power leaves them: nobody holds a lock.
    let left = |ending: &str| {
        let bytes = std::fs::read(format!("{}{ending}", path.display())).expect("a file");
        folder.write(&format!("left/instapy.db{ending}"), bytes)
    };
    let (database, journal) = (left(""), left("-journal"));
    let said = refused(KIND, &database, &options());
    assert!(said.contains("-journal beside it must be applied first"), "{said}");
    assert!(journal.exists(), "nothing was changed");
    let said = refused(KIND, &journal, &options());
    assert!(said.contains("is the journal of a database; give the instapy.db"), "{said}");
}

#[test]
fn what_is_not_opened_is_said() {
    use std::os::unix::fs::symlink;
    let folder = Folder::new();
    let pool = folder.write("studio.nord_followedPool.csv", "alice,\n");
    let elsewhere = Folder::new();
    elsewhere.write("more/studio.nord_followedPool.csv", "bob,\n");
    symlink(elsewhere.path(), folder.path().join("linked")).expect("a link");
    symlink(folder.path(), folder.path().join("circle")).expect("a link");
    symlink(&pool, folder.path().join("studio.nord_record_all_followed.csv")).expect("a link");
    symlink(&pool, folder.path().join("notes.txt")).expect("a link");
    let deep = "down/".repeat(13);
    folder.write(&format!("{deep}studio.nord_followedPool.csv"), "cleo,\n");
    let got = whole(KIND, folder.path(), &anonymous());
    assert_eq!(got.people(Action::Follow), ["alice"]);
    let closed = got.left_out.iter().filter(|(why, _)| *why == LeftOut::NotOpened);
    let closed: Vec<_> = closed.map(|(_, place)| place.rsplit('/').next()).collect();
    let record = "studio.nord_record_all_followed.csv";
    assert_eq!(closed, [Some("circle"), Some("down"), Some("linked"), Some(record)]);

    std::fs::remove_file(&pool).expect("removed");
    let said = refused(KIND, folder.path(), &anonymous());
    assert!(said.contains("links in it are not followed"), "{said}");
}

#[test]
fn impossible_rows_are_named_with_their_number() {
    let folder = Folder::new();
    let path = database(&folder, "instapy.db");
    change(
        &path,
        "PRAGMA foreign_keys = OFF; INSERT INTO followRestriction VALUES (1, 'no name', 1), (9, 'eve', 1)",
    );
    let everybody = Options { account: None, ..options() };
    let got = whole(KIND, &path, &everybody);
    assert!(got.bad[0].contains("followRestriction row 5: "), "{:?}", got.bad);
    assert!(got.bad[1].contains("row 6: no profile has its number"), "{:?}", got.bad);
}
