//! A sequence, as people manage it.

use super::definition::Definition;
use super::entry::{Entry, ReEntry};
use crate::error::Error;
use crate::ids::{SequenceId, TopicId};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::Serialize;

crate::text_enum::text_enum! {
    SequenceStatus {
        /// Nobody comes in yet.
        Draft => "draft",
        Active => "active",
        /// Whoever is inside stays where it is, and nobody comes in.
        Paused => "paused",
    }
}

crate::text_enum::text_enum! {
    /// What becomes of those inside when a sequence is edited.
    Migrate {
        /// They go on with the version that they are on.
        Keep => "keep",
        /// They go on with the new one, from the step of the same name.
        Move => "move",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sequence {
    pub id: SequenceId,
    pub name: String,
    pub description: Option<String>,
    pub status: SequenceStatus,
    pub entry: Entry,
    pub reentry: ReEntry,
    /// Steps, goals and timing of the newest version.
    #[serde(flatten)]
    pub definition: Definition,
    /// Which version of the definition that is.
    pub revision: i32,
    /// What its mails are about, which recipients may leave without leaving everything.
    pub topic_id: Option<TopicId>,
    /// Made by `POST /api/leads/outreach`: each lead has a mail of its own.
    pub outreach: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Sequence {
    /// Everything that can be found wrong without looking anything up.
    pub fn check(&mut self, problems: &mut Problems) {
        self.name = problems.line("name", &self.name, 200, false);
        problems.text(
            "description",
            self.description.as_deref().unwrap_or_default(),
            5000,
        );
        self.entry.check(problems);
        if let ReEntry::AfterDays(days) = self.reentry {
            problems.check(
                (1..=3650).contains(&days),
                "reentry.after_days",
                "must be 1 to 3650",
            );
        }
        self.definition.check(problems);
    }

    /// Draft or paused to active.
    pub fn activate(&mut self) -> Result<(), Error> {
        self.go(
            &[SequenceStatus::Draft, SequenceStatus::Paused],
            SequenceStatus::Active,
        )
    }

    pub fn pause(&mut self) -> Result<(), Error> {
        self.go(&[SequenceStatus::Active], SequenceStatus::Paused)
    }

    fn go(&mut self, from: &[SequenceStatus], to: SequenceStatus) -> Result<(), Error> {
        if !from.contains(&self.status) {
            return Err(Error::conflict(
                "sequence_state",
                format!("a sequence that is {} can't become {to}", self.status),
            ));
        }
        self.status = to;
        Ok(())
    }
}

crate::sort_fields! {
    /// How sequences can be ordered.
    SequenceSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
