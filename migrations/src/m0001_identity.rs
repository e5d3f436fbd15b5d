//! Organizations, their people, and how these and their programs get in.

use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    blob, integer, json_binary, text, text_null, timestamp_with_time_zone, timestamp_with_time_zone_null,
    uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        organizations(manager).await?;
        users(manager).await?;
        sessions(manager).await?;
        api_keys(manager).await
    }
}

async fn organizations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("organizations")
        .col(uuid("id").primary_key())
        .col(text("name"))
        .col(text("currency"))
        .col(timestamp_with_time_zone("created_at"))
        .take();
    manager.create_table(table).await
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("users");
    table
        .col(text("email"))
        .col(text("email_key"))
        .col(text("name"))
        .col(text("role"))
        .col(text("password_hash"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .foreign_key(&mut to_organization("users"));
    manager.create_table(table).await?;
    // Unique in the whole installation: a login names no organization.
    manager
        .create_index(index("users", "users_email_key", ["email_key"]).unique().take())
        .await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("sessions");
    table
        .col(uuid("user_id"))
        .col(blob("salt"))
        .col(integer("generation"))
        .col(timestamp_with_time_zone("rotated_at"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("revoked_at"))
        .col(text_null("user_agent"))
        .col(text_null("ip"))
        .foreign_key(&mut within_organization(
            "sessions",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ));
    manager.create_table(table).await?;
    manager
        .create_index(index("sessions", "sessions_id_key", ["id"]).unique().take())
        .await?;
    manager
        .create_index(index(
            "sessions",
            "sessions_user_idx",
            ["organization_id", "user_id"],
        ))
        .await
}

async fn api_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("api_keys");
    table
        .col(uuid("user_id"))
        .col(text("name"))
        .col(text("prefix"))
        .col(json_binary("scopes"))
        .col(blob("secret_hash"))
        .col(timestamp_with_time_zone_null("expires_at"))
        .col(timestamp_with_time_zone_null("last_used_at"))
        .col(timestamp_with_time_zone("created_at"))
        .foreign_key(&mut within_organization(
            "api_keys",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ));
    manager.create_table(table).await?;
    // A shown key names no organization.
    manager
        .create_index(
            index("api_keys", "api_keys_prefix_key", ["prefix"])
                .unique()
                .take(),
        )
        .await?;
    let by_user = index(
        "api_keys",
        "api_keys_user_idx",
        ["organization_id", "user_id", "created_at", "id"],
    );
    manager.create_index(by_user).await
}
