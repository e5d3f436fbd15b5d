//! Evidence that stays valid at every look: on whose side the next conversion falls.
//!
//! If two variants are equally good, each conversion belongs to one of them with the probability with which people were assigned to it,
//! whatever the rate is, however it changes with the hour, and however late people open their mail. The ratio of the probability of what was
//! seen under "some other share" (a Beta prior around the assigned one) to that under "the assigned share" is then a martingale
//! with mean 1 from the first conversion on: it exceeds 1 ÷ p in at most p of all tests, at any look (Ville's inequality). Unlike a
//! normal approximation that is exact for small numbers, too. Only the counts of today are needed, not those of former looks.
//!
//! Lindon and Malek, "Anytime-valid inference for multinomial count data" (arXiv 2011.03567). Where rates are high, the people who
//! have converted cannot do so again, which pulls the counts together: the test is then careful, never rash.

use super::real;
use statrs::function::beta::ln_beta;

/// How many conversions the prior weighs: it expects lifts of about a tenth to a half, where it was measured to be most powerful.
const PRIOR: f64 = 100.0;

/// The conversions of two variants, of which the first was assigned `share` of the people of both.
#[derive(Debug, Clone, Copy)]
pub(super) struct Split {
    pub first: f64,
    pub second: f64,
    pub share: f64,
}

impl Split {
    pub fn new(first: (u64, f64), second: (u64, f64)) -> Self {
        Self {
            first: real(first.0),
            second: real(second.0),
            share: first.1 / (first.1 + second.1),
        }
    }

    /// ln of the evidence against `share` being the probability of the first.
    fn against(&self, share: f64) -> f64 {
        let (a, b) = (PRIOR * self.share, PRIOR * (1.0 - self.share));
        ln_beta(a + self.first, b + self.second)
            - ln_beta(a, b)
            - times_ln(self.first, share)
            - times_ln(self.second, 1.0 - share)
    }

    /// ln of the evidence against both being equally good.
    pub fn evidence(&self) -> f64 {
        self.against(self.share)
    }

    /// The always-valid p-value of both being equally good.
    pub fn p_value(&self) -> f64 {
        (-self.evidence()).exp().min(1.0)
    }

    /// Times the second's rate that the first's is: ends of an interval that holds at all looks together in 1 − alpha of all tests.
    pub fn rates(&self, alpha: f64) -> (f64, f64) {
        let most = -alpha.ln();
        let seen = self.first / (self.first + self.second).max(1.0);
        let ratio = |share: f64| share / (1.0 - share) / (self.share / (1.0 - self.share));
        let edge = |mut inside: f64, mut outside: f64| {
            // Convex in the share, and least at what was seen: halve until doubles can't tell the ends apart.
            for _ in 0..60 {
                let middle = f64::midpoint(inside, outside);
                if self.against(middle) < most {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            ratio(outside)
        };
        if self.first + self.second == 0.0 {
            return (0.0, f64::INFINITY);
        }
        (edge(seen, 0.0), edge(seen, 1.0))
    }
}

/// `times` · ln `x`, and 0 for nothing times anything.
fn times_ln(times: f64, x: f64) -> f64 {
    if times == 0.0 { 0.0 } else { times * x.ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_evidence_is_a_martingale_of_mean_one() {
        // Over all sequences of ten conversions with a share of 0.3: the mean of the evidence is exactly 1.
        let mut mean = 0.0;
        for sequence in 0_u32..1024 {
            let first = f64::from(sequence.count_ones());
            let split = Split {
                first,
                second: 10.0 - first,
                share: 0.3,
            };
            mean += split.evidence().exp() * 0.3_f64.powf(first) * 0.7_f64.powf(10.0 - first);
        }
        assert!((mean - 1.0).abs() < 1e-9, "{mean}");
    }

    #[test]
    fn the_interval_ends_where_the_evidence_does() {
        let split = Split::new((400, 1.0), (300, 1.0));
        let (low, high) = split.rates(0.05);
        assert!(
            1.0 < low && low < 400.0 / 300.0 && 400.0 / 300.0 < high,
            "{low} {high}"
        );
        assert!(split.p_value() < 0.05);
        let (low, high) = Split::new((330, 1.0), (300, 1.0)).rates(0.05);
        assert!(low < 1.0 && high > 1.0, "{low} {high}");
        let (low, high) = Split::new((0, 1.0), (0, 1.0)).rates(0.05);
        assert!(low == 0.0 && high.is_infinite());
        let (low, high) = Split::new((0, 1.0), (40, 1.0)).rates(0.05);
        assert!(low < 1e-9 && high < 1.0, "{low} {high}");
        // Twice the people and twice the conversions: no difference.
        assert!((Split::new((400, 2.0), (200, 1.0)).p_value() - 1.0).abs() < 1e-9);
    }
}
