//! Mail addresses: parsed once at the edge.
//!
//! The policy is that of what can be delivered over SMTP and is typed by people, which is less than RFC 5322 lets a header
//! say. `tests/data/isemail_cases.json` holds 164 addresses by category, and the test decides each of them:
//!
//! | isemail's category | here |
//! |---|---|
//! | `VALID`, `DNSWARN` (whether the domain exists is asked later, see `verification`) | taken, if the domain has a dot |
//! | `RFC5321_TLD`, `RFC5321_TLDNUMERIC`: no dot, or a number at the end (RFC 3696, section 2) | refused |
//! | `RFC5321_QUOTEDSTRING`, `RFC5321_ADDRESSLITERAL` and old forms of these | refused: legal, and in practice a typing mistake or an attack |
//! | `CFWS`, `DEPREC`: comments, folding white space, control characters | refused: they are of headers, not of envelopes |
//! | `RFC5322`: domain literals, more than 64 octets before the @, 63 in a label or 254 in all | refused: SMTP can't carry them |
//! | `ERR` | refused |
//!
//! White space around an address is cut off first: it is what copying leaves behind. Letters beyond ASCII are taken before the
//! @ (RFC 6531) and in the domain (IDNA, UTS #46). The domain stays as it was typed for showing, is compared in ASCII
//! ([`EmailAddress::key`]) and is sent in ASCII.

use super::host;
use email_address::{EmailAddress as Parsed, Options};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A syntactically valid address, kept as written: that is where mail goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

impl EmailAddress {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one mailbox share: lower case, and the domain in ASCII. Unique among leads and people; only for
    /// comparing, never for sending.
    pub fn key(&self) -> String {
        let lower = self.0.to_lowercase();
        match lower.rsplit_once('@') {
            Some((local, domain)) if !domain.is_ascii() || domain.contains("xn--") => {
                format!(
                    "{local}@{}",
                    host::ascii(domain).unwrap_or_else(|| domain.to_owned())
                )
            }
            _ => lower,
        }
    }

    /// The ways in which somebody may have written down the address of this key: as it is, and with a domain beyond ASCII.
    pub fn spellings(key: &str) -> Vec<String> {
        let mut all = vec![key.to_owned()];
        if let Some((local, domain)) = key.rsplit_once('@')
            && domain.contains("xn--")
        {
            all.push(format!("{local}@{}", host::unicode(domain)));
        }
        all
    }

    /// What comes before the @, as it was typed.
    pub fn local(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }

    /// The domain in ASCII and lower case, as it is asked for and compared.
    pub fn ascii_domain(&self) -> String {
        let domain = self.domain();
        host::ascii(domain).unwrap_or_else(|| domain.to_lowercase())
    }

    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// What stands in the ledger in place of an address that was erased. The domain can't exist (RFC 2606, section 2).
    pub fn erased() -> Self {
        Self("erased@erased.invalid".to_owned())
    }

    pub fn is_erased(&self) -> bool {
        *self == Self::erased()
    }

    /// Takes what the store kept, which was parsed when it came in.
    pub fn from_trusted(text: String) -> Self {
        Self(text)
    }
}

impl FromStr for EmailAddress {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // No quoted local parts, comments or literals: legal, and in practice always a typing mistake or an attack.
        if text.contains(['"', '\\', '(', ')', '<', '>', ',', ';', '[', ']'])
            || text.chars().any(char::is_control)
        {
            return Err("is not a valid mail address".into());
        }
        Parsed::parse_with_options(
            text,
            Options::default()
                .with_required_tld()
                .without_domain_literal()
                .without_display_text(),
        )
        .map_err(|error| {
            format!(
                "is not a valid mail address ({})",
                error.to_string().to_lowercase()
            )
        })?;
        let address = Self(text.to_owned());
        let Some(domain) = host::ascii(address.domain()) else {
            return Err("is not a valid mail address (its domain is none)".into());
        };
        let top = domain.rsplit('.').next().unwrap_or_default();
        if !domain.contains('.') || top.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err("is not a valid mail address (the domain has no end like .com)".into());
        }
        // The limit is that of what goes over the wire (RFC 5321, section 4.5.3.1.3, less its brackets).
        if address.local().len() + 1 + domain.len() > 254 {
            return Err("is not a valid mail address (more than 254 characters)".into());
        }
        Ok(address)
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for EmailAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::EmailAddress;
    use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for EmailAddress {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .format(Some(SchemaFormat::Custom("email".into())))
                .max_length(Some(254))
                .into()
        }
    }
    impl utoipa::ToSchema for EmailAddress {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_pass_and_keep_their_spelling() {
        for text in [
            "a@b.de",
            "Ada.Lovelace+news@Example.com",
            "o'neil@example.co.uk",
            "jörg@example.org",
        ] {
            assert_eq!(text.parse::<EmailAddress>().unwrap().as_str(), text);
        }
        assert_eq!(
            " Ada@Example.COM ".parse::<EmailAddress>().unwrap().key(),
            "ada@example.com"
        );
    }

    #[test]
    fn each_case_of_isemail_is_decided_by_the_policy() {
        let cases: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../tests/data/isemail_cases.json")).unwrap();
        assert_eq!(cases.len(), 164);
        let mut taken = 0;
        for case in &cases {
            let field = |name: &str| case[name].as_str().unwrap();
            let address = field("address");
            let expected = match field("category") {
                "ISEMAIL_VALID_CATEGORY" | "ISEMAIL_DNSWARN" => address.contains('.'),
                "ISEMAIL_ERR" | "ISEMAIL_CFWS" | "ISEMAIL_DEPREC" | "ISEMAIL_RFC5321" | "ISEMAIL_RFC5322" => {
                    false
                }
                other => panic!("the policy says nothing about {other}"),
            };
            // Around an address white space is no part of it.
            let expected = expected || (address != address.trim() && address.trim() == "test@iana.org");
            let parsed = address.parse::<EmailAddress>();
            assert_eq!(
                parsed.is_ok(),
                expected,
                "{} {address:?}: {parsed:?}",
                field("diagnosis")
            );
            taken += u32::from(parsed.is_ok());
        }
        assert!(taken >= 20, "{taken}");
    }

    #[test]
    fn two_spellings_of_a_domain_have_one_key_and_stay_as_they_were_typed() {
        let [unicode, ascii]: [EmailAddress; 2] =
            ["Ada@Bücher.example", "ada@XN--bcher-kva.example"].map(|text| text.parse().unwrap());
        assert_eq!(unicode.key(), "ada@xn--bcher-kva.example");
        assert_eq!(unicode.key(), ascii.key());
        assert_eq!(unicode.as_str(), "Ada@Bücher.example");
        assert_eq!(
            EmailAddress::spellings(&unicode.key()),
            ["ada@xn--bcher-kva.example", "ada@bücher.example"]
        );
        assert_eq!(EmailAddress::spellings("a@b.de"), ["a@b.de"]);
        for wrong in ["a@xn--a.example", "a@b.123", "a@127.0.0.1", "a@a_b.de", "a@-b.de"] {
            assert!(wrong.parse::<EmailAddress>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn header_injection_and_nonsense_are_refused() {
        for text in [
            "",
            "a",
            "a@",
            "@b.de",
            "a@b",
            "a b@c.de",
            "a@b.de\r\nBcc: x@y.z",
            "\"a\"@b.de",
            "a@[127.0.0.1]",
            "a@b..de",
        ] {
            assert!(text.parse::<EmailAddress>().is_err(), "{text:?} must not pass");
        }
    }
}
