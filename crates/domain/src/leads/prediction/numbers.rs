//! Small arithmetic that the other files share.

/// A count to calculate with.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts of leads are far below 2^53, up to which this is exact"
)]
pub(super) fn real(count: usize) -> f64 {
    count as f64
}

/// The probability that belongs to log odds, without overflow at either end.
pub(super) fn sigmoid(log_odds: f64) -> f64 {
    if log_odds >= 0.0 {
        1.0 / (1.0 + (-log_odds).exp())
    } else {
        let odds = log_odds.exp();
        odds / (1.0 + odds)
    }
}

/// ln(1 + eˣ) without overflow.
pub(super) fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// `part` of `all`; 0 of nothing.
pub(super) fn share(part: usize, all: usize) -> f64 {
    if all == 0 { 0.0 } else { real(part) / real(all) }
}

/// A percentage for a sentence.
pub(super) fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 99.0 && percent < 100.0 || percent > 0.0 && percent < 1.0 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    }
}
