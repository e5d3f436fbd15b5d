//! gbstats 0.8.0, executed on the same figures (`tests/data/README.md`).

use super::*;
use serde_json::Value;

const CLOSE: f64 = 1e-5;

fn near(got: f64, expected: &Value, what: &str) {
    match expected.as_f64() {
        Some(expected) => assert!((got - expected).abs() < CLOSE, "{what}: {got} is not {expected}"),
        None => assert!(got.is_infinite(), "{what}: {got} has an end"),
    }
}

fn sample(case: &Value, of: &str) -> Sample {
    let figures: Vec<f64> = case[of]
        .as_array()
        .unwrap()
        .iter()
        .map(|n| n.as_f64().unwrap())
        .collect();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "small whole numbers"
    )]
    let whole = |at: usize| figures[at] as u64;
    match figures.len() {
        2 => Sample::proportion(whole(0), whole(1)),
        _ => Sample::of_sums(figures[0], figures[1], whole(2)),
    }
}

#[test]
fn every_case_gives_the_reference_s_figures() {
    let golden: Value =
        serde_json::from_str(include_str!("../../tests/data/abtest/gbstats_golden.json")).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 132);
    for case in cases {
        let what = format!("{case}");
        let expected = &case["expected"];
        let alpha = case["alpha"].as_f64().unwrap();
        let difference = case["difference"].as_str().unwrap().parse().unwrap();
        let effect = Effect::of(&sample(case, "control"), &sample(case, "treatment"), difference);
        assert_eq!(effect.is_none(), expected["errorMessage"].is_string(), "{what}");
        let Some(effect) = effect else { continue };
        if case["engine"] == "bayesian" {
            let prior = (case["prior"] != "flat").then_some(Prior {
                mean: 0.0,
                deviation: 0.3,
            });
            let found = posterior(&effect, prior, alpha).unwrap();
            near(found.estimate, &expected["expected"], &what);
            near(found.estimate, &expected["uplift"]["mean"], &what);
            near(found.error, &expected["uplift"]["stddev"], &what);
            near(found.low, &expected["ci"][0], &what);
            near(found.high, &expected["ci"][1], &what);
            near(found.chance_to_win, &expected["chanceToWin"], &what);
            near(found.risk_of_control, &expected["risk"][0], &what);
            near(found.risk_of_treatment, &expected["risk"][1], &what);
            continue;
        }
        let found = match case["test"].as_str().unwrap() {
            "t_two_sided" => t_test(&effect, alpha, Sides::Two).unwrap(),
            "t_one_sided_greater" => t_test(&effect, alpha, Sides::Greater).unwrap(),
            "seq_two_sided_N5000" => confidence_sequence(&effect, alpha, 5000.0),
            "seq_two_sided_N1000" => confidence_sequence(&effect, alpha, 1000.0),
            other => panic!("no such test here: {other}"),
        };
        near(effect.estimate, &expected["expected"], &what);
        near(effect.error, &expected["uplift"]["stddev"], &what);
        near(found.interval.0, &expected["ci"][0], &what);
        near(found.interval.1, &expected["ci"][1], &what);
        near(found.p_value, &expected["pValue"], &what);
    }
}

#[test]
fn sample_ratios_give_the_reference_s_p_values() {
    let golden: Value =
        serde_json::from_str(include_str!("../../tests/data/abtest/gbstats_golden.json")).unwrap();
    let cases = golden["srm"].as_array().unwrap();
    assert_eq!(cases.len(), 5);
    for case in cases {
        let users: Vec<u64> = case["users"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_u64().unwrap())
            .collect();
        let weights: Vec<f64> = case["weights"]
            .as_array()
            .unwrap()
            .iter()
            .map(|n| n.as_f64().unwrap())
            .collect();
        near(sample_ratio(&users, &weights), &case["p"], &format!("{case}"));
    }
    assert!((sample_ratio(&[], &[]) - 1.0).abs() < CLOSE);
    assert!((sample_ratio(&[0, 0], &[1.0, 1.0]) - 1.0).abs() < CLOSE);
}
