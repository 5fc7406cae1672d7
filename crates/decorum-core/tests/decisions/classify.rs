//! What a reader would say each of these texts means.

#![allow(clippy::expect_used, reason = "a test may fail")]

use std::sync::LazyLock;

use decorum_core::ErrorClass;
use decorum_core::classify::{Class, Classifier, Confidence, Place, Rule, RuleError};
use proptest::prelude::*;

use Class::{
    AccountSuspended, ActionBlocked, Benign, Challenge, LoggedOut, Network, PrivateAccount,
    RateLimited, TargetUnavailable, Unknown,
};

/// Phrases such as an app profile holds. The tests are about how phrases are found and weighed;
/// the profile's own are tested where the profile is.
const RULES: &[(&str, &str, &str)] = &[
    ("rate_limited", "en", "try again later"),
    ("rate_limited", "en", "We limit how often you can do certain things on Instagram"),
    ("rate_limited", "en", "You can't follow any more people right now"),
    ("rate_limited", "en", "you're temporarily blocked"),
    ("rate_limited", "en", "going too fast"),
    ("action_blocked", "en", "action blocked"),
    ("action_blocked", "en", "action was blocked"),
    ("action_blocked", "en", "your account has been temporarily blocked from taking this action"),
    ("action_blocked", "en", "we restrict certain"),
    ("challenge", "en", "confirm it's you"),
    ("challenge", "en", "suspicious login attempt"),
    ("challenge", "en", "unusual * activity"),
    ("challenge", "en", "enter the security code we sent"),
    ("challenge", "en", "automated behavior"),
    ("challenge", "en", "confirm you're human"),
    ("logged_out", "en", "you've been logged out"),
    ("logged_out", "en", "you were logged out"),
    ("logged_out", "en", "please log back in"),
    ("logged_out", "en", "session expired"),
    ("account_suspended", "en", "we suspended your account"),
    ("account_suspended", "en", "your account * suspended"),
    ("account_suspended", "en", "your account * disabled"),
    ("private_account", "en", "this account is private"),
    ("target_unavailable", "en", "user not found"),
    ("target_unavailable", "en", "suspended"),
    ("target_unavailable", "en", "sorry, this page isn't available"),
    ("target_unavailable", "en", "no results found"),
    ("target_unavailable", "en", "the link you followed may be broken"),
    ("network", "en", "no internet connection"),
    ("network", "en", "couldn't refresh feed"),
    ("network", "en", "check your connection"),
    ("benign", "en", "turn on notifications"),
    ("benign", "en", "save your login info"),
    ("benign", "en", "suspended accounts"),
    ("rate_limited", "de", "versuche es später"),
    ("rate_limited", "de", "Wir schränken die Häufigkeit bestimmter Aktionen auf Instagram ein"),
    ("rate_limited", "de", "warte ein paar Minuten"),
    ("action_blocked", "de", "Handlung blockiert"),
    ("action_blocked", "de", "Handlung wurde blockiert"),
    ("challenge", "de", "bestätige, dass du es bist"),
    ("challenge", "de", "ungewöhnliche Aktivität"),
    ("challenge", "de", "ungewöhnliche Anmeldung"),
    ("logged_out", "de", "du wurdest abgemeldet"),
    ("account_suspended", "de", "wir haben dein Konto gesperrt"),
    ("account_suspended", "de", "dein Konto * gesperrt"),
    ("private_account", "de", "dieses Konto ist privat"),
    ("target_unavailable", "de", "Nutzer nicht gefunden"),
    ("target_unavailable", "de", "Seite ist leider nicht verfügbar"),
    ("network", "de", "keine Internetverbindung"),
    ("rate_limited", "es", "inténtalo de nuevo más tarde"),
    ("rate_limited", "es", "limitamos la frecuencia con la que puedes hacer ciertas cosas"),
    ("rate_limited", "es", "espera unos minutos antes de volver a intentarlo"),
    ("action_blocked", "es", "acción bloqueada"),
    ("action_blocked", "es", "se bloqueó esta acción"),
    ("challenge", "es", "confirma que eres tú"),
    ("challenge", "es", "actividad inusual"),
    ("logged_out", "es", "se cerró tu sesión"),
    ("account_suspended", "es", "suspendimos tu cuenta"),
    ("account_suspended", "es", "inhabilitamos tu cuenta"),
    ("private_account", "es", "esta cuenta es privada"),
    ("target_unavailable", "es", "no se encontró el usuario"),
    ("target_unavailable", "es", "esta página no está disponible"),
    ("network", "es", "sin conexión a internet"),
    ("rate_limited", "pt", "tente novamente mais tarde"),
    ("rate_limited", "pt", "limitamos a frequência com que você pode fazer determinadas coisas"),
    ("rate_limited", "pt", "aguarde alguns minutos antes de tentar novamente"),
    ("action_blocked", "pt", "ação bloqueada"),
    ("challenge", "pt", "confirme que é você"),
    ("logged_out", "pt", "sua sessão expirou"),
    ("account_suspended", "pt", "suspendemos sua conta"),
    ("private_account", "pt", "esta conta é privada"),
    ("target_unavailable", "pt", "usuário não encontrado"),
    ("target_unavailable", "pt", "esta página não está disponível"),
    ("network", "pt", "sem conexão com a internet"),
    ("rate_limited", "fr", "réessayez plus tard"),
    ("rate_limited", "fr", "nous limitons la fréquence de certaines actions"),
    ("rate_limited", "fr", "patientez quelques minutes"),
    ("action_blocked", "fr", "action bloquée"),
    ("action_blocked", "fr", "cette action a été bloquée"),
    ("challenge", "fr", "confirmez qu'il s'agit bien de vous"),
    ("challenge", "fr", "activité inhabituelle"),
    ("logged_out", "fr", "vous avez été déconnecté"),
    ("account_suspended", "fr", "nous avons suspendu votre compte"),
    ("private_account", "fr", "ce compte est privé"),
    ("target_unavailable", "fr", "utilisateur introuvable"),
    ("target_unavailable", "fr", "cette page n'est malheureusement pas disponible"),
    ("network", "fr", "aucune connexion internet"),
    ("rate_limited", "ja", "しばらくしてからもう一度実行してください"),
    ("private_account", "ja", "このアカウントは非公開です"),
    ("action_blocked", "zh", "操作被禁止"),
    ("private_account", "ko", "비공개 계정입니다"),
    ("rate_limited", "th", "ลองใหม่อีกครั้งในภายหลัง"),
    ("rate_limited", "ru", "повторите попытку позже"),
    ("private_account", "ru", "это закрытый аккаунт"),
    ("private_account", "ar", "هذا الحساب خاص"),
    ("action_blocked", "tr", "işlem engellendi"),
    ("rate_limited", "hi", "बाद में फिर से कोशिश करें"),
];

fn classifier() -> &'static Classifier {
    static CLASSIFIER: LazyLock<Classifier> = LazyLock::new(|| {
        let rules = RULES.iter().map(|(class, language, phrase)| {
            Rule::new(class, language, phrase).expect("a usable rule")
        });
        Classifier::new(rules).expect("no contradictions")
    });
    &CLASSIFIER
}

/// Text, place, meaning.
const TEXTS: &[(&str, Place, Class)] = &[
    // English, as the app says it.
    ("Try Again Later", Place::Dialog, RateLimited),
    (
        "Try Again Later\nWe limit how often you can do certain things on Instagram to protect our \
         community. Tell us if you think we made a mistake.",
        Place::Dialog,
        RateLimited,
    ),
    ("Action Blocked", Place::Dialog, ActionBlocked),
    (
        "Action Blocked\nThis action was blocked. Please try again later. We restrict certain \
         content and actions to protect our community. Tell us if you think we made a mistake.",
        Place::Dialog,
        ActionBlocked,
    ),
    (
        "Based on previous use of this feature, your account has been temporarily blocked from \
         taking this action. This block will expire on 2019-05-06.",
        Place::Dialog,
        ActionBlocked,
    ),
    ("Please wait a few minutes before you try again.", Place::Toast, RateLimited),
    (
        "You’re Temporarily Blocked\nIt looks like you were misusing this feature by going too \
         fast. You’ve been temporarily blocked from using it.",
        Place::Dialog,
        RateLimited,
    ),
    ("You can’t follow any more people right now", Place::Toast, RateLimited),
    ("Help us confirm it’s you", Place::Screen, Challenge),
    ("Suspicious Login Attempt", Place::Screen, Challenge),
    ("We noticed unusual activity on your account.", Place::Dialog, Challenge),
    ("We detected an unusual login and other activity.", Place::Dialog, Challenge),
    ("Enter the security code we sent to +1 *** ***-**12", Place::Screen, Challenge),
    ("We suspect automated behavior on your account", Place::Dialog, Challenge),
    ("Confirm you’re human to use your account", Place::Screen, Challenge),
    ("You’ve Been Logged Out\nPlease log back in.", Place::Dialog, LoggedOut),
    ("You were logged out of studio.nord", Place::Toast, LoggedOut),
    ("Session expired. Please log in again.", Place::Banner, LoggedOut),
    ("We suspended your account", Place::Screen, AccountSuspended),
    ("Your account has been suspended", Place::Screen, AccountSuspended),
    ("Your account is now suspended for 30 days.", Place::Dialog, AccountSuspended),
    ("Your account, studio.nord, has been disabled", Place::Screen, AccountSuspended),
    (
        "Your account has been disabled for violating our terms. Learn how you may be able to \
         restore your account.",
        Place::Dialog,
        AccountSuspended,
    ),
    ("This account is private", Place::ProfileHeader, PrivateAccount),
    (
        "This Account is Private\nFollow this account to see their photos and videos.",
        Place::ProfileHeader,
        PrivateAccount,
    ),
    ("User not found", Place::Toast, TargetUnavailable),
    ("User not found", Place::ProfileHeader, TargetUnavailable),
    ("Sorry, this page isn't available.", Place::Screen, TargetUnavailable),
    ("Sorry, this page isn’t available.", Place::Screen, TargetUnavailable),
    ("No results found", Place::Screen, TargetUnavailable),
    ("No results found for “nobody.here”.", Place::Other, TargetUnavailable),
    ("This user's account was suspended", Place::Dialog, TargetUnavailable),
    ("This account has been suspended", Place::ProfileHeader, TargetUnavailable),
    ("Suspended", Place::ProfileHeader, TargetUnavailable),
    ("No Internet Connection", Place::Banner, Network),
    ("Couldn’t refresh feed", Place::Toast, Network),
    ("Something went wrong. Check your connection.", Place::Dialog, Network),
    ("Turn on notifications\nKnow right away when people follow you.", Place::Dialog, Benign),
    ("Save your login info?", Place::Dialog, Benign),
    // A known harmless phrase silences the word inside it, not one beside it.
    ("Learn about suspended accounts", Place::Dialog, Benign),
    ("Suspended accounts: your account was suspended.", Place::Dialog, AccountSuspended),
    // German.
    ("Versuche es später noch einmal", Place::Dialog, RateLimited),
    (
        "Wir schränken die Häufigkeit bestimmter Aktionen auf Instagram ein, um unsere Community \
         zu schützen.",
        Place::Dialog,
        RateLimited,
    ),
    ("Bitte warte ein paar Minuten, bevor du es noch einmal versuchst.", Place::Toast, RateLimited),
    ("Handlung blockiert", Place::Dialog, ActionBlocked),
    (
        "Diese Handlung wurde blockiert. Bitte versuche es später noch einmal.",
        Place::Dialog,
        ActionBlocked,
    ),
    ("Bestätige, dass du es bist", Place::Screen, Challenge),
    ("Wir haben eine ungewöhnliche Anmeldung festgestellt", Place::Screen, Challenge),
    ("Du wurdest abgemeldet", Place::Dialog, LoggedOut),
    ("Wir haben dein Konto gesperrt", Place::Screen, AccountSuspended),
    ("Dein Konto wurde vorübergehend gesperrt", Place::Screen, AccountSuspended),
    ("Dieses Konto ist privat", Place::ProfileHeader, PrivateAccount),
    ("Nutzer nicht gefunden", Place::Toast, TargetUnavailable),
    ("Diese Seite ist leider nicht verfügbar.", Place::Screen, TargetUnavailable),
    ("Keine Internetverbindung", Place::Toast, Network),
    // Spanish.
    ("Inténtalo de nuevo más tarde", Place::Dialog, RateLimited),
    ("INTENTALO DE NUEVO MAS TARDE", Place::Dialog, RateLimited),
    (
        "Limitamos la frecuencia con la que puedes hacer ciertas cosas en Instagram para proteger \
         a nuestra comunidad.",
        Place::Dialog,
        RateLimited,
    ),
    ("Espera unos minutos antes de volver a intentarlo.", Place::Toast, RateLimited),
    ("Acción bloqueada", Place::Dialog, ActionBlocked),
    ("Se bloqueó esta acción. Inténtalo de nuevo más tarde.", Place::Dialog, ActionBlocked),
    ("Ayúdanos a confirmar que eres tú: confirma que eres tú", Place::Screen, Challenge),
    ("Detectamos actividad inusual en tu cuenta", Place::Screen, Challenge),
    ("Se cerró tu sesión", Place::Dialog, LoggedOut),
    ("Suspendimos tu cuenta", Place::Screen, AccountSuspended),
    ("Inhabilitamos tu cuenta", Place::Screen, AccountSuspended),
    ("Esta cuenta es privada", Place::ProfileHeader, PrivateAccount),
    ("No se encontró el usuario", Place::Toast, TargetUnavailable),
    ("Esta página no está disponible.", Place::Screen, TargetUnavailable),
    ("Sin conexión a Internet", Place::Banner, Network),
    // Portuguese.
    ("Tente novamente mais tarde", Place::Dialog, RateLimited),
    (
        "Limitamos a frequência com que você pode fazer determinadas coisas no Instagram",
        Place::Dialog,
        RateLimited,
    ),
    ("Aguarde alguns minutos antes de tentar novamente.", Place::Toast, RateLimited),
    ("Ação bloqueada", Place::Dialog, ActionBlocked),
    ("Acao bloqueada", Place::Toast, ActionBlocked),
    ("Confirme que é você para continuar", Place::Screen, Challenge),
    ("Sua sessão expirou", Place::Dialog, LoggedOut),
    ("Suspendemos sua conta", Place::Screen, AccountSuspended),
    ("Esta conta é privada", Place::ProfileHeader, PrivateAccount),
    ("Usuário não encontrado", Place::Toast, TargetUnavailable),
    ("Esta página não está disponível.", Place::Screen, TargetUnavailable),
    ("Sem conexão com a Internet", Place::Toast, Network),
    // French.
    ("Réessayez plus tard", Place::Dialog, RateLimited),
    (
        "Nous limitons la fréquence de certaines actions sur Instagram afin de protéger notre \
         communauté.",
        Place::Dialog,
        RateLimited,
    ),
    ("Patientez quelques minutes avant de réessayer.", Place::Toast, RateLimited),
    ("Action bloquée", Place::Dialog, ActionBlocked),
    ("L’action bloquée ne peut être répétée.", Place::Dialog, ActionBlocked),
    ("Cette action a été bloquée. Réessayez plus tard.", Place::Dialog, ActionBlocked),
    ("Confirmez qu’il s’agit bien de vous", Place::Screen, Challenge),
    ("Nous avons détecté une activité inhabituelle", Place::Screen, Challenge),
    ("Vous avez été déconnecté(e).", Place::Dialog, LoggedOut),
    ("Nous avons suspendu votre compte", Place::Screen, AccountSuspended),
    ("Ce compte est privé", Place::ProfileHeader, PrivateAccount),
    ("Utilisateur introuvable", Place::Toast, TargetUnavailable),
    ("Cette page n’est malheureusement pas disponible.", Place::Screen, TargetUnavailable),
    ("Aucune connexion Internet", Place::Banner, Network),
    // Other scripts.
    ("しばらくしてからもう一度実行してください。", Place::Dialog, RateLimited),
    ("佐藤さん、このアカウントは非公開です！", Place::ProfileHeader, PrivateAccount),
    ("您的操作被禁止了", Place::Dialog, ActionBlocked),
    ("비공개 계정입니다", Place::ProfileHeader, PrivateAccount),
    ("โปรดลองใหม่อีกครั้งในภายหลัง", Place::Dialog, RateLimited),
    ("Повторите попытку позже.", Place::Dialog, RateLimited),
    ("Это закрытый аккаунт", Place::ProfileHeader, PrivateAccount),
    ("هذا الحسابُ خاصٌّ", Place::ProfileHeader, PrivateAccount),
    ("İŞLEM ENGELLENDİ", Place::Dialog, ActionBlocked),
    ("कृपया बाद में फिर से कोशिश करें।", Place::Toast, RateLimited),
    // The same words in odd clothes.
    ("TRY AGAIN LATER!!!", Place::Dialog, RateLimited),
    ("  try \n again\t later  ", Place::Dialog, RateLimited),
    ("\u{200f}Try\u{a0}Again\u{2009}Later\u{200e}", Place::Dialog, RateLimited),
    ("⚠️ Try again later ⚠️", Place::Toast, RateLimited),
    ("Act\u{ad}ion Blo\u{200b}cked", Place::Dialog, ActionBlocked),
    ("Ａｃｔｉｏｎ　Ｂｌｏｃｋｅｄ", Place::Dialog, ActionBlocked),
    ("action-blocked", Place::Dialog, ActionBlocked),
    ("ACTION_BLOCKED", Place::Other, ActionBlocked),
    ("“Action Blocked”", Place::Dialog, ActionBlocked),
    // Cut off.
    ("We limit how often you can do certain thi…", Place::Dialog, RateLimited),
    ("We limit how often you can do certain thi...", Place::Toast, RateLimited),
    ("We limit how often you can do certain thi", Place::Toast, RateLimited),
    ("Notice: We limit how often…\nTell us", Place::Dialog, RateLimited),
    ("Wir schränken die Häufigkeit bestimmter Akt…", Place::Dialog, RateLimited),
    ("Limitamos la frecuencia con la que pue…", Place::Dialog, RateLimited),
    ("Your account has been…", Place::Dialog, Unknown),
    ("We limit…", Place::Dialog, Unknown),
    ("We…", Place::Dialog, Unknown),
    // Nobody taught us these.
    ("Something nobody has seen before", Place::Dialog, Unknown),
    ("Something nobody has seen before", Place::Toast, Unknown),
    ("Something nobody has seen before", Place::Screen, Unknown),
    ("Something nobody has seen before", Place::ProfileHeader, Benign),
    ("studio.nord · 1,204 followers", Place::ProfileHeader, Benign),
    ("", Place::Dialog, Unknown),
    ("\u{200b} 🙈", Place::Dialog, Unknown),
    ("", Place::Toast, Benign),
    ("", Place::ProfileHeader, Benign),
    ("", Place::StatusCode, Benign),
    ("", Place::Other, Benign),
    // Words within words are not words.
    ("Retry again later", Place::Dialog, Unknown),
    ("Try again laterally", Place::Dialog, Unknown),
    ("Action blockedness", Place::Dialog, Unknown),
    ("Transaction blockedness", Place::Dialog, Unknown),
    // Traps: people may write what they like.
    ("action blocked lol", Place::Bio, Benign),
    ("try again later", Place::Caption, Benign),
    ("challenge_required", Place::Username, Benign),
    ("we restrict certain activity", Place::Comment, Benign),
    ("My old account was suspended, follow this one!", Place::Bio, Benign),
    ("User not found 😂", Place::Caption, Benign),
    ("This account is private", Place::Bio, Benign),
    ("429", Place::Comment, Benign),
    ("login_required", Place::Caption, Benign),
    ("Dieses Konto ist privat", Place::Comment, Benign),
    ("Try Again Later", Place::Button, Benign),
    ("Log in", Place::Button, Benign),
    ("Blocked", Place::Button, Benign),
    ("", Place::Bio, Benign),
    // A header speaks of the person only.
    ("Action Blocked", Place::ProfileHeader, Benign),
    ("Try again later", Place::ProfileHeader, Benign),
    ("challenge_required", Place::ProfileHeader, Benign),
    ("Your account has been suspended", Place::ProfileHeader, TargetUnavailable),
    ("429", Place::ProfileHeader, Benign),
    // Servers.
    ("429", Place::StatusCode, RateLimited),
    ("429 Too Many Requests", Place::StatusCode, RateLimited),
    ("HTTP/1.1 429", Place::StatusCode, RateLimited),
    ("HTTP/2 429", Place::Other, RateLimited),
    ("status code: 429", Place::Dialog, RateLimited),
    ("429", Place::Other, RateLimited),
    ("You have 429 followers", Place::Dialog, Unknown),
    ("401", Place::StatusCode, LoggedOut),
    ("Unauthorized", Place::StatusCode, LoggedOut),
    ("403 Forbidden", Place::StatusCode, ActionBlocked),
    ("403 {\"message\": \"login_required\"}", Place::StatusCode, LoggedOut),
    ("404", Place::StatusCode, TargetUnavailable),
    ("404 Not Found", Place::StatusCode, TargetUnavailable),
    ("410 Gone", Place::StatusCode, TargetUnavailable),
    ("408", Place::StatusCode, Network),
    ("500", Place::StatusCode, Network),
    ("502 Bad Gateway", Place::StatusCode, Network),
    ("503 Service Unavailable", Place::StatusCode, Network),
    ("504 Gateway Timeout", Place::StatusCode, Network),
    ("timeout", Place::StatusCode, Network),
    ("Error: connect ETIMEDOUT 157.240.0.63:443", Place::Other, Network),
    ("read ECONNRESET", Place::StatusCode, Network),
    ("200", Place::StatusCode, Benign),
    ("200 OK", Place::StatusCode, Benign),
    ("200 {\"message\":\"checkpoint_required\"}", Place::StatusCode, Challenge),
    ("418", Place::StatusCode, Unknown),
    ("1429", Place::StatusCode, Unknown),
    ("challenge_required", Place::Other, Challenge),
    ("checkpoint_challenge_required", Place::StatusCode, Challenge),
    ("consent_required", Place::StatusCode, Challenge),
    ("two_factor_required", Place::Other, Challenge),
    (
        "{\"message\": \"challenge_required\", \"challenge\": {\"url\": \
         \"https://i.instagram.com/challenge/1/AbC/\"}, \"status\": \"fail\"}",
        Place::StatusCode,
        Challenge,
    ),
    ("login_required", Place::Other, LoggedOut),
    ("user_has_logged_out", Place::StatusCode, LoggedOut),
    ("302 https://www.instagram.com/accounts/login/?next=/alice/", Place::StatusCode, LoggedOut),
    ("feedback_required", Place::StatusCode, ActionBlocked),
    ("IgActionSpamError: 400 Bad Request; feedback_required", Place::Other, ActionBlocked),
    (
        "{\"message\":\"feedback_required\",\"spam\":true,\"feedback_title\":\"Try Again Later\",\
         \"status\":\"fail\"}",
        Place::StatusCode,
        ActionBlocked,
    ),
    ("{\"spam\":false,\"status\":\"ok\"}", Place::StatusCode, Benign),
    ("400 sentry_block", Place::StatusCode, ActionBlocked),
    ("rate_limit_error", Place::StatusCode, RateLimited),
    ("Not authorized to view user", Place::StatusCode, PrivateAccount),
    ("Invalid target user.", Place::StatusCode, TargetUnavailable),
    // Several at once: the gravest.
    ("Try again later. Your account was suspended.", Place::Dialog, AccountSuspended),
    ("Action blocked. Help us confirm it's you.", Place::Dialog, Challenge),
    ("User not found. Check your connection.", Place::Toast, TargetUnavailable),
    ("This account is private. Try again later.", Place::Dialog, RateLimited),
    ("429 challenge_required", Place::StatusCode, Challenge),
    ("Turn on notifications? Try again later.", Place::Dialog, RateLimited),
];

#[test]
fn every_text_means_what_a_reader_would_say() {
    let classifier = classifier();
    assert!(TEXTS.len() >= 120);
    let mut wrong = Vec::new();
    for (text, place, class) in TEXTS {
        let verdict = classifier.classify(text, *place, None);
        if verdict.class != *class {
            wrong.push(format!("{place}: {text:?} is {}, not {class}: {verdict:?}", verdict.class));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), TEXTS.len(), wrong.join("\n"));
}

#[test]
fn each_phrase_means_its_class_in_a_dialog() {
    let classifier = classifier();
    for (class, language, phrase) in RULES {
        let text = phrase.replace('*', "was just now");
        let verdict = classifier.classify(&text, Place::Dialog, Some(language));
        assert_eq!(verdict.class.as_str(), *class, "{phrase}");
        assert_eq!(verdict.confidence, Confidence::High, "{phrase}");
    }
}

#[test]
fn the_evidence_says_which_phrase_in_which_language() {
    let evidence = classifier()
        .classify("Oh. INTÉNTALO de nuevo más tarde, por favor", Place::Dialog, Some("es-MX"))
        .evidence
        .expect("evidence");
    assert_eq!(evidence.phrase, "inténtalo de nuevo más tarde");
    assert_eq!(evidence.language, "es");
    assert_eq!(evidence.matched, "intentalo de nuevo mas tarde");

    let code = classifier().classify("HTTP 429", Place::StatusCode, None).evidence;
    assert_eq!(code.expect("evidence").language, "api");
    assert_eq!(classifier().classify("try again later", Place::Bio, None).evidence, None);
    assert_eq!(classifier().classify("???", Place::Dialog, None).evidence, None);
}

#[test]
fn each_status_code_means_one_thing_and_the_gravest_of_several_decides() {
    let verdict = |text: &str| classifier().classify(text, Place::StatusCode, None);
    for (codes, class) in [
        (&["200", "204", "299"][..], Benign),
        (&["401"], LoggedOut),
        (&["403"], ActionBlocked),
        (&["404", "410"], TargetUnavailable),
        (&["429"], RateLimited),
        (&["408", "500", "503", "599"], Network),
        (&["199", "300", "400", "600"], Unknown),
    ] {
        for code in codes {
            assert_eq!(verdict(code).class, class, "{code}");
        }
    }
    for text in ["404 then 429", "429 then 404"] {
        let verdict = verdict(text);
        assert_eq!(verdict.class, RateLimited, "{text}");
        assert_eq!(verdict.evidence.expect("evidence").phrase, "429", "{text}");
    }
    assert_eq!(verdict("500 then 503").evidence.expect("evidence").phrase, "500", "the first");
}

#[test]
fn of_phrases_of_one_class_the_longest_is_the_evidence_wherever_it_stands() {
    let phrases = ["the line is down today", "no signal"];
    let rules = phrases.map(|phrase| Rule::new("network", "en", phrase).expect("a rule"));
    let classifier = Classifier::new(rules).expect("a classifier");
    for text in ["The line is down today. No signal!", "No signal! The line is down today."] {
        let evidence = classifier.classify(text, Place::Dialog, None).evidence;
        assert_eq!(evidence.expect("evidence").phrase, phrases[0], "{text}");
    }
}

#[test]
fn a_text_is_read_as_far_as_any_message_could_go() {
    let class = |before| {
        let text = format!("{}try again later", "x".repeat(before - 1) + " ");
        classifier().classify(&text, Place::Dialog, None).class
    };
    let phrase = "try again later".len();
    assert_eq!(class(20 * 1024), RateLimited);
    assert_eq!(class(32 * 1024 - phrase), RateLimited);
    assert_eq!(class(32 * 1024), Unknown);
}

#[test]
fn confidence_is_lower_for_what_is_cut_off_foreign_or_unknown() {
    let classifier = classifier();
    let sure = |text, locale| classifier.classify(text, Place::Dialog, locale).confidence;
    assert_eq!(sure("Try again later", None), Confidence::High);
    assert_eq!(sure("Try again later", Some("en_US")), Confidence::High);
    assert_eq!(sure("Try again later", Some("de")), Confidence::Medium);
    assert_eq!(sure("challenge_required", Some("de")), Confidence::High);
    assert_eq!(sure("We limit how often you can do…", None), Confidence::Medium);
    assert_eq!(sure("What is this", None), Confidence::Low);
}

#[test]
fn the_locale_settles_what_a_phrase_of_two_languages_means() {
    let rules = [
        Rule::new("network", "pt", "sem sinal aqui").expect("a rule"),
        Rule::new("rate_limited", "gl", "sem sinal aqui").expect("a rule"),
    ];
    let classifier = Classifier::new(rules).expect("a classifier");
    let class = |locale| classifier.classify("Sem sinal aqui", Place::Toast, locale).class;
    assert_eq!(class(Some("pt-BR")), Network);
    assert_eq!(class(Some("gl")), RateLimited);
    assert_eq!(class(None), RateLimited, "the graver, when nobody knows");
}

#[test]
fn extra_sentences_around_change_nothing() {
    let classifier = classifier();
    let known = TEXTS.iter().filter(|(text, place, class)| {
        let ends_whole = !text.ends_with(['…', '.']) || text.split(' ').count() > 8;
        *place == Place::Dialog && *class != Unknown && ends_whole
    });
    for (text, place, class) in known {
        let wrapped = format!("Hello there, studio.nord!\n{text}\nLearn more about it. OK");
        assert_eq!(classifier.classify(&wrapped, *place, None).class, *class, "{wrapped}");
    }
}

#[test]
fn a_gap_stands_for_a_few_words_and_no_more() {
    let classifier = classifier();
    let class = |text| classifier.classify(text, Place::Dialog, None).class;
    assert_eq!(class("Your account suspended"), AccountSuspended);
    assert_eq!(class("your account a b c d e f suspended"), AccountSuspended);
    assert_eq!(class("your account a b c d e f g suspended"), TargetUnavailable);
}

#[test]
fn a_beginning_that_could_go_on_anyhow_says_nothing() {
    let rules =
        [("account_suspended", "your account * suspended"), ("network", "your account is offline")];
    let rules = rules.map(|(class, phrase)| Rule::new(class, "en", phrase).expect("a rule"));
    let classifier = Classifier::new(rules).expect("a classifier");
    let class = |text| classifier.classify(text, Place::Dialog, None).class;
    assert_eq!(class("Your account has been…"), Unknown);
    assert_eq!(class("Your account is offl…"), Unknown);
    assert_eq!(class("Your account is offline"), Network);
    assert_eq!(class("Your account is really suspended…"), AccountSuspended);
}

#[test]
fn classes_map_to_the_error_classes_of_the_same_name() {
    for class in Class::ALL {
        let expected = match class {
            Benign => None,
            class => Some(class.as_str().parse::<ErrorClass>().expect("the same name")),
        };
        assert_eq!(class.error_class(), expected);
    }
}

#[test]
fn places_read_tolerantly_and_complain_clearly() {
    for place in Place::ALL {
        assert_eq!(place.as_str().parse(), Ok(*place));
        assert_eq!(place.to_string(), place.as_str());
        let json = serde_json::to_value(place).expect("JSON");
        assert_eq!(json, place.as_str());
        assert_eq!(serde_json::from_value::<Place>(json).expect("a place"), *place);
    }
    assert!(serde_json::from_str::<Place>("\"ceiling\"").is_err());
    for (word, place) in [
        ("Dialog", Place::Dialog),
        (" alert ", Place::Dialog),
        ("popup", Place::Dialog),
        ("SnackBar", Place::Toast),
        ("http", Place::StatusCode),
        ("status", Place::StatusCode),
        ("Profile Header", Place::ProfileHeader),
        ("profile-header", Place::ProfileHeader),
        ("username", Place::Username),
    ] {
        assert_eq!(word.parse(), Ok(place), "{word}");
    }
    let error = "ceiling".parse::<Place>().expect_err("no such place").to_string();
    for word in ["`ceiling`", "dialog", "profile_header", "status_code", "other"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn rules_that_cannot_be_are_refused_with_the_phrase_named() {
    let problem = |class, phrase| Rule::new(class, "en", phrase).expect_err("refused").to_string();
    assert!(problem("unknown", "what is this").contains("what is this"));
    let class = problem("angry", "go away now");
    assert!(class.contains("go away now") && class.contains("action_blocked"), "{class}");
    for phrase in ["", "   ", "…", "no", "* suspended", "suspended *", "a * * b c d"] {
        assert!(
            matches!(Rule::new("challenge", "en", phrase), Err(RuleError::Unusable { .. })),
            "{phrase}"
        );
    }
    assert!(Rule::new("challenge", "en", &"long ".repeat(200)).is_err());

    let twice = [
        Rule::new("network", "en", "Come back soon").expect("a rule"),
        Rule::new("challenge", "en", "come back SOON!").expect("a rule"),
    ];
    let error = Classifier::new(twice).expect_err("a contradiction").to_string();
    assert!(error.contains("network") && error.contains("challenge"), "{error}");
}

#[test]
fn the_same_rule_twice_is_one() {
    let rule = Rule::new("network", "en", "come back soon").expect("a rule");
    assert!(Classifier::new([rule.clone(), rule]).is_ok());
}

#[test]
fn a_verdict_reads_as_json() {
    let verdict = classifier().classify("Action Blocked", Place::Dialog, Some("en"));
    assert_eq!(
        serde_json::to_value(&verdict).expect("json"),
        serde_json::json!({
            "label": "action_blocked",
            "evidence": {
                "phrase": "action blocked", "language": "en", "matched": "action blocked"
            },
            "confidence": "high",
        })
    );
}

#[test]
fn a_huge_text_takes_no_longer_than_it_should() {
    let classifier = classifier();
    for unit in ["try again ", "your account ", "a...", "é\u{301}", "で", "429 ", "We limit how … "]
    {
        let text = unit.repeat(200_000);
        let begin = std::time::Instant::now();
        let _ = classifier.classify(&text, Place::Dialog, None);
        let _ = classifier.classify(&text, Place::StatusCode, None);
        assert!(begin.elapsed().as_secs() < 5, "{unit}: {:?}", begin.elapsed());
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange(text in "\\PC*", locale in proptest::option::of("\\PC{0,8}")) {
        let classifier = Classifier::new([]).expect("a classifier");
        for place in Place::ALL {
            let verdict = classifier.classify(&text, *place, locale.as_deref());
            prop_assert_eq!(verdict.class.error_class().is_none(), verdict.class == Benign);
        }
    }

    #[test]
    fn what_a_person_wrote_is_never_a_refusal(
        rule in proptest::sample::select(RULES),
        before in "\\PC{0,20}",
        after in "\\PC{0,20}",
    ) {
        let text = format!("{before} {} {after}", rule.2);
        for place in [Place::Bio, Place::Caption, Place::Comment, Place::Username, Place::Button] {
            prop_assert_eq!(classifier().classify(&text, place, None).class, Benign);
        }
    }

    #[test]
    fn rules_never_panic(class in "\\PC{0,20}", language in "\\PC{0,20}", phrase in "\\PC*") {
        let _ = Rule::new(&class, &language, &phrase);
        if let Ok(rule) = Rule::new("challenge", &language, &phrase) {
            let classifier = Classifier::new([rule]);
            let _ = classifier.map(|c| c.classify(&phrase, Place::Dialog, Some(&language)));
        }
    }

    #[test]
    fn a_phrase_finds_itself_however_it_is_dressed(rule in proptest::sample::select(RULES)) {
        prop_assume!(!rule.2.contains('*'));
        let upper = format!("❗{}❗", rule.2.to_uppercase().replace(' ', "\u{a0}\u{200b} "));
        let verdict = classifier().classify(&upper, Place::Dialog, Some(rule.1));
        prop_assert_eq!(verdict.class.as_str(), rule.0);
    }
}
