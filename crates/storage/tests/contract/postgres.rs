//! What only PostgreSQL can show: lost connections, several processes, plans of queries.

use crate::database::Database;
use groundswell_domain::jobs::{JobEnd, JobQueue, JobStatus, Queue, Wanted};
use groundswell_domain::{StoreError, SystemStore};
use groundswell_storage::{ConnectOptions, admin, connect};
use sea_orm::sqlx::postgres::PgPoolOptions;
use sea_orm::sqlx::{self, PgPool};
use std::time::Duration;

/// Ends every other connection to this database, as a restart of the server does.
async fn end_connections(pool: &PgPool) {
    sqlx::query("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        .execute(pool)
        .await
        .unwrap();
}

async fn direct(database: &Database) -> PgPool {
    PgPoolOptions::new()
        .max_connections(1)
        .connect(&admin::reaching_everything(&database.url))
        .await
        .unwrap()
}

#[tokio::test]
async fn primary_keys_are_the_youngest_indexes() {
    const OLDER: &str = "SELECT conname::text FROM pg_constraint AS key WHERE contype = 'p' \
        AND connamespace = 'public'::regnamespace AND conname <> 'seaql_migrations_pkey' \
        AND EXISTS (SELECT FROM pg_index WHERE indrelid = key.conrelid AND indexrelid > key.conindid)";
    let Some(database) = Database::postgres().await else {
        return;
    };
    let older: Vec<String> = sqlx::query_scalar(OLDER)
        .fetch_all(&direct(&database).await)
        .await
        .unwrap();
    assert_eq!(older, Vec::<String>::new(), "see docs/decisions/0008");
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_pool_recovers_from_lost_connections() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let contract = database.contract();
    let scope = contract.organization().await;
    let other = direct(&database).await;
    let unit = contract.begin(&scope).await;
    end_connections(&other).await;
    let lost = unit
        .jobs()
        .enqueue(&contract.make.job("lost"), contract.make.now())
        .await;
    assert!(matches!(lost, Err(StoreError::Unavailable(_))), "{lost:?}");
    drop(unit);
    // Connections that were used a moment ago are handed out untested: each may fail once, and never as a fault.
    let mut failures = 0;
    while let Err(error) = database.store.ping().await {
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        failures += 1;
        assert!(
            failures <= ConnectOptions::default().max_connections,
            "a broken connection came back to the pool"
        );
    }
    let unit = contract.begin(&scope).await;
    unit.jobs()
        .enqueue(&contract.make.job("recovered"), contract.make.now())
        .await
        .unwrap();
    unit.commit().await.unwrap();
    other.close().await;
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn work_of_one_process_wakes_another() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let contract = database.contract();
    let scope = contract.organization().await;
    let worker = connect(&database.url, &ConnectOptions::default()).await.unwrap();
    // Its listener wakes it once when it is ready.
    tokio::time::timeout(Duration::from_secs(10), worker.wait_for_work())
        .await
        .unwrap();
    contract
        .read(&scope)
        .jobs()
        .enqueue(&contract.make.job("wakes"), contract.make.now())
        .await
        .unwrap();
    tokio::time::timeout(Duration::from_secs(10), worker.wait_for_work())
        .await
        .unwrap();
    worker.close().await;
    drop(worker);
    database.drop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lock_held_by_another_is_not_waited_for_long() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let contract = database.contract();
    let scope = contract.organization().await;
    let job = contract.make.job("locked");
    contract
        .read(&scope)
        .jobs()
        .enqueue(&job, contract.make.now())
        .await
        .unwrap();
    let holder = contract.begin(&scope).await;
    assert!(holder.jobs().cancel(job.id, contract.make.now()).await.unwrap());
    let waited = contract
        .read(&scope)
        .jobs()
        .cancel(job.id, contract.make.now())
        .await;
    assert!(matches!(waited, Err(StoreError::Unavailable(_))), "{waited:?}");
    drop(holder);
    database.drop().await;
}

/// Rows of the table `jobs` that were read without an index since the database was made.
async fn read_one_by_one(pool: &PgPool) -> i64 {
    sqlx::query_scalar("SELECT seq_tup_read FROM pg_stat_user_tables WHERE relname = 'jobs'")
        .fetch_one(pool)
        .await
        .unwrap()
}

/// A server process reports its statistics when it ends; this one is known by its last query.
async fn wait_for_the_end_of_its_server_process(pool: &PgPool) {
    let running = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'groundswell' AND query LIKE '%AS jobs FROM jobs%'
                   AND datname = current_database() AND pid <> pg_backend_pid()";
    let ended = async {
        while sqlx::query_scalar::<_, i64>(running)
            .fetch_one(pool)
            .await
            .unwrap()
            > 0
        {}
    };
    tokio::time::timeout(Duration::from_secs(10), ended)
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn working_off_the_queue_does_not_read_finished_jobs() {
    let Some(database) = Database::postgres().await else {
        return;
    };
    let contract = database.contract();
    let scope = contract.organization().await;
    let other = direct(&database).await;
    sqlx::query(
        "INSERT INTO jobs (organization_id, id, kind, payload, status, priority, attempt, max_attempts, run_at, created_at)
         SELECT $1, gen_random_uuid(), 'old', '{}', CASE WHEN n % 500 = 0 THEN 'queued' ELSE 'succeeded' END, 10, 1, 3, $2, $2
         FROM generate_series(1, 50000) AS n",
    )
    .bind(scope.organization.0)
    .bind(contract.make.now())
    .execute(&other)
    .await
    .unwrap();
    sqlx::query("ANALYZE jobs").execute(&other).await.unwrap();
    let before = read_one_by_one(&other).await;

    let options = ConnectOptions {
        max_connections: 1,
        ..ConnectOptions::default()
    };
    let worker = connect(&database.url, &options).await.unwrap();
    let (lease, now) = (contract.make.id(), contract.make.now());
    let until = now + chrono::TimeDelta::seconds(60);
    let old = Wanted {
        queue: Queue::Default,
        kinds: &["old"],
        limit: 10,
    };
    // More than five times: from then on the server may use a plan that knows no parameters.
    for _ in 0..8 {
        let jobs = worker.jobs().claim(&[old], lease, now, until).await.unwrap();
        assert_eq!(jobs.len(), 10);
        for job in jobs {
            assert!(worker.jobs().heartbeat(job.id, lease, until).await.unwrap());
            assert!(
                worker
                    .jobs()
                    .finish(job.id, lease, &JobEnd::Succeeded, now)
                    .await
                    .unwrap()
            );
        }
    }
    assert_eq!(
        worker.jobs().depth().await.unwrap(),
        [("old".to_owned(), JobStatus::Queued, 20)]
    );
    worker.close().await;
    wait_for_the_end_of_its_server_process(&other).await;
    assert_eq!(read_one_by_one(&other).await - before, 0);
    other.close().await;
    database.drop().await;
}
