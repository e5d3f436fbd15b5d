//! The one row of settings.

use super::convert;
use crate::dialect::execute;
use crate::entity::enrichment_settings;
use crate::error::store_error;
use crate::one::{one, one_locked};
use groundswell_domain::StoreError;
use groundswell_domain::enrichment::EnrichmentSettings;
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

const KEEP: &str = "
INSERT INTO enrichment_settings (organization_id, automatic, daily_budget, spent, spent_on, seen)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (organization_id) DO UPDATE SET automatic = excluded.automatic, daily_budget = excluded.daily_budget,
  spent = excluded.spent, spent_on = excluded.spent_on, seen = excluded.seen";

pub(super) async fn settings(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Option<EnrichmentSettings>, StoreError> {
    let row = one(conn, enrichment_settings::Entity::find_by_id(organization)).await?;
    Ok(row.as_ref().map(convert::settings))
}

pub(super) async fn settings_locked(
    conn: &impl ConnectionTrait,
    organization: Uuid,
) -> Result<Option<EnrichmentSettings>, StoreError> {
    let row = one_locked(conn, enrichment_settings::Entity::find_by_id(organization)).await?;
    Ok(row.as_ref().map(convert::settings))
}

pub(super) async fn keep(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    settings: &EnrichmentSettings,
) -> Result<(), StoreError> {
    let values = [
        organization.into(),
        settings.automatic.into(),
        settings.daily_budget.into(),
        settings.spent.into(),
        settings.spent_on.into(),
        settings.seen.map(|id| id.0).into(),
    ];
    execute(conn, KEEP, values).await.map_err(store_error)?;
    Ok(())
}
