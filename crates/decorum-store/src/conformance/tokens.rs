//! Who may ask over the network.

use decorum_core::{Digest, Role};

use super::arrange::{Bench, SECOND};
use crate::{StoreError, Token};

pub(crate) fn token(bench: &Bench, name: &str, secret: u8) -> Token {
    Token {
        name: name.to_owned(),
        role: Role::Operator,
        hash: Digest::from_bytes([secret; 32]),
        created_at: bench.now,
        created_by: "eva".to_owned(),
        last_used_at: None,
        revoked_at: None,
    }
}

pub(crate) async fn a_token_is_found_by_the_hash_of_its_secret(bench: Bench) {
    let (bot, desk) = (token(&bench, "bot", 1), token(&bench, "desk", 2));
    bench.store.add_token(&desk).await.unwrap();
    bench.store.add_token(&bot).await.unwrap();

    assert_eq!(bench.store.token(&bot.hash).await.unwrap(), Some(bot.clone()));
    assert_eq!(bench.store.token(&Digest::from_bytes([3; 32])).await.unwrap(), None);
    assert_eq!(bench.store.tokens().await.unwrap(), [bot, desk], "by name");
    bench.assert_intact().await;
}

pub(crate) async fn a_revoked_token_is_still_known_and_says_since_when(mut bench: Bench) {
    let bot = token(&bench, "bot", 1);
    bench.store.add_token(&bot).await.unwrap();
    bench.wait(SECOND);

    assert!(bench.store.revoke_token("bot", "ben", bench.now).await.unwrap());
    let revoked = Token { revoked_at: Some(bench.now), ..bot.clone() };
    assert_eq!(bench.store.token(&bot.hash).await.unwrap(), Some(revoked.clone()));
    bench.wait(SECOND);
    assert!(!bench.store.revoke_token("bot", "ben", bench.now).await.unwrap(), "it was before");
    assert_eq!(bench.store.tokens().await.unwrap(), [revoked]);
    let unknown = bench.store.revoke_token("nobody", "ben", bench.now).await;
    assert!(matches!(unknown, Err(StoreError::NoSuchToken(name)) if name == "nobody"));
    bench.assert_intact().await;
}

pub(crate) async fn a_name_is_given_out_once(bench: Bench) {
    bench.store.add_token(&token(&bench, "bot", 1)).await.unwrap();
    bench.store.revoke_token("bot", "ben", bench.now).await.unwrap();
    let again = bench.store.add_token(&token(&bench, "bot", 2)).await;
    assert!(matches!(again, Err(StoreError::NameTaken(name)) if name == "bot"));
    assert_eq!(bench.store.tokens().await.unwrap().len(), 1);
    assert_eq!(bench.store.token(&Digest::from_bytes([2; 32])).await.unwrap(), None);
}

pub(crate) async fn racing_for_a_name_has_one_winner(bench: Bench) {
    let other = bench.another("worker-2");
    let (one, two) = (token(&bench, "bot", 1), token(&bench, "bot", 2));
    let (a, b) = tokio::join!(bench.store.add_token(&one), other.store.add_token(&two));
    assert!(a.is_ok() != b.is_ok(), "{a:?} {b:?}");
    let [kept] = bench.store.tokens().await.unwrap().try_into().unwrap();
    assert_eq!(kept.hash, if a.is_ok() { one.hash } else { two.hash });
    assert_eq!(bench.store.admin_log(10).await.unwrap().len(), 1);
}

pub(crate) async fn a_use_is_remembered_and_brings_nothing_back(mut bench: Bench) {
    let bot = token(&bench, "bot", 1);
    bench.store.add_token(&bot).await.unwrap();
    bench.wait(SECOND);
    let used = bench.now;
    bench.store.token_used("bot", used).await.unwrap();
    bench.store.token_used("bot", bot.created_at).await.unwrap();
    bench.store.token_used("nobody", used).await.unwrap();
    let [known] = bench.store.tokens().await.unwrap().try_into().unwrap();
    assert_eq!(known.last_used_at, Some(used), "the latest use");

    bench.store.revoke_token("bot", "ben", bench.now).await.unwrap();
    bench.wait(SECOND);
    bench.store.token_used("bot", bench.now).await.unwrap();
    let [known] = bench.store.tokens().await.unwrap().try_into().unwrap();
    assert_eq!(known.revoked_at, Some(used), "a use does not bring it back");
    bench.assert_intact().await;
}

pub(crate) async fn tokens_are_noted_without_their_hash(bench: Bench) {
    let bot = token(&bench, "bot", 0xab);
    bench.store.add_token(&bot).await.unwrap();
    bench.store.revoke_token("bot", "ben", bench.now).await.unwrap();
    let log = bench.store.admin_log(10).await.unwrap();
    let said: Vec<_> =
        log.iter().map(|e| (e.what.as_str(), e.who.as_str(), e.subject.as_str())).collect();
    assert_eq!(said, [("token.revoked", "ben", "bot"), ("token.created", "eva", "bot")]);
    let text = serde_json::to_string(&log).unwrap();
    assert!(!text.contains("abab") && text.contains("operator"), "{text}");
}
