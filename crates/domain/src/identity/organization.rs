//! An organization: the tenant that everything belongs to.

use crate::email::{MailFrom, Mailing};
use crate::ids::OrganizationId;
use crate::locale::{Locale, TimeZone};
use crate::money::Currency;
use crate::privacy::Retention;
use crate::region::Region;
use chrono::{DateTime, Utc};
use serde::Serialize;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Organization {
    pub id: OrganizationId,
    pub name: String,
    /// The currency of a bare amount, ISO 4217.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "EUR"))]
    pub currency: Currency,
    /// In which days begin and end, by its name in the IANA database.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "Europe/Berlin"))]
    pub time_zone: TimeZone,
    /// How numbers and dates are written, BCP 47.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "en-GB"))]
    pub locale: Locale,
    /// The country of telephone numbers that name none, ISO 3166-1; absent: that of the locale, if it names one.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, example = "DE"))]
    pub region: Option<Region>,
    /// Where the links of this organization's mails lead, if not to the installation's own address: another name of the same
    /// server, for example behind a client's domain. Links to accounts never lead there.
    #[cfg_attr(feature = "openapi", schema(example = "https://news.example.com"))]
    pub public_url: Option<Url>,
    /// Who its mails come from, at a verified domain of its own; null: the installation's own address.
    pub from: Option<MailFrom>,
    /// How long things are kept.
    pub retention: Retention,
    /// How much marketing mail one lead gets, and what mail costs.
    pub mailing: Mailing,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Organization {
    /// The country that is meant where none is named.
    pub fn country(&self) -> Option<Region> {
        self.region.or_else(|| self.locale.region())
    }
}

/// Reads a public address: http or https, a host, and nothing after it.
pub fn public_url(text: &str) -> Result<Url, String> {
    let sentence = || "must be an address like https://news.example.com, without a path".to_owned();
    let url = Url::parse(text).map_err(|_| sentence())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let known = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    let open = url.username().is_empty() && url.password().is_none();
    if bare && known && open && text.len() <= 200 {
        Ok(url)
    } else {
        Err(sentence())
    }
}

/// Which organizations are asked for.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFilter {
    /// Part of the name, without case.
    pub name: Option<String>,
}

crate::sort_fields! {
    /// How organizations can be ordered.
    OrganizationSort { CreatedAt => "created_at": Time, Name => "name": Text }
}

#[cfg(test)]
mod tests {
    use super::public_url;

    #[test]
    fn an_address_has_a_host_and_nothing_after_it() {
        for good in ["https://news.example.com", "http://127.0.0.1:8080/"] {
            assert!(public_url(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "news.example.com",
            "ftp://news.example.com",
            "https://news.example.com/path",
            "https://news.example.com/?a=b",
            "https://ada:secret@news.example.com",
            "javascript:alert(1)",
            "https://news.example.com/#top",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
