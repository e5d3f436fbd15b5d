//! What a mail address says.

use super::{EnrichmentField, Finding, company_domain, company_guess, country};
use crate::email::EmailAddress;
use serde_json::Value;

pub fn from_address(address: &EmailAddress) -> Vec<Finding> {
    let kind = |word: &str| Finding::new(EnrichmentField::EmailKind, &Value::from(word), 95);
    let Some(domain) = company_domain(address) else {
        return kind("free").into_iter().collect();
    };
    let found = [
        kind("company"),
        Finding::new(EnrichmentField::Domain, &Value::from(domain.as_str()), 95),
        // No more than a guess: companies own domains of other names.
        Finding::text(EnrichmentField::Company, company_guess(&domain).as_deref(), 30),
        Finding::text(
            EnrichmentField::Country,
            country::of_domain(&domain).as_deref(),
            60,
        ),
    ];
    found.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_s_address_names_it() {
        let found = |address: &str| {
            let found = from_address(&address.parse().unwrap());
            let said = found
                .iter()
                .map(|found| format!("{}={}", found.field, found.value));
            said.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            found("ada@mail.acme-tools.de"),
            r#"email_kind="company" domain="acme-tools.de" company="Acme Tools" country="DE""#
        );
        assert_eq!(found("ada@gmail.com"), r#"email_kind="free""#);
    }
}
