//! Names and identifiers: one normal form, and a clear word about what cannot be one.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::{
    AccountId, Action, ClaimId, DeviceId, Digest, ErrorClass, EventId, Holder, NameError, Platform,
    SessionId, Status, TaskId, Username,
};
use proptest::prelude::*;

fn user(text: &str) -> Result<String, NameError> {
    text.parse::<Username>().map(|u| u.as_str().to_owned())
}

#[test]
fn spellings_of_one_name_are_one_name() {
    for text in [
        "name",
        "@name",
        "@Name ",
        "  NAME\n",
        "\t@nAmE\u{a0}",
        "ｎａｍｅ",
        "＠ＮＡＭＥ",
        "𝓃𝒶𝓂ℯ",
        "\u{3000}name\u{3000}",
    ] {
        assert_eq!(user(text).as_deref(), Ok("name"), "{text:?}");
    }
    assert_eq!(user("A.b_C9").as_deref(), Ok("a.b_c9"));
    assert_eq!(user("\u{212a}elvin").as_deref(), Ok("kelvin"), "the Kelvin sign is a k");
    assert_eq!(user("ﬁsh").as_deref(), Ok("fish"), "a ligature is its letters");
    assert_eq!(user(".").as_deref(), Ok("."));
    for longest in ["a".repeat(30), "A".repeat(30), format!("@{}", "a".repeat(30))] {
        assert_eq!(user(&longest).as_deref(), Ok("a".repeat(30).as_str()), "{longest}");
    }
}

#[test]
fn what_cannot_be_a_name_is_refused_and_told_why() {
    for text in ["", " ", "@", " @ ", "\u{a0}", "＠"] {
        assert!(matches!(user(text), Err(NameError::Empty { .. })), "{text:?}");
    }
    for (text, found) in [
        ("two words", ' '),
        ("@@name", '@'),
        ("@ name", ' '),
        ("näme", 'ä'),
        ("name!", '!'),
        ("name😀", '😀'),
        ("na-me", '-'),
        ("na\u{200b}me", '\u{200b}'),
        ("\u{202e}name", '\u{202e}'),
        ("n\0", '\0'),
        ("раsта", 'р'),
        ("https://instagram.com/name", ':'),
        ("name/", '/'),
        ("İ", '\u{307}'),
    ] {
        let error = user(text).expect_err(text);
        assert!(
            matches!(&error, NameError::BadCharacter { found: f, .. } if *f == found),
            "{text:?}: {error:?}"
        );
        assert!(error.to_string().contains("username"), "{error}");
    }
    for len in [31, 40, 480, 481, 1_000_000] {
        let error = user(&"a".repeat(len)).expect_err("too long");
        assert!(matches!(error, NameError::TooLong { len: l, max: 30, .. } if l == len), "{len}");
        assert!(error.to_string().len() < 200, "the message quotes only the beginning");
    }
    assert!(user(&"é".repeat(1_000_000)).is_err());
    let spaced = |spaces| user(&format!("{}name", " ".repeat(spaces)));
    assert_eq!(spaced(476).as_deref(), Ok("name"), "sixteen times the longest, and no more");
    let error = spaced(477).expect_err("that much space is no name");
    assert!(matches!(error, NameError::TooLong { len: 481, max: 30, .. }), "{error:?}");
}

#[test]
fn accounts_are_named_alike_with_room_for_numbers() {
    let account = |text: &str| text.parse::<AccountId>().map(|a| a.as_str().to_owned());
    assert_eq!(account(" @Studio.Nord-2 ").as_deref(), Ok("studio.nord-2"));
    assert!(account(&"a".repeat(64)).is_ok());
    let error = account(&"a".repeat(65)).expect_err("too long").to_string();
    assert!(error.contains("65") && error.contains("64"), "{error}");
    assert!(account("a b").expect_err("a space").to_string().contains("account"));
}

#[test]
fn names_read_back_from_json_normalized() {
    let name: Username = serde_json::from_str("\"@Alice\"").expect("a name");
    assert_eq!(serde_json::to_string(&name).expect("json"), "\"alice\"");
    assert!(serde_json::from_str::<Username>("\"no name\"").is_err());
    assert!(serde_json::from_str::<Username>("7").is_err());
    assert!(serde_json::from_str::<AccountId>("\"\\u0061\\u0062\"").is_ok(), "escaped");
}

#[test]
fn labels_are_kept_as_given_within_limits() {
    assert_eq!(" Task 7/ä ".parse::<TaskId>().expect("a label").as_str(), "Task 7/ä");
    for bad in ["", "  ", "a\nb", "a\u{7}b", &"x".repeat(201), &"ä".repeat(101)] {
        assert!(bad.parse::<TaskId>().is_err());
        assert!(bad.parse::<DeviceId>().is_err());
        assert!(bad.parse::<SessionId>().is_err());
        assert!(bad.parse::<Holder>().is_err());
    }
    assert!("x".repeat(200).parse::<Holder>().is_ok());
    let error = "".parse::<DeviceId>().expect_err("empty").to_string();
    assert!(error.contains("device id"), "{error}");
}

#[test]
fn uuids_read_and_print_alike() {
    let text = "01890a5d-ac96-774b-bcce-b302099a8057";
    assert_eq!(text.to_uppercase().parse::<ClaimId>().expect("an id").to_string(), text);
    for bad in
        ["", "1", "01890a5d-ac96-774b-bcce-b302099a805", "zz890a5d-ac96-774b-bcce-b302099a8057"]
    {
        let error = bad.parse::<ClaimId>().expect_err("not a UUID").to_string();
        assert!(error.contains("claim id"), "{error}");
        assert!(bad.parse::<EventId>().is_err());
    }
}

#[test]
fn digests_are_sixty_four_digits() {
    let text = "0123456789abcdef".repeat(4);
    assert_eq!(text.parse::<Digest>().expect("a digest").to_string(), text);
    assert_eq!(text.to_uppercase().parse::<Digest>(), text.parse::<Digest>());
    assert_eq!(Digest::ZERO.to_string(), "0".repeat(64));
    let bytes: [u8; 32] = std::array::from_fn(|n| u8::try_from(n * 7).expect("below 218"));
    let digest = Digest::from_bytes(bytes);
    assert_eq!(digest.to_string().parse::<Digest>().expect("a digest").as_bytes(), &bytes);
    assert_eq!(format!("{digest:?}"), digest.to_string());
    for bad in ["", &text[1..], &format!("{text}0"), &"+f".repeat(32), &"é".repeat(32)] {
        assert!(bad.parse::<Digest>().is_err(), "{bad}");
    }
}

#[test]
fn words_outside_a_vocabulary_are_told_the_vocabulary() {
    for action in Action::ALL {
        assert_eq!(action.as_str().parse(), Ok(*action));
        assert_eq!(Action::ALL[action.index()], *action);
    }
    let error = " Follow ".parse::<Action>().expect_err("capitals").to_string();
    assert!(error.contains("`Follow`") && error.contains("follow, like, comment, view"), "{error}");
    assert!("x".repeat(9999).parse::<Status>().expect_err("long").to_string().len() < 200);
    for class in ErrorClass::ALL {
        let json = serde_json::to_value(class).expect("json");
        assert_eq!(json, class.as_str());
    }
    assert_eq!("instagram".parse(), Ok(Platform::Instagram));
}

proptest! {
    #[test]
    fn normalizing_is_idempotent_and_keeps_the_alphabet(text in prop_oneof![
        "\\PC*",
        "[@ ]{0,2}[a-zA-Z0-9._ａ-ｚ]{1,32}[ ]{0,2}",
    ]) {
        if let Ok(name) = text.parse::<Username>() {
            prop_assert_eq!(name.as_str().parse::<Username>(), Ok(name.clone()));
            prop_assert!((1..=30).contains(&name.as_str().len()));
            let possible = |c: char| matches!(c, 'a'..='z' | '0'..='9' | '.' | '_');
            prop_assert!(name.as_str().chars().all(possible));
            let upper = format!(" @{} ", name.as_str().to_uppercase());
            prop_assert_eq!(upper.parse::<Username>(), Ok(name));
        }
        if let Ok(name) = text.parse::<AccountId>() {
            prop_assert_eq!(name.as_str().parse::<AccountId>(), Ok(name));
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC*", bytes in proptest::collection::vec(any::<char>(), 0..80)) {
        let texts: [String; 2] = [text, bytes.into_iter().collect()];
        for text in &texts {
            let _ = text.parse::<ClaimId>();
            let _ = text.parse::<EventId>();
            let _ = text.parse::<Digest>();
            let _ = text.parse::<Action>();
            let _ = text.parse::<Platform>();
            let _ = text.parse::<AccountId>();
            let _ = text.parse::<Username>();
            if let Ok(label) = text.parse::<TaskId>() {
                prop_assert_eq!(label.as_str().parse::<TaskId>(), Ok(label));
            }
        }
    }
}

#[test]
fn a_name_may_be_as_long_as_the_longest() {
    let longest = "a".repeat(30);
    assert_eq!(longest.parse::<Username>().expect("a name").as_str(), longest);
    let longest = "a".repeat(64);
    assert_eq!(longest.parse::<AccountId>().expect("a name").as_str(), longest);
}
