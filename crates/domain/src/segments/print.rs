//! The canonical form: reading it gives the same condition again.

use super::condition::{Condition, CustomTest, EventTest, Literal, Subject, TextTest};
use super::when::{Instant, Span, When};
use crate::leads::LeadEventKind;
use chrono::{DateTime, SecondsFormat, Utc};
use std::fmt::{self, Display, Formatter, Write};

/// A text in quotes.
struct Quoted<'a>(&'a str);

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for c in self.0.chars() {
            match c {
                '"' | '\\' => write!(f, "\\{c}")?,
                '\n' => f.write_str("\\n")?,
                '\t' => f.write_str("\\t")?,
                c => f.write_char(c)?,
            }
        }
        f.write_char('"')
    }
}

impl Display for Literal {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => Quoted(text).fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Flag(flag) => flag.fmt(f),
        }
    }
}

fn key(key: &str) -> String {
    let mut bytes = key.bytes();
    let plain = bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain {
        key.to_owned()
    } else {
        Quoted(key).to_string()
    }
}

/// `= one`, or `in (several)`; the opposite where `not` is set.
fn list<T: Display>(f: &mut Formatter<'_>, not: bool, values: impl IntoIterator<Item = T>) -> fmt::Result {
    let values: Vec<String> = values.into_iter().map(|value| value.to_string()).collect();
    match (values.as_slice(), not) {
        ([one], false) => write!(f, " = {one}"),
        ([one], true) => write!(f, " != {one}"),
        (all, false) => write!(f, " in ({})", all.join(", ")),
        (all, true) => write!(f, " not in ({})", all.join(", ")),
    }
}

fn empty(f: &mut Formatter<'_>, not: bool) -> fmt::Result {
    f.write_str(if not { " is not empty" } else { " is empty" })
}

impl Condition {
    /// Whether its opposite has a spelling of its own.
    fn has_opposite(&self) -> bool {
        use super::Compare;
        match self {
            Self::Status(_)
            | Self::Stage(_)
            | Self::Furthest(_)
            | Self::Deliverable(_)
            | Self::Address(..)
            | Self::Number(_, Compare::Equal, _)
            | Self::Tag(_)
            | Self::NoTags
            | Self::Client(_)
            | Self::NoClient
            | Self::Consent(..) => true,
            Self::Text(_, test) => matches!(test, TextTest::In(_) | TextTest::Empty),
            Self::Custom(_, test) => matches!(test, CustomTest::In(_) | CustomTest::Empty),
            _ => false,
        }
    }

    fn print(&self, f: &mut Formatter<'_>, not: bool) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("everyone"),
            Self::Suppressed => f.write_str("suppressed"),
            Self::All(items) => join(f, items, " and ", |item| {
                matches!(item, Self::All(_) | Self::Any(_))
            }),
            Self::Any(items) => join(f, items, " or ", |item| matches!(item, Self::Any(_))),
            Self::Not(inner) if inner.has_opposite() => inner.print(f, true),
            Self::Not(inner) => {
                f.write_str("not ")?;
                nested(f, inner, matches!(**inner, Self::All(_) | Self::Any(_)))
            }
            Self::Text(field, test) => {
                write!(f, "{field}")?;
                match test {
                    TextTest::In(values) => list(f, not, values.iter().map(|text| Quoted(text))),
                    TextTest::Contains(part) => write!(f, " contains {}", Quoted(part)),
                    TextTest::StartsWith(part) => write!(f, " starts with {}", Quoted(part)),
                    TextTest::EndsWith(part) => write!(f, " ends with {}", Quoted(part)),
                    TextTest::Empty => empty(f, not),
                }
            }
            Self::Status(values) => {
                f.write_str("status")?;
                list(f, not, values)
            }
            Self::Stage(values) => {
                f.write_str("stage")?;
                list(f, not, values)
            }
            Self::Furthest(values) => {
                f.write_str("stage.furthest")?;
                list(f, not, values)
            }
            Self::Deliverable(values) => {
                f.write_str("email.deliverable")?;
                list(f, not, values)
            }
            Self::Address(field, values) => {
                write!(f, "{field}")?;
                list(f, not, values)
            }
            Self::Number(field, _, value) if not => write!(f, "{field} != {value}"),
            Self::Number(field, compare, value) => write!(f, "{field} {} {value}", compare.sign()),
            Self::Time(field, when) => write!(f, "{field} {when}"),
            Self::Tag(tags) => {
                f.write_str("tag")?;
                list(f, not, tags.iter().map(|tag| Quoted(tag)))
            }
            Self::NoTags => {
                f.write_str("tag")?;
                empty(f, not)
            }
            Self::Client(ids) => {
                f.write_str("client")?;
                list(f, not, ids.iter().map(|id| format!("\"{id}\"")))
            }
            Self::NoClient => {
                f.write_str("client")?;
                empty(f, not)
            }
            Self::Custom(name, test) => {
                write!(f, "custom.{}", key(name))?;
                match test {
                    CustomTest::In(values) => list(f, not, values),
                    CustomTest::Number(compare, number) => write!(f, " {} {number}", compare.sign()),
                    CustomTest::Contains(part) => write!(f, " contains {}", Quoted(part)),
                    CustomTest::StartsWith(part) => write!(f, " starts with {}", Quoted(part)),
                    CustomTest::EndsWith(part) => write!(f, " ends with {}", Quoted(part)),
                    CustomTest::Empty => empty(f, not),
                }
            }
            Self::Consent(purpose, state) => {
                write!(f, "consent.{}", key(purpose.as_str()))?;
                list(f, not, [state])
            }
            Self::Event(test) => test.fmt(f),
        }
    }
}

fn join(
    f: &mut Formatter<'_>,
    items: &[Condition],
    word: &str,
    weaker: impl Fn(&Condition) -> bool,
) -> fmt::Result {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        nested(f, item, weaker(item))?;
    }
    Ok(())
}

fn nested(f: &mut Formatter<'_>, condition: &Condition, parentheses: bool) -> fmt::Result {
    if parentheses {
        write!(f, "({condition})")
    } else {
        condition.fmt(f)
    }
}

impl Display for Condition {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.print(f, false)
    }
}

impl Display for EventTest {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.kind {
            LeadEventKind::EmailSent => f.write_str("sent")?,
            LeadEventKind::EmailOpened => f.write_str("opened")?,
            LeadEventKind::EmailClicked => f.write_str("clicked")?,
            LeadEventKind::Unsubscribed => f.write_str("unsubscribed")?,
            LeadEventKind::FormSubmitted => f.write_str("submitted")?,
            kind => write!(f, "event({kind})")?,
        }
        match self.subject {
            None => {}
            Some(Subject::Form(id)) => write!(f, " form(\"{id}\")")?,
            Some(Subject::Campaign(id)) => write!(f, " campaign(\"{id}\")")?,
            Some(Subject::Message(id)) => write!(f, " message(\"{id}\")")?,
            Some(Subject::Other(id)) => write!(f, " subject(\"{id}\")")?,
        }
        if self.at_least > 1 {
            write!(f, " at least {} times", self.at_least)?;
        }
        match &self.when {
            Some(when) => write!(f, " {when}"),
            None => Ok(()),
        }
    }
}

impl Display for When {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(span) => write!(f, "within {span}"),
            Self::OlderThan(span) => write!(f, "older than {span}"),
            Self::Before(instant) => write!(f, "before {instant}"),
            Self::After(instant) => write!(f, "after {instant}"),
            Self::Since(instant) => write!(f, "since {instant}"),
            Self::Until(instant) => write!(f, "until {instant}"),
            Self::On(day) => write!(f, "on {day}"),
        }
    }
}

impl Display for Span {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let plural = if self.count == 1 { "" } else { "s" };
        write!(f, "{} {}{plural}", self.count, self.unit)
    }
}

impl Display for Instant {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => day.fmt(f),
            Self::Time(time) => f.write_str(&exact(time)),
        }
    }
}

fn exact(time: &DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
