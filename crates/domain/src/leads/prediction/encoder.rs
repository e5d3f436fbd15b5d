//! From values to numbers.
//!
//! Words become one column each for the most frequent ones (one-hot), one for all others and one for "missing"; numbers are
//! standardized, and have a column for "missing" too. Also says how values are counted for drift. What each field needs for
//! it is found by `fitting`.

use super::dataset::{Column, Dataset, Kind, Seen};
use super::fitting::{flag, number, words};
use super::matrix::Matrix;
use super::numbers::share;
use super::screening::{LeftOut, WhyLeftOut};
use serde::{Deserialize, Serialize};

/// Numbers further from the mean, in standard deviations, count as this far: one mistyped number must not decide.
const FURTHEST: f64 = 4.0;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Field {
    pub name: String,
    /// Its first column.
    pub first: u32,
    kind: FieldKind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum FieldKind {
    Number {
        log: bool,
        mean: f64,
        deviation: f64,
        missing: bool,
        /// Borders between tenths, for drift.
        tenths: Vec<f64>,
    },
    Words {
        words: Vec<String>,
        other: bool,
        missing: bool,
    },
    /// Where no lead has "no", missing is the same as "no".
    Flag { missing: bool },
}

impl Field {
    /// Fits the field on `rows` (marked by `true`, `count` of them), or says why it can't.
    pub fn fit(name: &str, column: &Column, rows: &[bool], count: usize) -> Result<Self, LeftOut> {
        let values: Vec<Seen<'_>> = column
            .values()
            .filter(|(row, _)| rows[*row])
            .map(|(_, seen)| seen)
            .collect();
        let support = (count / 200).clamp(3, 50);
        if values.len() < support {
            let text = format!(
                "only {} of the {count} oldest outcomes have a value",
                values.len()
            );
            return Err(LeftOut::new(
                name,
                WhyLeftOut::TooSeldom,
                share(values.len(), count),
                text,
            ));
        }
        let kind = match column.kind() {
            Kind::Number => number(name, &values, count, support)?,
            Kind::Word => words(name, &values, count, support)?,
            Kind::Flag => flag(name, &values, count, support)?,
        };
        Ok(Self {
            name: name.to_owned(),
            first: 0,
            kind,
        })
    }

    pub fn width(&self) -> u32 {
        let columns = match &self.kind {
            FieldKind::Number { missing, .. } | FieldKind::Flag { missing } => 1 + usize::from(*missing),
            FieldKind::Words {
                words,
                other,
                missing,
            } => words.len() + usize::from(*other) + usize::from(*missing),
        };
        u32::try_from(columns).unwrap_or(u32::MAX)
    }

    /// Whether its first column is a standardized number; all other columns are 0 or 1.
    pub fn is_number(&self) -> bool {
        matches!(self.kind, FieldKind::Number { .. })
    }

    /// The one column that is not 0. `None` when there is none, as for a missing number that never was missing before.
    pub fn encode(&self, seen: &Seen<'_>) -> Option<(u32, f64)> {
        match &self.kind {
            FieldKind::Number {
                log,
                mean,
                deviation,
                missing,
                ..
            } => match seen {
                Seen::Number(number) => {
                    let value = (transformed(*number, *log) - mean) / deviation;
                    Some((self.first, value.clamp(-FURTHEST, FURTHEST)))
                }
                _ => missing.then_some((self.first + 1, 1.0)),
            },
            FieldKind::Words {
                words,
                other,
                missing,
            } => {
                let after = self.first + u32::try_from(words.len()).unwrap_or(u32::MAX);
                let Some(word) = seen.word() else {
                    return missing.then_some((after + u32::from(*other), 1.0));
                };
                match (self.first..).zip(words).find(|(_, known)| **known == *word) {
                    Some((column, _)) => Some((column, 1.0)),
                    None => other.then_some((after, 1.0)),
                }
            }
            FieldKind::Flag { missing } => match seen {
                Seen::Flag(true) => Some((self.first, 1.0)),
                Seen::Flag(false) => None,
                _ => missing.then_some((self.first + 1, 1.0)),
            },
        }
    }

    /// What each column means, after the field's name.
    pub fn terms(&self) -> Vec<String> {
        let mut terms = match &self.kind {
            FieldKind::Number { .. } => vec!["per standard deviation".to_owned()],
            FieldKind::Flag { .. } => vec!["is true".to_owned()],
            FieldKind::Words { words, other, .. } => {
                let others = other.then(|| "is something else".to_owned());
                words
                    .iter()
                    .map(|word| format!("is {word}"))
                    .chain(others)
                    .collect()
            }
        };
        if terms.len() < self.width() as usize {
            terms.push("is missing".to_owned());
        }
        terms
    }

    /// In how many bins its values are counted; the last one is for those that are missing.
    pub fn bins(&self) -> usize {
        match &self.kind {
            FieldKind::Number { tenths, .. } => tenths.len() + 2,
            FieldKind::Words { words, .. } => words.len() + 2,
            FieldKind::Flag { .. } => 3,
        }
    }

    pub fn bin(&self, seen: &Seen<'_>) -> usize {
        let missing = self.bins() - 1;
        match (&self.kind, seen) {
            (FieldKind::Number { tenths, .. }, Seen::Number(number)) => {
                tenths.partition_point(|border| border < number)
            }
            (FieldKind::Words { words, .. }, seen) => match seen.word() {
                Some(word) => words
                    .iter()
                    .position(|known| *known == *word)
                    .unwrap_or(words.len()),
                None => missing,
            },
            (FieldKind::Flag { .. }, Seen::Flag(flag)) => usize::from(*flag),
            _ => missing,
        }
    }
}

pub(super) fn transformed(number: f64, log: bool) -> f64 {
    if log { number.max(0.0).ln_1p() } else { number }
}

/// The rows `of` (ascending) as numbers.
pub(super) fn matrix(fields: &[Field], dataset: &Dataset, of: &[usize]) -> Matrix {
    let width = fields.iter().map(|field| field.width() as usize).sum();
    let mut matrix = Matrix::new(width);
    let mut columns: Vec<(&Field, &Column, usize)> = fields
        .iter()
        .filter_map(|field| Some((field, dataset.fields.get(&field.name)?, 0)))
        .collect();
    for &row in of {
        let entries = columns
            .iter_mut()
            .filter_map(|(field, column, cursor)| field.encode(&column.at(row, cursor)));
        matrix.push_row(entries);
    }
    matrix
}

/// Gives each field its place.
pub(super) fn place(fields: &mut [Field]) {
    let mut next = 0;
    for field in fields {
        field.first = next;
        next += field.width();
    }
}
