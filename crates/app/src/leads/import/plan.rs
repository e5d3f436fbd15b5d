//! Which column of the file is what.

use groundswell_domain::{Error, FieldError};
use std::collections::BTreeMap;

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

/// The columns of a file, in order.
#[derive(Debug, Clone)]
pub struct ImportPlan {
    pub(super) delimiter: u8,
    pub(super) columns: Vec<(String, Target)>,
    /// Bytes of the header: where the first line of data starts.
    pub(super) data_start: usize,
}

/// Names that columns have in files people bring, and the field that is meant.
const SYNONYMS: [(&str, &[&str]); 10] = [
    (
        "email",
        &[
            "email",
            "mail",
            "emailaddress",
            "mailaddress",
            "emailadresse",
            "mailadresse",
            "correo",
            "courriel",
        ],
    ),
    (
        "name",
        &[
            "name",
            "fullname",
            "contact",
            "contactname",
            "nombre",
            "nom",
            "leadname",
        ],
    ),
    ("first_name", &["firstname", "vorname", "givenname", "prenom"]),
    ("last_name", &["lastname", "surname", "nachname", "familyname"]),
    (
        "phone",
        &[
            "phone",
            "phonenumber",
            "telephone",
            "tel",
            "mobile",
            "telefon",
            "telefonnummer",
            "handy",
        ],
    ),
    (
        "company",
        &[
            "company",
            "companyname",
            "organization",
            "organisation",
            "firma",
            "unternehmen",
            "account",
            "empresa",
        ],
    ),
    ("title", &["title", "jobtitle", "position", "role", "funktion"]),
    ("tags", &["tags", "tag", "labels"]),
    ("status", &["status", "leadstatus"]),
    ("source", &["source", "leadsource", "quelle"]),
];

/// Columns of our own export that are not for writing.
const OURS: [&str; 10] = [
    "id",
    "stage",
    "score_total",
    "score_fit",
    "score_engagement",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "created_at",
    "updated_at",
];

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

/// By the name of the column alone; unknown columns become custom fields.
fn guess(column: &str) -> Target {
    let plain: String = column
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    if let Some((field, _)) = SYNONYMS.iter().find(|(_, names)| names.contains(&plain.as_str())) {
        return target(field).unwrap_or(Target::Ignore);
    }
    let lower = column.trim().to_lowercase();
    if OURS.contains(&lower.as_str()) || plain.is_empty() {
        return Target::Ignore;
    }
    if lower == "custom_fields" {
        return Target::CustomFields;
    }
    let key: String = lower
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { '_' })
        .take(100)
        .collect();
    Target::Custom(key)
}

impl ImportPlan {
    /// Reads the header of `text`. Columns that `mapping` does not name are matched by their name.
    pub fn new(text: &str, mapping: &BTreeMap<String, String>) -> Result<Self, Error> {
        let delimiter = delimiter_of(text);
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        let mut header = csv::StringRecord::new();
        let found = reader
            .read_record(&mut header)
            .map_err(|error| Error::invalid("file", error.to_string()))?;
        if !found {
            return Err(Error::invalid(
                "file",
                "is empty: the first line must name the columns",
            ));
        }
        let mut problems = Vec::new();
        let mut columns: Vec<(String, Target)> = Vec::new();
        for name in &header {
            let name = name.trim().to_owned();
            let known = match mapping.get(&name) {
                None => guess(&name),
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
            columns.push((
                name.clone(),
                if twice {
                    Target::Custom(name.to_lowercase())
                } else {
                    known
                },
            ));
        }
        for name in mapping
            .keys()
            .filter(|name| columns.iter().all(|(column, _)| column != *name))
        {
            problems.push(FieldError::new(
                format!("mapping.{name}"),
                "the file has no such column",
            ));
        }
        if problems.is_empty() && columns.iter().all(|(_, target)| *target != Target::Email) {
            let names: Vec<_> = columns.iter().map(|(name, _)| name.as_str()).collect();
            problems.push(FieldError::new(
                "mapping",
                format!(
                    "no column holds the mail address; the columns are: {}",
                    names.join(", ")
                ),
            ));
        }
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let data_start = usize::try_from(reader.position().byte()).map_err(Error::internal)?;
        Ok(Self {
            delimiter,
            columns,
            data_start,
        })
    }

    /// Column → field, as the API shows it.
    pub fn mapping(&self) -> BTreeMap<String, String> {
        self.columns
            .iter()
            .map(|(name, target)| {
                let field = match target {
                    Target::Email => "email".to_owned(),
                    Target::Own(field) => (*field).to_owned(),
                    Target::FirstName => "first_name".to_owned(),
                    Target::LastName => "last_name".to_owned(),
                    Target::Tags => "tags".to_owned(),
                    Target::Status => "status".to_owned(),
                    Target::Source => "source".to_owned(),
                    Target::CustomFields => "custom_fields".to_owned(),
                    Target::Custom(key) => format!("custom:{key}"),
                    Target::Ignore => "ignore".to_owned(),
                };
                (name.clone(), field)
            })
            .collect()
    }
}

/// The one of `,` `;` and tab that the first line has most of.
fn delimiter_of(text: &str) -> u8 {
    let line = text.lines().next().unwrap_or_default();
    let count = |delimiter: char| line.matches(delimiter).count();
    [(',', b','), (';', b';'), ('\t', b'\t')]
        .into_iter()
        .max_by_key(|(delimiter, _)| (count(*delimiter), *delimiter == ','))
        .map_or(b',', |(_, byte)| byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_the_names_people_use() {
        let plan = ImportPlan::new(
            "E-Mail;Vorname;Nachname;Firma;Lieblings-Farbe\n",
            &BTreeMap::new(),
        )
        .unwrap();
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
    fn a_mapping_overrules_and_its_mistakes_are_named() {
        let mapping =
            |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
        let plan = ImportPlan::new("a,b\n", &mapping(&[("a", "email"), ("b", "custom:size")])).unwrap();
        assert_eq!(plan.mapping()["b"], "custom:size");
        let Err(Error::Invalid(problems)) =
            ImportPlan::new("a,b\n", &mapping(&[("a", "mail"), ("c", "name")]))
        else {
            panic!("must be refused")
        };
        assert_eq!(
            problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(),
            ["mapping.a", "mapping.c"]
        );
        let error = ImportPlan::new("name,phone\n", &BTreeMap::new())
            .unwrap_err()
            .to_string();
        assert!(error.contains("no column holds the mail address"), "{error}");
    }
}
