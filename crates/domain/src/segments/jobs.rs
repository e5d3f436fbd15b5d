//! Background work of segments.

use crate::ids::SegmentId;
use crate::jobs::{JobPayload, Queue};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Writes down who is in a segment, in pieces.
#[derive(Debug, Serialize, Deserialize)]
pub struct FreezeSegment {
    pub segment_id: SegmentId,
    /// The moment that it is about.
    pub asked_at: DateTime<Utc>,
}

impl JobPayload for FreezeSegment {
    const KIND: &'static str = "segments.freeze";
    const QUEUE: Queue = Queue::Heavy;
}
