//! What a phrase means, as data: one line per phrase and language.

use super::Class;
use super::normalize::Words;
use crate::WordError;

/// The longest phrase, in bytes.
const PHRASE_MAX: usize = 500;
/// The shortest phrase once normalized, in bytes: shorter ones would be found everywhere.
const PHRASE_MIN: usize = 4;
/// Stands for a few words that vary, such as a name or a number.
const GAP: char = '*';

/// A phrase that cannot be a rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// No such class.
    #[error("phrase `{phrase}`: {problem}")]
    Class {
        /// The phrase.
        phrase: String,
        /// What is wrong with its class.
        problem: WordError,
    },
    /// `unknown` is what is left when no rule applies.
    #[error("phrase `{phrase}`: no phrase can mean `unknown`; leave it out")]
    Unknown {
        /// The phrase.
        phrase: String,
    },
    /// Nothing, too little or too much to look for.
    #[error(
        "phrase `{phrase}` has too little or too much in it to look for: at least {PHRASE_MIN} \
         letters or digits, at most {PHRASE_MAX} bytes, and none or something on both sides of a \
         `*`"
    )]
    Unusable {
        /// Its beginning.
        phrase: String,
    },
    /// The same phrase cannot mean two things.
    #[error("phrase `{phrase}` ({language}) is given as `{one}` and as `{other}`; keep one")]
    Contradiction {
        /// The phrase.
        phrase: String,
        /// Its language.
        language: String,
        /// One meaning.
        one: Class,
        /// The other.
        other: Class,
    },
}

/// Wherever this phrase stands in what the platform says, it means this class.
///
/// Case, accents, punctuation and white space of the phrase do not matter. A `*` in it stands
/// for up to six words: `your account was * suspended`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    class: Class,
    language: String,
    phrase: String,
}

impl Rule {
    /// A rule for a phrase as it is written in `language` (a code such as `en` or `pt-BR`).
    ///
    /// # Errors
    /// When the class is not one that a phrase can have, or the phrase is not one to look for.
    pub fn new(class: &str, language: &str, phrase: &str) -> Result<Self, RuleError> {
        let short = || phrase.chars().take(80).collect();
        let class: Class =
            class.parse().map_err(|problem| RuleError::Class { phrase: short(), problem })?;
        if class == Class::Unknown {
            return Err(RuleError::Unknown { phrase: short() });
        }
        let parts = parts(phrase);
        let letters: usize = parts.iter().map(|p| p.as_str().replace(' ', "").len()).sum();
        let gap_at_edge = parts.iter().any(Words::is_empty);
        if phrase.len() > PHRASE_MAX || letters < PHRASE_MIN || gap_at_edge {
            return Err(RuleError::Unusable { phrase: short() });
        }
        Ok(Self { class, language: primary(language), phrase: phrase.trim().to_owned() })
    }

    /// What the phrase means.
    pub const fn class(&self) -> Class {
        self.class
    }

    /// Its language: the first part of the code, in lower case.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// The phrase as given.
    pub fn phrase(&self) -> &str {
        &self.phrase
    }

    /// The phrase as looked for: its parts around the gaps.
    pub(super) fn parts(&self) -> Vec<Words> {
        parts(&self.phrase)
    }
}

fn parts(phrase: &str) -> Vec<Words> {
    phrase.split(GAP).map(Words::of).collect()
}

/// `pt` of `pt_BR`, `pt-br`, `PT`.
pub(super) fn primary(language: &str) -> String {
    let code = language.trim().split(['-', '_', '.']).next().unwrap_or_default();
    code.chars().take(16).flat_map(char::to_lowercase).collect()
}
