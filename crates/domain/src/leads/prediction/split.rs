//! Which outcomes are learned from, and which are kept to see whether that worked.
//!
//! By time, not by chance: a model is asked about the future, so it is tested on outcomes that came after those it has
//! learned from (Bergmeir and Benítez 2012, "On the use of cross-validation for time series predictor evaluation").

use super::dataset::Row;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The oldest 60 %: weights.
    Train,
    /// The next 20 %: how strongly weights are held back, and what a sum means as a probability.
    Calibrate,
    /// The newest 20 %: only looked at for the report.
    Test,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Train => "oldest 60 %",
            Self::Calibrate => "20 % before the newest",
            Self::Test => "newest 20 %",
        }
    }
}

/// The rows of each part, ascending.
#[derive(Debug)]
pub(super) struct Split {
    pub train: Vec<usize>,
    pub calibrate: Vec<usize>,
    pub test: Vec<usize>,
}

impl Split {
    /// By the time of the outcome, then of creation. The error is a sentence: a part lacks one of the outcomes.
    pub fn new(rows: &[Row]) -> Result<Self, String> {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        order.sort_by_key(|&row| (rows[row].outcome.at, rows[row].created_at, row));
        let mut test = order.split_off(order.len() * 8 / 10);
        let mut calibrate = order.split_off(rows.len() * 6 / 10);
        let mut train = order;
        for (part, of) in [
            (Part::Train, &train),
            (Part::Calibrate, &calibrate),
            (Part::Test, &test),
        ] {
            let converted = of.iter().filter(|&&row| rows[row].outcome.converted).count();
            let only = match converted {
                0 => "disqualified",
                all if all == of.len() => "converted",
                _ => continue,
            };
            return Err(format!(
                "all {} of the {} of the outcomes are {only} leads: a prediction needs both kinds over all of the time",
                of.len(),
                part.name(),
            ));
        }
        for part in [&mut train, &mut calibrate, &mut test] {
            part.sort_unstable();
        }
        Ok(Self {
            train,
            calibrate,
            test,
        })
    }

    /// What is known before the first outcome of the test, ascending.
    pub fn before_test(&self) -> Vec<usize> {
        let mut rows: Vec<usize> = self.train.iter().chain(&self.calibrate).copied().collect();
        rows.sort_unstable();
        rows
    }
}
