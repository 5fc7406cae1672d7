//! Meaning of a scenario, beyond its grammar.

use std::collections::HashSet;

use super::{Fault, FaultKind, Interstitial, Lists, Scenario};

/// Longest wait a scenario may ask for: ten minutes. A longer one is a typing error.
const LONGEST_WAIT_MS: u64 = 600_000;

/// Longest list of people.
const LONGEST_LIST: u32 = 100_000;

/// Longest refusal: thirty days.
const LONGEST_REFUSAL_S: u64 = 2_592_000;

/// Why a scenario cannot be played.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScenarioError {
    /// The text is not TOML, or a key is unknown or of the wrong type.
    #[error("scenario cannot be read: {0}")]
    Grammar(#[from] toml::de::Error),
    /// A key is well formed and makes no sense.
    #[error("scenario key `{key}`: {problem}")]
    Meaning {
        /// Path of the key, for example `faults[2].probability`.
        key: String,
        /// What was found and what is expected.
        problem: String,
    },
}

fn wrong(key: impl Into<String>, problem: impl Into<String>) -> ScenarioError {
    ScenarioError::Meaning { key: key.into(), problem: problem.into() }
}

/// Two ways to write the same, of which a file may use one.
pub(super) fn accounts(scenario: &Scenario) -> Result<(), ScenarioError> {
    if !scenario.accounts.is_empty() && !scenario.other_accounts.is_empty() {
        return Err(wrong("accounts", "and other_accounts say the same, give one"));
    }
    Ok(())
}

pub(super) fn check(scenario: &Scenario) -> Result<(), ScenarioError> {
    name("account", &scenario.account)?;
    names("other_accounts", &scenario.other_accounts)?;
    if scenario.other_accounts.contains(&scenario.account) {
        return Err(wrong(
            "other_accounts",
            format!("`{}` is the acting account", scenario.account),
        ));
    }
    if !matches!(scenario.scale, 2 | 3) {
        return Err(wrong("scale", format!("is {}, must be 2 or 3", scenario.scale)));
    }
    if scenario.bundle_id.trim().is_empty() {
        return Err(wrong("bundle_id", "is empty"));
    }
    for (key, value) in [
        ("load_ms", scenario.load_ms),
        ("follow_ms", scenario.follow_ms),
        ("toast_ms", scenario.toast_ms),
        ("session_timeout_ms", scenario.session_timeout_ms),
    ] {
        wait(key, value)?;
    }
    latency(scenario)?;
    population(scenario)?;
    lists(&scenario.lists)?;
    people(scenario)?;
    for (index, fault) in scenario.faults.iter().enumerate() {
        check_fault(&format!("faults[{index}]"), fault)?;
    }
    Ok(())
}

fn latency(scenario: &Scenario) -> Result<(), ScenarioError> {
    let latency = &scenario.latency;
    for (key, value) in [
        ("latency.source_ms", latency.source_ms),
        ("latency.find_ms", latency.find_ms),
        ("latency.tap_ms", latency.tap_ms),
        ("latency.screenshot_ms", latency.screenshot_ms),
        ("latency.default_ms", latency.default_ms),
    ] {
        wait(key, value)?;
    }
    share("latency.jitter", latency.jitter)
}

fn population(scenario: &Scenario) -> Result<(), ScenarioError> {
    let population = &scenario.population;
    share("population.private_share", population.private_share)?;
    share("population.missing_share", population.missing_share)?;
    share("population.suspended_share", population.suspended_share)?;
    share("population.story_share", population.story_share)?;
    share("population.trap_share", population.trap_share)?;
    let gone = population.missing_share + population.suspended_share;
    if gone > 1.0 {
        return Err(wrong(
            "population.missing_share",
            format!("and suspended_share add up to {gone}, must be at most 1"),
        ));
    }
    if population.list_length > LONGEST_LIST {
        let problem = format!("must be at most {LONGEST_LIST}");
        return Err(wrong("population.list_length", problem));
    }
    names("population.private", &population.private)?;
    names("population.missing", &population.missing)?;
    names("population.suspended", &population.suspended)
}

fn lists(lists: &Lists) -> Result<(), ScenarioError> {
    wait("lists.load_ms", lists.load_ms)?;
    share("lists.fling_share", lists.fling_share)?;
    for (key, value, most) in [
        ("lists.page_size", lists.page_size, 1_000),
        ("lists.repeats", lists.repeats, lists.page_size),
        ("lists.reorder", lists.reorder, 12),
        ("lists.ends_after", lists.ends_after, LONGEST_LIST),
        ("lists.suggestions", lists.suggestions, 200),
        ("lists.fling_rows", lists.fling_rows, 200),
        ("lists.tag_posts", lists.tag_posts, 1_000),
    ] {
        if value > most {
            return Err(wrong(key, format!("is {value}, must be at most {most}")));
        }
    }
    Ok(())
}

fn people(scenario: &Scenario) -> Result<(), ScenarioError> {
    let mut seen = HashSet::new();
    for (index, person) in scenario.people.iter().enumerate() {
        let key = format!("people[{index}].username");
        name(&key, &person.username)?;
        if !seen.insert(&person.username) {
            return Err(wrong(key, format!("`{}` is listed twice", person.username)));
        }
        if person.username == scenario.account && (person.missing || person.suspended) {
            return Err(wrong(
                key,
                "the acting account itself cannot be missing or suspended here; use a fault",
            ));
        }
        names(&format!("people[{index}].followers_list"), &person.followers_list)?;
        names(&format!("people[{index}].following_list"), &person.following_list)?;
    }
    Ok(())
}

/// Checks one fault; `key` is its path in the file.
pub(crate) fn check_fault(key: &str, fault: &Fault) -> Result<(), ScenarioError> {
    let at = |name: &str| format!("{key}.{name}");
    if let Some(probability) = fault.probability {
        share(&at("probability"), probability)?;
    }
    for (name, value) in [
        ("at_act", fault.at_act),
        ("at_request", fault.at_request),
        ("at_row", fault.at_row),
        ("times", fault.times),
    ] {
        if value == Some(0) {
            return Err(wrong(at(name), "counts from 1, is 0"));
        }
    }
    if let Some(seconds) = fault.for_seconds.filter(|seconds| *seconds > LONGEST_REFUSAL_S) {
        return Err(wrong(
            at("for_seconds"),
            format!("is {seconds}, must be at most {LONGEST_REFUSAL_S}"),
        ));
    }
    for (name, value) in [
        ("revert_after_ms", fault.revert_after_ms),
        ("stall_ms", fault.stall_ms),
        ("down_ms", fault.down_ms),
    ] {
        wait(&at(name), value.unwrap_or(0))?;
    }
    if fault.at_act.is_some() && fault.after_acts.is_some() {
        return Err(wrong(at("at_act"), "and after_acts are two triggers, give one"));
    }
    let other = fault.at_act.is_some()
        || fault.after_acts.is_some()
        || fault.at_request.is_some()
        || fault.route.is_some()
        || fault.action.is_some()
        || fault.target.is_some();
    if fault.at_row.is_some() && other {
        return Err(wrong(at("at_row"), "stands alone, without another trigger"));
    }
    if fault.within_seconds.is_some() && fault.after_acts.is_none() {
        return Err(wrong(at("within_seconds"), "needs after_acts"));
    }
    if let Some(target) = &fault.target {
        name(&at("target"), target)?;
    }
    if let Some(account) = &fault.account {
        name(&at("account"), account)?;
    }
    meaningless(key, fault)?;
    required(key, fault)
}

/// Keys that the kind has no use for.
fn meaningless(key: &str, fault: &Fault) -> Result<(), ScenarioError> {
    use FaultKind as K;
    let kind = fault.kind;
    let gate = matches!(kind, K::Challenge | K::LoggedOut | K::AccountSuspended);
    let refusal = matches!(kind, K::RateLimit | K::ActionBlocked);
    let worded = refusal || kind == K::Dialog;
    let prompt = kind == K::Interstitial;
    let request_only = matches!(kind, K::SessionLost | K::StaleElement | K::Stall | K::AgentCrash);
    let stays = matches!(kind, K::Sideways | K::Keyboard);
    let update = kind == K::AppUpdated;
    let shown = gate || worded || prompt;
    let act_only = refusal || matches!(kind, K::SilentRevert | K::Dialog);
    let rules = [
        ("at_act", fault.at_act.is_some(), !request_only),
        ("after_acts", fault.after_acts.is_some(), !request_only),
        ("action", fault.action.is_some(), !request_only),
        ("target", fault.target.is_some(), !request_only),
        ("at_request", fault.at_request.is_some(), !act_only),
        ("route", fault.route.is_some(), !act_only),
        ("at_row", fault.at_row.is_some(), shown || kind == K::Crash),
        ("for_seconds", fault.for_seconds.is_some(), refusal),
        (
            "when",
            fault.when.is_some(),
            gate || matches!(kind, K::Drop | K::Crash | K::Dialog | K::AgentCrash),
        ),
        ("show", fault.show.is_some(), worded),
        ("title", fault.title.is_some(), worded || prompt),
        ("text", fault.text.is_some(), worded || prompt),
        ("buttons", !fault.buttons.is_empty(), worded || prompt),
        ("account", fault.account.is_some(), kind == K::WrongAccount),
        ("prompt", fault.prompt.is_some(), prompt),
        ("revert_after_ms", fault.revert_after_ms.is_some(), kind == K::SilentRevert),
        ("stall_ms", fault.stall_ms.is_some(), kind == K::Stall),
        ("down_ms", fault.down_ms.is_some(), kind == K::AgentCrash),
        ("stuck", fault.stuck.is_some(), stays),
        ("rename", !fault.rename.is_empty(), update),
        ("relabel", !fault.relabel.is_empty(), update),
    ];
    for (name, given, allowed) in rules {
        if given && !allowed {
            return Err(wrong(
                format!("{key}.{name}"),
                format!("has no meaning for kind {kind:?}"),
            ));
        }
    }
    Ok(())
}

/// Keys that the kind cannot do without.
fn required(key: &str, fault: &Fault) -> Result<(), ScenarioError> {
    let (name, given) = match fault.kind {
        FaultKind::WrongAccount => ("account", fault.account.is_some()),
        FaultKind::Dialog => ("text", fault.text.is_some()),
        FaultKind::Stall => ("stall_ms", fault.stall_ms.is_some()),
        FaultKind::AppUpdated => ("rename", !fault.rename.is_empty() || !fault.relabel.is_empty()),
        FaultKind::Interstitial if fault.prompt == Some(Interstitial::Alert) => {
            ("text", fault.text.is_some())
        }
        FaultKind::Interstitial => ("prompt", fault.prompt.is_some()),
        _ => return Ok(()),
    };
    if given {
        Ok(())
    } else {
        Err(wrong(format!("{key}.{name}"), format!("is required for kind {:?}", fault.kind)))
    }
}

fn wait(key: &str, value: u64) -> Result<(), ScenarioError> {
    if value > LONGEST_WAIT_MS {
        return Err(wrong(key, format!("is {value} ms, must be at most {LONGEST_WAIT_MS}")));
    }
    Ok(())
}

fn share(key: &str, value: f64) -> Result<(), ScenarioError> {
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        Err(wrong(key, format!("is {value}, must be 0.0 to 1.0")))
    }
}

fn names(key: &str, list: &[String]) -> Result<(), ScenarioError> {
    let mut seen = HashSet::new();
    for (index, entry) in list.iter().enumerate() {
        let key = format!("{key}[{index}]");
        name(&key, entry)?;
        if !seen.insert(entry) {
            return Err(wrong(key, format!("`{entry}` is listed twice")));
        }
    }
    Ok(())
}

fn name(key: &str, value: &str) -> Result<(), ScenarioError> {
    if is_username(value) {
        Ok(())
    } else {
        Err(wrong(
            key,
            format!("`{value}` is no username: 1 to 30 of a-z, 0-9, dot and underscore"),
        ))
    }
}

/// Whether a text can be a username at all.
pub(crate) fn is_username(value: &str) -> bool {
    (1..=30).contains(&value.len())
        && value
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
}
