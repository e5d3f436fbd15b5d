//! People who see one client's things; organizations have an address of their own for links, and are listed.

use crate::primary_keys;
use crate::table::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{text_null, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("users", uuid_null("client_id").take()),
            ("organizations", text_null("public_url").take()),
        ] {
            let change = Table::alter().table(table).add_column(column).take();
            manager.alter_table(change).await?;
        }
        let of_client = index("users", "users_client", ["organization_id", "client_id", "id"])
            .and_where(Expr::col("client_id").is_not_null())
            .take();
        manager.create_index(of_client).await?;
        for (name, column) in [
            ("organizations_created_at", "created_at"),
            ("organizations_name", "name"),
        ] {
            let listed = index("organizations", name, [column, "id"]);
            manager.create_index(listed).await?;
        }
        let conn = manager.get_connection();
        if manager.get_database_backend() == DbBackend::Postgres {
            conn.execute_unprepared(
                "ALTER TABLE users ADD CONSTRAINT users_client_id_fkey FOREIGN KEY (organization_id, client_id) \
                 REFERENCES clients (organization_id, id)",
            )
            .await?;
        } else {
            for event in ["INSERT ON users", "UPDATE OF client_id ON users"] {
                let name = event.split(' ').next().unwrap_or_default().to_lowercase();
                conn.execute_unprepared(&format!(
                    "CREATE TRIGGER users_client_id_{name} BEFORE {event} \
                     WHEN NEW.client_id IS NOT NULL AND NOT EXISTS \
                     (SELECT 1 FROM clients WHERE organization_id = NEW.organization_id AND id = NEW.client_id) \
                     BEGIN SELECT RAISE(ABORT, 'users_client_id_fkey'); END"
                ))
                .await?;
            }
        }
        primary_keys::make_youngest(manager).await
    }
}
