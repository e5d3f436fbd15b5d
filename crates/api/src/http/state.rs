//! What handlers are given.

use super::client_ip::Network;
use super::limits::Limits;
use super::shared::SharedReads;
use chrono::{DateTime, Utc};
use groundswell_app::App;
use secrecy::SecretString;
use std::sync::Arc;

/// What an operator decides about HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// Rate limits are enforced.
    pub limits: bool,
    /// Only from these is `X-Forwarded-For` believed.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may call the API, as browsers write them: `https://app.example.com`.
    pub cors_origins: Vec<String>,
    /// People reach this server over HTTPS only.
    pub https: bool,
    /// Largest JSON body and largest upload, in bytes.
    pub json_body: usize,
    pub upload: usize,
    /// Shown by the health page.
    pub environment: String,
    /// What `/metrics` asks for; without it, it answers on loopback only.
    pub metrics_token: Option<SecretString>,
}

/// Cheap to clone; one per server.
#[derive(Clone)]
pub struct ApiState {
    pub app: App,
    pub limits: Arc<Limits>,
    pub shared: Arc<SharedReads>,
    pub settings: Arc<HttpSettings>,
    pub started_at: DateTime<Utc>,
}

impl ApiState {
    pub fn new(app: App, settings: HttpSettings) -> Self {
        Self {
            started_at: app.now(),
            app,
            limits: Arc::new(Limits::new(settings.limits)),
            shared: Arc::default(),
            settings: Arc::new(settings),
        }
    }
}
