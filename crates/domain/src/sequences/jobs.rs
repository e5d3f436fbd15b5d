//! Background work of sequences.

use crate::ids::{EnrollmentId, LeadId, SequenceId, SubmissionId};
use crate::jobs::{JobPayload, Priority};
use crate::segments::Audience;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Takes the next step with everybody whose time has come.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunSequences {}

impl JobPayload for RunSequences {
    const KIND: &'static str = "sequences.run";
    const MAX_ATTEMPTS: i32 = 100;
}

/// Hands over the mails that one piece of work put into the ledger.
#[derive(Debug, Serialize, Deserialize)]
pub struct DeliverSequenceMails {
    pub batch: Uuid,
}

impl JobPayload for DeliverSequenceMails {
    const KIND: &'static str = "sequences.deliver";
    // Counted per crash only: a batch that waits for another try uses none up.
    const MAX_ATTEMPTS: i32 = 100;
}

/// Lets a segment's leads in, once.
#[derive(Debug, Serialize, Deserialize)]
pub struct EnrollAudience {
    pub sequence_id: SequenceId,
    pub audience: Audience,
    /// Who entered since is not let in again, so that the work can be done twice.
    pub asked_at: DateTime<Utc>,
}

impl JobPayload for EnrollAudience {
    const KIND: &'static str = "sequences.enroll";
    const PRIORITY: Priority = Priority::Low;
}

/// Looks each hour who has come into a sequence's segment, as long as there is the sequence: what time alone does to a lead changes
/// nothing of it that could tell, and what was told may have been lost.
#[derive(Debug, Serialize, Deserialize)]
pub struct LookForLeads {
    pub sequence_id: SequenceId,
    /// Besides the one that looks each hour.
    #[serde(default)]
    pub once: bool,
}

impl JobPayload for LookForLeads {
    const KIND: &'static str = "sequences.look";
    const PRIORITY: Priority = Priority::Low;
    const MAX_ATTEMPTS: i32 = 100;
}

/// Looks whether these leads have come into segments of sequences, or got the mail of a campaign that lets in.
#[derive(Debug, Serialize, Deserialize)]
pub struct LookAtLeads {
    /// At most 500.
    pub leads: Vec<LeadId>,
}

impl JobPayload for LookAtLeads {
    const KIND: &'static str = "sequences.look_at_leads";
    const PRIORITY: Priority = Priority::Low;
}

/// What a form that was sent means for sequences.
#[derive(Debug, Serialize, Deserialize)]
pub struct AfterSubmission {
    pub submission_id: SubmissionId,
}

impl JobPayload for AfterSubmission {
    const KIND: &'static str = "sequences.submitted";
}

/// Moves those inside to the newest version.
#[derive(Debug, Serialize, Deserialize)]
pub struct MoveEnrollments {
    pub sequence_id: SequenceId,
    pub revision: i32,
}

impl JobPayload for MoveEnrollments {
    const KIND: &'static str = "sequences.move";
}

/// Tells another program, until it has taken it or the tries are used up.
#[derive(Debug, Serialize, Deserialize)]
pub struct CallSequenceWebhook {
    pub enrollment_id: EnrollmentId,
    /// The place at which it is called.
    pub taken: i32,
    /// The same at every try, so that the other program can tell.
    pub message_id: Uuid,
}

impl JobPayload for CallSequenceWebhook {
    const KIND: &'static str = "sequences.webhook";
    // The enrollment waits for it and for nothing else.
    const MAX_ATTEMPTS: i32 = 100;
}

/// Writes the drafts of an outreach.
#[derive(Debug, Serialize, Deserialize)]
pub struct DraftOutreach {
    pub sequence_id: SequenceId,
    pub audience: Audience,
    pub mail: crate::email::TemplateSource,
}

impl JobPayload for DraftOutreach {
    const KIND: &'static str = "sequences.draft";
    const PRIORITY: Priority = Priority::Low;
}

/// Lets in the leads of drafts that were approved.
#[derive(Debug, Serialize, Deserialize)]
pub struct SendApproved {
    pub sequence_id: SequenceId,
}

impl JobPayload for SendApproved {
    const KIND: &'static str = "sequences.approved";
}
