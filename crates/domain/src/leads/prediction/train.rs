//! From outcomes to a model, or to the sentence that it can't be told.

use super::calibration::Calibration;
use super::dataset::{Column, Dataset};
use super::drift::Tally;
use super::encoder::{self, Field};
use super::leakage;
use super::linear::Linear;
use super::matrix::Matrix;
use super::metrics::{best_threshold, log_loss};
use super::model::{Method, Model};
use super::numbers::{real, sigmoid};
use super::report::{Parts, Report, TestFigures};
use super::screening::{LeftOut, WhyLeftOut};
use super::split::Split;
use super::{fitting, logistic, naive_bayes};
use serde::{Deserialize, Serialize};

/// With fewer outcomes nothing is said.
pub const MIN_OUTCOMES: usize = 50;
/// Of the rarer outcome.
pub const MIN_RARER: usize = 10;
/// Below it naive Bayes, from it on logistic regression.
pub const OUTCOMES_FOR_REGRESSION: usize = 200;

/// Columns that a model can have: the equations grow with the cube of it.
const MOST_COLUMNS: usize = 400;
/// Fewest columns that are allowed, however few outcomes there are.
const LEAST_COLUMNS: usize = 20;
/// Naive Bayes takes fields whose AUC is above this.
const TELLING: f64 = 0.5;
/// Penalties that are tried, the strongest first: each start is the end of the one before.
const PENALTIES: [f64; 7] = [1000.0, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0];

/// Why there is no model, and how far away it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Insufficient {
    pub outcomes: usize,
    pub converted: usize,
    pub disqualified: usize,
    pub outcomes_needed: usize,
    /// Of each outcome.
    pub each_needed: usize,
    pub message: String,
}

#[derive(Debug, Clone)]
pub struct Trained {
    pub model: Model,
    pub report: Report,
}

#[derive(Debug, Clone)]
pub enum Training {
    Insufficient(Insufficient),
    Trained(Box<Trained>),
}

/// Learns from all outcomes. Takes seconds with a hundred thousand of them: not for an async thread.
pub fn train(dataset: &Dataset) -> Training {
    match learn(dataset) {
        Ok(trained) => Training::Trained(Box::new(trained)),
        Err(message) => Training::Insufficient(insufficient(dataset, &message)),
    }
}

fn insufficient(dataset: &Dataset, message: &str) -> Insufficient {
    Insufficient {
        outcomes: dataset.len(),
        converted: dataset.converted(),
        disqualified: dataset.len() - dataset.converted(),
        outcomes_needed: MIN_OUTCOMES,
        each_needed: MIN_RARER,
        message: format!("can't tell: {message}"),
    }
}

fn enough(dataset: &Dataset) -> Result<(), String> {
    let (outcomes, converted) = (dataset.len(), dataset.converted());
    let disqualified = outcomes - converted;
    if outcomes >= MIN_OUTCOMES && converted.min(disqualified) >= MIN_RARER {
        return Ok(());
    }
    Err(format!(
        "there are {outcomes} outcomes, {converted} converted and {disqualified} disqualified; {MIN_OUTCOMES} are needed, \
         {MIN_RARER} of each at least"
    ))
}

fn learn(dataset: &Dataset) -> Result<Trained, String> {
    enough(dataset)?;
    let split = Split::new(&dataset.rows)?;
    let labels = |rows: &[usize]| -> Vec<bool> {
        rows.iter()
            .map(|&row| dataset.rows[row].outcome.converted)
            .collect()
    };
    let (fields, left_out) = choose_fields(dataset, &split);
    if fields.is_empty() {
        return Err("nothing that is known of the leads tells the outcomes apart".to_owned());
    }

    let rows = encoder::matrix(&fields, dataset, &split.train);
    let rows_to_calibrate = encoder::matrix(&fields, dataset, &split.calibrate);
    let outcomes = labels(&split.train);
    let outcomes_to_calibrate = labels(&split.calibrate);
    let (method, linear, penalty) = if dataset.len() < OUTCOMES_FOR_REGRESSION {
        let linear = naive_bayes::fit(&rows, &outcomes, &number_columns(&fields, rows.width));
        (Method::NaiveBayes, linear, None)
    } else {
        let (linear, penalty) = regression(&rows, &outcomes, &rows_to_calibrate, &outcomes_to_calibrate);
        (Method::LogisticRegression, linear, Some(penalty))
    };

    let scores = linear.all(&rows_to_calibrate);
    let calibration = Calibration::fit(&scores, &outcomes_to_calibrate);
    let probabilities = |scores: &[f64]| -> Vec<f64> {
        scores
            .iter()
            .map(|score| calibration.probability(*score))
            .collect()
    };
    let threshold = best_threshold(&probabilities(&scores), &outcomes_to_calibrate);

    let outcomes_to_test = labels(&split.test);
    let test = probabilities(&linear.all(&encoder::matrix(&fields, dataset, &split.test)));
    let known = outcomes.iter().chain(&outcomes_to_calibrate);
    let base_rate = real(known.clone().filter(|label| **label).count()) / real(known.count());
    let figures = TestFigures::new(&test, &outcomes_to_test, base_rate, threshold);

    let train_scores = linear.all(&rows);
    let means = rows.means();
    let mut sorted = train_scores.clone();
    sorted.sort_by(f64::total_cmp);
    let score_tenths = fitting::tenths(&sorted);
    let mut model = Model::new(
        method,
        fields,
        linear,
        means,
        calibration,
        threshold,
        score_tenths,
        Tally::default(),
    );
    model.reference = reference(&model, dataset, &split.train, &train_scores);
    let parts = Parts {
        train: split.train.len(),
        calibrate: split.calibrate.len(),
        test: split.test.len(),
    };
    let report = Report::new(&model, parts, dataset.converted(), penalty, figures, left_out);
    Ok(Trained { model, report })
}

/// Those that know nothing of the outcome and of which something can be learned; the others with the reason.
fn choose_fields(dataset: &Dataset, split: &Split) -> (Vec<Field>, Vec<LeftOut>) {
    let before_test = split.before_test();
    let mut in_train = vec![false; dataset.len()];
    for &row in &split.train {
        in_train[row] = true;
    }
    let mut fields: Vec<(f64, Field)> = Vec::new();
    let mut left_out = Vec::new();
    for (name, column) in &dataset.fields {
        let judgement = leakage::judge(name, column, dataset, &before_test);
        let fitted = match judgement.leak {
            Some(leak) => Err(leak),
            None => Field::fit(name, column, &in_train, split.train.len()),
        };
        match fitted {
            Ok(field) => fields.push((judgement.strength, field)),
            Err(reason) => left_out.push(reason),
        }
    }
    // The penalty takes care of what tells nothing; naive Bayes has none.
    let few = dataset.len() < OUTCOMES_FOR_REGRESSION;
    let most = split.train.len().clamp(LEAST_COLUMNS, MOST_COLUMNS);
    fields.sort_by(|(a, x), (b, y)| b.total_cmp(a).then_with(|| x.name.cmp(&y.name)));
    let mut columns = 0;
    let mut chosen = Vec::new();
    for (strength, field) in fields {
        let with_it = columns + field.width() as usize;
        if with_it <= most && !(few && strength <= TELLING) {
            columns = with_it;
            chosen.push(field);
        } else {
            let text = format!(
                "so few outcomes allow only fields that tell much; this one alone has an AUC of {strength:.2}"
            );
            left_out.push(LeftOut::new(
                &field.name,
                WhyLeftOut::TooManyFields,
                strength,
                text,
            ));
        }
    }
    encoder::place(&mut chosen);
    (chosen, left_out)
}

fn number_columns(fields: &[Field], width: usize) -> Vec<bool> {
    let mut numbers = vec![false; width];
    for field in fields.iter().filter(|field| field.is_number()) {
        numbers[field.first as usize] = true;
    }
    numbers
}

/// The weights under the penalty that does best on outcomes they were not learned from.
fn regression(rows: &Matrix, labels: &[bool], unseen: &Matrix, unseen_labels: &[bool]) -> (Linear, f64) {
    let converted = labels.iter().filter(|label| **label).count();
    let base = (real(converted) / real(labels.len() - converted)).ln();
    let mut model = Linear::flat(rows.width, base);
    let mut best = (f64::INFINITY, model.clone(), PENALTIES[0]);
    for penalty in PENALTIES {
        model = logistic::fit(rows, labels, penalty, &model);
        let probabilities: Vec<f64> = model.all(unseen).into_iter().map(bounded).collect();
        let loss = log_loss(&probabilities, unseen_labels);
        if loss < best.0 {
            best = (loss, model.clone(), penalty);
        }
    }
    (best.1, best.2)
}

/// Never quite 0 or 1, whose logarithm is infinite.
fn bounded(log_odds: f64) -> f64 {
    sigmoid(log_odds.clamp(-30.0, 30.0))
}

fn reference(model: &Model, dataset: &Dataset, rows: &[usize], scores: &[f64]) -> Tally {
    let mut tally = Tally::default();
    let columns: Vec<(&Field, &Column)> = model
        .fields
        .iter()
        .filter_map(|field| Some((field, dataset.fields.get(&field.name)?)))
        .collect();
    for (field, column) in columns {
        let mut cursor = 0;
        for &row in rows {
            tally.count_field(&field.name, field.bins(), field.bin(&column.at(row, &mut cursor)));
        }
    }
    for score in scores {
        let (bins, bin) = model.score_bin(*score);
        tally.count_score(bins, bin);
    }
    tally
}
