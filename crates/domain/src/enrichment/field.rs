//! What can be known of a lead.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const CUSTOM: &str = "custom:";
/// As long as the key of a custom field may be, in characters.
const LONGEST_KEY: usize = 100;

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// A fact about a lead, or about the company that they work for.
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum EnrichmentField {
            $($(#[$doc])* $name,)*
            /// A custom field of the lead, by its key.
            Custom(String),
        }

        impl EnrichmentField {
            /// All but custom fields.
            pub const KNOWN: &'static [(Self, &'static str)] = &[$((Self::$name, $text)),*];
        }
    };
}

fields! {
    /// Own field of a lead, as `title`, `phone` and `company` are.
    Name = "name",
    Title = "title",
    Phone = "phone",
    Company = "company",
    /// `company` or `free`: whose domain the mail address has.
    EmailKind = "email_kind",
    /// The company's domain.
    Domain = "domain",
    Website = "website",
    /// What the company says of itself.
    Description = "description",
    Industry = "industry",
    Employees = "employees",
    /// ISO 3166-1, two letters.
    Country = "country",
    City = "city",
    /// ISO 639-1, of the company's site.
    Language = "language",
    /// The company's, not the lead's own.
    CompanyPhone = "company_phone",
    Logo = "logo",
    Linkedin = "linkedin",
    /// Profiles of the company elsewhere, as a list.
    Social = "social",
    /// What the company's site runs on, as a list.
    Technologies = "technologies",
    Seniority = "seniority",
    Function = "function",
}

impl EnrichmentField {
    /// How the lead calls it, if it is one of the lead's own or custom fields: those that enrichment may fill.
    pub fn of_lead(&self) -> Option<&str> {
        match self {
            Self::Name => Some("name"),
            Self::Title => Some("title"),
            Self::Phone => Some("phone"),
            Self::Company => Some("company"),
            Self::Custom(key) => Some(key),
            _ => None,
        }
    }
}

impl fmt::Display for EnrichmentField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Custom(key) = self {
            return write!(f, "{CUSTOM}{key}");
        }
        let known = Self::KNOWN.iter().find(|(field, _)| field == self);
        f.write_str(known.map_or("", |(_, text)| text))
    }
}

impl FromStr for EnrichmentField {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(key) = text.strip_prefix(CUSTOM) {
            let fine = (1..=LONGEST_KEY).contains(&key.chars().count())
                && !key.chars().any(char::is_control)
                && key.trim() == key
                && !crate::leads::LeadProfile::is_own_field(key);
            return if fine {
                Ok(Self::Custom(key.to_owned()))
            } else {
                Err(format!(
                    "the key after `{CUSTOM}` has 1 to {LONGEST_KEY} characters and is not the name of a lead's own field"
                ))
            };
        }
        let known = Self::KNOWN.iter().find(|(_, name)| *name == text);
        known.map(|(field, _)| field.clone()).ok_or_else(|| {
            let names: Vec<_> = Self::KNOWN.iter().map(|(_, name)| *name).collect();
            format!("must be `{CUSTOM}` and a key, or one of {}", names.join(", "))
        })
    }
}

impl Serialize for EnrichmentField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EnrichmentField {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::EnrichmentField;
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for EnrichmentField {
        fn schema() -> RefOr<Schema> {
            let names: Vec<_> = EnrichmentField::KNOWN.iter().map(|(_, name)| *name).collect();
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(format!(
                    "`custom:` and a key, or one of {}",
                    names.join(", ")
                )))
                .examples(["company"])
                .into()
        }
    }
    impl utoipa::ToSchema for EnrichmentField {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back() {
        for (field, name) in EnrichmentField::KNOWN {
            assert_eq!(name.parse::<EnrichmentField>().unwrap(), *field);
            assert_eq!(field.to_string(), *name);
        }
        let custom: EnrichmentField = "custom:crm id".parse().unwrap();
        assert_eq!(custom.of_lead(), Some("crm id"));
        assert_eq!(custom.to_string(), "custom:crm id");
        for wrong in [
            "",
            "wild",
            "custom:",
            "custom: x",
            "custom:company",
            "custom:a\nb",
        ] {
            assert!(wrong.parse::<EnrichmentField>().is_err(), "{wrong}");
        }
    }
}
