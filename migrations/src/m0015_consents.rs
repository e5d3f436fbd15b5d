//! What leads agreed to.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null, timestamp_with_time_zone, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = of_organization("consents");
        table
            .col(uuid("lead_id"))
            .col(text("purpose"))
            .col(text("decision"))
            .col(text_null("text"))
            .col(text("source"))
            // No foreign keys: what was agreed to outlives the form, the submission, and whoever wrote it down.
            .col(uuid_null("form_id"))
            .col(uuid_null("submission_id"))
            .col(uuid_null("recorded_by"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut within_organization(
                "consents",
                "lead_id",
                "leads",
                ForeignKeyAction::Cascade,
            ));
        manager.create_table(table).await?;
        // A lead has few lines, so the one index also finds the newest line of a purpose.
        let by_lead = index(
            "consents",
            "consents_lead_idx",
            ["organization_id", "lead_id", "created_at", "id"],
        );
        manager.create_index(by_lead).await?;
        primary_keys::make_youngest(manager).await
    }
}
