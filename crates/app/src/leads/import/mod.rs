//! Import of CSV files and spreadsheets.
//!
//! A file is taken in as it comes ([`Receiver`]): found out what it is ([`intake`], [`encoding`], [`layout`], [`columns`]), a
//! spreadsheet unfolded ([`xlsx`], [`sheet`]), and kept as text in pieces. A job reads it piece by piece ([`source`],
//! [`reader`], [`row`]), and a pure merge decides without a store what each line would do, so that a dry run counts exactly
//! what the real run does. What it did can be taken back ([`undo`]).

mod columns;
mod dry;
mod encoding;
mod intake;
mod job;
mod layout;
mod merge;
mod plan;
mod preview;
mod reader;
mod receive;
mod row;
mod sheet;
mod source;
mod undo;
mod write;
mod xlsx;

pub use job::{fail_import, get_import, give_up_import, run_import};
pub use preview::Preview;
pub use receive::{Receiver, receive_import};
pub use undo::{run_undo, undo_import};
