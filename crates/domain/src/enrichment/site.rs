//! What was found on a company's site: kept by domain, so that a hundred leads of one company are one visit.

use super::Finding;
use chrono::{DateTime, Utc};

/// For how many days a visit counts.
pub const KEPT_DAYS: i64 = 30;

crate::text_enum::text_enum! {
    /// How a visit ended.
    SiteOutcome {
        /// Somebody is there right now.
        Visiting => "visiting",
        Found => "found",
        /// The site's robots.txt does not want it.
        Refused => "refused",
        /// There is no site, or it does not answer.
        Failed => "failed",
    }
}

/// One company's site.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    pub domain: String,
    pub outcome: SiteOutcome,
    pub findings: Vec<Finding>,
    /// Why nothing was found.
    pub message: Option<String>,
    pub fetched_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}
