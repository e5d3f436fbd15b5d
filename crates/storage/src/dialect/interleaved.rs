//! Many organizations on few connections, with statements that forget to name theirs: nobody sees a row of another,
//! whatever was left half done on the connection before.
//!
//! `GROUNDSWELL_TEST_REQUESTS` sets how many requests; 50,000 is the size of the drill.

use super::{Connection, Reach, Transaction};
use crate::admin;
use crate::connect::{ConnectOptions, connect};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::task::JoinSet;
use uuid::Uuid;

const ORGANIZATIONS: u64 = 200;
const ROWS: usize = 3;
const AT_ONCE: u64 = 16;

fn organization(number: u64) -> Uuid {
    Uuid::from_u64_pair(0x0190_0000_0000_7000, 0x8000_0000_0000_0000 | number)
}

fn sql(text: impl Into<String>) -> Statement {
    Statement::from_string(DbBackend::Postgres, text)
}

/// The organizations of all rows that a forgetful query sees.
async fn seen(conn: &impl ConnectionTrait) -> Result<Vec<Uuid>, DbErr> {
    conn.query_all_raw(sql("SELECT organization_id FROM lead_counters"))
        .await?
        .iter()
        .map(|row| row.try_get_by_index(0))
        .collect()
}

#[derive(Default)]
struct Tally {
    answered: AtomicU64,
    cancelled: AtomicU64,
    failed: AtomicU64,
    foreign: AtomicU64,
}

impl Tally {
    fn check(&self, ours: Uuid, seen: &[Uuid]) {
        self.answered.fetch_add(1, Ordering::Relaxed);
        if seen.len() < ROWS || seen.iter().any(|organization| *organization != ours) {
            self.foreign.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn in_a_transaction(
    transaction: Transaction,
    ours: Uuid,
    dice: u64,
    tally: &Tally,
) -> Result<(), DbErr> {
    tally.check(ours, &seen(&transaction).await?);
    transaction
        .execute_raw(sql("UPDATE lead_counters SET leads = leads + 1"))
        .await?;
    match dice % 4 {
        0 => transaction.commit().await,
        // Fails, and leaves a transaction that does nothing any more.
        1 => transaction.execute_raw(sql("SELECT 1 / 0")).await.map(drop),
        2 => {
            let other = organization(dice / 4 % ORGANIZATIONS);
            transaction.turn_to(Reach::Organization(other)).await?;
            tally.check(other, &seen(&transaction).await?);
            Ok(())
        }
        _ => Ok(()),
    }
}

async fn alone(conn: &Connection, ours: Uuid, dice: u64, tally: &Tally) -> Result<(), DbErr> {
    match dice % 3 {
        0 => conn.execute_raw(sql("SELECT 1 / 0")).await.map(drop),
        1 => {
            let done = conn
                .execute_raw(sql("UPDATE lead_counters SET leads = leads + 1"))
                .await?;
            tally.check(ours, &vec![ours; usize::try_from(done.rows_affected()).unwrap()]);
            if done.rows_affected() != ROWS as u64 {
                tally.foreign.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        }
        _ => {
            tally.check(ours, &seen(conn).await?);
            Ok(())
        }
    }
}

/// Numbers that look like chance and are the same in every run (`SplitMix64`: Steele, Lea, Flood, OOPSLA 2014).
fn dice(number: u64) -> u64 {
    let mut z = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_sees_a_foreign_row() {
    let Ok(server) = std::env::var("GROUNDSWELL_TEST_PG_URL") else {
        assert!(
            std::env::var("GROUNDSWELL_TEST_SKIP_PG").is_ok_and(|value| value == "1"),
            "GROUNDSWELL_TEST_PG_URL names no PostgreSQL server to test on: run scripts/test"
        );
        return;
    };
    let requests = std::env::var("GROUNDSWELL_TEST_REQUESTS").map_or(4000, |text| text.parse().unwrap());
    let name = format!("gs_walls_{}", std::process::id());
    admin::drop_database(&server, &name).await.unwrap();
    let url = admin::create_database(&server, &name).await.unwrap();
    let options = ConnectOptions {
        max_connections: 2,
        acquire_timeout: Duration::from_mins(1),
        ..ConnectOptions::default()
    };
    let store = connect(&url, &options).await.unwrap();
    store.migrate().await.unwrap();
    for number in 0..ORGANIZATIONS {
        let ours = organization(number);
        let conn = store.pools.writer.reaching(Reach::Organization(ours));
        let rows = (0..ROWS).map(|slot| format!("('{ours}', {slot}, 'new', 1)"));
        let rows = rows.collect::<Vec<_>>().join(", ");
        conn.execute_raw(sql(format!("INSERT INTO lead_counters VALUES {rows}")))
            .await
            .unwrap();
    }

    let (tally, store) = (Arc::new(Tally::default()), Arc::new(store));
    let mut clients = JoinSet::new();
    for client in 0..AT_ONCE {
        let (tally, store) = (tally.clone(), store.clone());
        clients.spawn(async move {
            for request in (client..requests).step_by(usize::try_from(AT_ONCE).unwrap()) {
                let dice = dice(request);
                let ours = organization(dice % ORGANIZATIONS);
                let reach = Reach::Organization(ours);
                let work = async {
                    if dice >> 8 & 1 == 0 {
                        let transaction = store.pools.writer.begin(reach).await?;
                        in_a_transaction(transaction, ours, dice >> 9, &tally).await
                    } else {
                        alone(&store.pools.reader.reaching(reach), ours, dice >> 9, &tally).await
                    }
                };
                // Every fourth one is given up somewhere on the way, as when a caller hangs up.
                let patience = if (dice >> 40).is_multiple_of(4) {
                    Duration::from_micros(dice >> 42 & 0xfff)
                } else {
                    Duration::from_mins(1)
                };
                match tokio::time::timeout(patience, work).await {
                    Err(_) => tally.cancelled.fetch_add(1, Ordering::Relaxed),
                    Ok(Err(error)) => {
                        // The one that was asked for, and none that a predecessor left behind.
                        assert!(error.to_string().contains("division by zero"), "{error}");
                        tally.failed.fetch_add(1, Ordering::Relaxed)
                    }
                    Ok(Ok(())) => 0,
                };
            }
        });
    }
    while let Some(ended) = clients.join_next().await {
        ended.unwrap();
    }
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{requests} requests: {} answers, {} failed, {} cancelled",
        count(&tally.answered),
        count(&tally.failed),
        count(&tally.cancelled)
    );
    assert!(count(&tally.answered) > requests / 3);
    assert!(count(&tally.failed) > requests / 10 && count(&tally.cancelled) > requests / 50);
    assert_eq!(count(&tally.foreign), 0);
    store.close().await;
    admin::drop_database(&server, &name).await.unwrap();
}
