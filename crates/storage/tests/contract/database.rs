//! A database for one test.

use groundswell_storage::{ConnectOptions, SeaStore, admin, connect};
use groundswell_testkit::Contract;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What must be removed afterwards.
enum Trace {
    Folder(PathBuf),
    Database { server: String, name: String },
}

pub struct Database {
    pub store: Arc<SeaStore>,
    pub url: String,
    trace: Trace,
}

/// A name that no other test and no other run has at this moment.
fn name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!(
        "gs_storage_{}_{}",
        std::process::id(),
        COUNT.fetch_add(1, Ordering::Relaxed)
    )
}

/// The PostgreSQL server for tests; `None` when tests on it were switched off.
pub fn server() -> Option<String> {
    if let Ok(url) = std::env::var("GROUNDSWELL_TEST_PG_URL") {
        return Some(url);
    }
    assert!(
        std::env::var("GROUNDSWELL_TEST_SKIP_PG").is_ok_and(|value| value == "1"),
        "GROUNDSWELL_TEST_PG_URL names no PostgreSQL server to test on: run scripts/test, \
         or set GROUNDSWELL_TEST_SKIP_PG=1 to leave these tests out"
    );
    None
}

impl Database {
    pub async fn sqlite() -> Self {
        let database = Self::empty_sqlite().await;
        database.store.migrate().await.unwrap();
        database
    }

    /// Without tables.
    pub async fn empty_sqlite() -> Self {
        let folder = std::env::temp_dir().join(name());
        std::fs::create_dir_all(&folder).unwrap();
        let url = format!("sqlite://{}", folder.join("test.sqlite").display());
        let store = Arc::new(connect(&url, &ConnectOptions::default()).await.unwrap());
        Self {
            store,
            url,
            trace: Trace::Folder(folder),
        }
    }

    pub async fn postgres() -> Option<Self> {
        let database = Self::empty_postgres().await?;
        database.store.migrate().await.unwrap();
        Some(database)
    }

    /// Without tables.
    pub async fn empty_postgres() -> Option<Self> {
        let server = server()?;
        let name = name();
        // Of a killed run with the same process id.
        admin::drop_database(&server, &name).await.unwrap();
        let url = admin::create_database(&server, &name).await.unwrap();
        let store = Arc::new(connect(&url, &ConnectOptions::default()).await.unwrap());
        Some(Self {
            store,
            url,
            trace: Trace::Database { server, name },
        })
    }

    pub fn contract(&self) -> Contract {
        Contract::new(self.store.clone(), self.store.clone())
    }

    /// Removes a PostgreSQL database; a folder goes by itself. After a failed test both may be looked at.
    pub async fn drop(self) {
        self.store.close().await;
        if let Trace::Database { server, name } = &self.trace {
            admin::drop_database(server, name).await.unwrap();
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Trace::Folder(folder) = &self.trace
            && !std::thread::panicking()
        {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}
