//! Opens and clicks that wait to be judged (docs/decisions/0048).

use crate::primary_keys;
use crate::table::of_organization;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean_null, text, text_null, timestamp_with_time_zone, uuid};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Without a foreign key: it would lock the mail that is being judged just then, and who clicked would wait.
        let visits = of_organization("email_visits")
            .col(uuid("message_id"))
            .col(text("kind"))
            .col(text_null("url"))
            .col(text_null("user_agent"))
            .col(text_null("method"))
            .col(text_null("network"))
            .col(boolean_null("language"))
            .col(timestamp_with_time_zone("created_at"))
            .take();
        manager.create_table(visits).await?;
        primary_keys::make_youngest(manager).await
    }
}
