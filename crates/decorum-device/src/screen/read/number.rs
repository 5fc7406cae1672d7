//! Numbers as the app writes them: `1,840`, `1.840`, `12.3K`, `1,2 Mio.`, `12 mil`, `1.2万`,
//! `١٬٨٤٠`.

use unicode_normalization::char::is_combining_mark;

use crate::profile::Labels;

/// The first number in a text; `units` are the words that scale it. `None` if there is none or its
/// separators make no sense: a wrong number is worse than none.
pub(super) fn first_number(text: &str, units: &[(Labels, u64)]) -> Option<u64> {
    let text: &str = &text.chars().map(western).collect::<String>();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let rest = text.get(start..)?;
    let length = figures(rest);
    let (number, unit) = rest.split_at_checked(length)?;
    let letter = |c: &char| c.is_alphabetic() || is_combining_mark(*c);
    let unit: String = unit.trim_start().chars().take_while(letter).collect();
    // Where words are written without spaces, what is counted follows the unit at once: `万人`.
    let sign: String = unit.chars().take(1).filter(|c| !c.is_ascii()).collect();
    let scale = [unit, sign]
        .iter()
        .filter(|unit| !unit.is_empty())
        .find_map(|unit| units.iter().find(|(labels, _)| labels.is(unit)))
        .map_or(1, |(_, scale)| *scale);
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

/// The digit or separator as it is written in the West.
fn western(c: char) -> char {
    let digit = |zero: u32| char::from_digit(u32::from(c) - zero, 10).unwrap_or(c);
    match c {
        '\u{660}'..='\u{669}' => digit(0x660),
        '\u{6f0}'..='\u{6f9}' => digit(0x6f0),
        '\u{966}'..='\u{96f}' => digit(0x966),
        '\u{ff10}'..='\u{ff19}' => digit(0xff10),
        '\u{66b}' | '\u{ff0e}' => '.',
        '\u{66c}' | '\u{ff0c}' => ',',
        other => other,
    }
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
            ("1.2万", Some(12_000)),
            ("フォロワー1.2万人", Some(12_000)),
            ("팔로워 3.4만명", Some(34_000)),
            ("1.5亿", Some(150_000_000)),
            ("12,3 тыс. подписчиков", Some(12_300)),
            ("1,2 млн", Some(1_200_000)),
            ("15,4 B takipçi", Some(15_400)),
            ("2,1 Mn", Some(2_100_000)),
            ("12,3 rb pengikut", Some(12_300)),
            ("1,5 jt", Some(1_500_000)),
            ("12.3 हज़ार", Some(12_300)),
            ("1.2 लाख फ़ॉलोअर", Some(120_000)),
            ("3.5 करोड़", Some(35_000_000)),
            ("١٬٨٤٠", Some(1_840)),
            ("١٢٫٣ ألف", Some(12_300)),
            ("1.5 posts", None),
            ("none", None),
            ("99999999999999999999999", None),
            ("18446744073709551615M", None),
        ] {
            assert_eq!(first_number(text, &words.units), number, "{text}");
        }
    }
}
