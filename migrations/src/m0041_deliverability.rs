//! Mails that came back.

use crate::primary_keys;
use crate::table::{index, of_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text, text_null, timestamp_with_time_zone, uuid_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let bounces = of_organization("bounces")
            .col(text("event_key"))
            // No foreign key: the ledger forgets its rows earlier.
            .col(uuid_null("message_id"))
            .col(text("address"))
            .col(text("kind"))
            .col(text("reason"))
            .col(text_null("status"))
            .col(text("diagnostic"))
            .col(timestamp_with_time_zone("created_at"))
            .take();
        manager.create_table(bounces).await?;
        let once = index("bounces", "bounces_event_key", ["organization_id", "event_key"])
            .unique()
            .take();
        let by_address = index(
            "bounces",
            "bounces_address",
            ["organization_id", "address", "created_at"],
        );
        for index in [once, by_address] {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}
