//! Mail addresses: parsed once at the edge, by RFC 5321/5322 syntax.

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

    /// What two spellings of one mailbox share; only for matching, never for sending.
    pub fn key(&self) -> String {
        self.0.to_lowercase()
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
        Ok(Self(text.to_owned()))
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
