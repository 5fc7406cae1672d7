//! One form for texts that read alike.
//!
//! The same message reaches us with straight or typographic quotes, with and without accents,
//! in capitals, with invisible direction marks, with emoji around it. Texts and phrases go
//! through the same function, so what it throws away is thrown away on both sides.
//!
//! What remains are words: letters and digits of one run, folded. A character of a script that
//! is written without spaces (Chinese, Japanese, Thai, ...) is a word of its own, so that
//! "matches at word boundaries" means the right thing there too. So is a Korean syllable: there
//! the spaces are optional and particles are glued to the words. Arabic glues `and` and `the` to
//! the front of a word; they are taken off.

use unicode_normalization::char::{compose, decompose_compatible, is_combining_mark};

/// Longer texts are looked at only so far, in bytes: no message is that long.
const TEXT_MAX: usize = 32 * 1024;

/// A text as words with one space between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    text: String,
    /// Where each word begins.
    starts: Vec<usize>,
    /// Ends of words that an ellipsis followed: there the text was cut.
    cuts: Vec<usize>,
}

impl Words {
    pub(super) fn of(raw: &str) -> Self {
        let raw = head(raw);
        let mut reader = Reader::default();
        // Spaces between characters of unspaced scripts make a text longer by a third.
        reader.words.text.reserve(raw.len() + raw.len() / 2);
        reader.words.starts.reserve(raw.len() / 3 + 1);
        fold(raw, |c| reader.take(c));
        reader.finish()
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
}

/// Puts words together, character by character.
#[derive(Debug, Default)]
struct Reader {
    words: Words,
    /// Whether the last word goes on.
    inside: bool,
    /// Whether the last letter is one of a script without spaces.
    alone: bool,
    dots: u32,
}

impl Reader {
    fn take(&mut self, c: char) {
        if !is_word_character(c) {
            self.end_word();
            self.dots = if matches!(c, '.' | '・') { self.dots + 1 } else { 0 };
            if self.dots == 2 && !self.words.text.is_empty() {
                self.words.cuts.push(self.words.text.len());
            }
            return;
        }
        self.dots = 0;
        if c == VIRAMA && self.inside && self.words.text.ends_with(NASALS) {
            // हिन्दी, हिंदी: the nasal before a consonant is written either way.
            self.words.text.pop();
            self.words.text.push(ANUSVARA);
            return;
        }
        let alone = is_unspaced(c);
        let mark = !c.is_ascii() && is_combining_mark(c);
        let joins = mark || !(alone || self.alone);
        if !mark {
            self.alone = alone;
        }
        if !(self.inside && joins) {
            self.end_word();
            if !self.words.text.is_empty() {
                self.words.text.push(' ');
            }
            self.words.starts.push(self.words.text.len());
            self.inside = true;
        }
        self.words.text.push(c);
    }

    /// The last word is complete: what is glued to it comes off.
    fn end_word(&mut self) {
        if !std::mem::take(&mut self.inside) {
            return;
        }
        let Some(&start) = self.words.starts.last() else { return };
        let word = self.words.tail(start);
        let glued = arabic_prefix(word);
        if glued > 0 {
            self.words.text.drain(start..start + glued);
        } else if let Some((long, short)) = hindi_ending(word) {
            self.words.text.truncate(self.words.text.len() - long.len());
            self.words.text.push_str(short);
        }
    }

    fn finish(mut self) -> Words {
        self.end_word();
        self.words
    }
}

/// The words of a text as they are compared, one space between.
pub fn words(text: &str) -> String {
    Words::of(text).text
}

/// Letters that the sign for a nasal can stand for before a consonant.
const NASALS: [char; 5] = ['ङ', 'ञ', 'ण', 'न', 'म'];
/// The sign that joins two Indic consonants.
const VIRAMA: char = '\u{94d}';
/// The sign for a nasal.
const ANUSVARA: char = '\u{902}';

/// The prefixes of Arabic words, and how many letters must be left when one is taken off.
const ARABIC_PREFIXES: [(&str, usize); 7] =
    [("وال", 3), ("بال", 3), ("كال", 3), ("فال", 3), ("ال", 3), ("لل", 3), ("و", 2)];

/// How many bytes of an Arabic word are `and`, `the`, or a preposition grown together with `the`.
fn arabic_prefix(word: &str) -> usize {
    if !word.starts_with(['ا', 'و', 'ب', 'ك', 'ف', 'ل']) {
        return 0;
    }
    ARABIC_PREFIXES
        .into_iter()
        .find_map(|(prefix, least)| {
            let stem = word.strip_prefix(prefix)?;
            (stem.chars().count() >= least).then_some(prefix.len())
        })
        .unwrap_or(0)
}

/// An ending that Hindi spells in two ways, and the shorter of them.
fn hindi_ending(word: &str) -> Option<(&'static str, &'static str)> {
    if !word.ends_with(['\u{940}', '\u{947}', ANUSVARA]) {
        return None;
    }
    [("ये", "ए"), ("यें", "एं"), ("यी", "ई"), ("यीं", "ईं")]
        .into_iter()
        .find(|(long, _)| word.len() > long.len() && word.ends_with(long))
}

/// The first [`TEXT_MAX`] bytes, without breaking a character.
fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or(text)
}

/// Hands on the characters of a text as they are compared: case, accents, width, invisible marks
/// and spelling variants are gone; punctuation and white space are still there.
pub fn fold(text: &str, mut take: impl FnMut(char)) {
    // Composed again with the mark that follows, if the two make one letter.
    let mut held: Option<char> = None;
    for c in head(text).chars() {
        if let Some(plain) = plain(c) {
            if let Some(before) = held.replace(plain) {
                take(before);
            }
            continue;
        }
        decompose_compatible(c, |part| {
            let parts = part.to_lowercase().filter(|c| !is_dropped(*c)).flat_map(letters);
            for c in parts {
                let both = held.and_then(|before| compose(before, c));
                if both.is_none()
                    && let Some(before) = held
                {
                    take(before);
                }
                held = both.or(Some(c));
            }
        });
    }
    if let Some(last) = held {
        take(last);
    }
}

/// The folded letter, for the bulk of letters that neither come apart nor join another.
const fn plain(c: char) -> Option<char> {
    match c {
        '\0'..='\x7f' => Some(c.to_ascii_lowercase()),
        // Cyrillic but й; Arabic but the letters typed for one another; Devanagari but those with a
        // dot; kana, Han and Hangul, which have no case.
        'а'..='и'
        | 'к'..='я'
        | 'ا'
        | 'ب'
        | 'ت'..='غ'
        | 'ف'..='و'
        | 'ي'
        | '\u{905}'..='\u{928}'
        | 'प'..='र'
        | 'ल'
        | 'व'..='ह'
        | '\u{93e}'..='\u{94d}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}' => Some(c),
        _ => None,
    }
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
        // Arabic letters that are typed for one another, and the Persian forms of them.
        'ى' | 'ی' => ('ي', None),
        'ة' => ('ه', None),
        'ک' => ('ك', None),
        'ٱ' => ('ا', None),
        // Nasalization, drawn in two ways.
        '\u{901}' => (ANUSVARA, None),
        '\u{660}'..='\u{669}' => (digit(c, 0x660), None),
        '\u{6f0}'..='\u{6f9}' => (digit(c, 0x6f0), None),
        '\u{966}'..='\u{96f}' => (digit(c, 0x966), None),
        // Letters by their Unicode class, apostrophes by their use.
        'ʼ' | 'ʹ' | 'ʻ' | 'ʽ' | 'ꞌ' => ('\'', None),
        // An ellipsis drawn at mid-height.
        '⋯' => ('.', Some('.')),
        other => (other, None),
    };
    std::iter::once(first).chain(second)
}

/// The digit that stands at this place after `zero`.
fn digit(c: char, zero: u32) -> char {
    char::from_digit(u32::from(c).wrapping_sub(zero), 10).unwrap_or(c)
}

/// What disappears without leaving a gap: accents, points that only help reading, and whatever
/// cannot be seen. Marks that make a different letter (of Indic scripts, Thai, kana) stay; the dot
/// below Indic letters, which is often left out, does not.
const fn is_dropped(c: char) -> bool {
    matches!(c,
        '\u{ad}'                        // soft hyphen
        | '\u{300}'..='\u{36f}'         // accents
        | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}'
        | '\u{5c7}'                     // Hebrew points
        | '\u{61c}'                     // Arabic letter mark
        | '\u{640}'                     // Arabic elongation
        | '\u{64b}'..='\u{65f}' | '\u{670}' // Arabic vowel signs
        | '\u{6d6}'..='\u{6dc}'
        | '\u{93c}'                     // nukta
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
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    c.is_alphanumeric() || is_combining_mark(c)
}

/// Scripts written without spaces between words, and Hangul, where the spaces say little.
pub(super) const fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{e00}'..='\u{eff}'           // Thai, Lao
        | '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7ff}' // Hangul
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
        assert_eq!(words("制限abc制"), "制 限 abc 制");
        assert_eq!(words("ที่นี่"), "ที่ นี่", "a mark stays with its letter");
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
    fn what_is_glued_to_a_word_comes_off() {
        assert_eq!(words("والحساب للحساب بالحساب حساب"), "حساب حساب حساب حساب");
        assert_eq!(words("وحاول ولا"), "حاول لا");
        assert_eq!(words("ول الى"), "ول الي");
        assert_eq!(words("비공개 계정입니다"), words("비공개계정 입니다"));
    }

    #[test]
    fn spellings_of_one_word_become_one() {
        assert_eq!(words("ज़्यादा"), words("ज्यादा"));
        for unchanged in ["नमक", "क्या", "ये"] {
            assert_eq!(words(unchanged), unchanged);
        }
        assert_eq!(words("हिन्दी प्रतिबन्ध पाँच"), words("हिंदी प्रतिबंध पांच"));
        assert_eq!(words("कीजिये गयी"), words("कीजिए गई"));
        assert_eq!(words("إعادة المحاولة ٤٢٩"), words("اعاده المحاوله 429"));
        assert_eq!(words("حســـاب"), words("حساب"));
    }

    #[test]
    fn an_ellipsis_marks_a_cut() {
        for raw in ["We limit thi…", "We limit thi...", "We limit thi ⋯"] {
            assert_eq!(Words::of(raw).cuts, ["we limit thi".len()], "{raw}");
        }
        assert!(Words::of("We limit. That is all.").cuts.is_empty());
    }
}
