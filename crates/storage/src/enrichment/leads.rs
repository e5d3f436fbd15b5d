//! What sources said of one lead, and what is remembered of asking them.

use super::convert;
use crate::codec::{from_json, to_json};
use crate::dialect::{self, execute};
use crate::entity::{enrichment_values, lead_enrichments};
use crate::error::store_error;
use crate::one::one;
use groundswell_domain::enrichment::{Enrichment, EnrichmentSource, EnrichmentValue};
use groundswell_domain::{LeadId, StoreError};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

const KEEP: &str = "INSERT INTO lead_enrichments (organization_id, lead_id, state) VALUES ($1, $2, $3) \
    ON CONFLICT (organization_id, lead_id) DO UPDATE SET state = excluded.state";

pub(super) async fn values(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: LeadId,
) -> Result<Vec<EnrichmentValue>, StoreError> {
    use enrichment_values::{Column, Entity};
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.eq(lead.0))
        .order_by_asc(Column::Field)
        .order_by_asc(Column::Source)
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(convert::value).collect()
}

pub(super) async fn replace(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: LeadId,
    source: EnrichmentSource,
    values: &[EnrichmentValue],
) -> Result<(), StoreError> {
    use enrichment_values::{Column, Entity};
    Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.eq(lead.0))
        .filter(Column::Source.eq(source.to_string()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    let rows = values
        .iter()
        .map(|value| convert::value_row(organization, lead, value))
        .collect();
    let unique = [
        Column::OrganizationId,
        Column::LeadId,
        Column::Field,
        Column::Source,
    ];
    dialect::insert_new::<Entity>(conn, rows, &unique, &[Column::Field]).await?;
    Ok(())
}

pub(super) async fn enrichment(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: LeadId,
) -> Result<Enrichment, StoreError> {
    let select = lead_enrichments::Entity::find_by_id((organization, lead.0));
    match one(conn, select).await? {
        Some(row) => from_json("lead_enrichments.state", row.state),
        None => Ok(Enrichment::default()),
    }
}

pub(super) async fn keep(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    lead: LeadId,
    enrichment: &Enrichment,
) -> Result<(), StoreError> {
    let values = [organization.into(), lead.0.into(), to_json(enrichment)?.into()];
    execute(conn, KEEP, values).await.map_err(store_error)?;
    Ok(())
}
