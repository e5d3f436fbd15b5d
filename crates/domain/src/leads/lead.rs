//! A lead.

use super::profile::LeadProfile;
use super::score::Score;
use super::stage::LeadStage;
use super::tags::Tags;
use crate::email::{EmailAddress, Verification};
use crate::error::Error;
use crate::ids::{ClientId, LeadId};
use crate::money::Money;
use crate::phone::E164;
use crate::region::Region;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

crate::text_enum::text_enum! {
    /// What came of a lead: the coarser view of its stage.
    LeadStatus {
        New => "new",
        /// Its stage is `engaged`.
        Contacted => "contacted",
        /// Its stage is `qualified` or `opportunity`.
        Qualified => "qualified",
        /// Became a customer.
        Converted => "converted",
        Disqualified => "disqualified",
    }
}

/// The campaign parameters a lead first came with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Utm {
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lead {
    pub id: LeadId,
    /// Empty when unknown.
    pub name: String,
    pub email: EmailAddress,
    /// What checks of the address found.
    pub verification: Verification,
    /// As it was typed.
    pub phone: Option<String>,
    /// The same in E.164, if it is a valid number; absent also when neither it nor the organization names a country.
    pub phone_e164: Option<E164>,
    pub company: Option<String>,
    pub title: Option<String>,
    /// How it came in: `form`, `import`, `manual`, or a word of the caller's.
    pub source: String,
    pub status: LeadStatus,
    pub stage: LeadStage,
    /// Since when it has been in this stage.
    pub stage_since: DateTime<Utc>,
    /// How far it ever got; never `disqualified`.
    pub furthest_stage: LeadStage,
    /// Why it converted or was given up; absent while neither has happened, and when nobody said.
    pub outcome_reason: Option<String>,
    /// What the deal is worth.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<crate::money::ShownMoney>))]
    pub value: Option<Money>,
    pub tags: Tags,
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub custom_fields: Map<String, Value>,
    pub score: Score,
    pub utm: Utm,
    pub client_id: Option<ClientId>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Lead {
    /// Moves on to a stage, if the life cycle allows it. True when that is another one.
    pub fn move_to(&mut self, stage: LeadStage, now: DateTime<Utc>) -> Result<bool, Error> {
        self.stage.check_move(stage)?;
        if self.stage == stage {
            return Ok(false);
        }
        self.stage = stage;
        self.status = stage.status();
        self.stage_since = now;
        self.furthest_stage = self.furthest_stage.or_further(stage);
        self.outcome_reason = None;
        Ok(true)
    }

    pub fn profile(&self) -> LeadProfile {
        LeadProfile {
            name: self.name.clone(),
            phone: self.phone.clone(),
            company: self.company.clone(),
            title: self.title.clone(),
            custom_fields: self.custom_fields.clone(),
        }
    }

    /// What is known now. A new phone has no form in E.164 until [`Self::read_phone`].
    pub fn set_profile(&mut self, profile: LeadProfile) {
        if self.phone != profile.phone {
            self.phone_e164 = None;
        }
        self.name = profile.name;
        self.phone = profile.phone;
        self.company = profile.company;
        self.title = profile.title;
        self.custom_fields = profile.custom_fields;
    }

    /// Reads the phone as it is dialled in this country. To be called wherever a profile was set or absorbed.
    pub fn read_phone(&mut self, region: Option<Region>) {
        if self.phone_e164.is_none() {
            self.phone_e164 = self.phone.as_deref().and_then(|phone| E164::read(phone, region));
        }
    }

    /// Another address, of which nothing is known but what it says itself.
    pub fn set_email(&mut self, email: EmailAddress) {
        if email.key() != self.email.key() {
            self.verification = Verification::of(&email);
        }
        self.email = email;
    }

    /// Adds what `profile` and `tags` know beyond this lead, and changes nothing that is there. True when anything was added.
    pub fn fill(&mut self, profile: &LeadProfile, tags: &Tags) -> bool {
        let mut mine = self.profile();
        let union = self.tags.union(tags);
        let changed = mine.fill(profile) || union != self.tags;
        self.set_profile(mine);
        self.tags = union;
        changed
    }
}
