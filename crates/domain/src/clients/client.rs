//! A client.

use super::contact::{self, Contact};
use super::country::Country;
use crate::ids::ClientId;
use crate::leads::Tags;
use crate::money::Currency;
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

crate::text_enum::text_enum! {
    ClientStatus {
        Active => "active",
        Inactive => "inactive",
        /// Not a customer yet.
        Prospect => "prospect",
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub industry: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "DE"))]
    pub country: Option<Country>,
    pub website: Option<String>,
    /// In the main unit of `currency`.
    #[serde(with = "rust_decimal::serde::float_option")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub annual_revenue: Option<Decimal>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "EUR"))]
    pub currency: Currency,
    pub employees: Option<i32>,
    pub contacts: Vec<Contact>,
    pub notes: Option<String>,
    pub tags: Tags,
    pub status: ClientStatus,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Client {
    /// Trims its texts, and names everything that is wrong.
    pub fn check(&mut self, problems: &mut Problems) {
        self.name = problems.line("name", &self.name, 200, false);
        self.industry = problems.optional_line("industry", self.industry.as_deref(), 100);
        self.website = problems.optional_line("website", self.website.as_deref(), 2000);
        if let Some(website) = &self.website {
            let known = url::Url::parse(website).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
            problems.check(
                known,
                "website",
                "must be an address that starts with http:// or https://",
            );
        }
        problems.check(
            self.employees.is_none_or(|count| count >= 0),
            "employees",
            "must not be negative",
        );
        problems.text("notes", self.notes.as_deref().unwrap_or_default(), 10_000);
        contact::check(&mut self.contacts, problems);
    }
}

crate::sort_fields! {
    /// How clients can be ordered.
    ClientSort { CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time, Name => "name": Text }
}
