//! Every lead has one row with its score, which is the sum of its ledger, and no row is without its lead.

use crate::database::Database;
use groundswell_migrations::Migrator;
use groundswell_storage::admin;
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;
use std::fmt::Debug;
use uuid::Uuid;

const UNSCORED: &str = "SELECT COUNT(*) FROM leads WHERE NOT EXISTS (SELECT 1 FROM lead_scores AS score \
    WHERE score.organization_id = leads.organization_id AND score.lead_id = leads.id)";
const ORPHANS: &str = "SELECT COUNT(*) FROM lead_scores WHERE NOT EXISTS (SELECT 1 FROM leads \
    WHERE leads.organization_id = lead_scores.organization_id AND leads.id = lead_scores.lead_id)";
const WRONG: &str = "SELECT COUNT(*) FROM lead_scores AS score WHERE score.total <> score.fit + score.engagement \
    OR score.total <> COALESCE((SELECT SUM(line.points) FROM score_entries AS line \
      WHERE line.organization_id = score.organization_id AND line.lead_id = score.lead_id), 0)";

/// Whatever a suite did to leads: added, scored, imported, merged, took back, deleted or erased them.
pub async fn every_lead_has_one(database: &Database) {
    let tool = sea_orm::Database::connect(admin::reaching_everything(&database.url))
        .await
        .unwrap();
    for (what, sql) in [
        ("leads without a score", UNSCORED),
        ("scores without a lead", ORPHANS),
        ("scores that are not the sums of their ledgers", WRONG),
    ] {
        let rows: Vec<i64> = numbers(&tool, sql).await;
        assert_eq!(rows, [0], "{what}");
    }
    tool.close().await.unwrap();
}

async fn numbers<T: sea_orm::TryGetable + Debug>(tool: &DatabaseConnection, sql: &str) -> Vec<T> {
    let statement = Statement::from_string(tool.get_database_backend(), sql);
    let rows = tool.query_all_raw(statement).await.unwrap();
    let columns = |row: &sea_orm::QueryResult| {
        let many = row.column_names().len();
        (0..many)
            .map(|at| row.try_get_by_index(at).unwrap())
            .collect::<Vec<T>>()
    };
    rows.iter().flat_map(columns).collect()
}

const INSERT: &str = "INSERT INTO leads (organization_id, id, email, email_key, source, status, stage, tags, custom_fields, \
    score_total, score_fit, score_engagement, search_text, created_at, updated_at, version, furthest_stage) \
    VALUES ($1, $2, $3, $3, 'form', 'new', 'new', $4, $5, $6, $7, $8, '', $9, $9, 1, 'new')";

async fn scores_move_with_their_leads(database: &Database) {
    let tool = sea_orm::Database::connect(admin::reaching_everything(&database.url))
        .await
        .unwrap();
    let migrations = Migrator::migrations();
    let before = migrations
        .iter()
        .position(|step| step.name().contains("m0028"))
        .unwrap();
    Migrator::up(&tool, Some(u32::try_from(before).unwrap()))
        .await
        .unwrap();
    let backend = tool.get_database_backend();
    let time: chrono::DateTime<chrono::Utc> = "2026-11-18T09:00:00Z".parse().unwrap();
    for (organization, lead, (fit, engagement)) in [(1, 1, (3, 4)), (1, 2, (0, 0)), (2, 1, (-5, 2))] {
        let values = [
            Uuid::from_u128(organization).into(),
            Uuid::from_u128(lead).into(),
            format!("lead{lead}@example.com").into(),
            serde_json::json!([]).into(),
            serde_json::json!({}).into(),
            (fit + engagement).into(),
            fit.into(),
            engagement.into(),
            time.into(),
        ];
        let insert = Statement::from_sql_and_values(backend, INSERT, values);
        tool.execute_raw(insert).await.unwrap();
    }
    Migrator::up(&tool, None).await.unwrap();
    let sql = "SELECT total, fit, engagement FROM lead_scores ORDER BY organization_id, lead_id";
    let rows: Vec<i32> = numbers(&tool, sql).await;
    assert_eq!(rows, [7, 3, 4, 0, 0, 0, -3, -5, 2]);
    for sql in [UNSCORED, ORPHANS] {
        let rows: Vec<i64> = numbers(&tool, sql).await;
        assert_eq!(rows, [0]);
    }
    let delete = Statement::from_string(backend, "DELETE FROM leads WHERE email = 'lead1@example.com'");
    assert_eq!(tool.execute_raw(delete).await.unwrap().rows_affected(), 2);
    let rows: Vec<i64> = numbers(&tool, "SELECT COUNT(*) FROM lead_scores").await;
    assert_eq!(rows, [1], "they go with their leads");
    tool.close().await.unwrap();
}

#[tokio::test]
async fn scores_move_with_their_leads_on_sqlite() {
    scores_move_with_their_leads(&Database::empty_sqlite().await).await;
}

#[tokio::test]
async fn scores_move_with_their_leads_on_postgres() {
    let Some(database) = Database::empty_postgres().await else {
        return;
    };
    scores_move_with_their_leads(&database).await;
    database.drop().await;
}
