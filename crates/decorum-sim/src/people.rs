//! Who is behind a username.
//!
//! A person is a pure function of the scenario and the name, so the same seed gives the same
//! town of people on every machine and after every restart.

use crate::app::{ListKind, PostId, Screen};
use crate::scenario::{Person, Scenario, Strangers, is_username};
use crate::texts::Texts;

/// Somebody whose profile can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Profile {
    pub(crate) username: String,
    pub(crate) full_name: String,
    pub(crate) bio: String,
    pub(crate) followers: u64,
    pub(crate) following: u64,
    pub(crate) posts: u32,
    pub(crate) private: bool,
    pub(crate) story: bool,
    pub(crate) seed: u64,
}

/// What a username leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    Person(Box<Profile>),
    Suspended,
    Nobody,
}

const FIRST: [&str; 32] = [
    "ada", "bruno", "carla", "diego", "elena", "fynn", "greta", "hugo", "ines", "jonas", "kira",
    "liam", "mara", "nico", "olga", "pablo", "quinn", "rosa", "sven", "tara", "ugo", "vera", "wim",
    "xenia", "yara", "zoe", "alma", "ben", "cleo", "dana", "emil", "flora",
];

const LAST: [&str; 32] = [
    "stone", "rivers", "moreau", "silva", "keller", "north", "berg", "costa", "lindt", "woods",
    "fields", "hart", "novak", "reyes", "sommer", "vale", "brook", "duarte", "ernst", "faber",
    "gold", "holm", "ivers", "jensen", "klein", "lopez", "maier", "nunes", "olsen", "park", "ross",
    "santos",
];

const CRAFT: [&str; 16] = [
    "Ceramics and slow mornings",
    "Film photographer",
    "Baking bread, badly",
    "Trail runner, two dogs",
    "Illustration and murals",
    "Plants, mostly ferns",
    "Street food maps",
    "Architect of small houses",
    "Vinyl and espresso",
    "Sea swimmer all year",
    "Paper, ink, letters",
    "Teaching kids to code",
    "Bikes and bridges",
    "Wool, dyed by hand",
    "Night sky notes",
    "Cellist and tea drinker",
];

const TRAPS: [&str; 6] = [
    "Try again later is my life motto",
    "Blocked by three museums. Ask me why",
    "Coach: action blocked? We unblock your action!",
    "This account is private property of two cats",
    "User not found (out hiking)",
    "Suspended in mid-air: circus artist",
];

const CITY: [&str; 12] = [
    "Lisbon", "Porto", "Bilbao", "Lyon", "Ghent", "Graz", "Turin", "Malmö", "Leeds", "Recife",
    "Oaxaca", "Leipzig",
];

/// Stable across builds and platforms, unlike the standard library's hasher.
pub(crate) fn fingerprint(seed: u64, parts: &[&str]) -> u64 {
    let mut state = 0xcbf2_9ce4_8422_2325_u64 ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    for part in parts {
        for byte in part.bytes().chain([0xff]) {
            state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
    // The multiplication mixes upwards only; fold the high bits back.
    state ^= state >> 32;
    state = state.wrapping_mul(0xd6e8_feb8_6659_fd93);
    state ^ (state >> 32)
}

/// A number from 0 to 1, drawn by seed and name.
pub(crate) fn draw(seed: u64, what: &str, username: &str) -> f64 {
    let high = u32::try_from(fingerprint(seed, &[what, username]) >> 32).unwrap_or(0);
    f64::from(high) / f64::from(u32::MAX)
}

fn pick<'a>(list: &[&'a str], seed: u64) -> &'a str {
    let index = usize::try_from(seed % list.len().max(1) as u64).unwrap_or(0);
    list.get(index).copied().unwrap_or_default()
}

/// Looks a username up.
pub(crate) fn find(scenario: &Scenario, username: &str) -> Found {
    let listed = scenario.people.iter().find(|person| person.username == username);
    let population = &scenario.population;
    let named = |list: &[String]| list.iter().any(|name| name == username);
    let own = scenario.account == username || named(&scenario.other_accounts);
    if named(&population.missing) || listed.is_some_and(|p| p.missing) {
        return Found::Nobody;
    }
    if named(&population.suspended) || listed.is_some_and(|p| p.suspended) {
        return Found::Suspended;
    }
    if listed.is_none() && !own && !named(&population.private) {
        if scenario.strangers == Strangers::Missing || !is_username(username) {
            return Found::Nobody;
        }
        let fate = draw(scenario.seed, "fate", username);
        if fate < population.missing_share {
            return Found::Nobody;
        }
        if fate < population.missing_share + population.suspended_share {
            return Found::Suspended;
        }
    }
    Found::Person(Box::new(generate(scenario, username, listed, own)))
}

fn generate(scenario: &Scenario, username: &str, listed: Option<&Person>, own: bool) -> Profile {
    let population = &scenario.population;
    let seed = fingerprint(scenario.seed, &["person", username]);
    let trap = draw(scenario.seed, "trap", username) < population.trap_share;
    let private = match listed {
        Some(person) => person.private,
        None => !own && draw(scenario.seed, "private", username) < population.private_share,
    } || population.private.iter().any(|name| name == username);
    let story = draw(scenario.seed, "story", username) < population.story_share;
    let mut profile = Profile {
        username: username.to_owned(),
        full_name: full_name(username, seed),
        bio: if trap {
            format!("{} · {}", pick(&TRAPS, seed >> 8), pick(&CITY, seed >> 16))
        } else {
            format!("{} · {}", pick(&CRAFT, seed >> 8), pick(&CITY, seed >> 16))
        },
        followers: 40 + (seed >> 20) % 4_800,
        following: 30 + (seed >> 34) % 900,
        posts: 6 + u32::try_from((seed >> 44) % 240).unwrap_or(0),
        private,
        story: story && !own,
        seed,
    };
    if let Some(person) = listed {
        if let Some(name) = &person.full_name {
            profile.full_name.clone_from(name);
        }
        if let Some(bio) = &person.bio {
            profile.bio.clone_from(bio);
        }
        profile.followers = person.followers.unwrap_or(profile.followers);
        profile.following = person.following.unwrap_or(profile.following);
        profile.posts = person.posts.unwrap_or(profile.posts);
        profile.story = person.story.unwrap_or(profile.story);
    }
    profile
}

fn full_name(username: &str, seed: u64) -> String {
    let words: Vec<String> = username
        .split(['.', '_'])
        .map(|word| word.trim_end_matches(|c: char| c.is_ascii_digit()))
        .filter(|word| word.len() > 1)
        .take(2)
        .map(capital)
        .collect();
    match words.as_slice() {
        [] => format!("{} {}", capital(pick(&FIRST, seed)), capital(pick(&LAST, seed >> 5))),
        [only] => format!("{only} {}", capital(pick(&LAST, seed >> 5))),
        many => many.join(" "),
    }
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The username in a row of somebody's list.
pub(crate) fn list_name(scenario: &Scenario, owner: &str, list: &str, row: u32) -> String {
    let seed = fingerprint(scenario.seed, &[list, owner, &row.to_string()]);
    let joint = if seed & 1 == 0 { "." } else { "_" };
    // The row keeps names of one list apart.
    format!("{}{joint}{}{}", pick(&FIRST, seed >> 8), pick(&LAST, seed >> 24), row + 10)
}

/// Number of rows a list of somebody has.
fn list_length(scenario: &Scenario, listed: &[String], total: u64) -> u32 {
    if listed.is_empty() {
        u32::try_from(total).unwrap_or(u32::MAX).min(scenario.population.list_length)
    } else {
        u32::try_from(listed.len()).unwrap_or(u32::MAX)
    }
}

/// A list of people, as the judge knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Listed {
    /// Who follows somebody.
    Followers,
    /// Whom somebody follows.
    Following,
    /// Who liked somebody's newest post.
    Likers,
    /// Whose posts stand under a hashtag.
    Tag,
}

impl Listed {
    /// The list a screen shows and whose it is; the pictures of a hashtag are no list.
    pub(crate) fn on(screen: &Screen) -> Option<(Self, String)> {
        match screen {
            Screen::List(user, ListKind::Followers) => Some((Self::Followers, user.clone())),
            Screen::List(user, ListKind::Following) => Some((Self::Following, user.clone())),
            Screen::Likers(post) => Some((Self::Likers, post.to_string())),
            _ => None,
        }
    }
}

/// The names that the scenario gives a list, if it gives any.
fn list_given<'a>(scenario: &'a Scenario, kind: Listed, of: &str) -> &'a [String] {
    let listed = scenario.people.iter().find(|person| person.username == of);
    match (listed, kind) {
        (Some(person), Listed::Followers) => &person.followers_list,
        (Some(person), Listed::Following) => &person.following_list,
        _ => &[],
    }
}

/// How many people a list shows. `of` is a username, or a post for the likers.
pub(crate) fn list_count(scenario: &Scenario, kind: Listed, of: &str) -> u32 {
    let post = PostId::parse(of);
    let owner = match (kind, &post) {
        (Listed::Likers, Some(post)) => post.user.as_str(),
        _ => of,
    };
    let total = match (find(scenario, owner), kind) {
        (Found::Person(person), Listed::Followers) => person.followers,
        (Found::Person(person), Listed::Following) => person.following,
        (Found::Person(person), Listed::Likers) => {
            post.map_or(0, |post| like_count(&person, post.number))
        }
        _ => 0,
    };
    let count = list_length(scenario, list_given(scenario, kind, of), total);
    match scenario.lists.ends_after {
        0 => count,
        end => count.min(end),
    }
}

/// Who stands in a row of a list.
pub(crate) fn list_row(scenario: &Scenario, kind: Listed, of: &str, row: u32) -> String {
    let word = match kind {
        Listed::Followers => "followers",
        Listed::Following => "following",
        Listed::Likers => "likers",
        Listed::Tag => "gallery",
    };
    let given = list_given(scenario, kind, of).get(row as usize);
    given.cloned().unwrap_or_else(|| list_name(scenario, of, word, row))
}

/// Posts of people drawn by seed, each of somebody else.
pub(crate) fn gallery(scenario: &Scenario, what: &str, posts: u32) -> Vec<PostId> {
    (0..posts)
        .map(|row| list_name(scenario, what, "gallery", row))
        .filter(|name| matches!(find(scenario, name), Found::Person(person) if !person.private))
        .map(|name| PostId::new(name, 0))
        .collect()
}

/// What a gallery of a hashtag is drawn by.
pub(crate) fn tag_gallery(tag: &str) -> String {
    format!("tag {tag}")
}

/// Everybody in a list, in its own order: what a reader of all of it should have found.
pub(crate) fn everybody(scenario: &Scenario, kind: Listed, of: &str) -> Vec<String> {
    match kind {
        Listed::Tag => gallery(scenario, &tag_gallery(of), scenario.lists.tag_posts)
            .into_iter()
            .map(|post| post.user)
            .collect(),
        Listed::Likers => {
            let post = PostId::new(of, 0).to_string();
            let count = list_count(scenario, kind, &post);
            (0..count).map(|row| list_row(scenario, kind, &post, row)).collect()
        }
        Listed::Followers | Listed::Following => (0..list_count(scenario, kind, of))
            .map(|row| list_row(scenario, kind, of, row))
            .collect(),
    }
}

/// What a post says under its picture.
pub(crate) fn caption(profile: &Profile, post: u32) -> String {
    const LINES: [&str; 8] = [
        "Found the light again this morning.",
        "Second try. Better than the first.",
        "Slow week, good week.",
        "Made this with what was left over.",
        "Nobody blocked the view today.",
        "Try it again later, they said. So I did.",
        "For the archive.",
        "Small things, carefully.",
    ];
    pick(&LINES, fingerprint(profile.seed, &["caption", &post.to_string()])).to_owned()
}

/// How many people liked a post before anybody here did.
pub(crate) fn like_count(profile: &Profile, post: u32) -> u64 {
    3 + fingerprint(profile.seed, &["likes", &post.to_string()]) % profile.followers.max(10)
}

/// A count as the app writes it.
pub(crate) fn count_text(count: u64, texts: &Texts) -> String {
    if count < 10_000 {
        let digits = count.to_string();
        return match digits.len() {
            0..=3 => digits,
            len => format!("{}{}{}", &digits[..len - 3], texts.thousands, &digits[len - 3..]),
        };
    }
    let (unit, letter) = if count < 1_000_000 { (1_000, "K") } else { (1_000_000, "M") };
    let tenths = count / (unit / 10) % 10;
    if tenths == 0 {
        format!("{}{letter}", count / unit)
    } else {
        format!("{}{}{tenths}{letter}", count / unit, texts.decimal)
    }
}
