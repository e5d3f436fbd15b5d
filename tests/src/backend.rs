//! The two databases, and how a test gets one of its own.

use groundswell_storage::admin;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// An empty database, and what must be removed afterwards.
pub(crate) struct Database {
    pub url: String,
    pub folder: PathBuf,
    server: Option<(String, String)>,
}

impl Database {
    pub(crate) async fn create(backend: Backend) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "gs_e2e_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let folder = std::env::temp_dir().join(&name);
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(&folder).unwrap();
        match backend {
            Backend::Sqlite => Self {
                url: format!("sqlite://{}", folder.join("test.db").display()),
                folder,
                server: None,
            },
            Backend::Postgres => {
                let server = std::env::var("GROUNDSWELL_TEST_PG_URL").unwrap_or_else(|_| {
                    panic!("GROUNDSWELL_TEST_PG_URL names no PostgreSQL server to test on: run scripts/test")
                });
                admin::drop_database(&server, &name).await.unwrap();
                let url = admin::create_database(&server, &name).await.unwrap();
                Self {
                    url,
                    folder,
                    server: Some((server, name)),
                }
            }
        }
    }

    pub(crate) async fn remove(self) {
        if let Some((server, name)) = &self.server {
            admin::drop_database(server, name).await.unwrap();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
