//! Finds known phrases in a text.
//!
//! Rules are looked up by their first word, so the cost grows with the text and not with the
//! number of rules. A text that was cut off ("We limit how often you can do certain thi…") is
//! recognized by its beginning, if that is long enough to be no coincidence and begins phrases
//! of one class only.

use std::collections::HashMap;

use super::normalize::{Words, is_unspaced};
use super::{Class, Rule, RuleError};

/// What a gap may stand for: six words, or fifteen characters of a script without spaces.
const GAP_MAX: usize = 6 * WORD_COST;
const WORD_COST: usize = 5;
const CHARACTER_COST: usize = 2;
/// Least beginning of a phrase that stands for it where an ellipsis follows, in letters; a
/// character that is a word of its own counts as four.
const CUT_MIN: usize = 12;
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
    /// How much the phrase itself says, without its gaps, in bytes.
    pub(super) said: usize,
    pub(super) extent: Extent,
}

impl Found<'_> {
    pub(super) const fn span(&self) -> (usize, usize) {
        (self.start, self.end)
    }
}

#[derive(Clone, Debug)]
struct Entry {
    rule: Rule,
    parts: Vec<Words>,
    said: usize,
}

/// Rules, ready to be looked for.
#[derive(Clone, Debug, Default)]
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
                let said = parts.iter().map(|part| part.as_str().len()).sum();
                self.entries.push(Entry { rule, parts, said });
            }
        }
        Ok(())
    }

    /// Every place where a rule whose class is `wanted` applies.
    pub(super) fn find(&self, text: &Words, wanted: impl Fn(Class) -> bool) -> Vec<Found<'_>> {
        let mut found = Vec::new();
        for (nth, &start) in text.starts().iter().enumerate() {
            let first = text.tail(start).split(' ').next().unwrap_or_default();
            let Some(candidates) = self.by_first_word.get(first) else { continue };
            let cut = Cut::after(text, start);
            for entry in candidates.iter().filter_map(|i| self.entries.get(*i)) {
                if !wanted(entry.rule.class()) {
                    continue;
                }
                let rule = &entry.rule;
                let there = whole(text, nth, &entry.parts)
                    .map(|end| (end, Extent::Whole))
                    .or_else(|| beginning(text, start, cut.as_ref()?, &entry.parts));
                let said = entry.said;
                found.extend(there.map(|(end, extent)| Found { rule, start, end, said, extent }));
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
        let mut gap = 0;
        let reachable = text.starts().iter().enumerate().skip(at).take_while(|(_, start)| {
            let within = gap <= GAP_MAX;
            gap += cost(text.tail(**start));
            within
        });
        let (next, next_end) =
            reachable.map(|(n, _)| n).find_map(|n| Some((n, part_at(text, n, part)?)))?;
        end = next_end;
        at = next + part.len();
    }
    Some(end)
}

/// What the word at the beginning of `tail` takes of a gap.
fn cost(tail: &str) -> usize {
    if tail.chars().next().is_some_and(is_unspaced) { CHARACTER_COST } else { WORD_COST }
}

/// Whether a `*` in a phrase may stand for this: up to six words, or fifteen characters of a
/// script without spaces. `between` is normalized, as [`words`](super::words) returns it.
pub fn fits_gap(between: &str) -> bool {
    between.split(' ').filter(|word| !word.is_empty()).map(cost).sum::<usize>() <= GAP_MAX
}

/// How much a text says, in letters.
fn letters(said: &str) -> usize {
    said.chars().map(|c| if is_unspaced(c) { 3 } else { 1 }).sum()
}

fn part_at(text: &Words, nth: usize, part: &Words) -> Option<usize> {
    let start = *text.starts().get(nth)?;
    let after = text.tail(start).strip_prefix(part.as_str())?;
    (after.is_empty() || after.starts_with(' ')).then_some(start + part.as_str().len())
}

/// Where a text is cut.
struct Cut {
    end: usize,
    /// From where we look to there, in bytes.
    length: usize,
    /// How much of a phrase must be there, in letters.
    least: usize,
}

impl Cut {
    /// The next cut after `start`, if it is far enough away for a phrase to be recognized.
    fn after(text: &Words, start: usize) -> Option<Self> {
        let next = text.cuts().partition_point(|cut| *cut <= start);
        let (end, least) = match text.cuts().get(next) {
            Some(end) => (*end, CUT_MIN),
            None => (text.as_str().len(), SILENT_CUT_MIN),
        };
        // A letter has at least one byte.
        let length = end.checked_sub(start).filter(|length| *length >= least)?;
        Some(Self { end, length, least })
    }
}

/// Where the text is cut, if from `start` on it says only a beginning of the phrase.
fn beginning(text: &Words, start: usize, cut: &Cut, parts: &[Words]) -> Option<(usize, Extent)> {
    let (phrase, rest) = parts.split_first()?;
    let phrase = phrase.as_str();
    let Cut { end, length, least } = *cut;
    let said = || text.between(start, end);
    if length < phrase.len() {
        let enough = || letters(said()) >= least && said().split(' ').count() >= CUT_WORDS_MIN;
        return (phrase.starts_with(said()) && enough()).then_some((end, Extent::Beginning));
    }
    if rest.is_empty() || length > phrase.len() + GAP_BYTES_MAX {
        return None;
    }
    let after = said().strip_prefix(phrase)?;
    let in_gap = after.is_empty() || after.starts_with(' ');
    (in_gap && fits_gap(after)).then_some((end, Extent::Possible))
}
