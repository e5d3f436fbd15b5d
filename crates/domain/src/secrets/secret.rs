//! A secret as it is known without opening it.

use super::{Holder, Place, Service};
use crate::ids::{OrganizationId, SecretId, UserId};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};

/// Longest value, in bytes: a service account's key file fits.
pub const MAX_SECRET: usize = 8 * 1024;

/// Everything about a secret but its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    pub id: SecretId,
    pub holder: Holder,
    pub service: Service,
    /// The last four characters of the value, when it is long enough to show them.
    pub last4: Option<String>,
    /// Who gave the value. They may be gone by now.
    pub created_by: Option<UserId>,
    pub created_at: DateTime<Utc>,
    /// When the value was given; a rotation of keys does not count.
    pub updated_at: DateTime<Utc>,
    /// Counts the values; a rotation of keys does not count.
    pub version: i32,
}

impl Secret {
    /// Where its ciphertext lives.
    pub fn place(&self, organization: OrganizationId) -> Place {
        Place {
            organization,
            table: "secrets",
            row: self.id.0,
            column: "sealed",
        }
    }
}

/// Names what is wrong with a value, and nothing of the value.
pub fn check_value(problems: &mut Problems, field: &str, value: &SecretString) {
    let value = value.expose_secret();
    problems.check(!value.trim().is_empty(), field, "must not be empty");
    problems.check(
        value.len() <= MAX_SECRET,
        field,
        format!("must have at most {MAX_SECRET} bytes"),
    );
    // What copying from a terminal or a file brings along would be sent to the service and refused there.
    let stray = |c: Option<char>| c.is_some_and(|c| c.is_control() || c.is_whitespace());
    problems.check(
        !stray(value.chars().next()) && !stray(value.chars().next_back()),
        field,
        "must not begin or end with blanks, line breaks or control characters",
    );
    problems.check(!value.contains('\0'), field, "must not contain NUL characters");
}

crate::sort_fields! {
    /// How secrets can be ordered.
    SecretSort { Service => "service": Text, CreatedAt => "created_at": Time, UpdatedAt => "updated_at": Time }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_fine(value: &str) -> bool {
        let mut problems = Problems::new();
        check_value(&mut problems, "value", &value.into());
        let fine = problems.is_empty();
        let said = format!("{:?}", Vec::<crate::FieldError>::from(problems));
        assert!(value.trim().len() < 3 || !said.contains(value), "{said}");
        fine
    }

    #[test]
    fn values_are_whole_and_not_too_long() {
        for fine in [
            "x",
            "sk-1234",
            "two words",
            "-----BEGIN\nabc\n-----END",
            "pässwörd",
            &"k".repeat(MAX_SECRET),
        ] {
            assert!(is_fine(fine));
        }
        for wrong in [
            "",
            " ",
            "key\n",
            "\u{1b}key",
            " key",
            "key\u{a0}",
            "a\0b",
            &"k".repeat(MAX_SECRET + 1),
            &"é".repeat(MAX_SECRET / 2 + 1),
        ] {
            assert!(!is_fine(wrong), "{wrong:?}");
        }
    }
}
