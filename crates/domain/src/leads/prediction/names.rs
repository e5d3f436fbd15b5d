//! Names of fields that people understand.

/// The name of a field, for people: `utm_source` → "UTM source", `custom:plan` → "plan", `tag:vip` → "tag vip".
pub fn label(field: &str) -> String {
    if let Some(key) = field.strip_prefix("custom:") {
        return key.to_owned();
    }
    if let Some(tag) = field.strip_prefix("tag:") {
        return format!("tag {tag}");
    }
    field.replace("utm_", "UTM ").replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::label;

    #[test]
    fn fields_have_names_for_people() {
        let names = ["utm_source", "custom:company_size", "tag:vip", "emails_opened"].map(label);
        assert_eq!(names, ["UTM source", "company_size", "tag vip", "emails opened"]);
    }
}
