//! Domains that mail is sent from, what they sent on each day, receivers that pushed back, and turns at mail servers.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, boolean, date, double_null, integer, json_binary, json_binary_null, text,
    timestamp_with_time_zone, timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in [domains(), days(), throttles(), turns()] {
            manager.create_table(table).await?;
        }
        let mut once = index(
            "email_domains",
            "email_domains_domain_key",
            ["organization_id", "domain"],
        );
        manager.create_index(once.unique().take()).await?;
        let by_time = index(
            "email_domains",
            "email_domains_created_at",
            ["organization_id", "created_at", "id"],
        );
        manager.create_index(by_time).await?;
        let from = Table::alter()
            .table("organizations")
            .add_column(json_binary_null("mail_from"))
            .take();
        manager.alter_table(from).await?;
        primary_keys::make_youngest(manager).await
    }
}

fn domains() -> TableCreateStatement {
    of_organization("email_domains")
        .col(text("domain"))
        .col(uuid_null("client_id"))
        .col(json_binary_null("mail_from"))
        // The public halves; the private ones are secrets.
        .col(json_binary("keys"))
        .col(json_binary("checks"))
        .col(timestamp_with_time_zone_null("verified_at"))
        .col(boolean("warmup"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("email_domains"))
        .foreign_key(&mut within_organization(
            "email_domains",
            "client_id",
            "clients",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

/// Only of domains that are being warmed up.
fn days() -> TableCreateStatement {
    Table::create()
        .table("email_domain_days")
        .col(uuid("organization_id"))
        .col(uuid("domain_id"))
        .col(date("day"))
        .col(integer("sent"))
        .primary_key(
            Index::create()
                .name("email_domain_days_pkey")
                .col("organization_id")
                .col("domain_id")
                .col("day"),
        )
        .foreign_key(&mut within_organization(
            "email_domain_days",
            "domain_id",
            "email_domains",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn throttles() -> TableCreateStatement {
    Table::create()
        .table("email_throttles")
        .col(uuid("organization_id"))
        .col(text("provider"))
        .col(double_null("per_minute"))
        .col(timestamp_with_time_zone("paced_at"))
        // Microseconds since 1970: databases differ in how they add to a time.
        .col(big_integer("next_turn"))
        .col(big_integer("horizon"))
        .col(integer("complaints"))
        .col(date("complaints_on"))
        .primary_key(
            Index::create()
                .name("email_throttles_pkey")
                .col("organization_id")
                .col("provider"),
        )
        .foreign_key(&mut to_organization("email_throttles"))
        .take()
}

/// Nothing in it is an organization's.
fn turns() -> TableCreateStatement {
    Table::create()
        .table("email_server_turns")
        .col(text("server").primary_key())
        .col(big_integer("next_turn"))
        .take()
}
