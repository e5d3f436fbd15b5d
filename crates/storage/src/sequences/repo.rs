//! The port of sequences.

use super::{drafts, enrollments, mails, manage, stats};
use crate::session::Session;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::ids::{DraftId, EnrollmentId, LeadId, LeaseToken, MessageId, SequenceId, UserId};
use groundswell_domain::sequences::{
    ClaimedMail, Counts, Definition, Draft, DraftCounts, DraftSort, DraftStatus, Enrollment,
    EnrollmentFilter, EnrollmentSort, EventTest, ExitReason, LastEntry, MailTrace, Sequence, SequenceRepo,
    SequenceSort, SequenceStatus, StepId, StepMail, StepStats,
};
use groundswell_domain::{Page, PageRequest, StoreError};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

#[async_trait]
impl<C: ConnectionTrait + Send> SequenceRepo for Session<C> {
    async fn insert(&self, sequence: &Sequence) -> Result<(), StoreError> {
        manage::insert(&self.conn, self.organization, sequence).await
    }

    async fn get(&self, id: SequenceId) -> Result<Option<Sequence>, StoreError> {
        manage::get(&self.conn, self.organization, id, false).await
    }

    async fn get_locked(&self, id: SequenceId) -> Result<Option<Sequence>, StoreError> {
        manage::get(&self.conn, self.organization, id, true).await
    }

    async fn list(
        &self,
        status: Option<SequenceStatus>,
        name: Option<&str>,
        page: &PageRequest<SequenceSort>,
    ) -> Result<Page<Sequence>, StoreError> {
        manage::list(&self.conn, self.organization, status, name, page).await
    }

    async fn update(&self, sequence: &Sequence, expected: i32) -> Result<bool, StoreError> {
        manage::update(&self.conn, self.organization, sequence, expected).await
    }

    async fn delete(&self, id: SequenceId, now: DateTime<Utc>) -> Result<bool, StoreError> {
        manage::delete(&self.conn, self.organization, id, now).await
    }

    async fn active(&self) -> Result<Vec<Sequence>, StoreError> {
        manage::active(&self.conn, self.organization).await
    }

    async fn definitions(
        &self,
        wanted: &[(SequenceId, i32)],
    ) -> Result<HashMap<(SequenceId, i32), Definition>, StoreError> {
        manage::definitions(&self.conn, self.organization, wanted).await
    }

    async fn lock_leads(&self, leads: &[LeadId]) -> Result<Vec<LeadId>, StoreError> {
        enrollments::lock_leads(&self.conn, self.organization, leads).await
    }

    async fn last_entries(
        &self,
        sequence: SequenceId,
        leads: &[LeadId],
    ) -> Result<HashMap<LeadId, LastEntry>, StoreError> {
        enrollments::last_entries(&self.conn, self.organization, sequence, leads).await
    }

    async fn enter(&self, enrollments: &[Enrollment]) -> Result<(), StoreError> {
        enrollments::enter(&self.conn, self.organization, enrollments).await
    }

    async fn enrollment(&self, id: EnrollmentId) -> Result<Option<Enrollment>, StoreError> {
        enrollments::get(&self.conn, self.organization, id).await
    }

    async fn enrollments(
        &self,
        sequence: SequenceId,
        filter: &EnrollmentFilter,
        page: &PageRequest<EnrollmentSort>,
    ) -> Result<Page<Enrollment>, StoreError> {
        enrollments::list(&self.conn, self.organization, sequence, filter, page).await
    }

    async fn with_due(&self, now: DateTime<Utc>) -> Result<Vec<SequenceId>, StoreError> {
        enrollments::with_due(&self.conn, self.organization, now).await
    }

    async fn due(
        &self,
        sequence: SequenceId,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError> {
        enrollments::due(&self.conn, self.organization, sequence, now, limit).await
    }

    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError> {
        enrollments::next_due(&self.conn, self.organization).await
    }

    async fn lock(&self, ids: &[EnrollmentId]) -> Result<Vec<Enrollment>, StoreError> {
        enrollments::lock(&self.conn, self.organization, ids).await
    }

    async fn write(&self, enrollments: &[Enrollment]) -> Result<(), StoreError> {
        enrollments::write(&self.conn, self.organization, enrollments).await
    }

    async fn wake(&self, leads: &[LeadId], now: DateTime<Utc>) -> Result<bool, StoreError> {
        enrollments::wake(&self.conn, self.organization, leads, now).await
    }

    async fn active_of(
        &self,
        leads: &[LeadId],
        sequence: Option<SequenceId>,
    ) -> Result<Vec<Enrollment>, StoreError> {
        enrollments::active_of(&self.conn, self.organization, leads, sequence).await
    }

    async fn outdated(
        &self,
        sequence: SequenceId,
        revision: i32,
        limit: u32,
    ) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError> {
        enrollments::outdated(&self.conn, self.organization, sequence, revision, limit).await
    }

    async fn answered(
        &self,
        id: EnrollmentId,
        taken: i32,
        took_it: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        enrollments::answered(&self.conn, self.organization, (id, taken), took_it, now).await
    }

    async fn tried(&self, id: EnrollmentId, taken: i32) -> Result<bool, StoreError> {
        enrollments::tried(&self.conn, self.organization, id, taken).await
    }

    async fn add_mails(&self, mails: &[StepMail]) -> Result<(), StoreError> {
        mails::add(&self.conn, self.organization, mails).await
    }

    async fn claim_batch(
        &self,
        batch: Uuid,
        limit: u32,
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<ClaimedMail>, StoreError> {
        mails::claim(
            &self.conn,
            self.organization,
            (batch, limit),
            lease,
            now,
            lease_until,
        )
        .await
    }

    async fn batch_due(&self, batch: Uuid) -> Result<Option<DateTime<Utc>>, StoreError> {
        mails::batch_due(&self.conn, self.organization, batch).await
    }

    async fn traces(
        &self,
        enrollments: &[EnrollmentId],
    ) -> Result<HashMap<EnrollmentId, Vec<MailTrace>>, StoreError> {
        mails::traces(&self.conn, self.organization, enrollments).await
    }

    async fn clicked_link(
        &self,
        messages: &[MessageId],
        part: &str,
    ) -> Result<HashSet<MessageId>, StoreError> {
        mails::clicked_link(&self.conn, self.organization, messages, part).await
    }

    async fn happened(
        &self,
        test: &EventTest,
        since: &[(LeadId, DateTime<Utc>)],
    ) -> Result<HashSet<LeadId>, StoreError> {
        mails::happened(&self.conn, self.organization, test, since).await
    }

    async fn count(&self, sequence: SequenceId, counts: &Counts) -> Result<(), StoreError> {
        stats::count(&self.conn, self.organization, sequence, counts).await
    }

    async fn counts(&self, sequence: SequenceId) -> Result<Counts, StoreError> {
        stats::counts(&self.conn, self.organization, sequence).await
    }

    async fn inside(&self, sequence: SequenceId) -> Result<BTreeMap<StepId, i64>, StoreError> {
        stats::inside(&self.conn, self.organization, sequence).await
    }

    async fn exits(&self, sequence: SequenceId) -> Result<BTreeMap<ExitReason, i64>, StoreError> {
        stats::exits(&self.conn, self.organization, sequence).await
    }

    async fn leads_go(&self, leads: &[LeadId], why: ExitReason) -> Result<(), StoreError> {
        stats::leads_go(&self.conn, self.organization, leads, why).await
    }

    async fn mail_stats(&self, sequence: SequenceId) -> Result<Vec<StepStats>, StoreError> {
        stats::mails(&self.conn, self.organization, sequence).await
    }

    async fn add_drafts(&self, drafts: &[Draft]) -> Result<u64, StoreError> {
        drafts::add(&self.conn, self.organization, drafts).await
    }

    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError> {
        drafts::get(&self.conn, self.organization, id).await
    }

    async fn drafts(
        &self,
        outreach: SequenceId,
        status: Option<DraftStatus>,
        page: &PageRequest<DraftSort>,
    ) -> Result<Page<Draft>, StoreError> {
        drafts::list(&self.conn, self.organization, outreach, status, page).await
    }

    async fn update_draft(&self, draft: &Draft, expected: i32) -> Result<bool, StoreError> {
        drafts::update(&self.conn, self.organization, draft, expected).await
    }

    async fn approve_drafts(
        &self,
        outreach: SequenceId,
        by: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        drafts::approve(&self.conn, self.organization, outreach, by, now).await
    }

    async fn approved(&self, outreach: SequenceId, limit: u32) -> Result<Vec<LeadId>, StoreError> {
        drafts::approved(&self.conn, self.organization, outreach, limit).await
    }

    async fn drafts_entered(
        &self,
        outreach: SequenceId,
        leads: &[LeadId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        drafts::entered(&self.conn, self.organization, outreach, leads, now).await
    }

    async fn draft_counts(&self, outreach: SequenceId) -> Result<DraftCounts, StoreError> {
        drafts::counts(&self.conn, self.organization, outreach).await
    }

    async fn last_draft(&self, outreach: SequenceId) -> Result<Option<LeadId>, StoreError> {
        drafts::last(&self.conn, self.organization, outreach).await
    }

    async fn draft_texts(
        &self,
        outreach: SequenceId,
        leads: &[LeadId],
    ) -> Result<HashMap<LeadId, Draft>, StoreError> {
        drafts::texts(&self.conn, self.organization, outreach, leads).await
    }
}
