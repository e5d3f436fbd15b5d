//! An organization: the tenant that everything belongs to.

use crate::ids::OrganizationId;
use crate::locale::{Locale, TimeZone};
use crate::money::Currency;
use crate::privacy::Retention;
use chrono::{DateTime, Utc};
use serde::Serialize;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// The currency of a bare amount, ISO 4217.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "EUR"))]
    pub currency: Currency,
    /// In which days begin and end, by its name in the IANA database.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Berlin"))]
    pub time_zone: TimeZone,
    /// How numbers and dates are written, BCP 47.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "en-GB"))]
    pub locale: Locale,
    /// How long things are kept.
    pub retention: Retention,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}
