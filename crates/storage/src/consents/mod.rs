//! Consents: those of a form are written by its capture.

mod convert;
mod repo;

pub(crate) use repo::counts;

use crate::dialect;
use crate::entity::consents::{Column, Entity, Model};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::consents::Consent;
use groundswell_domain::ids::LeadId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

const LAPSE: &str = "UPDATE consents SET decision = 'lapsed' WHERE decision = 'pending' AND created_at <= $1";

/// The row of a consent that turned out to be this lead's.
pub(crate) fn row_of(organization: Uuid, lead: LeadId, consent: &Consent) -> Result<Model, StoreError> {
    Ok(Model {
        lead_id: lead.0,
        ..convert::row(organization, consent)?
    })
}

/// What nobody confirmed in time, in all organizations; how much it was.
pub(crate) async fn lapse(conn: &impl ConnectionTrait, before: DateTime<Utc>) -> Result<u64, StoreError> {
    dialect::execute(conn, LAPSE, [before.into()])
        .await
        .map_err(store_error)
}

/// Adds rows; one that is there already is left out. No statement for none.
pub(crate) async fn insert_new(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), StoreError> {
    let unique = [Column::OrganizationId, Column::Id];
    dialect::insert_new::<Entity>(conn, rows, &unique, &[Column::Id]).await?;
    Ok(())
}
