//! Labels and phrases of a profile, ready to be compared with what a screen says.

use std::collections::HashMap;

use decorum_core::classify::fits_gap;

use super::fold::{fold, is_username, words};

/// Stands for a person's name in a label.
pub(crate) const NAME: &str = "{username}";
/// Stands for a few words in a phrase.
const GAP: char = '*';

/// A label that is one of those looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// The name in it, lowercase, if it names somebody.
    pub(crate) username: Option<String>,
}

/// Labels that mean the same, in all languages. A label is compared as a whole.
#[derive(Debug, Clone, Default)]
pub(crate) struct Labels {
    /// Words and their best rank within a language; lower ranks are preferred.
    exact: HashMap<String, usize>,
    /// What stands before and after the name.
    around_name: Vec<(String, String)>,
}

impl Labels {
    /// Adds the labels of one language, in their order of preference.
    pub(crate) fn add(&mut self, labels: &[String]) {
        for (rank, label) in labels.iter().enumerate() {
            if let Some((before, after)) = label.split_once(NAME) {
                // Spaces next to the name belong to the frame, and folding would trim them.
                let pad = |side: &str, at_end: bool| {
                    let spaced = if at_end {
                        side.ends_with(char::is_whitespace)
                    } else {
                        side.starts_with(char::is_whitespace)
                    };
                    let mut folded = fold(side);
                    if spaced && !folded.is_empty() {
                        folded.insert(if at_end { folded.len() } else { 0 }, ' ');
                    }
                    folded
                };
                self.around_name.push((pad(before, true), pad(after, false)));
            } else {
                let words = words(label);
                if !words.is_empty() {
                    let best = self.exact.entry(words).or_insert(rank);
                    *best = rank.min(*best);
                }
            }
        }
    }

    /// Whether this is one of them, with or without a name.
    pub(crate) fn is(&self, label: &str) -> bool {
        self.read(label).is_some()
    }

    /// Whom the label names, if it is one of these.
    pub(crate) fn read(&self, label: &str) -> Option<Match> {
        if self.rank(label).is_some() {
            return Some(Match { username: None });
        }
        if self.around_name.is_empty() {
            return None;
        }
        let folded = fold(label);
        self.around_name.iter().find_map(|(before, after)| {
            let name = folded.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
            let name = name.trim_start_matches('@');
            is_username(name).then(|| Match { username: Some(name.to_owned()) })
        })
    }

    /// The rank of the label among those without a name.
    pub(crate) fn rank(&self, label: &str) -> Option<usize> {
        self.exact.get(&words(label)).copied()
    }

    /// A label that both hold.
    pub(crate) fn shared_with(&self, other: &Self) -> Option<&str> {
        // The first in the alphabet, so that a message about it is the same each time.
        self.exact.keys().filter(|words| other.exact.contains_key(*words)).min().map(String::as_str)
    }
}

/// Phrases that mean the same, in all languages. A phrase is found anywhere in a text. They are
/// kept by their first word: a page has many texts, and the languages many phrases.
#[derive(Debug, Clone, Default)]
pub(crate) struct Phrases(HashMap<String, Vec<Vec<String>>>);

impl Phrases {
    /// Adds the phrases of one language.
    pub(crate) fn add<'a>(&mut self, phrases: impl IntoIterator<Item = &'a String>) {
        for phrase in phrases {
            let parts: Vec<String> =
                phrase.split(GAP).map(words).filter(|part| !part.is_empty()).collect();
            if let Some(first) = parts.first().and_then(|part| part.split(' ').next()) {
                self.0.entry(first.to_owned()).or_default().push(parts);
            }
        }
    }

    /// Whether one of them stands in the text.
    pub(crate) fn found_in(&self, text: &str) -> bool {
        let text = words(text);
        let mut at = 0;
        text.split(' ').any(|word| {
            let tail = text.get(at..).unwrap_or_default();
            at += word.len() + 1;
            self.0.get(word).is_some_and(|phrases| phrases.iter().any(|parts| begins(tail, parts)))
        })
    }
}

/// Whether the phrase of these parts stands at the beginning of the text.
fn begins(text: &str, parts: &[String]) -> bool {
    let Some((first, rest)) = parts.split_first() else { return false };
    let Some(after) = text.strip_prefix(first.as_str()) else { return false };
    (after.is_empty() || after.starts_with(' ')) && follows(text, first.len(), rest)
}

/// Where the part stands in the text as whole words.
fn starts<'a>(text: &'a str, part: &'a str) -> impl Iterator<Item = usize> + 'a {
    text.match_indices(part).map(|(at, _)| at).filter(move |&at| {
        let before = text.get(..at).unwrap_or_default();
        let after = text.get(at + part.len()..).unwrap_or_default();
        (before.is_empty() || before.ends_with(' ')) && (after.is_empty() || after.starts_with(' '))
    })
}

/// Whether the remaining parts follow, each within what a gap may stand for.
fn follows(text: &str, end: usize, parts: &[String]) -> bool {
    let Some((next, rest)) = parts.split_first() else { return true };
    let tail = text.get(end..).unwrap_or_default();
    starts(tail, next).any(|at| {
        let between = tail.get(..at).unwrap_or_default();
        fits_gap(between) && follows(tail, at + next.len(), rest)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(of: &[&str]) -> Labels {
        let mut labels = Labels::default();
        labels.add(&of.iter().map(|&l| l.to_owned()).collect::<Vec<_>>());
        labels
    }

    #[test]
    fn a_label_says_whom_it_names() {
        let follow = labels(&["Follow", "Follow {username}", "{username} folgen", "Follow back"]);
        let name = |name: &str| Some(Match { username: Some(name.to_owned()) });
        let nobody = Some(Match { username: None });
        assert_eq!(follow.read("FOLLOW"), nobody);
        assert_eq!(follow.read("Follow Ana.B"), name("ana.b"));
        assert_eq!(follow.read("ana_b folgen"), name("ana_b"));
        assert_eq!(follow.read("Follow back"), nobody);
        for no in ["Following", "Followana", "Follow ana b", "folgen", "Unfollow ana"] {
            assert_eq!(follow.read(no), None, "{no}");
        }
    }

    #[test]
    fn a_phrase_is_found_at_word_boundaries_with_gaps() {
        let mut phrases = Phrases::default();
        phrases.add(&["try again later".to_owned(), "your account * suspended".to_owned()]);
        assert!(phrases.found_in("Please TRY again\nlater!"));
        assert!(phrases.found_in("Your account, ana.b, was suspended."));
        assert!(!phrases.found_in("retry again later"));
        assert!(!phrases.found_in("try again laterally"));
        assert!(!phrases.found_in("Your account is one of a great many that are never suspended"));
    }
}
