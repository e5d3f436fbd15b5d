//! Where a ciphertext lives.

use crate::ids::OrganizationId;
use uuid::Uuid;

/// The one column of one row in which a sealed value means something.
///
/// It is bound into the encryption: whoever can write to the database can't copy a customer's key into a row of his
/// own and have it used for him. The names are part of what is stored, so a table or column that is renamed keeps its
/// old name here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Place {
    pub organization: OrganizationId,
    pub table: &'static str,
    pub row: Uuid,
    pub column: &'static str,
}
