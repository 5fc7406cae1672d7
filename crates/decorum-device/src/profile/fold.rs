//! One form for texts that read alike, for labels and phrases of a profile and for what a screen
//! says: case, accents, typographic quotes, invisible marks and runs of white space vary between
//! versions of an app and never carry meaning.

use decorum_core::classify;

/// Longer texts are looked at only so far, in bytes: no label or message is that long.
const TEXT_MAX: usize = 8 * 1024;

/// The longest username the platform accepts, in characters.
const USERNAME_MAX: usize = 30;

/// Folded text with its punctuation, one space between words. For labels with a name in them.
pub(crate) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len().min(TEXT_MAX));
    let mut apart = false;
    classify::fold(head(text), |c| {
        if c.is_whitespace() {
            apart = !folded.is_empty();
            return;
        }
        if std::mem::take(&mut apart) {
            folded.push(' ');
        }
        folded.push(typed(c));
    });
    folded
}

/// The words of a text as the classifier knows them, one space between; punctuation is gone.
pub(crate) fn words(text: &str) -> String {
    classify::words(head(text))
}

/// Whether the text, as it stands on a screen, has the form of a username.
pub(crate) fn is_username(text: &str) -> bool {
    (1..=USERNAME_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
}

/// Typographic punctuation as it is typed.
const fn typed(c: char) -> char {
    match c {
        '\u{2018}' | '\u{2019}' | '\u{201b}' => '\'',
        '\u{201c}'..='\u{201f}' | '«' | '»' => '"',
        '\u{2010}'..='\u{2015}' => '-',
        other => other,
    }
}

/// The first [`TEXT_MAX`] bytes, without breaking a character.
fn head(text: &str) -> &str {
    text.get(..text.floor_char_boundary(TEXT_MAX)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_alike_becomes_alike() {
        for (raw, folded, spoken) in [
            ("Follow\u{a0}ana.b", "follow ana.b", "follow ana b"),
            ("\u{200e}J’aime ", "j'aime", "j aime"),
            ("Gefa\u{308}llt mir", "gefallt mir", "gefallt mir"),
            ("Suivi(e)", "suivi(e)", "suivi e"),
            ("Add a comment…", "add a comment...", "add a comment"),
            ("フォロー中", "フォロー中", "フ ォ ロ ー 中"),
            ("Takibi Bırak", "takibi birak", "takibi birak"),
            ("फ़ॉलो करें", "फॉलो करें", "फॉलो करें"),
            ("  \n ", "", ""),
        ] {
            assert_eq!(fold(raw), folded, "{raw}");
            assert_eq!(words(raw), spoken, "{raw}");
        }
    }

    #[test]
    fn a_username_is_what_the_platform_allows() {
        assert!(is_username("ana.b_3"));
        for no in ["", "Ana", "ana b", "ana-b", "añá", "a123456789012345678901234567890"] {
            assert!(!is_username(no), "{no}");
        }
    }
}
