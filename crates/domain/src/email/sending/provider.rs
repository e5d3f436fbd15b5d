//! Which domains of recipients share the patience of one receiver.

use crate::email::{EmailAddress, is_free_mail};

/// Domains that are one receiver's, and the name under which they are throttled. Other domains are receivers of their own.
pub const ALIASES: [(&str, &str); 33] = [
    ("gmail.com", "google"),
    ("googlemail.com", "google"),
    ("outlook.com", "microsoft"),
    ("outlook.de", "microsoft"),
    ("outlook.fr", "microsoft"),
    ("outlook.es", "microsoft"),
    ("outlook.it", "microsoft"),
    ("hotmail.com", "microsoft"),
    ("hotmail.co.uk", "microsoft"),
    ("hotmail.de", "microsoft"),
    ("hotmail.fr", "microsoft"),
    ("hotmail.es", "microsoft"),
    ("hotmail.it", "microsoft"),
    ("live.com", "microsoft"),
    ("live.co.uk", "microsoft"),
    ("live.de", "microsoft"),
    ("live.fr", "microsoft"),
    ("live.nl", "microsoft"),
    ("msn.com", "microsoft"),
    ("yahoo.com", "yahoo"),
    ("yahoo.co.uk", "yahoo"),
    ("yahoo.de", "yahoo"),
    ("yahoo.fr", "yahoo"),
    ("yahoo.es", "yahoo"),
    ("yahoo.it", "yahoo"),
    ("ymail.com", "yahoo"),
    ("rocketmail.com", "yahoo"),
    ("aol.com", "yahoo"),
    ("icloud.com", "apple"),
    ("me.com", "apple"),
    ("mac.com", "apple"),
    ("gmx.de", "gmx"),
    ("gmx.net", "gmx"),
];

/// The receiver that mail to an address goes to, as far as its domain says.
pub fn provider_of(to: &EmailAddress) -> String {
    let domain = to.ascii_domain();
    ALIASES
        .iter()
        .find(|(known, _)| *known == domain)
        .map_or(domain, |(_, provider)| (*provider).to_owned())
}

/// Whether many people have their mailboxes at a receiver. How many mails went to a smaller one would tell of a person.
pub fn is_shared(provider: &str) -> bool {
    !provider.contains('.') || is_free_mail(provider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_people_share_is_told_from_what_may_be_one_persons() {
        let shared = |text: &str| is_shared(&provider_of(&text.parse().unwrap()));
        assert!(shared("a@gmail.com") && shared("a@web.de"));
        assert!(!shared("grace@hopper.example"));
    }

    #[test]
    fn families_are_one_receiver_and_others_their_own() {
        let of = |text: &str| provider_of(&text.parse().unwrap());
        assert_eq!(of("a@GMail.com"), of("b@googlemail.com"));
        assert_eq!(
            (of("a@hotmail.fr"), of("a@ymail.com")),
            ("microsoft".into(), "yahoo".into())
        );
        assert_eq!(of("a@Bücher.example"), "xn--bcher-kva.example");
        let mut domains: Vec<_> = ALIASES.iter().map(|(domain, _)| domain).collect();
        domains.sort_unstable();
        domains.dedup();
        assert_eq!(domains.len(), ALIASES.len(), "each domain is named once");
        assert!(
            ALIASES.iter().all(|(_, provider)| !provider.contains('.')),
            "no name is a domain's"
        );
    }
}
