//! Which variant of a mail does better, and when that may be said.
//!
//! Three ways to look at the same counts, for three uses:
//! * [`decide`] ends a test by itself: its evidence stays valid however often one looks (`split.rs`, Lindon and Malek 2020), so a
//!   campaign may ask after every batch and name a winner early without inventing one.
//! * [`Effect`] with [`t_test`], [`confidence_sequence`] and [`posterior`] are the figures that reports show beside it; they agree with gbstats 0.8.0.
//! * [`thompson`] does not test at all: it sends more of what works while it learns.
//!
//! All of it is pure; whoever calls brings counts, and random numbers where some are needed ([`Dice`]).

mod arm;
mod bayes;
mod confidence;
mod decision;
mod dice;
mod effect;
mod ratio;
mod sample;
mod size;
mod split;
mod t_test;
pub mod thompson;

pub use arm::Arm;
pub use bayes::{Posterior, Prior, posterior};
pub use confidence::confidence_sequence;
pub use decision::{Decision, Lift, Plan, Verdict, decide};
pub use dice::Dice;
pub use effect::{Difference, Effect};
pub use ratio::{SUSPICIOUS, sample_ratio};
pub use sample::Sample;
pub use size::{Wanted, people_for_always_valid, people_for_one_look};
pub use t_test::{Comparison, Sides, t_test};

#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod simulation_tests;

/// A count to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of people are far below 2^53, up to which this is exact"
)]
fn real(count: u64) -> f64 {
    count as f64
}
