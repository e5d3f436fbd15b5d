//! Secrets, the data keys that seal them, and what is known about the installation itself.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{blob, integer, text, text_null, timestamp_with_time_zone, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(installation()).await?;
        manager.create_table(data_keys()).await?;
        manager.create_table(secrets()).await?;
        for index in one_per_holder() {
            manager.create_index(index).await?;
        }
        let lists = [
            index(
                "secrets",
                "secrets_service_idx",
                ["organization_id", "service", "id"],
            ),
            index(
                "secrets",
                "secrets_created_idx",
                ["organization_id", "created_at", "id"],
            ),
            index(
                "secrets",
                "secrets_updated_idx",
                ["organization_id", "updated_at", "id"],
            ),
            // A data key that seals nothing is deleted.
            index(
                "secrets",
                "secrets_key_idx",
                ["organization_id", "key_version", "id"],
            ),
        ];
        for index in lists {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// Names and values. Nothing in it is an organization's.
fn installation() -> TableCreateStatement {
    Table::create()
        .table("installation")
        .col(text("name").primary_key())
        .col(text("value"))
        .col(timestamp_with_time_zone("updated_at"))
        .take()
}

fn data_keys() -> TableCreateStatement {
    Table::create()
        .table("data_keys")
        .col(uuid("organization_id"))
        .col(integer("version"))
        // The id of the master key that wraps it.
        .col(text("master"))
        .col(blob("bytes"))
        .col(timestamp_with_time_zone("created_at"))
        .primary_key(
            Index::create()
                .name("data_keys_pkey")
                .col("organization_id")
                .col("version"),
        )
        .foreign_key(&mut to_organization("data_keys"))
        .take()
}

fn secrets() -> TableCreateStatement {
    let mut key = ForeignKey::create();
    // Without an action: a data key stays as long as something is sealed with it.
    key.name("secrets_key_version_fkey")
        .from("secrets", ("organization_id", "key_version"))
        .to("data_keys", ("organization_id", "version"));
    of_organization("secrets")
        // At most one of the two; the organization's own have neither.
        .col(uuid_null("user_id"))
        .col(uuid_null("client_id"))
        .col(text("service"))
        .col(blob("sealed"))
        .col(integer("key_version"))
        .col(text_null("last4"))
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .check(
            Expr::col("user_id")
                .is_null()
                .or(Expr::col("client_id").is_null()),
        )
        .foreign_key(&mut to_organization("secrets"))
        .foreign_key(&mut within_organization(
            "secrets",
            "user_id",
            "users",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut within_organization(
            "secrets",
            "client_id",
            "clients",
            ForeignKeyAction::Cascade,
        ))
        .foreign_key(&mut key)
        .take()
}

/// One secret per holder and service. NULLs are never equal, so each kind of holder has an index of its own.
fn one_per_holder() -> [IndexCreateStatement; 3] {
    [
        index(
            "secrets",
            "secrets_user_key",
            ["organization_id", "user_id", "service"],
        )
        .unique()
        .and_where(Expr::col("user_id").is_not_null())
        .take(),
        index(
            "secrets",
            "secrets_client_key",
            ["organization_id", "client_id", "service"],
        )
        .unique()
        .and_where(Expr::col("client_id").is_not_null())
        .take(),
        index(
            "secrets",
            "secrets_organization_key",
            ["organization_id", "service"],
        )
        .unique()
        .and_where(Expr::col("user_id").is_null())
        .and_where(Expr::col("client_id").is_null())
        .take(),
    ]
}
