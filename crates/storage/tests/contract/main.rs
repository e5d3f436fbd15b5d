//! Every contract suite on SQLite and on PostgreSQL, and what only this adapter promises. One binary: linking is what
//! takes the time.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests, where a panic is the message"
)]

mod database;
mod older_addresses;
mod postgres;
mod schema;
mod scores;
mod walls;

use database::Database;

/// One test per suite and database, each on a database of its own.
macro_rules! suites {
    ($($module:ident :: $suite:ident),* $(,)?) => {
        mod contract_on_sqlite {
            use super::Database;
            use groundswell_testkit::contract;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $suite() {
                    let database = Database::sqlite().await;
                    contract::$module::$suite(&database.contract()).await;
                    crate::scores::every_lead_has_one(&database).await;
                }
            )*
        }
        mod contract_on_postgres {
            use super::Database;
            use groundswell_testkit::contract;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $suite() {
                    let Some(database) = Database::postgres().await else { return };
                    contract::$module::$suite(&database.contract()).await;
                    crate::scores::every_lead_has_one(&database).await;
                    database.drop().await;
                }
            )*
        }
    };
}

suites! {
    audit::audit,
    brand::brand,
    campaigns::campaigns,
    captures::captures,
    clients::clients,
    consents::consents,
    duplicates::duplicates,
    bounces::bounces,
    email::email,
    enrichment::enrichment,
    forms::forms,
    goals::goals,
    halt::halt,
    idempotency::idempotency,
    identity::identity,
    imports::imports,
    sources::sources,
    templates::templates,
    topics::topics,
    undo::undo,
    jobs::jobs,
    leads::leads,
    ledger::ledger,
    pipeline::pipeline,
    predictions::predictions,
    privacy::privacy,
    projects::projects,
    qualification::qualification,
    queue::queue,
    queue_turns::queue_turns,
    schedules::schedules,
    scoring::scoring,
    secrets::secrets,
    visits::visits,
    segments::segments,
    sending::sending, sequences::sequences,
}
