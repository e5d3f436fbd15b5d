//! Cuts an expression into tokens, each with its place.

use super::{MAX_EXPRESSION, MAX_TEXT};
use crate::error::Position;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use std::fmt;
use std::ops::RangeInclusive;

/// Years of dates: far from those that a database could not keep in any time zone.
const YEARS: RangeInclusive<i32> = 1900..=2999;

/// A piece of the expression, in characters from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub start: usize,
    pub end: usize,
}

/// What is wrong with an expression, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub message: String,
    pub position: Position,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// In lower case; `as_written` for what may be a key.
    Word {
        lower: String,
        as_written: String,
    },
    Text(String),
    Number(Decimal),
    Day(NaiveDate),
    Time(DateTime<Utc>),
    Sign(&'static str),
    End,
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Word { as_written, .. } => write!(f, "`{as_written}`"),
            Self::Text(_) => f.write_str("a text"),
            Self::Number(number) => write!(f, "the number {number}"),
            Self::Day(_) => f.write_str("a date"),
            Self::Time(_) => f.write_str("a time"),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::End => f.write_str("the end"),
        }
    }
}

/// An expression as characters, for telling lines and columns.
pub(super) struct Source(Vec<char>);

impl Source {
    pub fn position(&self, place: Place) -> Position {
        let before = &self.0[..place.start.min(self.0.len())];
        let line = 1 + before.iter().filter(|c| **c == '\n').count();
        let column = 1 + before.iter().rev().take_while(|c| **c != '\n').count();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Position {
            line: number(line),
            column: number(column),
            length: number((place.end - place.start).max(1)),
        }
    }

    pub fn fault(&self, place: Place, message: impl Into<String>) -> Fault {
        Fault {
            message: message.into(),
            position: self.position(place),
        }
    }
}

pub(super) fn tokens(text: &str) -> Result<(Source, Vec<(Token, Place)>), Fault> {
    let source = Source(text.chars().collect());
    let length = source.0.len();
    if length > MAX_EXPRESSION {
        let place = Place {
            start: MAX_EXPRESSION,
            end: length,
        };
        let message = format!("an expression has at most {MAX_EXPRESSION} characters");
        return Err(source.fault(place, message));
    }
    let mut lexer = Lexer {
        source: &source,
        at: 0,
    };
    let mut found = Vec::new();
    loop {
        lexer.skip_blanks();
        let start = lexer.at;
        let token = lexer.token()?;
        let end = token == Token::End;
        found.push((token, Place { start, end: lexer.at }));
        if end {
            return Ok((source, found));
        }
    }
}

struct Lexer<'a> {
    source: &'a Source,
    at: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.source.0.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    fn fault(&self, start: usize, message: impl Into<String>) -> Fault {
        self.source.fault(Place { start, end: self.at }, message)
    }

    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> String {
        let start = self.at;
        while self.peek().is_some_and(&fits) {
            self.at += 1;
        }
        self.source.0[start..self.at].iter().collect()
    }

    fn token(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        match self.peek() {
            None => Ok(Token::End),
            Some('"' | '\'') => self.text(),
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let as_written = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                let lower = as_written.to_ascii_lowercase();
                Ok(Token::Word { lower, as_written })
            }
            Some(c) if c.is_ascii_digit() || matches!(c, '-' | '+') => self.number_or_time(),
            Some(c) => {
                self.at += 1;
                let both = |lexer: &mut Self, second: char| {
                    let there = lexer.peek() == Some(second);
                    lexer.at += usize::from(there);
                    there
                };
                let sign = match c {
                    '(' => "(",
                    ')' => ")",
                    ',' => ",",
                    '.' => ".",
                    '=' => {
                        both(self, '=');
                        "="
                    }
                    '!' if both(self, '=') => "!=",
                    '<' if both(self, '=') => "<=",
                    '<' if both(self, '>') => "!=",
                    '<' => "<",
                    '>' if both(self, '=') => ">=",
                    '>' => ">",
                    _ => {
                        let message =
                            format!("`{}` means nothing here: texts are in quotes", c.escape_debug());
                        return Err(self.fault(start, message));
                    }
                };
                Ok(Token::Sign(sign))
            }
        }
    }

    fn text(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let quote = self.next();
        let mut text = String::new();
        loop {
            let c = self.next();
            match c {
                None | Some('\n') => {
                    self.at -= usize::from(c.is_some());
                    return Err(self.fault(start, "this text does not end: a quotation mark is missing"));
                }
                _ if c == quote => break,
                Some('\\') => match self.next() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some(c @ ('\\' | '"' | '\'')) => text.push(c),
                    _ => {
                        let message = "a backslash stands only before a quotation mark, `\\`, `n` or `t`";
                        return Err(self.fault(self.at.saturating_sub(2).max(start), message));
                    }
                },
                Some('\0') => return Err(self.fault(start, "a text must not contain NUL characters")),
                Some(c) => text.push(c),
            }
        }
        if text.chars().count() > MAX_TEXT {
            return Err(self.fault(start, format!("a text has at most {MAX_TEXT} characters")));
        }
        Ok(Token::Text(text))
    }

    fn number_or_time(&mut self) -> Result<Token, Fault> {
        let start = self.at;
        let word = self.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | ':' | '.' | '_'));
        let digits = word.strip_prefix('-').unwrap_or(&word);
        if digits.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
            let fine = |digits: &str| (1..=15).contains(&digits.len()) && !digits.contains('.');
            if let (true, true, Ok(number)) = (fine(whole), fine(part), word.parse::<Decimal>()) {
                return Ok(Token::Number(number.normalize()));
            }
            let message = format!(
                "`{word}` is no number: a number has up to 15 digits before and after the decimal point"
            );
            return Err(self.fault(start, message));
        }
        let day = word.parse::<NaiveDate>().ok().filter(|_| word.len() == 10);
        let time = DateTime::parse_from_rfc3339(&word).ok();
        let time = time.and_then(|time| DateTime::from_timestamp_micros(time.timestamp_micros()));
        let year = day
            .map(|day| day.year())
            .or_else(|| time.map(|time: DateTime<Utc>| time.year()));
        if year.is_some_and(|year| !YEARS.contains(&year)) {
            return Err(self.fault(start, "dates are in the years 1900 to 2999"));
        }
        if let Some(token) = day.map(Token::Day).or(time.map(Token::Time)) {
            return Ok(token);
        }
        let message = format!(
            "`{word}` is neither a number nor a date like 2026-01-31, nor a time like 2026-01-31T09:00:00Z"
        );
        Err(self.fault(start, message))
    }
}
