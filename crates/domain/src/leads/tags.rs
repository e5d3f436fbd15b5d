//! Tags: short words that people put on leads.

use serde::{Deserialize, Serialize};

/// Most tags on one lead.
pub const MAX_TAGS: usize = 100;

/// Lower-case, sorted, without repetition. Each 1 to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "Vec<String>", into = "Vec<String>")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = Vec<String>))]
pub struct Tags(Vec<String>);

impl Tags {
    pub fn parse(tags: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, String> {
        let mut all = Vec::new();
        for tag in tags {
            let tag = tag.as_ref().trim().to_lowercase();
            if tag.is_empty() || tag.chars().count() > 64 || tag.chars().any(|c| c.is_control() || c == ',') {
                return Err("a tag has 1 to 64 characters, without commas and line breaks".into());
            }
            all.push(tag);
        }
        all.sort();
        all.dedup();
        if all.len() > MAX_TAGS {
            return Err(format!("at most {MAX_TAGS} tags"));
        }
        Ok(Self(all))
    }

    /// Both sets together, as far as there is room.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut all = self.0.clone();
        all.extend(other.0.iter().filter(|tag| !self.0.contains(tag)).cloned());
        all.truncate(MAX_TAGS);
        all.sort();
        Self(all)
    }

    pub fn as_slice(&self) -> &[String] {
        &self.0
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<String>> for Tags {
    type Error = String;
    fn try_from(tags: Vec<String>) -> Result<Self, String> {
        Self::parse(tags)
    }
}

impl From<Tags> for Vec<String> {
    fn from(tags: Tags) -> Self {
        tags.0
    }
}
