//! What callers send.

use groundswell_domain::consents::{ConsentDecision, Purpose};
use serde::Deserialize;

/// What a lead decided, on paper or on the phone for example.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConsent {
    pub purpose: Purpose,
    /// `granted` or `withdrawn`.
    pub decision: ConsentDecision,
    /// Word by word what the lead was shown or told, in 1 to 2,000 characters.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(min_length = 1, max_length = 2000))]
    pub text: Option<String>,
}
