//! Header lines, and the fields of reports, which look alike.

/// Names in lower case, values with their continuation lines in one.
pub(super) fn fields(text: &str) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() {
            continue;
        }
        let named = line.split_once(':').filter(|(name, _)| is_name(name));
        match (named, all.last_mut()) {
            (Some((name, value)), _) => all.push((name.to_ascii_lowercase(), value.trim().to_owned())),
            (None, Some((_, value))) => {
                value.push(' ');
                value.push_str(trimmed);
            }
            (None, None) => {}
        }
    }
    all
}

/// A name without white space (RFC 5322, section 2.2), in practice of letters, digits and hyphens.
pub(super) fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|sign| sign.is_ascii_alphanumeric() || sign == '-' || sign == '_')
}

/// The first value of a field.
pub(super) fn first<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    all(fields, name).next()
}

pub(super) fn all<'a>(fields: &'a [(String, String)], name: &str) -> impl Iterator<Item = &'a str> {
    fields
        .iter()
        .filter(move |(own, _)| own == name)
        .map(|(_, value)| value.as_str())
}
