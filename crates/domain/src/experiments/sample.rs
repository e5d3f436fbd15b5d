//! What was measured of the people of one variant.

use super::real;

/// How many people, and mean and variance of what was measured of each.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    pub people: f64,
    pub mean: f64,
    pub variance: f64,
}

impl Sample {
    /// Of people who did something or didn't. Nobody at all gives a sample that nothing can be said of.
    pub fn proportion(successes: u64, people: u64) -> Self {
        let (successes, people) = (real(successes), real(people));
        let mean = if people > 0.0 { successes / people } else { 0.0 };
        Self {
            people,
            mean,
            variance: mean * (1.0 - mean),
        }
    }

    /// Of an amount for each person (revenue, say), by the sum of the amounts and of their squares.
    pub fn of_sums(sum: f64, squares: f64, people: u64) -> Self {
        let people = real(people);
        if people < 2.0 {
            return Self {
                people,
                mean: 0.0,
                variance: 0.0,
            };
        }
        Self {
            people,
            mean: sum / people,
            variance: (squares - sum * sum / people) / (people - 1.0),
        }
    }
}
