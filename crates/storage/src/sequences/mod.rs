//! Sequences: themselves, who is on the way through them, their mails, their numbers, and drafts of outreach.

mod convert;
mod directory;
mod drafts;
mod enrollments;
mod mails;
mod manage;
mod repo;
mod stats;

pub(crate) use stats::leads_go;
