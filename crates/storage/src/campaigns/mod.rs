//! Campaigns and their counters.

mod list;
mod metrics;
mod pace;
mod repo;
mod rows;
mod stats;

pub(crate) use metrics::count;
