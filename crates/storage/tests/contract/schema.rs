//! Migrations.

use crate::database::Database;
use groundswell_domain::SystemStore;
use groundswell_storage::{ConnectOptions, admin, connect};

async fn several_processes_migrate_at_once(database: &Database) {
    assert!(!database.store.pending_migrations().await.unwrap().is_empty());
    let mut processes = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let url = database.url.clone();
        processes.spawn(async move {
            let store = connect(&url, &ConnectOptions::default()).await.unwrap();
            store.migrate().await.unwrap();
            assert_eq!(store.pending_migrations().await.unwrap(), Vec::<String>::new());
            store.close().await;
        });
    }
    processes.join_all().await;
    assert_eq!(
        database.store.pending_migrations().await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_migrate_at_once_on_sqlite() {
    several_processes_migrate_at_once(&Database::empty_sqlite().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_migrate_at_once_on_postgres() {
    let Some(database) = Database::empty_postgres().await else {
        return;
    };
    several_processes_migrate_at_once(&database).await;
    database.drop().await;
}

async fn tells_about_itself(database: &Database, product: &str) {
    database.store.ping().await.unwrap();
    assert!(database.store.describe().await.unwrap().starts_with(product));
    let time = database.store.database_time().await.unwrap();
    assert!(time.timestamp() > 1_700_000_000, "{time} is long ago");
}

#[tokio::test]
async fn sqlite_tells_about_itself() {
    tells_about_itself(&Database::empty_sqlite().await, "SQLite 3.").await;
}

#[tokio::test]
async fn postgres_tells_about_itself() {
    let Some(database) = Database::empty_postgres().await else {
        return;
    };
    tells_about_itself(&database, "PostgreSQL 1").await;
    database.drop().await;
}

#[tokio::test]
async fn an_address_of_another_database_is_refused_with_a_sentence() {
    for url in ["mysql://localhost/x", "groundswell.db", ""] {
        let error = connect(url, &ConnectOptions::default()).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "the address of the database must start with sqlite:// or postgres://"
        );
    }
}

/// Not through the port, which has no way to try: as somebody with the database's own tools would.
async fn audit_entries_cannot_be_changed(database: &Database) {
    use groundswell_domain::audit::{ActorKind, AuditAction, AuditActor, AuditEntry, AuditFilter, AuditSort};
    use groundswell_domain::{PageRequest, Sort};
    use sea_orm::ConnectionTrait;
    let contract = database.contract();
    let scope = contract.organization().await;
    let entry = AuditEntry {
        id: contract.make.id(),
        created_at: contract.make.now(),
        actor: AuditActor {
            kind: ActorKind::Operator,
            user_id: None,
            api_key_id: None,
        },
        action: AuditAction::UserCreated,
        target: None,
        ip: None,
        user_agent: None,
        request_id: contract.make.id(),
        before: None,
        after: None,
    };
    contract
        .read(&scope)
        .audit()
        .append(std::slice::from_ref(&entry))
        .await
        .unwrap();
    let tool = sea_orm::Database::connect(admin::reaching_everything(&database.url))
        .await
        .unwrap();
    for change in ["action = 'user.login'", "created_at = created_at"] {
        let refused = tool
            .execute_unprepared(&format!("UPDATE audit_log SET {change}"))
            .await
            .unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    let page = PageRequest::first(10, Sort::descending(AuditSort::CreatedAt));
    let kept = contract
        .read(&scope)
        .audit()
        .list(&AuditFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(kept.items, [entry]);
    // With its organization it goes.
    tool.execute_unprepared("DELETE FROM organizations")
        .await
        .unwrap();
    let gone = contract
        .read(&scope)
        .audit()
        .list(&AuditFilter::default(), &page)
        .await
        .unwrap();
    assert_eq!(gone.items, []);
    tool.close().await.unwrap();
}

#[tokio::test]
async fn audit_entries_cannot_be_changed_on_sqlite() {
    audit_entries_cannot_be_changed(&Database::sqlite().await).await;
}

#[tokio::test]
async fn audit_entries_cannot_be_changed_on_postgres() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    audit_entries_cannot_be_changed(&database).await;
    database.drop().await;
}
