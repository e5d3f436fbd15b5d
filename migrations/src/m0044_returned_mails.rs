//! Mails that came back are kept for so long, and mails in doubt are looked for.

use crate::primary_keys;
use crate::table::index;
use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let by_age = index("bounces", "bounces_age", ["created_at"]);
        manager.create_index(by_age).await?;
        // Hardly any mail is in it.
        let in_doubt = index(
            "email_messages",
            "email_messages_unknown",
            ["organization_id", "id"],
        )
        .and_where(Expr::col("status").eq("unknown"))
        .take();
        manager.create_index(in_doubt).await?;
        primary_keys::make_youngest(manager).await
    }
}
