//! Random conditions about a world.

use super::dice::Dice;
use super::world::{KEYS, KINDS, PURPOSES, TAGS, TEXTS, World};
use chrono::TimeDelta;
use groundswell_domain::email::{Deliverable, Verdict};
use groundswell_domain::leads::{LeadEventKind, LeadStage, LeadStatus};
use groundswell_domain::segments::{
    AddressField, Compare, Condition, ConsentState, CustomTest, EventTest, Instant, Literal, NumberField,
    Span, Subject, TextField, TextTest, TimeField, Unit, When,
};

/// Parts of the texts, in other cases, and what LIKE would take for more than it is.
const PARTS: [&str; 19] = [
    "grace",
    "GRA",
    "o'n",
    "%",
    "_",
    "\\",
    "ärz",
    "ÄRZ",
    "ος",
    "Σ",
    "i",
    "\t",
    " ",
    "?",
    "$",
    "\"",
    "x",
    "example.com",
    "@",
];
const COMPARE: [Compare; 5] = [
    Compare::Equal,
    Compare::Less,
    Compare::AtMost,
    Compare::More,
    Compare::AtLeast,
];

impl World {
    pub fn condition(&self, dice: &mut Dice, depth: usize) -> Condition {
        if depth == 0 || dice.once_in(3) {
            return self.leaf(dice);
        }
        let items = |dice: &mut Dice| {
            (0..2 + dice.below(2))
                .map(|_| self.condition(dice, depth - 1))
                .collect()
        };
        match dice.below(5) {
            0 => self.condition(dice, depth - 1).negated(),
            1 | 2 => Condition::All(items(dice)),
            _ => Condition::Any(items(dice)),
        }
    }

    /// About nothing but what leads did and consented to.
    pub fn of_lists(&self, dice: &mut Dice) -> Condition {
        let item = |dice: &mut Dice| {
            let item = if dice.once_in(3) {
                consent(dice)
            } else {
                Condition::Event(self.event(dice))
            };
            if dice.once_in(3) { item.negated() } else { item }
        };
        match dice.below(6) {
            0 => item(dice),
            1 | 2 => Condition::All(vec![item(dice), item(dice)]),
            3 | 4 => Condition::Any(vec![item(dice), item(dice)]),
            _ => Condition::All(vec![item(dice), item(dice), item(dice)]),
        }
    }

    fn leaf(&self, dice: &mut Dice) -> Condition {
        match dice.below(21) {
            0 => Condition::Everyone,
            1 => Condition::Suppressed,
            2 => Condition::NoTags,
            3 => Condition::NoClient,
            4 => Condition::Client(dice.some(&self.clients, 2)),
            5 => Condition::Status(dice.some(LeadStatus::ALL, 2)),
            6 => Condition::Stage(dice.some(LeadStage::ALL, 2)),
            7 => Condition::Tag(dice.some(&TAGS, 2).into_iter().map(str::to_owned).collect()),
            8 => {
                let value = i32::try_from(dice.below(9)).unwrap() - 4;
                Condition::Number(dice.one(NumberField::ALL), dice.one(&COMPARE), value)
            }
            9 => Condition::Time(dice.one(TimeField::ALL), self.when(dice)),
            10 | 11 => Condition::Text(dice.one(TextField::ALL), self.text(dice)),
            12 => consent(dice),
            13 | 14 => Condition::Custom(dice.one(&KEYS).to_owned(), custom(dice)),
            15 => Condition::Furthest(dice.some(LeadStage::ALL, 2)),
            16 => Condition::Deliverable(dice.some(Deliverable::ALL, 2)),
            17 => Condition::Address(dice.one(AddressField::ALL), dice.some(Verdict::ALL, 2)),
            _ => Condition::Event(self.event(dice)),
        }
    }

    fn text(&self, dice: &mut Dice) -> TextTest {
        let part = |dice: &mut Dice| dice.one(&PARTS).to_owned();
        match dice.below(5) {
            0 => TextTest::Contains(part(dice)),
            1 => TextTest::StartsWith(part(dice)),
            2 => TextTest::EndsWith(part(dice)),
            3 => TextTest::Empty,
            _ if dice.once_in(3) => {
                let lead = &self.people[dice.below(self.people.len())].lead;
                TextTest::In(vec![
                    lead.email.as_str().to_uppercase(),
                    lead.email.domain().to_owned(),
                ])
            }
            _ => {
                let values = dice.some(&TEXTS[1..], 3).into_iter();
                TextTest::In(values.map(str::to_uppercase).collect())
            }
        }
    }

    fn when(&self, dice: &mut Dice) -> When {
        let span = Span {
            count: 1 + u32::try_from(dice.below(50)).unwrap(),
            unit: dice.one(&[Unit::Day, Unit::Day, Unit::Hour, Unit::Week]),
        };
        let time = self.now - TimeDelta::days(i64::try_from(dice.below(60)).unwrap());
        let instant = if dice.once_in(2) {
            Instant::Time(time)
        } else {
            Instant::Day(time.date_naive())
        };
        match dice.below(7) {
            0 | 1 => When::Within(span),
            2 => When::OlderThan(span),
            3 => When::Before(instant),
            4 => When::After(instant),
            5 => When::Since(instant),
            _ if dice.once_in(2) => When::Until(instant),
            _ => When::On(time.date_naive()),
        }
    }

    fn event(&self, dice: &mut Dice) -> EventTest {
        let kind = if dice.once_in(4) {
            LeadEventKind::EmailSent
        } else {
            dice.one(&KINDS)
        };
        let subject = (!dice.once_in(2)).then(|| match kind {
            LeadEventKind::FormSubmitted => Subject::Form(dice.one(&self.forms)),
            LeadEventKind::NoteAdded => Subject::Other(self.forms[0].0),
            _ if dice.once_in(3) => {
                let person = &self.people[dice.below(self.people.len())];
                let id = person.sent.first().map_or(self.forms[0].0, |mail| mail.id.0);
                Subject::Message(id.into())
            }
            _ => Subject::Campaign(dice.one(&self.campaigns)),
        });
        EventTest {
            kind,
            subject,
            at_least: dice.one(&[1, 1, 1, 2, 3]),
            when: (!dice.once_in(2)).then(|| self.when(dice)),
        }
    }
}

fn consent(dice: &mut Dice) -> Condition {
    let purpose = dice.one(&PURPOSES).parse().unwrap();
    Condition::Consent(purpose, dice.one(ConsentState::ALL))
}

fn custom(dice: &mut Dice) -> CustomTest {
    let number = |dice: &mut Dice| dice.one(&["5", "5.5", "-3", "0.1", "12.5", "0"]).parse().unwrap();
    let part = |dice: &mut Dice| dice.one(&["PRO", "5", "%", "o", "\n", "-"]).to_owned();
    match dice.below(6) {
        0 => CustomTest::Contains(part(dice)),
        1 => CustomTest::StartsWith(part(dice)),
        2 => CustomTest::EndsWith(part(dice)),
        3 => CustomTest::Empty,
        4 => CustomTest::Number(dice.one(&COMPARE[1..]), number(dice)),
        _ => {
            let values = (0..=dice.below(2)).map(|_| match dice.below(3) {
                0 => Literal::Number(number(dice)),
                1 => Literal::Flag(dice.once_in(2)),
                _ => Literal::Text(dice.one(&["Pro", "pro", "5", "", "true", "Team"]).to_owned()),
            });
            CustomTest::In(values.collect())
        }
    }
}
