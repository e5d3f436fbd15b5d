//! Enrichment: values beside leads, companies' sites, providers and settings.

mod convert;
mod leads;
mod providers;
mod repo;
mod settings;
mod sites;

use crate::entity::{enrichment_sites, enrichment_values};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};

/// Deletes what has expired, in all organizations. Answers how much.
pub(crate) async fn forget_expired(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let values = enrichment_values::Entity::delete_many()
        .filter(enrichment_values::Column::ExpiresAt.lte(now))
        .exec(conn)
        .await
        .map_err(store_error)?;
    let sites = enrichment_sites::Entity::delete_many()
        .filter(enrichment_sites::Column::ExpiresAt.lte(now))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(values.rows_affected + sites.rows_affected)
}
