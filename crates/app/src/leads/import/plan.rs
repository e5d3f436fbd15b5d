//! Which column of the file is what.

use super::columns::{self, Guess};
use super::layout;
use super::reader::{Line, LineReader};
use groundswell_domain::leads::{FileFormat, Place};
use groundswell_domain::{Error, FieldError};
use std::collections::BTreeMap;

/// Most columns of a file.
const MOST_COLUMNS: usize = 500;

/// What a column fills.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Email,
    /// `name`, `phone`, `company` or `title`.
    Own(&'static str),
    /// Half of the name.
    FirstName,
    LastName,
    Tags,
    Status,
    Source,
    Custom(String),
    /// A JSON object of custom fields, as our own export has it.
    CustomFields,
    Ignore,
}

/// What the caller says about a file; what they do not say is found out.
#[derive(Debug, Clone, Default)]
pub(super) struct Layout {
    pub delimiter: Option<u8>,
    pub header: Option<bool>,
}

/// The columns of a file, in order.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    pub(super) delimiter: u8,
    pub(super) header: bool,
    pub(super) columns: Vec<(String, Target)>,
    /// How sure each of them is, unless the caller said it.
    pub(super) confidence: Vec<f32>,
    /// Where the first line of data starts.
    pub(super) start: Place,
    by_row: bool,
}

fn target(field: &str) -> Option<Target> {
    Some(match field {
        "email" => Target::Email,
        "name" => Target::Own("name"),
        "phone" => Target::Own("phone"),
        "company" => Target::Own("company"),
        "title" => Target::Own("title"),
        "first_name" => Target::FirstName,
        "last_name" => Target::LastName,
        "tags" => Target::Tags,
        "status" => Target::Status,
        "source" => Target::Source,
        "custom_fields" => Target::CustomFields,
        "ignore" => Target::Ignore,
        other => {
            let key = other.strip_prefix("custom:")?.trim();
            if key.is_empty() || key.chars().count() > 100 {
                return None;
            }
            Target::Custom(key.to_owned())
        }
    })
}

/// Columns by name, and whether the first line has the names.
struct Names {
    names: Vec<String>,
    header: bool,
}

impl Names {
    fn of(first: &[String], header: bool) -> Self {
        let mut names: Vec<String> = Vec::with_capacity(first.len());
        for (index, cell) in first.iter().enumerate() {
            let cell: String = cell.chars().filter(|c| !c.is_control()).collect();
            let cell = cell.trim();
            let name = if header && !cell.is_empty() {
                cell.to_owned()
            } else {
                format!("column_{}", index + 1)
            };
            // A mapping and a report of bad lines name columns, so no two may have one name.
            let again = (2..).map(|count| format!("{name} ({count})"));
            let mut free = std::iter::once(name.clone())
                .chain(again)
                .skip_while(|name| names.contains(name));
            names.push(free.next().unwrap_or(name.clone()));
        }
        Self { names, header }
    }
}

impl ImportPlan {
    /// From the start of a text, at least its first records. Columns that `mapping` does not name are matched by their name
    /// and looks.
    pub(super) fn new(
        head: &str,
        is_whole: bool,
        format: FileFormat,
        mapping: &BTreeMap<String, String>,
        said: &Layout,
    ) -> Result<Self, Error> {
        let plan = Self::suggest(head, is_whole, format, mapping, said)?;
        if plan.columns.iter().any(|(_, target)| *target == Target::Email) {
            return Ok(plan);
        }
        let names: Vec<_> = plan.columns.iter().map(|(name, _)| name.as_str()).collect();
        let message = format!(
            "no column holds the mail address; the columns are: {}",
            names.join(", ")
        );
        Err(Error::invalid("mapping", message))
    }

    /// The same, also of a file without a column for the mail address.
    pub(super) fn suggest(
        head: &str,
        is_whole: bool,
        format: FileFormat,
        mapping: &BTreeMap<String, String>,
        said: &Layout,
    ) -> Result<Self, Error> {
        let by_row = format == FileFormat::Xlsx;
        let delimiter = if by_row {
            b','
        } else {
            said.delimiter
                .unwrap_or_else(|| layout::delimiter_of(head, is_whole))
        };
        let (lines, after_first) = layout::sample(head, is_whole, delimiter);
        let first = lines.first().ok_or_else(|| {
            Error::invalid(
                "file",
                "is empty: there must be a line that names the columns, or one of a lead",
            )
        })?;
        let cells = first
            .fields
            .as_ref()
            .map_err(|message| Error::invalid("file", format!("line {} {message}", first.number)))?;
        if cells.len() > MOST_COLUMNS {
            let message = format!(
                "has {} columns; at most {MOST_COLUMNS} can be imported",
                cells.len()
            );
            return Err(Error::invalid("file", message));
        }
        let header = said.header.unwrap_or_else(|| layout::has_header(cells));
        let names = Names::of(cells, header);
        let data = &lines[usize::from(header)..];
        let guesses = guess(&names, mapping, data);
        let columns = targets(&names, mapping, &guesses)?;
        let start = if header {
            after_first
        } else {
            Place { offset: 0, line: 1 }
        };
        Ok(Self {
            delimiter,
            header,
            columns,
            confidence: guesses.iter().map(|guess| guess.confidence).collect(),
            start,
            by_row,
        })
    }

    /// Reads the lines of the file from a place on that an earlier reader reached, or from the first one.
    pub(super) fn reader(&self, place: Place) -> LineReader {
        let place = if place.offset < self.start.offset || place.line == 0 {
            self.start
        } else {
            place
        };
        LineReader::new(self.delimiter, self.by_row, place)
    }

    /// The field of a column, as the API names it.
    pub(super) fn field(&self, column: usize) -> String {
        match self.columns.get(column).map(|(_, target)| target) {
            Some(Target::Email) => "email".to_owned(),
            Some(Target::Own(field)) => (*field).to_owned(),
            Some(Target::FirstName) => "first_name".to_owned(),
            Some(Target::LastName) => "last_name".to_owned(),
            Some(Target::Tags) => "tags".to_owned(),
            Some(Target::Status) => "status".to_owned(),
            Some(Target::Source) => "source".to_owned(),
            Some(Target::CustomFields) => "custom_fields".to_owned(),
            Some(Target::Custom(key)) => format!("custom:{key}"),
            Some(Target::Ignore) | None => "ignore".to_owned(),
        }
    }

    /// Column → field, as the API shows it.
    pub fn mapping(&self) -> BTreeMap<String, String> {
        let names = self.columns.iter().enumerate();
        names
            .map(|(index, (name, _))| (name.clone(), self.field(index)))
            .collect()
    }
}

/// What each column is likely to be. Looks count where the names do not tell which column holds the mail address.
fn guess(names: &Names, mapping: &BTreeMap<String, String>, data: &[Line]) -> Vec<Guess> {
    let ignored = || Guess {
        field: "ignore".to_owned(),
        confidence: 0.5,
    };
    let mut guesses: Vec<Guess> = names
        .names
        .iter()
        .map(|name| {
            if names.header {
                columns::by_name(name)
            } else {
                ignored()
            }
        })
        .collect();
    let has = |guesses: &[Guess], field: &str| {
        guesses.iter().any(|guess| guess.field == field) || mapping.values().any(|said| said == field)
    };
    let cells = |column: usize| {
        data.iter()
            .filter_map(|line| line.fields.as_ref().ok())
            .filter_map(move |fields| fields.get(column).map(String::as_str))
    };
    for column in 0..guesses.len() {
        if names.header && guesses[column].confidence > 0.5 {
            continue;
        }
        let looks = columns::by_looks(cells(column));
        match looks.filter(|looks| !has(&guesses, &looks.field)) {
            // A name that says something else is no telephone number for its looks.
            Some(looks) if !names.header || looks.field == "email" => guesses[column] = looks,
            _ if !names.header => {
                guesses[column] = Guess {
                    field: format!("custom:{}", names.names[column]),
                    confidence: 0.3,
                };
            }
            _ => {}
        }
    }
    guesses
}

/// What each column is: as the caller says, else as guessed.
fn targets(
    names: &Names,
    mapping: &BTreeMap<String, String>,
    guesses: &[Guess],
) -> Result<Vec<(String, Target)>, Error> {
    let mut problems = Vec::new();
    let mut columns: Vec<(String, Target)> = Vec::new();
    for (name, guess) in names.names.iter().zip(guesses) {
        let known = match mapping.get(name) {
            None => target(&guess.field).unwrap_or(Target::Ignore),
            Some(field) => target(field.trim()).unwrap_or_else(|| {
                problems.push(FieldError::new(
                    format!("mapping.{name}"),
                    format!("`{field}` is not a lead field: use email, name, first_name, last_name, phone, company, title, tags, status, source, custom:<key> or ignore"),
                ));
                Target::Ignore
            }),
        };
        // The first column for a field wins; a second one is kept as a custom field rather than lost.
        let twice = !matches!(known, Target::Ignore | Target::Custom(_) | Target::Tags)
            && columns.iter().any(|(_, target)| *target == known);
        let known = if twice {
            Target::Custom(name.to_lowercase().chars().take(100).collect())
        } else {
            known
        };
        columns.push((name.clone(), known));
    }
    for name in mapping.keys().filter(|name| !names.names.contains(name)) {
        problems.push(FieldError::new(
            format!("mapping.{name}"),
            "the file has no such column",
        ));
    }
    if problems.is_empty() {
        Ok(columns)
    } else {
        Err(Error::Invalid(problems))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(text: &str, mapping: &[(&str, &str)]) -> Result<ImportPlan, Error> {
        let mapping = mapping
            .iter()
            .map(|(a, b)| ((*a).to_owned(), (*b).to_owned()))
            .collect();
        ImportPlan::new(text, true, FileFormat::Csv, &mapping, &Layout::default())
    }

    #[test]
    fn columns_are_found_by_the_names_people_use() {
        let plan = plan("E-Mail;Vorname;Nachname;Firma;Lieblings-Farbe\n", &[]).unwrap();
        let targets: Vec<_> = plan.columns.into_iter().map(|(_, target)| target).collect();
        assert_eq!(
            targets,
            [
                Target::Email,
                Target::FirstName,
                Target::LastName,
                Target::Own("company"),
                Target::Custom("lieblings_farbe".into())
            ]
        );
    }

    #[test]
    fn without_a_header_columns_are_found_by_their_looks() {
        let plan = plan("Ada,ada@x.example,+44 20 1234567\nBob,bob@x.example,\n", &[]).unwrap();
        let mapping = plan.mapping();
        assert_eq!(
            ["column_1", "column_2", "column_3"].map(|name| mapping[name].as_str()),
            ["custom:column_1", "email", "phone"]
        );
        assert_eq!((plan.header, plan.start), (false, Place { offset: 0, line: 1 }));
    }

    #[test]
    fn a_column_of_addresses_is_found_under_any_name() {
        let plan = plan("who,where\nAda,ada@x.example\n", &[]).unwrap();
        assert_eq!(plan.mapping()["where"], "email");
        assert!(plan.confidence[1] < 1.0);
    }

    #[test]
    fn a_mapping_overrules_and_its_mistakes_are_named() {
        let found = plan("a,b\n", &[("a", "email"), ("b", "custom:size")]).unwrap();
        assert_eq!(found.mapping()["b"], "custom:size");
        let Err(Error::Invalid(problems)) = plan("a,b\n", &[("a", "mail"), ("c", "name")]) else {
            panic!("must be refused")
        };
        assert_eq!(
            problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(),
            ["mapping.a", "mapping.c"]
        );
        let error = plan("name,phone\n", &[]).unwrap_err().to_string();
        assert!(error.contains("no column holds the mail address"), "{error}");
    }

    #[test]
    fn no_two_columns_have_one_name() {
        let plan = plan("email,phone,phone,no\0te,email\n", &[]).unwrap();
        let names: Vec<_> = plan.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["email", "phone", "phone (2)", "note", "email (2)"]);
        assert_eq!(plan.mapping()["phone (2)"], "custom:phone__2_");
    }

    #[test]
    fn too_many_columns_are_refused() {
        let error = plan(&"x,".repeat(10_000), &[]).unwrap_err().to_string();
        assert!(error.contains("10001 columns; at most 500"), "{error}");
    }
}
