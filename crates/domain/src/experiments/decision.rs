//! When a test is over, and how it ended.

use super::split::Split;
use super::{Arm, SUSPICIOUS, sample_ratio};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// How a test stands.
    Verdict {
        /// One variant is better than each of the others.
        Winner => "winner",
        /// It is over, and the difference, if there is one, was too small to be seen.
        NoWinner => "no_winner",
        NotYet => "not_yet",
        /// People were not spread as it was meant: something is broken, and no figure of the test can be trusted.
        SampleRatioMismatch => "sample_ratio_mismatch",
    }
}

/// What was fixed before the test began.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plan {
    /// How often a winner may be named that is none: 0.05 for one in twenty tests, however often one looks.
    pub alpha: f64,
    /// Whether nobody else will be sent the test, and whoever wants to answer has had the time.
    pub finished: bool,
}

/// How much better the leading variant is than the next one: 0.1 for a tenth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lift {
    pub estimate: f64,
    /// An interval that is right at all looks together in 1 − alpha of all tests.
    pub low: f64,
    /// Absent when there is no upper end yet.
    pub high: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    pub verdict: Verdict,
    /// Which variant leads, counted from 0; absent while nobody has converted.
    pub leader: Option<usize>,
    /// Of the leader being no better than some other, corrected for the number of variants. Valid at every look.
    pub p_value: f64,
    pub sample_ratio_p_value: f64,
    pub lift: Option<Lift>,
}

/// Names a winner only if it beats each other variant at alpha ÷ (variants − 1), two-sided.
///
/// That is enough for all variants together: let b be one of the truly best. A false winner is some other variant that seems to beat b, or b itself
/// where another is as good. Either way one of the tests of b against the others, of which there are (variants − 1), went wrong.
pub fn decide(arms: &[Arm], plan: Plan) -> Decision {
    let counts: Vec<u64> = arms.iter().map(|arm| arm.sent).collect();
    let weights: Vec<f64> = arms.iter().map(|arm| arm.weight).collect();
    let sample_ratio_p_value = sample_ratio(&counts, &weights);
    let rate = |arm: &Arm| super::real(arm.converted) / arm.weight;
    let mut order: Vec<usize> = (0..arms.len()).collect();
    order.sort_by(|a, b| rate(&arms[*b]).total_cmp(&rate(&arms[*a])));
    let leader = order.first().copied().filter(|best| arms[*best].converted > 0);
    let mut decision = Decision {
        verdict: if plan.finished {
            Verdict::NoWinner
        } else {
            Verdict::NotYet
        },
        leader,
        p_value: 1.0,
        sample_ratio_p_value,
        lift: None,
    };
    let (Some(best), Some(next)) = (leader, order.get(1).copied()) else {
        return decision;
    };
    let others = super::real((arms.len() - 1) as u64);
    let against = |other: usize| {
        let of = |arm: usize| (arms[arm].converted, arms[arm].weight);
        Split::new(of(best), of(other))
    };
    let worst = order[1..]
        .iter()
        .map(|other| against(*other).p_value())
        .fold(0.0, f64::max);
    decision.p_value = (worst * others).min(1.0);
    let (low, high) = against(next).rates(plan.alpha / others);
    decision.lift = (arms[next].converted > 0).then(|| Lift {
        estimate: rate(&arms[best]) / rate(&arms[next]) - 1.0,
        low: low - 1.0,
        high: Some(high - 1.0).filter(|high| high.is_finite()),
    });
    if sample_ratio_p_value < SUSPICIOUS {
        decision.verdict = Verdict::SampleRatioMismatch;
    } else if decision.p_value <= plan.alpha {
        decision.verdict = Verdict::Winner;
    }
    decision
}

#[cfg(test)]
mod tests {
    use super::*;

    const RUNNING: Plan = Plan {
        alpha: 0.05,
        finished: false,
    };
    const OVER: Plan = Plan {
        finished: true,
        ..RUNNING
    };

    fn arms(counts: &[(u64, u64)]) -> Vec<Arm> {
        counts
            .iter()
            .map(|(sent, converted)| Arm::new(*sent, *converted))
            .collect()
    }

    #[test]
    fn a_clear_difference_has_a_winner_and_a_small_one_waits_for_the_end() {
        let clear = decide(&arms(&[(5000, 400), (5000, 600)]), RUNNING);
        assert_eq!((clear.verdict, clear.leader), (Verdict::Winner, Some(1)));
        let lift = clear.lift.unwrap();
        assert!((lift.estimate - 0.5).abs() < 1e-9 && lift.low > 0.0 && lift.high.unwrap() > 0.5);

        let small = arms(&[(5000, 400), (5000, 410)]);
        assert_eq!(decide(&small, RUNNING).verdict, Verdict::NotYet);
        assert_eq!(decide(&small, OVER).verdict, Verdict::NoWinner);
    }

    #[test]
    fn a_winner_beats_each_of_the_others() {
        // The third is far behind, but the first two are equal.
        let two = decide(&arms(&[(5000, 600), (5000, 590), (5000, 300)]), OVER);
        assert_eq!(two.verdict, Verdict::NoWinner);
        let one = decide(&arms(&[(5000, 600), (5000, 440), (5000, 300)]), OVER);
        assert_eq!((one.verdict, one.leader), (Verdict::Winner, Some(0)));
        // The same difference between two counts for more than among many.
        let pair = decide(&arms(&[(5000, 500), (5000, 400)]), OVER).p_value;
        let five = decide(
            &arms(&[(5000, 500), (5000, 400), (5000, 9), (5000, 9), (5000, 9)]),
            OVER,
        )
        .p_value;
        assert!((five / pair - 4.0).abs() < 1e-6, "{pair} {five}");
    }

    #[test]
    fn a_wrong_spread_is_said_before_any_winner() {
        let wrong = decide(&arms(&[(5000, 400), (5600, 900)]), OVER);
        assert_eq!(wrong.verdict, Verdict::SampleRatioMismatch);
        let weighted = [
            Arm {
                weight: 1.0,
                ..Arm::new(1000, 80)
            },
            Arm {
                weight: 9.0,
                ..Arm::new(9000, 1400)
            },
        ];
        let right = decide(&weighted, RUNNING);
        assert_eq!((right.verdict, right.leader), (Verdict::Winner, Some(1)));
    }

    #[test]
    fn nothing_is_said_of_nothing() {
        for none in [
            arms(&[]),
            arms(&[(10, 3)]),
            arms(&[(0, 0), (0, 0)]),
            arms(&[(100, 0), (100, 0)]),
        ] {
            assert_eq!(decide(&none, RUNNING).verdict, Verdict::NotYet);
            assert_eq!(decide(&none, OVER).verdict, Verdict::NoWinner);
        }
        assert_eq!(decide(&arms(&[(10, 3), (10, 0)]), RUNNING).lift, None);
    }
}
