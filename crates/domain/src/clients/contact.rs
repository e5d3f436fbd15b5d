//! People at a client.

use crate::email::EmailAddress;
use crate::validate::Problems;
use serde::{Deserialize, Serialize};

/// Most contacts of one client.
pub const MAX_CONTACTS: usize = 50;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Contact {
    pub name: String,
    #[serde(default)]
    pub email: Option<EmailAddress>,
    #[serde(default)]
    pub phone: Option<String>,
    /// What the person does there.
    #[serde(default)]
    pub role: Option<String>,
    /// Whom to ask first; at most one contact is.
    #[serde(default)]
    pub is_primary: bool,
}

impl Contact {
    /// Whether there is a way to reach this person.
    pub fn is_reachable(&self) -> bool {
        self.email.is_some() || self.phone.is_some()
    }
}

/// Trims the texts of contacts, and names what is wrong with them.
pub(super) fn check(contacts: &mut [Contact], problems: &mut Problems) {
    problems.check(
        contacts.len() <= MAX_CONTACTS,
        "contacts",
        format!("a client has at most {MAX_CONTACTS} contacts"),
    );
    problems.check(
        contacts.iter().filter(|contact| contact.is_primary).count() <= 1,
        "contacts",
        "at most one contact is the primary one",
    );
    for (index, contact) in contacts.iter_mut().enumerate() {
        let at = |part: &str| format!("contacts[{index}].{part}");
        contact.name = problems.line(&at("name"), &contact.name, 200, false);
        contact.phone = problems.optional_line(&at("phone"), contact.phone.as_deref(), 60);
        contact.role = problems.optional_line(&at("role"), contact.role.as_deref(), 100);
    }
}
