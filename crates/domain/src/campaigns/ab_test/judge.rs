//! What the figures of a test mean for the mails that wait.

use super::{AbDesign, AbMetric, VariantFigures};
use crate::experiments::{self, Arm, Plan, Verdict};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How often a winner is named that is none, over all looks.
const ALPHA: f64 = 0.05;

/// By how much one version is better than another: 0.1 for a tenth.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbLift {
    pub estimate: f64,
    /// An interval that is right at all looks together in 95 of 100 tests.
    pub low: f64,
    /// Absent when there is no upper end yet.
    pub high: Option<f64>,
}

/// What was seen at a look, and what it means.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AbOutcome {
    pub verdict: Verdict,
    /// Which version leads, from 0.
    pub leader: Option<usize>,
    /// Of the leader being no better than another one; right at every look.
    pub p_value: f64,
    /// Of people having been spread as they were.
    pub sample_ratio_p_value: f64,
    /// By how much the leader is better than the next one.
    pub lift: Option<AbLift>,
    /// In sentences.
    pub reasons: Vec<String>,
    pub looked_at: DateTime<Utc>,
    pub figures: Vec<VariantFigures>,
}

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    Wait,
    /// This version goes to everybody else.
    Send(i32),
    /// Nothing goes out by itself any more.
    Stop,
}

/// Looks at the figures of a test that began with its first mail at `began`.
pub fn judge(
    design: &AbDesign,
    figures: &[VariantFigures],
    began: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (Judgement, AbOutcome) {
    let running = began.map_or(TimeDelta::zero(), |began| now - began);
    let early = running < TimeDelta::hours(design.min_hours.into());
    let finished = running >= TimeDelta::hours(design.max_hours.into());
    let arms: Vec<Arm> = figures
        .iter()
        .map(|figures| Arm::new(VariantFigures::count(figures.sent), success(design, figures)))
        .collect();
    let decision = experiments::decide(
        &arms,
        Plan {
            alpha: ALPHA,
            finished,
        },
    );
    let name = |index: usize| design.variants.get(index).map_or("?", |variant| &variant.name);
    let mut reasons = Vec::new();
    let fallback = i32::try_from(design.default_variant).unwrap_or_default();
    let judgement = match (decision.verdict, decision.leader) {
        (Verdict::SampleRatioMismatch, _) => {
            reasons.push(format!(
                "the versions were sent to numbers of people that chance does not explain (p = {:.2e}): no figure of the test can be trusted, so nothing is decided by itself",
                decision.sample_ratio_p_value
            ));
            Judgement::Stop
        }
        (Verdict::Winner, Some(leader)) => match worse_than(design, figures, leader) {
            Some(other) => {
                reasons.push(format!(
                    "{} leads, but makes more people unsubscribe than {}",
                    name(leader),
                    name(other)
                ));
                end_or_wait(finished, fallback)
            }
            None if early => {
                reasons.push(format!(
                    "{} is better than each of the others; decisions are made from {} hours on",
                    name(leader),
                    design.min_hours
                ));
                Judgement::Wait
            }
            None => {
                reasons.push(format!("{} is better than each of the others", name(leader)));
                Judgement::Send(i32::try_from(leader).unwrap_or(fallback))
            }
        },
        (Verdict::Winner | Verdict::NoWinner | Verdict::NotYet, _) => {
            if finished {
                reasons.push(format!(
                    "after {} hours no version is seen to be better than each of the others: the declared default, {}, goes out",
                    design.max_hours,
                    name(usize::try_from(design.default_variant).unwrap_or_default())
                ));
            } else {
                reasons.push("no version is seen to be better than each of the others yet".to_owned());
            }
            end_or_wait(finished, fallback)
        }
    };
    let outcome = AbOutcome {
        verdict: decision.verdict,
        leader: decision.leader,
        p_value: decision.p_value,
        sample_ratio_p_value: decision.sample_ratio_p_value,
        lift: decision.lift.map(|lift| AbLift {
            estimate: lift.estimate,
            low: lift.low,
            high: lift.high,
        }),
        reasons,
        looked_at: now,
        figures: figures.to_vec(),
    };
    (judgement, outcome)
}

fn end_or_wait(finished: bool, fallback: i32) -> Judgement {
    if finished {
        Judgement::Send(fallback)
    } else {
        Judgement::Wait
    }
}

fn success(design: &AbDesign, figures: &VariantFigures) -> u64 {
    VariantFigures::count(match design.metric {
        AbMetric::Opens => figures.opens,
        AbMetric::Clicks => figures.clicks,
    })
}

/// A version that makes fewer people unsubscribe than `leader`, as surely as a winner is named.
fn worse_than(design: &AbDesign, figures: &[VariantFigures], leader: usize) -> Option<usize> {
    if !design.guard_unsubscribes {
        return None;
    }
    let arm = |figures: &VariantFigures| {
        Arm::new(
            VariantFigures::count(figures.sent),
            VariantFigures::count(figures.unsubscribes),
        )
    };
    let own = arm(figures.get(leader)?);
    let plan = Plan {
        alpha: ALPHA,
        finished: false,
    };
    (0..figures.len()).filter(|other| *other != leader).find(|other| {
        let pair = experiments::decide(&[own, arm(&figures[*other])], plan);
        (pair.verdict, pair.leader) == (Verdict::Winner, Some(0))
    })
}

impl AbDesign {
    /// The arms of a bandit, by what counts as success.
    pub fn arms(&self, figures: &[VariantFigures]) -> Vec<Arm> {
        let arm =
            |figures: &VariantFigures| Arm::new(VariantFigures::count(figures.sent), success(self, figures));
        figures.iter().map(arm).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design() -> AbDesign {
        serde_json::from_str(
            r#"{"variants":[{"name":"A"},{"name":"B"}],"metric":"clicks","min_hours":4,"max_hours":24,"default_variant":1}"#,
        )
        .unwrap()
    }

    fn figures(counts: &[(i64, i64, i64)]) -> Vec<VariantFigures> {
        let of = |(variant, (sent, clicks, unsubscribes)): (i32, &(i64, i64, i64))| VariantFigures {
            variant,
            assigned: *sent,
            sent: *sent,
            opens: 0,
            clicks: *clicks,
            unsubscribes: *unsubscribes,
        };
        (0..).zip(counts).map(of).collect()
    }

    fn judged(counts: &[(i64, i64, i64)], hours: i64) -> (Judgement, AbOutcome) {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        judge(
            &design(),
            &figures(counts),
            Some(now - TimeDelta::hours(hours)),
            now,
        )
    }

    const CLEAR: [(i64, i64, i64); 2] = [(5_000, 600, 3), (5_000, 400, 2)];

    #[test]
    fn a_winner_is_sent_and_not_too_early() {
        assert_eq!(judged(&CLEAR, 3).0, Judgement::Wait);
        let (judgement, outcome) = judged(&CLEAR, 4);
        assert_eq!(judgement, Judgement::Send(0));
        assert!(
            outcome.reasons[0].starts_with("A is better"),
            "{:?}",
            outcome.reasons
        );
    }

    #[test]
    fn without_a_winner_the_default_goes_out_at_the_end() {
        let alike = [(5_000, 410, 0), (5_000, 400, 0)];
        assert_eq!(judged(&alike, 23).0, Judgement::Wait);
        let (judgement, outcome) = judged(&alike, 24);
        assert_eq!(judgement, Judgement::Send(1));
        assert!(outcome.reasons[0].contains("default, B"), "{:?}", outcome.reasons);
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let (judgement, _) = judge(&design(), &figures(&alike), None, now);
        assert_eq!(judgement, Judgement::Wait, "nothing was sent yet");
    }

    #[test]
    fn a_wrong_spread_stops_everything_and_says_why() {
        let (judgement, outcome) = judged(&[(5_600, 900, 0), (5_000, 400, 0)], 30);
        assert_eq!(judgement, Judgement::Stop);
        assert!(outcome.reasons[0].contains("chance does not explain"));
    }

    #[test]
    fn what_makes_people_leave_does_not_win() {
        let counts = [(5_000, 600, 200), (5_000, 400, 20)];
        let (judgement, outcome) = judged(&counts, 10);
        assert_eq!(judgement, Judgement::Wait);
        assert!(
            outcome.reasons[0].contains("unsubscribe than B"),
            "{:?}",
            outcome.reasons
        );
        assert_eq!(judged(&counts, 24).0, Judgement::Send(1));
        let unguarded = AbDesign {
            guard_unsubscribes: false,
            ..design()
        };
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let began = Some(now - TimeDelta::hours(10));
        let (judgement, _) = judge(&unguarded, &figures(&counts), began, now);
        assert_eq!(judgement, Judgement::Send(0));
    }
}
