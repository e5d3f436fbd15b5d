//! `groundswell user create`.

use super::open;
use crate::cli::UserArgs;
use crate::config::Config;
use groundswell_app::identity::{NewAccount, register_with_role};
use groundswell_domain::identity::Role;
use secrecy::SecretString;
use std::io::{BufRead, IsTerminal};
use std::process::ExitCode;

pub(super) async fn create(config: &Config, args: UserArgs) -> Result<ExitCode, String> {
    let role: Role = args.role.parse().map_err(|message| format!("--role {message}"))?;
    let password = match args.password {
        Some(password) => password.into(),
        None => read_password()?,
    };
    let app = open(config).await?.app;
    let account = NewAccount {
        email: args.email,
        password,
        name: args.name,
        organization_name: args.organization,
    };
    let (organization, user) = register_with_role(&app, account, role)
        .await
        .map_err(|error| error.to_string())?;
    println!(
        "created {} ({}) in {} ({})",
        user.email, user.role, organization.name, organization.id
    );
    Ok(ExitCode::SUCCESS)
}

fn read_password() -> Result<SecretString, String> {
    let input = std::io::stdin();
    if input.is_terminal() {
        eprint!("Password (8 to 200 characters, shown as you type): ");
    }
    let mut line = String::new();
    input
        .lock()
        .read_line(&mut line)
        .map_err(|error| format!("no password could be read: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned().into())
}
