//! What the platform's servers answer: status codes and the stable words of their messages.
//!
//! These belong to the protocol rather than to the language of the app, so they are built in.
//! Automators in other languages send them to us; on a phone they are rarely seen. Each was
//! read in the source of a client of that protocol:
//!
//! - P: `dilame/instagram-private-api`, `src/core/request.ts`, `handleResponseError`
//! - I: `subzeroid/instagrapi`, `instagrapi/mixins/private.py` and `exceptions.py`
//! - M: `mgp25/Instagram-API`, `src/Exception/ServerMessageThrower.php`
//! - R: responses quoted in their issues (mgp25 #1188, #1756; dilame #737)

use super::Class;
use super::normalize::Words;

/// The language under which these rules stand in the evidence.
pub(super) const LANGUAGE: &str = "api";

/// Words that mean the same wherever the platform speaks.
pub(super) const ANYWHERE: &[(Class, &str)] = &[
    (Class::AccountSuspended, "inactive user"), // P, as error_type
    (Class::AccountSuspended, "disabled for violating our terms"), // M, after "your account"
    (Class::Challenge, "challenge_required"),   // P, I, M
    (Class::Challenge, "checkpoint_required"),  // M
    (Class::Challenge, "checkpoint_challenge_required"), // M
    (Class::Challenge, "consent_required"),     // M
    (Class::Challenge, "two_factor_required"),  // I
    (Class::Challenge, "instagram.com/challenge"), // the page behind challenge_required
    (Class::LoggedOut, "login_required"),       // P, I, M
    (Class::LoggedOut, "user_has_logged_out"),  // P
    (Class::LoggedOut, "you've been logged out"), // I, as error_title of login_required
    (Class::LoggedOut, "bad_password"),         // I, M
    (Class::LoggedOut, "instagram.com/accounts/login"), // I: redirected there
    // P raises IgActionSpamError on it, I FeedbackRequired; with it come "Action Blocked" and
    // "Try Again Later" alike (R), and the account has to rest after either.
    (Class::ActionBlocked, "feedback_required"),
    (Class::ActionBlocked, "\"spam\": true"),    // P
    (Class::ActionBlocked, "IgActionSpamError"), // P
    (Class::ActionBlocked, "sentry_block"),      // P, I, M: refused without a way to appeal
    (Class::RateLimited, "rate_limit_error"),    // I
    (Class::RateLimited, "please wait a few minutes before you try again"), // I
    (Class::RateLimited, "too many requests"),   // RFC 6585
    (Class::PrivateAccount, "not authorized to view user"), // P
    (Class::TargetUnavailable, "invalid target user"), // I
    (Class::TargetUnavailable, "invalid_user"),  // M
    (Class::Network, "ETIMEDOUT"),
    (Class::Network, "ECONNRESET"),
    (Class::Network, "ECONNREFUSED"),
    (Class::Network, "ENOTFOUND"),
    (Class::Network, "ENETUNREACH"),
    (Class::Network, "EHOSTUNREACH"),
    (Class::Network, "EAI_AGAIN"),
    (Class::Network, "connection timed out"),
    (Class::Network, "connection refused"),
    (Class::Network, "connection reset"),
    (Class::Network, "network is unreachable"),
    (Class::Network, "request timed out"),
    (Class::Network, "read timed out"),
    (Class::Network, "gateway timeout"),
    (Class::Network, "bad gateway"),
    (Class::Network, "internal server error"),
];

/// Words that mean this only as the answer of a server.
pub(super) const AS_STATUS: &[(Class, &str)] = &[
    (Class::LoggedOut, "unauthorized"),
    (Class::ActionBlocked, "forbidden"),
    (Class::TargetUnavailable, "not found"),
    (Class::Network, "service unavailable"),
    (Class::Network, "timeout"),
    (Class::Network, "timed out"),
];

/// What a status code means. Where several clients of the protocol agree, what they take it for.
const fn meaning(code: u16) -> Option<Class> {
    Some(match code {
        200..=299 => Class::Benign,
        401 => Class::LoggedOut,
        // The refusal does not say why: rest, as after any refusal. If it was a logout, the
        // body says `login_required` (I), which is graver and wins.
        403 => Class::ActionBlocked,
        404 | 410 => Class::TargetUnavailable,
        429 => Class::RateLimited,
        408 | 500..=599 => Class::Network,
        _ => return None,
    })
}

/// The status code a text reports. A bare number counts only where an answer of a server is
/// expected, or where it is all that was said; elsewhere "429" may be a number of likes.
pub(super) fn status_code(words: &Words, expected: bool) -> Option<(Class, &str)> {
    let bare = expected || words.len() == 1;
    let mut before = None;
    let mut found: Option<(Class, &str)> = None;
    for (word, &start) in words.iter().zip(words.starts()) {
        let announced = matches!(before, Some("http" | "status" | "code" | "error"))
            // HTTP/1.1 429
            || words.between(0, start).ends_with("http 1 1 ")
            || words.between(0, start).ends_with("http 2 ");
        before = Some(word);
        if word.len() != 3 || !(bare || announced) {
            continue;
        }
        if let Some(class) = word.parse().ok().and_then(meaning)
            && (expected || class != Class::Benign)
            && found.is_none_or(|(graver, _)| class < graver)
        {
            found = Some((class, word));
        }
    }
    found
}
