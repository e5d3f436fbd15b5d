//! Consents: those of a form are written by its capture.

mod convert;
mod repo;

use crate::dialect;
use crate::entity::consents::{Column, Entity, Model};
use groundswell_domain::StoreError;
use groundswell_domain::consents::Consent;
use groundswell_domain::ids::LeadId;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

/// The row of a consent that turned out to be this lead's.
pub(crate) fn row_of(organization: Uuid, lead: LeadId, consent: &Consent) -> Model {
    Model {
        lead_id: lead.0,
        ..convert::row(organization, consent)
    }
}

/// Adds rows; one that is there already is left out. No statement for none.
pub(crate) async fn insert_new(conn: &impl ConnectionTrait, rows: Vec<Model>) -> Result<(), StoreError> {
    let unique = [Column::OrganizationId, Column::Id];
    dialect::insert_new::<Entity>(conn, rows, &unique, &[Column::Id]).await?;
    Ok(())
}
