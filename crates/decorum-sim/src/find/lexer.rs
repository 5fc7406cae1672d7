//! Words of a predicate string.

use super::Problem;

/// One word of a predicate.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A key or a keyword.
    Word(String),
    Text(String),
    Number(f64),
    /// `==`, `<=`, `&&` and the like.
    Sign(&'static str),
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
    /// `[cd]` after an operator.
    Options(String),
}

/// Signs, longest first.
const SIGNS: [&str; 13] =
    ["==", "=<", "=>", "<=", ">=", "<>", "!=", "&&", "||", "=", "<", ">", "!"];

/// Splits a predicate into words.
pub(super) fn split(source: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let (token, len) = match first {
            c if c.is_whitespace() => {
                rest = rest.get(c.len_utf8()..).unwrap_or_default();
                continue;
            }
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '{' => (Token::OpenList, 1),
            '}' => (Token::CloseList, 1),
            ',' => (Token::Comma, 1),
            '[' => options(rest)?,
            '\'' | '"' => text(rest, first)?,
            c if c.is_ascii_digit() || c == '-' || c == '.' => number(rest)?,
            c if c.is_alphabetic() || c == '_' || c == '@' || c == '#' => word(rest),
            _ => sign(rest)?,
        };
        tokens.push(token);
        rest = rest.get(len..).unwrap_or_default();
    }
    Ok(tokens)
}

fn options(rest: &str) -> Result<(Token, usize), Problem> {
    let end = rest.find(']').ok_or("`[` is not closed")?;
    let inner = rest.get(1..end).unwrap_or_default().trim().to_ascii_lowercase();
    if inner.is_empty() || !inner.chars().all(|c| matches!(c, 'c' | 'd' | 'n' | 'l')) {
        return Err(format!("unknown options `[{inner}]`"));
    }
    Ok((Token::Options(inner), end + 1))
}

fn text(rest: &str, quote: char) -> Result<(Token, usize), Problem> {
    let mut out = String::new();
    let mut letters = rest.char_indices().skip(1);
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some((_, 'n')) => out.push('\n'),
                Some((_, 't')) => out.push('\t'),
                Some((_, 'r')) => out.push('\r'),
                Some((_, 'u')) => {
                    let hex: String = letters.by_ref().take(4).map(|(_, c)| c).collect();
                    let code = u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32);
                    out.push(code.ok_or("`\\u` needs four hexadecimal digits")?);
                }
                Some((_, other)) => out.push(other),
                None => break,
            },
            c if c == quote => return Ok((Token::Text(out), at + 1)),
            c => out.push(c),
        }
    }
    Err("a text is not closed".to_owned())
}

fn number(rest: &str) -> Result<(Token, usize), Problem> {
    let len = rest
        .char_indices()
        .find(|&(at, c)| !(c.is_ascii_digit() || c == '.' || (at == 0 && c == '-')))
        .map_or(rest.len(), |(at, _)| at);
    let digits = rest.get(..len).unwrap_or_default();
    let value = digits.parse().map_err(|_| format!("`{digits}` is no number"))?;
    Ok((Token::Number(value), len))
}

fn word(rest: &str) -> (Token, usize) {
    let len = rest
        .char_indices()
        .find(|&(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '@' | '#')))
        .map_or(rest.len(), |(at, _)| at);
    (Token::Word(rest.get(..len).unwrap_or_default().to_owned()), len)
}

fn sign(rest: &str) -> Result<(Token, usize), Problem> {
    SIGNS
        .iter()
        .find(|sign| rest.starts_with(**sign))
        .map(|sign| (Token::Sign(sign), sign.len()))
        .ok_or_else(|| {
            let letter = rest.chars().next().unwrap_or_default();
            format!("`{letter}` was not expected")
        })
}
