//! Fields that know the outcome: they were filled in because of it, so a new lead will never have them in time.
//!
//! Kaufman, Rosset, Perlich and Stitelman 2012, "Leakage in data mining: formulation, detection, and avoidance": what is
//! too good to be true is looked for field by field, and what has a time is only believed from before the outcome.

use super::dataset::{Column, Dataset, Seen};
use super::metrics::{auc, auc_interval, auc_of_levels, wilson};
use super::numbers::{percent, real, share};
use super::screening::{LeftOut, WhyLeftOut};
use std::collections::HashMap;

/// Nothing that is known of a lead beforehand separates outcomes like this.
const IMPLAUSIBLE_AUC: f64 = 0.97;
/// Converted leads with a time that are needed to judge by times.
const LEAST_DATED: usize = 5;
/// Values that are rarer are looked at together: of five leads, all convert by chance.
const RARE: usize = 5;
/// Nothing makes a conversion this certain beforehand,
const CERTAIN: f64 = 0.985;
/// provided that it is no accident: the lower end of the 95 % interval.
const CERTAIN_AT_LEAST: f64 = 0.93;
/// A value is only suspicious of certainty when so many of the converted leads have it.
const NOTABLE: f64 = 0.1;
/// Nor when nearly all leads convert anyway.
const HIGH_BASE_RATE: f64 = 0.8;

/// Open leads that are needed to say that they miss something,
const OPEN_LEADS: usize = 200;
/// and the part of the share among the ended ones that they have at most (upper end of the interval).
const STILL_OPEN: f64 = 0.1;

/// What a field tells by itself.
pub(super) struct Judgement {
    pub leak: Option<LeftOut>,
    /// AUC of the field alone, each lead judged by the others: about 0.5 or less when it tells nothing.
    pub strength: f64,
}

/// Leads that convert as all do and are added to each value's, so that a single one decides nothing.
const IMAGINED: f64 = 2.0;

/// Counts `[disqualified, converted]`.
type Counts = [usize; 2];

/// Judges by the outcomes of `rows` (ascending), those before the test.
pub(super) fn judge(name: &str, column: &Column, dataset: &Dataset, rows: &[usize]) -> Judgement {
    let table = Table::new(column, dataset, rows);
    let alone = table.auc();
    Judgement {
        leak: too_late(name, column)
            .or_else(|| presence(name, &table))
            .or_else(|| separates(name, alone))
            .or_else(|| only_converted(name, &table))
            .or_else(|| only_ended(name, &table, dataset)),
        strength: table.strength(),
    }
}

fn too_late(name: &str, column: &Column) -> Option<LeftOut> {
    let late = column.late_share();
    (column.dated >= LEAST_DATED && late > 0.5).then(|| {
        let text = format!(
            "{} of the converted leads got this value when they converted or later",
            percent(late)
        );
        LeftOut::new(name, WhyLeftOut::KnownTooLate, late, text)
    })
}

fn presence(name: &str, table: &Table) -> Option<LeftOut> {
    let [no, yes] = table.all;
    let [no_value, yes_value] = [no - table.missing[0], yes - table.missing[1]];
    let (of_no, of_yes) = (share(no_value, no), share(yes_value, yes));
    // An indicator's AUC is half of one plus the distance of its two rates.
    let auc = f64::midpoint(1.0, (of_yes - of_no).abs());
    (auc >= IMPLAUSIBLE_AUC).then(|| {
        let text = format!(
            "{} of the converted and {} of the disqualified leads have a value: it is filled in because of the outcome",
            percent(of_yes),
            percent(of_no),
        );
        LeftOut::new(name, WhyLeftOut::PresenceTells, auc, text)
    })
}

fn separates(name: &str, auc: f64) -> Option<LeftOut> {
    (auc >= IMPLAUSIBLE_AUC).then(|| {
        let text = format!("this field alone has an AUC of {auc:.3}: nothing known beforehand tells so much");
        LeftOut::new(name, WhyLeftOut::SeparatesOutcomes, auc, text)
    })
}

/// Only of conversions: that a kind of lead never converts is often a rule of the house, and known beforehand.
fn only_converted(name: &str, table: &Table) -> Option<LeftOut> {
    let [no, yes] = table.all;
    if share(yes, no + yes) > HIGH_BASE_RATE {
        return None;
    }
    let any = [no - table.missing[0], yes - table.missing[1]];
    let suspicious = |[n, y]: &Counts| {
        share(*y, n + y) >= CERTAIN && wilson(*y, n + y).0 >= CERTAIN_AT_LEAST && share(*y, yes) >= NOTABLE
    };
    let [n, y] = *std::iter::once(&any)
        .chain(&table.levels)
        .find(|counts| suspicious(counts))?;
    let text = format!(
        "{y} of the {} leads with one and the same value have converted: it comes with the outcome",
        n + y
    );
    Some(LeftOut::new(
        name,
        WhyLeftOut::OnlyConverted,
        share(y, n + y),
        text,
    ))
}

/// A reason for which leads were given up, a number of a contract: no open lead has one, so that to each of them the model
/// would say what it learned of leads without. A field that is no longer filled in at all misleads in the same way.
fn only_ended(name: &str, table: &Table, dataset: &Dataset) -> Option<LeftOut> {
    let [no, yes] = table.all;
    let of_outcome = share(no - table.missing[0], no).max(share(yes - table.missing[1], yes));
    let open = dataset.open_values.get(name).copied().unwrap_or_default();
    let most = wilson(open, dataset.open).1;
    let absent = dataset.open >= OPEN_LEADS && of_outcome >= NOTABLE && most <= of_outcome * STILL_OPEN;
    absent.then(|| {
        let text = format!(
            "{} of the leads that ended one way have a value, and {open} of {} open leads of like age: it comes with the outcome, or no longer comes",
            percent(of_outcome),
            dataset.open,
        );
        LeftOut::new(name, WhyLeftOut::OnlyEnded, of_outcome, text)
    })
}

/// Outcomes by value.
struct Table {
    all: Counts,
    missing: Counts,
    /// Of each value, or of each tenth of the numbers.
    levels: Vec<Counts>,
    /// AUC of the numbers themselves, either way round; 0.5 for other values.
    of_numbers: f64,
}

impl Table {
    fn new(column: &Column, dataset: &Dataset, rows: &[usize]) -> Self {
        let mut counted = vec![false; dataset.rows.len()];
        let mut all = [0, 0];
        for &row in rows {
            counted[row] = true;
            all[usize::from(dataset.rows[row].outcome.converted)] += 1;
        }
        let mut words: HashMap<String, Counts> = HashMap::new();
        let mut numbers = Vec::new();
        let mut labels = Vec::new();
        let mut present = [0, 0];
        for (row, seen) in column.values().filter(|(row, _)| counted[*row]) {
            let converted = dataset.rows[row].outcome.converted;
            present[usize::from(converted)] += 1;
            if let Seen::Number(number) = seen {
                numbers.push(number);
                labels.push(converted);
            } else if let Some(word) = seen.word() {
                if let Some(counts) = words.get_mut(word.as_ref()) {
                    counts[usize::from(converted)] += 1;
                } else {
                    let mut counts = [0, 0];
                    counts[usize::from(converted)] = 1;
                    words.insert(word.into_owned(), counts);
                }
            }
        }
        let enough = present.iter().all(|count| *count >= RARE);
        let of_numbers = if enough && !numbers.is_empty() {
            auc(&numbers, &labels)
        } else {
            0.5
        };
        let mut levels = without_rare(words);
        levels.extend(tenths(&numbers, &labels));
        Self {
            all,
            missing: [all[0] - present[0], all[1] - present[1]],
            levels,
            of_numbers: of_numbers.max(1.0 - of_numbers),
        }
    }

    /// Of the values in the order in which they convert, and of the numbers as they are: whichever tells more.
    fn auc(&self) -> f64 {
        let mut levels: Vec<Counts> = self.levels.iter().copied().chain([self.missing]).collect();
        levels.retain(|[no, yes]| no + yes > 0);
        levels.sort_by(|[no, yes], [other_no, other_yes]| {
            (real(*yes) * real(*other_no)).total_cmp(&(real(*other_yes) * real(*no)))
        });
        auc_of_levels(levels.into_iter()).max(self.of_numbers)
    }

    /// The same without what is chance: each lead is judged by the others that have its value (leave one out), and an
    /// AUC of numbers counts from the lower end of its standard error on.
    fn strength(&self) -> f64 {
        let [no, yes] = self.all;
        let base = share(yes, no + yes);
        let mut judged: Vec<(f64, Counts)> = Vec::new();
        for &[no, yes] in self.levels.iter().chain([&self.missing]) {
            let others = real((no + yes).max(1)) - 1.0 + IMAGINED;
            if no > 0 {
                judged.push(((real(yes) + IMAGINED * base) / others, [no, 0]));
            }
            if yes > 0 {
                judged.push(((real(yes) - 1.0 + IMAGINED * base) / others, [0, yes]));
            }
        }
        judged.sort_by(|a, b| a.0.total_cmp(&b.0));
        let ties = judged.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq());
        let levels = ties.map(|tie| {
            tie.iter()
                .fold([0, 0], |sum, (_, [no, yes])| [sum[0] + no, sum[1] + yes])
        });
        let (low, high) = auc_interval(self.of_numbers, yes, no);
        auc_of_levels(levels).max(self.of_numbers - (high - low) / 4.0)
    }
}

/// The rare words as one.
fn without_rare(words: HashMap<String, Counts>) -> Vec<Counts> {
    let mut rare = [0, 0];
    let mut levels = Vec::new();
    for [no, yes] in words.into_values() {
        if no + yes < RARE {
            rare = [rare[0] + no, rare[1] + yes];
        } else {
            levels.push([no, yes]);
        }
    }
    levels.push(rare);
    // The map has no order, and a sentence that quotes a level must be the same each time.
    levels.sort_unstable();
    levels
}

/// Equal numbers stay together.
fn tenths(numbers: &[f64], labels: &[bool]) -> Vec<Counts> {
    let mut order: Vec<(f64, bool)> = numbers.iter().copied().zip(labels.iter().copied()).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    let size = order.len().div_ceil(10).max(RARE);
    let mut levels: Vec<Counts> = Vec::new();
    for tie in order.chunk_by(|a, b| a.0.total_cmp(&b.0).is_eq()) {
        let yes = tie.iter().filter(|(_, converted)| *converted).count();
        let counts = [tie.len() - yes, yes];
        match levels.last_mut() {
            Some(level) if level[0] + level[1] < size && tie.len() < size => {
                level[0] += counts[0];
                level[1] += counts[1];
            }
            _ => levels.push(counts),
        }
    }
    levels
}
