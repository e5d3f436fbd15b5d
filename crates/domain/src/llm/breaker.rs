//! The circuit breaker of one key and model (M. Nygard, Release It!, chapter 5).

use chrono::{DateTime, TimeDelta, Utc};
use std::collections::VecDeque;

/// When it opens, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerRules {
    /// Calls that ended within so long count.
    pub window: TimeDelta,
    /// So many of them must have ended before it opens.
    pub at_least: usize,
    /// It opens when more than this share of them failed, in percent.
    pub failed_percent: usize,
    /// How long it stays open the first time. Each probe that fails doubles it.
    pub open: TimeDelta,
    pub longest_open: TimeDelta,
    /// A probe that has not ended after so long is given up.
    pub probe: TimeDelta,
}

impl Default for BreakerRules {
    fn default() -> Self {
        Self {
            window: TimeDelta::seconds(60),
            at_least: 5,
            failed_percent: 50,
            open: TimeDelta::seconds(30),
            longest_open: TimeDelta::minutes(5),
            probe: TimeDelta::minutes(3),
        }
    }
}

/// Whether a call may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Admission {
    Go,
    /// As the one call that finds out whether it works again.
    Probe,
    Wait(DateTime<Utc>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        until: DateTime<Utc>,
        times: u32,
    },
    /// One call is out to see.
    HalfOpen {
        since: DateTime<Utc>,
        times: u32,
    },
}

/// Counts what came of calls, and stops them when most fail.
#[derive(Debug, Clone)]
pub struct Breaker {
    state: State,
    ended: VecDeque<(DateTime<Utc>, bool)>,
}

/// Most calls that are remembered: more say nothing more within a minute.
const REMEMBERED: usize = 1000;

impl Default for Breaker {
    fn default() -> Self {
        Self {
            state: State::Closed,
            ended: VecDeque::new(),
        }
    }
}

impl Breaker {
    /// Asks for a call. [`Admission::Probe`] is given once, until it ended or was given up.
    pub fn admit(&mut self, rules: &BreakerRules, now: DateTime<Utc>) -> Admission {
        match self.state {
            State::Closed => Admission::Go,
            State::Open { until, .. } if now < until => Admission::Wait(until),
            State::HalfOpen { since, .. } if now < since + rules.probe => {
                Admission::Wait(since + rules.probe)
            }
            State::Open { times, .. } | State::HalfOpen { times, .. } => {
                self.state = State::HalfOpen { since: now, times };
                Admission::Probe
            }
        }
    }

    /// Whether a call would be stopped, without asking for one.
    pub fn is_open(&self, rules: &BreakerRules, now: DateTime<Utc>) -> bool {
        match self.state {
            State::Closed => false,
            State::Open { until, .. } => now < until,
            State::HalfOpen { since, .. } => now < since + rules.probe,
        }
    }

    /// A call ended. Whatever ends while it is half open decides, as it is the newest that is known.
    pub fn record(&mut self, rules: &BreakerRules, worked: bool, now: DateTime<Utc>) {
        match (self.state, worked) {
            (State::HalfOpen { .. }, true) => *self = Self::default(),
            (State::HalfOpen { times, .. }, false) => self.open(rules, times.saturating_add(1), now),
            // Calls that were under way when it opened.
            (State::Open { .. }, _) => {}
            (State::Closed, worked) => {
                if self.ended.len() == REMEMBERED {
                    self.ended.pop_front();
                }
                self.ended.push_back((now, worked));
                while self
                    .ended
                    .front()
                    .is_some_and(|(ended, _)| *ended <= now - rules.window)
                {
                    self.ended.pop_front();
                }
                let failed = self.ended.iter().filter(|(_, worked)| !worked).count();
                let enough = self.ended.len() >= rules.at_least;
                if enough && failed * 100 > self.ended.len() * rules.failed_percent {
                    self.open(rules, 0, now);
                }
            }
        }
    }

    /// The probe ended without saying anything about the provider (a limit, the caller's mistake): the next call is the probe.
    pub fn undecided(&mut self, now: DateTime<Utc>) {
        if let State::HalfOpen { times, .. } = self.state {
            self.state = State::Open { until: now, times };
        }
    }

    fn open(&mut self, rules: &BreakerRules, times: u32, now: DateTime<Utc>) {
        let factor = 1_i32.checked_shl(times.min(16)).unwrap_or(i32::MAX);
        let length = rules.open.checked_mul(factor).unwrap_or(rules.longest_open);
        self.ended.clear();
        self.state = State::Open {
            until: now + length.min(rules.longest_open),
            times,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
    }

    #[test]
    fn opens_over_half_of_at_least_five_within_a_minute() {
        let rules = BreakerRules::default();
        let after = |calls: &[(i64, bool)]| {
            let mut breaker = Breaker::default();
            for (when, worked) in calls {
                breaker.record(&rules, *worked, at(*when));
            }
            breaker.is_open(&rules, at(calls.last().unwrap().0))
        };
        assert!(!after(&[(0, false); 4]), "four are too few");
        assert!(after(&[(0, false); 5]));
        let half = [
            (0, false),
            (0, true),
            (0, false),
            (0, true),
            (0, true),
            (0, false),
        ];
        assert!(!after(&half), "half is not over half");
        assert!(after(&[(0, true), (0, true), (0, false), (0, false), (0, false)]));
        // The first two are too old when the fifth fails.
        assert!(!after(&[
            (0, false),
            (0, false),
            (61, false),
            (62, false),
            (63, false)
        ]));
    }

    #[test]
    fn one_probe_closes_it_or_doubles_the_wait() {
        let rules = BreakerRules::default();
        let mut breaker = Breaker::default();
        for _ in 0..5 {
            breaker.record(&rules, false, at(0));
        }
        assert_eq!(breaker.admit(&rules, at(29)), Admission::Wait(at(30)));
        assert_eq!(breaker.admit(&rules, at(30)), Admission::Probe);
        assert!(
            matches!(breaker.admit(&rules, at(31)), Admission::Wait(_)),
            "one at a time"
        );
        breaker.record(&rules, false, at(31));
        assert_eq!(
            breaker.admit(&rules, at(90)),
            Admission::Wait(at(91)),
            "60 s this time"
        );
        assert_eq!(breaker.admit(&rules, at(91)), Admission::Probe);
        breaker.undecided(at(92));
        assert_eq!(breaker.admit(&rules, at(92)), Admission::Probe);
        // A probe that never ends does not keep it shut for good.
        assert_eq!(breaker.admit(&rules, at(92 + 180)), Admission::Probe);
        breaker.record(&rules, true, at(300));
        assert_eq!(breaker.admit(&rules, at(300)), Admission::Go);
    }
}
