//! `groundswell import leads FILE`: the same import as over HTTP, done at once by this process. It can be undone as well.

use super::open;
use crate::cli::ImportLeadsArgs;
use crate::config::Config;
use futures_util::TryStreamExt;
use groundswell_app::App;
use groundswell_app::jobs::{Progress, Stop};
use groundswell_app::leads::{
    ImportOptions, IncomingFile, Receiver, fail_import, get_import, import_errors_csv, receive_import,
    run_import,
};
use groundswell_domain::email::EmailAddress;
use groundswell_domain::leads::{Import, RunImport, Tags};
use groundswell_domain::{ImportId, Scope};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;
use tokio::io::AsyncReadExt;

/// Bytes read at a time.
const PIECE: usize = 256 * 1024;

pub(super) async fn leads(config: &Config, args: ImportLeadsArgs) -> Result<ExitCode, String> {
    let tags = Tags::parse(&args.tags).map_err(|message| format!("--tags: {message}"))?;
    let mapping = mapping(&args.mapping)?;
    let file = tokio::fs::File::open(&args.file)
        .await
        .map_err(|error| format!("{} can't be read: {error}", args.file.display()))?;
    let app = open(config).await?.app;
    let scope = scope_of(&app, &args.user).await?;
    let incoming = IncomingFile {
        file_name: args
            .file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
        ..IncomingFile::default()
    };
    let mut receiver = receive_import(&app, &scope, incoming).await.map_err(said)?;
    if let Err(error) = take(&mut receiver, file, &args.file).await {
        receiver.abandon().await.map_err(said)?;
        return Err(error);
    }
    let options = ImportOptions {
        mapping,
        tags,
        ..ImportOptions::default()
    };
    let import = receiver.start_here(options).await.map_err(said)?;
    let done = work(&app, &scope, &import).await?;
    let counts = done.counts;
    println!(
        "{} lines: {} created, {} updated, {} unchanged, {} failed",
        counts.rows, counts.created, counts.updated, counts.unchanged, counts.failed
    );
    if counts.failed == 0 {
        return Ok(ExitCode::SUCCESS);
    }
    let report = write_errors(&app, &scope, done.id, &args.file).await?;
    println!("the lines that failed are in {}", report.display());
    Ok(ExitCode::FAILURE)
}

#[expect(clippy::needless_pass_by_value, reason = "it is what map_err gives")]
fn said(error: groundswell_domain::Error) -> String {
    error.to_string()
}

async fn take(receiver: &mut Receiver, mut file: tokio::fs::File, path: &Path) -> Result<(), String> {
    let mut piece = vec![0; PIECE];
    loop {
        let count = file
            .read(&mut piece)
            .await
            .map_err(|error| format!("{} can't be read: {error}", path.display()))?;
        if count == 0 {
            return Ok(());
        }
        receiver.push(&piece[..count]).await.map_err(said)?;
    }
}

/// Runs the import and shows how far it is.
async fn work(app: &App, scope: &Scope, import: &Import) -> Result<Import, String> {
    let bar = ProgressBar::new(u64::try_from(import.size.unwrap_or_default()).unwrap_or_default())
        .with_style(
            ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed} (left {eta})")
                .map_err(|error| error.to_string())?,
        );
    let job = RunImport { import_id: import.id };
    let stop = Stop::default();
    let run = run_import(app, scope, &job, &stop);
    tokio::pin!(run);
    let ended = loop {
        tokio::select! {
            ended = &mut run => break ended,
            () = tokio::time::sleep(Duration::from_millis(500)) => {
                let now = get_import(app, scope, import.id).await.map_err(said)?;
                bar.set_position(u64::try_from(now.place.offset).unwrap_or_default());
                bar.set_message(format!("{} lines", now.counts.rows));
            }
        }
    };
    bar.finish_and_clear();
    let now = get_import(app, scope, import.id).await.map_err(said)?;
    match ended {
        Ok(Progress::Done | Progress::ContinueAt(_)) => match now.error {
            None => Ok(now),
            Some(error) => Err(error),
        },
        Err(error) => {
            let why = format!(
                "stopped after {} lines ({error}); what came before is in, and running it again is safe",
                now.counts.rows
            );
            fail_import(app, scope, import.id, &why).await.map_err(said)?;
            Err(why)
        }
    }
}

fn mapping(pairs: &[String]) -> Result<BTreeMap<String, String>, String> {
    pairs
        .iter()
        .map(|pair| {
            let (column, field) = pair
                .split_once('=')
                .ok_or_else(|| format!("--map {pair}: write it as COLUMN=FIELD"))?;
            Ok((column.to_owned(), field.to_owned()))
        })
        .collect()
}

/// The organization of a person, acted for by the command line.
async fn scope_of(app: &App, user: &str) -> Result<Scope, String> {
    let email: EmailAddress = user.parse().map_err(|message| format!("--user {message}"))?;
    let found = app
        .system
        .identity()
        .credentials(&email.key())
        .await
        .map_err(|error| error.to_string())?;
    let found = found.ok_or_else(|| format!("there is no account with the address {email}"))?;
    Ok(Scope::operator(found.user.organization_id, app.request_id()))
}

async fn write_errors(app: &App, scope: &Scope, id: ImportId, file: &Path) -> Result<PathBuf, String> {
    let report = file.with_extension("errors.csv");
    let explain = |error: &dyn std::fmt::Display| format!("{} can't be written: {error}", report.display());
    let mut out = std::fs::File::create(&report).map_err(|error| explain(&error))?;
    let pieces = import_errors_csv(app, scope, id).map_err(|error| explain(&error))?;
    let mut pieces = std::pin::pin!(pieces);
    while let Some(piece) = pieces.try_next().await.map_err(|error| explain(&error))? {
        out.write_all(&piece).map_err(|error| explain(&error))?;
    }
    Ok(report)
}
