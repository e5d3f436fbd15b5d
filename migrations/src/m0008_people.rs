//! People get a state, an address that is confirmed or not, and preferences; organizations get a place in the world; links
//! that work once.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json, text, timestamp_with_time_zone, timestamp_with_time_zone_null, uuid,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        organizations(manager).await?;
        links(manager).await?;
        primary_keys::make_youngest(manager).await
    }
}

/// One after the other: SQLite adds one column at a time.
async fn add<const N: usize>(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: [ColumnDef; N],
) -> Result<(), DbErr> {
    for column in columns {
        let change = Table::alter().table(table).add_column(column).take();
        manager.alter_table(change).await?;
    }
    Ok(())
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        text("status").default("active").take(),
        timestamp_with_time_zone_null("email_verified_at").take(),
        timestamp_with_time_zone_null("last_login_at").take(),
        json("preferences").default("{}").take(),
        integer("version").default(1).take(),
    ];
    add(manager, "users", columns).await?;
    for (name, column) in [
        ("users_created_idx", "created_at"),
        ("users_name_idx", "name"),
        ("users_email_idx", "email_key"),
    ] {
        let index = index("users", name, ["organization_id", column, "id"]);
        manager.create_index(index).await?;
    }
    Ok(())
}

async fn organizations(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        text("time_zone").default("UTC").take(),
        text("locale").default("en").take(),
        timestamp_with_time_zone_null("updated_at").take(),
        integer("version").default(1).take(),
    ];
    add(manager, "organizations", columns).await
}

async fn links(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("one_time_tokens");
    table
        .col(uuid("user_id"))
        .col(text("purpose"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("expires_at"))
        .col(timestamp_with_time_zone_null("used_at"))
        .foreign_key(&mut within_organization(
            "one_time_tokens",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ));
    manager.create_table(table).await?;
    // A link names no organization.
    let by_id = index("one_time_tokens", "one_time_tokens_id_key", ["id"])
        .unique()
        .take();
    manager.create_index(by_id).await?;
    let by_user = index(
        "one_time_tokens",
        "one_time_tokens_user_idx",
        ["organization_id", "user_id", "purpose"],
    );
    manager.create_index(by_user).await?;
    // What is long over is forgotten.
    manager
        .create_index(index(
            "one_time_tokens",
            "one_time_tokens_expires_idx",
            ["expires_at"],
        ))
        .await
}
