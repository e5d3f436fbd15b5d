//! What the command line can ask for, one file each.

mod demo;
mod doctor;
mod email;
mod import;
mod keys;
mod privacy;
mod sending;
mod user;

use crate::cli::{Cli, Command, EmailCommand, ImportCommand, PrivacyCommand, UserCommand};
use crate::compose::{self, Composed, Schema};
use crate::config::Config;
use crate::{serve, telemetry};
use std::future::Future;
use std::process::ExitCode;

/// Runs a command line. The error is a sentence for the person who typed it.
pub fn run(cli: Cli) -> Result<ExitCode, String> {
    let command = cli.command.unwrap_or(Command::Serve);
    // Needs no configuration, and must work where none is right.
    if matches!(command, Command::Openapi) {
        let document = groundswell_api::openapi()
            .to_pretty_json()
            .map_err(|error| error.to_string())?;
        println!("{document}");
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(cli.config.as_deref());
    if matches!(command, Command::Doctor) {
        return block_on(doctor::doctor(config));
    }
    if let Command::Email(EmailCommand::Bounce(args)) = command {
        return block_on(email::bounce(config, args));
    }
    let config = config?;
    telemetry::init(&config.log)?;
    let config = &config;
    match command {
        Command::Serve => block_on(serve::api(
            config,
            serve::Parts {
                worker: true,
                schema: Schema::Migrate,
            },
        )),
        Command::Api => block_on(serve::api(
            config,
            serve::Parts {
                worker: false,
                schema: Schema::AsItIs,
            },
        )),
        Command::Worker => block_on(serve::worker(config)),
        Command::Migrate => block_on(migrate(config)),
        Command::User(UserCommand::Create(args)) => block_on(user::create(config, args)),
        Command::Demo(args) => block_on(demo::demo(config, args)),
        Command::Import(ImportCommand::Leads(args)) => block_on(import::leads(config, args)),
        Command::Keys(command) => block_on(keys::run(config, command)),
        Command::Privacy(PrivacyCommand::Replay(args)) => block_on(privacy::replay(config, &args)),
        Command::Sending(command) => block_on(sending::run(config, command)),
        Command::Openapi | Command::Doctor | Command::Email(_) => Ok(ExitCode::SUCCESS),
    }
}

fn block_on(work: impl Future<Output = Result<ExitCode, String>>) -> Result<ExitCode, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("no async runtime: {error}"))?
        .block_on(work)
}

async fn migrate(config: &Config) -> Result<ExitCode, String> {
    let store = compose::open_store(config).await?;
    store
        .migrate()
        .await
        .map_err(|error| compose::migrations_failed(&error))?;
    println!("the database is up to date");
    Ok(ExitCode::SUCCESS)
}

/// The application on an up-to-date database, for commands that work beside a server.
async fn open(config: &Config) -> Result<Composed, String> {
    compose::compose(config, Schema::Migrate).await
}
