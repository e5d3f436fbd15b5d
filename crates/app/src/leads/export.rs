//! Taking leads out: all that a filter means, in pieces, without growing memory.

use crate::audit::{self, Event};
use crate::{App, segments};
use futures_util::{Stream, TryStreamExt, stream};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{ImportError, Lead, LeadFilter};
use groundswell_domain::{Error, ImportId, LeadId, Scope};
use serde_json::{Value, json};

/// Leads read at a time.
const PIECE: u32 = 500;

/// The leads in order of their creation. Refuses at once when the caller may not export; that it was begun is in the audit
/// log before the first lead leaves.
pub async fn export(
    app: &App,
    scope: &Scope,
    mut filter: LeadFilter,
) -> Result<impl Stream<Item = Result<Vec<Lead>, Error>> + use<>, Error> {
    scope.require(Permission::LeadsExport)?;
    filter.check()?;
    let unit = app.store.begin(scope).await?;
    segments::of_filter(app, unit.as_ref(), &mut filter).await?;
    let event = Event::of_nothing(AuditAction::LeadsExported).after(asked(&filter)?);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    let start = (app.clone(), scope.clone(), filter, Some(None::<LeadId>));
    Ok(stream::try_unfold(
        start,
        |(app, scope, filter, after)| async move {
            let Some(after) = after else { return Ok(None) };
            let leads = app
                .store
                .read(&scope)
                .leads()
                .after(&filter, after, PIECE)
                .await?;
            let more = leads.len() == PIECE as usize;
            let next = leads.last().filter(|_| more).map(|lead| Some(lead.id));
            if leads.is_empty() {
                Ok(None)
            } else {
                Ok(Some((leads, (app, scope, filter, next))))
            }
        },
    ))
}

/// The conditions, for the audit log. Of a search only that there was one: people are searched for by address.
fn asked(filter: &LeadFilter) -> Result<Value, Error> {
    let mut asked = serde_json::to_value(filter).map_err(Error::internal)?;
    asked["created_from"] = json!(filter.created_from);
    asked["created_before"] = json!(filter.created_before);
    asked["searched"] = json!(filter.text.is_some());
    if let Some(ids) = &filter.lead_ids {
        asked["lead_ids"] = json!(ids.len());
    }
    Ok(json!({ "filter": asked }))
}

const COLUMNS: [&str; 19] = [
    "id",
    "email",
    "name",
    "phone",
    "company",
    "title",
    "source",
    "status",
    "stage",
    "tags",
    "score_total",
    "score_fit",
    "score_engagement",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "custom_fields",
    "created_at",
    "updated_at",
];

/// The first line of a CSV export. It can be imported again.
pub fn csv_header() -> Result<Vec<u8>, Error> {
    lines([COLUMNS.map(str::to_owned).to_vec()])
}

/// The lines of some leads. Cells that a spreadsheet would calculate start with an apostrophe.
pub fn csv_rows(leads: &[Lead]) -> Result<Vec<u8>, Error> {
    lines(leads.iter().map(|lead| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let custom = if lead.custom_fields.is_empty() {
            String::new()
        } else {
            serde_json::Value::Object(lead.custom_fields.clone()).to_string()
        };
        vec![
            lead.id.to_string(),
            lead.email.to_string(),
            lead.name.clone(),
            text(&lead.phone),
            text(&lead.company),
            text(&lead.title),
            lead.source.clone(),
            lead.status.to_string(),
            lead.stage.to_string(),
            lead.tags.to_cell(),
            lead.score.total.to_string(),
            lead.score.fit.to_string(),
            lead.score.engagement.to_string(),
            text(&lead.utm.source),
            text(&lead.utm.medium),
            text(&lead.utm.campaign),
            custom,
            time(lead.created_at),
            time(lead.updated_at),
        ]
    }))
}

/// The bad lines of an import as CSV: line, field, message, and the line itself.
pub fn import_errors_csv(
    app: &App,
    scope: &Scope,
    id: ImportId,
) -> Result<impl Stream<Item = Result<Vec<u8>, Error>> + use<>, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let start = (app.clone(), scope.clone(), Some(0));
    let pieces = stream::try_unfold(start, move |(app, scope, after)| async move {
        let Some(after) = after else {
            return Ok::<_, Error>(None);
        };
        let errors = app.store.read(&scope).imports().errors(id, after, PIECE).await?;
        // More than asked for, where the last line has several.
        let full = errors.len() >= PIECE as usize;
        let next = errors.last().filter(|_| full).map(|error| error.line);
        Ok(Some((errors, (app, scope, next))))
    });
    let header = stream::once(async { error_header() });
    Ok(futures_util::StreamExt::chain(
        header,
        pieces.and_then(|errors| async move { error_rows(&errors) }),
    ))
}

fn error_header() -> Result<Vec<u8>, Error> {
    lines([["line", "field", "message", "raw"].map(str::to_owned).to_vec()])
}

/// The leads that the undo of an import left alone, as CSV: id and reason.
pub fn import_kept_csv(
    app: &App,
    scope: &Scope,
    id: ImportId,
) -> Result<impl Stream<Item = Result<Vec<u8>, Error>> + use<>, Error> {
    scope.require(Permission::LeadsRead)?;
    scope.require_whole_organization()?;
    let start = (app.clone(), scope.clone(), Some(None));
    let pieces = stream::try_unfold(start, move |(app, scope, after)| async move {
        let Some(after) = after else {
            return Ok::<_, Error>(None);
        };
        let kept = app.store.read(&scope).imports().kept(id, after, PIECE).await?;
        let full = kept.len() == PIECE as usize;
        let next = kept.last().filter(|_| full).map(|lead| Some(lead.lead_id));
        let rows = lines(
            kept.into_iter()
                .map(|lead| vec![lead.lead_id.to_string(), lead.reason]),
        )?;
        Ok(Some((rows, (app, scope, next))))
    });
    let header = stream::once(async { lines([["lead_id", "reason"].map(str::to_owned).to_vec()]) });
    Ok(futures_util::StreamExt::chain(header, pieces))
}

fn error_rows(errors: &[ImportError]) -> Result<Vec<u8>, Error> {
    lines(errors.iter().map(|error| {
        vec![
            error.line.to_string(),
            error.field.clone(),
            error.message.clone(),
            error.raw.clone(),
        ]
    }))
}

pub(crate) fn lines(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer
            .write_record(row.iter().map(|cell| protected(cell).into_owned()))
            .map_err(Error::internal)?;
    }
    writer
        .into_inner()
        .map_err(|error| Error::internal(error.to_string()))
}

/// Spreadsheets calculate cells that start with these, also in their full width (OWASP, "CSV Injection"); a number with its
/// sign, as of a telephone, is harmless.
fn protected(cell: &str) -> std::borrow::Cow<'_, str> {
    let risky = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠']);
    let number = cell
        .chars()
        .skip(1)
        .all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '/' | '(' | ')'));
    let harmless = cell.starts_with(['+', '-']) && number && cell.len() > 1;
    if risky && !harmless {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

fn time(at: chrono::DateTime<chrono::Utc>) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_not_calculated_and_phone_numbers_stay() {
        assert_eq!(protected("=1+1"), "'=1+1");
        assert_eq!(protected("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(protected("-2+3+cmd|' /C calc'!A0"), "'-2+3+cmd|' /C calc'!A0");
        assert_eq!(protected("+49 30 123"), "+49 30 123");
        assert_eq!(protected("-5"), "-5");
        assert_eq!(protected("plain"), "plain");
    }
}
