//! Versions of templates, partials that templates share, and what mails say of an organization's brand.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, integer_null, json_binary, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What could be sent stays what is sent: every template there is becomes its own first version, published.
const FILL: [&str; 2] = [
    "INSERT INTO email_template_versions (organization_id, template_id, number, format, subject, html, text, variables, \
        created_at, published_at) \
        SELECT organization_id, id, 1, 'html', subject, html, text, variables, updated_at, updated_at FROM email_templates",
    "UPDATE email_templates SET live_version = 1",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text("format").default("html").to_owned(),
            integer("latest_version").default(1).to_owned(),
            integer_null("live_version"),
        ] {
            let change = Table::alter().table("email_templates").add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager.create_table(versions()).await?;
        for fill in FILL {
            manager.get_connection().execute_unprepared(fill).await?;
        }
        manager.create_table(partials()).await?;
        let name = index(
            "email_partials",
            "email_partials_name",
            ["organization_id", "name"],
        );
        manager.create_index(name.clone().unique().take()).await?;
        let created = index(
            "email_partials",
            "email_partials_created_at",
            ["organization_id", "created_at", "id"],
        );
        manager.create_index(created).await?;
        manager.create_table(brands()).await?;
        primary_keys::make_youngest(manager).await
    }
}

fn versions() -> TableCreateStatement {
    Table::create()
        .table("email_template_versions")
        .col(uuid("organization_id"))
        .col(uuid("template_id"))
        .col(integer("number"))
        .col(text("format"))
        .col(text("subject"))
        .col(text("html"))
        .col(text_null("text"))
        .col(json_binary("variables"))
        .col(timestamp_with_time_zone("created_at"))
        // No foreign keys: a version outlives the accounts of those who made and published it.
        .col(uuid_null("created_by"))
        .col(timestamp_with_time_zone_null("published_at"))
        .col(uuid_null("published_by"))
        .primary_key(
            Index::create()
                .name("email_template_versions_pkey")
                .col("organization_id")
                .col("template_id")
                .col("number"),
        )
        .foreign_key(&mut within_organization(
            "email_template_versions",
            "template_id",
            "email_templates",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn partials() -> TableCreateStatement {
    of_organization("email_partials")
        .col(text("name"))
        .col(text("format"))
        .col(text("html"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("email_partials"))
        .take()
}

/// One row for each organization that has said something.
fn brands() -> TableCreateStatement {
    Table::create()
        .table("brands")
        .col(uuid("organization_id"))
        .col(json_binary("profile"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .primary_key(Index::create().name("brands_pkey").col("organization_id"))
        .foreign_key(&mut to_organization("brands"))
        .take()
}
