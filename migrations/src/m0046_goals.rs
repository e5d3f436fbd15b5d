//! What campaigns are to bring about, how many mails went to each receiver, and when domains are looked at again.

use crate::primary_keys;
use crate::table::{index, to_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{date, integer, json_binary_null, text, timestamp_with_time_zone_null, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("campaigns", json_binary_null("goal").take()),
            // Null: as soon as somebody looks.
            ("email_domains", timestamp_with_time_zone_null("check_at").take()),
        ] {
            let change = Table::alter().table(table).add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager
            .get_connection()
            .execute_unprepared("UPDATE email_domains SET check_at = updated_at")
            .await?;
        manager.create_table(receiver_days()).await?;
        for index in [
            index("email_receiver_days", "email_receiver_days_day", ["day"]),
            index("email_domains", "email_domains_check_at", ["check_at"]),
        ] {
            manager.create_index(index).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// What a complaint is weighed against. Kept for two days.
fn receiver_days() -> TableCreateStatement {
    Table::create()
        .table("email_receiver_days")
        .col(uuid("organization_id"))
        .col(text("provider"))
        .col(date("day"))
        .col(integer("sent"))
        .primary_key(
            Index::create()
                .name("email_receiver_days_pkey")
                .col("organization_id")
                .col("provider")
                .col("day"),
        )
        .foreign_key(&mut to_organization("email_receiver_days"))
        .take()
}
