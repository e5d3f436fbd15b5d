//! Records of JSON as lines of a CSV file.

use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most columns that records have by themselves; those of a mapping come besides.
const MOST_KEYS: usize = 300;
/// Longest key, in bytes.
const LONGEST_KEY: usize = 500;
/// Of the keys that are left out, so many are named.
const MOST_NAMED: usize = 20;

/// The columns, in order. New ones come behind: lines that were written before have fewer cells.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    names: Vec<String>,
    known: HashSet<String>,
    /// How many there may be; `None` when they are given.
    most: Option<usize>,
    left_out: BTreeSet<String>,
}

impl Columns {
    /// Those of a mapping, and every key that comes.
    pub fn of_records(mapping: &BTreeMap<String, String>) -> Self {
        Self {
            names: mapping.keys().cloned().collect(),
            known: mapping.keys().cloned().collect(),
            most: Some(mapping.len() + MOST_KEYS),
            left_out: BTreeSet::new(),
        }
    }

    /// Makes columns of the record's keys that are new.
    pub fn learn(&mut self, record: &Value) {
        let (Some(most), Some(record)) = (self.most, record.as_object()) else {
            return;
        };
        for key in record.keys() {
            if self.known.contains(key) {
                continue;
            }
            // Names of columns are trimmed when the file is read.
            let fits = !key.is_empty() && key.trim() == key && key.len() <= LONGEST_KEY;
            if fits && self.names.len() < most {
                self.names.push(key.clone());
                self.known.insert(key.clone());
            } else if self.left_out.len() < MOST_NAMED {
                self.left_out.insert(key.chars().take(100).collect());
            }
        }
    }

    /// From now on nothing is new.
    pub fn close(&mut self) {
        self.most = self.most.map(|_| 0);
    }

    /// Some of the keys that are no columns.
    pub fn left_out(&self) -> Vec<String> {
        self.left_out.iter().cloned().collect()
    }

    /// Those of leads, as another Groundswell answers with them.
    pub fn of_leads() -> Self {
        let names = [
            "email",
            "name",
            "phone",
            "company",
            "title",
            "source",
            "status",
            "tags",
            "custom_fields",
        ];
        Self {
            names: names.map(str::to_owned).to_vec(),
            ..Self::default()
        }
    }

    pub fn header(&self) -> String {
        line(self.names.iter().cloned())
    }

    pub fn line(&self, record: &Value) -> String {
        line(self.names.iter().map(|name| {
            let found = if name.starts_with('/') {
                record.pointer(name)
            } else {
                record.get(name)
            };
            found.map(text).unwrap_or_default()
        }))
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.iter().all(|item| !item.is_object() && !item.is_array()) => {
            let texts: Vec<_> = items.iter().map(text).collect();
            // Commas alone would not tell where one ends.
            if texts.iter().any(|text| text.contains([';', '|'])) {
                Value::from(texts).to_string()
            } else {
                texts.join(",")
            }
        }
        other => other.to_string(),
    }
}

/// Every cell in quotation marks: so a line is never blank, and nothing in it means anything.
fn line(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells
        .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
        .collect();
    format!("{}\n", cells.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_become_lines() {
        let records = [
            json!({ "email": "a@x.example", "tags": ["a", "b"], "n": 1.5, "more": { "city": "K\"\u{f6}ln" } }),
            json!({ "email": null, "late": true }),
        ];
        let mapping = [("/more/city".to_owned(), "custom:city".to_owned())].into();
        let mut columns = Columns::of_records(&mapping);
        for record in &records {
            columns.learn(record);
        }
        let header = columns.header();
        let names: Vec<_> = header.trim().split(',').collect();
        assert_eq!(names[0], "\"/more/city\"");
        assert_eq!(names.len(), 6);
        let first = columns.line(&records[0]);
        assert!(first.starts_with("\"K\"\"\u{f6}ln\","), "{first}");
        assert!(first.contains("\"a@x.example\"") && first.contains("\"a,b\"") && first.contains("\"1.5\""));
        assert!(columns.line(&records[1]).contains("\"true\""));
        assert_eq!(columns.line(&json!("no object")).matches("\"\"").count(), 6);
        let apart = json!({ "tags": ["a;b", "c"] });
        assert!(columns.line(&apart).contains(r#""[""a;b"",""c""]""#));
        assert!(columns.left_out().is_empty());
    }

    #[test]
    fn keys_may_come_late_but_not_without_end() {
        let mut columns = Columns::of_records(&[("email".to_owned(), "email".to_owned())].into());
        columns.learn(&json!({ "email": "a@x.example" }));
        assert_eq!(
            columns.line(&json!({ "email": "a@x.example" })),
            "\"a@x.example\"\n"
        );
        columns.learn(&json!({ "late": 1, " blank ": 2 }));
        assert_eq!(columns.header(), "\"email\",\"late\"\n");
        let many: serde_json::Map<_, _> = (0..400).map(|index| (format!("k{index:03}"), json!(1))).collect();
        columns.learn(&Value::Object(many));
        assert_eq!(columns.header().split(',').count(), 301);
        assert_eq!(columns.left_out().len(), MOST_NAMED);
        assert!(columns.left_out().contains(&" blank ".to_owned()));
        let mut given = Columns::of_leads();
        given.learn(&json!({ "other": 1 }));
        assert!(given.left_out().is_empty() && !given.header().contains("other"));
    }
}
