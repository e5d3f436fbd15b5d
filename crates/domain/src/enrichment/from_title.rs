//! What a job title says.

use super::title::read_title;
use super::{EnrichmentField, Finding};
use serde_json::Value;

pub fn from_title(title: &str) -> Vec<Finding> {
    let read = read_title(title);
    let seniority = read.seniority.map(|(word, confidence)| Finding {
        field: EnrichmentField::Seniority,
        value: Value::from(word.as_str()),
        confidence,
    });
    let function = read.function.map(|(word, confidence)| Finding {
        field: EnrichmentField::Function,
        value: Value::from(word.as_str()),
        confidence,
    });
    seniority.into_iter().chain(function).collect()
}
