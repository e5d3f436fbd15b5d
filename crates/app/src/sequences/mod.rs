//! Sequences: managing them, letting leads in, and taking their steps.
//!
//! `run.rs` is the engine: pieces of enrollments that are due, each with its step's effect in one transaction. Whatever happens to
//! leads goes through [`after_events`], [`after_writing`] and [`after_capture`], which let them in, let them go on, or take
//! them out. Leads are locked before enrollments, everywhere.

mod commands;
mod deliver;
mod draft;
mod effects;
mod enroll;
mod events;
mod exits;
mod hooks;
mod known;
mod look;
mod manage;
mod outreach;
mod relocate;
mod run;
mod simulate;
mod stats;
mod task;
mod wake;
mod webhook;

pub use commands::{
    Approval, DraftPatch, EnrollInput, Enrolled, EventInput, ExitInput, NewOutreach, NewSequence, Outreach,
    Refused, SequenceEdit, SequencePatch, SimulateInput, WebhookSecret,
};
pub use deliver::deliver_mails;
pub use draft::{approve_draft, get_draft, list_drafts, reject_draft, update_draft};
pub use enroll::{enroll, enroll_audience};
pub use events::add_event;
pub use exits::exit_lead;
pub use hooks::after_submission;
pub(crate) use hooks::{after_capture, after_events, after_writing};
pub(crate) use look::after_sent;
pub use look::{look_at_leads, look_for_leads};
pub use manage::{
    activate_sequence, create_sequence, delete_sequence, get_sequence, list_enrollments, list_sequences,
    pause_sequence, replace_sequence, update_sequence,
};
pub use outreach::{approve_outreach, create_outreach, get_outreach, send_approved, write_drafts};
pub use relocate::move_enrollments;
pub use run::run_sequences;
pub use simulate::simulate_sequence;
pub use stats::sequence_stats;
pub use wake::schedule_due;
pub use webhook::{call_webhook, webhook_secret};

use groundswell_domain::Error;

const MISSING: Error = Error::NotFound { what: "sequence" };
