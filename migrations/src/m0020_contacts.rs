//! What is known of leads' addresses and telephone numbers, the country that an organization means, and which opens and clicks
//! were a person's.

use crate::primary_keys;
use crate::table::index;
use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{boolean, json_binary_null, text_null, timestamp_with_time_zone_null};
use sea_orm_migration::sea_orm::{DbBackend, Statement};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Where addresses are kept as they are compared, and where such an address can be only once.
const KEYS: [(&str, &str, Once); 4] = [
    ("users", "email_key", Once::Everywhere),
    ("leads", "email_key", Once::InOrganization),
    ("suppressions", "email_key", Once::InOrganization),
    ("email_messages", "to_key", Once::Nowhere),
];

#[derive(Clone, Copy)]
enum Once {
    Everywhere,
    InOrganization,
    Nowhere,
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in [
            ("organizations", text_null("region").take()),
            ("leads", json_binary_null("verification").take()),
            ("leads", timestamp_with_time_zone_null("verify_at").take()),
            ("leads", text_null("phone_e164").take()),
            ("email_events", boolean("human").default(true).take()),
        ] {
            let change = Table::alter().table(table).add_column(column).take();
            manager.alter_table(change).await?;
        }
        // Only what is still to be looked at: most leads are not in it.
        let due = index("leads", "leads_verify_at", ["organization_id", "verify_at", "id"])
            .and_where(Expr::col("verify_at").is_not_null())
            .take();
        let by_phone = index("leads", "leads_phone_e164", ["organization_id", "phone_e164"])
            .and_where(Expr::col("phone_e164").is_not_null())
            .take();
        let by_time = index(
            "email_events",
            "email_events_created_at",
            ["organization_id", "created_at"],
        );
        for index in [due, by_phone, by_time] {
            manager.create_index(index).await?;
        }
        let conn = manager.get_connection();
        conn.execute_unprepared("UPDATE leads SET verify_at = created_at")
            .await?;
        for (table, column, once) in KEYS {
            domains_in_ascii(manager, table, column, once).await?;
        }
        primary_keys::make_youngest(manager).await
    }
}

/// Addresses are compared with their domains in ASCII from now on. One that is there in both spellings stays as it is: which
/// of the two is right is for people to say.
async fn domains_in_ascii(
    manager: &SchemaManager<'_>,
    table: &str,
    column: &str,
    once: Once,
) -> Result<(), DbErr> {
    let (conn, backend) = (manager.get_connection(), manager.get_database_backend());
    let beyond = if backend == DbBackend::Postgres {
        format!("{column} ~ '[^[:ascii:]]'")
    } else {
        format!("{column} GLOB '*[^ -~]*'")
    };
    let found = Statement::from_string(
        backend,
        format!("SELECT DISTINCT {column} FROM {table} WHERE {beyond}"),
    );
    for row in conn.query_all_raw(found).await? {
        let old: String = row.try_get_by_index(0)?;
        let Some((local, domain)) = old.rsplit_once('@') else {
            continue;
        };
        let Ok(ascii) = idna::domain_to_ascii_strict(domain) else {
            continue;
        };
        let new = format!("{local}@{ascii}");
        if new == old {
            continue;
        }
        let other = format!("SELECT 1 FROM {table} AS other WHERE other.{column} = $2");
        let free = match once {
            Once::Everywhere => format!("AND NOT EXISTS ({other})"),
            Once::InOrganization => {
                format!("AND NOT EXISTS ({other} AND other.organization_id = {table}.organization_id)")
            }
            Once::Nowhere => String::new(),
        };
        let sql = format!("UPDATE {table} SET {column} = $2 WHERE {column} = $1 {free}");
        conn.execute_raw(Statement::from_sql_and_values(
            backend,
            sql,
            [old.into(), new.into()],
        ))
        .await?;
    }
    Ok(())
}
