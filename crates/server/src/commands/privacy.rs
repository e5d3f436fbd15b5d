//! `groundswell privacy`.

use super::open;
use crate::cli::ReplayArgs;
use crate::compose;
use crate::config::Config;
use crate::replay;
use std::process::ExitCode;

pub(super) async fn replay(config: &Config, args: &ReplayArgs) -> Result<ExitCode, String> {
    if let Some(missing) = args.journal.iter().find(|path| !path.is_file()) {
        return Err(format!("there is no journal {}", missing.display()));
    }
    let journals = if args.journal.is_empty() {
        vec![compose::journal_path(config)]
    } else {
        args.journal.clone()
    };
    let app = open(config).await?.app;
    let replayed = replay::replay(&app, &journals).await?;
    println!(
        "{} erasures were done again, {} were known, {} are of organizations that are not in this database, {} are older \
         than what they would erase and were left alone",
        replayed.applied, replayed.known, replayed.elsewhere, replayed.stale
    );
    Ok(ExitCode::SUCCESS)
}
