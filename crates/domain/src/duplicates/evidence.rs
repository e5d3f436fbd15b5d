//! Why two leads may be one, in words. Values are not repeated: they may change, and they are a person's.

use super::compare::{Agreement, EvidenceField, EvidenceLevel};
use serde::{Deserialize, Serialize};

/// What one field says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DuplicateEvidence {
    pub field: EvidenceField,
    pub level: EvidenceLevel,
    /// Bits: each doubles the odds that the two are one person, or halves them where it is negative.
    pub weight: f64,
    /// The same in a sentence.
    pub text: String,
}

pub(super) fn words(agreement: &Agreement, turned: bool, shared: Option<u64>) -> String {
    use EvidenceLevel::{Close, Different, DomainTypo, Exact, Initial, Nickname, SameLocalPart, Similar};
    let what = match agreement.field {
        EvidenceField::GivenName => "given names",
        EvidenceField::FamilyName => "surnames",
        EvidenceField::Email => "addresses",
        EvidenceField::Phone => "telephone numbers",
        EvidenceField::Company => "companies",
    };
    let mut text = match (agreement.field, agreement.level) {
        (EvidenceField::Email, Exact) => "the addresses are probably one mailbox".to_owned(),
        (_, Exact) => format!("the {what} are the same"),
        (_, Nickname) => "one given name is a short form of the other".to_owned(),
        (EvidenceField::Email, Close) => "the addresses differ in one letter before the @".to_owned(),
        (_, Close) => format!("the {what} are a slip of the pen apart"),
        (_, Similar) => format!("the {what} are alike"),
        (_, Initial) => format!("one of the {what} is the first letter of the other"),
        (_, SameLocalPart) => "the addresses are the same before the @".to_owned(),
        (_, DomainTypo) => "the addresses are the same but for one letter of the domain".to_owned(),
        (_, Different) => format!("the {what} differ"),
    };
    if turned && matches!(agreement.field, EvidenceField::GivenName) {
        text.push_str(", with the surname in their place");
    }
    if let Some(shared) = shared.filter(|_| agreement.field != EvidenceField::Email)
        && shared > 2
    {
        text = format!("{text}; {shared} leads have it");
    }
    text
}
