//! What every use-case is given.

use crate::email;
use crate::forms::Senders;
use crate::forms::Tally;
use crate::identity::IssuerPolicy;
use chrono::{DateTime, Utc};
use groundswell_domain::egress::{Fetch, Robots};
use groundswell_domain::email::webhooks::WebhookSignatures;
use groundswell_domain::email::{
    Dkim, DnsRecords, LedgerMark, MailExchangers, Mailer, ReturnAddress, TemplateEngine, ThrottleRules,
    WarmupPlan,
};
use groundswell_domain::forms::Form;
use groundswell_domain::identity::{Linked, PasswordHasher, Standing, Tokens, TrustedIssuers};
use groundswell_domain::platform::{Clock, Entropy, Ids, LinkSigner, Pseudonyms};
use groundswell_domain::privacy::ErasureJournal;
use groundswell_domain::qualification::Qualifier;
use groundswell_domain::region::Region;
use groundswell_domain::scoring::Scorers;
use groundswell_domain::secrets::Vault;
use groundswell_domain::sequences::Sequence;
use groundswell_domain::timing::HourCount;
use groundswell_domain::web::PageReader;
use groundswell_domain::{FormId, OrganizationId, RequestId, SessionId, Store, SystemStore};
use moka::future::Cache;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use url::Url;
use uuid::Uuid;

/// The adapters, chosen by the composition root.
#[derive(Clone)]
pub struct Ports {
    pub store: Arc<dyn Store>,
    pub system: Arc<dyn SystemStore>,
    pub clock: Arc<dyn Clock>,
    pub ids: Arc<dyn Ids>,
    pub entropy: Arc<dyn Entropy>,
    pub passwords: Arc<dyn PasswordHasher>,
    pub tokens: Arc<dyn Tokens>,
    pub issuers: Arc<dyn TrustedIssuers>,
    pub links: Arc<dyn LinkSigner>,
    pub vault: Arc<dyn Vault>,
    pub pseudonyms: Arc<dyn Pseudonyms>,
    pub journal: Arc<dyn ErasureJournal>,
    /// What this process knows of the mail ledger, beside the database.
    pub mark: Arc<dyn LedgerMark>,
    pub templates: Arc<dyn TemplateEngine>,
    pub mailer: Arc<dyn Mailer>,
    pub exchangers: Arc<dyn MailExchangers>,
    /// The DNS as it is now.
    pub dns: Arc<dyn DnsRecords>,
    pub dkim: Arc<dyn Dkim>,
    /// The one way to addresses that people name.
    pub egress: Arc<dyn Fetch>,
    pub pages: Arc<dyn PageReader>,
    pub webhooks: Arc<dyn WebhookSignatures>,
}

/// What an operator decides and use-cases need to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where people reach this installation; the base of every link in a mail.
    pub public_url: Url,
    /// Mails that one lane of a campaign hands over at the same time; also how many may be `unknown` after a crash.
    pub send_group: u32,
    /// Lanes of a campaign that send side by side.
    pub send_lanes: u32,
    /// Mails that this installation is expected to send in an hour, as long as no campaign has shown it.
    pub expected_per_hour: u32,
    /// How long a claim on mails is good, unless renewed.
    pub send_lease: Duration,
    /// Tries before a mail that the server keeps putting off is failed.
    pub send_attempts: i32,
    /// After so many soft bounces an address is suppressed,
    pub soft_bounces: u32,
    /// if they came within so many days.
    pub soft_bounce_days: u32,
    /// The return address of each mail that goes by SMTP; `None` for the sender's.
    pub return_address: Option<ReturnAddress>,
    /// SPF mechanisms of the servers that mail leaves by, for example `include:amazonses.com`; may be empty.
    pub spf: String,
    /// How many mails a young domain may send on each day.
    pub warmup: WarmupPlan,
    /// What is done when receivers push back.
    pub throttle: ThrottleRules,
    /// Days that entries of the audit log are kept; 0 is forever.
    pub audit_days: u32,
    /// Days that jobs are kept which succeeded or were cancelled; 0 is forever.
    pub jobs_days: u32,
    /// Days that what came back of mails is kept; 0 is forever.
    pub bounces_days: u32,
    /// The same of jobs which failed or were discarded.
    pub failed_jobs_days: u32,
    /// Whoever registers is mailed a link to confirm the address.
    pub confirm_addresses: bool,
    /// Whether the DNS may be asked which domains take mail.
    pub verify_addresses: bool,
    /// By the `iss` of trusted issuers.
    pub issuers: HashMap<String, IssuerPolicy>,
}

impl Settings {
    /// How far the word of an issuer counts.
    pub(crate) fn policy(&self, issuer: &str) -> IssuerPolicy {
        self.issuers.get(issuer).copied().unwrap_or_default()
    }
}

/// How long an answer about a session is believed: a revoked one is refused everywhere within this time.
const SESSION_CACHE: Duration = Duration::from_secs(5);

/// For how long visitors may meet a form as it was before somebody edited it elsewhere.
const FORM_CACHE: Duration = Duration::from_secs(1);

/// For how long a text that was sent is remembered, to know it again.
const TEXT_CACHE: Duration = Duration::from_hours(1);

/// For how long an organization's country is believed.
const REGION_CACHE: Duration = Duration::from_secs(5);

/// When everybody of an organization opens and clicks, and when that was found out.
pub(crate) type Habits = (DateTime<Utc>, Arc<Vec<HourCount>>);

/// How long the habits of an organization's people are kept at most.
const HABITS_CACHE: Duration = Duration::from_mins(10);

/// How long a robots.txt is believed: the most that RFC 9309, section 2.4 allows.
const ROBOTS_CACHE: Duration = Duration::from_hours(24);

/// For how long mails may go out in a name that was changed elsewhere.
const SENDER_CACHE: Duration = Duration::from_secs(1);

/// For how long sequences are believed to be as they were, and points may be given by a model as it was before somebody edited it elsewhere.
const MODEL_CACHE: Duration = Duration::from_secs(1);

/// The ports, the settings, and small caches. Cheap to clone.
#[derive(Clone)]
pub struct App {
    ports: Ports,
    pub settings: Arc<Settings>,
    pub(crate) sessions: Cache<SessionId, Option<Standing>>,
    /// By issuer and subject: whom trusted issuers vouched for just now.
    pub(crate) linked: Cache<(String, String), Linked>,
    /// Forms that visitors are filling in right now.
    pub(crate) forms: Cache<FormId, Arc<Form>>,
    /// Long texts that visitors sent within the hour, by hash, and what is known of their senders.
    pub(crate) texts: Cache<u64, Senders>,
    pub(crate) regions: Cache<OrganizationId, Option<Region>>,
    /// When everybody of an organization opens and clicks.
    pub(crate) habits: Cache<OrganizationId, Habits>,
    /// Visits of forms that are not written down yet.
    pub(crate) tally: Arc<Tally>,
    /// In whose name organizations send, with opened keys.
    pub(crate) senders: Cache<OrganizationId, Arc<email::Senders>>,
    /// What sites want of programs, by their origin.
    pub(crate) robots: Cache<String, Arc<Robots>>,
    /// The models that score leads.
    pub(crate) scorers: Cache<OrganizationId, Arc<Scorers>>,
    /// The rules that move leads; none where nobody made any.
    pub(crate) qualifiers: Cache<OrganizationId, Option<Arc<Qualifier>>>,
    /// No mail may leave.
    pub(crate) halted: Arc<AtomicBool>,
    /// The sequences that are active.
    pub(crate) sequences: Cache<OrganizationId, Arc<Vec<Sequence>>>,
}

impl std::ops::Deref for App {
    type Target = Ports;
    fn deref(&self) -> &Ports {
        &self.ports
    }
}

impl App {
    pub fn new(ports: Ports, settings: Settings) -> Self {
        let sessions = Cache::builder()
            .max_capacity(100_000)
            .time_to_live(SESSION_CACHE)
            .build();
        let linked = Cache::builder()
            .max_capacity(100_000)
            .time_to_live(SESSION_CACHE)
            .build();
        let forms = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(FORM_CACHE)
            .build();
        let texts = Cache::builder()
            .max_capacity(50_000)
            .time_to_live(TEXT_CACHE)
            .build();
        let regions = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(REGION_CACHE)
            .build();
        // At most 4,320 hours of 16 bytes each.
        let habits = Cache::builder()
            .max_capacity(500)
            .time_to_live(HABITS_CACHE)
            .build();
        let robots = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(ROBOTS_CACHE)
            .build();
        let senders = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(SENDER_CACHE)
            .build();
        let scorers = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(MODEL_CACHE)
            .build();
        let qualifiers = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(MODEL_CACHE)
            .build();
        let sequences = Cache::builder()
            .max_capacity(10_000)
            .time_to_live(MODEL_CACHE)
            .build();
        Self {
            ports,
            settings: Arc::new(settings),
            sessions,
            linked,
            forms,
            texts,
            regions,
            habits,
            tally: Arc::default(),
            senders,
            robots,
            scorers,
            qualifiers,
            halted: Arc::default(),
            sequences,
        }
    }

    /// The same with another way out: for tests, whose other servers are made up.
    #[must_use]
    pub fn with_egress(mut self, egress: Arc<dyn Fetch>) -> Self {
        self.ports.egress = egress;
        self
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A new id of any kind.
    pub fn id<T: From<Uuid>>(&self) -> T {
        self.ids.next().into()
    }

    pub fn request_id(&self) -> RequestId {
        self.id()
    }

    /// After these sessions ended: this process notices at once, others within five seconds.
    pub(crate) async fn forget_sessions(&self, ended: &[SessionId]) {
        for id in ended {
            self.sessions.invalidate(id).await;
        }
    }

    /// After somebody's role or account changed: as with sessions. All of them, since this happens seldom and they are asked for
    /// again every five seconds anyway.
    pub(crate) fn forget_linked(&self) {
        self.linked.invalidate_all();
    }

    /// Random in 0.0..=1.0, to spread retries.
    pub fn jitter(&self) -> f64 {
        let mut bytes = [0; 4];
        self.entropy.fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}
