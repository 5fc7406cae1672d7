//! Who plays: two accounts on two phones, and people of every kind.

use decorum_core::Action;

/// One account, its phone and the people on its list.
pub(super) struct Part {
    pub(super) account: &'static str,
    pub(super) actions: &'static [Action],
    pub(super) comments: &'static [&'static str],
    /// What makes this phone interesting, for a person.
    pub(super) about: &'static str,
    pub(super) people: Vec<String>,
    pub(super) scenario: String,
}

const FIRST: [&str; 24] = [
    "maya", "jonas", "ines", "theo", "lena", "marco", "aiko", "david", "noor", "felix", "clara",
    "omar", "ella", "hugo", "priya", "anton", "zoe", "luca", "mira", "sven", "amara", "pablo",
    "freya", "kenji",
];
const LAST: [&str; 12] = [
    "hill", "berg", "costa", "lind", "moreau", "sato", "novak", "reyes", "holm", "adler", "quinn",
    "vega",
];

/// The `n`th invented name; all different up to 2,016.
fn name(n: usize) -> String {
    let first = FIRST[n % FIRST.len()];
    let last = LAST[(n / FIRST.len() + n) % LAST.len()];
    match n / (FIRST.len() * LAST.len()) {
        0 => format!("{first}.{last}"),
        round => format!("{first}_{last}{round}"),
    }
}

fn people(from: usize, n: u32) -> Vec<String> {
    (from..).take(usize::try_from(n).unwrap_or(usize::MAX)).map(name).collect()
}

fn quoted(names: &[&String]) -> String {
    let names: Vec<String> = names.iter().map(|n| format!("'{n}'")).collect();
    names.join(", ")
}

/// Every `step`th person from `start` on.
fn every(people: &[String], start: usize, step: usize) -> Vec<&String> {
    people.iter().skip(start).step_by(step).collect()
}

/// Both parts; the apps speak `language` if one is given.
pub(super) fn parts(n: u32, language: Option<&str>) -> Vec<Part> {
    vec![
        nord(people(0, n), language.unwrap_or("en")),
        sud(people(150, n), language.unwrap_or("es")),
    ]
}

/// Follows and likes; told to slow down once, and refused once without a word.
fn nord(people: Vec<String>, language: &str) -> Part {
    let scenario = format!(
        "account = 'studio.nord'\nlanguage = '{language}'\nload_ms = 15\nfollow_ms = 20\n\
         [latency]\nsource_ms = 8\nfind_ms = 3\ntap_ms = 4\n\
         [population]\nprivate = [{}]\nmissing = [{}]\n\
         [[faults]]\nkind = 'interstitial'\nprompt = 'notifications'\n\
         [[faults]]\nkind = 'rate_limit'\nat_act = 14\nfor_seconds = 1\n\
         [[faults]]\nkind = 'silent_revert'\nat_act = 22\naction = 'follow'\nrevert_after_ms = 120\n\
         [[faults]]\nkind = 'drop'\nat_act = 9\nwhen = 'after'\n",
        quoted(&every(&people, 3, 9)),
        quoted(&every(&people, 5, 11)),
    );
    Part {
        account: "studio.nord",
        actions: &[Action::Follow, Action::Like],
        comments: &[],
        about: "is told to slow down, loses a connection in mid-tap, is refused without a word",
        people,
        scenario,
    }
}

/// Watches stories and comments, in Spanish if nobody asks for another language, until the platform asks for a person.
fn sud(people: Vec<String>, language: &str) -> Part {
    let acts = people.len() * 3 / 2;
    let scenario = format!(
        "account = 'atelier.sud'\nlanguage = '{language}'\nload_ms = 15\n\
         [latency]\nsource_ms = 8\nfind_ms = 3\ntap_ms = 4\n\
         [population]\nstory_share = 0.7\nprivate = [{}]\n\
         [[faults]]\nkind = 'challenge'\nat_act = {acts}\n",
        quoted(&every(&people, 2, 7)),
    );
    Part {
        account: "atelier.sud",
        actions: &[Action::View, Action::Like, Action::Comment],
        comments: &["¡Qué luz tan bonita!", "Precioso trabajo."],
        about: "near the end the platform asks for a person",
        people,
        scenario,
    }
}
