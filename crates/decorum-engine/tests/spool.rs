//! The spool in files: what happened is kept, in order, until the store has it.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::fs;
use std::path::PathBuf;

use decorum_core::{ErrorClass, Jitter, Timestamp};
use decorum_engine::spool::{Entry, FileSpool, Spool as _, Ticket};
use tempfile::TempDir;

/// Something that happened, told apart by its words.
fn entry(detail: impl Into<String>) -> Entry {
    Entry::Trouble {
        account: "studio.nord".parse().expect("valid"),
        class: ErrorClass::RateLimited,
        detail: detail.into(),
        jitter: Jitter::new(0.25),
        at: Timestamp::from_millis(1_772_323_200_123),
    }
}

/// A data directory.
struct Dir(TempDir);

impl Dir {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn spool(&self) -> FileSpool {
        self.spool_for("sqlite:decorum.db")
    }

    fn spool_for(&self, store: &str) -> FileSpool {
        FileSpool::in_dir(self.0.path(), store)
    }

    /// A path in the spool's folder.
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join("spool").join(name)
    }

    /// Writes a file into the spool's folder.
    fn write(&self, name: &str, content: &[u8]) {
        fs::create_dir_all(self.path("")).expect("a folder");
        fs::write(self.path(name), content).expect("written");
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).expect("a folder");
        let name = |e: std::io::Result<fs::DirEntry>| e.expect("read").file_name().into_string();
        let mut names: Vec<_> = entries.map(|e| name(e).expect("UTF-8")).collect();
        names.sort_unstable();
        names
    }
}

async fn waiting(spool: &FileSpool) -> Vec<Entry> {
    spool.waiting().await.expect("readable").into_iter().map(|(_, entry)| entry).collect()
}

async fn put(spool: &FileSpool, detail: &str) -> Ticket {
    spool.put(&entry(detail)).await.expect("kept")
}

#[tokio::test]
async fn nothing_waits_where_nothing_was_put_and_no_folder_is_made_for_it() {
    let dir = Dir::new();
    assert_eq!(waiting(&dir.spool()).await, []);
    assert!(!dir.path("").exists());
}

#[tokio::test]
async fn what_waits_is_as_it_was_in_its_order_and_survives_reopening() {
    let dir = Dir::new();
    let expected: Vec<Entry> = (0..12).map(|n| entry(format!("{n} \"ü\"\n"))).collect();
    let (first, rest) = expected.split_at(5);
    for each in first {
        dir.spool().put(each).await.expect("kept");
    }
    assert_eq!(waiting(&dir.spool()).await, first);
    let spool = dir.spool();
    for each in rest {
        spool.put(each).await.expect("kept");
    }
    assert_eq!(waiting(&dir.spool()).await, expected);
}

#[tokio::test]
async fn what_is_delivered_is_gone_and_what_comes_later_stays_behind_what_waits() {
    let dir = Dir::new();
    let spool = dir.spool();
    let first = put(&spool, "first").await;
    put(&spool, "second").await;
    spool.delivered(&first).await.expect("removed");
    put(&spool, "third").await;
    assert_eq!(waiting(&spool).await, [entry("second"), entry("third")]);
}

#[tokio::test]
async fn each_store_has_its_own_entries_in_the_one_folder() {
    let dir = Dir::new();
    let (one, other) = (dir.spool_for("one"), dir.spool_for("other"));
    put(&one, "a").await;
    put(&other, "b").await;
    let c = put(&one, "c").await;
    assert_eq!(waiting(&one).await, [entry("a"), entry("c")]);
    assert_eq!(waiting(&other).await, [entry("b")]);
    one.delivered(&c).await.expect("removed");
    assert_eq!(waiting(&other).await, [entry("b")]);
    assert_eq!(waiting(&dir.spool_for("on")).await, []);
}

#[tokio::test]
async fn removing_an_entry_twice_removes_no_other() {
    let dir = Dir::new();
    let spool = dir.spool();
    let first = put(&spool, "first").await;
    spool.delivered(&first).await.expect("removed");
    // The folder is empty, so this one gets the same number.
    let second = put(&spool, "second").await;
    assert_ne!(first, second);
    spool.delivered(&first).await.expect("gone already is as good");
    spool.rejected(&first).await.expect("gone already is as good");
    assert_eq!(waiting(&spool).await, [entry("second")]);
}

#[tokio::test]
async fn what_is_rejected_waits_no_more_but_is_kept_for_a_person() {
    let dir = Dir::new();
    let spool = dir.spool();
    let ticket = put(&spool, "never").await;
    put(&spool, "later").await;
    let content = fs::read(dir.path(&ticket.0)).expect("there");
    spool.rejected(&ticket).await.expect("moved");
    assert_eq!(waiting(&dir.spool()).await, [entry("later")]);
    let aside = dir.names("rejected");
    let [name] = aside.as_slice() else { unreachable!("one entry is aside, not {aside:?}") };
    assert!(name.ends_with(&ticket.0), "{name}");
    assert_eq!(fs::read(dir.path("rejected").join(name)).expect("there"), content);
    // Another process may have rejected it, too.
    spool.rejected(&ticket).await.expect("gone already is as good");
    assert_eq!(dir.names("rejected"), aside);
}

#[tokio::test]
async fn an_entry_that_cannot_be_understood_is_an_error_that_names_it_and_stays() {
    for content in [
        &b""[..],
        b"{\"store\":",
        b"null",
        b"\xff\xfe",
        b"{\"store\":\"another\"}",
        b"{\"store\":\"sqlite:decorum.db\",\"entry\":{\"party\":{}}}",
    ] {
        let dir = Dir::new();
        let spool = dir.spool();
        put(&spool, "good").await;
        dir.write("000000000002-x.json", content);
        let error = spool.waiting().await.expect_err("nobody can tell what it was").to_string();
        assert!(error.contains("000000000002-x.json"), "{error}");
        assert!(error.contains(&dir.0.path().display().to_string()), "{error}");
        assert_eq!(fs::read(dir.path("000000000002-x.json")).expect("there"), content);
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_is_an_error_that_names_it() {
    let dir = Dir::new();
    fs::create_dir_all(dir.path("000000000001-x.json")).expect("a folder in its place");
    let error = dir.spool().waiting().await.expect_err("it is no file").to_string();
    assert!(error.contains("000000000001-x.json"), "{error}");
}

#[tokio::test]
async fn a_spool_that_is_no_folder_is_an_error_that_names_it() {
    let dir = Dir::new();
    fs::write(dir.0.path().join("spool"), "in the way").expect("written");
    let spool = dir.spool();
    for error in [
        spool.waiting().await.expect_err("no folder").to_string(),
        spool.put(&entry("lost")).await.expect_err("no folder").to_string(),
    ] {
        assert!(error.contains(&dir.0.path().join("spool").display().to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_last_number_that_leaves_none_for_the_next_is_an_error_that_names_it() {
    let dir = Dir::new();
    dir.write(&format!("{}-x.json", u64::MAX), b"");
    let error = dir.spool().put(&entry("next")).await.expect_err("no number").to_string();
    assert!(error.contains(&u64::MAX.to_string()), "{error}");
}

#[tokio::test]
async fn what_is_not_called_as_an_entry_is_left_alone() {
    let dir = Dir::new();
    let names = ["x.json", "1-x.draft", "000000000001.json", "README"];
    for name in names {
        dir.write(name, b"not an entry");
    }
    let spool = dir.spool();
    let ticket = put(&spool, "one").await;
    assert_eq!(waiting(&spool).await, [entry("one")]);
    spool.delivered(&ticket).await.expect("removed");
    for name in names {
        assert_eq!(fs::read(dir.path(name)).expect("there"), b"not an entry");
    }
}

#[tokio::test]
async fn two_processes_that_put_at_once_lose_nothing_and_keep_their_orders() {
    const EACH: usize = 40;
    let dir = Dir::new();
    let process = |name: &'static str| {
        // A spool of its own, that knows of the other's only what is in the folder.
        let spool = dir.spool();
        tokio::spawn(async move {
            for n in 0..EACH {
                spool.put(&entry(format!("{name} {n}"))).await.expect("kept");
            }
        })
    };
    let (a, b) = (process("a"), process("b"));
    a.await.expect("done");
    b.await.expect("done");

    let all = waiting(&dir.spool()).await;
    assert_eq!(all.len(), 2 * EACH);
    for name in ["a", "b"] {
        let expected: Vec<Entry> = (0..EACH).map(|n| entry(format!("{name} {n}"))).collect();
        let of_it: Vec<&Entry> = all.iter().filter(|e| expected.contains(e)).collect();
        assert!(of_it.into_iter().eq(&expected), "{name}'s are out of order");
    }
}
