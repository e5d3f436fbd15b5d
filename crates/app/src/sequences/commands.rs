//! What callers send, and what they get.

use groundswell_domain::sequences::{
    Assumed, DraftCounts, Entry, MailContent, Migrate, ReEntry, SequenceStatus, Step, Test, Timing,
};
use groundswell_domain::{JobId, LeadId, Patch, SegmentId, SequenceId, TemplateId, TopicId};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A whole sequence, to create or to replace one. See docs/sequences.md for the language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSequence {
    /// 1 to 200 characters.
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Who comes in besides those whom the API lets in.
    #[serde(default)]
    pub entry: Entry,
    #[serde(default)]
    pub reentry: ReEntry,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub goals: Vec<Test>,
    #[serde(default)]
    pub timing: Timing,
    /// What its mails are about.
    #[serde(default)]
    pub topic_id: Option<TopicId>,
}

/// A replacement, and what becomes of those inside.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SequenceEdit {
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub entry: Entry,
    #[serde(default)]
    pub reentry: ReEntry,
    pub steps: Vec<Step>,
    #[serde(default)]
    pub goals: Vec<Test>,
    #[serde(default)]
    pub timing: Timing,
    /// What its mails are about.
    #[serde(default)]
    pub topic_id: Option<TopicId>,
    /// Of those inside, when steps, goals or timing change: `keep` when absent.
    #[serde(default)]
    pub migrate: Option<Migrate>,
}

/// Changes of a sequence; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SequencePatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    #[serde(default)]
    pub entry: Option<Entry>,
    #[serde(default)]
    pub reentry: Option<ReEntry>,
    #[serde(default)]
    pub steps: Option<Vec<Step>>,
    #[serde(default)]
    pub goals: Option<Vec<Test>>,
    #[serde(default)]
    pub timing: Option<Timing>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<TopicId>))]
    pub topic_id: Patch<TopicId>,
    /// Of those inside, when steps, goals or timing change: `keep` when absent.
    #[serde(default)]
    pub migrate: Option<Migrate>,
}

/// Whom to let in: leads, or a segment.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrollInput {
    /// At most 1,000.
    #[serde(default)]
    pub lead_ids: Option<Vec<LeadId>>,
    /// Those who are in it now; a job lets them in.
    #[serde(default)]
    pub segment_id: Option<SegmentId>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Refused {
    pub lead_id: LeadId,
    pub reason: String,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrolled {
    pub entered: u64,
    /// Who could not come in, and why.
    pub refused: Vec<Refused>,
    /// The job that lets a segment in.
    pub job_id: Option<JobId>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExitInput {
    pub lead_id: LeadId,
    /// Why, for whoever looks later.
    #[serde(default)]
    pub note: Option<String>,
}

/// A walk through a sequence on a made clock.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SimulateInput {
    /// Whose facts count.
    pub lead_id: LeadId,
    /// When it enters; now when absent.
    #[serde(default)]
    pub start: Option<chrono::DateTime<chrono::Utc>>,
    /// 1 to 400, 90 when absent.
    #[serde(default)]
    pub days: Option<u32>,
    /// What is taken to happen meanwhile; at most 100.
    #[serde(default)]
    pub assume: Vec<Assumed>,
}

/// Something that another program tells of a lead.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EventInput {
    /// 1 to 100 characters.
    pub name: String,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub data: Map<String, Value>,
}

/// With what calls of webhooks are signed, as Standard Webhooks says.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WebhookSecret {
    pub secret: String,
}

/// A mail for each of some leads, to be approved by a person.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewOutreach {
    pub name: String,
    /// Either these leads, at most 200,
    #[serde(default)]
    pub lead_ids: Option<Vec<LeadId>>,
    /// or those who are in a segment now.
    #[serde(default)]
    pub segment_id: Option<SegmentId>,
    /// What drafts are made from: a template,
    #[serde(default)]
    pub template_id: Option<TemplateId>,
    /// or subject and HTML with merge fields.
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub html: Option<String>,
    #[serde(default)]
    pub text: Option<String>,
    /// What the mails are about.
    #[serde(default)]
    pub topic_id: Option<TopicId>,
}

impl NewOutreach {
    pub(super) fn content(&self) -> MailContent {
        MailContent {
            template_id: self.template_id,
            subject: self.subject.clone(),
            html: self.html.clone(),
            text: self.text.clone(),
            personal: false,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Outreach {
    /// The sequence that sends it, which has statistics and enrollments like others.
    pub id: SequenceId,
    pub name: String,
    pub status: SequenceStatus,
    pub drafts: DraftCounts,
    /// The job that writes the drafts of a segment.
    pub job_id: Option<JobId>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Approval {
    pub approved: u64,
}

/// Changes of a draft; what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DraftPatch {
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub html: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub text: Patch<String>,
}
