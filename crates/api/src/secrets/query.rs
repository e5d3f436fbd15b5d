//! How secrets are asked for.

use crate::http::{ApiError, page_request};
use groundswell_app::secrets::HolderChoice;
use groundswell_domain::secrets::{HolderKind, SecretSort, Service};
use groundswell_domain::{ClientId, PageRequest, Sort};
use serde::Deserialize;
use utoipa::IntoParams;

/// Whose secret is meant.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HolderQuery {
    /// `client` when a client is named, else `user`, which is you.
    pub holder: Option<HolderKind>,
    pub client_id: Option<ClientId>,
}

impl HolderQuery {
    pub fn choice(&self) -> HolderChoice {
        HolderChoice {
            holder: self.holder,
            client_id: self.client_id,
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SecretQuery {
    pub holder: Option<HolderKind>,
    pub client_id: Option<ClientId>,
    pub service: Option<Service>,
    /// 1 to 200, 50 when absent.
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// `service`, `created_at` or `updated_at`; descending with a `-` before it.
    pub sort: Option<String>,
    /// Count the whole list as well.
    pub with_total: Option<bool>,
}

impl SecretQuery {
    pub fn page(&self) -> Result<PageRequest<SecretSort>, ApiError> {
        let default = Sort {
            field: SecretSort::Service,
            direction: groundswell_domain::Direction::Ascending,
        };
        page_request(
            self.limit,
            self.cursor.as_deref(),
            self.sort.as_deref(),
            self.with_total,
            default,
        )
    }

    pub fn filter(self) -> (HolderChoice, Option<Service>) {
        let choice = HolderChoice {
            holder: self.holder,
            client_id: self.client_id,
        };
        (choice, self.service)
    }
}
