//! Cells that a spreadsheet must not run.
//!
//! A program that opens a CSV takes a cell for a formula if it begins with one of
//! [`TRIGGERS`]; an apostrophe in front makes it a text (OWASP, "CSV Injection"). Where the
//! semicolon separates (much of Europe), a cell also begins after each semicolon of a text, and
//! after each tab or line break in any place. Texts that have apostrophes there already get one
//! more, so that [`unguarded`] always gives back what [`guarded`] was given.

use std::borrow::Cow;

/// What begins a formula: the signs of OWASP's list, and their full-width forms.
pub const TRIGGERS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

const fn separates(c: char) -> bool {
    matches!(c, ';' | '\t' | '\r' | '\n')
}

/// The text as a cell that no spreadsheet runs.
pub fn guarded(text: &str) -> Cow<'_, str> {
    changed(text, |apostrophes, out| {
        out.push_str(apostrophes);
        out.push('\'');
    })
}

/// The text that [`guarded`] made this cell of. A cell that was never guarded is itself.
pub fn unguarded(cell: &str) -> Cow<'_, str> {
    changed(cell, |apostrophes, out| out.push_str(apostrophes.get(1..).unwrap_or_default()))
}

/// The text with every run of apostrophes that stands between the beginning of a cell and a
/// trigger, an empty one too, rewritten.
fn changed(text: &str, rewrite: impl Fn(&str, &mut String)) -> Cow<'_, str> {
    // Most texts are words.
    if !text.starts_with('\'') && !text.contains(TRIGGERS) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 1);
    let mut rest = text;
    let mut begins = true;
    while !rest.is_empty() {
        if begins {
            let after = rest.trim_start_matches('\'');
            let apostrophes = rest.get(..rest.len() - after.len()).unwrap_or_default();
            if after.starts_with(TRIGGERS) {
                rewrite(apostrophes, &mut out);
            } else {
                out.push_str(apostrophes);
            }
            rest = after;
        }
        let mut chars = rest.chars();
        if let Some(c) = chars.next() {
            out.push(c);
            begins = separates(c);
        }
        rest = chars.as_str();
    }
    Cow::Owned(out)
}

/// JSON as a cell: it begins with a brace, so only what follows a semicolon could be taken for
/// a cell of its own. In JSON a semicolon stands in texts alone, and can be written otherwise.
pub fn guarded_json(json: &str) -> Cow<'_, str> {
    if json.contains(';') { Cow::Owned(json.replace(';', "\\u003b")) } else { Cow::Borrowed(json) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_begins_a_formula_gets_an_apostrophe() {
        for trigger in TRIGGERS {
            let text = format!("{trigger}1");
            assert!(guarded(&text).starts_with('\''), "{trigger:?}");
        }
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("a;=1+1"), "a;'=1+1");
        assert_eq!(guarded("plain; text - with = signs"), "plain; text - with = signs");
        assert_eq!(guarded("'=1"), "''=1");
        assert_eq!(guarded("'tis"), "'tis");
        assert_eq!(guarded(""), "");
    }

    #[test]
    fn json_stays_the_same_value() {
        let json = r#"{"text":"a;=HYPERLINK(1)"}"#;
        let cell = guarded_json(json);
        assert!(!cell.contains(';'));
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(value(&cell), value(json));
    }

    proptest! {
        #[test]
        fn no_cell_begins_a_formula_and_every_text_comes_back(
            text in "[';=+@a \t\r\n\u{ff1d}-]{0,12}|\\PC{0,12}"
        ) {
            let cell = guarded(&text);
            for part in cell.split([';', '\t', '\r', '\n']) {
                prop_assert!(!part.starts_with(TRIGGERS), "{cell:?}");
            }
            prop_assert_eq!(&unguarded(&cell), &text);
        }
    }
}
