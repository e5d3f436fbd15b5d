//! What leads need from the store.

use super::{
    Import, ImportCounts, ImportError, KeptLead, Lead, LeadEvent, LeadFilter, LeadSort, Mark, Place,
    ScoreEntry, ScoreSort, StatusCounts, TimelineSort, Undone,
};
use crate::email::{Checked, Due};
use crate::error::StoreError;
use crate::ids::{ImportId, JobId, LeadEventId, LeadId, OrganizationId, ScoringModelId};
use crate::paging::{Page, PageRequest};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::HashSet;

#[async_trait]
pub trait LeadRepo: Send + Sync {
    /// Adds a lead; a taken address is [`StoreError::Duplicate`]. The score is taken as 0: see [`Self::add_score`].
    async fn insert(&self, lead: &Lead) -> Result<(), StoreError>;
    /// Adds many leads with scores of 0, leaving out those whose address is taken; answers with the ids that were added.
    async fn insert_many(&self, leads: &[Lead]) -> Result<Vec<LeadId>, StoreError>;
    async fn get(&self, id: LeadId) -> Result<Option<Lead>, StoreError>;
    /// By normalized addresses; locked until the transaction ends.
    async fn by_email_keys(&self, keys: &[String]) -> Result<Vec<Lead>, StoreError>;
    async fn list(&self, filter: &LeadFilter, page: &PageRequest<LeadSort>)
    -> Result<Page<Lead>, StoreError>;
    /// How many leads the filter means.
    async fn count(&self, filter: &LeadFilter) -> Result<i64, StoreError>;
    /// Up to `limit` of them, whichever are found first.
    async fn some(&self, filter: &LeadFilter, limit: u32) -> Result<Vec<Lead>, StoreError>;
    /// The leads after `after` in order of id, for walking through all of them in bounded pieces.
    async fn after(
        &self,
        filter: &LeadFilter,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<Lead>, StoreError>;
    /// Leads whose address is to be looked at, those that have waited longest first.
    async fn due_for_verification(&self, now: DateTime<Utc>, limit: u32) -> Result<Vec<Due>, StoreError>;
    /// Writes what came of it where the address is still the same; neither version nor `updated_at` change. Leads that somebody
    /// else is just writing are left out. Answers how many were written.
    async fn verified(&self, checked: &[Checked]) -> Result<u64, StoreError>;
    /// Writes everything but score and creation if the row is still at `expected` version (the new version is
    /// `expected + 1`); what is known of its address only if that is another one. False when it is not. A taken address is [`StoreError::Duplicate`].
    async fn update(&self, lead: &Lead, expected: i32) -> Result<bool, StoreError>;
    /// Writes many leads that were read with a lock in this transaction; versions are raised by one.
    async fn update_many(&self, leads: &[Lead]) -> Result<(), StoreError>;
    /// Deletes the lead with its ledger and submissions; mails to it stay, without it. False when it did not exist.
    async fn delete(&self, id: LeadId) -> Result<bool, StoreError>;

    /// Adds ledger lines, and the points of the primary ones to the leads' sums. A line whose `(lead, ledger, rule, event)` is there already, and one
    /// of a lead that no longer exists, is left out. Answers how many were added.
    async fn add_score(&self, entries: &[ScoreEntry]) -> Result<u64, StoreError>;
    /// The lines that count towards the lead's score, or those of a model that runs beside the primary one.
    async fn score_entries(
        &self,
        lead: LeadId,
        beside: Option<ScoringModelId>,
        page: &PageRequest<ScoreSort>,
    ) -> Result<Page<ScoreEntry>, StoreError>;
    /// Leads by status, without counting them: the time does not depend on how many there are.
    async fn status_counts(&self) -> Result<StatusCounts, StoreError>;
}

/// What happened to leads.
#[async_trait]
pub trait LeadEventRepo: Send + Sync {
    /// Adds events. One whose id is there already, and one of a lead that no longer exists, is left out; so is one whose
    /// kind is read off another ledger.
    async fn add(&self, events: &[LeadEvent]) -> Result<(), StoreError>;
    /// Takes back what turned out not to have happened. The score is to be computed again.
    async fn retract(&self, lead: LeadId, ids: &[LeadEventId]) -> Result<(), StoreError>;
    /// Everything that happened to a lead, also what other ledgers keep of it: points, mails, and its beginning.
    async fn timeline(
        &self,
        lead: &Lead,
        page: &PageRequest<TimelineSort>,
    ) -> Result<Page<LeadEvent>, StoreError>;
}

/// Leads of all organizations.
#[async_trait]
pub trait LeadDirectory: Send + Sync {
    /// Organizations with leads that are due for verification, in the order of their ids, the first `limit` after `after`.
    async fn organizations_to_verify(
        &self,
        now: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
    /// Organizations that looked for duplicates and have leads that changed since, up to `until`; as above.
    async fn organizations_to_compare(
        &self,
        until: DateTime<Utc>,
        after: Option<OrganizationId>,
        limit: u32,
    ) -> Result<Vec<OrganizationId>, StoreError>;
}

/// The file of an import is kept in pieces until the import is finished, as UTF-8 with line feeds.
#[async_trait]
pub trait ImportRepo: Send + Sync {
    async fn insert(&self, import: &Import) -> Result<(), StoreError>;
    /// Adds the piece of the file that starts at byte `start`.
    async fn add_piece(&self, id: ImportId, start: i64, content: &[u8]) -> Result<(), StoreError>;
    /// The file has arrived: writes down its name, mapping, tags, rules and the place of its first line, and puts it into the queue.
    /// False when it was ended meanwhile.
    async fn received(&self, import: &Import) -> Result<bool, StoreError>;
    /// Forgets an import whose file did not arrive, and what arrived of a file in any case.
    async fn abandon(&self, id: ImportId) -> Result<(), StoreError>;
    async fn get(&self, id: ImportId) -> Result<Option<Import>, StoreError>;
    /// Bytes of the file from `offset` to the end of the piece that holds it; `None` after the end, and when the import is finished.
    async fn piece(&self, id: ImportId, offset: i64) -> Result<Option<Vec<u8>>, StoreError>;
    async fn set_running(&self, id: ImportId) -> Result<(), StoreError>;
    /// Adds what a piece of the file gave, if work stands at byte `from`, and moves on to `to`. False when
    /// someone else did that piece already: roll back.
    async fn advance(
        &self,
        id: ImportId,
        from: i64,
        to: Place,
        counts: ImportCounts,
        errors: &[ImportError],
    ) -> Result<bool, StoreError>;
    /// Remembers what the import does to these leads, for an undo. To be called before they are updated and after they are
    /// created; a lead that comes again keeps its first mark.
    async fn mark(&self, id: ImportId, leads: &[(LeadId, Mark)]) -> Result<(), StoreError>;
    /// Which of these leads the import made.
    async fn created(&self, id: ImportId, leads: &[LeadId]) -> Result<HashSet<LeadId>, StoreError>;
    /// Ends the import and forgets the file. `error` tells why the whole of it failed.
    async fn finish(&self, id: ImportId, error: Option<&str>, now: DateTime<Utc>) -> Result<(), StoreError>;
    /// The same for the import that this job was for, when it will not run again; nothing when it was for something else.
    async fn give_up(&self, job: JobId, error: &str, now: DateTime<Utc>) -> Result<(), StoreError>;
    /// Bad lines after line `after`, in order: `limit` of them, and what else is wrong with the last line.
    async fn errors(&self, id: ImportId, after: i64, limit: u32) -> Result<Vec<ImportError>, StoreError>;

    /// Begins to take back a finished import. False when it is in no state for that.
    async fn start_undo(&self, id: ImportId) -> Result<bool, StoreError>;
    /// Takes back what was done to up to `limit` leads, in order of id, and counts it: what was created goes, what was updated
    /// is exactly as before, consents and moves of the import go. Leads that were changed since, or have mails, answers, consents
    /// or events since, stay and are remembered with the reason. Zeros when nothing is left to do. Ledgers of scores stay as they
    /// are: have them computed again for what was restored, in the same transaction.
    async fn undo(&self, id: ImportId, limit: u32) -> Result<Undone, StoreError>;
    async fn end_undo(&self, id: ImportId) -> Result<(), StoreError>;
    /// Leads that an undo left alone, after `after`, in order of id.
    async fn kept(
        &self,
        id: ImportId,
        after: Option<LeadId>,
        limit: u32,
    ) -> Result<Vec<KeptLead>, StoreError>;
}
