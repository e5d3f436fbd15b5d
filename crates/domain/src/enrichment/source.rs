//! Who says it.

use crate::ids::EnrichmentProviderId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

const PROVIDER: &str = "provider:";

/// In the order in which they are asked; providers among themselves by their position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EnrichmentSource {
    /// The mail address and its domain.
    Address,
    /// The job title.
    Title,
    /// The company's own site.
    Site,
    /// A service that the organization set up.
    Provider(EnrichmentProviderId),
}

impl fmt::Display for EnrichmentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address => f.write_str("address"),
            Self::Title => f.write_str("title"),
            Self::Site => f.write_str("site"),
            Self::Provider(id) => write!(f, "{PROVIDER}{id}"),
        }
    }
}

impl FromStr for EnrichmentSource {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let provider = || text.strip_prefix(PROVIDER)?.parse().ok();
        match text {
            "address" => Ok(Self::Address),
            "title" => Ok(Self::Title),
            "site" => Ok(Self::Site),
            _ => provider()
                .map(Self::Provider)
                .ok_or_else(|| format!("must be address, title, site, or `{PROVIDER}` and an id")),
        }
    }
}

impl Serialize for EnrichmentSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EnrichmentSource {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
mod schema {
    use super::EnrichmentSource;
    use utoipa::openapi::schema::{ObjectBuilder, Type};
    use utoipa::openapi::{RefOr, Schema};

    impl utoipa::PartialSchema for EnrichmentSource {
        fn schema() -> RefOr<Schema> {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(
                    "`address`, `title`, `site`, or `provider:` and the provider's id",
                ))
                .examples(["site"])
                .into()
        }
    }
    impl utoipa::ToSchema for EnrichmentSource {}
}
