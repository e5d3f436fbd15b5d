//! How leads are asked for.

use crate::http::{ApiError, page_request};
use chrono::{DateTime, Utc};
use groundswell_domain::duplicates::{DuplicateFilter, DuplicateSort, DuplicateStatus};
use groundswell_domain::leads::{LeadFilter, LeadSort, LeadStatus, ScoreSort, TimelineSort};
use groundswell_domain::qualification::{Framework, RuleSetSort};
use groundswell_domain::scoring::{ModelSort, ModelStatus};
use groundswell_domain::{ClientId, LeadId, PageRequest, ScoringModelId, SegmentId, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LeadQuery {
    pub status: Option<LeadStatus>,
    pub source: Option<String>,
    pub client_id: Option<ClientId>,
    /// In this segment.
    pub segment_id: Option<SegmentId>,
    /// All of these tags: repeated, or with commas between them.
    pub tag: Option<String>,
    /// Total score of at least this.
    pub min_score: Option<i32>,
    /// The company's name contains this, without case.
    pub company: Option<String>,
    /// Every word of it is part of the name, address or company, without case.
    pub q: Option<String>,
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
    /// Changed at that moment or later.
    pub updated_from: Option<DateTime<Utc>>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at`, `name`, `email` or `score`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl LeadQuery {
    pub fn page(&self) -> Result<PageRequest<LeadSort>, ApiError> {
        let default = Sort::descending(LeadSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> LeadFilter {
        LeadFilter {
            tags_all: tags(self.tag.as_deref()),
            status: self.status,
            source: self.source,
            client_id: self.client_id,
            segment_id: self.segment_id,
            min_score: self.min_score,
            company: self.company,
            text: self.q,
            created_from: self.created_from,
            created_before: self.created_before,
            updated_from: self.updated_from,
            ..LeadFilter::default()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum ExportFormat {
    #[default]
    Csv,
    Json,
}

/// The filters of the list, without its pages.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ExportQuery {
    /// `csv` when absent.
    #[serde(default)]
    pub format: ExportFormat,
    pub status: Option<LeadStatus>,
    pub source: Option<String>,
    pub client_id: Option<ClientId>,
    /// In this segment.
    pub segment_id: Option<SegmentId>,
    /// All of these tags: repeated, or with commas between them.
    pub tag: Option<String>,
    /// Total score of at least this.
    pub min_score: Option<i32>,
    /// The company's name contains this, without case.
    pub company: Option<String>,
    /// Every word of it is part of the name, address or company, without case.
    pub q: Option<String>,
    pub created_from: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
}

impl ExportQuery {
    pub fn filter(self) -> LeadFilter {
        LeadFilter {
            tags_all: tags(self.tag.as_deref()),
            status: self.status,
            source: self.source,
            client_id: self.client_id,
            segment_id: self.segment_id,
            min_score: self.min_score,
            company: self.company,
            text: self.q,
            created_from: self.created_from,
            created_before: self.created_before,
            ..LeadFilter::default()
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ScoreQuery {
    /// A scoring model: what it gives, whether or not it is the primary one. The lead's `score` when absent.
    pub model: Option<ScoringModelId>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ScoreQuery {
    pub fn page(&self) -> Result<PageRequest<ScoreSort>, ApiError> {
        let default = Sort::descending(ScoreSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct TimelineQuery {
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `occurred_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl TimelineQuery {
    pub fn page(&self) -> Result<PageRequest<TimelineSort>, ApiError> {
        let default = Sort::descending(TimelineSort::OccurredAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

/// Tags are kept in lower case.
fn tags(text: Option<&str>) -> Vec<String> {
    let words = text
        .unwrap_or_default()
        .split(',')
        .map(|tag| tag.trim().to_lowercase());
    words.filter(|tag| !tag.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_and_spelt_as_they_are_kept() {
        assert_eq!(tags(Some("VIP, spring ,,")), ["vip", "spring"]);
        assert!(tags(None).is_empty());
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ModelQuery {
    pub status: Option<ModelStatus>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ModelQuery {
    pub fn page(&self) -> Result<PageRequest<ModelSort>, ApiError> {
        let default = Sort::descending(ModelSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct QualificationQuery {
    /// That of the enabled rules when absent; `bant` when there are none.
    pub framework: Option<Framework>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RulesQuery {
    pub enabled: Option<bool>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl RulesQuery {
    pub fn page(&self) -> Result<PageRequest<RuleSetSort>, ApiError> {
        let default = Sort::descending(RuleSetSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DuplicateQuery {
    /// `proposed` when absent.
    pub status: Option<DuplicateStatus>,
    /// At least this probable, from 0 to 1.
    pub min_probability: Option<f64>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `probability` or `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl DuplicateQuery {
    pub fn page(&self) -> Result<PageRequest<DuplicateSort>, ApiError> {
        let default = Sort::descending(DuplicateSort::Probability);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(&self) -> DuplicateFilter {
        DuplicateFilter {
            status: Some(self.status.unwrap_or(DuplicateStatus::Proposed)),
            min_probability: self.min_probability,
            lead: None,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct LeadDuplicateQuery {
    /// All when absent.
    pub status: Option<DuplicateStatus>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `probability` or `created_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl LeadDuplicateQuery {
    pub fn page(&self) -> Result<PageRequest<DuplicateSort>, ApiError> {
        let default = Sort::descending(DuplicateSort::Probability);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(&self, lead: LeadId) -> DuplicateFilter {
        DuplicateFilter {
            status: self.status,
            min_probability: None,
            lead: Some(lead),
        }
    }
}
