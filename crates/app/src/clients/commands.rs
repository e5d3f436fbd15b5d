//! What callers send.

use groundswell_domain::Patch;
use groundswell_domain::clients::{ClientFilter, ClientStatus, Contact, Country};
use groundswell_domain::leads::Tags;
use groundswell_domain::money::{Currency, MoneyInput};
use rust_decimal::Decimal;
use serde::Deserialize;

/// A whole client, to create or to replace one.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewClient {
    /// 1 to 200 characters.
    pub name: String,
    #[serde(default)]
    pub industry: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "DE"))]
    pub country: Option<Country>,
    #[serde(default)]
    pub website: Option<String>,
    /// `{"amount": 5000000, "currency": "EUR"}`, or a bare number in the organization's currency.
    #[serde(default)]
    pub annual_revenue: Option<MoneyInput>,
    #[serde(default)]
    pub employees: Option<i32>,
    /// At most 50.
    #[serde(default)]
    pub contacts: Vec<Contact>,
    #[serde(default)]
    pub notes: Option<String>,
    #[serde(default)]
    pub tags: Tags,
    /// `active` when absent.
    #[serde(default)]
    pub status: Option<ClientStatus>,
}

/// Changes of a client; what is absent stays, null clears.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClientPatch {
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub industry: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub country: Patch<Country>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub website: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<MoneyInput>))]
    pub annual_revenue: Patch<MoneyInput>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<i32>))]
    pub employees: Patch<i32>,
    /// Replaces all of them.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<Contact>>))]
    pub contacts: Patch<Vec<Contact>>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub notes: Patch<String>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Vec<String>>))]
    pub tags: Patch<Tags>,
    #[serde(default)]
    pub status: Option<ClientStatus>,
}

/// Which clients are asked for.
#[derive(Debug, Clone, Default)]
pub struct ClientSearch {
    /// Without a range of revenue, which depends on the organization's currency.
    pub filter: ClientFilter,
    /// In the main unit of `currency`.
    pub min_revenue: Option<Decimal>,
    pub max_revenue: Option<Decimal>,
    /// The organization's when absent.
    pub currency: Option<Currency>,
}
