//! Forgetting people, telling them what is kept of them, and keeping nothing for longer than was said.
//!
//! What an erasure does is in the store, where the tables are; here is who may ask for it, the receipt, and the journal that
//! lets an older copy of the database learn of it.

mod account;
mod archive;
mod build;
mod commands;
mod erase;
mod export;
mod line;
mod receipts;
mod replay;
mod retention;

pub use account::{delete_account, erase_organization};
pub use build::build_export;
pub use commands::{DeleteAccount, ExportStarted, NewErasure};
pub use erase::{erase_address, erase_lead};
pub use export::{Exported, data_export};
pub use receipts::{get_erasure, list_erasures};
pub use replay::{Replayed, replay_erasures};
pub use retention::{apply_retention, schedule_retention};
