//! Finds known phrases in a text.
//!
//! Rules are looked up by their first word, so the cost grows with the text and not with the
//! number of rules. A text that was cut off ("We limit how often you can do certain thi…") is
//! recognized by its beginning, if that is long enough to be no coincidence and begins phrases
//! of one class only.

use std::collections::HashMap;

use super::normalize::Words;
use super::{Class, Rule, RuleError};

/// Words a gap may stand for.
const GAP_WORDS_MAX: usize = 6;
/// Least beginning of a phrase that stands for it where an ellipsis follows, in bytes.
const CUT_MIN: usize = 15;
/// The same at the end of a text without an ellipsis.
const SILENT_CUT_MIN: usize = 24;
/// Least number of words of such a beginning.
const CUT_WORDS_MIN: usize = 3;

/// A text that long after the first part of a phrase is cut in no gap, in bytes.
const GAP_BYTES_MAX: usize = 200;

/// How much of a phrase is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// All of it.
    Whole,
    /// Enough of it to recognize it, before the text was cut.
    Beginning,
    /// So little that it may be something else: the text was cut in a gap.
    Possible,
}

/// A phrase, found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found<'a> {
    pub(super) rule: &'a Rule,
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) extent: Extent,
}

impl Found<'_> {
    pub(super) const fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

#[derive(Debug)]
struct Entry {
    rule: Rule,
    parts: Vec<Words>,
}

/// Rules, ready to be looked for.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: Vec<Entry>,
    by_first_word: HashMap<String, Vec<usize>>,
}

impl Index {
    /// Adds a rule, unless it is there already.
    ///
    /// # Errors
    /// When it is there with another meaning.
    pub(super) fn add(&mut self, rule: Rule) -> Result<(), RuleError> {
        let parts = rule.parts();
        let Some(first) = parts.first().and_then(|p| p.iter().next()) else { return Ok(()) };
        let same_first = self.by_first_word.entry(first.to_owned()).or_default();
        let twin = same_first.iter().filter_map(|i| self.entries.get(*i)).find(|e| {
            e.rule.language() == rule.language()
                && e.parts.iter().map(Words::as_str).eq(parts.iter().map(Words::as_str))
        });
        match twin {
            Some(twin) if twin.rule.class() == rule.class() => {}
            Some(twin) => {
                return Err(RuleError::Contradiction {
                    phrase: rule.phrase().to_owned(),
                    language: rule.language().to_owned(),
                    one: twin.rule.class(),
                    other: rule.class(),
                });
            }
            None => {
                same_first.push(self.entries.len());
                self.entries.push(Entry { rule, parts });
            }
        }
        Ok(())
    }

    /// Every place where a rule whose class is `wanted` applies.
    pub(super) fn find(&self, text: &Words, wanted: impl Fn(Class) -> bool) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        for (nth, &start) in text.starts().iter().enumerate() {
            let first = text.tail(start).split(' ').next().unwrap_or_default();
            let candidates = self.by_first_word.get(first).into_iter().flatten();
            for entry in candidates.filter_map(|i| self.entries.get(*i)) {
                if !wanted(entry.rule.class()) {
                    continue;
                }
                let rule = &entry.rule;
                let there = whole(text, nth, &entry.parts)
                    .map(|end| (end, Extent::Whole))
                    .or_else(|| beginning(text, start, &entry.parts));
                found.extend(there.map(|(end, extent)| Found { rule, start, end, extent }));
            }
        }
        found
    }
}

/// Where the phrase ends if all of it begins at the `nth` word.
fn whole(text: &Words, nth: usize, parts: &[Words]) -> Option<usize> {
    let (first, rest) = parts.split_first()?;
    let mut end = part_at(text, nth, first)?;
    let mut at = nth + first.len();
    for part in rest {
        let (next, next_end) =
            (at..=at + GAP_WORDS_MAX).find_map(|n| Some((n, part_at(text, n, part)?)))?;
        end = next_end;
        at = next + part.len();
    }
    Some(end)
}

fn part_at(text: &Words, nth: usize, part: &Words) -> Option<usize> {
    let start = *text.starts().get(nth)?;
    let after = text.tail(start).strip_prefix(part.as_str())?;
    (after.is_empty() || after.starts_with(' ')).then_some(start + part.as_str().len())
}

/// Where the text is cut, if from `start` on it says only a beginning of the phrase.
fn beginning(text: &Words, start: usize, parts: &[Words]) -> Option<(usize, Extent)> {
    let (phrase, rest) = parts.split_first()?;
    let phrase = phrase.as_str();
    let next = text.cuts().partition_point(|cut| *cut <= start);
    let (end, least) = match text.cuts().get(next) {
        Some(end) => (*end, CUT_MIN),
        None => (text.as_str().len(), SILENT_CUT_MIN),
    };
    let length = end.checked_sub(start).filter(|length| *length >= least)?;
    let said = || text.between(start, end);
    if length < phrase.len() {
        let enough = || said().split(' ').count() >= CUT_WORDS_MIN;
        return (phrase.starts_with(said()) && enough()).then_some((end, Extent::Beginning));
    }
    if rest.is_empty() || length > phrase.len() + GAP_BYTES_MAX {
        return None;
    }
    let after = said().strip_prefix(phrase)?;
    let in_gap = after.is_empty() || after.starts_with(' ');
    let words = after.split(' ').filter(|word| !word.is_empty()).count();
    (in_gap && words <= GAP_WORDS_MAX).then_some((end, Extent::Possible))
}
