//! How opens and clicks came in, and what is thought of them (docs/decisions/0040).

use crate::primary_keys;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean_null, text, text_null};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// What was known before was the user agent alone.
const VERDICTS: &str =
    "UPDATE email_events SET verdict = 'scanner', reasons = 'crawler_agent' WHERE NOT human";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            text_null("method").take(),
            text_null("network").take(),
            boolean_null("language").take(),
            text("verdict").default("human").take(),
            text("reasons").default("").take(),
        ] {
            let change = Table::alter().table("email_events").add_column(column).take();
            manager.alter_table(change).await?;
        }
        manager.get_connection().execute_unprepared(VERDICTS).await?;
        primary_keys::make_youngest(manager).await
    }
}
