//! The composition root: reads the configuration, chooses the adapters, and runs what the command line asks for.

pub mod cli;
mod commands;
pub mod compose;
pub mod config;
mod data_dir;
mod keys;
mod mailers;
mod pseudonyms;
pub mod replay;
pub mod serve;
mod telemetry;

pub use commands::run;
pub use keys::Keys;
