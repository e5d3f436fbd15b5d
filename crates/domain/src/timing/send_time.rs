//! The best instant within a window.

use super::hour::HourOfWeek;
use super::model::Model;
use super::quiet::QuietHours;
use super::window::Window;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use chrono_tz::Tz;
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What an answer rests on.
    Basis {
        /// Too little is known of the person: it is the hour of the organization's people.
        Organization => "organization",
        /// The organization's people count for more than the person's own events.
        Mixed => "mixed",
        /// The person's own events count for more.
        Contact => "contact",
    }
}

/// When to send, and how sure that is.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SendTime {
    pub at: DateTime<Utc>,
    /// On the person's clock.
    pub hour: HourOfWeek,
    /// The chance that a mail which this person opens or clicks is opened or clicked in this hour of the week; of all 168 they
    /// add up to 1.
    pub chance: f64,
    /// How many times the average of all hours that the window and the quiet hours leave: 1 is no better than any.
    pub lift: f64,
    /// Events of the person's own that are known.
    pub events: f64,
    /// How far it leans on them, from 0 to 1.
    pub weight: f64,
    pub basis: Basis,
}

/// The instant of the window whose local hour has the best chance and is not quiet; the earlier one of equals. `None` when all of
/// the window is quiet.
///
/// Local hours are looked at one after the other as they happen: an hour that summer time skips never comes, one that it
/// repeats comes twice, and quiet hours are those that the person's clock shows. The answer is where the hour begins, or the
/// window's begin within it.
pub fn send_time(model: &Model, zone: Tz, window: Window, quiet: QuietHours) -> Option<SendTime> {
    send_time_where(model, zone, window, |instant| {
        !quiet.covers(&instant.with_timezone(&zone))
    })
}

/// The same among the hours in which an instant is `allowed`: the window's begin, or where an hour begins.
pub fn send_time_where(
    model: &Model,
    zone: Tz,
    window: Window,
    allowed: impl Fn(DateTime<Utc>) -> bool,
) -> Option<SendTime> {
    let (mut sum, mut hours) = (0.0, 0.0);
    let mut best: Option<(DateTime<Utc>, HourOfWeek, f64)> = None;
    let mut instant = window.from();
    while window.contains(instant) {
        let local = instant.with_timezone(&zone);
        if allowed(instant) {
            let hour = HourOfWeek::of(&local);
            let chance = model.chance(hour);
            sum += chance;
            hours += 1.0;
            if best.is_none_or(|(_, _, other)| chance > other) {
                best = Some((instant, hour, chance));
            }
        }
        instant = next_hour(instant, zone);
    }
    let (at, hour, chance) = best?;
    let basis = match model.weight() {
        0.0 => Basis::Organization,
        weight if weight < 0.5 => Basis::Mixed,
        _ => Basis::Contact,
    };
    Some(SendTime {
        at,
        hour,
        chance,
        lift: chance * hours / sum,
        events: model.events(),
        weight: model.weight(),
        basis,
    })
}

/// The next instant at which a local hour begins. Clocks are set where a local hour ends, so setting them changes which hour
/// comes, and not where.
pub(crate) fn next_hour(instant: DateTime<Utc>, zone: Tz) -> DateTime<Utc> {
    let local = instant.with_timezone(&zone);
    let into = TimeDelta::minutes(local.minute().into())
        + TimeDelta::seconds(local.second().into())
        + TimeDelta::nanoseconds(local.nanosecond().into());
    instant + TimeDelta::hours(1) - into
}

#[cfg(test)]
mod tests;
