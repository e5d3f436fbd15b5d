//! The binary `groundswell`.

use clap::Parser;
use groundswell_server::cli::Cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything can open a connection: two crypto providers are linked by some features of dependencies.
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        eprintln!("groundswell: a crypto provider was installed twice");
        return ExitCode::FAILURE;
    }
    match groundswell_server::run(Cli::parse()) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("groundswell: {message}");
            ExitCode::FAILURE
        }
    }
}
