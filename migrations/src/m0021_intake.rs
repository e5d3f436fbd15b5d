//! Submissions that are held back as spam, verdicts, and consents that wait for a confirmation.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    boolean, json_binary, json_binary_null, text, text_null, timestamp_with_time_zone, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One after the other: SQLite adds one column at a time.
        for (table, column) in [
            ("submissions", json_binary_null("verdict").take()),
            ("submissions", boolean("is_test").default(false).take()),
            ("consents", json_binary_null("confirmation").take()),
        ] {
            let change = Table::alter().table(table).add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager.create_table(quarantine()).await?;
        for index in [
            index(
                "quarantined_submissions",
                "quarantined_submissions_form_idx",
                ["organization_id", "form_id", "status", "created_at", "id"],
            ),
            index(
                "quarantined_submissions",
                "quarantined_submissions_email_idx",
                ["organization_id", "email_key", "created_at"],
            ),
            // What is over is found in all organizations.
            index(
                "quarantined_submissions",
                "quarantined_submissions_age_idx",
                ["created_at"],
            ),
            index("consents", "consents_pending_idx", ["created_at"])
                .and_where(Expr::col("decision").eq("pending"))
                .take(),
        ] {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// A table of its own: what is in it has no lead, and the hot one keeps its foreign key.
fn quarantine() -> TableCreateStatement {
    of_organization("quarantined_submissions")
        .col(uuid("form_id"))
        // No foreign key: the lead it would make does not exist.
        .col(uuid("lead_id"))
        .col(text("status"))
        .col(text("email"))
        .col(text("email_key"))
        .col(json_binary("profile"))
        .col(json_binary("consents"))
        .col(boolean("double_opt_in"))
        .col(json_binary("answers"))
        .col(json_binary("attribution"))
        .col(text_null("user_agent"))
        .col(json_binary("verdict"))
        .col(boolean("is_test"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "quarantined_submissions",
            "form_id",
            "forms",
            ForeignKeyAction::Cascade,
        ))
        .take()
}
