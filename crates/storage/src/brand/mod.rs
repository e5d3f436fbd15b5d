//! The brand of an organization.

mod repo;
