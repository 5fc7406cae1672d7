//! Lists of people: long ones, and ones that do not keep still.

use std::collections::{BTreeSet, HashSet};

use decorum_sim::Listed;
use serde_json::json;

use crate::common::Bench;

/// The usernames in the rows that are visible, from the top.
fn names(source: &str) -> Vec<String> {
    let visible = source.lines().filter(|line| line.contains("visible=\"true\""));
    visible
        .filter(|line| line.contains("<XCUIElementTypeCell"))
        .filter_map(|line| line.split("label=\"").nth(1)?.split(", ").next().map(str::to_owned))
        .filter(|name| !name.contains('"'))
        .collect()
}

impl Bench {
    async fn open_followers(&self) {
        self.open("crowd").await;
        self.tap("user-detail-header-followers").await;
    }

    /// Swipes the list up by so many points.
    async fn swipe(&self, points: i32) {
        let body = json!({"fromX": 195, "fromY": 780, "toX": 195, "toY": 780 - points});
        self.post("/wda/dragfromtoforduration", body).await;
    }

    /// Everybody seen on the way to the end, in order, by swipes of five rows.
    async fn everybody(&self) -> Vec<String> {
        let mut seen = Vec::new();
        let mut known = HashSet::new();
        let mut fruitless = 0;
        while fruitless < 3 {
            let before = known.len();
            for name in names(&self.source().await) {
                if known.insert(name.clone()) {
                    seen.push(name);
                }
            }
            fruitless = if known.len() == before { fruitless + 1 } else { 0 };
            self.swipe(320).await;
        }
        seen
    }
}

/// A person with so many followers, and lists that behave like this.
fn crowd(followers: u32, lists: &str) -> String {
    format!(
        "[population]\nlist_length = {followers}\n[[people]]\nusername = 'crowd'\n\
         followers = {followers}\n[lists]\n{lists}"
    )
}

#[tokio::test]
async fn a_long_list_shows_the_rows_in_sight_and_all_of_them_in_the_end() {
    let bench = Bench::with(&crowd(200, "")).await;
    bench.open_followers().await;

    let first = bench.source().await;
    assert!(first.matches("<XCUIElementTypeCell").count() <= 13, "{first}");
    assert_eq!(bench.everybody().await, bench.phone.listed(Listed::Followers, "crowd"));
}

#[tokio::test]
async fn rows_that_come_twice_and_trade_places_are_the_same_people() {
    let bench = Bench::with(&crowd(150, "page_size = 20\nrepeats = 3\nreorder = 4")).await;
    bench.open_followers().await;
    let one: BTreeSet<String> = bench.everybody().await.into_iter().collect();
    let all: BTreeSet<String> =
        bench.phone.listed(Listed::Followers, "crowd").into_iter().collect();
    assert_eq!(one, all);
}

#[tokio::test]
async fn the_order_is_another_each_time_the_list_is_opened() {
    let bench = Bench::with(&crowd(150, "reorder = 6")).await;
    bench.open_followers().await;
    let first = names(&bench.source().await);
    bench.open_followers().await;
    let second = names(&bench.source().await);
    assert_ne!(first, second);
    let among = |names: &[String]| names.iter().take(6).cloned().collect::<BTreeSet<_>>();
    assert_eq!(among(&first), among(&second), "rows trade places only with their neighbours");
}

#[tokio::test]
async fn a_list_that_is_being_loaded_shows_a_spinner_and_nobody() {
    let bench = Bench::with(&crowd(100, "page_size = 20\nload_ms = 600000")).await;
    bench.open_followers().await;
    let source = bench.source().await;
    assert!(source.contains("ActivityIndicator"), "{source}");
    assert!(names(&source).is_empty(), "{source}");
}

#[tokio::test]
async fn the_next_rows_are_loaded_when_the_last_are_in_sight() {
    let bench = Bench::with(&crowd(100, "page_size = 20\nload_ms = 1200")).await;
    let arrived = async || loop {
        let source = bench.source().await;
        if !source.contains("ActivityIndicator") {
            return names(&source);
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    bench.open_followers().await;
    arrived().await;
    bench.swipe(700).await;
    assert!(bench.source().await.contains("ActivityIndicator"));
    let before = arrived().await;
    bench.swipe(700).await;
    assert_ne!(before, names(&bench.source().await), "the list went on");
}

#[tokio::test]
async fn somebody_who_comes_meanwhile_stands_at_the_top() {
    let bench = Bench::with(&crowd(50, "arrivals_every = 1")).await;
    bench.open_followers().await;
    let first = names(&bench.source().await);
    bench.swipe(64).await;
    bench.swipe(-200).await;
    let second = names(&bench.source().await);
    assert!(!first.contains(&second[0]), "{second:?}");
    assert_eq!(second[2], first[0]);
}

#[tokio::test]
async fn a_list_that_ends_early_says_so_and_suggests_others() {
    for (language, end, suggested) in [
        ("en", "You&#39;ve reached the end", "Suggested for you"),
        ("de", "Ende der Liste erreicht", "Vorschläge für dich"),
        ("ja", "リストの最後です", "おすすめ"),
    ] {
        let toml = crowd(80, "ends_after = 15\nsuggestions = 6");
        let bench = Bench::with(&format!("language = '{language}'\n{toml}")).await;
        bench.open_followers().await;
        for _ in 0..4 {
            bench.swipe(500).await;
        }
        let source = bench.source().await.replace('\'', "&#39;");
        assert!(source.contains(end) && source.contains(suggested), "{source}");
        let listed = bench.phone.listed(Listed::Followers, "crowd");
        assert_eq!(listed.len(), 15);
        let last = names(&source).last().cloned().expect("somebody");
        assert!(!listed.contains(&last), "{last} is only suggested");
    }
}

#[tokio::test]
async fn a_refusal_comes_when_its_row_does_and_lasts() {
    let fault = "[[faults]]\nkind = 'rate_limit'\nat_row = 30\nfor_seconds = 60";
    let bench = Bench::with(&format!("{}\n{fault}", crowd(100, ""))).await;
    bench.open_followers().await;
    bench.swipe(500).await;
    assert!(!bench.source().await.contains("Try Again Later"));
    for _ in 0..3 {
        bench.swipe(500).await;
    }
    assert!(bench.source().await.contains("Try Again Later"));
    bench.post("/alert/accept", json!({"name": "OK"})).await;
    assert!(!bench.source().await.contains("Try Again Later"));
    bench.swipe(100).await;
    assert!(bench.source().await.contains("Try Again Later"), "it lasts");
}

#[tokio::test]
async fn a_swipe_can_fly_on() {
    let bench = Bench::with(&crowd(300, "fling_share = 1.0\nfling_rows = 20")).await;
    bench.open_followers().await;
    let before = names(&bench.source().await);
    bench.swipe(320).await;
    let after = names(&bench.source().await);
    assert!(before.iter().all(|name| !after.contains(name)), "{after:?}");
}

#[tokio::test]
async fn everybody_in_a_list_is_told_over_http_too() {
    let bench = Bench::with(&crowd(40, "")).await;
    for (list, kind) in [("followers", Listed::Followers), ("likers", Listed::Likers)] {
        let path = format!("/sim/list?list={list}&of=crowd");
        let (_, answer) = bench.raw(reqwest::Method::GET, &path, None).await;
        assert_eq!(answer["items"], json!(bench.phone.listed(kind, "crowd")));
    }
    let (status, _) = bench.raw(reqwest::Method::GET, "/sim/list?list=x&of=crowd", None).await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn the_ledger_says_which_account_of_the_phone_acted() {
    let bench = Bench::with("accounts = ['one', 'two', 'three']").await;
    bench.follow("ada.stone").await;
    for name in ["two", "three"] {
        bench.post("/wda/apps/terminate", json!({"bundleId": "com.burbn.instagram"})).await;
        bench.post("/wda/apps/activate", json!({"bundleId": "com.burbn.instagram"})).await;
        bench.tap("profile-tab").await;
        bench.tap("user-switch-title-button").await;
        bench.tap(name).await;
        assert_eq!(bench.label("user-switch-title-button").await, name);
        bench.follow("ada.stone").await;
    }
    let acted: Vec<String> = bench.phone.ledger().into_iter().map(|e| e.account_id).collect();
    assert_eq!(acted, ["one", "two", "three"]);
}
