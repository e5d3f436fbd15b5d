//! The audit log. The database itself refuses to change an entry.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_null, text, text_null, timestamp_with_time_zone, uuid, uuid_null};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

// DELETE stays possible: for entries whose time is over, and for organizations that go.
const ON_POSTGRES: &str = "
CREATE FUNCTION audit_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only';
END $$;
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_log_is_append_only();";

const ON_SQLITE: &str = "
CREATE TRIGGER audit_log_append_only BEFORE UPDATE ON audit_log
BEGIN
  SELECT RAISE(ABORT, 'the audit log is append-only');
END;";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = of_organization("audit_log");
        table
            .col(text("actor_kind"))
            // No foreign keys: the log outlives people, keys and everything that was done something to.
            .col(uuid_null("actor_user_id"))
            .col(uuid_null("actor_api_key_id"))
            .col(text("action"))
            .col(text_null("target_type"))
            .col(uuid_null("target_id"))
            .col(text_null("ip"))
            .col(text_null("user_agent"))
            .col(uuid("request_id"))
            // Nothing looks into these.
            .col(json_null("before"))
            .col(json_null("after"))
            .col(timestamp_with_time_zone("created_at"))
            .foreign_key(&mut to_organization("audit_log"));
        manager.create_table(table).await?;
        let by = |name, column| index("audit_log", name, ["organization_id", column, "created_at", "id"]);
        let indexes = [
            index(
                "audit_log",
                "audit_log_created_idx",
                ["organization_id", "created_at", "id"],
            ),
            by("audit_log_action_idx", "action"),
            by("audit_log_user_idx", "actor_user_id"),
            by("audit_log_target_idx", "target_id"),
            // Retention goes through all organizations.
            index("audit_log", "audit_log_age_idx", ["created_at"]),
        ];
        for index in indexes {
            manager.create_index(index).await?;
        }
        let trigger = if manager.get_database_backend() == DbBackend::Postgres {
            ON_POSTGRES
        } else {
            ON_SQLITE
        };
        manager.get_connection().execute_unprepared(trigger).await?;
        primary_keys::make_youngest(manager).await
    }
}
