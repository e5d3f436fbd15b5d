//! API keys get limits and rotation; people of trusted issuers get a place.

use crate::primary_keys;
use crate::table::{index, of_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, json_binary, text, text_null, timestamp_with_time_zone, uuid, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

// A key that is limited to a client must not outlive it: without its limit it would be a stronger one.
const ON_POSTGRES: &[&str] = &[
    "ALTER TABLE api_keys ADD CONSTRAINT api_keys_client_id_fkey FOREIGN KEY (organization_id, client_id) \
         REFERENCES clients (organization_id, id) ON DELETE CASCADE",
];

// SQLite can't add a foreign key to a table that exists.
const ON_SQLITE: &[&str] = &[
    "CREATE TRIGGER api_keys_client_id_insert BEFORE INSERT ON api_keys \
     WHEN NEW.client_id IS NOT NULL AND NOT EXISTS \
     (SELECT 1 FROM clients WHERE organization_id = NEW.organization_id AND id = NEW.client_id) \
     BEGIN SELECT RAISE(ABORT, 'api_keys_client_id_fkey'); END",
    "CREATE TRIGGER api_keys_client_id_delete AFTER DELETE ON clients BEGIN DELETE FROM api_keys \
     WHERE organization_id = OLD.organization_id AND client_id = OLD.id; END",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        api_keys(manager).await?;
        identity_links(manager).await?;
        primary_keys::make_youngest(manager).await
    }
}

async fn api_keys(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        uuid_null("client_id").take(),
        json_binary("ip_ranges").default("[]").take(),
        // In minor units of its currency.
        big_integer_null("budget").take(),
        text_null("budget_currency").take(),
        text_null("last_used_ip").take(),
        // No foreign keys: either of the two may be deleted, and the other one still tells where it comes from.
        uuid_null("replaces").take(),
        uuid_null("replaced_by").take(),
    ];
    // One after the other: SQLite adds one column at a time.
    for column in columns {
        let change = Table::alter().table("api_keys").add_column(column).take();
        manager.alter_table(change).await?;
    }
    let by_client = index(
        "api_keys",
        "api_keys_client_idx",
        ["organization_id", "client_id"],
    )
    .and_where(Expr::col("client_id").is_not_null())
    .take();
    manager.create_index(by_client).await?;
    let statements = match manager.get_database_backend() {
        DbBackend::Postgres => ON_POSTGRES,
        _ => ON_SQLITE,
    };
    for statement in statements {
        manager.get_connection().execute_unprepared(statement).await?;
    }
    Ok(())
}

async fn identity_links(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut table = of_organization("identity_links");
    table
        .col(uuid("user_id"))
        .col(text("issuer"))
        .col(text("subject"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("last_seen"))
        .foreign_key(&mut within_organization(
            "identity_links",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ));
    manager.create_table(table).await?;
    // A token names no organization.
    let by_subject = index(
        "identity_links",
        "identity_links_subject_key",
        ["issuer", "subject"],
    )
    .unique()
    .take();
    manager.create_index(by_subject).await?;
    manager
        .create_index(index(
            "identity_links",
            "identity_links_user_idx",
            ["organization_id", "user_id"],
        ))
        .await
}
