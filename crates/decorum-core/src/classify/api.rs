//! What the platform's servers answer: status codes and the stable words of their messages.
//!
//! These belong to the protocol rather than to the language of the app, so they are built in.
//! Automators in other languages send them to us; on a phone they are rarely seen. Each was
//! read in the source of a client of that protocol:
//!
//! - P: `dilame/instagram-private-api`, `src/core/request.ts`, `handleResponseError`
//! - I: `subzeroid/instagrapi`, `instagrapi/mixins/private.py` and `exceptions.py`
//! - M: `mgp25/Instagram-API`, `src/Exception/ServerMessageThrower.php`
//! - R: responses quoted in issues (mgp25 #1188, #1199, #1552, #1756; dilame #330, #737;
//!   instagrapi #281; instagram4j #538; jlobos/instagram-web-api #202, #288; ramme #322)
//! - X: the names of errors that these clients raise, as callers log them

use super::Class;
use super::normalize::Words;

/// The language under which these rules stand in the evidence.
pub(super) const LANGUAGE: &str = "api";

/// Words that mean the same wherever the platform speaks.
pub(super) const ANYWHERE: &[(Class, &str)] = &[
    (Class::AccountSuspended, "inactive user"), // P, as error_type
    (Class::AccountSuspended, "inactive_user"), // P
    (Class::AccountSuspended, "user_inactive"), // P
    (Class::AccountSuspended, "account_suspended"), // I
    (Class::AccountSuspended, "account_disabled"), // I
    (Class::AccountSuspended, "instagram.com/accounts/suspended"), // I: redirected there
    (Class::AccountSuspended, "instagram.com/accounts/disabled"), // I: redirected there
    (Class::AccountSuspended, "disabled for violating our terms"), // M, after "your account"
    (Class::AccountSuspended, "IgInactiveUserError"), // X
    (Class::AccountSuspended, "AccountSuspended"), // X
    (Class::Challenge, "challenge_required"),   // P, I, M
    (Class::Challenge, "checkpoint_required"),  // M
    (Class::Challenge, "checkpoint_challenge_required"), // M
    (Class::Challenge, "checkpoint_logged_out"), // I, as error_type
    (Class::Challenge, "checkpoint_url"),       // M, beside checkpoint_required
    (Class::Challenge, "consent_required"),     // M
    (Class::Challenge, "consent_data"),         // M, beside consent_required
    (Class::Challenge, "two_factor_required"),  // I
    (Class::Challenge, "two_factor_info"),      // I, beside two_factor_required
    (Class::Challenge, "select_verify_method"), // I, a step of a challenge
    (Class::Challenge, "verify_email_code"),    // I, a step of a challenge
    (Class::Challenge, "submit_phone"),         // I, a step of a challenge
    (Class::Challenge, "delta_login_review"),   // I, a step of a challenge
    (Class::Challenge, "scraping_warning"),     // I, a step of a challenge
    (Class::Challenge, "RecaptchaChallengeForm"), // I, as challengeType
    (Class::Challenge, "force_set_new_password"), // I, a step of a challenge
    (Class::Challenge, "instagram.com/challenge"), // the page behind challenge_required
    (Class::Challenge, "ChallengeRequired"),    // X
    (Class::Challenge, "CheckpointRequired"),   // X
    (Class::Challenge, "ConsentRequired"),      // X
    (Class::Challenge, "TwoFactorRequired"),    // X
    (Class::Challenge, "IgCheckpointError"),    // X
    (Class::Challenge, "IgLoginTwoFactorRequiredError"), // X
    (Class::Challenge, "ChallengeRequiredException"), // X
    (Class::Challenge, "CheckpointRequiredException"), // X
    (Class::LoggedOut, "login_required"),       // P, I, M
    (Class::LoggedOut, "user_has_logged_out"),  // P
    (Class::LoggedOut, "require_login: true"),  // R, of the web
    (Class::LoggedOut, "you've been logged out"), // I, as error_title of login_required
    (Class::LoggedOut, "bad_password"),         // I, M
    (Class::LoggedOut, "invalid_credentials"),  // I
    (Class::LoggedOut, "authentication_required"), // by analogy
    (Class::LoggedOut, "session_expired"),      // by analogy
    (Class::LoggedOut, "instagram.com/accounts/login"), // I: redirected there
    (Class::LoggedOut, "LoginRequired"),        // X
    (Class::LoggedOut, "ClientLoginRequired"),  // X
    (Class::LoggedOut, "LoginRequiredException"), // X
    (Class::LoggedOut, "IgLoginRequiredError"), // X
    (Class::LoggedOut, "IgUserHasLoggedOutError"), // X
    (Class::LoggedOut, "BadPassword"),          // X
    // P raises IgActionSpamError on it, I FeedbackRequired; with it come "Action Blocked" and
    // "Try Again Later" alike (R), and the account has to rest after either.
    (Class::ActionBlocked, "feedback_required"),
    (Class::ActionBlocked, "\"spam\": true"),            // P
    (Class::ActionBlocked, "IgActionSpamError"),         // X
    (Class::ActionBlocked, "FeedbackRequired"),          // X
    (Class::ActionBlocked, "FeedbackRequiredException"), // X
    (Class::ActionBlocked, "sentry_block"),              // P, I, M: refused without a way to appeal
    (Class::ActionBlocked, "SentryBlock"),               // X
    (Class::ActionBlocked, "IgSentryBlockError"),        // X
    (Class::ActionBlocked, "ip_block"),                  // I: the address is refused
    (Class::ActionBlocked, "action_blocked"),            // by analogy
    (Class::RateLimited, "rate_limit_error"),            // I
    (Class::RateLimited, "rate_limited"),                // by analogy
    (Class::RateLimited, "rate limit exceeded"),         // of the platform's graph API
    (Class::RateLimited, "rate limit reached"),          // of the same
    (Class::RateLimited, "application request limit reached"), // of the same
    (Class::RateLimited, "user request limit reached"),  // of the same
    (Class::RateLimited, "please wait a few minutes before you try again"), // I
    // The web adds this to a rate limit as well, so the words before it decide (R).
    (Class::RateLimited, "please wait a few minutes before you try again * require_login true"),
    (Class::RateLimited, "require_login true * please wait a few minutes before you try again"),
    (Class::RateLimited, "too many requests"), // RFC 6585
    (Class::RateLimited, "PleaseWaitFewMinutes"), // X
    (Class::RateLimited, "RateLimitError"),    // X
    (Class::RateLimited, "ClientThrottledError"), // X
    (Class::RateLimited, "ThrottledException"), // X
    (Class::RateLimited, "IgResponseError 429"), // X
    (Class::PrivateAccount, "not authorized to view user"), // P
    (Class::PrivateAccount, "IgPrivateUserError"), // X
    (Class::PrivateAccount, "PrivateAccount"), // X
    (Class::TargetUnavailable, "invalid target user"), // I
    (Class::TargetUnavailable, "invalid_user"), // M
    (Class::TargetUnavailable, "user_not_found"), // by analogy
    (Class::TargetUnavailable, "media not found or unavailable"), // I
    (Class::TargetUnavailable, "media_not_found"), // by analogy
    (Class::TargetUnavailable, "sorry, this media has been deleted"), // I
    (Class::TargetUnavailable, "UserNotFound"), // X
    (Class::TargetUnavailable, "MediaNotFound"), // X
    (Class::TargetUnavailable, "IgNotFoundError"), // X
    (Class::TargetUnavailable, "IgExactUserNotFoundError"), // X
    (Class::Network, "ETIMEDOUT"),
    (Class::Network, "ESOCKETTIMEDOUT"),
    (Class::Network, "ECONNRESET"),
    (Class::Network, "ECONNREFUSED"),
    (Class::Network, "ECONNABORTED"),
    (Class::Network, "ENOTFOUND"),
    (Class::Network, "ENETUNREACH"),
    (Class::Network, "EHOSTUNREACH"),
    (Class::Network, "EAI_AGAIN"),
    (Class::Network, "EPIPE"),
    (Class::Network, "socket hang up"),
    (Class::Network, "connection timed out"),
    (Class::Network, "connection refused"),
    (Class::Network, "connection reset"),
    (Class::Network, "connection aborted"),
    (Class::Network, "connection error"),
    (Class::Network, "network is unreachable"),
    (Class::Network, "name or service not known"),
    (Class::Network, "failed to establish a new connection"),
    (Class::Network, "max retries exceeded"),
    (Class::Network, "remote end closed connection"),
    (Class::Network, "request timed out"),
    (Class::Network, "read timed out"),
    (Class::Network, "gateway timeout"),
    (Class::Network, "gateway time out"),
    (Class::Network, "bad gateway"),
    (Class::Network, "internal server error"),
    (Class::Network, "ConnectionError"),
    (Class::Network, "ConnectTimeout"),
    (Class::Network, "ReadTimeout"),
    (Class::Network, "ClientConnectionError"),
    (Class::Network, "IgNetworkError"),
];

/// Words that mean this only as the answer of a server.
pub(super) const AS_STATUS: &[(Class, &str)] = &[
    (Class::LoggedOut, "unauthorized"),
    (Class::ActionBlocked, "forbidden"),
    (Class::TargetUnavailable, "not found"),
    (Class::TargetUnavailable, "gone"),
    (Class::Network, "service unavailable"),
    (Class::Network, "request timeout"),
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
        let introduced = before.replace(word);
        if word.len() != 3 || !word.bytes().all(|b| b.is_ascii_digit()) {
            continue;
        }
        let announced = matches!(introduced, Some("http" | "status" | "code" | "error"))
            // HTTP/1.1 429
            || words.between(0, start).ends_with("http 1 1 ")
            || words.between(0, start).ends_with("http 2 ");
        if !(bare || announced) {
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
