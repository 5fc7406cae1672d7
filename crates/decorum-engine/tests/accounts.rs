//! Several accounts on one phone: the right one is brought to the front, or it is said why not.

#![allow(clippy::expect_used, clippy::panic, reason = "a test may fail")]

use decorum_core::task::Filters;
use decorum_core::{AccountId, Action, ErrorClass, Outcome, Skip};
use decorum_engine::automator::{Acted, Approach, Automator, Front, Prepared, Switched};

use crate::people::{World, name};

fn account(text: &str) -> AccountId {
    text.parse().expect("an account")
}

/// Follows somebody for an account, after having switched to it.
async fn follow(world: &World, who: &str, target: &str) {
    let automator = world.automator_for(&account(who)).await;
    assert_eq!(automator.switch_account(&account(who)).await.expect("it switches"), Switched::Yes);
    let ready = match automator.approach(&name(target), Action::Follow, None).await {
        Ok(Approach::Ready(ready)) => ready,
        other => panic!("{other:?}"),
    };
    let Acted::Ended(ending) = automator.act(&ready).await else { panic!("it is in doubt") };
    assert_eq!(ending.outcome, Outcome::Success { presumed: false }, "{}", ending.detail);
}

#[tokio::test]
async fn each_account_of_a_phone_acts_as_itself() {
    let world = World::with("accounts = ['one', 'two', 'three']").await;
    for who in ["one", "three", "two", "two", "one"] {
        follow(&world, who, &format!("friend.of.{who}{}", world.phone.ledger().len())).await;
    }
    let acted: Vec<String> = world.phone.ledger().into_iter().map(|e| e.account_id).collect();
    assert_eq!(acted, ["one", "three", "two", "two", "one"]);
}

#[tokio::test]
async fn accounts_are_switched_in_every_language() {
    for language in ["es", "de", "pt", "fr", "ja"] {
        let world =
            World::with(&format!("language = '{language}'\naccounts = ['one', 'two']")).await;
        let two = account("two");
        let automator = world.automator_for(&two).await;
        let switched = automator.switch_account(&two).await.expect("it switches");
        assert_eq!(switched, Switched::Yes, "{language}");
    }
}

#[tokio::test]
async fn an_account_that_is_in_front_already_is_left_there() {
    let world = World::with("accounts = ['one', 'two']").await;
    let automator = world.automator().await;
    automator.switch_account(&account("one")).await.expect("it switches");
    let before = world.requests().await;
    let switched = automator.switch_account(&account("one")).await.expect("it switches");
    assert_eq!(switched, Switched::Yes);
    assert!(world.requests().await - before <= 6, "no way round by the sheet");
}

#[tokio::test]
async fn an_account_that_is_not_logged_in_is_named_with_those_that_are() {
    let world = World::with("accounts = ['one', 'two']").await;
    let automator = world.automator_for(&account("stranger")).await;
    let switched = automator.switch_account(&account("stranger")).await.expect("it looks");
    let found = vec!["one".to_owned(), "two".to_owned()];
    assert_eq!(switched, Switched::NotLoggedIn { found });
    // The sheet is gone, and the phone is fit for the account it has.
    let automator = world.automator().await;
    assert_eq!(automator.prepare(&account("one")).await.expect("it opens"), Prepared::Yes);
}

#[tokio::test]
async fn a_phone_with_one_account_has_only_that() {
    let world = World::with("account = 'one'").await;
    let automator = world.automator_for(&account("two")).await;
    let switched = automator.switch_account(&account("two")).await.expect("it looks");
    assert_eq!(switched, Switched::NotLoggedIn { found: vec!["one".to_owned()] });
}

#[tokio::test]
async fn a_gate_is_told_and_nothing_is_switched() {
    for (kind, class) in
        [("challenge", ErrorClass::Challenge), ("logged_out", ErrorClass::LoggedOut)]
    {
        let toml = format!(
            "accounts = ['one', 'two']\n[[faults]]\nkind = '{kind}'\nroute = 'source'\nat_request = 1"
        );
        let world = World::with(&toml).await;
        let automator = world.automator_for(&account("two")).await;
        let switched = automator.switch_account(&account("two")).await.expect("it looks");
        let Switched::Trouble(ending) = switched else { panic!("{switched:?}") };
        assert_eq!(ending.outcome, Outcome::Failed(class), "{}", ending.detail);
    }
}

#[tokio::test]
async fn a_gate_belongs_to_the_account_that_was_in_front_before_it() {
    let world = World::with("accounts = ['one', 'two']").await;
    let front = Front::unknown();
    let automator = world.automator().await.with_front(front.clone());
    assert_eq!(automator.switch_account(&account("one")).await.expect("yes"), Switched::Yes);
    world.fault(serde_json::json!({"kind": "challenge", "route": "source", "times": 1})).await;

    let two = account("two");
    let automator = world.automator_for(&two).await.with_front(front.clone());
    let switched = automator.switch_account(&two).await.expect("it looks");
    assert!(matches!(switched, Switched::Trouble(_)), "{switched:?}");
    assert_eq!(front.account(), Some(account("one")));
}

#[tokio::test]
async fn a_gate_between_two_accounts_belongs_to_nobody_for_certain() {
    let world = World::with("accounts = ['one', 'two']").await;
    let front = Front::unknown();
    let automator = world.automator().await.with_front(front.clone());
    automator.switch_account(&account("one")).await.expect("it switches");
    // The first tap opens the tab, the second the sheet, the third chooses the account.
    let fault = serde_json::json!({"kind": "challenge", "route": "click", "at_request": 3});
    world.fault(fault).await;

    let two = account("two");
    let automator = world.automator_for(&two).await.with_front(front.clone());
    let switched = automator.switch_account(&two).await.expect("it looks");
    assert!(matches!(switched, Switched::Trouble(_)), "{switched:?}");
    assert_eq!(front.account(), None);
}

#[tokio::test]
async fn an_app_that_does_not_say_for_whom_it_acts_is_unclear_and_no_other_account() {
    let world = World::with(
        "accounts = ['one', 'two']\n[[faults]]\nkind = 'app_updated'\n\
         rename = { user-switch-title-button = 'title-v2', profile-action-bar-button = 'action-v2' }",
    )
    .await;
    let automator = world.automator().await;
    let switched = automator.switch_account(&account("one")).await.expect("it looks");
    assert!(matches!(switched, Switched::Unclear { .. }), "{switched:?}");
}

/// What came of approaching somebody under filters.
async fn sifted(world: &World, filters: Filters, target: &str, action: Action) -> Approach {
    let automator: Automator = world.automator().await.with_filters(Some(filters));
    automator.approach(&name(target), action, None).await.expect("the phone answers")
}

#[tokio::test]
async fn who_does_not_pass_the_filters_is_skipped_at_their_page_and_not_touched() {
    let world = World::with(
        "[[people]]\nusername = 'shy'\nprivate = true\n\
         [[people]]\nusername = 'small'\nfollowers = 12\nbio = 'Tea and paper'\n\
         [[people]]\nusername = 'large'\nfollowers = 9000\nbio = 'DM for PROMO'\n\
         [[people]]\nusername = 'friend'\nrelationship = 'following'\nposts = 3",
    )
    .await;
    let all = Filters::default();
    let cases = [
        ("shy", Filters { skip_private: true, ..all.clone() }, Some("filtered_private")),
        (
            "small",
            Filters { min_followers: Some(50), ..all.clone() },
            Some("filtered_too_few_followers"),
        ),
        (
            "large",
            Filters { max_followers: Some(5_000), ..all.clone() },
            Some("filtered_too_many_followers"),
        ),
        (
            "large",
            Filters { bio_excludes: vec!["promo".to_owned()], ..all.clone() },
            Some("filtered_bio_excluded"),
        ),
        (
            "small",
            Filters { bio_includes_any: vec!["wool".to_owned()], ..all.clone() },
            Some("filtered_bio_not_included"),
        ),
        ("small", Filters { bio_includes_any: vec!["tea".to_owned()], ..all.clone() }, None),
        ("small", all.clone(), None),
    ];
    for (who, filters, reason) in cases {
        match (sifted(&world, filters, who, Action::Follow).await, reason) {
            (Approach::Ready(_), None) => {}
            (Approach::Seen(ending), Some(reason)) => {
                assert_eq!(ending.reason, Some(reason), "{who}: {}", ending.detail);
                assert_eq!(ending.outcome, Outcome::Skipped(Skip::Other));
            }
            (other, reason) => panic!("{who}: {other:?} instead of {reason:?}"),
        }
    }
    let filters = Filters { skip_following: true, ..all };
    let Approach::Seen(like) = sifted(&world, filters.clone(), "friend", Action::Like).await else {
        panic!("a friend is liked")
    };
    assert_eq!(like.reason, Some("filtered_already_following"));
    let Approach::Seen(again) = sifted(&world, filters, "friend", Action::Follow).await else {
        panic!("a friend is followed again")
    };
    assert_eq!(again.reason, Some("already_following"), "it counts as engaged");
    assert!(world.phone.ledger().is_empty());
}
