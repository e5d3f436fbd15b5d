//! One running server.

use crate::account::Account;
use crate::backend::{Backend, Database};
use chrono::TimeDelta;
use groundswell_app::App;
use groundswell_platform::{Argon2Hasher, SystemEntropy, SystemIds};
use groundswell_server::compose::{Composed, Machine, Schema, compose_on};
use groundswell_server::config::Config;
use groundswell_server::serve;
use groundswell_testkit::{FakeWeb, TestClock};
use reqwest::header::{ACCEPT_LANGUAGE, HeaderValue};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use std::net::TcpListener;
use std::sync::Arc;

/// What a test wants different.
#[derive(Debug, Default, Clone)]
pub struct Options {
    /// Mail goes to this SMTP server instead of the outbox.
    pub smtp_url: Option<String>,
    /// Rate limits are off unless a test is about them.
    pub limits: bool,
    /// Settings by their dotted names, for example `email.send_group`.
    pub settings: Vec<(&'static str, Value)>,
    /// Answers instead of the internet.
    pub web: Option<FakeWeb>,
}

/// A lock on the leads.
pub struct Held(sea_orm::DatabaseConnection);

impl Held {
    pub async fn release(self) {
        self.0.execute_unprepared("ROLLBACK").await.unwrap();
        self.0.close().await.unwrap();
    }
}

pub struct TestServer {
    pub base: String,
    pub app: App,
    pub clock: Arc<TestClock>,
    pub http: reqwest::Client,
    running: serve::Running,
    composed: Composed,
    database: Database,
}

impl TestServer {
    pub async fn start(backend: Backend) -> Self {
        Self::start_with(backend, Options::default()).await
    }

    pub async fn start_with(backend: Backend, options: Options) -> Self {
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let database = Database::create(backend).await;
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let mut settings = json!({
            "server": { "public_url": base, "workers": 2, "environment": "test" },
            "data": { "dir": database.folder },
            "database": { "url": database.url },
            "limits": { "enabled": options.limits },
            // But for tests that are about it: nobody else expects a mail for a registration.
            "auth": { "confirm_addresses": false },
            // Whoever tests what the DNS says brings a name server.
            "dns": { "enabled": false }
        });
        if let Some(url) = &options.smtp_url {
            settings["email"] =
                json!({ "transport": "smtp", "smtp_url": url, "from": "Test <news@sender.example>" });
        }
        for (name, value) in &options.settings {
            let (section, key) = name.split_once('.').unwrap();
            settings[section][key] = value.clone();
        }
        let config = Config::with(&settings).unwrap();
        let clock = Arc::new(TestClock::default());
        let machine = Machine {
            clock: clock.clone(),
            ids: Arc::new(SystemIds),
            entropy: Arc::new(SystemEntropy),
            passwords: Some(Arc::new(Argon2Hasher::for_tests())),
            egress: options
                .web
                .clone()
                .map(|web| Arc::new(web) as Arc<dyn groundswell_domain::egress::Fetch>),
        };
        let composed = compose_on(&config, Schema::Migrate, machine).await.unwrap();
        let app = composed.app.clone();
        let running = serve::start(&config, app.clone(), listener).unwrap();
        // As a browser would: what names no language is taken for a program when it follows links of mails.
        let language = [(ACCEPT_LANGUAGE, HeaderValue::from_static("en"))];
        let http = reqwest::Client::builder()
            .default_headers(language.into_iter().collect())
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            base,
            app,
            clock,
            http,
            running,
            composed,
            database,
        }
    }

    /// Runs every job that is due, and what those make due.
    pub async fn drain(&self) -> u64 {
        groundswell_worker::drain(&self.app).await.unwrap()
    }

    /// Moves the clock on, and drains.
    pub async fn after(&self, step: TimeDelta) -> u64 {
        self.clock.advance(step);
        self.drain().await
    }

    /// The same for one kind of job only.
    pub async fn drain_kind(&self, kind: &str) -> u64 {
        groundswell_worker::drain_kind(&self.app, kind).await.unwrap()
    }

    /// Judges and counts the opens and clicks that wait.
    pub async fn judge_visits(&self) {
        self.drain_kind("email.take_visits").await;
    }

    /// Changes the database behind the server's back: for tests of what happens when it fails.
    pub async fn sabotage(&self, sql: &str) {
        let connection = self.tool().await;
        connection.execute_unprepared(sql).await.unwrap();
        connection.close().await.unwrap();
    }

    /// A connection of somebody with the database's own tools.
    pub(crate) async fn tool(&self) -> sea_orm::DatabaseConnection {
        let url = groundswell_storage::admin::reaching_everything(&self.database.url);
        let mut options = sea_orm::ConnectOptions::new(url);
        options.max_connections(1);
        sea_orm::Database::connect(options).await.unwrap()
    }

    /// The data folder.
    pub fn folder(&self) -> &std::path::Path {
        &self.database.folder
    }

    /// From now on nobody can write leads, until what is returned is let go with [`Held::release`].
    pub async fn hold_leads(&self) -> Held {
        let connection = self.tool().await;
        let sql = if self.database.url.starts_with("sqlite") {
            "BEGIN IMMEDIATE"
        } else {
            "BEGIN; LOCK TABLE leads IN ACCESS EXCLUSIVE MODE"
        };
        connection.execute_unprepared(sql).await.unwrap();
        Held(connection)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// Every byte that is kept in the data folder: the database of SQLite with its log.
    pub fn stored_bytes(&self) -> Vec<u8> {
        let files = std::fs::read_dir(&self.database.folder).unwrap();
        files
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .flat_map(|path| std::fs::read(path).unwrap())
            .collect()
    }

    /// Everything that is kept, as bytes to search in: the files of the data folder, and on PostgreSQL every row of every
    /// table as text, where bytes are written in hexadecimal.
    pub async fn everything_stored(&self) -> Vec<u8> {
        let mut all = self.stored_bytes();
        let connection = sea_orm::Database::connect(groundswell_storage::admin::reaching_everything(
            &self.database.url,
        ))
        .await
        .unwrap();
        if connection.get_database_backend() == sea_orm::DbBackend::Postgres {
            let texts = async |sql: String| {
                let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
                let rows = connection.query_all_raw(statement).await.unwrap();
                let text = |row: &sea_orm::QueryResult| row.try_get_by_index::<String>(0).unwrap();
                rows.iter().map(text).collect::<Vec<_>>()
            };
            let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()";
            for table in texts(tables.to_owned()).await {
                for row in texts(format!("SELECT t::text FROM \"{table}\" AS t")).await {
                    all.extend_from_slice(row.as_bytes());
                    all.push(b'\n');
                }
            }
        }
        connection.close().await.unwrap();
        all
    }

    /// A new organization with its `company_admin`.
    pub async fn register(&self, name: &str) -> Account<'_> {
        let email = format!("{}@{}.example", name.to_lowercase(), name.to_lowercase());
        let body = json!({ "email": email, "password": "correct horse", "name": name, "organization_name": format!("{name} Ltd") });
        let answer = self
            .http
            .post(self.url("/api/auth/register"))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201, "register");
        let data: Value = answer.json().await.unwrap();
        Account::new(self, &data["data"])
    }

    /// Ends the server. No job that is due may be left: a test that forgot some has not seen everything.
    pub async fn stop(self) {
        assert_eq!(self.drain().await, 0, "jobs were left in the queue");
        self.discard().await;
    }

    /// Ends the server, whatever is left in the queue.
    pub async fn discard(self) {
        self.running.stop(false).await;
        self.composed.store.close().await;
        self.database.remove().await;
    }
}
