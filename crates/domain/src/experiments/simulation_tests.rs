//! What the test promises, tried out: a thousand tests, each looked at twenty times.

use super::*;

const TESTS: u32 = 1_000;
const LOOKS: u32 = 20;

/// How many of `people` convert, by the gaps between conversions (Devroye 1986, chapter X.4.3).
fn converted(people: u64, rate: f64, dice: &mut Dice) -> u64 {
    let (mut at, mut found) = (0.0, 0);
    loop {
        at += (dice.throw().ln() / (1.0 - rate).ln()).floor() + 1.0;
        if at > real(people) {
            return found;
        }
        found += 1;
    }
}

/// The share of tests that named a winner at any look, and the share that named one which is not the first arm.
fn winners(rates: &[f64], people: u64, seed: u64) -> (f64, f64) {
    let mut dice = Dice::seeded(seed);
    let (mut named, mut wrong) = (0, 0);
    for _ in 0..TESTS {
        let mut arms = vec![Arm::new(0, 0); rates.len()];
        for look in 1..=LOOKS {
            for (arm, rate) in arms.iter_mut().zip(rates) {
                arm.sent += people;
                arm.converted += converted(people, *rate, &mut dice);
            }
            let plan = Plan {
                alpha: 0.05,
                finished: look == LOOKS,
            };
            let decision = decide(&arms, plan);
            if decision.verdict == Verdict::Winner {
                named += 1;
                wrong += u32::from(decision.leader != Some(0));
                break;
            }
        }
    }
    (
        f64::from(named) / f64::from(TESTS),
        f64::from(wrong) / f64::from(TESTS),
    )
}

#[test]
fn twenty_looks_at_equal_variants_name_a_winner_in_at_most_one_test_of_twenty() {
    for (rates, people) in [
        (vec![0.1; 2], 200),
        (vec![0.02; 2], 200),
        (vec![0.4; 2], 60),
        (vec![0.1; 4], 100),
    ] {
        let (false_winners, _) = winners(&rates, people, 20_260_101);
        assert!(false_winners <= 0.05, "{rates:?}: {false_winners}");
    }
    // A test that is looked at as if each look were the only one errs far more often: the simulation can tell.
    let mut dice = Dice::seeded(5);
    let mut named = 0;
    for _ in 0..TESTS {
        let (mut a, mut b, mut sent) = (0, 0, 0);
        named += u32::from((0..LOOKS).any(|_| {
            sent += 200;
            a += converted(200, 0.1, &mut dice);
            b += converted(200, 0.1, &mut dice);
            let effect = Effect::of(
                &Sample::proportion(a, sent),
                &Sample::proportion(b, sent),
                Difference::Absolute,
            );
            effect
                .and_then(|effect| t_test(&effect, 0.05, Sides::Two))
                .is_some_and(|test| test.p_value < 0.05)
        }));
    }
    assert!(named > 150, "{named}");
}

#[test]
fn a_real_difference_is_found_and_the_right_one() {
    // 10 % against 13 %, 5,000 people each at the end: about 94 %.
    let (named, wrong) = winners(&[0.13, 0.1], 250, 1);
    assert!(named > 0.9 && wrong < 0.005, "{named} {wrong}");
    // 3 % against 3.6 %, 20,000 people each.
    let (named, wrong) = winners(&[0.036, 0.03], 1_000, 2);
    assert!(named > 0.6 && wrong < 0.005, "{named} {wrong}");
    // The best of four.
    let (named, wrong) = winners(&[0.14, 0.1, 0.1, 0.1], 250, 3);
    assert!(named > 0.9 && wrong < 0.005, "{named} {wrong}");
}

#[test]
fn the_size_that_is_asked_for_is_enough() {
    let wanted = Wanted {
        rate: 0.1,
        lift: 0.3,
        alpha: 0.05,
        power: 0.8,
        variants: 2,
    };
    let people = people_for_always_valid(&wanted).unwrap() / u64::from(LOOKS);
    let (named, _) = winners(&[0.13, 0.1], people, 4);
    assert!(named > 0.77 && named < 0.9, "{named} with {people} at each look");
}
