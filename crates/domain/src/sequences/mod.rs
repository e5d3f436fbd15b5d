//! Sequences: what happens to a lead over days, step by step.
//!
//! A [`Definition`] is a graph of steps with stable ids. An [`Enrollment`] is one lead on its way through one version of it.
//! [`advance`] is the only thing that decides what happens next: a pure function of the definition, the enrollment, [`Facts`] of
//! the lead and the time. The engine runs it in a transaction with the effects that it names, and [`simulate`] runs it on a
//! made clock, so that the two can't disagree.
//!
//! To add a kind of step: a variant of [`Step`], its references in `Step::leads_to`, what happens at it in `advance.rs`, and, if it
//! does something outside the enrollment, an [`Effect`].

mod advance;
mod check;
mod definition;
mod effect;
mod enrollment;
mod entry;
mod event;
mod jobs;
mod moved;
mod outreach;
mod pause;
mod ports;
mod sequence;
mod simulate;
mod split;
mod stats;
mod test;
#[cfg(test)]
mod tests;
mod timing;

pub use advance::{Advance, Facts, MOST_TAKEN, Standing, advance};
pub use definition::{
    DateField, Definition, END, MOST_GOALS, MOST_STEPS, MailContent, SplitWay, Step, StepId, Until,
};
pub use effect::{CallWebhook, CreateTask, Effect};
pub use enrollment::{Enrollment, EnrollmentSort, EnrollmentStatus, ExitReason, Phase};
pub use entry::{CampaignEntry, CampaignTrigger, Entry, EventEntry, LastEntry, ReEntry};
pub use event::LeadEvents;
pub use jobs::*;
pub use moved::moved;
pub use outreach::{Draft, DraftCounts, DraftSort, DraftStatus};
pub use pause::Pause;
pub use ports::*;
pub use sequence::{Migrate, Sequence, SequenceSort, SequenceStatus};
pub use simulate::{Assumed, Assumption, Simulated, Simulation, World, simulate};
pub use stats::{SequenceStats, StepStats};
pub use test::{EventTest, MailTest, Since, Test};
pub use timing::{Day, Quiet, SendWindow, Timing, ZoneOf};
