//! Undoes what transport did to a text: answers of servers are often passed on as they came, with
//! JSON's escapes (`r\u00e9essayer`, `Later\nWe`) or those of HTML (`isn&#39;t`).

use std::borrow::Cow;

/// The named characters of HTML that stand in messages.
const NAMED: [(&str, char); 10] = [
    ("amp", '&'),
    ("quot", '"'),
    ("apos", '\''),
    ("lt", '<'),
    ("gt", '>'),
    ("nbsp", ' '),
    ("rsquo", '’'),
    ("lsquo", '‘'),
    ("hellip", '…'),
    ("shy", '\u{ad}'),
];

/// The text as its reader would see it. What is no escape stays as it is.
pub(super) fn undone(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| matches!(b, b'\\' | b'&')) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '&']) {
        let (before, escape) = rest.split_at(at);
        plain.push_str(before);
        let (c, length) = json(escape).or_else(|| html(escape)).unwrap_or_else(|| {
            // Neither: the sign itself, which is one byte long.
            (if escape.starts_with('&') { '&' } else { '\\' }, 1)
        });
        plain.push(c);
        rest = escape.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    Cow::Owned(plain)
}

/// `\n`, `\"`, `\u00e9`, and pairs of the latter that make one character.
fn json(escape: &str) -> Option<(char, usize)> {
    let after = escape.strip_prefix('\\')?;
    match after.chars().next()? {
        'n' | 'r' | 't' | 'b' | 'f' => Some((' ', 2)),
        c @ ('"' | '/' | '\\') => Some((c, 2)),
        'u' => {
            let first = unit(escape)?;
            if let Some(c) = char::from_u32(first) {
                return Some((c, 6));
            }
            let second = escape.get(6..).and_then(unit)?;
            let both = u16::try_from(first).ok().zip(u16::try_from(second).ok())?;
            let c = char::decode_utf16([both.0, both.1]).next()?.ok()?;
            Some((c, 12))
        }
        _ => None,
    }
}

/// The number in `\u00e9`.
fn unit(escape: &str) -> Option<u32> {
    let digits = escape.strip_prefix("\\u")?.get(..4)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

/// `&amp;`, `&#39;`, `&#x27;`.
fn html(escape: &str) -> Option<(char, usize)> {
    let after = escape.strip_prefix('&')?;
    let end = after.bytes().take(10).position(|b| b == b';')?;
    let name = after.get(..end)?;
    let c = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)?
        }
        None => NAMED.iter().find(|(known, _)| *known == name)?.1,
    };
    Some((c, end + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone() {
        for (raw, plain) in [
            (r"r\u00e9essayer", "réessayer"),
            (r"Later\nWe limit", "Later We limit"),
            (r#"\"spam\": true"#, r#""spam": true"#),
            (r"\ud83d\udeab no", "🚫 no"),
            ("isn&#39;t &#x27;so&quot; &amp; on", "isn't 'so\" & on"),
            ("nothing here", "nothing here"),
        ] {
            assert_eq!(undone(raw), plain, "{raw}");
        }
    }

    #[test]
    fn what_is_no_escape_stays() {
        for raw in
            [r"\", r"\u12", r"\ud83d", r"\ud83dx", r"\q", "&", "&#;", "&#xzz;", "a & b;", "&né;"]
        {
            assert_eq!(undone(raw), raw);
        }
    }
}
