//! Where the people of a task come from.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test may fail")]

use decorum_core::{Hashtag, Source, Task, TaskSpec};

use crate::support::{noon, spec_of, user};

#[test]
fn a_source_says_what_it_is() {
    let mia = || user("mia");
    for (source, kind, said, person, is_crawled) in [
        (Source::List, "list", "a list", None, false),
        (Source::FollowersOf(mia()), "followers_of", "followers of mia", Some(mia()), true),
        (Source::FollowingOf(mia()), "following_of", "people mia follows", Some(mia()), true),
        (Source::LikersOf(mia()), "likers_of", "likers of mia's newest post", Some(mia()), true),
        (Source::Hashtag("art".parse().unwrap()), "hashtag", "posts under #art", None, true),
        (Source::Erased, "erased", "a person who was erased", None, false),
    ] {
        assert_eq!((source.kind(), source.to_string().as_str()), (kind, said));
        assert_eq!((source.person(), source.is_crawled()), (person.as_ref(), is_crawled));
        let spec = TaskSpec { source: source.clone(), ..spec_of("anna") };
        let mut task = Task::new("t".parse().unwrap(), spec, 0, None, 1, noon());
        assert_eq!(task.has_to_crawl(), is_crawled, "{kind}");
        assert_eq!(task.has_lost_source(), source == Source::Erased);
        task.crawl.finished = true;
        assert!(!task.has_to_crawl(), "{kind}");
    }
}

#[test]
fn a_source_that_cannot_be_read_says_what_there_is() {
    for (json, said) in [
        (serde_json::json!({"kind": "list", "username": "mia"}), "has no other fields"),
        (serde_json::json!({"kind": "likers_of"}), "needs `username`"),
        (serde_json::json!({"kind": "likers_of", "username": "mia", "hashtag": "a"}), "`username`"),
        (serde_json::json!({"kind": "followers_of"}), "needs `username`"),
        (serde_json::json!({"kind": "hashtag"}), "needs `hashtag`"),
        (serde_json::json!({"kind": "hashtag", "hashtag": "two words"}), "is not a hashtag"),
        (serde_json::json!({"kind": "fans"}), "there are list, followers_of"),
    ] {
        let error = serde_json::from_value::<Source>(json).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_hashtag_is_letters_digits_and_marks_of_any_script() {
    let tag = |text: &str| text.parse::<Hashtag>().map(|tag| tag.to_string()).ok();
    for (text, normal) in
        [("#Street_Art2", "street_art2"), (" ＃Ｃａｆé ", "café"), ("हिन्दी", "हिन्दी"), ("x", "x")]
    {
        assert_eq!(tag(text).as_deref(), Some(normal));
    }
    for text in ["", "#", "##a", "two words", "a-b", "a.b", "🙂"] {
        assert_eq!(tag(text), None, "{text}");
    }
}

#[test]
fn a_hashtag_has_at_most_a_hundred_characters_however_it_is_written() {
    let tag = |text: &str| text.parse::<Hashtag>().map(|tag| tag.as_str().to_owned());
    let longest = "ä".repeat(100);
    assert_eq!(tag(&longest).as_deref(), Ok(longest.as_str()));
    assert_eq!(
        tag(&"a\u{308}".repeat(100)).as_deref(),
        Ok(longest.as_str()),
        "in two characters each"
    );
    assert!(tag(&"ä".repeat(101)).is_err());
    let spaced = |spaces| tag(&format!("{}art", " ".repeat(spaces)));
    assert_eq!(spaced(1597).as_deref(), Ok("art"), "sixteen times the longest, and no more");
    assert!(spaced(1598).is_err());
    let error = tag(&"-".repeat(5000)).unwrap_err().to_string();
    assert!(error.len() < 200 && error.contains(&"-".repeat(40)), "{error}");
}

#[test]
fn every_source_is_written_as_documented_and_read_back() {
    for json in [
        serde_json::json!({"kind":"list"}),
        serde_json::json!({"kind":"followers_of","username":"anna"}),
        serde_json::json!({"kind":"following_of","username":"anna"}),
        serde_json::json!({"kind":"likers_of","username":"anna"}),
        serde_json::json!({"kind":"hashtag","hashtag":"straßenkunst"}),
        serde_json::json!({"kind":"erased"}),
    ] {
        let source: Source = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&source).unwrap(), json);
    }
}
