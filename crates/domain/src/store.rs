//! How use-cases reach data: repositories behind a scope, with or without a transaction.

use crate::audit::AuditRepo;
use crate::brand::BrandRepo;
use crate::campaigns::CampaignRepo;
use crate::clients::ClientRepo;
use crate::consents::ConsentRepo;
use crate::duplicates::{DuplicateRepo, MergeRepo};
use crate::email::bounce::BounceRepo;
use crate::email::{
    MessageRepo, Outbox, PartialRepo, SendingDirectory, SendingRepo, SendingSwitch, SuppressionRepo,
    TemplateRepo, TopicRepo, VisitInbox,
};
use crate::enrichment::EnrichmentRepo;
use crate::error::StoreError;
use crate::forms::{FormDirectory, FormRepo, VisitRepo};
use crate::idempotency::IdempotencyRepo;
use crate::identity::{IdentityDirectory, IdentityRepo, OrganizationDirectory};
use crate::jobs::{JobQueue, JobRepo};
use crate::leads::prediction::PredictionRepo;
use crate::leads::{ImportRepo, LeadDirectory, LeadEventRepo, LeadRepo, SourceRepo};
use crate::pipeline::PipelineRepo;
use crate::privacy::{ErasureRepo, ExportRepo, RetentionDirectory, RetentionRepo};
use crate::projects::ProjectRepo;
use crate::qualification::QualificationRepo;
use crate::schedules::{ScheduleDirectory, ScheduleRepo};
use crate::scope::Scope;
use crate::scoring::{ScoringDirectory, ScoringRepo};
use crate::secrets::{DataKeyRepo, KeyDirectory, SecretRepo};
use crate::segments::SegmentRepo;
use crate::sequences::{SequenceDirectory, SequenceRepo};
use async_trait::async_trait;

/// Everything one organization can reach. There is no way from here to another organization's rows.
pub trait Repos: Send + Sync {
    fn audit(&self) -> &dyn AuditRepo;
    fn bounces(&self) -> &dyn BounceRepo;
    fn brands(&self) -> &dyn BrandRepo;
    fn campaigns(&self) -> &dyn CampaignRepo;
    fn clients(&self) -> &dyn ClientRepo;
    fn consents(&self) -> &dyn ConsentRepo;
    fn data_keys(&self) -> &dyn DataKeyRepo;
    fn duplicates(&self) -> &dyn DuplicateRepo;
    fn enrichment(&self) -> &dyn EnrichmentRepo;
    fn erasures(&self) -> &dyn ErasureRepo;
    fn exports(&self) -> &dyn ExportRepo;
    fn forms(&self) -> &dyn FormRepo;
    fn idempotency(&self) -> &dyn IdempotencyRepo;
    fn identity(&self) -> &dyn IdentityRepo;
    fn imports(&self) -> &dyn ImportRepo;
    fn jobs(&self) -> &dyn JobRepo;
    fn lead_events(&self) -> &dyn LeadEventRepo;
    fn leads(&self) -> &dyn LeadRepo;
    fn lead_sources(&self) -> &dyn SourceRepo;
    fn merges(&self) -> &dyn MergeRepo;
    fn messages(&self) -> &dyn MessageRepo;
    fn partials(&self) -> &dyn PartialRepo;
    fn pipeline(&self) -> &dyn PipelineRepo;
    fn predictions(&self) -> &dyn PredictionRepo;
    fn projects(&self) -> &dyn ProjectRepo;
    fn qualification(&self) -> &dyn QualificationRepo;
    fn schedules(&self) -> &dyn ScheduleRepo;
    fn scoring(&self) -> &dyn ScoringRepo;
    fn secrets(&self) -> &dyn SecretRepo;
    fn segments(&self) -> &dyn SegmentRepo;
    fn sending(&self) -> &dyn SendingRepo;
    fn sequences(&self) -> &dyn SequenceRepo;
    fn retention(&self) -> &dyn RetentionRepo;
    fn suppressions(&self) -> &dyn SuppressionRepo;
    fn templates(&self) -> &dyn TemplateRepo;
    fn topics(&self) -> &dyn TopicRepo;
    fn visits(&self) -> &dyn VisitRepo;
}

/// Repositories within one transaction. Dropping it rolls everything back.
#[async_trait]
pub trait UnitOfWork: Repos {
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
    /// The same without waiting until it is on the disk: when the database crashes within the next moment it may be as if
    /// it had not been. For pieces of work that go on where they are, with what they wrote; a later [`Self::commit`] is on
    /// the disk only with everything before it.
    async fn commit_soon(self: Box<Self>) -> Result<(), StoreError>;
}

#[async_trait]
pub trait Store: Send + Sync {
    /// Repositories without a transaction: every call stands for itself.
    fn read(&self, scope: &Scope) -> Box<dyn Repos>;
    /// Repositories within a transaction that may write from its first statement on.
    async fn begin(&self, scope: &Scope) -> Result<Box<dyn UnitOfWork>, StoreError>;
}

/// How well the database itself keeps organizations apart, in sentences for whoever runs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Isolation {
    /// What is wrong with it; `None` for a database that has nothing of the kind.
    pub broken: Option<Vec<String>>,
    /// What is slower because of it than it could be.
    pub slow: Option<String>,
}

/// What crosses organizations. A separate port, so that a forgotten scope is a type error.
#[async_trait]
pub trait SystemStore: Send + Sync {
    fn forms(&self) -> &dyn FormDirectory;
    fn identity(&self) -> &dyn IdentityDirectory;
    fn jobs(&self) -> &dyn JobQueue;
    fn keys(&self) -> &dyn KeyDirectory;
    fn leads(&self) -> &dyn LeadDirectory;
    fn organizations(&self) -> &dyn OrganizationDirectory;
    fn outbox(&self) -> &dyn Outbox;
    fn retention(&self) -> &dyn RetentionDirectory;
    fn schedules(&self) -> &dyn ScheduleDirectory;
    fn scoring(&self) -> &dyn ScoringDirectory;
    fn sending(&self) -> &dyn SendingDirectory;
    fn sending_switch(&self) -> &dyn SendingSwitch;
    fn sequences(&self) -> &dyn SequenceDirectory;
    fn visits(&self) -> &dyn VisitInbox;
    /// Answers when the database does.
    async fn ping(&self) -> Result<(), StoreError>;
    /// What the database is, for people: product and version.
    async fn describe(&self) -> Result<String, StoreError>;
    /// What the database itself does against rows of other organizations.
    async fn isolation(&self) -> Result<Isolation, StoreError>;
    /// Names of the migrations that have not been run yet.
    async fn pending_migrations(&self) -> Result<Vec<String>, StoreError>;
    /// Deletes what nobody may see any more: kept answers of idempotent requests, answers that nobody sent, captchas, and
    /// files with people's data, that have expired. Answers how many.
    async fn forget_expired(&self, now: chrono::DateTime<chrono::Utc>) -> Result<u64, StoreError>;
    /// Deletes up to `limit` entries of the audit log that were made before this moment, the oldest first,
    /// where the organization has no number of days of its own. Answers how many.
    async fn forget_audit(
        &self,
        before: chrono::DateTime<chrono::Utc>,
        limit: u32,
    ) -> Result<u64, StoreError>;
    /// The database's own time, to compare clocks.
    async fn database_time(&self) -> Result<chrono::DateTime<chrono::Utc>, StoreError>;
}
