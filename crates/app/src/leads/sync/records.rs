//! Records of JSON as lines of a CSV file.

use serde_json::Value;
use std::collections::BTreeMap;

/// Most columns that records have by themselves; those of a mapping come besides.
const MOST_KEYS: usize = 300;

/// The columns, in order. They are those of the first records: a file has the same in each line.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns(Vec<String>);

impl Columns {
    /// Every key of the first records, and the pointers of a mapping.
    pub fn of(records: &[Value], mapping: &BTreeMap<String, String>) -> Self {
        let mut names: Vec<String> = mapping.keys().cloned().collect();
        for record in records.iter().filter_map(Value::as_object) {
            for key in record.keys() {
                let fits = !key.trim().is_empty() && key.trim() == key && names.len() < MOST_KEYS;
                if fits && !names.contains(key) {
                    names.push(key.clone());
                }
            }
        }
        Self(names)
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
        Self(names.map(str::to_owned).to_vec())
    }

    pub fn header(&self) -> String {
        line(self.0.iter().cloned())
    }

    pub fn line(&self, record: &Value) -> String {
        line(self.0.iter().map(|name| {
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
            items.iter().map(text).collect::<Vec<_>>().join(",")
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
        let columns = Columns::of(&records, &mapping);
        let header = columns.header();
        let names: Vec<_> = header.trim().split(',').collect();
        assert_eq!(names[0], "\"/more/city\"");
        assert_eq!(names.len(), 6);
        let first = columns.line(&records[0]);
        assert!(first.starts_with("\"K\"\"\u{f6}ln\","), "{first}");
        assert!(first.contains("\"a@x.example\"") && first.contains("\"a,b\"") && first.contains("\"1.5\""));
        assert!(columns.line(&records[1]).contains("\"true\""));
        assert_eq!(columns.line(&json!("no object")).matches("\"\"").count(), 6);
    }
}
