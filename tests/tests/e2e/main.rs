//! End to end over HTTP, on SQLite and on PostgreSQL.

/// Makes a test for each database out of one async function over a [`groundswell_tests::Backend`].
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {$(
        mod $name {
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                super::$name(groundswell_tests::Backend::Sqlite).await;
            }
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                super::$name(groundswell_tests::Backend::Postgres).await;
            }
        }
    )+};
}

mod first_light;
