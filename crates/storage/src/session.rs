//! One organization's view of the database: what every repository port is implemented on.
//!
//! `Session<Transaction>` is the unit of work, `Session<Connection>` the side without a transaction. One
//! generic type for both, so that a query is written once. Every statement must name `self.organization`, and one
//! that shows clients' things `self.of_client`: there is no other place where a scope is applied.

use crate::dialect::{Connection, Reach, Transaction};
use crate::error::store_error;
use crate::jobs::Hints;
use async_trait::async_trait;
use groundswell_domain::audit::AuditRepo;
use groundswell_domain::brand::BrandRepo;
use groundswell_domain::campaigns::CampaignRepo;
use groundswell_domain::clients::ClientRepo;
use groundswell_domain::consents::ConsentRepo;
use groundswell_domain::duplicates::{DuplicateRepo, MergeRepo};
use groundswell_domain::email::bounce::BounceRepo;
use groundswell_domain::email::{
    MessageRepo, PartialRepo, SendingRepo, SuppressionRepo, TemplateRepo, TopicRepo,
};
use groundswell_domain::enrichment::EnrichmentRepo;
use groundswell_domain::forms::{FormRepo, VisitRepo};
use groundswell_domain::idempotency::IdempotencyRepo;
use groundswell_domain::identity::IdentityRepo;
use groundswell_domain::jobs::{Cause, JobRepo};
use groundswell_domain::leads::prediction::PredictionRepo;
use groundswell_domain::leads::{ImportRepo, LeadEventRepo, LeadRepo, SourceRepo};
use groundswell_domain::pipeline::PipelineRepo;
use groundswell_domain::privacy::{ErasureRepo, ExportRepo, RetentionRepo};
use groundswell_domain::projects::ProjectRepo;
use groundswell_domain::qualification::QualificationRepo;
use groundswell_domain::schedules::ScheduleRepo;
use groundswell_domain::scoring::ScoringRepo;
use groundswell_domain::secrets::{DataKeyRepo, SecretRepo};
use groundswell_domain::segments::SegmentRepo;
use groundswell_domain::sequences::SequenceRepo;
use groundswell_domain::{Repos, Scope, StoreError, UnitOfWork};
use sea_orm::sea_query::SimpleExpr;
use sea_orm::{ColumnTrait, ConnectionTrait};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

pub(crate) struct Session<C> {
    pub conn: C,
    pub organization: Uuid,
    /// The one client whose rows it sees, if its scope is bound to one: see [`Session::of_client`].
    pub client: Option<Uuid>,
    /// What jobs that it adds go back to.
    pub cause: Option<Cause>,
    work: Work,
}

/// What happens to the hint that a job was added.
enum Work {
    /// Each statement stands for itself: tell at once.
    AtOnce(Arc<Hints>),
    /// Tell once, after the commit.
    AtCommit { hints: Arc<Hints>, added: AtomicBool },
}

impl<C> Session<C> {
    /// The condition that a row belongs to the client that this session is bound to; nothing for a whole organization.
    /// `column` names the row's client.
    pub fn of_client(&self, column: impl ColumnTrait) -> Option<SimpleExpr> {
        self.client.map(|client| column.eq(client))
    }

    /// A job was added: workers are told as soon as they can see it.
    pub fn added_work(&self) {
        match &self.work {
            Work::AtOnce(hints) => hints.tell(),
            Work::AtCommit { added, .. } => added.store(true, Ordering::Relaxed),
        }
    }
}

impl Session<Connection> {
    pub fn reading(conn: Connection, scope: &Scope, hints: Arc<Hints>) -> Self {
        Self {
            conn,
            organization: scope.organization.0,
            client: scope.client.map(|id| id.0),
            cause: Some(scope.cause()),
            work: Work::AtOnce(hints),
        }
    }
}

impl Session<Transaction> {
    /// From here on it is another organization's session.
    pub async fn turn_to(&mut self, organization: Uuid) -> Result<(), StoreError> {
        if self.organization != organization {
            let reach = Reach::Organization(organization);
            self.conn.turn_to(reach).await.map_err(store_error)?;
            self.organization = organization;
        }
        Ok(())
    }

    pub fn writing(conn: Transaction, scope: &Scope, hints: Arc<Hints>) -> Self {
        Self {
            client: scope.client.map(|id| id.0),
            cause: Some(scope.cause()),
            ..Self::of_many(conn, scope.organization.0, hints)
        }
    }

    /// For what several requests want, perhaps of several organizations: see [`Self::turn_to`].
    pub fn of_many(conn: Transaction, organization: Uuid, hints: Arc<Hints>) -> Self {
        Self {
            conn,
            organization,
            client: None,
            cause: None,
            work: Work::AtCommit {
                hints,
                added: AtomicBool::new(false),
            },
        }
    }
}

impl<C: ConnectionTrait + Send> Repos for Session<C> {
    fn audit(&self) -> &dyn AuditRepo {
        self
    }
    fn brands(&self) -> &dyn BrandRepo {
        self
    }
    fn campaigns(&self) -> &dyn CampaignRepo {
        self
    }
    fn clients(&self) -> &dyn ClientRepo {
        self
    }
    fn consents(&self) -> &dyn ConsentRepo {
        self
    }
    fn data_keys(&self) -> &dyn DataKeyRepo {
        self
    }
    fn duplicates(&self) -> &dyn DuplicateRepo {
        self
    }
    fn enrichment(&self) -> &dyn EnrichmentRepo {
        self
    }
    fn erasures(&self) -> &dyn ErasureRepo {
        self
    }
    fn exports(&self) -> &dyn ExportRepo {
        self
    }
    fn forms(&self) -> &dyn FormRepo {
        self
    }
    fn idempotency(&self) -> &dyn IdempotencyRepo {
        self
    }
    fn identity(&self) -> &dyn IdentityRepo {
        self
    }
    fn imports(&self) -> &dyn ImportRepo {
        self
    }
    fn jobs(&self) -> &dyn JobRepo {
        self
    }
    fn lead_events(&self) -> &dyn LeadEventRepo {
        self
    }
    fn leads(&self) -> &dyn LeadRepo {
        self
    }
    fn lead_sources(&self) -> &dyn SourceRepo {
        self
    }
    fn merges(&self) -> &dyn MergeRepo {
        self
    }
    fn messages(&self) -> &dyn MessageRepo {
        self
    }
    fn topics(&self) -> &dyn TopicRepo {
        self
    }
    fn partials(&self) -> &dyn PartialRepo {
        self
    }
    fn pipeline(&self) -> &dyn PipelineRepo {
        self
    }
    fn predictions(&self) -> &dyn PredictionRepo {
        self
    }
    fn projects(&self) -> &dyn ProjectRepo {
        self
    }
    fn qualification(&self) -> &dyn QualificationRepo {
        self
    }
    fn retention(&self) -> &dyn RetentionRepo {
        self
    }
    fn schedules(&self) -> &dyn ScheduleRepo {
        self
    }
    fn scoring(&self) -> &dyn ScoringRepo {
        self
    }
    fn secrets(&self) -> &dyn SecretRepo {
        self
    }
    fn segments(&self) -> &dyn SegmentRepo {
        self
    }
    fn bounces(&self) -> &dyn BounceRepo {
        self
    }
    fn sending(&self) -> &dyn SendingRepo {
        self
    }
    fn sequences(&self) -> &dyn SequenceRepo {
        self
    }
    fn suppressions(&self) -> &dyn SuppressionRepo {
        self
    }
    fn templates(&self) -> &dyn TemplateRepo {
        self
    }
    fn visits(&self) -> &dyn VisitRepo {
        self
    }
}

#[async_trait]
impl UnitOfWork for Session<Transaction> {
    async fn commit_soon(self: Box<Self>) -> Result<(), StoreError> {
        self.conn.wait_for_no_disk().await.map_err(store_error)?;
        self.commit().await
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.conn.commit().await.map_err(store_error)?;
        if let Work::AtCommit { hints, added } = self.work
            && added.into_inner()
        {
            hints.tell();
        }
        Ok(())
    }
}
