//! Mail domains, as they are compared.

/// The domain in ASCII and lower case (UTS #46, with the rules of STD3 for host names), or `None` when it is none.
///
/// `url` and `idna` would let a few things pass that no mail server's name has: the caller looks at the form of labels.
pub fn ascii(domain: &str) -> Option<String> {
    let plain = domain
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    let ascii = if plain && !domain.to_ascii_lowercase().contains("xn--") {
        domain.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii_strict(domain).ok()?
    };
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    (ascii.len() <= 253 && ascii.split('.').all(label)).then_some(ascii)
}

/// The domain as people write it: `bücher.example`, not `xn--bcher-kva.example`. What can't be read stays.
pub fn unicode(domain: &str) -> String {
    let (text, result) = idna::domain_to_unicode(domain);
    if result.is_ok() { text } else { domain.to_owned() }
}

/// The domain and what is above it, the longest first: `a.b.example`, `b.example`, `example`.
pub fn and_parents(domain: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(domain), |part| part.split_once('.').map(|(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ascii_and_come_back() {
        for (typed, wire) in [
            ("Example.COM", "example.com"),
            ("Bücher.example", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("straße.de", "xn--strae-oqa.de"),
            ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
            ("c--n.com", "c--n.com"),
        ] {
            assert_eq!(ascii(typed).as_deref(), Some(wire), "{typed}");
        }
        assert_eq!(unicode("xn--bcher-kva.example"), "bücher.example");
        assert_eq!(unicode("example.com"), "example.com");
    }

    #[test]
    fn what_is_no_name_stays_outside() {
        let long = format!("{}.com", "a".repeat(64));
        for wrong in [
            "",
            ".",
            "a..b",
            "-a.com",
            "a-.com",
            "a_b.com",
            "a b.com",
            "xn--a.com",
            "[::1]",
            &long,
        ] {
            assert_eq!(ascii(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn parents_go_up_to_the_top() {
        let all: Vec<_> = and_parents("a.b.example").collect();
        assert_eq!(all, ["a.b.example", "b.example", "example"]);
    }
}
