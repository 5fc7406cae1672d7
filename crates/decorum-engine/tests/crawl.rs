//! Reading lists of people on the simulated phone: everybody once, nobody passed over, whatever
//! the list does and whoever dies over it.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::{ErrorClass, Outcome};
use decorum_engine::automator::crawl::{CrawlEnd, CrawlError, Source};
use decorum_engine::run::StopSwitch;
use decorum_sim::Listed;
use serde_json::json;

use crate::people::{Book, Death, World, crowd, followers, name};

/// A list that does everything at once that a list of the app does.
const RESTLESS: &str =
    "page_size = 25\nrepeats = 3\nreorder = 4\nsuggestions = 12\nfling_share = 0.0";

#[tokio::test]
async fn ten_thousand_people_are_each_read_once_by_eleven_readers_of_whom_ten_die() {
    let world = World::crowd(10_000, RESTLESS, "").await;
    let book = Book::default();
    let mut luck = fastrand::Rng::with_seed(7);
    for life in 0..10 {
        match life % 3 {
            // A session that somebody else takes.
            2 => {
                let at = luck.u32(300..900);
                world.fault(json!({"kind": "session_lost", "route": "/", "at_request": at})).await;
                let lost = world.read(&followers(), None, &book).await;
                assert!(matches!(lost, Err(CrawlError::Device(_))), "{lost:?}");
            }
            kind => {
                let death = if kind == 0 { Death::Before } else { Death::After };
                book.kill_after(luck.u32(60..250), death);
                world.die_reading(&followers(), &book).await;
            }
        }
        assert!(!book.place().finished);
    }
    assert!(book.names().len() > 2_000, "they got somewhere: {}", book.names().len());
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.names().len(), 10_000);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
    assert!(book.place().finished);
    assert_eq!(world.phone.ledger().len(), 0, "nobody was touched");
}

#[tokio::test]
async fn every_source_is_read_to_its_end() {
    let world = World::crowd(90, "", "").await;
    for (source, list, of) in [
        (followers(), Listed::Followers, "crowd"),
        (Source::FollowingOf(name("crowd")), Listed::Following, "crowd"),
        (Source::LikersOf(name("crowd")), Listed::Likers, "crowd"),
        (Source::Hashtag("Ceramics".parse().expect("a hashtag")), Listed::Tag, "ceramics"),
    ] {
        let book = Book::default();
        assert_eq!(world.end(&source, &book).await, CrawlEnd::Finished, "{source}");
        assert_eq!(book.set(), world.listed(list, of), "{source}");
        assert!(book.names().len() > 5, "{source}: {:?}", book.names());
    }
}

#[tokio::test]
async fn a_list_is_read_in_its_own_order_and_hardly_anybody_twice() {
    let world = World::crowd(300, "", "").await;
    let book = Book::default();
    world.end(&followers(), &book).await;
    assert_eq!(book.names(), world.phone.listed(Listed::Followers, "crowd"));
    assert_eq!(book.rows(), 300);
    assert_eq!(book.place().seen, 300);
}

#[tokio::test]
async fn every_language_is_read_alike() {
    for language in ["en", "es", "de", "pt", "fr", "ja"] {
        let toml = crowd(language, 40, "ends_after = 30\nsuggestions = 20", "");
        let world = World::with(&toml).await;
        let book = Book::default();
        assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished, "{language}");
        assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"), "{language}");
        let note = book.place().note.unwrap_or_default();
        assert!(note.contains("30 of the 40"), "{language}: {note}");
        let book = Book::default();
        let tag = Source::Hashtag("tea".parse().expect("a hashtag"));
        assert_eq!(world.end(&tag, &book).await, CrawlEnd::Finished, "{language}");
        assert_eq!(book.set(), world.listed(Listed::Tag, "tea"), "{language}");
    }
}

#[tokio::test]
async fn people_who_are_only_suggested_are_never_taken() {
    for lists in ["suggestions = 40", "suggestions = 40\nfling_share = 0.3"] {
        let world = World::crowd(60, lists, "").await;
        let book = Book::default();
        assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
        assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"), "{lists}");
    }
}

#[tokio::test]
async fn a_swipe_that_flies_too_far_is_taken_back() {
    let world = World::crowd(400, "fling_share = 0.25\nreorder = 4", "").await;
    let book = Book::default();
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
}

#[tokio::test]
async fn a_list_that_loads_late_is_waited_for() {
    let world = World::crowd(70, "page_size = 25\nload_ms = 120", "").await;
    let book = Book::default();
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
}

#[tokio::test]
async fn a_list_that_never_loads_is_trouble_and_not_its_end() {
    let world = World::crowd(70, "page_size = 25\nload_ms = 600000", "").await;
    let book = Book::default();
    let CrawlEnd::Trouble(ending) = world.end(&followers(), &book).await else {
        panic!("it cannot have ended")
    };
    assert_eq!(ending.outcome, Outcome::Retry(Some(ErrorClass::App)));
    assert!(!book.place().finished);
}

#[tokio::test]
async fn people_who_come_meanwhile_hide_nobody() {
    let world = World::crowd(300, "arrivals_every = 2\nreorder = 3", "").await;
    let book = Book::default();
    book.kill_after(30, Death::After);
    world.die_reading(&followers(), &book).await;
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    let missed: Vec<String> =
        world.listed(Listed::Followers, "crowd").difference(&book.set()).cloned().collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[tokio::test]
async fn a_limit_is_kept_to_the_person_across_readers() {
    let world = World::crowd(300, "repeats = 3\npage_size = 25", "").await;
    let book = Book::default();
    let first = world.read(&followers(), Some(37), &book).await.expect("it reads");
    assert_eq!(first, CrawlEnd::LimitReached);
    assert_eq!(book.names().len(), 37);
    let again = world.read(&followers(), Some(37), &book).await.expect("it reads");
    assert_eq!((again, book.names().len()), (CrawlEnd::LimitReached, 37));
    let more = world.read(&followers(), Some(120), &book).await.expect("it reads");
    assert_eq!((more, book.names().len()), (CrawlEnd::LimitReached, 120));
}

#[tokio::test]
async fn the_place_is_found_again_without_reading_everything_once_more() {
    let world = World::crowd(600, "reorder = 4", "").await;
    let book = Book::default();
    world.read(&followers(), Some(500), &book).await.expect("it reads");
    let before = book.rows();
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
    let again = book.rows() - before;
    assert!(again < 200, "{again} rows for the last hundred people");
}

#[tokio::test]
async fn a_place_that_cannot_be_found_again_costs_time_and_nobody() {
    let world = World::crowd(200, "", "").await;
    let book = Book::default();
    world.read(&followers(), Some(120), &book).await.expect("it reads");
    book.lose_place(&["no.such", "people.here", "any.more", "at.all"]);
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
    let note = book.place().note.unwrap_or_default();
    assert!(note.contains("not found again"), "{note}");
}

#[tokio::test]
async fn a_refusal_in_the_middle_ends_the_reading_and_says_what_it_is() {
    for (kind, class) in [
        ("rate_limit", ErrorClass::RateLimited),
        ("action_blocked", ErrorClass::ActionBlocked),
        ("challenge", ErrorClass::Challenge),
        ("logged_out", ErrorClass::LoggedOut),
        ("account_suspended", ErrorClass::AccountSuspended),
    ] {
        let fault = format!("[[faults]]\nkind = '{kind}'\nat_row = 40");
        let world = World::crowd(120, "", &fault).await;
        let book = Book::default();
        let CrawlEnd::Trouble(ending) = world.end(&followers(), &book).await else {
            panic!("{kind} went by unseen")
        };
        assert_eq!(ending.outcome, Outcome::Failed(class), "{}", ending.detail);
        assert!(book.names().len() >= 30 && !book.place().finished, "{:?}", book.place());
    }
}

#[tokio::test]
async fn after_a_refusal_the_list_is_read_on() {
    let world = World::crowd(120, "", "[[faults]]\nkind = 'rate_limit'\nat_row = 60").await;
    let book = Book::default();
    assert!(matches!(world.end(&followers(), &book).await, CrawlEnd::Trouble(_)));
    world.automator().await.put_away().await.expect("it is put away");
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
}

#[tokio::test]
async fn a_harmless_question_in_the_middle_is_declined() {
    let fault = "[[faults]]\nkind = 'interstitial'\nprompt = 'notifications'\nat_row = 40";
    let world = World::crowd(120, "", fault).await;
    let book = Book::default();
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.set(), world.listed(Listed::Followers, "crowd"));
}

#[tokio::test]
async fn a_list_that_is_not_shown_is_unavailable() {
    let more = "private = true\n[[people]]\nusername = 'gone'\nmissing = true\n\
                [[people]]\nusername = 'no.posts'\nposts = 0";
    let world = World::crowd(50, "", more).await;
    for source in [
        followers(),
        Source::FollowersOf(name("gone")),
        Source::LikersOf(name("no.posts")),
        Source::LikersOf(name("crowd")),
    ] {
        let book = Book::default();
        let end = world.end(&source, &book).await;
        assert!(matches!(end, CrawlEnd::Unavailable { .. }), "{source}: {end:?}");
        assert!(book.names().is_empty());
    }
}

#[tokio::test]
async fn nobody_follows_somebody_whose_page_says_so() {
    let world = World::with("[[people]]\nusername = 'crowd'\nfollowers = 0").await;
    let book = Book::default();
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert!(book.names().is_empty() && book.place().finished);
}

#[tokio::test]
async fn the_acting_account_is_not_among_the_people() {
    let list = "followers_list = ['ada.stone', 'studio.nord', 'bruno_berg']";
    let world = World::crowd(3, "", list).await;
    let book = Book::default();
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.names(), ["ada.stone", "bruno_berg"]);
}

#[tokio::test]
async fn whoever_says_stop_is_heard_between_two_looks() {
    let world = World::crowd(300, "", "").await;
    let book = Book::default();
    let (switch, stop) = StopSwitch::new();
    switch.stop();
    let automator = world.automator().await;
    let end = automator.crawl(&followers(), &book.place(), None, &book, &stop).await;
    assert_eq!(end.expect("it reads"), CrawlEnd::Stopped);
    assert!(book.names().len() < 20, "{:?}", book.names());
    assert_eq!(world.end(&followers(), &book).await, CrawlEnd::Finished);
    assert_eq!(book.names().len(), 300);
}
