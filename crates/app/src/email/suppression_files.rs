//! The suppression list as a file: out of here, and in from elsewhere.

use super::suppressed::suppressed;
use crate::audit::{self, Event};
use crate::leads::lines;
use crate::{App, effect};
use futures_util::{Stream, stream};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{EmailAddress, Suppression, SuppressionReason, SuppressionSort};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, PageRequest, Scope, Sort};
use serde::Serialize;
use serde_json::json;

/// Entries read at a time.
const PIECE: u32 = 200;
/// Lines of one file.
const MOST: usize = 10_000;
/// Bad lines that are told of.
const TOLD: usize = 100;

/// The list as CSV, the newest entry first. Of erased people there is only a hash, which is left out: it means nothing elsewhere.
pub async fn export_suppressions(
    app: &App,
    scope: &Scope,
) -> Result<impl Stream<Item = Result<Vec<u8>, Error>> + use<>, Error> {
    scope.require(Permission::SuppressionsWrite)?;
    let unit = app.store.begin(scope).await?;
    let event = Event::of_nothing(AuditAction::SuppressionsExported);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    let first = PageRequest::new(
        Some(PIECE),
        None,
        Sort::descending(SuppressionSort::CreatedAt),
        false,
    )?;
    let start = (app.clone(), scope.clone(), Some(first));
    let pieces = stream::try_unfold(start, |(app, scope, page)| async move {
        let Some(mut page) = page else { return Ok(None) };
        let found = app
            .store
            .read(&scope)
            .suppressions()
            .list(None, None, &page)
            .await?;
        let rows = rows(&found.items)?;
        let next = found.next.map(|cursor| {
            page.cursor = Some(cursor);
            page
        });
        Ok(Some((rows, (app, scope, next))))
    });
    let header = stream::once(async {
        lines([["email", "reason", "note", "created_at"]
            .map(str::to_owned)
            .to_vec()])
    });
    Ok(futures_util::StreamExt::chain(header, pieces))
}

fn rows(entries: &[Suppression]) -> Result<Vec<u8>, Error> {
    lines(entries.iter().filter_map(|entry| {
        let email = entry.email.as_ref()?;
        Some(vec![
            email.to_string(),
            entry.reason.to_string(),
            entry.note.clone().unwrap_or_default(),
            entry.created_at.to_rfc3339(),
        ])
    }))
}

/// A line that could not be taken, and why.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BadLine {
    /// Counted from 1, the header included.
    pub line: usize,
    pub message: String,
}

#[derive(Debug, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImportedSuppressions {
    pub added: usize,
    /// Were on the list already; the older entry stays.
    pub known: usize,
    pub failed: usize,
    /// The first hundred.
    pub errors: Vec<BadLine>,
}

/// Takes addresses from CSV with a column `email` and, if they are there, `reason` and `note`. Without a reason they are `manual`.
pub async fn import_suppressions(
    app: &App,
    scope: &Scope,
    csv: &[u8],
) -> Result<ImportedSuppressions, Error> {
    scope.require(Permission::SuppressionsWrite)?;
    let mut answer = ImportedSuppressions::default();
    let entries = read(app, csv, &mut answer)?;
    let unit = app.store.begin(scope).await?;
    let keys: Vec<String> = entries.iter().map(Suppression::key).collect();
    let known = suppressed(app, unit.as_ref(), scope, &keys).await?;
    for entry in &entries {
        if !known.contains_key(&entry.key()) && unit.suppressions().insert(entry).await? {
            answer.added += 1;
        } else {
            answer.known += 1;
        }
    }
    let event = Event::of_nothing(AuditAction::SuppressionsImported)
        .after(json!({ "added": answer.added, "known": answer.known, "failed": answer.failed }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}

fn read(app: &App, text: &[u8], answer: &mut ImportedSuppressions) -> Result<Vec<Suppression>, Error> {
    let unreadable = |error: csv::Error| Error::invalid("file", format!("can't be read as CSV: {error}"));
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text);
    let header = reader.headers().map_err(unreadable)?.clone();
    let column = |name: &str| {
        header
            .iter()
            .position(|own| own.trim_start_matches('\u{feff}').eq_ignore_ascii_case(name))
    };
    let Some(email) = column("email") else {
        return Err(Error::invalid("file", "has no column `email` in its first line"));
    };
    let (reason, note) = (column("reason"), column("note"));
    let mut entries = Vec::new();
    for (number, record) in reader.records().enumerate() {
        if number == MOST {
            return Err(Error::invalid(
                "file",
                format!("has more than {MOST} lines: send it in parts"),
            ));
        }
        let record = record.map_err(unreadable)?;
        let cell = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|text| !text.is_empty());
        // Spreadsheets are kept from calculating by an apostrophe; it is no part of an address at its start.
        let address = cell(Some(email)).unwrap_or_default().trim_start_matches('\'');
        let parsed: Result<(EmailAddress, SuppressionReason), String> = address
            .parse()
            .map_err(|problem: String| format!("email {problem}"))
            .and_then(|address| {
                let reason = cell(reason).map_or(Ok(SuppressionReason::Manual), str::parse);
                Ok((address, reason.map_err(|problem| format!("reason {problem}"))?))
            });
        match parsed {
            Ok((_, SuppressionReason::Erasure)) => {
                bad(answer, number, "erased people are kept as a hash only".to_owned());
            }
            Ok((address, reason)) => entries.push(Suppression {
                id: app.id(),
                email: Some(address),
                email_hash: None,
                reason,
                note: cell(note)
                    .map(|note| note.chars().filter(|sign| !sign.is_control()).take(500).collect()),
                created_at: app.now(),
            }),
            Err(problem) => bad(answer, number, problem),
        }
    }
    Ok(entries)
}

fn bad(answer: &mut ImportedSuppressions, number: usize, message: String) {
    answer.failed += 1;
    if answer.errors.len() < TOLD {
        answer.errors.push(BadLine {
            line: number + 2,
            message,
        });
    }
}
