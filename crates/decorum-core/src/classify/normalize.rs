//! One form for texts that read alike.
//!
//! The same message reaches us with straight or typographic quotes, with and without accents,
//! in capitals, with invisible direction marks, with emoji around it. Texts and phrases go
//! through the same function, so what it throws away is thrown away on both sides.
//!
//! What remains are words: letters and digits of one run, folded. A character of a script that
//! is written without spaces (Chinese, Japanese, Thai, ...) is a word of its own, so that
//! "matches at word boundaries" means the right thing there too.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Longer texts are looked at only so far, in bytes: no message is that long.
const TEXT_MAX: usize = 32 * 1024;

/// A text as words with one space between.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    text: String,
    /// Where each word begins.
    starts: Vec<usize>,
    /// Ends of words that an ellipsis followed: there the text was cut.
    cuts: Vec<usize>,
}

impl Words {
    pub(super) fn of(raw: &str) -> Self {
        let mut words = Self::default();
        let mut dots = 0;
        let mut apart = true;
        for c in folded(head(raw)) {
            if is_word_character(c) {
                let alone = is_unspaced(c);
                let joins = is_combining_mark(c) || (!alone && !words.ends_unspaced());
                if apart || !joins {
                    if !words.text.is_empty() {
                        words.text.push(' ');
                    }
                    words.starts.push(words.text.len());
                }
                words.text.push(c);
                apart = false;
                dots = 0;
                continue;
            }
            dots = if c == '.' { dots + 1 } else { 0 };
            if dots == 2 && !words.text.is_empty() {
                words.cuts.push(words.text.len());
            }
            apart = true;
        }
        words
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(super) fn starts(&self) -> &[usize] {
        &self.starts
    }

    pub(super) fn cuts(&self) -> &[usize] {
        &self.cuts
    }

    /// The text from a word's beginning on.
    pub(super) fn tail(&self, start: usize) -> &str {
        self.text.get(start..).unwrap_or_default()
    }

    /// The text between two offsets.
    pub(super) fn between(&self, start: usize, end: usize) -> &str {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.text.split(' ').filter(|w| !w.is_empty())
    }

    fn ends_unspaced(&self) -> bool {
        self.text.chars().rev().find(|c| !is_combining_mark(*c)).is_some_and(is_unspaced)
    }
}

/// The first [`TEXT_MAX`] bytes, without breaking a character.
fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or(text)
}

fn folded(text: &str) -> impl Iterator<Item = char> + '_ {
    text.nfkd()
        .filter(|c| !is_dropped(*c))
        .flat_map(char::to_lowercase)
        .filter(|c| !is_dropped(*c))
        .flat_map(letters)
        .nfc()
}

/// Letters that have no decomposition, as they are written where they are missing.
fn letters(c: char) -> impl Iterator<Item = char> {
    let (first, second) = match c {
        'ß' => ('s', Some('s')),
        'æ' => ('a', Some('e')),
        'œ' => ('o', Some('e')),
        'ø' => ('o', None),
        'ł' => ('l', None),
        'đ' => ('d', None),
        'ı' => ('i', None),
        'ς' => ('σ', None),
        // Letters by their Unicode class, apostrophes by their use.
        'ʼ' | 'ʹ' | 'ʻ' | 'ʽ' | 'ꞌ' => ('\'', None),
        // An ellipsis drawn at mid-height.
        '⋯' => ('.', Some('.')),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

/// What disappears without leaving a gap: accents, points that only help reading, and whatever
/// cannot be seen. Marks that make a different letter (of Indic scripts, Thai, kana) stay.
const fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}'                        // soft hyphen
        | '\u{300}'..='\u{36f}'         // accents
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}'
        | '\u{5c7}'                     // Hebrew points
        | '\u{61c}'                     // Arabic letter mark
        | '\u{640}'                     // Arabic elongation
        | '\u{64b}'..='\u{65f}' | '\u{670}' // Arabic vowel signs
        | '\u{180b}'..='\u{180f}'
        | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{fe20}'..='\u{fe2f}'       // accents, further blocks
        | '\u{200b}'..='\u{200f}'       // zero width, direction
        | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' // variation selectors
        | '\u{e0000}'..='\u{e007f}'     // tags
        | '\u{feff}'                    // byte order mark
    )
}

fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Scripts written without spaces between words.
const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}'           // Thai, Lao
        | '\u{1000}'..='\u{109f}'       // Myanmar
        | '\u{1780}'..='\u{17ff}'       // Khmer
        | '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' // kana
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'     // Han
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(raw: &str) -> String {
        Words::of(raw).text
    }

    #[test]
    fn what_reads_alike_becomes_alike() {
        for (raw, normal) in [
            ("Try Again Later!", "try again later"),
            ("  TRY\u{a0}again\n\tlater ", "try again later"),
            ("Action\u{200b} Blo\u{ad}cked", "action blocked"),
            ("\u{202a}Can’t follow\u{202c}", "can t follow"),
            ("login_required", "login required"),
            ("Inténtalo de nuevo más tarde", "intentalo de nuevo mas tarde"),
            ("Schließen STRASSE", "schliessen strasse"),
            ("l’action est bloquée", "l action est bloquee"),
            ("ＡＣＴＩＯＮ　ｂｌｏｃｋｅｄ", "action blocked"),
            ("🚫 Action blocked 🚫👩🏽‍💻", "action blocked"),
            ("İşlem engellendi", "islem engellendi"),
            ("SINIRLIYORUZ sınırlıyoruz", "sinirliyoruz sinirliyoruz"),
            ("", ""),
            ("…—“”!?🙈", ""),
        ] {
            assert_eq!(words(raw), normal, "{raw}");
        }
    }

    #[test]
    fn scripts_without_spaces_are_cut_into_characters() {
        assert_eq!(words("非公開です"), "非 公 開 で す");
        assert_eq!(words("Instagramを制限"), "instagram を 制 限");
        assert_eq!(words("ﾌﾟﾗｲﾍﾞｰﾄ"), words("プライベート"));
    }

    #[test]
    fn marks_that_make_a_letter_stay() {
        assert_ne!(words("कि"), words("का"));
        assert_ne!(words("は"), words("ば"));
        assert_eq!(words("ё й"), "е и");
        assert_eq!(words("مُحَمَّد"), words("محمد"));
    }

    #[test]
    fn an_ellipsis_marks_a_cut() {
        for raw in ["We limit thi…", "We limit thi...", "We limit thi ⋯"] {
            assert_eq!(Words::of(raw).cuts, ["we limit thi".len()], "{raw}");
        }
        assert!(Words::of("We limit. That is all.").cuts.is_empty());
    }
}
