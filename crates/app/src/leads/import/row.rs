//! One line of the file, understood.

use super::plan::{ImportPlan, Target};
use super::reader::Line;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::leads::{ImportError, LeadProfile, LeadStatus, Tags};
use serde_json::Value;

/// What a line says about a lead.
#[derive(Debug)]
pub(super) struct Row {
    /// In the file, from 1.
    pub line: i64,
    pub email: EmailAddress,
    pub profile: LeadProfile,
    pub tags: Tags,
    pub status: Option<LeadStatus>,
    pub source: Option<String>,
}

/// Reads a line, or says everything that is wrong with it.
pub(super) fn read(plan: &ImportPlan, line: &Line) -> Result<Row, Vec<ImportError>> {
    let mut problems = Vec::new();
    let mut wrong = |field: &str, message: String| {
        // One thing at a time about a column.
        if !problems.iter().any(|known: &ImportError| known.field == field) {
            problems.push(ImportError {
                line: line.number,
                field: field.to_owned(),
                message,
                raw: raw(line),
            });
        }
    };
    let fields = match &line.fields {
        Ok(fields) => fields,
        Err(message) => {
            wrong("", message.clone());
            return Err(problems);
        }
    };
    if fields.len() > plan.columns.len() {
        wrong(
            "",
            format!(
                "has {} fields, the first line has {}",
                fields.len(),
                plan.columns.len()
            ),
        );
    }
    let mut email = None;
    let mut profile = LeadProfile::default();
    let mut tags = Tags::default();
    let (mut status, mut source) = (None, None);
    let (mut first, mut last) = ("", "");
    for ((column, target), cell) in plan.columns.iter().zip(fields) {
        let cell = unprotected(cell.trim());
        if *target == Target::Ignore || (cell.is_empty() && *target != Target::Email) {
            continue;
        }
        let text = || Value::String(cell.to_owned());
        let result = match target {
            Target::Email if cell.is_empty() => Err("is empty".to_owned()),
            Target::Email => cell.parse().map(|address| email = Some(address)),
            Target::Own(field) => profile.set(field, text()),
            Target::FirstName => {
                first = cell;
                Ok(())
            }
            Target::LastName => {
                last = cell;
                Ok(())
            }
            Target::Tags => add(&mut tags, cell),
            Target::Status => cell.to_lowercase().parse().map(|value| status = Some(value)),
            Target::Source if cell.chars().count() > 60 => Err("must have at most 60 characters".to_owned()),
            Target::Source => {
                source = Some(cell.to_owned());
                Ok(())
            }
            Target::Custom(key) if cell.chars().count() <= 10_000 => profile.custom(key.clone(), text()),
            Target::Custom(_) => Err("must have at most 10000 characters".to_owned()),
            Target::CustomFields => custom_object(cell, &mut profile),
            Target::Ignore => Ok(()),
        };
        if let Err(message) = result {
            wrong(column, message);
        } else if cell.contains('\0') {
            wrong(column, "must not contain NUL characters".into());
        } else if cell.contains(char::REPLACEMENT_CHARACTER) {
            wrong(
                column,
                "has bytes that are no text in the encoding of the file".into(),
            );
        }
    }
    if profile.name.is_empty() && !(first.is_empty() && last.is_empty()) {
        let name = format!("{first} {last}");
        if let Err(message) = profile.set("name", Value::String(name)) {
            wrong("name", message);
        }
    }
    match email {
        Some(email) if problems.is_empty() => Ok(Row {
            line: line.number,
            email,
            profile,
            tags,
            status,
            source,
        }),
        None if problems.is_empty() => {
            // A line that ends before its address.
            Err(vec![ImportError {
                line: line.number,
                field: "email".into(),
                message: "is missing".into(),
                raw: raw(line),
            }])
        }
        _ => Err(problems),
    }
}

/// There may be several columns of tags.
fn add(tags: &mut Tags, cell: &str) -> Result<(), String> {
    *tags = tags.join(&Tags::from_cell(cell)?)?;
    Ok(())
}

/// The line for its report, without NUL, which PostgreSQL can't keep.
fn raw(line: &Line) -> String {
    let visible = |c: char| if c == '\0' { '\u{2400}' } else { c };
    line.raw.chars().take(2000).map(visible).collect()
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| key.contains('\0') || has_nul(value)),
        _ => false,
    }
}

fn custom_object(cell: &str, profile: &mut LeadProfile) -> Result<(), String> {
    let Ok(Value::Object(fields)) = serde_json::from_str(cell) else {
        return Err("must be a JSON object".into());
    };
    if fields
        .iter()
        .any(|(key, value)| key.contains('\0') || has_nul(value))
    {
        return Err("must not contain NUL characters (\\u0000)".into());
    }
    fields
        .into_iter()
        .try_for_each(|(key, value)| profile.custom(key, value))
}

/// Takes off the apostrophe with which exports keep spreadsheets from calculating a cell.
fn unprotected(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']) => rest,
        _ => cell,
    }
}
