//! Examples by field.
//!
//! By field and not by lead: a hundred thousand leads with thirty fields are a hundred megabytes this way and a gigabyte
//! the other. Values that became known only at the outcome or after it are counted, and are missing otherwise: when the
//! model is asked about a lead, they will be.

use super::example::{Example, FeatureValue, Features, Known, Outcome};
use super::numbers::{real, share};
use chrono::{DateTime, TimeDelta, Utc};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

/// Most fields that are looked at; those that come first, win.
pub const MAX_FIELDS: usize = 500;
/// Different words of one field that are told apart: a field with more is not a category anyway.
const MAX_WORDS: usize = 2_000;
/// A field counts as one of numbers when at least this share of its values are.
const MOSTLY_NUMBERS: f64 = 0.95;

/// Examples to learn from. Bounded: see [`MAX_FIELDS`].
#[derive(Debug, Default)]
pub struct Dataset {
    pub(super) rows: Vec<Row>,
    pub(super) fields: BTreeMap<String, Column>,
    /// Values of fields beyond [`MAX_FIELDS`].
    pub(super) ignored: usize,
    /// How many open leads were looked at.
    pub(super) open: usize,
    /// How many of them have a value, by field.
    pub(super) open_values: HashMap<String, usize>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub created_at: DateTime<Utc>,
    pub outcome: Outcome,
}

/// A value of a field as a model sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Seen<'a> {
    Missing,
    Number(f64),
    Word(Cow<'a, str>),
    Flag(bool),
}

impl<'a> Seen<'a> {
    pub fn of(known: Option<&'a Known>) -> Self {
        match known.map(|known| &known.value) {
            None => Self::Missing,
            Some(FeatureValue::Number(number)) => Self::Number(*number),
            Some(FeatureValue::Category(word)) => Self::Word(Cow::Borrowed(word)),
            Some(FeatureValue::Flag(flag)) => Self::Flag(*flag),
        }
    }

    /// As a word, whatever it is; `None` when missing.
    pub fn word(&self) -> Option<Cow<'a, str>> {
        match self {
            Self::Missing => None,
            Self::Number(number) => Some(Cow::Owned(number.to_string())),
            Self::Word(word) => Some(word.clone()),
            Self::Flag(flag) => Some(Cow::Borrowed(if *flag { "true" } else { "false" })),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Number,
    Word,
    Flag,
}

#[derive(Debug, Clone, Copy)]
enum Cell {
    Number(f64),
    Word(u32),
    Flag(bool),
}

#[derive(Debug, Default)]
pub(super) struct Column {
    /// By row, ascending; rows that are not there miss the value.
    cells: Vec<(u32, Cell)>,
    words: Vec<String>,
    ids: HashMap<String, u32>,
    numbers: usize,
    flags: usize,
    /// Converted leads that have a value with a time.
    pub dated: usize,
    /// Of these, how many got it at the conversion or later.
    pub late: usize,
}

impl Column {
    fn push(&mut self, row: u32, value: FeatureValue) {
        let cell = match value {
            FeatureValue::Number(number) => {
                self.numbers += 1;
                Cell::Number(number)
            }
            FeatureValue::Flag(flag) => {
                self.flags += 1;
                Cell::Flag(flag)
            }
            FeatureValue::Category(word) => Cell::Word(self.id_of(word)),
        };
        self.cells.push((row, cell));
    }

    /// Words beyond the limit share one id that has no text.
    fn id_of(&mut self, word: String) -> u32 {
        if let Some(id) = self.ids.get(&word) {
            return *id;
        }
        let id = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        if self.words.len() < MAX_WORDS {
            self.words.push(word.clone());
            self.ids.insert(word, id);
        }
        id
    }

    pub fn kind(&self) -> Kind {
        let present = self.cells.len();
        if present > 0 && self.flags == present {
            Kind::Flag
        } else if share(self.numbers, present) >= MOSTLY_NUMBERS {
            Kind::Number
        } else {
            Kind::Word
        }
    }

    /// The values that are there, with their rows, ascending.
    pub fn values(&self) -> impl Iterator<Item = (usize, Seen<'_>)> {
        self.cells
            .iter()
            .map(|(row, cell)| (*row as usize, self.seen(*cell)))
    }

    fn seen(&self, cell: Cell) -> Seen<'_> {
        match cell {
            Cell::Number(number) => Seen::Number(number),
            Cell::Flag(flag) => Seen::Flag(flag),
            Cell::Word(id) => Seen::Word(Cow::Borrowed(
                self.words.get(id as usize).map_or("\u{2026}", String::as_str),
            )),
        }
    }

    /// The value of `row`. `cursor` remembers the place between calls with ascending rows.
    pub fn at(&self, row: usize, cursor: &mut usize) -> Seen<'_> {
        while self
            .cells
            .get(*cursor)
            .is_some_and(|(at, _)| (*at as usize) < row)
        {
            *cursor += 1;
        }
        match self.cells.get(*cursor) {
            Some((at, cell)) if *at as usize == row => self.seen(*cell),
            _ => Seen::Missing,
        }
    }

    /// Share of the converted leads whose value came too late.
    pub fn late_share(&self) -> f64 {
        if self.dated == 0 {
            0.0
        } else {
            real(self.late) / real(self.dated)
        }
    }
}

impl Dataset {
    pub fn push(&mut self, example: Example) {
        let row = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let outcome = example.outcome;
        self.rows.push(Row {
            created_at: example.created_at,
            outcome,
        });
        for (name, known) in example.features {
            if self.fields.len() >= MAX_FIELDS && !self.fields.contains_key(&name) {
                self.ignored += 1;
                continue;
            }
            let column = self.fields.entry(name).or_default();
            let late = known.since.is_some_and(|since| since >= outcome.at);
            if outcome.converted && known.since.is_some() {
                column.dated += 1;
                column.late += usize::from(late);
            }
            if !late {
                column.push(row, known.value);
            }
        }
    }

    /// Looks at what is known of a lead whose outcome isn't. It should be as old as leads are when they end: what comes in
    /// the course of time has had time to come.
    pub fn see_open(&mut self, features: Features) {
        self.open += 1;
        for name in features.into_keys().filter(|name| self.fields.contains_key(name)) {
            *self.open_values.entry(name).or_default() += 1;
        }
    }

    /// The age of the middle lead when its outcome was known; `None` without outcomes.
    pub fn median_age(&self) -> Option<TimeDelta> {
        let mut ages: Vec<TimeDelta> = self
            .rows
            .iter()
            .map(|row| row.outcome.at - row.created_at)
            .collect();
        let middle = ages.len() / 2;
        (!ages.is_empty()).then(|| *ages.select_nth_unstable(middle).1)
    }

    /// How many outcomes there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn converted(&self) -> usize {
        self.rows.iter().filter(|row| row.outcome.converted).count()
    }
}

impl Extend<Example> for Dataset {
    fn extend<I: IntoIterator<Item = Example>>(&mut self, examples: I) {
        for example in examples {
            self.push(example);
        }
    }
}

impl FromIterator<Example> for Dataset {
    fn from_iter<I: IntoIterator<Item = Example>>(examples: I) -> Self {
        let mut dataset = Self::default();
        dataset.extend(examples);
        dataset
    }
}
