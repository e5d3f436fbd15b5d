//! What callers send, and what they get.

use groundswell_domain::leads::Lead;
use groundswell_domain::segments::SegmentKind;
use groundswell_domain::{ClientId, JobId, Patch, SegmentId};
use serde::{Deserialize, Serialize};

/// A whole segment, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewSegment {
    /// 1 to 200 characters.
    pub name: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Who is in it: see docs/segments.md for the language.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "tag = \"vip\" and opened within 30 days")
    )]
    pub expression: String,
    /// `dynamic` when absent. One that is frozen is written down by a job, and can be used once `frozen_at` is set; a
    /// segment that was frozen stays it.
    #[serde(default)]
    pub kind: Option<SegmentKind>,
    /// Only leads of this client.
    #[serde(default)]
    pub client_id: Option<ClientId>,
}

/// Changes of a segment; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegmentPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub description: Patch<String>,
    /// Not of a frozen segment.
    #[serde(default)]
    pub expression: Option<String>,
    /// Not of a frozen segment.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<ClientId>))]
    pub client_id: Patch<ClientId>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewRequest {
    #[cfg_attr(
        feature = "openapi",
        schema(example = "tag = \"vip\" and opened within 30 days")
    )]
    pub expression: String,
    /// Only leads of this client.
    #[serde(default)]
    pub client_id: Option<ClientId>,
    /// How many leads to show: 0 to 50, 10 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
}

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// Exactly how many leads there are now.
    pub count: i64,
    /// Some of them.
    pub sample: Vec<Lead>,
    /// How long it took, in milliseconds.
    pub took_ms: i64,
    /// The expression in its canonical form.
    pub canonical: String,
}

/// The members are being written down.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Freezing {
    pub segment_id: SegmentId,
    pub job_id: JobId,
}
