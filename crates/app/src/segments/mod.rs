//! Segments: describing them, looking at who is in them, freezing them, and using them where leads are chosen.

mod audience;
mod commands;
mod expression;
mod freeze;
mod manage;
mod preview;

pub(crate) use audience::{choose, of_filter, readable};
pub use commands::{Freezing, NewSegment, Preview, PreviewRequest, SegmentPatch};
pub use freeze::{freeze_segment, write_members};
pub use manage::{
    create_segment, delete_segment, get_segment, list_segments, replace_segment, update_segment,
};
pub use preview::{list_segment_leads, preview_segment};

use groundswell_domain::Error;

const MISSING: Error = Error::NotFound { what: "segment" };
