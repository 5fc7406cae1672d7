//! Numbers as the app writes them: `1,840`, `1.840`, `12.3K`, `1,2 Mio.`, `12 mil`.

use crate::profile::Labels;

/// The first number in a text. `None` if there is none or its separators make no sense: a wrong
/// number is worse than none.
pub(super) fn first_number(text: &str, thousand: &Labels, million: &Labels) -> Option<u64> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = text.get(start..)?;
    let length = figures(rest);
    let (number, unit) = rest.split_at_checked(length)?;
    let unit: String = unit.trim_start().chars().take_while(|c| c.is_alphabetic()).collect();
    let scale: u64 = match () {
        () if unit.is_empty() => 1,
        () if thousand.is(&unit) => 1_000,
        () if million.is(&unit) => 1_000_000,
        () => 1,
    };
    let groups: Vec<&str> = number.split(|c: char| !c.is_ascii_digit()).collect();
    let (last, front) = groups.split_last()?;
    let whole = |groups: &[&str]| -> Option<u64> {
        let (first, others) = groups.split_first()?;
        let grouped = others.iter().all(|group| group.len() == 3);
        (others.is_empty() || (grouped && first.len() <= 3))
            .then(|| groups.concat().parse().ok())?
    };
    if scale == 1 || front.is_empty() || last.len() == 3 {
        return whole(&groups)?.checked_mul(scale);
    }
    let part: u64 = last.parse().ok()?;
    let power = 10_u64.checked_pow(u32::try_from(last.len()).ok()?)?;
    whole(front)?.checked_mul(scale)?.checked_add(part.checked_mul(scale)? / power)
}

/// How far a number reaches: a separator belongs to it only if a digit follows, a space only if
/// three do.
fn figures(text: &str) -> usize {
    let mut end = 0;
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let next = at + c.len_utf8();
        let follows = text.get(next..).unwrap_or_default();
        let digits = follows.bytes().take_while(u8::is_ascii_digit).count();
        let joins = match c {
            '.' | ',' | '\'' | '\u{2019}' => digits > 0,
            ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' => digits == 3,
            _ => false,
        };
        if !c.is_ascii_digit() && !joins {
            break;
        }
        at = next;
        if c.is_ascii_digit() {
            end = at;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AppProfile;

    #[test]
    fn numbers_are_read_as_written() {
        let profile = AppProfile::builtin();
        let words = profile.vocabulary();
        for (text, number) in [
            ("0", Some(0)),
            ("12 posts", Some(12)),
            ("1,840", Some(1_840)),
            ("1.840 Follower", Some(1_840)),
            ("1\u{202f}840 followers", Some(1_840)),
            ("1 840 followers", Some(1_840)),
            ("12.3K", Some(12_300)),
            ("12,3 mil seguidores", Some(12_300)),
            ("1.2M followers", Some(1_200_000)),
            ("1,2 Mio. Follower", Some(1_200_000)),
            ("1,234.5K", Some(1_234_500)),
            ("Gefällt 1.234 Mal", Some(1_234)),
            ("5 Me gusta", Some(5)),
            ("3,286,001", Some(3_286_001)),
            ("1.5 posts", None),
            ("none", None),
            ("99999999999999999999999", None),
            ("18446744073709551615M", None),
        ] {
            assert_eq!(first_number(text, &words.thousand, &words.million), number, "{text}");
        }
    }
}
