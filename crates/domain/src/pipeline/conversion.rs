//! Which sources bring customers.

use super::interval::Share;
use super::set::{Counted, LeadSet};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What leads are told apart by.
    Dimension {
        Source => "source",
        UtmSource => "utm_source",
        UtmMedium => "utm_medium",
        UtmCampaign => "utm_campaign",
        /// The forms that they filled in: a lead counts for each.
        Form => "form",
        /// The campaigns whose forms they filled in: a lead counts for each.
        Campaign => "campaign",
    }
}

impl Dimension {
    /// Those of a set that have this value; an empty one for those that have none. `None` when the value can't be one.
    pub fn narrow(self, set: &LeadSet, value: Option<&str>) -> Option<LeadSet> {
        let mut set = set.clone();
        let text = || Some(value.unwrap_or_default().to_owned());
        match self {
            Self::Source => set.source = text(),
            Self::UtmSource => set.utm_source = text(),
            Self::UtmMedium => set.utm_medium = text(),
            Self::UtmCampaign => set.utm_campaign = text(),
            Self::Form => set.form_id = Some(value?.parse().ok()?),
            Self::Campaign => set.campaign_id = Some(value?.parse().ok()?),
        }
        Some(set)
    }
}

/// What came of the leads of one value.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conversion {
    /// The source or parameter, or the id of the form or campaign; absent for leads that have none.
    pub value: Option<String>,
    pub leads: Counted,
    pub qualified: Counted,
    pub opportunities: Counted,
    pub converted: Counted,
    pub disqualified: Counted,
    /// Converted of all.
    pub rate: Share,
}

/// The numbers behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupCount {
    pub value: Option<String>,
    pub leads: i64,
    pub qualified: i64,
    pub opportunities: i64,
    pub converted: i64,
    pub disqualified: i64,
}
