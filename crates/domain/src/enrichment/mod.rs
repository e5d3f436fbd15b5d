//! What can be found out about a lead beyond what was said: by the address, the job title, the company's own site, and services that
//! an organization set up.
//!
//! Sources are asked in a fixed order (the waterfall). What they say are [`EnrichmentValue`]s beside the lead, each with its source, time
//! and confidence; [`Enrichment::fill`] alone decides which of them become the lead's own fields, and never overwrites a person's.
//! A value is found by rules that are pure functions here, but for the two sources that ask other servers.

mod company_domain;
mod confidence;
mod country;
mod field;
mod fill;
mod from_address;
mod from_site;
mod from_title;
mod jobs;
mod mapping;
mod ports;
mod provider;
mod settings;
mod site;
mod source;
mod template;
pub mod title;
mod value;
mod waterfall;

pub use company_domain::{company_domain, company_guess};
pub use confidence::Confidence;
pub use field::EnrichmentField;
pub use fill::Fill;
pub use from_address::from_address;
pub use from_site::from_site;
pub use from_title::from_title;
pub use jobs::{EnrichLead, EnrichNewLeads};
pub use mapping::read_answer;
pub use ports::EnrichmentRepo;
pub use provider::{EnrichmentProvider, ProviderMethod, ProviderSecret, ProviderSort, SECRET_PREFIX};
pub use settings::EnrichmentSettings;
pub use site::{KEPT_DAYS as SITE_KEPT_DAYS, Site, SiteOutcome};
pub use source::EnrichmentSource;
pub use template::{Variables, render_body, render_url};
pub use value::{EnrichmentValue, Finding};
pub use waterfall::{Check, CheckOutcome, Enrichment, SURE, best};
