//! Quotes that do not match.
//!
//! A reader of CSV is patient: a quote that is never closed, or closed by the next one some
//! rows later, makes one cell of many rows, and the people in them would be lost without a
//! word. So the bytes are watched on their way to it.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// What is wrong, and in which line the quote was opened.
pub(super) type Mismatch = (u64, &'static str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the beginning of a cell.
    Start,
    /// In a cell without quotes; a quote in it is a character.
    Plain,
    /// Between the quotes of a cell.
    Quoted,
    /// After a quote within quotes: the end of the cell, or the first of two that stand for one.
    AfterQuote,
}

/// Hands on what `inner` reads as long as its quotes match.
pub(super) struct Quotes<R> {
    inner: R,
    delimiter: u8,
    state: State,
    line: u64,
    opened_in: u64,
    mismatch: Rc<Cell<Option<Mismatch>>>,
}

impl<R: Read> Quotes<R> {
    /// A watch that says in `mismatch` what it met.
    pub(super) fn new(inner: R, delimiter: u8, mismatch: &Rc<Cell<Option<Mismatch>>>) -> Self {
        let mismatch = Rc::clone(mismatch);
        Self { inner, delimiter, state: State::Start, line: 1, opened_in: 1, mismatch }
    }

    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        let ends = byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        self.state = match (self.state, byte) {
            (State::Start, b'"') => {
                self.opened_in = self.line;
                State::Quoted
            }
            (State::Quoted, b'"') => State::AfterQuote,
            (State::AfterQuote, b'"') | (State::Quoted, _) => State::Quoted,
            (State::Start | State::Plain | State::AfterQuote, _) if ends => State::Start,
            (State::AfterQuote, _) => return Err("text after the quote that closes a cell"),
            (State::Start | State::Plain, _) => State::Plain,
        };
        if byte == b'\n' {
            self.line += 1;
        }
        Ok(())
    }

    fn refuse(&self, problem: &'static str) -> io::Error {
        self.mismatch.set(Some((self.opened_in, problem)));
        io::Error::new(io::ErrorKind::InvalidData, problem)
    }
}

impl<R: Read> Read for Quotes<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buffer)?;
        if n == 0 && !buffer.is_empty() && self.state == State::Quoted {
            return Err(self.refuse("a quote that is never closed"));
        }
        for byte in buffer.iter().take(n) {
            self.step(*byte).map_err(|problem| self.refuse(problem))?;
        }
        Ok(n)
    }
}
