//! `groundswell import leads FILE.csv`: the same import as over HTTP, for files of any size on this machine.

use super::open;
use crate::cli::ImportLeadsArgs;
use crate::config::Config;
use groundswell_app::App;
use groundswell_app::leads::{ImportPlan, LineReader, decode, import_chunk, note_file_import};
use groundswell_domain::Scope;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::leads::{ImportCounts, ImportError, Tags};
use indicatif::{ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Lines in one transaction.
const PIECE: usize = 1000;

pub(super) async fn leads(config: &Config, args: ImportLeadsArgs) -> Result<ExitCode, String> {
    let tags = Tags::parse(&args.tags).map_err(|message| format!("--tags: {message}"))?;
    let mapping = mapping(&args.mapping)?;
    let bytes = std::fs::read(&args.file)
        .map_err(|error| format!("{} can't be read: {error}", args.file.display()))?;
    let text = decode(&bytes);
    drop(bytes);
    let plan = ImportPlan::new(&text, &mapping).map_err(|error| error.to_string())?;
    let app = open(config).await?.app;
    let scope = scope_of(&app, &args.user).await?;
    let name = args.file.file_name().unwrap_or_default().to_string_lossy();
    note_file_import(&app, &scope, &name)
        .await
        .map_err(|error| error.to_string())?;

    let bar = ProgressBar::new(text.len() as u64).with_style(
        ProgressStyle::with_template("{bar:40} {percent:>3} %  {msg}  {elapsed} (left {eta})")
            .map_err(|error| error.to_string())?,
    );
    let mut reader = LineReader::new(&text, &plan, 0);
    let mut total = ImportCounts::default();
    let mut errors = Vec::new();
    loop {
        let lines = reader.read(PIECE);
        if lines.is_empty() {
            break;
        }
        let done = import_chunk(&app, &scope, &plan, &lines, &tags).await;
        let (counts, wrong) = done.map_err(|error| {
            format!(
                "stopped after {} lines ({error}); what came before is in, and running it again is safe",
                total.rows
            )
        })?;
        total.add(counts);
        errors.extend(wrong);
        bar.set_position(reader.offset() as u64);
        bar.set_message(format!("{} lines", total.rows));
    }
    bar.finish_and_clear();
    println!(
        "{} lines: {} created, {} updated, {} unchanged, {} failed",
        total.rows, total.created, total.updated, total.unchanged, total.failed
    );
    if errors.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let report = write_errors(&args.file, &errors)?;
    println!("the lines that failed are in {}", report.display());
    Ok(ExitCode::FAILURE)
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

fn write_errors(file: &Path, errors: &[ImportError]) -> Result<PathBuf, String> {
    let report = file.with_extension("errors.csv");
    let explain = |error: &dyn std::fmt::Display| format!("{} can't be written: {error}", report.display());
    let bytes = groundswell_app::leads::error_report(errors).map_err(|error| explain(&error))?;
    std::fs::write(&report, bytes).map_err(|error| explain(&error))?;
    Ok(report)
}
