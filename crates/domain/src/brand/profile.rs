//! What can be said of a brand.

use super::color::Color;
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Everything is optional: mails have something to say where a brand has not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Brand {
    /// The organization's name when absent.
    pub name: Option<String>,
    pub colors: BrandColors,
    /// An https address of a picture for a light background.
    pub logo_url: Option<String>,
    /// The same for a dark background.
    pub logo_dark_url: Option<String>,
    /// An http or https address.
    pub website: Option<String>,
    /// Where letters reach it. Advertising mails must name one in many countries (in the United States: 15 U.S.C. 7704(a)(5)).
    pub address: Option<String>,
    /// Where questions go.
    pub email: Option<String>,
    pub phone: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BrandColors {
    /// Of buttons and bars.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub primary: Option<Color>,
    /// Of what stands out beside them.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub accent: Option<Color>,
}

/// What an organization's mails look like when it has said nothing: a blue that white text can be read on (7.2 to 1).
const PRIMARY: Color = Color::new(0x23, 0x48, 0xd6);
/// A green for the same (5.5 to 1).
const ACCENT: Color = Color::new(0x0f, 0x76, 0x6e);

impl Brand {
    /// Fields that templates can use, below `brand`; those of `colors` are [`Brand::COLORS`].
    pub const FIELDS: [&'static str; 8] = [
        "name",
        "colors",
        "logo_url",
        "logo_dark_url",
        "website",
        "address",
        "email",
        "phone",
    ];
    /// `on_primary` and `on_accent` are black or white: what can be read on them.
    pub const COLORS: [&'static str; 4] = ["primary", "on_primary", "accent", "on_accent"];

    /// The object `brand` of merge fields. Colours always have a value.
    pub fn fields(&self, organization_name: &str) -> Value {
        let primary = self.colors.primary.unwrap_or(PRIMARY);
        let accent = self.colors.accent.unwrap_or(ACCENT);
        json!({
            "name": self.name.as_deref().unwrap_or(organization_name),
            "colors": {
                "primary": primary,
                "on_primary": primary.text_on(),
                "accent": accent,
                "on_accent": accent.text_on(),
            },
            "logo_url": self.logo_url,
            "logo_dark_url": self.logo_dark_url,
            "website": self.website,
            "address": self.address,
            "email": self.email,
            "phone": self.phone,
        })
    }

    /// Trimmed, and everything that is wrong with it by field.
    #[must_use]
    pub fn checked(self, problems: &mut Problems) -> Self {
        let mut web = |field: &str, address: Option<String>, schemes: &[&str]| {
            let address = problems.optional_line(field, address.as_deref(), 2000)?;
            let fine =
                url::Url::parse(&address).is_ok_and(|url| schemes.contains(&url.scheme()) && url.has_host());
            let message = format!(
                "must be an address that starts with {}://",
                schemes.join(":// or ")
            );
            problems.check(fine, field, message);
            Some(address)
        };
        let logo_url = web("logo_url", self.logo_url, &["https"]);
        let logo_dark_url = web("logo_dark_url", self.logo_dark_url, &["https"]);
        let website = web("website", self.website, &["https", "http"]);
        let email = problems.optional_line("email", self.email.as_deref(), 320);
        if let Some(email) = &email {
            problems.take("email", email.parse::<crate::email::EmailAddress>());
        }
        Self {
            name: problems.optional_line("name", self.name.as_deref(), 200),
            colors: self.colors,
            logo_url,
            logo_dark_url,
            website,
            address: problems.optional_line("address", self.address.as_deref(), 300),
            email,
            phone: problems.optional_line("phone", self.phone.as_deref(), 60),
        }
    }
}

/// The brand of an organization, as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrganizationBrand {
    #[serde(flatten)]
    pub brand: Brand,
    /// Absent while nothing was ever said.
    pub updated_at: Option<DateTime<Utc>>,
    /// 0 while nothing was ever said.
    pub version: i32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_templates_exists() {
        let fields = Brand::default().fields("Acme");
        let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let mut expected = Brand::FIELDS.to_vec();
        expected.sort_unstable();
        assert_eq!(names(&fields), expected);
        let mut expected = Brand::COLORS.to_vec();
        expected.sort_unstable();
        assert_eq!(names(&fields["colors"]), expected);
        assert_eq!(fields["name"], "Acme");
        assert_eq!(fields["colors"]["on_primary"], "#ffffff");
    }

    #[test]
    fn what_a_mail_could_not_show_is_refused() {
        let brand = Brand {
            name: Some(" Acme ".into()),
            logo_url: Some("http://acme.example/logo.png".into()),
            website: Some("javascript:alert(1)".into()),
            email: Some("nobody".into()),
            phone: Some(" ".into()),
            ..Brand::default()
        };
        let mut problems = Problems::new();
        let brand = brand.checked(&mut problems);
        let problems: Vec<crate::FieldError> = problems.into();
        let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
        assert_eq!(fields, ["logo_url", "website", "email"]);
        assert_eq!((brand.name.as_deref(), brand.phone), (Some("Acme"), None));
    }
}
