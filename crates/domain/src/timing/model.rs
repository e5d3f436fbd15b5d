//! How a person's events and their organization's become the chances of each hour.

use super::hour::{HOURS, HourOfWeek};
use super::hours::Hours;

/// How many events of the person's own the organization's experience is worth. Fixed, not fitted: fitting it by the method of
/// moments needs the hours of many contacts at once, for a number that hardly changes which hour wins. With 20, a person
/// of twenty opens is believed as much as everybody else together.
pub const STRENGTH: f64 = 20.0;

/// With fewer events of their own nothing is concluded from them.
pub const FEWEST: f64 = 3.0;

/// Events of nobody, over all hours alike: an organization of few events does not swear by the hour of the first one.
const NOBODY: f64 = 24.0;

/// The chances of each hour of the week, which add up to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    chances: Hours,
    events: f64,
    weight: f64,
}

impl Model {
    /// From what the person did, and what everybody of the organization (or of a segment of it) did.
    pub fn new(contact: &Hours, everybody: &Hours) -> Self {
        let flat = NOBODY / HOURS_F;
        let all = everybody.total() + NOBODY;
        let prior = everybody.smoothed().with(|_, events| (events + flat) / all);
        let events = contact.total();
        if events < FEWEST {
            return Self {
                chances: prior,
                events,
                weight: 0.0,
            };
        }
        let own = contact.smoothed();
        let chances = own.with(|hour, seen| (seen + STRENGTH * prior.at(hour)) / (events + STRENGTH));
        Self {
            chances,
            events,
            weight: events / (events + STRENGTH),
        }
    }

    /// The chance that, of the mails this person opens or clicks in a week, a given one falls into this hour.
    pub fn chance(&self, hour: HourOfWeek) -> f64 {
        self.chances.get(hour)
    }

    /// How many events of the person's own it knows.
    pub fn events(&self) -> f64 {
        self.events
    }

    /// How far it leans on the person's own events: 0 not at all, towards 1 on nothing else.
    pub fn weight(&self) -> f64 {
        self.weight
    }
}

#[expect(clippy::cast_precision_loss, reason = "168 is exact")]
const HOURS_F: f64 = HOURS as f64;

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta, Utc};

    fn hours(events: &[(i64, f64)]) -> Hours {
        let monday: DateTime<Utc> = "2026-11-16T00:00:00Z".parse().unwrap();
        let mut hours = Hours::default();
        for (hour, events) in events {
            hours.add(HourOfWeek::of(&(monday + TimeDelta::hours(*hour))), *events);
        }
        hours
    }

    fn best(model: &Model) -> usize {
        (0..HOURS)
            .max_by(|a, b| model.chances.at(*a).total_cmp(&model.chances.at(*b)))
            .unwrap()
    }

    #[test]
    fn the_more_a_person_did_the_less_others_count() {
        let everybody = hours(&[(10, 500.0), (34, 300.0)]);
        assert_eq!(best(&Model::new(&Hours::default(), &everybody)), 10);
        let few = Model::new(&hours(&[(80, 2.0)]), &everybody);
        assert_eq!((best(&few), few.weight()), (10, 0.0));
        let some = Model::new(&hours(&[(80, 5.0)]), &everybody);
        assert_eq!(best(&some), 10);
        assert!((some.weight() - 0.2).abs() < 1e-9);
        let many = Model::new(&hours(&[(80, 60.0)]), &everybody);
        assert_eq!(best(&many), 80);
        assert!((many.weight() - 0.75).abs() < 1e-9);
    }

    #[test]
    fn chances_add_up_to_one() {
        for model in [
            Model::new(&Hours::default(), &Hours::default()),
            Model::new(&hours(&[(1, 7.0), (167, 2.0)]), &hours(&[(3, 40.0)])),
        ] {
            assert!((model.chances.total() - 1.0).abs() < 1e-9);
            assert!((0..HOURS).all(|hour| model.chances.at(hour) > 0.0));
        }
    }
}
