//! Which company a mail address belongs to, as far as its domain tells.

use crate::email::{EmailAddress, is_free_mail};
use url::Host;

/// The domain that somebody registered (the list of public suffixes tells which part that is), in lower case and ASCII: nothing for
/// addresses of providers that give them to anybody.
pub fn company_domain(address: &EmailAddress) -> Option<String> {
    let domain = registrable(address.domain())?;
    let host = address.domain();
    (!is_free_mail(host) && !is_free_mail(&domain)).then_some(domain)
}

fn registrable(domain: &str) -> Option<String> {
    let Ok(Host::Domain(ascii)) = Host::parse(domain) else {
        return None;
    };
    let ascii = ascii.trim_end_matches('.').to_ascii_lowercase();
    psl::domain_str(&ascii).map(str::to_owned)
}

/// A name of the company that is no more than its domain made readable: `acme-tools.co.uk` → `Acme Tools`.
pub fn company_guess(domain: &str) -> Option<String> {
    let suffix = psl::suffix_str(domain)?;
    let name = domain.strip_suffix(suffix)?.trim_end_matches('.');
    let name = name.rsplit('.').next()?;
    // What was written in another script is not readable in ASCII.
    if name.is_empty() || name.starts_with("xn--") {
        return None;
    }
    let words: Vec<String> = name
        .split('-')
        .filter(|word| !word.is_empty())
        .map(capitalized)
        .collect();
    Some(words.join(" ")).filter(|words| !words.is_empty())
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_those_that_somebody_registered() {
        for (address, domain) in [
            ("ada@example.com", Some("example.com")),
            ("ada@Mail.Sales.Example.CO.UK", Some("example.co.uk")),
            ("ada@gmail.com", None),
            ("ada@vip.qq.com", None),
            ("ada@mail.yahoo.co.jp", None),
            ("ada@bücher.example", Some("xn--bcher-kva.example")),
            ("ada@co.uk", None),
        ] {
            let address = EmailAddress::from_trusted(address.to_owned());
            assert_eq!(company_domain(&address).as_deref(), domain, "{address}");
        }
    }

    #[test]
    fn a_guess_is_the_domain_made_readable() {
        for (domain, name) in [
            ("acme-tools.co.uk", Some("Acme Tools")),
            ("example.com", Some("Example")),
            ("xn--bcher-kva.example", None),
            ("-.com", None),
            ("com", None),
        ] {
            assert_eq!(company_guess(domain).as_deref(), name, "{domain}");
        }
    }
}
