//! Every row of every table as text: for tests that nothing is left of somebody.

use crate::server::TestServer;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

async fn texts(connection: &DatabaseConnection, sql: &str) -> Vec<String> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let rows = connection.query_all_raw(statement).await.unwrap();
    rows.iter()
        .map(|row| row.try_get_by_index::<String>(0).unwrap())
        .collect()
}

impl TestServer {
    /// Table and row.
    pub async fn rows(&self) -> Vec<(String, String)> {
        let connection = self.tool().await;
        let postgres = connection.get_database_backend() == DbBackend::Postgres;
        let tables = if postgres {
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
        } else {
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        };
        let mut all = Vec::new();
        for table in texts(&connection, tables).await {
            let select = if postgres {
                format!("SELECT (t.*)::text FROM \"{table}\" AS t")
            } else {
                let names = format!("SELECT name FROM pragma_table_info('{table}')");
                let columns: Vec<_> = texts(&connection, &names)
                    .await
                    .into_iter()
                    .map(|name| format!("quote(\"{name}\")"))
                    .collect();
                format!("SELECT {} FROM \"{table}\"", columns.join(" || ',' || "))
            };
            let rows = texts(&connection, &select).await;
            all.extend(rows.into_iter().map(|row| (table.clone(), row)));
        }
        connection.close().await.unwrap();
        all
    }

    /// Those that hold this text, in any case.
    pub async fn rows_with(&self, text: &str) -> Vec<(String, String)> {
        let mut rows = self.rows().await;
        rows.retain(|(_, row)| row.to_lowercase().contains(&text.to_lowercase()));
        rows
    }
}
