//! What callers send, and what they get.

use chrono::{DateTime, Utc};
use groundswell_domain::JobId;
use groundswell_domain::schedules::ScheduledAction;
use serde::{Deserialize, Serialize};

/// When it is done.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum NewTrigger {
    /// Once, in the future.
    Date { at: DateTime<Utc> },
    /// Again and again, so many seconds of real time apart.
    Interval {
        /// At least 60.
        seconds: i64,
        /// What is counted from, and the first moment if it is in the future. Now when absent, and then the first moment comes
        /// after one interval.
        #[serde(default)]
        start: Option<DateTime<Utc>>,
    },
    /// By the clock on a wall.
    Cron {
        /// Minute, hour, day of month, month and day of week; or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`.
        #[cfg_attr(feature = "openapi", schema(example = "30 8 * * MON-FRI"))]
        expression: String,
        /// Of the IANA database; the organization's own when absent.
        #[serde(default)]
        #[cfg_attr(feature = "openapi", schema(example = "Europe/Berlin"))]
        time_zone: Option<String>,
    },
}

/// A whole schedule, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSchedule {
    /// 1 to 200 characters.
    pub name: String,
    /// You must be allowed to do it by hand.
    pub action: ScheduledAction,
    pub trigger: NewTrigger,
    /// Of several moments that have come, run only the last one. False when absent.
    #[serde(default)]
    pub coalesce: bool,
    /// Runs that may go on at the same time: 1 to 100, 3 when absent.
    #[serde(default)]
    pub max_instances: Option<i32>,
    /// Seconds after which a moment that came is not run any more: 5 to 86,400, 300 when absent.
    #[serde(default)]
    pub misfire_grace: Option<i32>,
    /// False makes it paused. True when absent.
    #[serde(default)]
    pub enabled: Option<bool>,
}

/// Changes of a schedule; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulePatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub action: Option<ScheduledAction>,
    #[serde(default)]
    pub trigger: Option<NewTrigger>,
    #[serde(default)]
    pub coalesce: Option<bool>,
    #[serde(default)]
    pub max_instances: Option<i32>,
    #[serde(default)]
    pub misfire_grace: Option<i32>,
    /// False pauses it. True lets it go on, from the next moment on: those that came meanwhile are not made up for.
    #[serde(default)]
    pub enabled: Option<bool>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunStarted {
    pub job_id: JobId,
}
