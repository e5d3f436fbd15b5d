//! Types, rules, state machines and port traits of Groundswell.
//!
//! Nothing here knows a database, a web framework or a clock: whatever touches the outside world is a trait
//! (a *port*) that an adapter crate implements. A bounded context is a folder with one file per concept and its
//! ports in `ports.rs`; contexts refer to each other by id only.

pub mod audit;
pub mod brand;
pub mod campaigns;
pub mod clients;
pub mod consents;
pub mod duplicates;
pub mod editorial;
pub mod egress;
pub mod email;
pub mod enrichment;
pub mod error;
pub mod experiments;
pub mod forms;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod jobs;
pub mod language;
pub mod leads;
pub mod limits;
pub mod llm;
pub mod locale;
pub mod money;
pub mod paging;
pub mod patch;
pub mod phone;
pub mod pipeline;
pub mod platform;
pub mod platforms;
pub mod privacy;
pub mod projects;
pub mod qualification;
pub mod region;
pub mod schedules;
pub mod scope;
pub mod scoring;
pub mod secrets;
pub mod segments;
pub mod sequences;
pub mod store;
mod text_enum;
pub mod timing;
pub mod trace;
pub mod user_agent;
pub mod validate;
pub mod web;
pub mod writer;

pub use error::{Error, FieldError, Position, StoreError};
pub use ids::*;
pub use paging::{Cursor, Direction, Page, PageRequest, Sort};
pub use patch::Patch;
pub use scope::{Actor, Origin, Scope, View};
pub use store::{Isolation, Repos, Store, SystemStore, UnitOfWork};

/// How much one JSON object that a caller may shape freely (custom fields, styling) can hold, in bytes of JSON.
pub const MAX_FREE_JSON: usize = 32 * 1024;
