//! Domains whose addresses are used once. The list is `data/disposable_email_domains.txt` (CC0).

use crate::email::host;
use std::collections::HashSet;
use std::sync::LazyLock;

static DOMAINS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    include_str!("../../../data/disposable_email_domains.txt")
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect()
});

/// Whether a domain (in ASCII), or one above it, is on the list.
pub fn is_disposable(domain: &str) -> bool {
    host::and_parents(domain).any(|part| DOMAINS.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_list_and_what_is_below_it_is_disposable() {
        assert!(DOMAINS.len() > 8_000, "{}", DOMAINS.len());
        for domain in DOMAINS.iter() {
            assert!(is_disposable(domain), "{domain}");
            assert!(is_disposable(&format!("mx.{domain}")), "{domain}");
            assert_eq!(
                host::ascii(domain).as_deref(),
                Some(*domain),
                "the list is in ASCII"
            );
        }
        for domain in ["example.com", "gmail.com", "nomailinatorhere.com", "com", ""] {
            assert!(!is_disposable(domain), "{domain}");
        }
    }
}
