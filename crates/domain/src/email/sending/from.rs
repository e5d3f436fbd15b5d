//! Who mails come from.

use crate::email::EmailAddress;
use crate::validate::Problems;
use serde::{Deserialize, Serialize};

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailFrom {
    /// What people see before the address; may be empty.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(example = "Ada of Acme"))]
    pub name: String,
    #[cfg_attr(
        feature = "openapi",
        schema(value_type = String, format = "email", example = "hello@example.com")
    )]
    pub address: EmailAddress,
}

impl MailFrom {
    /// Trims, and names everything that is wrong.
    pub fn check(&mut self, problems: &mut Problems, field: &str) {
        self.name = problems.line(&format!("{field}.name"), &self.name, 100, true);
        problems.check(
            self.address.local().is_ascii(),
            &format!("{field}.address"),
            "must be ASCII before the @: not every server takes other letters there",
        );
    }

    /// In ASCII.
    pub fn domain(&self) -> String {
        self.address.ascii_domain()
    }
}
