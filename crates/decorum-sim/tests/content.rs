//! Posts, comments, stories, search and lists.

use serde_json::json;

use crate::common::Bench;

#[tokio::test]
async fn a_second_tap_takes_the_like_back() {
    let bench = Bench::calm().await;
    bench.open("ada.stone").await;
    bench.tap("media-thumbnail-cell").await;
    assert_eq!(bench.screen().await, "post");
    assert_eq!(bench.label("feed-item-header-user-button").await, "ada.stone");
    assert_eq!(bench.label("like-button").await, "Like");
    bench.tap("like-button").await;
    assert_eq!(bench.label("like-button").await, "Liked");
    bench.tap("like-button").await;
    assert_eq!(bench.label("like-button").await, "Like");
    assert_eq!(bench.lines(), ["ada.stone like applied", "ada.stone unlike applied"]);
}

#[tokio::test]
async fn a_comment_appears_when_it_is_sent() {
    let bench = Bench::calm().await;
    bench.post("/url", json!({"url": "instagram://media?id=0_ada.stone"})).await;
    bench.tap("comment-button").await;
    let send = bench.id("send-button").await;
    assert_eq!(bench.attribute(&send, "enabled").await, false);
    let field = bench.id("text-view").await;
    bench.post(&format!("/element/{field}/value"), json!({"text": "What a light"})).await;
    assert_eq!(bench.attribute(&field, "value").await, "What a light");
    assert_eq!(bench.attribute(&send, "label").await, "Post comment");
    assert!(bench.find("class name", "XCUIElementTypeKeyboard").await.is_ok());
    bench.click(&send).await;
    assert_eq!(bench.lines(), ["ada.stone comment applied"]);
    assert!(bench.find("accessibility id", "What a light").await.is_ok());
    let (_, gone) = bench.get("/element/active").await;
    assert_eq!(gone["error"], "no such element");
}

#[tokio::test]
async fn watching_a_story_is_a_view() {
    let bench = Bench::with("[[people]]\nusername = 'ada'\nstory = true").await;
    bench.open("ada").await;
    bench.tap("story-ring").await;
    assert_eq!(bench.screen().await, "story");
    assert_eq!(bench.lines(), ["ada view applied"]);
    bench.tap("story-dismiss-button").await;
    assert_eq!(bench.screen().await, "profile");
}

#[tokio::test]
async fn search_tells_people_from_suggestions() {
    let bench = Bench::calm().await;
    bench.tap("explore-tab").await;
    let field = bench.id("search-text-input").await;
    bench.post(&format!("/element/{field}/value"), json!({"value": ["ada", ".stone"]})).await;
    assert!(bench.find("accessibility id", "search-collection-view-cell-ada.stone").await.is_ok());
    let numeric = "name MATCHES 'search-collection-view-cell-[0-9]+'";
    assert!(bench.find("predicate string", numeric).await.is_ok());
    bench.tap("search-collection-view-cell-ada.stone").await;
    assert_eq!(bench.screen().await, "results");
    bench.tap("BackButton").await;
    let name = "type == 'XCUIElementTypeStaticText' AND name == 'ada.stone'";
    let name = bench.find("predicate string", name).await.expect("the name");
    bench.click(&name).await;
    assert_eq!(bench.screen().await, "profile");
    assert_eq!(bench.label("user-detail-header-follow-button").await, "Follow ada.stone");
}

#[tokio::test]
async fn a_search_for_nobody_finds_nothing() {
    let bench = Bench::with("strangers = 'missing'").await;
    bench.tap("explore-tab").await;
    bench.tap("search-text-input").await;
    bench.post("/wda/keys", json!({"value": ["n", "o", "b"]})).await;
    assert!(bench.source().await.contains("No results found"));
}

#[tokio::test]
async fn rows_are_reused_while_scrolling() {
    let bench = Bench::calm().await;
    bench.open("ada.stone").await;
    bench.tap("user-detail-header-followers").await;
    let cells = bench.find_all("class name", "XCUIElementTypeCell").await;
    let before = bench.attribute(&cells[0], "label").await;
    for _ in 0..2 {
        bench.post("/wda/swipe", json!({"direction": "up"})).await;
    }
    let after = bench.attribute(&cells[0], "label").await;
    assert_ne!(before, after, "the same row shows somebody else");
}

#[tokio::test]
async fn a_follow_from_a_list_counts() {
    let bench =
        Bench::with("[[people]]\nusername = 'ada'\nfollowers_list = ['bruno', 'carla']").await;
    bench.open("ada").await;
    bench.tap("user-detail-header-followers").await;
    assert_eq!(bench.find_all("class name", "XCUIElementTypeCell").await.len(), 2);
    bench.tap("Follow carla").await;
    assert_eq!(bench.lines(), ["carla follow applied"]);
}

#[tokio::test]
async fn every_language_speaks_its_own_words() {
    let cases = [
        ("en", "Follow shy", "This account is private", "Try Again Later"),
        ("es", "Seguir a shy", "Esta cuenta es privada", "Inténtalo de nuevo más tarde"),
        ("de", "shy folgen", "Dieses Konto ist privat", "Versuche es später noch einmal"),
        ("pt", "Seguir shy", "Esta conta é privada", "Tente novamente mais tarde"),
        ("fr", "Suivre shy", "Ce compte est privé", "Réessayez plus tard"),
        ("ja", "shyをフォロー", "このアカウントは非公開です", "後でもう一度実行してください"),
    ];
    for (language, follow, private, limit) in cases {
        let toml = format!(
            "language = '{language}'\npopulation.private = ['shy']\n\
             [[faults]]\nkind = 'rate_limit'\nat_act = 1"
        );
        let bench = Bench::with(&toml).await;
        bench.open("shy").await;
        assert_eq!(bench.label("user-detail-header-follow-button").await, follow);
        assert!(bench.source().await.contains(private), "{language}");
        bench.tap("user-detail-header-follow-button").await;
        let text = bench.get("/alert/text").await.1;
        assert!(text.as_str().expect("text").starts_with(limit), "{language}");
    }
}
