//! Campaigns and their counters.

mod ab_tests;
mod forecast;
mod list;
mod metrics;
mod pace;
mod repo;
mod rows;
mod stats;
mod timeline;

pub(crate) use metrics::count;
