//! Comparing labels as the app writes them with labels as the profile lists them.

/// A label that one of the profile's texts describes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Match {
    /// The username it names, lowercase, if it names one.
    pub(crate) username: Option<String>,
}

/// A text made comparable: lowercase, plain quotation marks and dots, single spaces, without the
/// marks that direct or hide writing.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}' => {}
            '‘' | '’' | '‛' | '´' | '`' => out.push('\''),
            '“' | '”' | '„' | '«' | '»' => out.push('"'),
            '…' => out.push_str("..."),
            c if c.is_whitespace() => out.push(' '),
            c => out.extend(c.to_lowercase()),
        }
    }
    let words: Vec<&str> = out.split(' ').filter(|w| !w.is_empty()).collect();
    words.join(" ")
}

/// Whether `label` is one of `texts`, `{username}` in them standing for a username.
pub(crate) fn says(texts: &[String], label: &str) -> Option<Match> {
    let label = plain(label);
    texts.iter().find_map(|text| {
        let text = plain(text);
        match text.split_once("{username}") {
            None => (label == text).then_some(Match { username: None }),
            Some((before, after)) => {
                let name = label.strip_prefix(before)?.strip_suffix(after)?;
                is_username(name).then(|| Match { username: Some(name.to_owned()) })
            }
        }
    })
}

fn is_username(text: &str) -> bool {
    (1..=30).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'_')
}
