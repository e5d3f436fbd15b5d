//! Which clients are meant.

use super::client::ClientStatus;
use super::country::Country;
use crate::error::Error;
use crate::money::Currency;
use crate::validate::Problems;
use chrono::{DateTime, Utc};

/// Every condition that is set must hold. An empty filter means all clients.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ClientFilter {
    /// Part of the name, without case.
    pub name: Option<String>,
    pub industry: Option<String>,
    pub country: Option<Country>,
    pub status: Option<ClientStatus>,
    pub revenue: Option<RevenueRange>,
    pub min_employees: Option<i32>,
    pub max_employees: Option<i32>,
    /// Exclusive.
    pub created_after: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
}

/// Amounts of different currencies can't be compared: only clients whose revenue is in this one are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RevenueRange {
    pub currency: Currency,
    /// Minor units, inclusive.
    pub min: Option<i64>,
    /// Minor units, inclusive.
    pub max: Option<i64>,
}

impl ClientFilter {
    /// What no store could be asked for.
    pub fn check(&self) -> Result<(), Error> {
        let mut problems = Problems::new();
        problems.time("created_after", self.created_after);
        problems.time("created_before", self.created_before);
        problems.finish()
    }
}
