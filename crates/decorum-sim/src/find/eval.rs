//! Whether a predicate holds for an element.

use std::cmp::Ordering;

use regex_lite::RegexBuilder;

use super::predicate::{Fold, Op, Operand, Predicate};
use super::{Problem, unknown};
use crate::attributes::{self, Attribute};
use crate::tree::Tree;

/// A value on one side of a comparison.
#[derive(Debug, Clone, PartialEq)]
enum Side {
    Nil,
    Text(String),
    Number(f64),
    List(Vec<Side>),
}

pub(super) fn holds(predicate: &Predicate, tree: &Tree, at: usize) -> Result<bool, Problem> {
    Ok(match predicate {
        Predicate::Always(yes) => *yes,
        Predicate::Not(inner) => !holds(inner, tree, at)?,
        Predicate::All(parts) => {
            for part in parts {
                if !holds(part, tree, at)? {
                    return Ok(false);
                }
            }
            true
        }
        Predicate::Any(parts) => {
            for part in parts {
                if holds(part, tree, at)? {
                    return Ok(true);
                }
            }
            false
        }
        Predicate::Compare { left, op, fold, right } => {
            compare(&side(left, tree, at)?, *op, *fold, &side(right, tree, at)?)?
        }
    })
}

fn side(operand: &Operand, tree: &Tree, at: usize) -> Result<Side, Problem> {
    Ok(match operand {
        Operand::Nil => Side::Nil,
        Operand::Text(text) => Side::Text(text.clone()),
        Operand::Number(number) => Side::Number(*number),
        Operand::List(list) => {
            Side::List(list.iter().map(|one| side(one, tree, at)).collect::<Result<_, _>>()?)
        }
        Operand::Key(key) => read(key, tree, at)?,
    })
}

fn read(key: &str, tree: &Tree, at: usize) -> Result<Side, Problem> {
    if let Some(key) = key.strip_suffix(".length") {
        return Ok(match read(key, tree, at)? {
            Side::Text(text) => {
                Side::Number(f64::from(u32::try_from(text.chars().count()).unwrap_or(u32::MAX)))
            }
            _ => Side::Number(0.0),
        });
    }
    Ok(match attributes::read(tree, at, key).ok_or_else(|| unknown(key))? {
        Attribute::Nothing => Side::Nil,
        Attribute::Text(text) => Side::Text(text),
        Attribute::Bool(yes) => Side::Number(f64::from(u8::from(yes))),
        Attribute::Number(number) => Side::Number(f64::from(number)),
        Attribute::Frame(frame) => {
            Side::Text(format!("{{{{{}, {}}}, {{{}, {}}}}}", frame.x, frame.y, frame.w, frame.h))
        }
    })
}

fn compare(left: &Side, op: Op, fold: Fold, right: &Side) -> Result<bool, Problem> {
    Ok(match op {
        Op::Equal => equal(left, right, fold),
        Op::NotEqual => !equal(left, right, fold),
        Op::Less => order(left, right, fold) == Some(Ordering::Less),
        Op::LessOrEqual => order(left, right, fold).is_some_and(Ordering::is_le),
        Op::More => order(left, right, fold) == Some(Ordering::Greater),
        Op::MoreOrEqual => order(left, right, fold).is_some_and(Ordering::is_ge),
        Op::In => match right {
            Side::List(list) => list.iter().any(|one| equal(left, one, fold)),
            _ => texts(right, left, fold).is_some_and(|(all, part)| all.contains(&part)),
        },
        Op::Between => match right {
            Side::List(list) => match list.as_slice() {
                [low, high] => {
                    order(left, low, fold).is_some_and(Ordering::is_ge)
                        && order(left, high, fold).is_some_and(Ordering::is_le)
                }
                _ => false,
            },
            _ => false,
        },
        Op::Contains => texts(left, right, fold).is_some_and(|(all, part)| all.contains(&part)),
        Op::BeginsWith => {
            texts(left, right, fold).is_some_and(|(all, part)| all.starts_with(&part))
        }
        Op::EndsWith => texts(left, right, fold).is_some_and(|(all, part)| all.ends_with(&part)),
        Op::Like => texts(left, right, fold).is_some_and(|(text, pattern)| like(&text, &pattern)),
        Op::Matches => match (left, right) {
            (Side::Text(text), Side::Text(pattern)) => matches(text, pattern, fold)?,
            (_, Side::Text(pattern)) => {
                // A pattern that is none is an error even where there is nothing to match.
                matches("", pattern, fold)?;
                false
            }
            _ => false,
        },
    })
}

fn equal(left: &Side, right: &Side, fold: Fold) -> bool {
    match (left, right) {
        (Side::Nil, Side::Nil) => true,
        _ => order(left, right, fold) == Some(Ordering::Equal),
    }
}

fn order(left: &Side, right: &Side, fold: Fold) -> Option<Ordering> {
    match (left, right) {
        (Side::Number(a), Side::Number(b)) => a.partial_cmp(b),
        (Side::Text(a), Side::Number(b)) => number(a)?.partial_cmp(b),
        (Side::Number(a), Side::Text(b)) => a.partial_cmp(&number(b)?),
        _ => texts(left, right, fold).map(|(a, b)| a.cmp(&b)),
    }
}

fn number(text: &str) -> Option<f64> {
    match text {
        "true" => Some(1.0),
        "false" => Some(0.0),
        _ => text.trim().parse().ok(),
    }
}

fn texts(left: &Side, right: &Side, fold: Fold) -> Option<(String, String)> {
    match (left, right) {
        (Side::Text(a), Side::Text(b)) => Some((folded(a, fold), folded(b, fold))),
        _ => None,
    }
}

fn folded(text: &str, fold: Fold) -> String {
    let text = if fold.case { text.to_lowercase() } else { text.to_owned() };
    if fold.accents { text.chars().map(plain).collect() } else { text }
}

/// A letter without its accent, for the letters of western languages.
fn plain(letter: char) -> char {
    match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' => 'a',
        'ç' | 'ć' | 'č' => 'c',
        'è'..='ë' | 'ē' | 'ę' | 'ě' => 'e',
        'ì'..='ï' | 'ī' => 'i',
        'ñ' | 'ń' => 'n',
        'ò'..='ö' | 'ō' => 'o',
        'ù'..='ü' | 'ū' | 'ů' => 'u',
        'ý' | 'ÿ' => 'y',
        'À'..='Å' => 'A',
        'Ç' => 'C',
        'È'..='Ë' => 'E',
        'Ì'..='Ï' => 'I',
        'Ñ' => 'N',
        'Ò'..='Ö' => 'O',
        'Ù'..='Ü' => 'U',
        other => other,
    }
}

/// `*` stands for anything, `?` for one character, a backslash takes that meaning away.
fn like(text: &str, pattern: &str) -> bool {
    #[derive(Clone, Copy)]
    enum Piece {
        Many,
        One,
        Letter(char),
    }
    let mut pieces = Vec::new();
    let mut letters = pattern.chars();
    while let Some(letter) = letters.next() {
        pieces.push(match letter {
            '*' => Piece::Many,
            '?' => Piece::One,
            '\\' => Piece::Letter(letters.next().unwrap_or('\\')),
            other => Piece::Letter(other),
        });
    }
    // Which positions of the pattern can be reached after each letter of the text.
    let mut reach = vec![false; pieces.len() + 1];
    if let Some(start) = reach.first_mut() {
        *start = true;
    }
    let spread = |reach: &mut Vec<bool>| {
        for (at, piece) in pieces.iter().enumerate() {
            if reach[at] && matches!(piece, Piece::Many) {
                reach[at + 1] = true;
            }
        }
    };
    spread(&mut reach);
    for letter in text.chars() {
        let mut next = vec![false; pieces.len() + 1];
        for (at, piece) in pieces.iter().enumerate().filter(|(at, _)| reach[*at]) {
            match piece {
                Piece::Many => next[at] = true,
                Piece::One => next[at + 1] = true,
                Piece::Letter(wanted) if *wanted == letter => next[at + 1] = true,
                Piece::Letter(_) => {}
            }
        }
        reach = next;
        spread(&mut reach);
    }
    reach.last().copied().unwrap_or(false)
}

fn matches(text: &str, pattern: &str, fold: Fold) -> Result<bool, Problem> {
    let pattern = if fold.accents { folded(pattern, fold) } else { pattern.to_owned() };
    let text = if fold.accents { folded(text, fold) } else { text.to_owned() };
    RegexBuilder::new(&format!("^(?:{pattern})$"))
        .case_insensitive(fold.case)
        .size_limit(1 << 20)
        .build()
        .map(|regex| regex.is_match(&text))
        .map_err(|error| error.to_string())
}
