//! Addresses that were kept before domains were compared in ASCII.

use crate::database::Database;
use chrono::{DateTime, Utc};
use groundswell_migrations::Migrator;
use groundswell_storage::admin;
use sea_orm::{ConnectionTrait, Statement};
use sea_orm_migration::MigratorTrait;
use uuid::Uuid;

const INSERT: &str = "INSERT INTO leads (organization_id, id, email, email_key, source, status, stage, tags, custom_fields, \
    score_total, score_fit, score_engagement, search_text, created_at, updated_at, version) \
    VALUES ($1, $2, $3, $3, 'form', 'new', 'lead', $4, $5, 0, 0, 0, '', $6, $6, 1)";

async fn keys_get_their_domain_in_ascii(database: &Database) {
    let tool = sea_orm::Database::connect(admin::reaching_everything(&database.url))
        .await
        .unwrap();
    let migrations = Migrator::migrations();
    let before = migrations
        .iter()
        .position(|step| step.name().contains("m0020"))
        .unwrap();
    Migrator::up(&tool, Some(u32::try_from(before).unwrap()))
        .await
        .unwrap();
    let backend = tool.get_database_backend();
    let (mine, theirs) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let time: DateTime<Utc> = "2026-11-18T09:00:00Z".parse().unwrap();
    for (number, (organization, key)) in [
        (mine, "ada@bücher.example"),
        (mine, "jörg@example.org"),
        (mine, "grace@example.org"),
        (theirs, "ada@bücher.example"),
        (theirs, "ada@xn--bcher-kva.example"),
    ]
    .into_iter()
    .enumerate()
    {
        let id = Uuid::from_u128(100 + number as u128);
        let values = [
            organization.into(),
            id.into(),
            key.into(),
            serde_json::json!([]).into(),
            serde_json::json!({}).into(),
            time.into(),
        ];
        let insert = Statement::from_sql_and_values(backend, INSERT, values);
        tool.execute_raw(insert).await.unwrap();
    }
    Migrator::up(&tool, None).await.unwrap();
    let sql = "SELECT email_key, email, verify_at FROM leads ORDER BY id";
    let rows = tool
        .query_all_raw(Statement::from_string(backend, sql))
        .await
        .unwrap();
    let mut keys = Vec::new();
    for row in &rows {
        let (key, email, due): (String, String, DateTime<Utc>) = row.try_get_many_by_index().unwrap();
        assert!(
            !email.contains("xn--") || key == email,
            "what is shown stays as it was typed"
        );
        assert_eq!(due, time, "older leads are looked at, too");
        keys.push(key);
    }
    assert_eq!(
        keys,
        [
            "ada@xn--bcher-kva.example",
            "jörg@example.org",
            "grace@example.org",
            // Both spellings are there: people decide.
            "ada@bücher.example",
            "ada@xn--bcher-kva.example",
        ]
    );
    tool.close().await.unwrap();
}

#[tokio::test]
async fn keys_get_their_domain_in_ascii_on_sqlite() {
    keys_get_their_domain_in_ascii(&Database::empty_sqlite().await).await;
}

#[tokio::test]
async fn keys_get_their_domain_in_ascii_on_postgres() {
    let Some(database) = Database::empty_postgres().await else {
        return;
    };
    keys_get_their_domain_in_ascii(&database).await;
    database.drop().await;
}
