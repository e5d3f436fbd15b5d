//! What happens at a form before it is sent: counts of visits, answers that were not sent, and captchas that were solved.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, date, json_binary, text, text_null, timestamp_with_time_zone, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(visits()).await?;
        manager.create_table(exits()).await?;
        manager.create_table(challenges()).await?;
        manager.create_table(partials()).await?;
        let indexes = [
            index("form_challenges", "form_challenges_expires_idx", ["expires_at"]),
            index(
                "form_partials",
                "form_partials_session_key",
                ["organization_id", "form_id", "session"],
            )
            .unique()
            .take(),
            index(
                "form_partials",
                "form_partials_updated_idx",
                ["organization_id", "form_id", "updated_at", "id"],
            ),
            index(
                "form_partials",
                "form_partials_created_idx",
                ["organization_id", "form_id", "created_at", "id"],
            ),
            // For erasures, and for what is forgotten when a form is sent.
            index(
                "form_partials",
                "form_partials_email_idx",
                ["organization_id", "email_key"],
            ),
            index("form_partials", "form_partials_age_idx", ["updated_at"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

fn of_form(name: &'static str) -> ForeignKeyCreateStatement {
    within_organization(name, "form_id", "forms", ForeignKeyAction::Cascade)
}

fn visits() -> TableCreateStatement {
    Table::create()
        .table("form_visits")
        .col(uuid("organization_id"))
        .col(uuid("form_id"))
        .col(date("day"))
        .col(text("source"))
        .col(big_integer("views"))
        .col(big_integer("starts"))
        .col(big_integer("completions"))
        .primary_key(
            Index::create()
                .name("form_visits_pkey")
                .col("organization_id")
                .col("form_id")
                .col("day")
                .col("source"),
        )
        .foreign_key(&mut of_form("form_visits"))
        .take()
}

fn exits() -> TableCreateStatement {
    Table::create()
        .table("form_exits")
        .col(uuid("organization_id"))
        .col(uuid("form_id"))
        .col(date("day"))
        .col(text("field"))
        .col(big_integer("exits"))
        .primary_key(
            Index::create()
                .name("form_exits_pkey")
                .col("organization_id")
                .col("form_id")
                .col("day")
                .col("field"),
        )
        .foreign_key(&mut of_form("form_exits"))
        .take()
}

fn challenges() -> TableCreateStatement {
    of_organization("form_challenges")
        .col(uuid("form_id"))
        .col(uuid("submission_id"))
        .col(timestamp_with_time_zone("expires_at"))
        .foreign_key(&mut of_form("form_challenges"))
        .take()
}

fn partials() -> TableCreateStatement {
    of_organization("form_partials")
        .col(uuid("form_id"))
        .col(uuid("session"))
        .col(text("email"))
        .col(text("email_key"))
        .col(json_binary("answers"))
        .col(text_null("last_field"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut of_form("form_partials"))
        .take()
}
