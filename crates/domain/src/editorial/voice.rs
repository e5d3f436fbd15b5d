//! How a brand talks.

use serde::{Deserialize, Serialize};

/// A word that the brand does not use, and the one it uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreferredTerm {
    pub instead_of: String,
    #[serde(rename = "use")]
    pub term: String,
}

impl PreferredTerm {
    /// What is replaced and by what: the pair itself and its plural, which is formed the same way on both sides.
    pub fn forms(&self) -> Vec<(String, String)> {
        let (from, to) = (self.instead_of.trim(), self.term.trim());
        let plural = (!from.ends_with(['s', '*'])).then(|| (format!("{from}s"), format!("{to}s")));
        std::iter::once((from.to_owned(), to.to_owned()))
            .chain(plural)
            .collect()
    }
}

/// How a brand talks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Voice {
    /// Words for its tone, like "friendly"; the first one we know counts when a brief names no tone.
    pub tone_words: Vec<String>,
    /// Never used. An asterisk at the end stands for any ending.
    pub banned: Vec<String>,
    pub preferred: Vec<PreferredTerm>,
}
