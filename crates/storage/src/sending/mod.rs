//! Sending domains, and how fast mail may leave.

mod directory;
mod domains;
mod repo;
mod throttles;
