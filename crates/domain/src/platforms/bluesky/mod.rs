//! Bluesky (atproto @d6296a1): identifiers, and what its rich text makes links of.

mod facets;
mod syntax;

pub use syntax::{is_at_identifier, is_at_uri, is_did, is_handle, is_nsid, is_record_key, is_tid};

pub(super) use facets::entities;
