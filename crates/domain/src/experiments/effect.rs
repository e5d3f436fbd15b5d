//! How far two samples are apart, and how sure that is.

use super::Sample;

crate::text_enum::text_enum! {
    /// What a difference is measured in.
    Difference {
        /// In the unit of what was measured.
        Absolute => "absolute",
        /// As a part of the control's mean.
        Relative => "relative",
    }
}

/// A difference between a control and a treatment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    pub estimate: f64,
    /// Its standard error.
    pub error: f64,
    /// People of both.
    pub people: f64,
    /// Degrees of freedom (Welch 1947, Satterthwaite 1946).
    pub freedom: f64,
    pub difference: Difference,
    /// The control's mean.
    pub baseline: f64,
}

impl Effect {
    /// `None` when nothing can be said: everybody of one sample did the same, or the control's mean is nothing.
    ///
    /// The variance of a relative difference is that of a ratio of means (delta method).
    pub fn of(control: &Sample, treatment: &Sample, difference: Difference) -> Option<Self> {
        let varies = |sample: &Sample| sample.people > 1.0 && sample.variance > 0.0;
        if !varies(control) || !varies(treatment) || control.mean == 0.0 {
            return None;
        }
        let (a, b) = (
            control.variance / control.people,
            treatment.variance / treatment.people,
        );
        let (estimate, variance) = match difference {
            Difference::Absolute => (treatment.mean - control.mean, a + b),
            Difference::Relative => (
                (treatment.mean - control.mean) / control.mean.abs(),
                b / control.mean.powi(2) + a * treatment.mean.powi(2) / control.mean.powi(4),
            ),
        };
        Some(Self {
            estimate,
            error: variance.sqrt(),
            people: control.people + treatment.people,
            freedom: (a + b).powi(2) / (a * a / (control.people - 1.0) + b * b / (treatment.people - 1.0)),
            difference,
            baseline: control.mean,
        })
    }
}
