//! Whose rows a statement may see: the second wall, which only PostgreSQL has.
//!
//! Policies on every table compare the row's organization with a setting of the transaction. It is set in the same
//! message that begins the transaction, so it costs no round trip of its own, and it ends with the transaction: no
//! connection of the pool remembers whom it served last. Whoever sets nothing sees nothing.

use uuid::Uuid;

/// The setting that policies look at.
pub(super) const SETTING: &str = "groundswell.organization";

/// Whose rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    Organization(Uuid),
    /// Look-ups that come before the organization is known, and the upkeep of the whole database.
    Everything,
}

impl Reach {
    /// What [`SETTING`] is set to. The largest UUID is no organization's: theirs carry a version.
    fn value(self) -> Uuid {
        match self {
            Self::Organization(organization) => organization,
            Self::Everything => Uuid::max(),
        }
    }

    /// The setting's name and value for a connection that reaches everything from its start.
    pub fn everything() -> (&'static str, String) {
        (SETTING, Self::Everything.value().to_string())
    }

    /// Sets it until the transaction ends. A UUID has no character that could end the text.
    pub(super) fn set(self) -> String {
        format!("SET LOCAL {SETTING} = '{}'", self.value())
    }

    pub(super) fn begin(self, access: Access) -> String {
        let begin = match access {
            Access::Read => "BEGIN READ ONLY",
            Access::Merge => {
                "BEGIN READ ONLY; SET LOCAL enable_hashjoin = off; SET LOCAL enable_hashagg = off"
            }
            Access::Write => "BEGIN",
        };
        format!("{begin}; {}", self.set())
    }
}

/// What a transaction is for. A reader that writes is an error of the database.
#[derive(Debug, Clone, Copy)]
pub(super) enum Access {
    Read,
    /// To read long lists in the order of their indexes: see [`super::merged`].
    Merge,
    Write,
}
