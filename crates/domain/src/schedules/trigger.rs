//! The moments at which something is to be done.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use serde::{Deserialize, Serialize};

/// Intervals are at least so long, in seconds.
pub const SHORTEST_INTERVAL: i64 = 60;
/// And at most: ten years.
const LONGEST_INTERVAL: i64 = 10 * 366 * 24 * 3600;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Trigger {
    /// Once.
    Date { at: DateTime<Utc> },
    /// Again and again, `seconds` apart in real time, counted from `start`.
    Interval { seconds: i64, start: DateTime<Utc> },
    /// By the clock on a wall: five fields (minute, hour, day of month, month, day of week), or a nickname (`@daily`).
    Cron {
        #[cfg_attr(feature = "openapi", schema(example = "30 8 * * MON-FRI"))]
        expression: String,
        #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Berlin"))]
        time_zone: Tz,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TriggerError {
    #[error("an interval is between {SHORTEST_INTERVAL} and {LONGEST_INTERVAL} seconds long")]
    Interval,
    #[error("is no cron expression (minute hour day month weekday, for example \"30 8 * * MON-FRI\"): {0}")]
    Cron(String),
    #[error("never comes: there is no such day")]
    Never,
}

impl Trigger {
    /// Whether it can be kept.
    pub fn check(&self) -> Result<(), TriggerError> {
        match self {
            Self::Date { .. } => Ok(()),
            Self::Interval { seconds, .. } if (SHORTEST_INTERVAL..=LONGEST_INTERVAL).contains(seconds) => {
                Ok(())
            }
            Self::Interval { .. } => Err(TriggerError::Interval),
            Self::Cron {
                expression,
                time_zone,
            } => {
                let cron = parse(expression)?;
                let from = DateTime::UNIX_EPOCH.with_timezone(time_zone);
                cron.find_next_occurrence(&from, true)
                    .map_err(|error| match error {
                        CronError::TimeSearchLimitExceeded => TriggerError::Never,
                        other => TriggerError::Cron(other.to_string()),
                    })?;
                Ok(())
            }
        }
    }

    /// The first moment after `after`; `None` when there is none any more, or when the trigger can't be read.
    pub fn next_after(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Date { at } => Some(*at).filter(|at| *at > after),
            Self::Interval { seconds, start } => {
                if *seconds < SHORTEST_INTERVAL || after < *start {
                    return Some(*start).filter(|start| *start > after);
                }
                let steps = (after - *start).num_seconds() / seconds + 1;
                start.checked_add_signed(TimeDelta::try_seconds(steps.checked_mul(*seconds)?)?)
            }
            Self::Cron {
                expression,
                time_zone,
            } => {
                let cron = parse(expression).ok()?;
                let next = cron.find_next_occurrence(&after.with_timezone(time_zone), false);
                Some(next.ok()?.with_timezone(&Utc))
            }
        }
    }
}

fn parse(expression: &str) -> Result<Cron, TriggerError> {
    let parser = CronParser::builder()
        .seconds(Seconds::Disallowed)
        .year(Year::Disallowed)
        .build();
    parser
        .parse(expression)
        .map_err(|error| TriggerError::Cron(error.to_string()))
}

#[cfg(test)]
#[path = "trigger_tests.rs"]
mod tests;
