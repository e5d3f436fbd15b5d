//! How long until leads convert, when many have not yet.
//!
//! Leads that are still open are *censored*: all that is known is that they took longer than they have been there. Leaving
//! them out would make every young campaign look fast. Disqualified leads are censored on the day they were given up.

use super::interval::Z;
use super::set::Counted;
use serde::Serialize;

/// Estimates at one time at which something happened.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SurvivalPoint {
    /// Since the lead came.
    pub days: f64,
    /// Leads that were still open then.
    pub at_risk: u64,
    /// Leads that converted then.
    pub converted: u64,
    /// Share that is expected to have converted by then, 0.0 to 1.0.
    pub share: f64,
    /// Lower end of its 95 % interval.
    pub low: f64,
    pub high: f64,
}

/// The Kaplan-Meier estimate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Survival {
    /// In order of time; one for each day on which a lead converted.
    pub points: Vec<SurvivalPoint>,
    /// When half of the leads have converted; absent while fewer than half are expected to.
    pub median_days: Option<f64>,
    pub leads: u64,
    pub converted: u64,
}

impl Survival {
    /// Share that has not converted by a time, 0.0 to 1.0.
    pub fn open_at(&self, days: f64) -> f64 {
        let before = self.points.iter().take_while(|point| point.days <= days);
        before.last().map_or(1.0, |point| 1.0 - point.share)
    }
}

/// Time to convert, of all and by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimeToConvert {
    /// The value of the dimension; absent for all together, and for leads that have none.
    pub group: Option<String>,
    pub counted: Counted,
    pub survival: Survival,
    /// How much faster than the largest group, with its 95 % interval; absent for that one, and where too few converted.
    pub hazard_ratio: Option<super::HazardRatio>,
}

/// How many leads ended after some time, and whether by converting.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ended {
    pub days: f64,
    pub converted: bool,
    pub leads: u64,
}

/// Kaplan and Meier, "Nonparametric estimation from incomplete observations", JASA 53 (1958); the interval is the
/// exponential one of Greenwood's variance (Kalbfleisch and Prentice 1980), which stays within 0 and 1. Leads that are
/// censored at a time are still at risk at that time.
pub fn kaplan_meier(ended: &[Ended]) -> Survival {
    let mut ended = ended.to_vec();
    ended.sort_by(|a, b| a.days.total_cmp(&b.days));
    let leads: u64 = ended.iter().map(|some| some.leads).sum();
    let converted = ended
        .iter()
        .filter(|some| some.converted)
        .map(|some| some.leads)
        .sum();
    let (mut at_risk, mut open, mut greenwood) = (leads, 1.0_f64, 0.0_f64);
    let mut points = Vec::new();
    for same in ended.chunk_by(|a, b| a.days.total_cmp(&b.days).is_eq()) {
        let events: u64 = same
            .iter()
            .filter(|some| some.converted)
            .map(|some| some.leads)
            .sum();
        if events > 0 {
            #[expect(clippy::cast_precision_loss, reason = "counts of leads are far below 2^52")]
            let (d, n) = (events as f64, at_risk as f64);
            open *= 1.0 - d / n;
            greenwood += d / (n * (n - d));
            let (low, high) = interval(open, greenwood);
            // Nobody is left to tell how sure that is: at least as many as were sure to convert before.
            let high = if open > 0.0 {
                high
            } else {
                points.last().map_or(1.0, |last: &SurvivalPoint| 1.0 - last.low)
            };
            points.push(SurvivalPoint {
                days: same[0].days,
                at_risk,
                converted: events,
                share: 1.0 - open,
                low: 1.0 - high,
                high: 1.0 - low,
            });
        }
        at_risk -= same.iter().map(|some| some.leads).sum::<u64>();
    }
    Survival {
        median_days: points
            .iter()
            .find(|point| point.share >= 0.5)
            .map(|point| point.days),
        points,
        leads,
        converted,
    }
}

/// Of the share that is still open.
fn interval(open: f64, greenwood: f64) -> (f64, f64) {
    if open <= 0.0 || !greenwood.is_finite() {
        return (0.0, 1.0);
    }
    let spread = Z * greenwood.sqrt() / open.ln();
    // ln(open) is negative: `spread` is, too.
    (open.powf((-spread).exp()), open.powf(spread.exp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::Value;

    fn group(name: &str) -> Survival {
        let rows = include_str!("../../tests/data/survival/waltons_dataset.csv")
            .lines()
            .skip(1);
        let ended: Vec<_> = rows
            .map(|line| line.split(',').collect::<Vec<_>>())
            .filter(|cells| cells[2] == name)
            .map(|cells| Ended {
                days: cells[0].parse().unwrap(),
                converted: cells[1] == "1",
                leads: 1,
            })
            .collect();
        kaplan_meier(&ended)
    }

    #[test]
    fn the_public_data_give_the_reference_s_figures() {
        let golden: Value =
            serde_json::from_str(include_str!("../../tests/data/survival/golden.json")).unwrap();
        for name in ["control", "miR-137"] {
            let survival = group(name);
            assert_eq!(survival.median_days, golden[name]["median"].as_f64());
            for (days, expected) in golden[name]["S"].as_object().unwrap() {
                let open = survival.open_at(days.parse().unwrap());
                assert!(
                    (open - expected.as_f64().unwrap()).abs() < 1e-6,
                    "{name} {days}: {open} {expected}"
                );
            }
        }
    }

    #[test]
    fn open_leads_count_as_long_as_they_are_known() {
        // Freireich's leukaemia data (6-MP), the textbook example: S(6) = 0.857, S(23) = 0.448.
        let times = [
            (6, 1),
            (6, 1),
            (6, 1),
            (6, 0),
            (7, 1),
            (9, 0),
            (10, 1),
            (10, 0),
            (11, 0),
            (13, 1),
            (16, 1),
            (17, 0),
            (19, 0),
            (20, 0),
            (22, 1),
            (23, 1),
            (25, 0),
            (32, 0),
            (32, 0),
            (34, 0),
            (35, 0),
        ];
        let ended = times.map(|(days, event)| Ended {
            days: f64::from(days),
            converted: event == 1,
            leads: 1,
        });
        let survival = kaplan_meier(&ended);
        for (days, open) in [
            (5.0, 1.0),
            (6.0, 0.857),
            (10.0, 0.753),
            (23.0, 0.448),
            (100.0, 0.448),
        ] {
            assert!((survival.open_at(days) - open).abs() < 5e-4, "{days}");
        }
        assert_eq!(survival.median_days, Some(23.0));
        assert_eq!(kaplan_meier(&[]).points, []);
    }

    proptest! {
        #[test]
        fn shares_grow_and_lie_in_their_intervals(times in prop::collection::vec((0_u32..50, any::<bool>(), 1_u64..9), 0..40)) {
            let ended: Vec<_> = times
                .iter()
                .map(|(days, converted, leads)| Ended { days: f64::from(*days), converted: *converted, leads: *leads })
                .collect();
            let survival = kaplan_meier(&ended);
            let mut last = 0.0;
            for point in &survival.points {
                prop_assert!(point.share >= last && point.share <= 1.0 + 1e-12);
                prop_assert!(point.low <= point.share + 1e-12 && point.share <= point.high + 1e-12, "{point:?}");
                prop_assert!((0.0..=1.0).contains(&point.low) && (0.0..=1.0).contains(&point.high));
                last = point.share;
            }
        }
    }
}
