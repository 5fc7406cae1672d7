//! Phrases are found in every script, however its words are written.

#![allow(clippy::expect_used, reason = "a test may fail")]

use decorum_core::classify::{Class, Classifier, Confidence, Place, Rule, words};

fn class(rules: &[(&str, &str, &str)], text: &str) -> Class {
    let rules = rules.iter().map(|(class, language, phrase)| {
        Rule::new(class, language, phrase).expect("a usable rule")
    });
    let classifier = Classifier::new(rules).expect("no contradictions");
    classifier.classify(text, Place::Dialog, None).class
}

fn finds(phrase: &str, text: &str) -> bool {
    class(&[("rate_limited", "xx", phrase)], text) == Class::RateLimited
}

#[test]
fn scripts_without_word_boundaries_are_searched_by_character() {
    assert!(finds("もう一度実行", "後でもう一度実行してください"));
    assert!(finds("稍后再试", "请您稍后再试一次。"));
    assert!(finds("稍后再试", "请 稍后 再试"));
    assert!(finds("ลองใหม่ในภายหลัง", "โปรดลองใหม่ในภายหลังนะ"));
    assert!(!finds("稍后再试", "稍后提醒我"));
    assert!(!finds("が制限", "か制限"), "a voiced kana is another letter");
    assert!(finds("ｺﾐｭﾆﾃｨｶﾞｲﾄﾞ", "コミュニティガイドライン"));
}

#[test]
fn korean_particles_and_spaces_do_not_hide_a_phrase() {
    for text in ["비공개 계정입니다", "비공개계정입니다", "이 계정은 비공개 계정이에요"]
    {
        assert!(finds("비공개 계정", text), "{text}");
    }
    assert!(!finds("비공개 계정", "공개 계정입니다"));
}

#[test]
fn arabic_clitics_vowels_and_elongation_do_not_hide_a_phrase() {
    for text in [
        "تم حظر الإجراء",
        "وتم حظر الاجراء",
        "تمَّ حَظْرُ الإجْراء",
        "تم حظـــر الإجراء",
        "\u{202b}تم حظر إجراء\u{202c}",
    ] {
        assert!(finds("تم حظر الإجراء", text), "{text}");
    }
    assert!(finds("إعادة المحاولة", "يرجى اعاده المحاوله"));
    assert!(!finds("تم حظر الإجراء", "تم نسخ الرابط"));
}

#[test]
fn hindi_spellings_are_one() {
    assert!(finds("फ़ॉलो नहीं कर सकते", "फॉलो नहीं कर सकते"));
    assert!(finds("प्रतिबंध लगाया", "प्रतिबन्ध लगाया गया"));
    assert!(finds("कोशिश कीजिए", "कोशिश कीजिये"));
    assert!(finds("समय सीमा तक पहुँच", "समय सीमा तक पहुंच गए"));
    assert!(!finds("कोशिश करें", "कोशिश करा"), "a vowel sign is a letter");
}

#[test]
fn turkish_and_russian_letters_are_one_in_any_case() {
    for text in ["işlem sınırlandı", "İŞLEM SINIRLANDI", "Islem sinirlandi"] {
        assert!(finds("işlem sınırlandı", text), "{text}");
    }
    for text in ["попробуйте ещё раз", "ПОПРОБУЙТЕ ЕЩЕ РАЗ"] {
        assert!(finds("попробуйте еще раз", text), "{text}");
    }
}

#[test]
fn a_gap_is_measured_in_words_or_in_characters() {
    assert!(finds("制限 * 頻度", "制限される操作の頻度"));
    assert!(finds("一時 * 制限", "一時あいうえおかきくけこさしすせそ制限"));
    assert!(!finds("一時 * 制限", "一時あいうえおかきくけこさしすせそた制限"));
    assert!(finds("your account * limited", "your account a b c d e f limited"));
    assert!(!finds("your account * limited", "your account a b c d e f g limited"));
}

#[test]
fn cut_texts_are_recognized_in_every_script() {
    let rules = [
        ("rate_limited", "ja", "特定のアクションを実行できる回数"),
        ("rate_limited", "ru", "мы ограничиваем частоту определенных действий"),
        ("rate_limited", "ko", "특정 작업을 수행할 수 있는 횟수"),
    ];
    for text in ["特定のアクションを…", "Мы ограничиваем часто…", "특정 작업을 수행・・・"]
    {
        assert_eq!(class(&rules, text), Class::RateLimited, "{text}");
    }
    for text in ["特定…", "Мы огра…", "특정…"] {
        assert_eq!(class(&rules, text), Class::Unknown, "{text}");
    }
}

#[test]
fn of_two_meanings_of_the_same_words_the_more_specific_counts() {
    let rules = [
        ("account_suspended", "de", "dein Konto * gesperrt"),
        ("action_blocked", "de", "dein Konto * für diese Aktion gesperrt"),
    ];
    assert_eq!(class(&rules, "Dein Konto wurde gesperrt"), Class::AccountSuspended);
    let text = "Dein Konto wurde vorübergehend für diese Aktion gesperrt.";
    assert_eq!(class(&rules, text), Class::ActionBlocked);
}

#[test]
fn answers_of_servers_are_read_as_they_come() {
    let classifier = Classifier::new([
        Rule::new("rate_limited", "fr", "avant de réessayer").expect("a rule"),
        Rule::new("target_unavailable", "en", "this page isn't available").expect("a rule"),
    ])
    .expect("no contradictions");
    for (text, place, expected) in [
        (
            r#"{"message":"Veuillez patienter avant de r\u00e9essayer."}"#,
            Place::Other,
            Class::RateLimited,
        ),
        ("<p>Sorry, this page isn&#39;t available.</p>", Place::Other, Class::TargetUnavailable),
        (
            r#"401 {"message":"Please wait a few minutes before you try again.","require_login":true}"#,
            Place::StatusCode,
            Class::RateLimited,
        ),
        ("401 Unauthorized", Place::StatusCode, Class::LoggedOut),
        (
            "403 Forbidden: Please wait a few minutes before you try again.",
            Place::StatusCode,
            Class::RateLimited,
        ),
        (
            "429 {\"message\":\"checkpoint_required\",\"checkpoint_url\":\"/challenge/\"}",
            Place::StatusCode,
            Class::Challenge,
        ),
        (
            r#"400 {"message":"feedback_required","spam":true,"feedback_title":"Try Again Later"}"#,
            Place::StatusCode,
            Class::ActionBlocked,
        ),
        (
            r#"{"message":"","require_login":true,"status":"fail"}"#,
            Place::StatusCode,
            Class::LoggedOut,
        ),
        ("{\"error_type\":\"inactive user\"}", Place::StatusCode, Class::AccountSuspended),
        ("{\"error_type\":\"rate_limit_error\"}", Place::StatusCode, Class::RateLimited),
        ("{\"message\":\"consent_required\"}", Place::StatusCode, Class::Challenge),
        ("{\"two_factor_required\":true}", Place::StatusCode, Class::Challenge),
        ("{\"error_type\":\"sentry_block\"}", Place::StatusCode, Class::ActionBlocked),
        ("instagrapi.exceptions.PleaseWaitFewMinutes", Place::Other, Class::RateLimited),
        ("instagrapi.exceptions.ChallengeRequired", Place::Other, Class::Challenge),
        ("IgLoginRequiredError: GET /api/v1/feed", Place::Other, Class::LoggedOut),
        ("522", Place::StatusCode, Class::Network),
        ("503 Service Unavailable", Place::StatusCode, Class::Network),
        ("410 Gone", Place::StatusCode, Class::TargetUnavailable),
    ] {
        let verdict = classifier.classify(text, place, None);
        assert_eq!(verdict.class, expected, "{text}: {verdict:?}");
        assert_eq!(verdict.confidence, Confidence::High, "{text}");
    }
}

#[test]
fn words_are_the_same_for_what_reads_alike() {
    for (one, other) in [
        ("ＡＢＣ　１２３", "abc 123"),
        ("①٤٢٩", "1429"),
        ("Ä\u{308}", "a"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("👍🏽 ok ✅", "OK"),
    ] {
        assert_eq!(words(one), words(other), "{one}");
    }
}
