//! The prediction against leads whose true probabilities are known.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is the message")]
#![allow(clippy::cast_precision_loss, reason = "counts of a test")]

use groundswell_domain::leads::prediction::{
    Dataset, Drift, DriftLevel, Example, FORMAT, FeatureValue, Features, Insufficient, LeftOut, Method,
    Model, Tally, Trained, Training, WhyLeftOut, auc, brier, train,
};
use groundswell_testkit::outcomes::{Drawn, LEAKS, Outcomes, STRONG};
use std::collections::BTreeSet;

fn trained(examples: impl IntoIterator<Item = Example>) -> Box<Trained> {
    match train(&examples.into_iter().collect()) {
        Training::Trained(trained) => trained,
        Training::Insufficient(why) => panic!("{}", why.message),
    }
}

fn insufficient(examples: impl IntoIterator<Item = Example>) -> Insufficient {
    match train(&examples.into_iter().collect()) {
        Training::Insufficient(why) => why,
        Training::Trained(trained) => panic!("{:?}", trained.report.test),
    }
}

fn drawn(outcomes: &mut Outcomes, count: usize) -> Vec<Drawn> {
    (0..count).map(|_| outcomes.draw()).collect()
}

#[test]
fn the_leakage_guard_finds_what_was_planted_and_nothing_else() {
    for (seed, count) in [(1, 4_000), (2, 1_000), (3, 900)] {
        let report = trained(Outcomes::new(seed).with_leaks().examples(count)).report;
        let leaks = report.left_out.iter().filter(|left| left.reason.is_leak());
        let found: BTreeSet<&str> = leaks.map(|left| left.field.as_str()).collect();
        assert_eq!(found, BTreeSet::from(LEAKS), "{count} outcomes");
        let reason = |field: &str| {
            report
                .left_out
                .iter()
                .find(|left| left.field == field)
                .unwrap()
                .reason
        };
        assert_eq!(reason("custom:contract_value"), WhyLeftOut::PresenceTells);
        assert_eq!(reason("custom:customer_since"), WhyLeftOut::KnownTooLate);
        assert_eq!(reason("custom:deal_state"), WhyLeftOut::SeparatesOutcomes);
        assert_eq!(reason("tag:customer"), WhyLeftOut::OnlyConverted);
        assert_eq!(reason("custom:nickname"), WhyLeftOut::TooManyValues);
        assert_eq!(reason("custom:account"), WhyLeftOut::LooksLikeAnId);
        assert_eq!(reason("custom:edition"), WhyLeftOut::AlwaysTheSame);
        for strong in STRONG {
            assert!(
                report.weights.iter().any(|weight| weight.field == strong),
                "{strong} is honest"
            );
        }
        assert!(report.reliable, "{report:?}");
    }
}

/// Reasons are written down when a lead is given up: alone they are no proof, but no open lead has one.
#[test]
fn what_only_ended_leads_have_is_left_out() {
    let reason = |example: &mut Example, index: usize| {
        if !example.outcome.converted && !index.is_multiple_of(5) {
            let value = FeatureValue::category("price").unwrap();
            example
                .features
                .insert("custom:lost_reason".to_owned(), value.into());
        }
    };
    let mut outcomes = Outcomes::new(5);
    let mut dataset = Dataset::default();
    for (index, mut example) in outcomes.examples(1_000).into_iter().enumerate() {
        reason(&mut example, index);
        dataset.push(example);
    }
    let left_out = |dataset: &Dataset| match train(dataset) {
        Training::Trained(trained) => trained.report.left_out,
        Training::Insufficient(why) => panic!("{}", why.message),
    };
    let leaks = |all: Vec<LeftOut>| -> Vec<(String, WhyLeftOut)> {
        all.into_iter()
            .filter(|left| left.reason.is_leak())
            .map(|left| (left.field, left.reason))
            .collect()
    };
    assert_eq!(leaks(left_out(&dataset)), [], "nothing to compare with");
    for drawn in drawn(&mut outcomes, 500) {
        dataset.see_open(drawn.example.features);
    }
    let found = leaks(left_out(&dataset));
    assert_eq!(found, [("custom:lost_reason".to_owned(), WhyLeftOut::OnlyEnded)]);
}

#[test]
fn fields_that_know_nothing_are_never_taken_for_leaks() {
    for seed in 0..30 {
        for outcomes in [Outcomes::new(seed), Outcomes::new(seed).of_noise()] {
            let Training::Trained(trained) = train(&outcomes.clone().examples(120).into_iter().collect())
            else {
                continue;
            };
            let leaks: Vec<_> = trained
                .report
                .left_out
                .iter()
                .filter(|left| left.reason.is_leak())
                .collect();
            assert!(leaks.is_empty(), "seed {seed}: {leaks:?}");
        }
    }
}

#[test]
fn calibrated_probabilities_beat_the_base_rate_and_come_near_the_truth() {
    let mut outcomes = Outcomes::new(4);
    let learned = trained(outcomes.examples(5_000));
    let test = &learned.report.test;
    assert_eq!(learned.report.method, Method::LogisticRegression);
    assert!(test.brier < test.brier_of_base_rate * 0.9, "{test:?}");

    // Leads that came later, and their true probabilities.
    let later = drawn(&mut outcomes, 4_000);
    let labels: Vec<bool> = later
        .iter()
        .map(|drawn| drawn.example.outcome.converted)
        .collect();
    let truths: Vec<f64> = later.iter().map(|drawn| drawn.truth).collect();
    let said: Vec<f64> = later
        .iter()
        .map(|drawn| learned.model.probability(&drawn.example.features))
        .collect();
    assert!(auc(&said, &labels) > auc(&truths, &labels) - 0.02);
    assert!(brier(&said, &labels) < brier(&truths, &labels) + 0.012);

    // Among leads that are given about the same, so many convert in truth.
    let mut pairs: Vec<(f64, f64)> = said.into_iter().zip(truths).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let tenths = pairs.chunks(400).map(|tenth| {
        let off: f64 = tenth.iter().map(|(said, truth)| said - truth).sum();
        (off / tenth.len() as f64).abs()
    });
    let off: Vec<f64> = tenths.collect();
    assert!(
        off.iter().all(|off| *off < 0.08) && off.iter().sum::<f64>() < 0.35,
        "{off:?}"
    );
}

#[test]
fn with_forty_outcomes_it_cannot_tell() {
    let why = insufficient(Outcomes::new(5).examples(40));
    assert_eq!((why.outcomes, why.outcomes_needed), (40, 50));
    assert!(
        why.message.starts_with("can't tell: there are 40 outcomes"),
        "{}",
        why.message
    );
    assert_eq!(insufficient([]).outcomes, 0);

    let mut examples = Outcomes::new(5).examples(300);
    let mut converted = 0;
    examples.retain(|example| {
        converted += i32::from(example.outcome.converted);
        !example.outcome.converted || converted <= 9
    });
    assert_eq!(insufficient(examples).converted, 9);
}

#[test]
fn outcomes_of_one_kind_in_one_part_are_named() {
    let mut examples = Outcomes::new(6).examples(400);
    for example in &mut examples[320..] {
        example.outcome.converted = false;
    }
    examples.sort_by_key(|example| example.created_at);
    for (at, example) in examples.iter_mut().enumerate() {
        example.outcome.at = example.created_at + chrono::TimeDelta::hours(1);
        assert!(at < 320 || !example.outcome.converted);
    }
    let why = insufficient(examples);
    assert!(
        why.message
            .contains("newest 20 % of the outcomes are disqualified"),
        "{}",
        why.message
    );
}

#[test]
fn naive_bayes_begins_and_is_better_than_nothing() {
    let (mut better, mut reliable, mut wrong) = (0, 0, 0);
    for seed in 0..20 {
        let mut outcomes = Outcomes::new(100 + seed);
        let Training::Trained(learned) = train(&outcomes.examples(150).into_iter().collect()) else {
            continue;
        };
        assert_eq!(learned.report.method, Method::NaiveBayes);
        let later = drawn(&mut outcomes, 1_000);
        let labels: Vec<bool> = later
            .iter()
            .map(|drawn| drawn.example.outcome.converted)
            .collect();
        let said: Vec<f64> = later
            .iter()
            .map(|drawn| learned.model.probability(&drawn.example.features))
            .collect();
        let base = vec![learned.report.base_rate(); labels.len()];
        let gain = brier(&base, &labels) - brier(&said, &labels);
        println!(
            "reliable: {}, gain {gain:.4}, AUC {:.3}",
            learned.report.reliable,
            auc(&said, &labels)
        );
        better += i32::from(gain > 0.0);
        reliable += i32::from(learned.report.reliable);
        wrong += i32::from(learned.report.reliable && gain < 0.0);
    }
    assert!(better >= 14, "{better} of 20 beat the base rate");
    assert!(
        reliable >= 6 && wrong <= 1,
        "{wrong} of {reliable} that said they do, don't"
    );
}

#[test]
fn it_does_not_see_what_is_not_there() {
    for seed in [7, 8, 9] {
        let mut outcomes = Outcomes::new(seed).of_noise();
        let learned = trained(outcomes.examples(1_500));
        assert!(
            learned.report.test.brier_skill < 0.02,
            "{:?}",
            learned.report.test
        );
        for drawn in drawn(&mut outcomes, 200) {
            let said = learned.model.probability(&drawn.example.features);
            assert!((said - 0.3).abs() < 0.2, "{said}");
        }
    }
}

#[test]
fn contributions_sum_up_to_the_log_odds() {
    for (seed, count) in [(10, 120), (11, 1_000)] {
        let mut outcomes = Outcomes::new(seed);
        let model = trained(outcomes.examples(count)).model;
        for drawn in drawn(&mut outcomes, 300) {
            let explained = model.explain(&drawn.example.features);
            let sum: f64 = explained
                .contributions
                .iter()
                .map(|contribution| contribution.log_odds)
                .sum();
            assert!(
                (explained.base + sum - explained.log_odds).abs() < 1e-9,
                "{explained:?}"
            );
            assert!((explained.probability - model.probability(&drawn.example.features)).abs() < 1e-15);
            assert!(explained.probability > 0.0 && explained.probability < 1.0);
            let sizes = explained
                .contributions
                .iter()
                .map(|contribution| -contribution.log_odds.abs());
            assert!(sizes.is_sorted());
        }
        // A lead of which nothing is known has a probability too.
        assert!(model.probability(&Features::default()) > 0.0);
    }
}

#[test]
fn what_speaks_for_a_conversion_in_truth_does_so_in_the_explanation() {
    let mut outcomes = Outcomes::new(12);
    let model = trained(outcomes.examples(3_000)).model;
    for drawn in drawn(&mut outcomes, 100) {
        let explained = model.explain(&drawn.example.features);
        let of = |field: &str| {
            explained
                .contributions
                .iter()
                .find(|one| one.field == field)
                .unwrap()
        };
        let demo = of("custom:demo_requested");
        assert_eq!(demo.value.is_some(), demo.log_odds > 0.0);
        assert_eq!(demo.label, "demo_requested");
        let seniority = of("custom:seniority");
        match seniority.value.as_deref().unwrap() {
            "vp" => assert!(seniority.log_odds > 0.5),
            "student" => assert!(seniority.log_odds < -0.5),
            _ => {}
        }
    }
}

#[test]
fn a_model_is_kept_as_it_was_and_others_are_refused() {
    let mut outcomes = Outcomes::new(13);
    let model = trained(outcomes.examples(500)).model;
    let kept = serde_json::to_string(&model.kept().unwrap()).unwrap();
    let again = Model::read(serde_json::from_str(&kept).unwrap()).unwrap();
    for drawn in drawn(&mut outcomes, 50) {
        let (one, other) = (&model, &again);
        let features = &drawn.example.features;
        assert!((one.probability(features) - other.probability(features)).abs() < 1e-12);
    }
    let mut newer = model.kept().unwrap();
    newer["format"] = (FORMAT + 1).into();
    assert_eq!(
        Model::read(newer).unwrap_err(),
        "the model is kept in format 2, and this version reads format 1: train it again"
    );
    assert!(Model::read(serde_json::json!({})).is_err());
    let mut damaged = model.kept().unwrap();
    damaged["linear"]["weights"] = serde_json::json!([1.0]);
    assert!(Model::read(damaged).unwrap_err().contains("contradicts itself"));
}

#[test]
fn the_same_outcomes_give_the_same_model() {
    let examples = Outcomes::new(14).with_leaks().examples(700);
    let (one, other) = (trained(examples.clone()), trained(examples));
    assert_eq!(one.model, other.model);
    assert_eq!(one.report, other.report);
}

#[test]
fn drift_is_noticed_and_only_then() {
    let mut outcomes = Outcomes::new(15);
    let model = trained(outcomes.examples(2_000)).model;
    let tally = |outcomes: &mut Outcomes, count| {
        let mut tally = Tally::default();
        for drawn in drawn(outcomes, count) {
            tally.count(&model, &drawn.example.features);
        }
        tally
    };
    let same = Drift::between(&model.reference, &tally(&mut outcomes, 2_000));
    assert_eq!(same.level, DriftLevel::Stable, "{same:?}");
    assert!(!same.retrain);
    outcomes.growth = 30.0;
    let grown = Drift::between(&model.reference, &tally(&mut outcomes, 2_000));
    assert_eq!(grown.level, DriftLevel::Significant, "{grown:?}");
    assert_eq!(grown.fields[0].field, "custom:company_size");
    assert!(grown.retrain);
    let few = Drift::between(&model.reference, &tally(&mut outcomes, 50));
    assert_eq!(few.level, DriftLevel::Unknown);
}

/// Takes a release build to mean anything: `cargo nextest run --release -p groundswell-testkit --run-ignored only`.
#[test]
#[ignore = "measures a time"]
fn a_hundred_thousand_leads_train_within_thirty_seconds() {
    let mut outcomes = Outcomes::new(16).with_leaks();
    let mut dataset = Dataset::default();
    for _ in 0..100_000 {
        dataset.push(outcomes.draw().example);
    }
    let started = std::time::Instant::now();
    let Training::Trained(learned) = train(&dataset) else {
        panic!("there is enough to learn from")
    };
    let took = started.elapsed();
    println!("{took:?}: {:?}", learned.report.test);
    assert!(took.as_secs() < 30, "{took:?}");
}
