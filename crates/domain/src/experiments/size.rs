//! How many people a test needs.

use super::split::Split;
use statrs::distribution::{ContinuousCDF, Normal};

/// What a test is to find.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// The rate of the weaker variant, between 0 and 1.
    pub rate: f64,
    /// How much better the other one is, relatively: 0.1 for a tenth; greater than 0.
    pub lift: f64,
    pub alpha: f64,
    /// How often the difference is to be found if there is one: 0.8, say.
    pub power: f64,
    /// At least 2.
    pub variants: usize,
}

/// More than any test has: an answer of this is "never".
const MOST: f64 = 1e12;

impl Wanted {
    /// Both rates, if there can be such rates.
    fn rates(&self) -> Option<(f64, f64)> {
        let better = self.rate * (1.0 + self.lift);
        (self.rate > 0.0 && better < 1.0 && self.lift > 0.0 && self.variants >= 2)
            .then_some((self.rate, better))
    }

    fn alpha_of_each(&self) -> f64 {
        self.alpha / super::real((self.variants - 1) as u64)
    }
}

/// People per variant for somebody who looks once, at the end (Fleiss, Levin and Paik, "Statistical methods for rates and proportions", 3rd edition,
/// equation 4.14). `None` for what can't be: a rate of 1 or more, no lift.
pub fn people_for_one_look(wanted: &Wanted) -> Option<u64> {
    let (a, b) = wanted.rates()?;
    let normal = Normal::standard();
    let (z_alpha, z_power) = (
        normal.inverse_cdf(1.0 - wanted.alpha_of_each() / 2.0),
        normal.inverse_cdf(wanted.power),
    );
    let middle = f64::midpoint(a, b);
    let root =
        z_alpha * (2.0 * middle * (1.0 - middle)).sqrt() + z_power * (a * (1.0 - a) + b * (1.0 - b)).sqrt();
    Some(whole((root / (b - a)).powi(2)))
}

/// People per variant at which [`decide`](super::decide) will have named the better of two by then, with the wanted power. It is the price for
/// looking at any time; tests with a larger difference end much earlier.
pub fn people_for_always_valid(wanted: &Wanted) -> Option<u64> {
    let (a, b) = wanted.rates()?;
    let z = Normal::standard().inverse_cdf(wanted.power);
    let needed = -wanted.alpha_of_each().ln();
    let enough = |people: f64| {
        // An unlucky draw, as it comes with the wanted power: the difference is z deviations smaller than expected.
        let luck = z / 2.0 * (people * (a * (1.0 - a) + b * (1.0 - b))).sqrt();
        let split = Split {
            first: people * b - luck,
            second: people * a + luck,
            share: 0.5,
        };
        split.first > split.second && split.evidence() >= needed
    };
    let mut high = 16.0;
    while !enough(high) {
        high *= 2.0;
        if high > MOST {
            return None;
        }
    }
    let mut low = high / 2.0;
    while high - low > 1.0 {
        let middle = f64::midpoint(low, high);
        if enough(middle) {
            high = middle
        } else {
            low = middle
        }
    }
    Some(whole(high))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "between 0 and 10^12"
)]
fn whole(people: f64) -> u64 {
    people.min(MOST).ceil() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    const WANTED: Wanted = Wanted {
        rate: 0.1,
        lift: 0.3,
        alpha: 0.05,
        power: 0.8,
        variants: 2,
    };

    #[test]
    fn the_textbook_s_figure_and_what_looking_costs() {
        // R: power.prop.test(p1 = .1, p2 = .13, power = .8) says 1774.
        assert_eq!(people_for_one_look(&WANTED), Some(1774));
        let always = people_for_always_valid(&WANTED).unwrap();
        assert!((2_500..5_000).contains(&always), "{always}");
        let more = Wanted {
            variants: 5,
            ..WANTED
        };
        assert!(people_for_one_look(&more) > people_for_one_look(&WANTED));
        assert!(people_for_always_valid(&more) > people_for_always_valid(&WANTED));
    }

    #[test]
    fn what_cannot_be_found_has_no_size() {
        for wanted in [
            Wanted { rate: 0.0, ..WANTED },
            Wanted { lift: 0.0, ..WANTED },
            Wanted { rate: 0.9, ..WANTED },
            Wanted {
                variants: 1,
                ..WANTED
            },
        ] {
            assert_eq!(people_for_one_look(&wanted), None);
            assert_eq!(people_for_always_valid(&wanted), None);
        }
    }
}
