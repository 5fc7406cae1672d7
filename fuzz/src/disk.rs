//! What is read from a folder of ours, in which anything may have happened.

use std::borrow::Cow;
use std::fs;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use decorum_core::{ErrorClass, Jitter, Timestamp};
use decorum_engine::clock::{AnchorFile, AnchorKeeper as _, Clock, Trouble, Watch};
use decorum_engine::spool::{Entry, FileSpool, Spool as _};
use decorum_import::{Kind, read};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder can be made")
}

/// A database of `InstaPy`.
///
/// # Panics
///
/// As for [`import_csv`](crate::import_csv).
pub fn import_database(bytes: &[u8]) {
    let dir = folder();
    let path = dir.path().join("instapy.db");
    fs::write(&path, bytes).expect("the folder is ours");
    crate::import(|options, each| read(Kind::Instapy, &path, options, each));
    assert_eq!(fs::read(&path).ok().as_deref(), Some(bytes), "reading it changed it");
}

/// A folder with one file, called as the first line says, that holds the rest. What is understood
/// of it is kept as it is and before what comes later; what is not is named, and left alone.
///
/// # Panics
///
/// When it is not.
pub fn spool(bytes: &[u8]) {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_current_thread().build().expect("a runtime"));
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let (name, content) = bytes.split_at(end);
    let Ok(name) = std::str::from_utf8(name) else { return };
    let dir = folder();
    let place = dir.path().join("spool");
    fs::create_dir(&place).expect("the folder is ours");
    // Not every name is one of a file.
    if name.contains('/') || fs::write(place.join(name), content.get(1..).unwrap_or(&[])).is_err() {
        return;
    }
    RUNTIME.block_on(async {
        let spool = FileSpool::in_dir(dir.path(), "store");
        let first = match spool.waiting().await {
            Ok(first) => first,
            Err(error) => {
                assert!(error.to_string().contains(name), "{error} does not name {name}");
                assert!(place.join(name).exists(), "{name} is gone, and was not understood");
                return;
            }
        };
        let later = Entry::Trouble {
            account: "studio.nord".parse().expect("valid"),
            class: ErrorClass::RateLimited,
            detail: String::new(),
            jitter: Jitter::new(0.5),
            at: Timestamp::from_millis(1_780_315_200_000),
        };
        let mut expected: Vec<Entry> = first.iter().map(|(_, entry)| entry.clone()).collect();
        for entry in expected.clone().into_iter().chain([later]) {
            match spool.put(&entry).await {
                Ok(_) => expected.push(entry),
                Err(error) => {
                    assert!(error.to_string().contains(name), "{error} does not name {name}");
                    break;
                }
            }
        }
        let then = spool.waiting().await.expect("all of it was understood before");
        assert!(then.iter().map(|(_, entry)| entry).eq(&expected), "{then:?}, not {expected:?}");
        for (ticket, _) in &then {
            spool.delivered(ticket).await.expect("it is there");
        }
        assert_eq!(spool.waiting().await.expect("it is empty"), []);
    });
}

/// A clock that stands still.
struct Stopped;

const NOW: Timestamp = Timestamp::from_millis(1_780_315_200_000);

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        NOW
    }

    fn steady(&self) -> Duration {
        Duration::from_hours(1)
    }

    fn boot(&self) -> Cow<'_, str> {
        "this boot".into()
    }

    async fn sleep(&self, _: Duration) {}
}

/// A `clock.json`. What is understood of it is the same when it is kept again; what is not is
/// trouble with the clock until a person says that the clock is right.
///
/// # Panics
///
/// When it is not.
pub fn clock_anchor(bytes: &[u8]) {
    let dir = folder();
    let path = dir.path().join("clock.json");
    fs::write(&path, bytes).expect("the folder is ours");
    let file = AnchorFile::in_dir(dir.path());
    let watch = Watch::new(Arc::new(Stopped), Arc::new(file.clone()));
    match file.load() {
        Ok(anchor) => {
            let anchor = anchor.expect("there is a file");
            let trouble = watch.trouble();
            assert_eq!(trouble, anchor.jumped(&Stopped).map(Trouble::Jumped));
            assert_eq!(watch.trouble(), trouble, "it looked twice");
            if trouble.is_none() {
                assert_eq!(watch.now(), NOW);
            }
            file.save(&anchor).expect("the folder is ours");
            assert_eq!(file.load().expect("it was just saved"), Some(anchor));
        }
        Err(error) => {
            assert!(error.to_string().contains("clock.json"), "{error}");
            assert_eq!(watch.trouble(), Some(Trouble::Unknown(error.to_string())));
            assert_eq!(watch.now(), NOW);
            assert_eq!(fs::read(&path).ok().as_deref(), Some(bytes), "it is gone");
        }
    }
    watch.confirm().expect("the folder is ours");
    assert_eq!(watch.trouble(), None);
    assert_eq!(watch.now(), NOW);
}
