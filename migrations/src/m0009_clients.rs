//! Clients and their projects, and what refers to them.
//!
//! Campaigns and leads have had the columns for a while, but nothing to point at. SQLite can't add a foreign key to a table
//! that exists, so triggers do there what the foreign keys do on PostgreSQL.

use crate::primary_keys;
use crate::table::{index, of_organization, to_organization, within_organization};
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer_null, integer, integer_null, json_binary, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null, uuid_null,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(clients()).await?;
        manager.create_table(projects()).await?;
        for index in lists() {
            manager.create_index(index).await?;
        }
        for index in references() {
            manager.create_index(index).await?;
        }
        // There were no clients until now, so whatever is in these columns names none.
        let conn = manager.get_connection();
        conn.execute_unprepared("UPDATE campaigns SET client_id = NULL, project_id = NULL WHERE client_id IS NOT NULL OR project_id IS NOT NULL")
            .await?;
        conn.execute_unprepared("UPDATE leads SET client_id = NULL WHERE client_id IS NOT NULL")
            .await?;
        for (table, column, target) in [
            ("campaigns", "client_id", "clients"),
            ("campaigns", "project_id", "projects"),
            ("leads", "client_id", "clients"),
        ] {
            let sql = match manager.get_database_backend() {
                DbBackend::Postgres => vec![foreign_key(table, column, target)],
                _ => triggers(table, column, target),
            };
            for statement in sql {
                conn.execute_unprepared(&statement).await?;
            }
        }
        primary_keys::make_youngest(manager).await
    }
}

fn clients() -> TableCreateStatement {
    of_organization("clients")
        .col(text("name"))
        .col(text_null("industry"))
        .col(text_null("country"))
        .col(text_null("website"))
        // In minor units of the currency.
        .col(big_integer_null("annual_revenue"))
        .col(text("currency"))
        .col(integer_null("employees"))
        .col(json_binary("contacts"))
        .col(text_null("notes"))
        .col(json_binary("tags"))
        .col(text("status"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("clients"))
        .take()
}

fn projects() -> TableCreateStatement {
    of_organization("projects")
        .col(uuid_null("client_id"))
        .col(text("name"))
        .col(text_null("description"))
        .col(text("status"))
        .col(timestamp_with_time_zone_null("start_date"))
        .col(timestamp_with_time_zone_null("end_date"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone("updated_at"))
        .col(integer("version"))
        .foreign_key(&mut to_organization("projects"))
        .foreign_key(&mut within_organization(
            "projects",
            "client_id",
            "clients",
            ForeignKeyAction::Cascade,
        ))
        .take()
}

fn lists() -> [IndexCreateStatement; 6] {
    [
        index(
            "clients",
            "clients_created_at",
            ["organization_id", "created_at", "id"],
        ),
        index(
            "clients",
            "clients_updated_at",
            ["organization_id", "updated_at", "id"],
        ),
        index("clients", "clients_name", ["organization_id", "name", "id"]),
        index(
            "projects",
            "projects_created_at",
            ["organization_id", "created_at", "id"],
        ),
        index(
            "projects",
            "projects_updated_at",
            ["organization_id", "updated_at", "id"],
        ),
        index("projects", "projects_name", ["organization_id", "name", "id"]),
    ]
}

/// What is found by its client or project, also when that is deleted. Rows without one, which are most leads, cost nothing.
fn references() -> [IndexCreateStatement; 4] {
    [
        ("projects", "projects_client", "client_id"),
        ("campaigns", "campaigns_client", "client_id"),
        ("campaigns", "campaigns_project", "project_id"),
        ("leads", "leads_client", "client_id"),
    ]
    .map(|(table, name, column)| {
        index(table, name, ["organization_id", column, "created_at", "id"])
            .and_where(Expr::col(column).is_not_null())
            .take()
    })
}

/// Only the column goes to NULL, and not the organization with it (PostgreSQL 15).
fn foreign_key(table: &str, column: &str, target: &str) -> String {
    format!(
        "ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_fkey FOREIGN KEY (organization_id, {column}) \
         REFERENCES {target} (organization_id, id) ON DELETE SET NULL ({column})"
    )
}

fn triggers(table: &str, column: &str, target: &str) -> Vec<String> {
    let missing = format!(
        "WHEN NEW.{column} IS NOT NULL AND NOT EXISTS \
         (SELECT 1 FROM {target} WHERE organization_id = NEW.organization_id AND id = NEW.{column}) \
         BEGIN SELECT RAISE(ABORT, '{table}_{column}_fkey'); END"
    );
    vec![
        format!("CREATE TRIGGER {table}_{column}_insert BEFORE INSERT ON {table} {missing}"),
        format!("CREATE TRIGGER {table}_{column}_update BEFORE UPDATE OF {column} ON {table} {missing}"),
        format!(
            "CREATE TRIGGER {table}_{column}_delete AFTER DELETE ON {target} BEGIN UPDATE {table} SET {column} = NULL \
             WHERE organization_id = OLD.organization_id AND {column} = OLD.id; END"
        ),
    ]
}
