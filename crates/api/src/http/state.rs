//! What handlers are given.

use super::client_ip::Network;
use super::limits::{LimitSettings, Limiters, Limits};
use super::shared::SharedReads;
use chrono::{DateTime, Utc};
use groundswell_app::App;
use secrecy::SecretString;
use std::sync::Arc;
use std::time::Duration;

/// What an operator decides about HTTP.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    pub limits: LimitSettings,
    /// Only from these is `X-Forwarded-For` believed.
    pub trusted_proxies: Vec<Network>,
    /// Origins whose pages may call the API, as browsers write them: `https://app.example.com`.
    pub cors_origins: Vec<String>,
    /// People reach this server by a name of its own machine: nobody else does.
    pub local: bool,
    /// People reach this server over HTTPS only.
    pub https: bool,
    /// Until a request must be answered, and one that means much work ([`super::RouteClass::Heavy`]). What is streamed after
    /// that has no limit.
    pub request_timeout: Duration,
    pub heavy_timeout: Duration,
    /// Until the head of a request must be there.
    pub head_timeout: Duration,
    /// Largest JSON body and largest upload, in bytes.
    pub json_body: usize,
    pub upload: usize,
    /// Largest file of an import, in bytes.
    pub import_bytes: usize,
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
    pub fn new(app: App, settings: HttpSettings, limiters: Limiters) -> Self {
        Self {
            started_at: app.now(),
            app,
            limits: Arc::new(Limits::new(settings.limits.clone(), limiters)),
            shared: Arc::default(),
            settings: Arc::new(settings),
        }
    }
}
