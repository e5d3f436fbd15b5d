//! What every route shares: the envelope, errors, extractors, and the middleware around them.

mod answer;
mod auth;
mod client_ip;
mod context;
mod cors;
mod error;
mod head;
mod idempotency;
mod json;
mod limits;
mod list;
mod origin;
mod params;
mod protection;
mod recorder;
mod redirect;
mod shared;
mod state;

pub use answer::{Answer, Envelope, ErrorEnvelope, Nothing, Versioned};
pub use auth::Auth;
pub use client_ip::{ClientIp, Network};
pub(crate) use context::{context, request_id};
pub use error::ApiError;
pub(crate) use error::REPLAYED;
pub(crate) use head::is_head;
pub(crate) use idempotency::idempotency;
pub(crate) use json::parse_json;
pub use json::{JsonBody, read_body};
pub use limits::Limits;
pub use list::{ListEnvelope, Listing, page_request};
pub(crate) use origin::origin;
pub use params::{IfMatch, PathId, Query};
pub(crate) use recorder::{render_metrics, start_recorder};
pub(crate) use redirect::to_api;
pub use shared::{Shared, SharedReads};
pub use state::{ApiState, HttpSettings};
