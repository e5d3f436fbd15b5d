//! Companies' sites, by domain.

use super::convert;
use crate::codec::to_json;
use crate::dialect::execute;
use crate::entity::enrichment_sites;
use crate::error::store_error;
use crate::one::one;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::enrichment::Site;
use sea_orm::ConnectionTrait;
use sea_orm::EntityTrait;
use serde_json::json;
use uuid::Uuid;

// What was found before stays until there is something new: a visit may fail.
const CLAIM: &str = "
INSERT INTO enrichment_sites (organization_id, domain, outcome, findings, message, fetched_at, expires_at)
VALUES ($1, $2, 'visiting', $3, NULL, $4, $5)
ON CONFLICT (organization_id, domain) DO UPDATE SET outcome = 'visiting', expires_at = excluded.expires_at
WHERE enrichment_sites.expires_at <= $4
  OR (enrichment_sites.fetched_at < $6 AND enrichment_sites.outcome <> 'visiting')";

const KEEP: &str = "
INSERT INTO enrichment_sites (organization_id, domain, outcome, findings, message, fetched_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (organization_id, domain) DO UPDATE SET outcome = excluded.outcome, findings = excluded.findings,
  message = excluded.message, fetched_at = excluded.fetched_at, expires_at = excluded.expires_at";

pub(super) async fn site(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: &str,
) -> Result<Option<Site>, StoreError> {
    let select = enrichment_sites::Entity::find_by_id((organization, domain.to_owned()));
    one(conn, select).await?.map(convert::site).transpose()
}

pub(super) async fn claim(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: &str,
    since: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let values = [
        organization.into(),
        domain.into(),
        json!([]).into(),
        now.into(),
        until.into(),
        since.unwrap_or(DateTime::UNIX_EPOCH).into(),
    ];
    Ok(execute(conn, CLAIM, values).await.map_err(store_error)? == 1)
}

pub(super) async fn keep(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    site: &Site,
) -> Result<(), StoreError> {
    let values = [
        organization.into(),
        site.domain.as_str().into(),
        site.outcome.as_str().into(),
        to_json(&site.findings)?.into(),
        site.message.clone().into(),
        site.fetched_at.into(),
        site.expires_at.into(),
    ];
    execute(conn, KEEP, values).await.map_err(store_error)?;
    Ok(())
}
