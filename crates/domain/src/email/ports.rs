//! What mail needs from the outside.

use super::metrics::{CountedMails, MetricsFilter};
use super::{
    ClaimedMessage, Doubted, EmailEvent, EventContext, EventEffect, Fate, Identity, LintReport, Message,
    MessageContent, MessageFilter, MessageKind, MessageSort, MessageStatus, NewMessage, OutgoingMail,
    PartialSort, PlannedMessage, Released, RenderedMail, SendError, Settlement, Suppression,
    SuppressionReason, SuppressionSort, Template, TemplatePartial, TemplateSort, TemplateSource,
    TemplateVersion, Topic, TopicFilter, TopicLeave, TopicLeaveSort, TopicSort, TopicUses, Touch,
    VersionInfo, VersionSort,
};
use crate::error::{FieldError, StoreError};
use crate::ids::{
    CampaignId, ClientId, LeadId, LeaseToken, MessageId, OrganizationId, SuppressionId, TemplateId,
    TemplatePartialId, TopicId, TopicLeaveId, UserId,
};
use crate::paging::{Page, PageRequest};
use crate::timing::HourCount;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Hands mails to a server (or keeps them, as the outbox does).
#[async_trait]
pub trait Mailer: Send + Sync {
    /// The server's reply when it took the mail. With an identity the mail comes from that, signed; without one from the
    /// installation's own address.
    async fn send(&self, mail: &OutgoingMail, identity: Option<&Identity>) -> Result<String, SendError>;
    /// Connects to each server and says hello, for `doctor` and the health page: its name, and what was found.
    async fn check(&self) -> Vec<(String, Result<String, String>)>;
    /// How many of its servers this process could reach when it last tried, and how many there are. Asks nobody.
    fn reachable(&self) -> (usize, usize);
    /// `servers` or `outbox`.
    fn name(&self) -> &'static str;
    /// Whether any of its servers can be asked what became of a mail.
    fn can_tell(&self) -> bool {
        false
    }
    /// What became of a mail that may have been sent; `Ok(None)` when none of them knows. Changes nothing. The error says who could not be asked.
    async fn fate(&self, _mail: &Doubted) -> Result<Option<Fate>, String> {
        Ok(None)
    }
}

/// What merge fields are filled with.
#[derive(Debug, Clone, Default)]
pub struct MergeFields {
    /// The object `lead`: `name`, `first_name`, `email`, `phone`, `company`, `title`, `source`, `status`, `stage`, `score`, `tags`,
    /// `language`, `custom_fields`; in campaigns also `form_token`, for links to hosted forms (`?l=`) that then ask what is not known yet.
    pub lead: serde_json::Value,
    /// The object `organization`: name.
    pub organization: serde_json::Value,
    /// The template's own variables, by name.
    pub variables: serde_json::Map<String, serde_json::Value>,
    pub unsubscribe_url: Option<String>,
}

/// Rewrites the links of one mail so that clicks come back; also makes the open pixel.
pub trait LinkTracker: Send + Sync {
    /// The address to put in place of a link to `url` (http or https).
    fn click(&self, url: &str) -> String;
    /// Address of the picture that tells of an open.
    fn pixel(&self) -> String;
    /// Address of a link that no person can see: who follows it is a program.
    fn honeypot(&self) -> String;
}

/// Templates: a sandbox with fuel, so that no template can hang or break out.
pub trait TemplateEngine: Send + Sync {
    /// Checks syntax and fields; the problems are by part (`subject`, `html`, `text`) with line and column.
    fn compile(&self, source: &TemplateSource) -> Result<Arc<dyn CompiledTemplate>, Vec<FieldError>>;
    /// The text alternative of HTML.
    fn text_of(&self, html: &str) -> String;
    /// Names of the partials that a piece of a template includes, each once; none of one that can't be read.
    fn includes(&self, html: &str) -> Vec<String>;
    /// Looks the mail over, as it is for this sample and for somebody of whom nothing is known. What can't be compiled has findings, too.
    fn lint(&self, source: &TemplateSource, sample: &MergeFields) -> LintReport;
}

pub trait CompiledTemplate: Send + Sync {
    /// Fills in the fields (HTML-escaped in the HTML part only, line breaks removed from the subject), rewrites links and
    /// adds the pixel when there is a tracker, and makes the text part if there is none. Without an unsubscribe link
    /// of its own, mail with `unsubscribe_url` gets one at its end.
    fn render(&self, fields: &MergeFields, tracker: Option<&dyn LinkTracker>)
    -> Result<RenderedMail, String>;
}

#[async_trait]
pub trait TemplateRepo: Send + Sync {
    async fn insert(&self, template: &Template) -> Result<(), StoreError>;
    async fn get(&self, id: TemplateId) -> Result<Option<Template>, StoreError>;
    async fn list(
        &self,
        category: Option<&str>,
        page: &PageRequest<TemplateSort>,
    ) -> Result<Page<Template>, StoreError>;
    /// False when the row is not at `expected` version.
    async fn update(&self, template: &Template, expected: i32) -> Result<bool, StoreError>;
    /// With its versions.
    async fn delete(&self, id: TemplateId) -> Result<bool, StoreError>;

    /// Adds a version to a template that is there. Its number must be new.
    async fn insert_version(&self, version: &TemplateVersion) -> Result<(), StoreError>;
    async fn version(&self, id: TemplateId, number: i32) -> Result<Option<TemplateVersion>, StoreError>;
    /// The version that is sent, if there is one.
    async fn live(&self, id: TemplateId) -> Result<Option<TemplateVersion>, StoreError>;
    async fn versions(
        &self,
        id: TemplateId,
        page: &PageRequest<VersionSort>,
    ) -> Result<Page<VersionInfo>, StoreError>;
    /// Writes down when and by whom a version was published, unless that was done before.
    async fn mark_published(
        &self,
        id: TemplateId,
        number: i32,
        at: DateTime<Utc>,
        by: Option<UserId>,
    ) -> Result<(), StoreError>;
    /// Deletes the versions below a number that were never published; answers how many.
    async fn forget_drafts(&self, id: TemplateId, below: i32) -> Result<u64, StoreError>;
}

#[async_trait]
pub trait PartialRepo: Send + Sync {
    /// A name that is taken is a duplicate.
    async fn insert(&self, partial: &TemplatePartial) -> Result<(), StoreError>;
    async fn get(&self, id: TemplatePartialId) -> Result<Option<TemplatePartial>, StoreError>;
    /// Those that there are, in no order.
    async fn by_names(&self, names: &[String]) -> Result<Vec<TemplatePartial>, StoreError>;
    async fn list(&self, page: &PageRequest<PartialSort>) -> Result<Page<TemplatePartial>, StoreError>;
    /// False when the row is not at `expected` version.
    async fn update(&self, partial: &TemplatePartial, expected: i32) -> Result<bool, StoreError>;
    async fn delete(&self, id: TemplatePartialId) -> Result<bool, StoreError>;
}

#[async_trait]
pub trait SuppressionRepo: Send + Sync {
    /// Adds an address; if it is there already, the older entry stays. True when it was added.
    async fn insert(&self, suppression: &Suppression) -> Result<bool, StoreError>;
    async fn get(&self, id: SuppressionId) -> Result<Option<Suppression>, StoreError>;
    /// With `keys`: only what has one of them, a normalized address or a hash.
    async fn list(
        &self,
        reason: Option<SuppressionReason>,
        keys: Option<&[String; 2]>,
        page: &PageRequest<SuppressionSort>,
    ) -> Result<Page<Suppression>, StoreError>;
    async fn delete(&self, id: SuppressionId) -> Result<bool, StoreError>;
    /// Which of these normalized addresses (or hashes of erased ones) are suppressed, and why. Use-cases ask
    /// `groundswell_app::email::suppressed`, which looks for both.
    async fn find(&self, email_keys: &[String]) -> Result<Vec<(String, SuppressionReason)>, StoreError>;
}

/// Topics, and which addresses left them. Addresses are normalized, as on the suppression list.
#[async_trait]
pub trait TopicRepo: Send + Sync {
    async fn insert(&self, topic: &Topic) -> Result<(), StoreError>;
    async fn get(&self, id: TopicId) -> Result<Option<Topic>, StoreError>;
    /// The same; nobody changes or deletes it until the transaction ends.
    async fn get_locked(&self, id: TopicId) -> Result<Option<Topic>, StoreError>;
    async fn list(
        &self,
        filter: &TopicFilter,
        page: &PageRequest<TopicSort>,
    ) -> Result<Page<Topic>, StoreError>;
    /// How many there are.
    async fn count(&self) -> Result<u64, StoreError>;
    /// What a recipient can choose from, by name: topics that are not archived, of the whole organization and of these clients.
    async fn offered(&self, clients: &[ClientId]) -> Result<Vec<Topic>, StoreError>;
    /// False when the row is not at `expected` version.
    async fn update(&self, topic: &Topic, expected: i32) -> Result<bool, StoreError>;
    /// What names it.
    async fn uses(&self, id: TopicId) -> Result<TopicUses, StoreError>;
    async fn delete(&self, id: TopicId) -> Result<bool, StoreError>;

    /// True when the address had not left it.
    async fn leave(&self, leave: &TopicLeave) -> Result<bool, StoreError>;
    /// True when the address had left it.
    async fn join(&self, id: TopicId, email_key: &str) -> Result<bool, StoreError>;
    /// Which of these topics each of these addresses left, in one statement for many addresses.
    async fn left(
        &self,
        email_keys: &[String],
        topics: &[TopicId],
    ) -> Result<Vec<(String, TopicId)>, StoreError>;
    /// All that these addresses left: at most as many each as there are topics.
    async fn left_by(&self, email_keys: &[String]) -> Result<Vec<TopicLeave>, StoreError>;
    /// Who left a topic; with `email_key` only that one.
    async fn leaves(
        &self,
        id: TopicId,
        email_key: Option<&str>,
        page: &PageRequest<TopicLeaveSort>,
    ) -> Result<Page<TopicLeave>, StoreError>;
    /// Takes leaves back, as far as they are still there.
    async fn take_back(&self, ids: &[TopicLeaveId]) -> Result<(), StoreError>;
}

/// What a sweep found. The rows of dead workers went on to these states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    /// `claimed -> queued`: nothing had been sent.
    pub requeued: u64,
    /// `sending -> unknown`.
    pub unknown: u64,
}

/// What a settlement changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettledRow {
    pub id: MessageId,
    pub campaign_id: Option<CampaignId>,
    /// The state before (`sending`, `claimed`, or `unknown` when a sweep came first).
    pub before: MessageStatus,
    pub after: MessageStatus,
}

/// The ledger. Every change of state names the state (and where it matters the lease) it must start from.
#[async_trait]
pub trait MessageRepo: Send + Sync {
    /// Adds rows; one whose `(campaign, lead)` is in the ledger already is left out. Answers with the ids that were added.
    async fn insert_many(
        &self,
        messages: &[NewMessage],
        now: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError>;
    /// The same for rows of campaigns that have their time.
    async fn plan(
        &self,
        messages: &[PlannedMessage],
        now: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError>;
    async fn get(&self, id: MessageId) -> Result<Option<Message>, StoreError>;
    /// The stored content of a mail that is not a campaign's.
    async fn content(&self, id: MessageId) -> Result<Option<MessageContent>, StoreError>;
    async fn list(
        &self,
        filter: &MessageFilter,
        page: &PageRequest<MessageSort>,
    ) -> Result<Page<Message>, StoreError>;
    /// Which mails of a kind to this normalized address were queued after a moment, and when: newest first, at most a
    /// hundred; those that were suppressed do not count.
    async fn queued_since(
        &self,
        kind: MessageKind,
        email_key: &str,
        since: DateTime<Utc>,
    ) -> Result<Vec<(MessageId, DateTime<Utc>)>, StoreError>;

    /// Claims up to `limit` of a campaign's rows that are due, oldest first.
    async fn claim_campaign(
        &self,
        campaign: CampaignId,
        limit: u32,
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<ClaimedMessage>, StoreError>;
    /// Claims one row if it is due.
    async fn claim_one(
        &self,
        id: MessageId,
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Option<ClaimedMessage>, StoreError>;
    /// `claimed -> sending`, counting the attempt, for those of the rows that this lease still holds; answers with them.
    async fn begin_sending(
        &self,
        ids: &[MessageId],
        lease: LeaseToken,
        now: DateTime<Utc>,
        lease_until: DateTime<Utc>,
    ) -> Result<Vec<MessageId>, StoreError>;
    /// Ends tries. A row counts if this lease holds it as `claimed` or `sending`, or if it was swept to `unknown` from
    /// this very lease (the worker was slow, not dead). Others are left as they are.
    async fn settle(&self, ends: &[Settlement], now: DateTime<Utc>) -> Result<Vec<SettledRow>, StoreError>;
    /// Gives `claimed` rows of this lease back to the queue at once (a pause or a shutdown).
    async fn release(&self, lease: LeaseToken, now: DateTime<Utc>) -> Result<u64, StoreError>;
    /// Gives some `claimed` rows of this lease back to the queue, each until its moment.
    async fn postpone(
        &self,
        rows: &[(MessageId, DateTime<Utc>)],
        lease: LeaseToken,
        now: DateTime<Utc>,
    ) -> Result<u64, StoreError>;
    /// Up to `limit` of a campaign's rows that wait for a decision (they are due at [`super::HELD`]), in order of id.
    async fn held(
        &self,
        campaign: CampaignId,
        limit: u32,
    ) -> Result<Vec<(MessageId, Option<LeadId>)>, StoreError>;
    /// Gives rows that wait their version and their time; others are left as they are. Answers how many did.
    async fn release_held(&self, rows: &[Released], now: DateTime<Utc>) -> Result<u64, StoreError>;
    /// Marketing mails (of campaigns and sequences) to these leads that were sent, or may have been, after `since`, and those that
    /// a worker is just sending; without those of `except`.
    async fn touches(
        &self,
        leads: &[LeadId],
        since: DateTime<Utc>,
        except: LeaseToken,
    ) -> Result<Vec<Touch>, StoreError>;
    /// Finds rows of a campaign (or with `None`: of no campaign) whose lease has run out.
    async fn sweep(&self, campaign: Option<CampaignId>, now: DateTime<Utc>) -> Result<Swept, StoreError>;
    /// When the next unfinished row of a campaign needs attention: its next try, or the end of a lease.
    async fn next_due(&self, campaign: CampaignId) -> Result<Option<DateTime<Utc>>, StoreError>;
    /// `queued -> cancelled` for a whole campaign; answers how many.
    async fn cancel_queued(&self, campaign: CampaignId, now: DateTime<Utc>) -> Result<u64, StoreError>;

    /// `queued`, `claimed` and `sending -> unknown` for up to `limit` mails, for this reason. Answers how many of each campaign, and of
    /// none.
    async fn doubt(
        &self,
        reason: &str,
        limit: u32,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<Option<CampaignId>, u64>, StoreError>;

    /// Up to `limit` mails that became `unknown` after `since`, in order of id, those after `after`.
    async fn doubted(
        &self,
        since: DateTime<Utc>,
        after: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Message>, StoreError>;
    /// `sending` or `unknown -> sent` or `failed`, with this reason: somebody told for certain what became of the mail. One that was sent counts as sent
    /// when it was last seen. `None` when it is in another state, or not there.
    async fn resolve(
        &self,
        id: MessageId,
        fate: Fate,
        reason: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<SettledRow>, StoreError>;

    /// Takes up to `limit` opens and clicks that wait to be judged, the oldest first, but those that another transaction is just
    /// taking. They are gone when the transaction is committed.
    async fn take_visits(&self, limit: u32) -> Result<Vec<EmailEvent>, StoreError>;
    /// Keeps events and marks their messages. An answer for each: `None` when there is no such message.
    async fn record_events(&self, events: &[EmailEvent]) -> Result<Vec<Option<EventEffect>>, StoreError>;
    /// The same for one.
    async fn record_event(&self, event: &EmailEvent) -> Result<Option<EventEffect>, StoreError> {
        let effects = self.record_events(std::slice::from_ref(event)).await?;
        Ok(effects.into_iter().next().flatten())
    }
    /// Mails that events are about, locked in the order of their ids until the transaction ends: their events are judged by one at a
    /// time. Without those whose recipient was erased: of their events too little is left to judge them again.
    async fn lock_for_events(
        &self,
        ids: &[MessageId],
    ) -> Result<HashMap<MessageId, EventContext>, StoreError>;
    /// Events of mails, oldest first: the latest 500 of each.
    async fn events_of(&self, ids: &[MessageId]) -> Result<HashMap<MessageId, Vec<EmailEvent>>, StoreError>;
    /// Writes other verdicts of events of one mail, and what follows for when it was first opened and clicked.
    async fn rejudge(&self, id: MessageId, events: &[&EmailEvent]) -> Result<(), StoreError>;
    /// Mails with events after `after`, in order of id, at most `limit`.
    async fn with_events(&self, after: Option<MessageId>, limit: u32) -> Result<Vec<MessageId>, StoreError>;
    /// What came of mails. Its cost is that of the mails that are meant, and of their events.
    async fn metrics(&self, filter: &MetricsFilter) -> Result<CountedMails, StoreError>;
    /// In which hours of UTC each of these leads' mails were opened or clicked by a person since then, each mail once an hour.
    async fn response_hours_of(
        &self,
        leads: &[LeadId],
        since: DateTime<Utc>,
    ) -> Result<HashMap<LeadId, Vec<HourCount>>, StoreError>;
    /// In which hours of UTC a lead's mails were opened or clicked by a person since then, each mail once an hour; with `None`:
    /// those of everybody, of which the latest 100,000 events are looked at.
    async fn response_hours(
        &self,
        lead: Option<LeadId>,
        since: DateTime<Utc>,
    ) -> Result<Vec<HourCount>, StoreError>;
}

/// A mail in the outbox: kept, not delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboxMail {
    pub id: MessageId,
    pub organization_id: OrganizationId,
    pub from: String,
    pub to: String,
    pub subject: String,
    pub html: String,
    pub text: String,
    /// Header lines as they would have been sent.
    pub headers: String,
    pub created_at: DateTime<Utc>,
}

/// The place where the outbox transport keeps mails.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// Keeps a mail; the same id a second time changes nothing.
    async fn put(&self, mail: &OutboxMail) -> Result<(), StoreError>;
    /// Newest first; only those before `before` when given.
    async fn latest(&self, before: Option<MessageId>, limit: u32) -> Result<Vec<OutboxMail>, StoreError>;
    async fn mail(&self, id: MessageId) -> Result<Option<OutboxMail>, StoreError>;
}
