//! Row-level security: what PostgreSQL refuses even when a statement forgets to name its organization.

use crate::database::Database;
use groundswell_domain::SystemStore;
use sea_orm::sqlx::{self, AssertSqlSafe, Connection, Executor, PgConnection, Row};

/// Every table with an organization, as a tool of its own sees the catalog.
const TABLES: &str = "SELECT table_name::text FROM information_schema.columns
    WHERE table_schema = 'public' AND column_name = 'organization_id' ORDER BY 1";

async fn as_the_program(url: &str) -> PgConnection {
    let mut tool = PgConnection::connect(url).await.unwrap();
    tool.execute("SET ROLE groundswell_app").await.unwrap();
    tool
}

#[tokio::test]
async fn doctor_finds_the_walls_up_and_sees_when_one_is_down() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let isolation = database.store.isolation().await.unwrap();
    assert_eq!(isolation.broken, Some(Vec::new()));
    assert_eq!(isolation.slow, None);
    let mut owner = PgConnection::connect(&database.url).await.unwrap();
    for (change, complaint) in [
        ("ALTER TABLE leads NO FORCE ROW LEVEL SECURITY", "leads"),
        ("ALTER TABLE jobs DISABLE ROW LEVEL SECURITY", "jobs, leads"),
        ("CREATE POLICY open_door ON forms USING (true)", "forms"),
    ] {
        owner.execute(change).await.unwrap();
        let broken = database.store.isolation().await.unwrap().broken.unwrap();
        assert!(
            broken.iter().any(|text| text.contains(complaint)),
            "{change}: {broken:?}"
        );
    }
    owner.execute("DROP POLICY open_door ON forms").await.unwrap();
    // The command raises them again.
    database.store.migrate().await.unwrap();
    let isolation = database.store.isolation().await.unwrap();
    assert_eq!(isolation.broken, Some(Vec::new()));
    owner.close().await.unwrap();
    database.drop().await;
}

#[tokio::test]
async fn whoever_says_nothing_sees_and_writes_nothing() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let contract = database.contract();
    let (ours, theirs) = (contract.organization().await, contract.organization().await);
    for scope in [&ours, &theirs] {
        let lead = contract.make.lead("ada@example.com");
        contract.read(scope).leads().insert(&lead).await.unwrap();
    }
    let mut tool = as_the_program(&database.url).await;
    let tables: Vec<String> = sqlx::query_scalar(TABLES).fetch_all(&mut tool).await.unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    for table in tables.iter().map(String::as_str).chain(["organizations"]) {
        let count = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        let seen: i64 = sqlx::query_scalar(count).fetch_one(&mut tool).await.unwrap();
        assert_eq!(seen, 0, "{table} is open to whoever sets no organization");
    }
    // With an organization: its rows, and no others, in whatever way it asks.
    tool.execute(AssertSqlSafe(format!(
        "SET groundswell.organization = '{}'",
        ours.organization.0
    )))
    .await
    .unwrap();
    let seen: Vec<sqlx::types::Uuid> = sqlx::query("SELECT organization_id FROM leads")
        .fetch_all(&mut tool)
        .await
        .unwrap()
        .iter()
        .map(|row| row.get(0))
        .collect();
    assert_eq!(seen, [ours.organization.0]);
    for write in ["UPDATE leads SET name = 'x'", "DELETE FROM leads"] {
        let sql = format!("{write} WHERE organization_id = '{}'", theirs.organization.0);
        let done = tool.execute(AssertSqlSafe(sql)).await.unwrap();
        assert_eq!(done.rows_affected(), 0, "{write}");
    }
    let sql = format!("UPDATE leads SET organization_id = '{}'", theirs.organization.0);
    let refused = tool.execute(AssertSqlSafe(sql)).await.unwrap_err();
    assert!(refused.to_string().contains("row-level security"), "{refused}");
    let sql = format!(
        "INSERT INTO lead_counters (organization_id, slot, status, leads) VALUES ('{}', 0, 'new', 1)",
        theirs.organization.0
    );
    let refused = tool.execute(AssertSqlSafe(sql)).await.unwrap_err();
    assert!(refused.to_string().contains("row-level security"), "{refused}");
    // The program's role can't take the walls down.
    for sql in [
        "ALTER TABLE leads DISABLE ROW LEVEL SECURITY",
        "DROP POLICY groundswell_organization ON leads",
        "CREATE POLICY mine ON leads USING (true)",
        "DELETE FROM seaql_migrations",
    ] {
        assert!(tool.execute(sql).await.is_err(), "{sql}");
    }
    tool.close().await.unwrap();
    database.drop().await;
}
