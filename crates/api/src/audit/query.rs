//! How the log is asked.

use crate::http::{ApiError, page_request};
use chrono::{DateTime, Utc};
use groundswell_domain::audit::{AuditAction, AuditFilter, AuditSort, TargetType};
use groundswell_domain::{PageRequest, Sort, UserId};
use serde::Deserialize;
use std::net::IpAddr;
use utoipa::IntoParams;
use uuid::Uuid;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditQuery {
    /// For example `api_key.created`.
    pub action: Option<AuditAction>,
    /// The person who acted, with or without an API key.
    pub user_id: Option<UserId>,
    pub target_type: Option<TargetType>,
    pub target_id: Option<Uuid>,
    /// Where it came from, for example `203.0.113.7`.
    #[param(value_type = Option<String>)]
    pub ip: Option<IpAddr>,
    /// Not older than this.
    pub since: Option<DateTime<Utc>>,
    /// Older than this.
    pub until: Option<DateTime<Utc>>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl AuditQuery {
    pub fn page(&self) -> Result<PageRequest<AuditSort>, ApiError> {
        let default = Sort::descending(AuditSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(&self) -> AuditFilter {
        AuditFilter {
            action: self.action,
            user: self.user_id,
            target_type: self.target_type,
            target_id: self.target_id,
            ip: self.ip.map(|ip| ip.to_canonical()),
            since: self.since,
            until: self.until,
        }
    }
}
