//! Sending domains, and how fast mail may leave.

mod directory;
mod domains;
mod receivers;
mod repo;
mod throttles;

pub(crate) use receivers::forget as forget_days;
