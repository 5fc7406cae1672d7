//! What did the app say? A text, and where it stood, become a [`Class`].
//!
//! The place decides first. What a person wrote, and what a button offers, is never the
//! platform's word; a profile's header speaks of the person only. Then known phrases decide:
//! those of the app profile, per language, and the few answers of the platform's servers that
//! are the same in every language (`api.rs`).
//!
//! Where phrases overlap, a longer one silences a shorter one inside it: "this user's account
//! was suspended" is not about us, though "account was suspended" would be. Where several
//! remain, the gravest wins. Where none does, a text the platform spoke is `unknown`: after an
//! act that counts as a refusal until a person has read it.

mod api;
mod body;
mod class;
mod escape;
mod normalize;
mod place;
mod rule;
mod search;
mod teach;
mod verdict;

use body::Body;
use normalize::Words;
use place::Voice;
use rule::primary;
use search::{Extent, Found, Index};

pub use class::Class;
pub use normalize::{fold, words};
pub use place::Place;
pub use rule::{Rule, RuleError};
pub use search::fits_gap;
pub use teach::{Example, TeachError};
pub use verdict::{Confidence, Evidence, Verdict};

/// Knows the phrases of one app.
#[derive(Clone, Debug)]
pub struct Classifier {
    anywhere: Index,
    as_status: Index,
}

impl Classifier {
    /// Knows these rules and the answers of the platform's servers.
    ///
    /// # Errors
    /// When two rules give one phrase two meanings.
    pub fn new(rules: impl IntoIterator<Item = Rule>) -> Result<Self, RuleError> {
        let mut classifier = Self { anywhere: Index::default(), as_status: Index::default() };
        for (class, phrase) in api::ANYWHERE {
            classifier.anywhere.add(Rule::new(class.as_str(), api::LANGUAGE, phrase)?)?;
        }
        for (class, phrase) in api::AS_STATUS {
            classifier.as_status.add(Rule::new(class.as_str(), api::LANGUAGE, phrase)?)?;
        }
        for rule in rules {
            classifier.anywhere.add(rule)?;
        }
        Ok(classifier)
    }

    /// What `text` means at `place`. `locale` is the language the app is known to speak, if it
    /// is (`de`, `pt-BR`, `pt_BR`); phrases of other languages are still recognized.
    pub fn classify(&self, text: &str, place: Place, locale: Option<&str>) -> Verdict {
        let voice = place.voice();
        if voice == Voice::Nobody {
            return Verdict::by_place(Class::Benign);
        }
        let body = if voice == Voice::Platform { body::read(text) } else { None };
        let text = match &body {
            Some(Body::Content) => return Verdict::by_place(Class::Benign),
            Some(Body::Says(said)) => said,
            None => text,
        };
        let words = Words::of(&escape::undone(text));
        let wanted = |class: Class| voice == Voice::Platform || class.is_about_target();
        let locale = locale.map(primary).filter(|l| !l.is_empty());
        let locale = locale.as_deref();
        let said = best(self.anywhere.find(&words, wanted), locale);
        let says_why = said.as_ref().is_some_and(says_why);
        // Words that only repeat a status code, and the code itself.
        let repeated = (place == Place::StatusCode && !says_why)
            .then(|| best(self.as_status.find(&words, wanted), locale))
            .flatten();
        let code = (voice == Voice::Platform && !says_why)
            .then(|| api::status_code(&words, place == Place::StatusCode))
            .flatten();
        let best = said.into_iter().chain(repeated).min_by_key(|f| rank(f, locale));
        match (best, code) {
            (best, Some((class, code))) if best.is_none_or(|f| class < f.rule.class()) => Verdict {
                class,
                evidence: Some(Evidence {
                    phrase: code.to_owned(),
                    language: api::LANGUAGE.to_owned(),
                    matched: code.to_owned(),
                }),
                confidence: Confidence::High,
            },
            (Some(best), _) => verdict(&best, &words, locale),
            (None, _) => Verdict::by_place(unrecognized(place, words.is_empty())),
        }
    }
}

/// The find that decides.
fn best<'a>(found: Vec<Found<'a>>, locale: Option<&str>) -> Option<Found<'a>> {
    telling(found, locale).into_iter().min_by_key(|f| rank(f, locale))
}

/// Whether the words tell more than a status code can. Platforms answer "please wait a few
/// minutes" with 401 and 403 too, and then it is the words that are meant.
fn says_why(said: &Found<'_>) -> bool {
    said.extent == Extent::Whole && said.rule.class().is_about_account()
}

/// The finds that say something of their own.
fn telling<'a>(found: Vec<Found<'a>>, locale: Option<&str>) -> Vec<Found<'a>> {
    let (possible, mut found): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|f| f.extent == Extent::Possible);
    found.sort_by_key(|f| (f.start, std::cmp::Reverse(f.end)));
    let mut telling = Vec::new();
    // The furthest end of anything that began no later.
    let mut reach = 0;
    for same in found.chunk_by(|a, b| a.span() == b.span()) {
        let Some(first) = same.first() else { continue };
        if first.end <= reach {
            continue;
        }
        reach = first.end;
        let in_language = |f: &&Found<'_>| locale == Some(f.rule.language());
        let whole = most_specific(same.iter().copied().filter(|f| f.extent == Extent::Whole));
        if whole.is_empty() {
            // A beginning that phrases of several classes share says nothing.
            let rivals = possible.iter().filter(|f| f.span() == first.span());
            if same.iter().chain(rivals).all(|f| f.rule.class() == first.rule.class()) {
                telling.extend_from_slice(same);
            }
        } else if whole.iter().any(|f| in_language(&f)) {
            telling.extend(whole.iter().filter(in_language));
        } else {
            telling.extend(whole);
        }
    }
    telling
}

/// Of phrases found in the same words, those that leave the least of them to a gap.
fn most_specific<'a>(same: impl Iterator<Item = Found<'a>> + Clone) -> Vec<Found<'a>> {
    let most = same.clone().map(|f| f.said).max();
    same.filter(|f| Some(f.said) == most).collect()
}

/// The gravest first; of equally grave ones the most certain, and of those the longest.
fn rank(
    f: &Found<'_>,
    locale: Option<&str>,
) -> (Class, std::cmp::Reverse<Confidence>, std::cmp::Reverse<usize>) {
    let sure = confidence(f, locale);
    (f.rule.class(), std::cmp::Reverse(sure), std::cmp::Reverse(f.end - f.start))
}

fn confidence(f: &Found<'_>, locale: Option<&str>) -> Confidence {
    let language = f.rule.language();
    let foreign = locale.is_some_and(|l| l != language && language != api::LANGUAGE);
    if f.extent != Extent::Whole || foreign { Confidence::Medium } else { Confidence::High }
}

fn verdict(f: &Found<'_>, words: &Words, locale: Option<&str>) -> Verdict {
    Verdict {
        class: f.rule.class(),
        evidence: Some(Evidence {
            phrase: f.rule.phrase().to_owned(),
            language: f.rule.language().to_owned(),
            matched: words.between(f.start, f.end).to_owned(),
        }),
        confidence: confidence(f, locale),
    }
}

fn unrecognized(place: Place, empty: bool) -> Class {
    match place.voice() {
        // A dialog without words is a dialog nobody can read.
        Voice::Platform if !empty || place == Place::Dialog => Class::Unknown,
        _ => Class::Benign,
    }
}
