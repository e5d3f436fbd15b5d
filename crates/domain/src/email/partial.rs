//! A piece that many templates share: a header, a footer, a signature.

use super::template::TemplateFormat;
use crate::ids::TemplatePartialId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Partials within partials, the outermost counted: what is deeper is a mistake.
pub const MAX_INCLUDE_DEPTH: usize = 5;
/// Largest partial, in bytes.
pub const MAX_PARTIAL: usize = 64 * 1024;

/// What takes the place of `{% include "name" %}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partial {
    pub name: String,
    /// Templates in HTML take partials in HTML; those in MJML take both.
    pub format: TemplateFormat,
    pub html: String,
}

/// A partial as it is kept. It has no versions: whoever changes it means every mail from now on, except those of campaigns that
/// were launched already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TemplatePartial {
    pub id: TemplatePartialId,
    /// How templates name it: lower-case letters, digits, `-` and `_`; the only one of this name.
    pub name: String,
    pub format: TemplateFormat,
    /// A piece of HTML or MJML, as `format` says.
    pub html: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl TemplatePartial {
    pub fn content(&self) -> Partial {
        Partial {
            name: self.name.clone(),
            format: self.format,
            html: self.html.clone(),
        }
    }
}

/// Whether a partial can have this name.
pub fn is_partial_name(name: &str) -> bool {
    let fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    (1..=60).contains(&name.len()) && name.bytes().all(fine)
}

crate::sort_fields! {
    /// How partials can be ordered.
    PartialSort { CreatedAt => "created_at": Time, Name => "name": Text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_of_an_address() {
        for name in ["footer", "2-columns", "sign_off"] {
            assert!(is_partial_name(name), "{name}");
        }
        for name in ["", "Footer", "a b", "ä", "../x", &"x".repeat(61)] {
            assert!(!is_partial_name(name), "{name}");
        }
    }
}
