//! One lead on its way through a sequence.

use super::definition::StepId;
use crate::ids::{EnrollmentId, LeadId, SequenceId};
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    EnrollmentStatus { Active => "active", Exited => "exited" }
}

crate::text_enum::text_enum! {
    /// How far the lead is at its step.
    Phase {
        /// It has just come: nothing was done yet.
        Arrived => "arrived",
        /// It waits for `due_at`, or for what the step waits for.
        Waiting => "waiting",
        /// Another program is being told.
        Calling => "calling",
        /// That program took it.
        Answered => "answered",
        /// That program did not take it, after all tries.
        Refused => "refused",
    }
}

crate::text_enum::text_enum! {
    /// Why somebody is not in a sequence any more.
    ExitReason {
        /// It came to an end.
        Finished => "finished",
        /// It met a goal.
        Goal => "goal",
        /// It unsubscribed, or took back its consent.
        Unsubscribed => "unsubscribed",
        /// Its address must not be written to for another reason.
        Suppressed => "suppressed",
        /// Its person was forgotten. Only counted: the enrollment is gone.
        Erased => "erased",
        /// The lead was deleted. Only counted: the enrollment is gone.
        Deleted => "deleted",
        /// Somebody took it out.
        Manual => "manual",
        /// It entered anew.
        Replaced => "replaced",
        /// Something was wrong; the note says what.
        Failed => "failed",
        /// The sequence was edited, and no step of the new version stands for the one it was at.
        Moved => "moved",
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Enrollment {
    pub id: EnrollmentId,
    pub sequence_id: SequenceId,
    /// The version of the sequence that it is on.
    pub version: i32,
    pub lead_id: LeadId,
    pub status: EnrollmentStatus,
    /// Where it is, or was last.
    pub step: StepId,
    pub phase: Phase,
    /// Steps that were taken: together with `step` the place that a change must start from.
    pub taken: i32,
    /// Tries to tell another program at this step.
    pub attempt: i32,
    /// When it came to its step.
    pub arrived_at: DateTime<Utc>,
    /// The moment that it waits for.
    pub due_at: Option<DateTime<Utc>>,
    /// When it is looked at next; null while another program is being told, and after the exit.
    #[serde(rename = "next_at")]
    pub wake_at: Option<DateTime<Utc>>,
    /// Whether anything that happens to the lead may let it go on.
    #[serde(skip)]
    pub listens: bool,
    pub entered_at: DateTime<Utc>,
    pub exited_at: Option<DateTime<Utc>>,
    pub exit_reason: Option<ExitReason>,
    /// More about the exit.
    pub exit_note: Option<String>,
}

impl Enrollment {
    pub fn enter(
        id: EnrollmentId,
        (sequence_id, version): (SequenceId, i32),
        lead_id: LeadId,
        first: &str,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            sequence_id,
            version,
            lead_id,
            status: EnrollmentStatus::Active,
            step: first.to_owned(),
            phase: Phase::Arrived,
            taken: 0,
            attempt: 0,
            arrived_at: now,
            due_at: None,
            wake_at: Some(now),
            listens: false,
            entered_at: now,
            exited_at: None,
            exit_reason: None,
            exit_note: None,
        }
    }

    pub fn is_active(&self) -> bool {
        self.status == EnrollmentStatus::Active
    }

    /// Ends it; an end that was stays.
    pub fn exit(&mut self, reason: ExitReason, note: Option<String>, now: DateTime<Utc>) {
        if !self.is_active() {
            return;
        }
        self.status = EnrollmentStatus::Exited;
        self.exited_at = Some(now);
        self.exit_reason = Some(reason);
        self.exit_note = note;
        self.wake_at = None;
        self.due_at = None;
        self.listens = false;
    }
}

crate::sort_fields! {
    /// How enrollments can be ordered.
    EnrollmentSort { CreatedAt => "created_at": Time }
}
