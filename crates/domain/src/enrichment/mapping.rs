//! From a provider's answer to facts.

use super::{Confidence, EnrichmentField, Finding};
use serde_json::Value;
use std::collections::BTreeMap;

/// What the answer says at each field's JSON pointer (RFC 6901). What is not there, or no value that a field can have, is left out.
pub fn read_answer(
    mapping: &BTreeMap<EnrichmentField, String>,
    answer: &Value,
    confidence: Confidence,
) -> Vec<Finding> {
    let found = mapping.iter().filter_map(|(field, pointer)| {
        let value = answer.pointer(pointer)?;
        Finding::new(field.clone(), value, confidence.as_percent())
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_lead_to_values() {
        let mapping = [
            (EnrichmentField::Company, "/company/name".to_owned()),
            (EnrichmentField::Technologies, "/tech".to_owned()),
            (EnrichmentField::City, "/company".to_owned()),
            (EnrichmentField::Title, "/people/0/title".to_owned()),
        ];
        let answer = json!({"company": {"name": " Acme "}, "tech": ["a"], "people": []});
        let found = read_answer(&mapping.into(), &answer, Confidence::percent(70));
        let said: Vec<_> = found
            .iter()
            .map(|found| (found.field.to_string(), &found.value))
            .collect();
        assert_eq!(
            said,
            [
                ("company".to_owned(), &json!("Acme")),
                ("technologies".to_owned(), &json!(["a"]))
            ]
        );
    }
}
