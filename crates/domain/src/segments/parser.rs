//! Reads expressions, by recursive descent: `or` binds weaker than `and`, and `and` weaker than `not`.
//!
//! By hand rather than with a crate of combinators: the grammar is small, and every sentence about a mistake is our own.

use super::condition::{Condition, ConsentState, CustomTest, EventTest, Literal, Subject, TextTest};
use super::field::{AddressField, NumberField, OTHERS, TextField, TimeField};
use super::lexer::{Fault, Place, Token};
use super::reader::Reader;
use super::values::{self, comparison, emptiness, listing, part, text, when};
use super::{MAX_CONDITIONS, MAX_DEPTH, suggest};
use crate::consents::Purpose;
use crate::email::{Deliverable, Verdict};
use crate::leads::{LeadEventKind, LeadStage, LeadStatus};
use rust_decimal::prelude::ToPrimitive;

/// Most times that an event can be asked for.
const MOST_TIMES: u32 = 1_000;

impl Condition {
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let mut parser = Parser {
            reader: Reader::new(text)?,
            depth: 0,
            conditions: 0,
        };
        let condition = parser.any()?;
        match parser.reader.peek() {
            Token::End => Ok(condition),
            other => {
                let message = format!(
                    "`and` or `or` is missing before {other}, or the condition before it is not whole"
                );
                Err(parser.reader.here(message))
            }
        }
    }
}

struct Parser {
    reader: Reader,
    depth: usize,
    conditions: usize,
}

/// The parts of a field's name: `custom` and `plan`.
struct Name {
    head: String,
    tail: Option<String>,
    place: Place,
}

impl Name {
    fn whole(&self) -> String {
        match &self.tail {
            Some(tail) => format!("{}.{tail}", self.head),
            None => self.head.clone(),
        }
    }
}

impl Parser {
    fn any(&mut self) -> Result<Condition, Fault> {
        let mut items = vec![self.all()?];
        while self.reader.eat_word("or") {
            items.push(self.all()?);
        }
        Ok(only(&mut items).unwrap_or(Condition::Any(items)))
    }

    fn all(&mut self) -> Result<Condition, Fault> {
        let mut items = vec![self.one()?];
        while self.reader.eat_word("and") {
            items.push(self.one()?);
        }
        Ok(only(&mut items).unwrap_or(Condition::All(items)))
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Condition, Fault>,
    ) -> Result<Condition, Fault> {
        if self.depth == MAX_DEPTH {
            let message = format!("parentheses and `not` can be nested {MAX_DEPTH} deep");
            return Err(self.reader.here(message));
        }
        self.depth += 1;
        let condition = read(self)?;
        self.depth -= 1;
        Ok(condition)
    }

    fn one(&mut self) -> Result<Condition, Fault> {
        let place = self.reader.place();
        if self.reader.eat_word("not") {
            return self.deeper(|parser| Ok(parser.one()?.negated()));
        }
        if self.reader.eat_word("never") {
            let condition = self.condition()?;
            if !matches!(condition, Condition::Event(_)) {
                let place = self.reader.since(place);
                return Err(self
                    .reader
                    .fault(place, "`never` stands before an event: `never clicked`"));
            }
            return Ok(condition.negated());
        }
        if self.reader.eat_sign("(") {
            let inner = self.deeper(Self::any)?;
            self.reader.expect_sign(")")?;
            return Ok(inner);
        }
        self.condition()
    }

    fn condition(&mut self) -> Result<Condition, Fault> {
        self.conditions += 1;
        if self.conditions > MAX_CONDITIONS {
            let message = format!("an expression has at most {MAX_CONDITIONS} conditions");
            return Err(self.reader.here(message));
        }
        let name = self.name()?;
        let whole = name.whole();
        if let Ok(field) = whole.parse::<TextField>() {
            let (test, not) = self.text_test(&whole)?;
            return Ok(Condition::Text(field, test).negated_if(not));
        }
        let number = if whole == "score" {
            Some(NumberField::Total)
        } else {
            whole.parse().ok()
        };
        if let Some(field) = number {
            let Some((compare, not)) = comparison(&mut self.reader) else {
                return Err(self.no_operator(&whole, "a number", "=, !=, <, <=, > and >="));
            };
            let value = values::whole(&mut self.reader, &format!("`{whole}`"))?;
            return Ok(Condition::Number(field, compare, value).negated_if(not));
        }
        if let Ok(field) = whole.parse::<TimeField>() {
            let Some(when) = when(&mut self.reader)? else {
                let words = "`within 30 days`, `older than 30 days`, `before`, `after`, `since`, `until` and `on` a date";
                return Err(self.no_operator(&whole, "a time", words));
            };
            return Ok(Condition::Time(field, when));
        }
        if let Ok(field) = whole.parse::<AddressField>() {
            let make = |values| Condition::Address(field, values);
            return self.words(&whole, Verdict::ALL, make);
        }
        match (name.head.as_str(), name.tail.as_deref()) {
            ("everyone", None) => Ok(Condition::Everyone),
            ("suppressed", None) => Ok(Condition::Suppressed),
            ("status", None) => self.words("status", LeadStatus::ALL, Condition::Status),
            ("stage", None) => self.words("stage", LeadStage::ALL, Condition::Stage),
            ("stage", Some("furthest")) => self.words(&whole, LeadStage::ALL, Condition::Furthest),
            ("email", Some("deliverable")) => self.words(&whole, Deliverable::ALL, Condition::Deliverable),
            ("tag" | "tags", None) => self.tag(),
            ("client", None) => self.client(),
            ("custom", Some(key)) => self.custom(key, &whole),
            ("consent", Some(purpose)) => self.consent(purpose, &name),
            ("sent", None) => self.event(LeadEventKind::EmailSent),
            ("opened", None) => self.event(LeadEventKind::EmailOpened),
            ("clicked", None) => self.event(LeadEventKind::EmailClicked),
            ("unsubscribed", None) => self.event(LeadEventKind::Unsubscribed),
            ("submitted", None) => self.event(LeadEventKind::FormSubmitted),
            ("event", None) => {
                let kind = self.kind()?;
                self.event(kind)
            }
            _ => Err(self.unknown(&name)),
        }
    }

    fn name(&mut self) -> Result<Name, Fault> {
        let place = self.reader.place();
        let Token::Word { lower: head, .. } = self.reader.peek().clone() else {
            let message = format!(
                "a condition is missing before {}, like `tag = \"vip\"` or `opened within 30 days`",
                self.reader.peek()
            );
            return Err(self.reader.here(message));
        };
        self.reader.next();
        let mut tail = None;
        if self.reader.eat_sign(".") {
            tail = Some(match self.reader.peek().clone() {
                // Keys of custom fields are told apart by case; all other names are in lower case.
                Token::Word { as_written, .. } if head == "custom" => as_written,
                Token::Word { lower, .. } => lower,
                Token::Text(text) => text,
                _ => return Err(self.reader.here(format!("a name is missing after `{head}.`"))),
            });
            self.reader.next();
        }
        let place = self.reader.since(place);
        Ok(Name { head, tail, place })
    }

    fn unknown(&self, name: &Name) -> Fault {
        let whole = name.whole();
        let known = TextField::ALL
            .iter()
            .map(|field| field.as_str())
            .chain(NumberField::ALL.iter().map(|field| field.as_str()))
            .chain(TimeField::ALL.iter().map(|field| field.as_str()))
            .chain(AddressField::ALL.iter().map(|field| field.as_str()))
            .chain(OTHERS);
        let hint = match (name.head.as_str(), suggest::nearest(&whole, known)) {
            ("custom", _) => "; a custom field is named as in `custom.plan`".to_owned(),
            ("consent", _) => "; a consent is named by its purpose, as in `consent.marketing`".to_owned(),
            (_, Some(near)) => format!("; did you mean `{near}`?"),
            (_, None) => "; a custom field is named as in `custom.plan`".to_owned(),
        };
        self.reader
            .fault(name.place, format!("`{whole}` is no field{hint}"))
    }

    fn no_operator(&self, field: &str, what: &str, operators: &str) -> Fault {
        let found = self.reader.peek();
        let message = format!("`{field}` is {what}: after it come {operators}, and not {found}");
        self.reader.here(message)
    }

    /// `contains`, `starts with`, `ends with`: a test that is made of a part of a text.
    fn part_test<T>(&mut self, what: &str, kinds: [fn(String) -> T; 3]) -> Result<Option<T>, Fault> {
        let [contains, starts, ends] = kinds;
        let make = if self.reader.eat_word("contains") {
            contains
        } else if self.reader.eat_words("starts", "with") {
            starts
        } else if self.reader.eat_words("ends", "with") {
            ends
        } else {
            return Ok(None);
        };
        Ok(Some(make(part(&mut self.reader, what)?)))
    }

    fn text_test(&mut self, field: &str) -> Result<(TextTest, bool), Fault> {
        let what = format!("`{field}`");
        if let Some(listing) = listing(&mut self.reader) {
            let (values, not) = values::values(&mut self.reader, &listing, |reader| {
                let place = reader.place();
                let value = text(reader, &what)?;
                if value.is_empty() {
                    return Err(reader.fault(place, format!("ask with `{field} is empty`")));
                }
                Ok(value)
            })?;
            return Ok((TextTest::In(values), not));
        }
        let kinds = [TextTest::Contains, TextTest::StartsWith, TextTest::EndsWith];
        if let Some(test) = self.part_test(&what, kinds)? {
            return Ok((test, false));
        }
        if let Some(not) = emptiness(&mut self.reader)? {
            return Ok((TextTest::Empty, not));
        }
        let words = "=, !=, in, not in, contains, starts with, ends with, is empty and is not empty";
        Err(self.no_operator(field, "a text", words))
    }

    fn words<T: std::str::FromStr + Copy + std::fmt::Display>(
        &mut self,
        field: &str,
        all: &[T],
        make: impl Fn(Vec<T>) -> Condition,
    ) -> Result<Condition, Fault> {
        let Some(listing) = listing(&mut self.reader) else {
            return Err(self.no_operator(field, "one of some words", "=, !=, in and not in"));
        };
        let what = format!("`{field}`");
        let read = |reader: &mut Reader| values::word(reader, &what, all);
        let (values, not) = values::values(&mut self.reader, &listing, read)?;
        Ok(make(values).negated_if(not))
    }

    fn tag(&mut self) -> Result<Condition, Fault> {
        if let Some(not) = emptiness(&mut self.reader)? {
            return Ok(Condition::NoTags.negated_if(not));
        }
        let Some(listing) = listing(&mut self.reader) else {
            let words = "=, !=, in, not in, is empty and is not empty";
            return Err(self.no_operator("tag", "a set of words", words));
        };
        let (tags, not) = values::values(&mut self.reader, &listing, |reader| {
            // As they are kept.
            text(reader, "a tag").map(|tag| tag.trim().to_lowercase())
        })?;
        Ok(Condition::Tag(tags).negated_if(not))
    }

    fn client(&mut self) -> Result<Condition, Fault> {
        if let Some(not) = emptiness(&mut self.reader)? {
            return Ok(Condition::NoClient.negated_if(not));
        }
        let Some(listing) = listing(&mut self.reader) else {
            let words = "=, !=, in, not in, is empty and is not empty";
            return Err(self.no_operator("client", "a client", words));
        };
        let read = |reader: &mut Reader| values::id(reader, "a client");
        let (ids, not) = values::values(&mut self.reader, &listing, read)?;
        Ok(Condition::Client(ids).negated_if(not))
    }

    fn custom(&mut self, key: &str, whole: &str) -> Result<Condition, Fault> {
        let what = format!("`{whole}`");
        let in_list = |test| Condition::Custom(key.to_owned(), test);
        if let Some(listing) = listing(&mut self.reader) {
            let read = |reader: &mut Reader| values::literal(reader, &what);
            let (values, not) = values::values(&mut self.reader, &listing, read)?;
            return Ok(in_list(CustomTest::In(values)).negated_if(not));
        }
        if let Some((compare, _)) = comparison(&mut self.reader) {
            let place = self.reader.place();
            let Literal::Number(number) = values::literal(&mut self.reader, &what)? else {
                let message = format!("only numbers are compared with `{}`", compare.sign());
                return Err(self.reader.fault(place, message));
            };
            return Ok(in_list(CustomTest::Number(compare, number)));
        }
        let kinds = [CustomTest::Contains, CustomTest::StartsWith, CustomTest::EndsWith];
        if let Some(test) = self.part_test(&what, kinds)? {
            return Ok(in_list(test));
        }
        if let Some(not) = emptiness(&mut self.reader)? {
            return Ok(in_list(CustomTest::Empty).negated_if(not));
        }
        let words =
            "=, !=, in, not in, <, <=, >, >=, contains, starts with, ends with, is empty and is not empty";
        Err(self.no_operator(whole, "a custom field", words))
    }

    fn consent(&mut self, purpose: &str, name: &Name) -> Result<Condition, Fault> {
        let purpose: Purpose = purpose
            .parse()
            .map_err(|problem| self.reader.fault(name.place, format!("a purpose {problem}")))?;
        let Some((super::Compare::Equal, not)) = comparison(&mut self.reader) else {
            return Err(self.no_operator(&name.whole(), "a consent", "= and !="));
        };
        let state = values::word(&mut self.reader, "a consent", ConsentState::ALL)?;
        Ok(Condition::Consent(purpose, state).negated_if(not))
    }

    /// `event(note_added)`.
    fn kind(&mut self) -> Result<LeadEventKind, Fault> {
        self.reader.expect_sign("(")?;
        let place = self.reader.place();
        let kind = values::word(&mut self.reader, "an event", LeadEventKind::ALL)?;
        let instead = match kind {
            LeadEventKind::Created => "ask with `created`",
            LeadEventKind::ScoreChanged => "ask with `score.total`",
            _ => {
                self.reader.expect_sign(")")?;
                return Ok(kind);
            }
        };
        Err(self.reader.fault(place, instead))
    }

    fn event(&mut self, kind: LeadEventKind) -> Result<Condition, Fault> {
        let mut test = EventTest {
            kind,
            subject: self.subject(kind)?,
            at_least: 1,
            when: None,
        };
        let mut not = false;
        if self.reader.eat_words("at", "least") {
            let place = self.reader.place();
            let count = match self.reader.next() {
                Token::Number(number) if number.is_integer() => number.to_u32(),
                _ => None,
            };
            let Some(count) = count.filter(|count| (1..=MOST_TIMES).contains(count)) else {
                let message = format!("a whole number from 1 to {MOST_TIMES} is needed here");
                return Err(self.reader.fault(place, message));
            };
            if !self.reader.eat_word("time") {
                self.reader.expect_word("times")?;
            }
            test.at_least = count;
        }
        if let Some(when) = when(&mut self.reader)? {
            test.when = Some(when);
        } else if self.reader.eat_word("never") {
            not = true;
        } else {
            self.reader.eat_word("ever");
        }
        Ok(Condition::Event(test).negated_if(not))
    }

    fn subject(&mut self, kind: LeadEventKind) -> Result<Option<Subject>, Fault> {
        let place = self.reader.place();
        let Token::Word { lower: word, .. } = self.reader.peek().clone() else {
            return Ok(None);
        };
        if !matches!(word.as_str(), "form" | "campaign" | "message" | "subject") {
            return Ok(None);
        }
        let fits = match kind {
            LeadEventKind::FormSubmitted => word == "form",
            LeadEventKind::EmailSent
            | LeadEventKind::EmailOpened
            | LeadEventKind::EmailClicked
            | LeadEventKind::Unsubscribed => matches!(word.as_str(), "campaign" | "message"),
            _ => word == "subject",
        };
        if !fits {
            let message = "forms are submitted; campaigns and messages are sent, opened, clicked and unsubscribed from; other events have a `subject`";
            return Err(self.reader.fault(place, message));
        }
        self.reader.next();
        self.reader.expect_sign("(")?;
        let what = format!("a {word}");
        let subject = match word.as_str() {
            "form" => Subject::Form(values::id(&mut self.reader, &what)?),
            "campaign" => Subject::Campaign(values::id(&mut self.reader, &what)?),
            "message" => Subject::Message(values::id(&mut self.reader, &what)?),
            _ => Subject::Other(values::id(&mut self.reader, &what)?),
        };
        self.reader.expect_sign(")")?;
        Ok(Some(subject))
    }
}

/// The one item of a list of one.
fn only(items: &mut Vec<Condition>) -> Option<Condition> {
    if items.len() == 1 { items.pop() } else { None }
}
