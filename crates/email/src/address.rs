//! Addresses as they go over the wire: the domain in ASCII (IDNA), the local part as it is.

use lettre::Address;
use url::Host;

/// The address with its domain in ASCII, or a sentence that says what is wrong.
pub(crate) fn wire_address(text: &str) -> Result<Address, String> {
    let refused = || format!("{text:?} is not an address that mail can be sent to");
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(refused());
    }
    let (local, domain) = text.rsplit_once('@').ok_or_else(refused)?;
    let Ok(Host::Domain(domain)) = Host::parse(domain) else {
        return Err(refused());
    };
    Address::new(local, domain).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_domain_becomes_ascii_and_the_rest_stays() {
        for (text, wire) in [
            ("Ada@Example.com", "Ada@example.com"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("jörg@example.org", "jörg@example.org"),
        ] {
            assert_eq!(wire_address(text).unwrap().to_string(), wire);
        }
        for wrong in [
            "",
            "ada",
            "ada@",
            "@x.org",
            "a@x.org\r\nRCPT TO:<b@x.org>",
            "a b@x.org",
            "a@127.0.0.1",
            "a>@x.org",
        ] {
            assert!(wire_address(wrong).is_err(), "{wrong:?}");
        }
    }
}
