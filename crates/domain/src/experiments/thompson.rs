//! A bandit: each mail goes to a variant with the probability that this variant is the best one.
//!
//! Thompson, "On the likelihood that one unknown probability exceeds another" (Biometrika 25, 1933); Chapelle and Li, "An empirical
//! evaluation of Thompson sampling" (NIPS 2011). Fewer people get a bad variant than in a test, at a price: as the shares follow
//! the results, [`decide`](super::decide) must not be asked about its counts.

use super::{Arm, Dice, real};
use statrs::function::beta::inv_beta_reg;

/// Draws a rate for each arm from what is known of it and answers with the arm that drew the highest; `None` without arms.
///
/// What is known is a Beta(1 + converted, 1 + not converted) distribution: all rates were equally likely at first.
pub fn choose(arms: &[Arm], dice: &mut Dice) -> Option<usize> {
    arms.iter()
        .map(|arm| {
            let converted = arm.converted.min(arm.sent);
            inv_beta_reg(
                1.0 + real(converted),
                1.0 + real(arm.sent - converted),
                dice.throw(),
            )
        })
        .enumerate()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(index, _)| index)
}

/// How many of the next `people` each arm gets. Every arm gets about one in a hundred at least: what is never sent can't be seen to
/// become better.
pub fn allocate(arms: &[Arm], people: u64, dice: &mut Dice) -> Vec<u64> {
    let mut given = vec![0; arms.len()];
    for place in (0..100)
        .cycle()
        .take(usize::try_from(people).unwrap_or(usize::MAX))
    {
        let explored = Some(place).filter(|arm| *arm < arms.len());
        if let Some(arm) = explored.or_else(|| choose(arms, dice)) {
            given[arm] += 1;
        }
    }
    given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_better_arm_gets_more_and_the_same_seed_gives_the_same() {
        let arms = [Arm::new(1000, 100), Arm::new(1000, 130), Arm::new(1000, 60)];
        let given = allocate(&arms, 2000, &mut Dice::seeded(7));
        assert_eq!(given, allocate(&arms, 2000, &mut Dice::seeded(7)));
        assert_eq!(given.iter().sum::<u64>(), 2000);
        assert!(given[1] > 1800, "{given:?}");
        assert!(given[0] >= 20 && given[2] >= 20 && given[2] < 30, "{given:?}");
        assert!(allocate(&[], 10, &mut Dice::seeded(1)).is_empty());
    }

    #[test]
    fn nothing_known_is_nothing_preferred() {
        let given = allocate(&[Arm::new(0, 0), Arm::new(0, 0)], 2000, &mut Dice::seeded(3));
        assert!(given[0] > 900 && given[1] > 900, "{given:?}");
        let impossible = [Arm::new(5, 9), Arm::new(5, 0)];
        assert_eq!(choose(&impossible, &mut Dice::seeded(1)), Some(0));
    }

    #[test]
    fn draws_have_the_mean_and_the_spread_of_the_distribution() {
        for (a, b) in [
            (1.0, 1.0),
            (3.0, 200.0),
            (2001.0, 38_001.0),
            (40_001.0, 960_001.0),
        ] {
            let mut dice = Dice::seeded(11);
            let draws: Vec<f64> = (0..2000).map(|_| inv_beta_reg(a, b, dice.throw())).collect();
            let mean = draws.iter().sum::<f64>() / 2000.0;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 2000.0;
            let (expected, spread) = (a / (a + b), (a * b / (a + b).powi(2) / (a + b + 1.0)).sqrt());
            assert!(
                (mean - expected).abs() < 0.1 * spread,
                "{a} {b}: {mean} {expected}"
            );
            assert!(
                (variance.sqrt() / spread - 1.0).abs() < 0.06,
                "{a} {b}: {variance} {spread}"
            );
        }
    }
}
