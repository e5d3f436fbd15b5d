//! How clients and their campaigns are asked for.

use crate::http::{ApiError, page_request};
use chrono::{DateTime, Utc};
use groundswell_app::clients::ClientSearch;
use groundswell_domain::campaigns::{CampaignFilter, CampaignSort, CampaignStatus, CampaignType};
use groundswell_domain::clients::{ClientFilter, ClientSort, ClientStatus, Country};
use groundswell_domain::money::Currency;
use groundswell_domain::{PageRequest, ProjectId, Sort};
use rust_decimal::Decimal;
use serde::Deserialize;
use utoipa::IntoParams;

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClientQuery {
    /// Part of the name, without case.
    pub q: Option<String>,
    /// Exactly this one.
    pub industry: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[param(value_type = Option<String>)]
    pub country: Option<Country>,
    pub status: Option<ClientStatus>,
    /// In the main unit of `currency`; clients whose revenue is in another currency, or not known, are left out.
    #[param(value_type = Option<f64>)]
    pub min_revenue: Option<Decimal>,
    #[param(value_type = Option<f64>)]
    pub max_revenue: Option<Decimal>,
    /// Only clients whose revenue is in this currency. The organization's when a range of revenue is given without it.
    #[param(value_type = Option<String>)]
    pub currency: Option<Currency>,
    pub min_employees: Option<i32>,
    pub max_employees: Option<i32>,
    /// Exclusive.
    pub created_after: Option<DateTime<Utc>>,
    /// Exclusive.
    pub created_before: Option<DateTime<Utc>>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ClientQuery {
    pub fn page(&self) -> Result<PageRequest<ClientSort>, ApiError> {
        let default = Sort::descending(ClientSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn search(self) -> ClientSearch {
        ClientSearch {
            filter: ClientFilter {
                name: self.q,
                industry: self.industry,
                country: self.country,
                status: self.status,
                revenue: None,
                min_employees: self.min_employees,
                max_employees: self.max_employees,
                created_after: self.created_after,
                created_before: self.created_before,
            },
            min_revenue: self.min_revenue,
            max_revenue: self.max_revenue,
            currency: self.currency,
        }
    }
}

/// The filters of campaigns, without the client.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ClientCampaignQuery {
    pub status: Option<CampaignStatus>,
    #[serde(rename = "type")]
    #[param(rename = "type")]
    pub kind: Option<CampaignType>,
    pub project_id: Option<ProjectId>,
    /// Part of the name, without case.
    pub q: Option<String>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `created_at`, `updated_at` or `name`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl ClientCampaignQuery {
    pub fn page(&self) -> Result<PageRequest<CampaignSort>, ApiError> {
        let default = Sort::descending(CampaignSort::CreatedAt);
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> CampaignFilter {
        CampaignFilter {
            status: self.status,
            kind: self.kind,
            client_id: None,
            project_id: self.project_id,
            name: self.q,
        }
    }
}
