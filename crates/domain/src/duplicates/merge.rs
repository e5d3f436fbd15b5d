//! Two leads become one: which of them each field is taken from.

use crate::ids::{LeadId, LeadMergeId, UserId};
use crate::leads::{Lead, MAX_CUSTOM_FIELDS};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

crate::text_enum::text_enum! {
    /// Which of two leads.
    MergeSide {
        /// The one that stays.
        This => "this",
        /// The one that becomes part of it.
        Other => "other",
    }
}

/// Which lead each field is taken from. A field that is not named is that of the lead that stays, unless it has none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MergeFields {
    pub name: Option<MergeSide>,
    /// The address that is written to from now on. By the other one the lead is found all the same.
    pub email: Option<MergeSide>,
    pub phone: Option<MergeSide>,
    pub company: Option<MergeSide>,
    pub title: Option<MergeSide>,
    pub source: Option<MergeSide>,
    /// The stage, with its reason. Without a word the further one.
    pub stage: Option<MergeSide>,
    pub value: Option<MergeSide>,
    pub utm: Option<MergeSide>,
    pub client_id: Option<MergeSide>,
    /// By the name of the field.
    pub custom_fields: BTreeMap<String, MergeSide>,
}

/// What two leads are together, with the identity of `this`. Tags of both are kept, the score is not computed.
pub fn combine(this: &Lead, other: &Lead, fields: &MergeFields, now: DateTime<Utc>) -> Lead {
    let pick = |choice: Option<MergeSide>, has: bool| match choice.unwrap_or(if has {
        MergeSide::This
    } else {
        MergeSide::Other
    }) {
        MergeSide::This => this,
        MergeSide::Other => other,
    };
    let address = pick(fields.email, true);
    let phone = pick(fields.phone, this.phone.is_some());
    let further = this.stage.or_further(other.stage) == this.stage;
    let stage = pick(fields.stage, further);
    let utm = pick(fields.utm, this.utm != crate::leads::Utm::default());
    Lead {
        id: this.id,
        name: pick(fields.name, !this.name.is_empty()).name.clone(),
        email: address.email.clone(),
        verification: address.verification,
        phone: phone.phone.clone(),
        phone_e164: phone.phone_e164.clone(),
        company: pick(fields.company, this.company.is_some()).company.clone(),
        title: pick(fields.title, this.title.is_some()).title.clone(),
        source: pick(fields.source, !this.source.is_empty()).source.clone(),
        status: stage.status,
        stage: stage.stage,
        stage_since: stage.stage_since,
        furthest_stage: this.furthest_stage.or_further(other.furthest_stage),
        outcome_reason: stage.outcome_reason.clone(),
        value: pick(fields.value, this.value.is_some()).value,
        tags: this.tags.union(&other.tags),
        custom_fields: custom(this, other, &fields.custom_fields),
        score: this.score,
        utm: utm.utm.clone(),
        client_id: pick(fields.client_id, this.client_id.is_some()).client_id,
        created_at: this.created_at,
        updated_at: now,
        version: this.version + 1,
    }
}

fn custom(
    this: &Lead,
    other: &Lead,
    choices: &BTreeMap<String, MergeSide>,
) -> serde_json::Map<String, serde_json::Value> {
    let mut all = this.custom_fields.clone();
    for (key, value) in &other.custom_fields {
        let chosen = choices.get(key) == Some(&MergeSide::Other);
        let absent = all.get(key).is_none_or(serde_json::Value::is_null);
        if chosen || absent && (all.contains_key(key) || all.len() < MAX_CUSTOM_FIELDS) {
            all.insert(key.clone(), value.clone());
        }
    }
    for (key, side) in choices {
        // Chosen from a lead that does not have it.
        if *side == MergeSide::Other && !other.custom_fields.contains_key(key) {
            all.remove(key);
        }
    }
    all
}

/// That one lead became part of another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LeadMerge {
    pub id: LeadMergeId,
    /// The lead that stayed.
    pub survivor_id: LeadId,
    /// The one that became part of it.
    pub other_id: LeadId,
    /// Null when a program did it.
    pub merged_by: Option<UserId>,
    pub merged_at: DateTime<Utc>,
}

/// What a merge comes with besides the leads themselves: what is taken back with it.
#[derive(Debug, Clone, Default)]
pub struct MergeExtras {
    /// Withdrawals that would have been hidden behind a later consent of the other lead.
    pub consents: Vec<crate::consents::Consent>,
    /// Topics that the person left, told of the address that stays.
    pub topics: Vec<crate::email::TopicLeave>,
    /// That the person does not want mail, told of the address that stays.
    pub suppression: Option<crate::email::Suppression>,
}
