//! A campaign hour by hour.

use chrono::{DateTime, Utc};
use serde::Serialize;

/// Most hours that are told at once: a month.
pub const MOST_TIMELINE_HOURS: u32 = 744;

/// What happened within an hour. Opens and clicks are the first ones of each mail that a person caused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TimelineHour {
    /// When the hour begins, in UTC.
    pub at: DateTime<Utc>,
    pub sent: i64,
    pub opens: i64,
    pub clicks: i64,
    pub unsubscribes: i64,
}

/// Hours in which something happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timeline {
    pub from: DateTime<Utc>,
    /// Exclusive; where the next question begins.
    pub until: DateTime<Utc>,
    pub hours: Vec<TimelineHour>,
}
