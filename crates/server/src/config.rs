//! Settings: the embedded defaults, then a file, then the environment. A wrong name or value stops the start with a
//! sentence that names it.

pub mod issuers;

use figment::Figment;
use figment::providers::{Env, Format, Toml};
use groundswell_domain::email::ReturnAddress;
use groundswell_domain::email::webhooks::is_topic;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;
use url::Url;

mod egress;
mod limits;
mod mail_servers;

pub use egress::Egress;
pub use limits::{Limits, PerHour, PerMinute};
pub use mail_servers::{MailServer, ServerKind, Throttle};

/// A hundred years: more days than anybody means.
const MOST_DAYS: u32 = 36_500;

const DEFAULTS: &str = include_str!("../../../config/default.toml");

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub server: Server,
    pub data: Data,
    pub database: Database,
    pub security: Security,
    pub auth: Auth,
    pub egress: Egress,
    pub email: Email,
    pub worker: Worker,
    pub dns: Dns,
    pub limits: Limits,
    pub retention: Retention,
    pub log: Log,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub host: std::net::IpAddr,
    pub port: u16,
    pub public_url: String,
    pub workers: usize,
    pub trusted_proxies: Vec<String>,
    pub cors_origins: Vec<String>,
    pub environment: String,
    pub metrics_token: SecretString,
    pub request_timeout: u64,
    pub heavy_timeout: u64,
    pub head_timeout: u64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub url: SecretString,
    pub max_connections: u32,
    pub row_level_security: bool,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Security {
    pub master_key: SecretString,
    pub old_master_keys: Vec<SecretString>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    pub confirm_addresses: bool,
    pub issuers: Vec<issuers::Issuer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    Outbox,
    Smtp,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    pub transport: Transport,
    pub smtp_url: SecretString,
    pub servers: Vec<MailServer>,
    pub from: String,
    pub return_address: String,
    pub spf: String,
    pub warmup: Vec<u32>,
    pub throttle: Throttle,
    pub connections: usize,
    pub send_group: u32,
    pub send_lanes: u32,
    pub expected_per_hour: u32,
    pub send_attempts: i32,
    pub send_lease: u64,
    pub soft_bounces: u32,
    pub soft_bounce_days: u32,
    pub webhooks: Webhooks,
}

/// Keys that providers' webhooks are checked with; empty ones are none.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    pub sendgrid_verification_key: SecretString,
    pub mailgun_signing_key: SecretString,
    pub resend_signing_secret: SecretString,
    pub ses_topics: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dns {
    pub enabled: bool,
    pub nameservers: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Worker {
    pub concurrency: u32,
    pub queues: Queues,
    pub lease: u64,
    pub heartbeat: u64,
    pub poll_ms: u64,
    pub drain: u64,
}

/// Jobs at the same time, by queue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Queues {
    pub mail: u32,
    pub campaigns: u32,
    pub imports: u32,
    pub heavy: u32,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    pub audit_days: u32,
    pub jobs_days: u32,
    pub failed_jobs_days: u32,
    pub bounces_days: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    pub level: String,
    pub format: LogFormat,
}

impl Config {
    /// Reads the defaults, `file` if given, and the environment.
    pub fn load(file: Option<&Path>) -> Result<Self, String> {
        let mut sources = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            if !file.is_file() {
                return Err(format!(
                    "the configuration file {} does not exist",
                    file.display()
                ));
            }
            sources = sources.merge(Toml::file_exact(file));
        }
        Self::from_sources(&sources.merge(Env::prefixed("GROUNDSWELL__").split("__")))
    }

    /// The defaults with some settings replaced, without file and environment: for tests and tools.
    pub fn with(settings: &serde_json::Value) -> Result<Self, String> {
        Self::from_sources(
            &Figment::from(Toml::string(DEFAULTS)).merge(figment::providers::Serialized::defaults(settings)),
        )
    }

    fn from_sources(sources: &Figment) -> Result<Self, String> {
        let config: Self = sources.extract().map_err(|errors| {
            let all: Vec<_> = errors.into_iter().map(|error| sentence(&error)).collect();
            all.join("; ")
        })?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        self.public_url()?;
        self.cors_origins()?;
        self.nameservers()?;
        issuers::trusted(&self.auth.issuers)?;
        let days = [
            ("audit_days", self.retention.audit_days),
            ("jobs_days", self.retention.jobs_days),
            ("failed_jobs_days", self.retention.failed_jobs_days),
            ("bounces_days", self.retention.bounces_days),
        ];
        if let Some((name, _)) = days.iter().find(|(_, days)| *days > MOST_DAYS) {
            return Err(format!(
                "the setting retention.{name} must be at most {MOST_DAYS}, or 0 for ever"
            ));
        }
        if (1..self.email.soft_bounce_days).contains(&self.retention.bounces_days) {
            return Err(
                "the setting retention.bounces_days must be at least email.soft_bounce_days, within which bounces are counted, or 0 for ever"
                    .into(),
            );
        }
        self.return_address()?;
        if let Some(topic) = self
            .email
            .webhooks
            .ses_topics
            .iter()
            .find(|topic| !is_topic(topic))
        {
            return Err(format!(
                "the setting email.webhooks.ses_topics: {topic} is no ARN of a topic of Amazon SNS, like arn:aws:sns:eu-central-1:123456789012:ses"
            ));
        }
        let positive = [
            (
                "database.max_connections",
                u64::from(self.database.max_connections),
            ),
            ("email.connections", self.email.connections as u64),
            ("email.send_group", u64::from(self.email.send_group)),
            ("email.send_lanes", u64::from(self.email.send_lanes)),
            ("email.expected_per_hour", u64::from(self.email.expected_per_hour)),
            (
                "email.send_attempts",
                u64::try_from(self.email.send_attempts).unwrap_or(0),
            ),
            ("email.send_lease", self.email.send_lease),
            ("email.soft_bounces", u64::from(self.email.soft_bounces)),
            ("email.soft_bounce_days", u64::from(self.email.soft_bounce_days)),
            ("worker.concurrency", u64::from(self.worker.concurrency)),
            ("worker.queues.mail", u64::from(self.worker.queues.mail)),
            ("worker.queues.campaigns", u64::from(self.worker.queues.campaigns)),
            ("worker.queues.imports", u64::from(self.worker.queues.imports)),
            ("worker.queues.heavy", u64::from(self.worker.queues.heavy)),
            ("worker.heartbeat", self.worker.heartbeat),
            ("worker.poll_ms", self.worker.poll_ms),
            ("limits.json_body", self.limits.json_body as u64),
            ("limits.upload", self.limits.upload as u64),
            ("limits.import_bytes", self.limits.import_bytes as u64),
            ("limits.redis_timeout_ms", self.limits.redis_timeout_ms),
            ("server.request_timeout", self.server.request_timeout),
            ("server.heavy_timeout", self.server.heavy_timeout),
            ("server.head_timeout", self.server.head_timeout),
        ];
        if let Some((name, _)) = positive.iter().find(|(_, value)| *value == 0) {
            return Err(format!("the setting {name} must be at least 1"));
        }
        self.limits.check()?;
        self.egress.check()?;
        if self.worker.heartbeat * 2 > self.worker.lease {
            return Err("the setting worker.heartbeat must be at most half of worker.lease".into());
        }
        if self.email.transport == Transport::Smtp
            && self.email.smtp_url.expose_secret().is_empty()
            && self.email.servers.is_empty()
        {
            return Err(
                "the setting email.smtp_url, or one of email.servers, is required with email.transport = \"smtp\""
                    .into(),
            );
        }
        mail_servers::check(&self.email.servers)?;
        self.email.throttle.check()?;
        Ok(())
    }

    /// The return address of each mail, if each is to have its own.
    pub fn return_address(&self) -> Result<Option<ReturnAddress>, String> {
        let text = self.email.return_address.trim();
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|error| format!("the setting email.return_address is wrong: {error}"))
    }

    /// Where people reach this installation.
    pub fn public_url(&self) -> Result<Url, String> {
        let text = if self.server.public_url.is_empty() {
            format!(
                "http://{}",
                std::net::SocketAddr::new(self.server.host, self.server.port)
            )
        } else {
            self.server.public_url.clone()
        };
        let url =
            Url::parse(&text).map_err(|error| format!("the setting server.public_url is wrong: {error}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err("the setting server.public_url must start with http:// or https://".into());
        }
        Ok(url)
    }

    /// Origins whose pages may call the API. `*` stands for what is so anyway: that any page may send forms.
    pub fn cors_origins(&self) -> Result<Vec<String>, String> {
        let named = self.server.cors_origins.iter().filter(|text| *text != "*");
        named
            .map(|text| {
                let origin = Url::parse(text).ok().map(|url| url.origin());
                origin
                    .filter(url::Origin::is_tuple)
                    .map(|origin| origin.ascii_serialization())
                    .filter(|origin| origin == text && origin.starts_with("http") && !origin.contains('*'))
                    .ok_or_else(|| {
                        format!(
                            "the setting server.cors_origins: {text} is no origin: write it as browsers do, \
                             for example https://app.example.com, without a path"
                        )
                    })
            })
            .collect()
    }

    /// Whom to ask about domains; empty: the system's own name servers.
    pub fn nameservers(&self) -> Result<Vec<SocketAddr>, String> {
        let named = self.dns.nameservers.iter();
        named
            .map(|text| {
                let address = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
                address.or_else(|_| text.parse::<SocketAddr>()).map_err(|_| {
                    format!(
                        "the setting dns.nameservers: {text} is no address: write it like 10.0.0.2 or 10.0.0.2:5353"
                    )
                })
            })
            .collect()
    }

    /// The database's address; the SQLite file in the data folder when none is set.
    pub fn database_url(&self) -> SecretString {
        if self.database.url.expose_secret().is_empty() {
            return format!("sqlite://{}", self.data.dir.join("groundswell.db").display()).into();
        }
        self.database.url.clone()
    }

    pub fn worker_settings(&self) -> groundswell_worker::WorkerSettings {
        groundswell_worker::WorkerSettings {
            slots: groundswell_worker::SlotSettings {
                default: self.worker.concurrency,
                mail: self.worker.queues.mail,
                campaigns: self.worker.queues.campaigns,
                imports: self.worker.queues.imports,
                heavy: self.worker.queues.heavy,
            },
            lease: Duration::from_secs(self.worker.lease),
            heartbeat: Duration::from_secs(self.worker.heartbeat),
            poll: Duration::from_millis(self.worker.poll_ms),
            drain: Duration::from_secs(self.worker.drain),
        }
    }
}

/// What is wrong, with the setting's name and where it was set; never its value, which may be a secret.
fn sentence(error: &figment::Error) -> String {
    use figment::error::Kind;
    let name = error.path.join(".");
    let place = error
        .metadata
        .as_ref()
        .map_or_else(String::new, |metadata| format!(" (in {})", metadata.name));
    match &error.kind {
        Kind::UnknownField(field, known) => {
            let section = if name.is_empty() {
                field.clone()
            } else {
                format!("{name}.{field}").replace(&format!("{field}.{field}"), field)
            };
            format!(
                "there is no setting {section}{place}; possible here: {}",
                known.join(", ")
            )
        }
        Kind::InvalidType(_, expected) | Kind::InvalidValue(_, expected) => {
            format!("the setting {name}{place} must be {expected}")
        }
        Kind::UnknownVariant(_, known) => {
            format!("the setting {name}{place} must be one of {}", known.join(", "))
        }
        Kind::MissingField(field) => format!("the setting {field} is missing{place}"),
        _ if name.is_empty() => format!("the configuration can't be read{place}: {error}"),
        _ => format!("the setting {name}{place} is wrong"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Result<Config, String> {
        Config::from_sources(&Figment::from(Toml::string(DEFAULTS)).merge(Toml::string(text)))
    }

    #[test]
    fn the_defaults_are_complete_and_right() {
        let config = with("").unwrap();
        assert_eq!(config.public_url().unwrap().as_str(), "http://127.0.0.1:8080/");
        assert_eq!(
            config.database_url().expose_secret(),
            "sqlite://./data/groundswell.db"
        );
    }

    #[test]
    fn name_servers_are_addresses_with_or_without_a_port() {
        let text = "[dns]\nnameservers = [\"10.0.0.2\", \"[::1]:5353\", \"fd00::1\"]";
        let found = with(text).unwrap().nameservers().unwrap();
        let found: Vec<_> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["10.0.0.2:53", "[::1]:5353", "[fd00::1]:53"]);
        let error = with("[dns]\nnameservers = [\"ns.example.com\"]").unwrap_err();
        assert!(
            error.contains("dns.nameservers: ns.example.com is no address"),
            "{error}"
        );
    }

    #[test]
    fn origins_are_exact_and_a_star_opens_nothing_more() {
        let text = "[server]\ncors_origins = [\"https://app.example.com\", \"*\", \"http://localhost:3000\"]";
        assert_eq!(
            with(text).unwrap().cors_origins().unwrap(),
            ["https://app.example.com", "http://localhost:3000"]
        );
        assert!(with("").unwrap().cors_origins().unwrap().is_empty());
    }

    #[test]
    fn every_setting_has_a_comment() {
        let mut commented = false;
        for line in DEFAULTS.lines().map(str::trim) {
            if line.is_empty() || line.starts_with('[') {
                commented = false;
            } else if line.starts_with('#') {
                commented = true;
            } else {
                // Two settings that belong together may share a comment.
                assert!(
                    commented
                        || line.starts_with("port")
                        || line.starts_with("heartbeat")
                        || line.starts_with("upload"),
                    "{line}"
                );
            }
        }
    }

    #[test]
    fn mistakes_are_named_and_values_are_not_shown() {
        let error = with("[server]\nprot = 1").unwrap_err();
        assert!(error.contains("prot") && error.contains("port"), "{error}");
        let error = with("[server]\nport = \"s3cret\"").unwrap_err();
        assert!(
            error.contains("server.port") && !error.contains("s3cret"),
            "{error}"
        );
        let error = with("[email]\ntransport = \"pigeon\"").unwrap_err();
        assert!(
            error.contains("email.transport") && error.contains("smtp"),
            "{error}"
        );
        let error = with("[email]\ntransport = \"smtp\"").unwrap_err();
        assert!(error.contains("email.smtp_url"), "{error}");
        for origin in [
            "app.example.com",
            "https://app.example.com/",
            "https://*",
            "ftp://x.example",
            "null",
            "",
        ] {
            let error = with(&format!("[server]\ncors_origins = [\"{origin}\"]")).unwrap_err();
            assert!(error.contains("server.cors_origins"), "{error}");
        }
        let error = with("[limits]\nheavy = { burst = 0 }").unwrap_err();
        assert!(error.contains("limits.heavy"), "{error}");
        let error = with("[server]\nrequest_timeout = 0").unwrap_err();
        assert!(error.contains("server.request_timeout"), "{error}");
        for (text, named) in [
            ("[retention]\nbounces_days = 29", "retention.bounces_days"),
            (
                "[email]\nreturn_address = \"bounces@example.com\"",
                "email.return_address",
            ),
            (
                "[email.webhooks]\nses_topics = [\"arn:aws:sqs:eu-central-1:1:x\"]",
                "email.webhooks.ses_topics",
            ),
        ] {
            let error = with(text).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
        with("[email]\nsoft_bounce_days = 10\n[retention]\nbounces_days = 10").unwrap();
        with("[retention]\nbounces_days = 0").unwrap();
        let error = with("[retention]\naudit_days = 36501").unwrap_err();
        assert!(error.contains("retention.audit_days"), "{error}");
        let error = with("[nonsense]\na = 1").unwrap_err();
        assert!(error.contains("nonsense"), "{error}");
    }
}
