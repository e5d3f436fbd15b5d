//! Logs: structured, to standard error.

use crate::config::{Log, LogFormat};
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Installs the log for this process. `RUST_LOG` overrules the settings.
pub(crate) fn init(log: &Log) -> Result<(), String> {
    let filter = match std::env::var("RUST_LOG") {
        Ok(text) if !text.is_empty() => EnvFilter::try_new(text),
        // One line per statement is of no use to an operator.
        _ => EnvFilter::try_new(format!("sqlx=warn,sea_orm=warn,{}", log.level)),
    }
    .map_err(|error| format!("the setting log.level is wrong: {error}"))?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        // Colours are for people: a file or a log collector gets plain text.
        .with_ansi(std::io::stderr().is_terminal());
    let installed = match log.format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .try_init(),
    };
    installed.map_err(|error| format!("the log can't be started: {error}"))
}
