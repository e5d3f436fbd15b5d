//! Addresses in text.

use regex::Regex;
use std::sync::LazyLock;

/// What looks like an address, somewhere in a line.
pub(super) const ADDRESS: &str =
    r#"(?:[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+\.?[A-Za-z0-9-]+|"[^"\n]+"@[A-Za-z0-9.-]+)"#;

static ANY: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(ADDRESS).ok());

/// All of them, in order, each once.
pub(super) fn addresses(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let Some(any) = &*ANY else { return all };
    for found in any.find_iter(text) {
        let address = found.as_str().trim_end_matches('.');
        if !all.iter().any(|known| known.eq_ignore_ascii_case(address)) {
            all.push(address.to_owned());
        }
    }
    all
}

pub(super) fn first_address(text: &str) -> Option<String> {
    addresses(text).into_iter().next()
}

/// The address of a field like `rfc822; ada@example.com`.
pub(super) fn typed_address(value: &str) -> Option<String> {
    first_address(value.split_once(';').map_or(value, |(_, address)| address))
}
