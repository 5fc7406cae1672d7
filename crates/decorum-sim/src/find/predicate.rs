//! Predicate strings: the part of `NSPredicate` that speaks about elements.

use super::Problem;
use super::lexer::{Token, split};

/// Brackets and negations inside each other, at most.
const DEEPEST: usize = 64;

/// A condition on an element.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Predicate {
    Always(bool),
    Not(Box<Predicate>),
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Compare { left: Operand, op: Op, fold: Fold, right: Operand },
}

/// One side of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Operand {
    Key(String),
    Text(String),
    Number(f64),
    Nil,
    List(Vec<Operand>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Contains,
    BeginsWith,
    EndsWith,
    Like,
    Matches,
    In,
    Between,
}

/// What a comparison of texts overlooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Fold {
    pub(super) case: bool,
    pub(super) accents: bool,
}

/// Reads a predicate string.
pub(super) fn parse(source: &str) -> Result<Predicate, Problem> {
    let mut parser = Parser { tokens: split(source)?, at: 0, depth: 0 };
    let predicate = parser.any()?;
    match parser.peek() {
        None => Ok(predicate),
        Some(token) => Err(format!("{} was not expected", show(token))),
    }
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).cloned();
        self.at += 1;
        token
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.at += usize::from(found);
        found
    }

    fn keyword(&mut self, word: &str, sign: &str) -> bool {
        let found = match self.peek() {
            Some(Token::Word(found)) => found.eq_ignore_ascii_case(word),
            Some(Token::Sign(found)) => *found == sign,
            _ => false,
        };
        self.at += usize::from(found);
        found
    }

    fn any(&mut self) -> Result<Predicate, Problem> {
        let mut parts = vec![self.all()?];
        while self.keyword("OR", "||") {
            parts.push(self.all()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Predicate::Any(parts) })
    }

    fn all(&mut self) -> Result<Predicate, Problem> {
        let mut parts = vec![self.one()?];
        while self.keyword("AND", "&&") {
            parts.push(self.one()?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { Predicate::All(parts) })
    }

    fn one(&mut self) -> Result<Predicate, Problem> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("it is nested too deeply".to_owned());
        }
        let predicate = if self.keyword("NOT", "!") {
            Predicate::Not(Box::new(self.one()?))
        } else if self.take(&Token::Open) {
            let inner = self.any()?;
            if !self.take(&Token::Close) {
                return Err("`(` is not closed".to_owned());
            }
            inner
        } else if self.keyword("TRUEPREDICATE", "") {
            Predicate::Always(true)
        } else if self.keyword("FALSEPREDICATE", "") {
            Predicate::Always(false)
        } else {
            self.comparison()?
        };
        self.depth -= 1;
        Ok(predicate)
    }

    fn comparison(&mut self) -> Result<Predicate, Problem> {
        let left = self.operand()?;
        let op = self.op()?;
        let fold = match self.peek() {
            Some(Token::Options(letters)) => {
                let fold = Fold { case: letters.contains('c'), accents: letters.contains('d') };
                self.at += 1;
                fold
            }
            _ => Fold::default(),
        };
        let right = self.operand()?;
        if op == Op::Between && !matches!(&right, Operand::List(list) if list.len() == 2) {
            return Err("BETWEEN needs a list of two".to_owned());
        }
        Ok(Predicate::Compare { left, op, fold, right })
    }

    fn op(&mut self) -> Result<Op, Problem> {
        let token = self.next().ok_or("an operator is missing at the end")?;
        Ok(match &token {
            Token::Sign("==" | "=") => Op::Equal,
            Token::Sign("!=" | "<>") => Op::NotEqual,
            Token::Sign("<") => Op::Less,
            Token::Sign("<=" | "=<") => Op::LessOrEqual,
            Token::Sign(">") => Op::More,
            Token::Sign(">=" | "=>") => Op::MoreOrEqual,
            Token::Word(word) => match word.to_ascii_uppercase().as_str() {
                "CONTAINS" => Op::Contains,
                "BEGINSWITH" => Op::BeginsWith,
                "ENDSWITH" => Op::EndsWith,
                "LIKE" => Op::Like,
                "MATCHES" => Op::Matches,
                "IN" => Op::In,
                "BETWEEN" => Op::Between,
                _ => return Err(format!("`{word}` is no operator")),
            },
            other => return Err(format!("{} is no operator", show(other))),
        })
    }

    fn operand(&mut self) -> Result<Operand, Problem> {
        let token = self.next().ok_or("something to compare is missing at the end")?;
        Ok(match token {
            Token::Text(text) => Operand::Text(text),
            Token::Number(number) => Operand::Number(number),
            Token::Word(word) => match word.to_ascii_uppercase().as_str() {
                "TRUE" | "YES" => Operand::Number(1.0),
                "FALSE" | "NO" => Operand::Number(0.0),
                "NIL" | "NULL" => Operand::Nil,
                "AND" | "OR" | "NOT" => return Err(format!("`{word}` was not expected")),
                _ => Operand::Key(word),
            },
            Token::OpenList => Operand::List(self.list()?),
            other => return Err(format!("{} was not expected", show(&other))),
        })
    }

    fn list(&mut self) -> Result<Vec<Operand>, Problem> {
        let mut list = Vec::new();
        if self.take(&Token::CloseList) {
            return Ok(list);
        }
        loop {
            if self.peek() == Some(&Token::OpenList) {
                return Err("a list inside a list".to_owned());
            }
            list.push(self.operand()?);
            if self.take(&Token::CloseList) {
                return Ok(list);
            }
            if !self.take(&Token::Comma) {
                return Err("`{` is not closed".to_owned());
            }
        }
    }
}

fn show(token: &Token) -> String {
    match token {
        Token::Word(word) => format!("`{word}`"),
        Token::Text(text) => format!("'{text}'"),
        Token::Number(number) => format!("`{number}`"),
        Token::Sign(sign) => format!("`{sign}`"),
        Token::Open => "`(`".to_owned(),
        Token::Close => "`)`".to_owned(),
        Token::OpenList => "`{`".to_owned(),
        Token::CloseList => "`}`".to_owned(),
        Token::Comma => "`,`".to_owned(),
        Token::Options(letters) => format!("`[{letters}]`"),
    }
}
