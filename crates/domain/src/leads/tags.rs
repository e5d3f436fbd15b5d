//! Tags: short words that people put on leads.

use serde::{Deserialize, Serialize};

/// Most tags on one lead.
pub const MAX_TAGS: usize = 100;

/// What stands between the tags of one cell. Semicolons and bars may be in a tag that came another way.
const SEPARATORS: [char; 3] = [',', ';', '|'];

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

    /// The same, but an error when there is not room for all of them.
    pub fn join(&self, other: &Self) -> Result<Self, String> {
        let mut all = self.0.clone();
        all.extend(other.0.iter().filter(|tag| !self.0.contains(tag)).cloned());
        if all.len() > MAX_TAGS {
            return Err(format!("at most {MAX_TAGS} tags"));
        }
        all.sort();
        Ok(Self(all))
    }

    /// The same less one tag, as people write it.
    #[must_use]
    pub fn without(&self, tag: &str) -> Self {
        let tag = tag.trim().to_lowercase();
        Self(self.0.iter().filter(|mine| **mine != tag).cloned().collect())
    }

    /// From one cell of a file: a JSON array of tags, or tags with commas, semicolons or bars between them.
    pub fn from_cell(cell: &str) -> Result<Self, String> {
        let is_tag = |tag: &&str| !tag.trim().is_empty();
        match serde_json::from_str::<Vec<String>>(cell) {
            // A tag can't have a comma, whoever wrote the array.
            Ok(tags) => Self::parse(tags.iter().flat_map(|tag| tag.split(',')).filter(is_tag)),
            Err(_) => Self::parse(cell.split(SEPARATORS).filter(is_tag)),
        }
    }

    /// As one cell of a file, from which [`Self::from_cell`] makes the same tags. An array only where commas alone would not
    /// do, for people read these cells.
    pub fn to_cell(&self) -> String {
        let plain = self.0.join(",");
        if plain.contains([';', '|']) || plain.starts_with('[') {
            return serde_json::Value::from(self.0.clone()).to_string();
        }
        plain
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_come_back_from_a_cell_as_they_were() {
        for tags in [
            &["a", "b c"][..],
            &["a;b", "c|d", "e"],
            &["[\"x\"]"],
            &["[x]", "\"q\""],
            &[],
        ] {
            let tags = Tags::parse(tags).unwrap();
            assert_eq!(Tags::from_cell(&tags.to_cell()), Ok(tags));
        }
        assert_eq!(Tags::parse(["a", "b"]).unwrap().to_cell(), "a,b");
        let split = Tags::parse(["a", "b", "c", "d"]).unwrap();
        assert_eq!(Tags::from_cell(" a; b|c,,d "), Ok(split.clone()));
        assert_eq!(Tags::from_cell(r#"["a,b", "c", "d"]"#), Ok(split));
    }

    #[test]
    fn no_tag_is_dropped_for_want_of_room() {
        let many = Tags::parse((0..MAX_TAGS).map(|index| format!("t{index}"))).unwrap();
        assert_eq!(many.join(&many), Ok(many.clone()));
        assert!(many.join(&Tags::parse(["one more"]).unwrap()).is_err());
        assert!(many.as_slice().len() == MAX_TAGS);
    }
}
