//! Secrets and the data keys that seal them.

mod convert;
mod data_keys;
mod directory;
mod repo;
