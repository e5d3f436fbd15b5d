//! What sequences need from the store.

use super::{
    Definition, Draft, DraftCounts, DraftSort, DraftStatus, Enrollment, EnrollmentSort, EnrollmentStatus,
    EventTest, ExitReason, LastEntry, Sequence, SequenceSort, SequenceStatus, StepId, StepStats,
};
use crate::email::ClaimedMessage;
use crate::error::StoreError;
use crate::ids::{DraftId, EnrollmentId, LeadId, LeaseToken, MessageId, OrganizationId, SequenceId, UserId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

#[derive(Debug, Clone, Default)]
pub struct EnrollmentFilter {
    pub status: Option<EnrollmentStatus>,
    pub step: Option<StepId>,
    pub lead_id: Option<LeadId>,
    pub exit_reason: Option<ExitReason>,
}

/// A mail that a step sent: a row beside the one in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepMail {
    pub message_id: MessageId,
    pub enrollment_id: EnrollmentId,
    pub sequence_id: SequenceId,
    pub version: i32,
    pub step: StepId,
    /// Steps that were taken before it: an enrollment has one mail for each place.
    pub taken: i32,
    /// Mails that are handed over together.
    pub batch: Uuid,
}

/// A mail of a batch that may be sent, and what it is to say.
#[derive(Debug, Clone, PartialEq)]
pub struct ClaimedMail {
    pub message: ClaimedMessage,
    pub sequence_id: SequenceId,
    pub version: i32,
    pub step: StepId,
}

/// What came of the mail of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailTrace {
    pub message_id: MessageId,
    pub step: StepId,
    pub opened: bool,
    pub clicked: bool,
}

/// Numbers that go up and are not found by counting rows: `step:welcome` for who came to a step; `gone` for enrollments that went
/// with their leads, and `exit:deleted` and `exit:erased` for those among them that were active.
pub type Counts = BTreeMap<String, i64>;

#[async_trait]
pub trait SequenceRepo: Send + Sync {
    /// With its definition as the first revision.
    async fn insert(&self, sequence: &Sequence) -> Result<(), StoreError>;
    async fn get(&self, id: SequenceId) -> Result<Option<Sequence>, StoreError>;
    /// The same, locked until the transaction ends.
    async fn get_locked(&self, id: SequenceId) -> Result<Option<Sequence>, StoreError>;
    /// `name` is matched as a part, without case.
    async fn list(
        &self,
        status: Option<SequenceStatus>,
        name: Option<&str>,
        page: &PageRequest<SequenceSort>,
    ) -> Result<Page<Sequence>, StoreError>;
    /// Writes everything if the row is still at `expected` version (the new one is `expected + 1`); a revision that there is not yet is
    /// added, and the others stay as they are. False when it is not.
    async fn update(&self, sequence: &Sequence, expected: i32) -> Result<bool, StoreError>;
    /// Deletes the sequence with its revisions, enrollments and drafts. Mails stay in the ledger, those that are queued as cancelled.
    /// False when it did not exist.
    async fn delete(&self, id: SequenceId, now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// All that are active, with their newest definitions; at most a thousand.
    async fn active(&self) -> Result<Vec<Sequence>, StoreError>;
    /// Definitions by sequence and revision.
    async fn definitions(
        &self,
        wanted: &[(SequenceId, i32)],
    ) -> Result<HashMap<(SequenceId, i32), Definition>, StoreError>;

    /// Locks those of the leads that there are until the transaction ends, in order of id.
    async fn lock_leads(&self, leads: &[LeadId]) -> Result<Vec<LeadId>, StoreError>;
    /// When these leads entered the sequence last.
    async fn last_entries(
        &self,
        sequence: SequenceId,
        leads: &[LeadId],
    ) -> Result<HashMap<LeadId, LastEntry>, StoreError>;
    /// Adds enrollments. A lead that is inside already is [`StoreError::Duplicate`].
    async fn enter(&self, enrollments: &[Enrollment]) -> Result<(), StoreError>;
    async fn enrollment(&self, id: EnrollmentId) -> Result<Option<Enrollment>, StoreError>;
    async fn enrollments(
        &self,
        sequence: SequenceId,
        filter: &EnrollmentFilter,
        page: &PageRequest<EnrollmentSort>,
    ) -> Result<Page<Enrollment>, StoreError>;
    /// Active sequences in which somebody is due, in order of id.
    async fn with_due(&self, now: DateTime<Utc>) -> Result<Vec<SequenceId>, StoreError>;
    /// Enrollments of a sequence that are due, those that were due first: id and lead.
    async fn due(
        &self,
        sequence: SequenceId,
        now: DateTime<Utc>,
        limit: u32,
    ) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError>;
    /// When the next one of an active sequence is due.
    async fn next_due(&self) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// These enrollments, locked until the transaction ends. Lock their leads first.
    async fn lock(&self, ids: &[EnrollmentId]) -> Result<Vec<Enrollment>, StoreError>;
    /// Writes enrollments that were locked in this transaction.
    async fn write(&self, enrollments: &[Enrollment]) -> Result<(), StoreError>;
    /// Has those of the leads looked at now that listen to what happens. Answers whether there are any.
    async fn wake(&self, leads: &[LeadId], now: DateTime<Utc>) -> Result<bool, StoreError>;
    /// The active enrollments of these leads, in one sequence or in all, in order of id; locked. At most a thousand leads.
    async fn active_of(
        &self,
        leads: &[LeadId],
        sequence: Option<SequenceId>,
    ) -> Result<Vec<Enrollment>, StoreError>;
    /// Active enrollments on an older revision, in order of id: id and lead.
    async fn outdated(
        &self,
        sequence: SequenceId,
        revision: i32,
        limit: u32,
    ) -> Result<Vec<(EnrollmentId, LeadId)>, StoreError>;
    /// Writes down that another program answered, if it is still being called at this place. False when it is not.
    async fn answered(
        &self,
        id: EnrollmentId,
        taken: i32,
        took_it: bool,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError>;
    /// Counts a try to tell another program, if it is still being called at this place. False when it is not.
    async fn tried(&self, id: EnrollmentId, taken: i32) -> Result<bool, StoreError>;

    /// Adds mails of steps, whose rows are in the ledger; a second one for the same place is [`StoreError::Duplicate`].
    async fn add_mails(&self, mails: &[StepMail]) -> Result<(), StoreError>;
    /// Claims up to `limit` mails of a batch that are due.
    async fn claim_batch(
        &self,
        batch: Uuid,
        limit: u32,
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<ClaimedMail>, StoreError>;
    /// When the next unfinished mail of a batch needs attention: its next try, or the end of a lease.
    async fn batch_due(&self, batch: Uuid) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// What came of the mails of these enrollments.
    async fn traces(
        &self,
        enrollments: &[EnrollmentId],
    ) -> Result<HashMap<EnrollmentId, Vec<MailTrace>>, StoreError>;
    /// Those of the messages in which a person clicked a link that has this part, without case.
    async fn clicked_link(
        &self,
        messages: &[MessageId],
        part: &str,
    ) -> Result<HashSet<MessageId>, StoreError>;
    /// What happened to leads from a moment on that a test means, of whatever name.
    async fn happened(
        &self,
        test: &EventTest,
        since: &[(LeadId, DateTime<Utc>)],
    ) -> Result<HashSet<LeadId>, StoreError>;

    /// Adds to the numbers of a sequence. They stay locked until the transaction ends: call it last, in order of sequences.
    async fn count(&self, sequence: SequenceId, counts: &Counts) -> Result<(), StoreError>;
    async fn counts(&self, sequence: SequenceId) -> Result<Counts, StoreError>;
    /// How many are inside, by step.
    async fn inside(&self, sequence: SequenceId) -> Result<BTreeMap<StepId, i64>, StoreError>;
    /// How many left, by reason.
    async fn exits(&self, sequence: SequenceId) -> Result<BTreeMap<ExitReason, i64>, StoreError>;
    /// Counts the enrollments of these leads, which are about to go away with them, and why.
    async fn leads_go(&self, leads: &[LeadId], why: ExitReason) -> Result<(), StoreError>;
    /// What came of mails, by step; only `mails` and what follows is set.
    async fn mail_stats(&self, sequence: SequenceId) -> Result<Vec<StepStats>, StoreError>;

    /// Adds drafts; a lead that has one of the outreach already keeps it. Answers how many were added.
    async fn add_drafts(&self, drafts: &[Draft]) -> Result<u64, StoreError>;
    async fn draft(&self, id: DraftId) -> Result<Option<Draft>, StoreError>;
    async fn drafts(
        &self,
        outreach: SequenceId,
        status: Option<DraftStatus>,
        page: &PageRequest<DraftSort>,
    ) -> Result<Page<Draft>, StoreError>;
    /// Writes texts and status if the row is still at `expected` version. False when it is not.
    async fn update_draft(&self, draft: &Draft, expected: i32) -> Result<bool, StoreError>;
    /// Approves all that wait for a person. Answers how many they were.
    async fn approve_drafts(
        &self,
        outreach: SequenceId,
        by: Option<UserId>,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
    /// Leads of approved drafts, in order of id.
    async fn approved(&self, outreach: SequenceId, limit: u32) -> Result<Vec<LeadId>, StoreError>;
    /// `approved -> entered` for these leads.
    async fn drafts_entered(
        &self,
        outreach: SequenceId,
        leads: &[LeadId],
        now: DateTime<Utc>,
    ) -> Result<(), StoreError>;
    async fn draft_counts(&self, outreach: SequenceId) -> Result<DraftCounts, StoreError>;
    /// The lead with the largest id that has a draft: where writing them stopped.
    async fn last_draft(&self, outreach: SequenceId) -> Result<Option<LeadId>, StoreError>;
    /// Texts of drafts by lead.
    async fn draft_texts(
        &self,
        outreach: SequenceId,
        leads: &[LeadId],
    ) -> Result<HashMap<LeadId, Draft>, StoreError>;
}

/// Sequences of all organizations.
#[async_trait]
pub trait SequenceDirectory: Send + Sync {
    /// Organizations with enrollments that were due before this moment, in the order of their ids, the first `limit` after `after`.
    async fn organizations_with_due(
        &self,
        before: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
}
