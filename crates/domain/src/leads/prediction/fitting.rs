//! What a field needs to be turned into numbers, found on the outcomes that weights are learned from, and only on them.
//!
//! Numbers are taken as ln(1 + x) when they are skewed, as incomes and counts are. Fields that nothing can be learned from
//! are left out here.

use super::dataset::Seen;
use super::encoder::{FieldKind, transformed};
use super::numbers::{percent, real, share};
use super::screening::{LeftOut, WhyLeftOut};
use std::collections::HashMap;

/// Words of one field that have a column of their own.
const MOST_WORDS: usize = 20;
/// A field whose most frequent words are fewer than this of all is one of names or texts.
const LEAST_COVERED: f64 = 0.2;
/// Fisher's skewness from which on a distribution is called highly skewed (Bulmer 1979).
const SKEWED: f64 = 1.0;
/// Integers from here on that are all different and of one order of magnitude are numbers of things.
const ID_LIKE: f64 = 100_000.0;

pub(super) fn number(
    name: &str,
    values: &[Seen<'_>],
    count: usize,
    support: usize,
) -> Result<FieldKind, LeftOut> {
    let numbers = values.iter().filter_map(|seen| {
        if let Seen::Number(number) = seen {
            Some(*number)
        } else {
            None
        }
    });
    let mut numbers: Vec<f64> = numbers.collect();
    numbers.sort_by(f64::total_cmp);
    let missing = count - numbers.len() >= support;
    let distinct = numbers.chunk_by(|a, b| a.total_cmp(b).is_eq()).count();
    if distinct <= 1 {
        // One and the same number, or none: which of both is all that can tell.
        return words(name, values, count, support);
    }
    if looks_like_an_id(&numbers, distinct) {
        let text = format!(
            "{distinct} different whole numbers at {} leads: it names things",
            numbers.len()
        );
        return Err(LeftOut::new(
            name,
            WhyLeftOut::LooksLikeAnId,
            share(distinct, numbers.len()),
            text,
        ));
    }
    let log = numbers[0] >= 0.0 && skewness(&numbers) > SKEWED;
    let used: Vec<f64> = numbers.iter().map(|number| transformed(*number, log)).collect();
    let (mean, deviation) = moments(&used);
    if !(deviation > 0.0 && deviation.is_finite()) {
        let text = "its numbers can't be told apart".to_owned();
        return Err(LeftOut::new(name, WhyLeftOut::AlwaysTheSame, deviation, text));
    }
    Ok(FieldKind::Number {
        log,
        mean,
        deviation,
        missing,
        tenths: tenths(&numbers),
    })
}

/// Customer numbers, telephone numbers: whole, all different, and of one order of magnitude.
fn looks_like_an_id(sorted: &[f64], distinct: usize) -> bool {
    let count = sorted.len();
    let (low, high) = (sorted[count / 20], sorted[count - 1 - count / 20]);
    count >= 20
        && share(distinct, count) > 0.95
        && low >= ID_LIKE
        && high < low * 10.0
        && sorted.iter().all(|number| number.fract() == 0.0)
}

/// Borders between tenths, without repetitions.
pub(super) fn tenths(sorted: &[f64]) -> Vec<f64> {
    let mut borders: Vec<f64> = (1..10)
        .filter_map(|tenth| sorted.get(sorted.len() * tenth / 10).copied())
        .collect();
    borders.dedup();
    borders
}

fn moments(numbers: &[f64]) -> (f64, f64) {
    let count = real(numbers.len());
    let mean = numbers.iter().sum::<f64>() / count;
    let variance = numbers.iter().map(|number| (number - mean).powi(2)).sum::<f64>() / count;
    (mean, variance.sqrt())
}

fn skewness(numbers: &[f64]) -> f64 {
    let (mean, deviation) = moments(numbers);
    let cubes: f64 = numbers
        .iter()
        .map(|number| ((number - mean) / deviation).powi(3))
        .sum();
    cubes / real(numbers.len())
}

pub(super) fn words(
    name: &str,
    values: &[Seen<'_>],
    count: usize,
    support: usize,
) -> Result<FieldKind, LeftOut> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in values.iter().filter_map(Seen::word) {
        if let Some(count) = counts.get_mut(word.as_ref()) {
            *count += 1;
        } else {
            counts.insert(word.into_owned(), 1);
        }
    }
    let distinct = counts.len();
    let mut frequent: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(_, count)| *count >= support)
        .collect();
    frequent.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    frequent.truncate(MOST_WORDS);
    let covered: usize = frequent.iter().map(|(_, count)| count).sum();
    let coverage = share(covered, values.len());
    if coverage < LEAST_COVERED {
        let text = format!(
            "{distinct} different values at {} leads, of which the {} most frequent cover {}: names or texts",
            values.len(),
            frequent.len(),
            percent(coverage),
        );
        return Err(LeftOut::new(name, WhyLeftOut::TooManyValues, coverage, text));
    }
    let other = values.len() - covered >= support;
    let missing = count - values.len() >= support;
    if frequent.len() == 1 && !other && !missing {
        let text = format!("it is \"{}\" for all but a few leads", frequent[0].0);
        return Err(LeftOut::new(
            name,
            WhyLeftOut::AlwaysTheSame,
            share(covered, count),
            text,
        ));
    }
    let words = frequent.into_iter().map(|(word, _)| word).collect();
    Ok(FieldKind::Words {
        words,
        other,
        missing,
    })
}

pub(super) fn flag(
    name: &str,
    values: &[Seen<'_>],
    count: usize,
    support: usize,
) -> Result<FieldKind, LeftOut> {
    let set = values.iter().filter(|seen| **seen == Seen::Flag(true)).count();
    let unset = values.len() - set;
    let missing = unset > 0 && count - values.len() >= support;
    if (set < support || count - set < support) && !missing {
        let text = format!("it is true for {set} of {count} leads");
        return Err(LeftOut::new(
            name,
            WhyLeftOut::AlwaysTheSame,
            share(set, count),
            text,
        ));
    }
    Ok(FieldKind::Flag { missing })
}
