//! Erasures, retention, and files with people's data.
//!
//! A new table that holds something about people needs a line in `lead.rs` or `user.rs`, and one in `organization.rs` unless a
//! foreign key takes it along with its organization; a test finds what was forgotten there.

mod address;
mod due;
mod export_parts;
mod exports;
mod lead;
mod ledger;
mod organization;
mod receipts;
mod retention;
mod traces;
mod user;
mod waiting;
