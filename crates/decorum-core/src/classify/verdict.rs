//! What the classifier answers, and why.

use serde::Serialize;

use super::Class;

/// How sure the answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Nothing is known about the text.
    Low,
    /// A phrase that was cut off, or one of another language than the app is said to speak.
    Medium,
    /// A whole phrase, a status code, or a place that decides by itself.
    High,
}

/// What the answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The rule's phrase, as written in the profile.
    pub phrase: String,
    /// The rule's language; `api` for answers of the platform's servers.
    pub language: String,
    /// The words found in the text, normalized.
    pub matched: String,
}

/// The meaning of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// What it means.
    #[serde(rename = "label")]
    pub class: Class,
    /// What that rests on; `None` if on the place alone, or on nothing.
    pub evidence: Option<Evidence>,
    /// How sure it is.
    pub confidence: Confidence,
}

impl Verdict {
    pub(super) const fn by_place(class: Class) -> Self {
        let confidence =
            if matches!(class, Class::Unknown) { Confidence::Low } else { Confidence::High };
        Self { class, evidence: None, confidence }
    }
}
