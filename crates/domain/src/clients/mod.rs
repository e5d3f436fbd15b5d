//! An agency's customers: who they are, how well the account is doing, and what is known about all of them together.

mod client;
mod contact;
mod country;
mod filter;
mod health;
mod ports;
mod stats;

pub use client::{Client, ClientSort, ClientStatus};
pub use contact::{Contact, MAX_CONTACTS};
pub use country::Country;
pub use filter::{ClientFilter, RevenueRange};
pub use health::{
    AccountHealth, CampaignFacts, ClientDetail, ClientHealth, HealthFactor, HealthLevel, HealthReason, assess,
};
pub use ports::*;
pub use stats::{ClientStats, CountryCount, IndustryCount, MOST_GROUPS, MonthCount, growth, growth_start};
