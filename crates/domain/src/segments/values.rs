//! Reads the values that fields are compared with, checking their types.

use super::condition::{Compare, Literal};
use super::lexer::{Fault, Token};
use super::reader::Reader;
use super::when::{Instant, Span, Unit, When};
use super::{MAX_VALUES, suggest};
use rust_decimal::prelude::ToPrimitive;
use std::fmt::Display;
use std::str::FromStr;
use uuid::Uuid;

/// How a field is compared with a list; the flag says that the opposite is meant.
pub(super) enum Listing {
    /// `=` or `!=`: one value.
    One(bool),
    /// `in (...)` or `not in (...)`.
    Several(bool),
}

pub(super) fn listing(reader: &mut Reader) -> Option<Listing> {
    if reader.eat_sign("=") {
        Some(Listing::One(false))
    } else if reader.eat_sign("!=") {
        Some(Listing::One(true))
    } else if reader.eat_words("not", "in") {
        Some(Listing::Several(true))
    } else if reader.eat_word("in") {
        Some(Listing::Several(false))
    } else {
        None
    }
}

/// The values of a listing, and whether the opposite is meant.
pub(super) fn values<T>(
    reader: &mut Reader,
    listing: &Listing,
    read: impl Fn(&mut Reader) -> Result<T, Fault>,
) -> Result<(Vec<T>, bool), Fault> {
    match *listing {
        Listing::One(not) => Ok((vec![read(reader)?], not)),
        Listing::Several(not) => {
            reader.expect_sign("(")?;
            let mut all = vec![read(reader)?];
            while reader.eat_sign(",") {
                if all.len() == MAX_VALUES {
                    return Err(reader.here(format!("a list has at most {MAX_VALUES} values")));
                }
                all.push(read(reader)?);
            }
            reader.expect_sign(")")?;
            Ok((all, not))
        }
    }
}

/// `is empty` (false) or `is not empty` (true).
pub(super) fn emptiness(reader: &mut Reader) -> Result<Option<bool>, Fault> {
    if !reader.eat_word("is") {
        return Ok(None);
    }
    let not = reader.eat_word("not");
    reader.expect_word("empty")?;
    Ok(Some(not))
}

/// `=`, `<` and so on; the flag is set for `!=`.
pub(super) fn comparison(reader: &mut Reader) -> Option<(Compare, bool)> {
    let signs = [
        ("=", Compare::Equal, false),
        ("!=", Compare::Equal, true),
        ("<", Compare::Less, false),
        ("<=", Compare::AtMost, false),
        (">", Compare::More, false),
        (">=", Compare::AtLeast, false),
    ];
    let found = signs.into_iter().find(|(sign, ..)| reader.eat_sign(sign));
    found.map(|(_, compare, not)| (compare, not))
}

pub(super) fn text(reader: &mut Reader, what: &str) -> Result<String, Fault> {
    match reader.peek() {
        Token::Text(text) => {
            let text = text.clone();
            reader.next();
            Ok(text)
        }
        Token::Word { as_written, .. } => {
            let message = format!("{what} is a text: write it in quotes, as in \"{as_written}\"");
            Err(reader.here(message))
        }
        other => {
            let message = format!("{what} is a text, so it can't be compared with {other}");
            Err(reader.here(message))
        }
    }
}

/// A text that is not empty: for what would otherwise be in every text.
pub(super) fn part(reader: &mut Reader, what: &str) -> Result<String, Fault> {
    let place = reader.place();
    let text = text(reader, what)?;
    if text.is_empty() {
        let message = "an empty text is part of every text: ask with `is empty` or `is not empty`";
        return Err(reader.fault(place, message));
    }
    Ok(text)
}

pub(super) fn whole(reader: &mut Reader, what: &str) -> Result<i32, Fault> {
    match reader.peek() {
        Token::Number(number) => {
            let whole = Some(number)
                .filter(|number| number.is_integer())
                .and_then(ToPrimitive::to_i32);
            let Some(whole) = whole else {
                let message = format!("{what} is a whole number, and {number} is not one that it can be");
                return Err(reader.here(message));
            };
            reader.next();
            Ok(whole)
        }
        other => Err(reader.here(format!(
            "{what} is a number, so it can't be compared with {other}"
        ))),
    }
}

/// What a custom field is compared with.
pub(super) fn literal(reader: &mut Reader, what: &str) -> Result<Literal, Fault> {
    let literal = match reader.peek() {
        Token::Text(text) => Literal::Text(text.clone()),
        Token::Number(number) => Literal::Number(*number),
        Token::Word { lower, .. } if lower == "true" => Literal::Flag(true),
        Token::Word { lower, .. } if lower == "false" => Literal::Flag(false),
        Token::Word { as_written, .. } => {
            return Err(reader.here(format!(
                "{what} is compared with a text in quotes, a number, true or false: did you mean \"{as_written}\"?"
            )));
        }
        other => {
            return Err(reader.here(format!(
                "{what} is compared with a text in quotes, a number, true or false, not with {other}"
            )));
        }
    };
    reader.next();
    Ok(literal)
}

/// One of the words of an enum, with or without quotes.
pub(super) fn word<T: FromStr + Copy + Display>(
    reader: &mut Reader,
    what: &str,
    all: &[T],
) -> Result<T, Fault> {
    let written = match reader.peek() {
        Token::Word { lower, .. } => Some(lower.clone()),
        Token::Text(text) => Some(text.to_ascii_lowercase()),
        _ => None,
    };
    let found = written.as_ref().and_then(|word| word.parse().ok());
    let Some(found) = found else {
        let known: Vec<String> = all.iter().map(ToString::to_string).collect();
        let meant = written
            .and_then(|word| suggest::nearest(&word, known.iter().map(String::as_str)).map(str::to_owned));
        let hint = meant.map_or_else(String::new, |word| format!(" (did you mean `{word}`?)"));
        let message = format!("{what} is one of {}{hint}", known.join(", "));
        return Err(reader.here(message));
    };
    reader.next();
    Ok(found)
}

/// An id in quotes.
pub(super) fn id<T: From<Uuid>>(reader: &mut Reader, what: &str) -> Result<T, Fault> {
    if let Token::Text(text) = reader.peek()
        && let Ok(id) = text.parse::<Uuid>()
    {
        reader.next();
        return Ok(id.into());
    }
    Err(reader.here(format!("{what} is named by its id, in quotes")))
}

/// A time condition, if there is one.
pub(super) fn when(reader: &mut Reader) -> Result<Option<When>, Fault> {
    let when = if reader.eat_word("within") {
        When::Within(span(reader)?)
    } else if reader.eat_words("older", "than") {
        When::OlderThan(span(reader)?)
    } else if reader.eat_word("before") {
        When::Before(instant(reader)?)
    } else if reader.eat_word("after") {
        When::After(instant(reader)?)
    } else if reader.eat_word("since") {
        When::Since(instant(reader)?)
    } else if reader.eat_word("until") {
        When::Until(instant(reader)?)
    } else if reader.is_word("on") {
        reader.next();
        match reader.peek() {
            Token::Day(day) => {
                let day = *day;
                reader.next();
                When::On(day)
            }
            _ => return Err(reader.here("`on` is followed by a date, like 2026-01-31")),
        }
    } else {
        return Ok(None);
    };
    Ok(Some(when))
}

fn instant(reader: &mut Reader) -> Result<Instant, Fault> {
    let instant = match reader.peek() {
        Token::Day(day) => Instant::Day(*day),
        Token::Time(time) => Instant::Time(*time),
        _ => return Err(reader.here("a date is needed here, like 2026-01-31 or 2026-01-31T09:00:00Z")),
    };
    reader.next();
    Ok(instant)
}

fn span(reader: &mut Reader) -> Result<Span, Fault> {
    let place = reader.place();
    let count = match reader.peek() {
        Token::Number(number) if number.is_integer() => number.to_u32().unwrap_or(0),
        _ => return Err(reader.here("a whole number is needed here, as in `30 days`")),
    };
    reader.next();
    let unit = Unit::ALL.iter().copied().find(|unit| {
        matches!(reader.peek(), Token::Word { lower, .. }
            if lower.strip_suffix('s').unwrap_or(lower) == unit.as_str())
    });
    let Some(unit) = unit else {
        return Err(reader.here("hours, days or weeks are needed here"));
    };
    reader.next();
    let most = Span::most(unit);
    if !(1..=most).contains(&count) {
        let place = reader.since(place);
        return Err(reader.fault(place, format!("from 1 to {most} {unit}s are possible")));
    }
    Ok(Span { count, unit })
}
