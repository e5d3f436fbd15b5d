//! Chooses the adapters that the configuration asks for, and puts them together.

use crate::config::Config;
use crate::config::issuers::trusted;
use crate::data_dir;
use crate::keys::{self, Keys};
use crate::mailers::mailer;
use crate::pseudonyms;
use groundswell_api::Limiters;
use groundswell_app::{App, Ports, Settings};
use groundswell_domain::StoreError;
use groundswell_domain::egress::Fetch;
use groundswell_domain::email::{DnsRecords, MailExchangers, NoRecords, WarmupPlan};
use groundswell_domain::platform::{Clock, Entropy, Ids};
use groundswell_egress::EgressClient;
use groundswell_email::{AwsLcDkim, JinjaTemplates};
use groundswell_limits::{MemoryLimiter, RedisLimiter, RedisOptions};
use groundswell_platform::{
    AesVault, Argon2Hasher, DnsExchangers, FileJournal, FileMark, FreshRecords, HmacLinks, HmacPseudonyms,
    NoExchangers, SignedTokens, SnsTopics, SystemClock, SystemEntropy, SystemIds, TrustedJwts, WebhookKeys,
};
use groundswell_storage::{ConnectOptions, SeaStore, connect};
use groundswell_web::HtmlReader;
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What tests replace; everything else is as in production.
pub struct Machine {
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub entropy: Arc<dyn Entropy>,
    /// `None`: Argon2id with the parameters of production.
    pub passwords: Option<Arc<dyn groundswell_domain::identity::PasswordHasher>>,
    /// `None`: the real internet, as far as the settings allow.
    pub egress: Option<Arc<dyn Fetch>>,
}

impl Default for Machine {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds),
            entropy: Arc::new(SystemEntropy),
            passwords: None,
            egress: None,
        }
    }
}

/// What becomes of a database that is not up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    Migrate,
    AsItIs,
}

/// An application with the store behind it.
pub struct Composed {
    pub app: App,
    pub store: Arc<SeaStore>,
    pub keys: Keys,
}

/// Opens the database that the configuration names. Makes the data folder when the database lies in it.
pub async fn open_store(config: &Config) -> Result<SeaStore, String> {
    let url = config.database_url();
    let embedded = config.database.url.expose_secret().is_empty();
    if embedded {
        data_dir::ensure(&config.data.dir)?;
    }
    let options = ConnectOptions {
        max_connections: config.database.max_connections,
        row_level_security: config.database.row_level_security,
        ..ConnectOptions::default()
    };
    let store = connect(url.expose_secret(), &options).await.map_err(|error| {
        let setting = if embedded { "data.dir" } else { "database.url" };
        format!("the database of the setting {setting} can't be opened: {error}")
    })?;
    if embedded {
        for name in ["groundswell.db", "groundswell.db-wal", "groundswell.db-shm"] {
            data_dir::narrow(&config.data.dir.join(name))?;
        }
    }
    Ok(store)
}

pub fn migrations_failed(error: &StoreError) -> String {
    format!("the migrations failed: {error}")
}

/// Where erasures are written down, apart from the database.
pub fn journal_path(config: &Config) -> PathBuf {
    config.data.dir.join("erasures.jsonl")
}

/// Where rate limits are counted. Needs a runtime, on which it connects to Redis in the background.
pub fn limiters(config: &Config, clock: Arc<dyn Clock>) -> Result<Limiters, String> {
    let local = Arc::new(MemoryLimiter::new(clock.clone()));
    let url = config.limits.redis_url.expose_secret();
    if url.is_empty() {
        return Ok(Limiters {
            shared: local.clone(),
            local,
        });
    }
    let options = RedisOptions {
        url: url.to_owned(),
        prefix: "groundswell:limits:".into(),
        time_limit: Duration::from_millis(config.limits.redis_timeout_ms),
    };
    let shared = RedisLimiter::new(options, clock)
        .map_err(|error| format!("the setting limits.redis_url is wrong: {error}"))?;
    Ok(Limiters {
        shared: Arc::new(shared),
        local,
    })
}

/// Who is asked about the domains of addresses. A machine without name servers can still do everything else.
fn exchangers(config: &Config) -> Result<Arc<dyn MailExchangers>, String> {
    if !config.dns.enabled {
        return Ok(Arc::new(NoExchangers));
    }
    match DnsExchangers::new(&config.nameservers()?) {
        Ok(asked) => Ok(Arc::new(asked)),
        Err(error) => {
            tracing::warn!(error, "addresses of leads are not verified: set dns.nameservers");
            Ok(Arc::new(NoExchangers))
        }
    }
}

/// Who is asked about the records of sending domains.
fn records(config: &Config) -> Result<Arc<dyn DnsRecords>, String> {
    if !config.dns.enabled {
        return Ok(Arc::new(NoRecords));
    }
    match FreshRecords::new(&config.nameservers()?) {
        Ok(asked) => Ok(Arc::new(asked)),
        Err(error) => {
            tracing::warn!(error, "sending domains can't be checked: set dns.nameservers");
            Ok(Arc::new(NoRecords))
        }
    }
}

/// Everything together, on the machine's own clock and randomness.
pub async fn compose(config: &Config, schema: Schema) -> Result<Composed, String> {
    compose_on(config, schema, Machine::default()).await
}

/// Everything together, on a given machine.
pub async fn compose_on(config: &Config, schema: Schema, machine: Machine) -> Result<Composed, String> {
    let store = Arc::new(open_store(config).await?);
    if schema == Schema::Migrate {
        store
            .migrate_if_needed()
            .await
            .map_err(|error| migrations_failed(&error))?;
    }
    let (entropy, now) = (machine.entropy.as_ref(), machine.clock.now());
    let (masters, keys) = keys::load(config, &store, entropy, now).await?;
    let vault = AesVault::new(masters.keyring(), machine.entropy.clone());
    let pseudonyms = pseudonyms::load(&store, &masters, &vault, entropy, now).await?;
    let mailer = mailer(config, store.clone(), machine.clock.clone())?;
    let (issuers, policies) = trusted(&config.auth.issuers)?;
    let issuers = TrustedJwts::new(issuers, &machine.clock).map_err(|error| error.to_string())?;
    let egress: Arc<dyn Fetch> = match machine.egress {
        Some(egress) => egress,
        None => Arc::new(EgressClient::new(config.egress.settings(&config.public_url()?)?)?),
    };
    let ports = Ports {
        store: store.clone(),
        system: store.clone(),
        clock: machine.clock,
        ids: machine.ids,
        entropy: machine.entropy.clone(),
        passwords: machine
            .passwords
            .unwrap_or_else(|| Arc::new(Argon2Hasher::default())),
        tokens: Arc::new(SignedTokens::new(&masters.current, machine.entropy.clone())),
        issuers: Arc::new(issuers),
        links: Arc::new(HmacLinks::new(&masters.current).accepting(&masters.old)),
        pseudonyms: Arc::new(HmacPseudonyms::new(&pseudonyms)),
        journal: Arc::new(FileJournal::new(journal_path(config))),
        mark: Arc::new(FileMark::new(config.data.dir.join("ledger.mark"))),
        vault: Arc::new(vault),
        templates: Arc::new(JinjaTemplates),
        mailer,
        exchangers: exchangers(config)?,
        dns: records(config)?,
        dkim: Arc::new(AwsLcDkim),
        egress: egress.clone(),
        pages: Arc::new(HtmlReader),
        webhooks: Arc::new(WebhookKeys {
            sendgrid: config.email.webhooks.sendgrid_verification_key.clone(),
            mailgun: config.email.webhooks.mailgun_signing_key.clone(),
            resend: config.email.webhooks.resend_signing_secret.clone(),
            ses: SnsTopics::new(config.email.webhooks.ses_topics.clone(), egress),
        }),
    };
    let settings = Settings {
        public_url: config.public_url()?,
        send_group: config.email.send_group,
        send_lanes: config.email.send_lanes,
        expected_per_hour: config.email.expected_per_hour,
        send_lease: Duration::from_secs(config.email.send_lease),
        send_attempts: config.email.send_attempts,
        soft_bounces: config.email.soft_bounces,
        soft_bounce_days: config.email.soft_bounce_days,
        return_address: config.return_address()?,
        bounces_days: config.retention.bounces_days,
        spf: config.email.spf.clone(),
        warmup: WarmupPlan(config.email.warmup.clone()),
        throttle: config.email.throttle.rules(),
        audit_days: config.retention.audit_days,
        jobs_days: config.retention.jobs_days,
        failed_jobs_days: config.retention.failed_jobs_days,
        confirm_addresses: config.auth.confirm_addresses,
        verify_addresses: config.dns.enabled,
        issuers: policies,
    };
    Ok(Composed {
        app: App::new(ports, settings),
        store,
        keys,
    })
}
