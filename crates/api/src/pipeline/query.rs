//! Which leads are meant. The fields repeat, because unknown ones are refused, which flattened structs can't do.

use crate::http::{ApiError, page_request};
use chrono::{DateTime, Utc};
use groundswell_domain::leads::LeadStage;
use groundswell_domain::pipeline::{Dimension, GoalOf, GoalPart, GoalSet, LeadSet, SetSort};
use groundswell_domain::{CampaignId, ClientId, Error, FormId, PageRequest, SequenceId, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

macro_rules! set_of {
    ($query:expr, $goal:expr) => {
        LeadSet {
            created_from: $query.created_from.clone(),
            created_before: $query.created_before.clone(),
            source: $query.source.clone(),
            utm_source: $query.utm_source.clone(),
            utm_medium: $query.utm_medium.clone(),
            utm_campaign: $query.utm_campaign.clone(),
            form_id: $query.form_id.clone(),
            campaign_id: $query.campaign_id.clone(),
            client_id: $query.client_id.clone(),
            reached: $query.reached.clone(),
            stage: $query.stage.clone(),
            since_from: $query.since_from.clone(),
            since_before: $query.since_before.clone(),
            converted_within_days: $query.converted_within_days.clone(),
            reason: $query.reason.clone(),
            goal: $goal,
        }
    };
}

/// The leads of a report.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SetQuery {
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
    pub source: Option<String>,
    /// An empty one means leads that have none; so with the other two.
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    /// Leads that filled in this form.
    pub form_id: Option<FormId>,
    /// Leads that filled in a form of this campaign.
    pub campaign_id: Option<CampaignId>,
    pub client_id: Option<ClientId>,
    /// Leads that got at least this far, wherever they are now.
    pub reached: Option<LeadStage>,
    /// Leads that are here now.
    pub stage: Option<LeadStage>,
    /// Leads that have been in their stage since this time or later.
    pub since_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub since_before: Option<DateTime<Utc>>,
    /// Leads that became customers less than so many days after they came.
    pub converted_within_days: Option<u32>,
    /// Leads that ended for this reason; an empty one means that nobody said.
    pub reason: Option<String>,
}

impl SetQuery {
    pub fn set(&self) -> LeadSet {
        set_of!(self, None)
    }
}

/// The same, told apart by something.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ConversionQuery {
    /// What leads are told apart by. Absent: the source for conversion, nothing for the time to convert.
    pub by: Option<Dimension>,
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
    pub source: Option<String>,
    /// An empty one means leads that have none; so with the other two.
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    /// Leads that filled in this form.
    pub form_id: Option<FormId>,
    /// Leads that filled in a form of this campaign.
    pub campaign_id: Option<CampaignId>,
    pub client_id: Option<ClientId>,
    /// Leads that got at least this far, wherever they are now.
    pub reached: Option<LeadStage>,
    /// Leads that are here now.
    pub stage: Option<LeadStage>,
    /// Leads that have been in their stage since this time or later.
    pub since_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub since_before: Option<DateTime<Utc>>,
    /// Leads that became customers less than so many days after they came.
    pub converted_within_days: Option<u32>,
    /// Leads that ended for this reason; an empty one means that nobody said.
    pub reason: Option<String>,
}

impl ConversionQuery {
    pub fn set(&self) -> LeadSet {
        set_of!(self, None)
    }
}

/// The same as a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SetListQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
    pub source: Option<String>,
    /// An empty one means leads that have none; so with the other two.
    pub utm_source: Option<String>,
    pub utm_medium: Option<String>,
    pub utm_campaign: Option<String>,
    /// Leads that filled in this form.
    pub form_id: Option<FormId>,
    /// Leads that filled in a form of this campaign.
    pub campaign_id: Option<CampaignId>,
    pub client_id: Option<ClientId>,
    /// Leads that got at least this far, wherever they are now.
    pub reached: Option<LeadStage>,
    /// Leads that are here now.
    pub stage: Option<LeadStage>,
    /// Leads that have been in their stage since this time or later.
    pub since_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub since_before: Option<DateTime<Utc>>,
    /// Leads that became customers less than so many days after they came.
    pub converted_within_days: Option<u32>,
    /// Leads that ended for this reason; an empty one means that nobody said.
    pub reason: Option<String>,
    /// Leads that the goal of this campaign is about.
    pub goal_campaign_id: Option<CampaignId>,
    /// Leads that a goal of this sequence is about.
    pub goal_sequence_id: Option<SequenceId>,
    /// Which goal of the sequence, from 1; 1 when absent.
    pub goal: Option<u32>,
    /// `converted` when absent.
    pub goal_part: Option<GoalPart>,
}

impl SetListQuery {
    pub fn set(&self) -> Result<LeadSet, ApiError> {
        let goal = self.goal()?;
        Ok(set_of!(self, goal))
    }

    fn goal(&self) -> Result<Option<GoalSet>, ApiError> {
        let of = match (self.goal_campaign_id, self.goal_sequence_id) {
            (Some(_), Some(_)) => {
                let message = "choose either goal_campaign_id or goal_sequence_id";
                return Err(Error::invalid("goal_sequence_id", message).into());
            }
            (Some(id), None) if self.goal.is_none() => GoalOf::Campaign(id),
            (None, Some(id)) => GoalOf::Sequence(id, self.goal.unwrap_or(1)),
            (_, None) if self.goal.is_some() => {
                return Err(
                    Error::invalid("goal", "is for goals of a sequence: give goal_sequence_id").into(),
                );
            }
            _ if self.goal_part.is_some() => {
                let message = "is for goals: give goal_campaign_id or goal_sequence_id";
                return Err(Error::invalid("goal_part", message).into());
            }
            _ => return Ok(None),
        };
        let part = self.goal_part.unwrap_or_default();
        Ok(Some(GoalSet { of, part, rule: None }))
    }
}

impl SetListQuery {
    pub fn page(&self) -> Result<PageRequest<SetSort>, ApiError> {
        let default = Sort::descending(SetSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}
