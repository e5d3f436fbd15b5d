//! How long somebody takes to read a text in silence.

use super::{Counts, Language, real};

/// Milliseconds per character that is no space, in English: Demberg and Keller, Data from eye-tracking corpora as evidence for
/// theories of syntactic processing complexity, Cognition 109 (2008), as textstat has it.
const ENGLISH_MS: f64 = 14.69;

/// Per minute. Trauzettel-Klosinski and Dietz, Standardized assessment of reading performance: the new International Reading Speed
/// Texts IReST, Investigative Ophthalmology and Visual Science 53 (2012), table 2.
const WORDS: [(&str, f64); 14] = [
    ("ar", 138.0),
    ("de", 179.0),
    ("es", 218.0),
    ("fi", 161.0),
    ("fr", 195.0),
    ("he", 187.0),
    ("it", 188.0),
    ("nl", 202.0),
    ("pl", 166.0),
    ("pt", 181.0),
    ("ru", 184.0),
    ("sl", 180.0),
    ("sv", 199.0),
    ("tr", 166.0),
];
/// Characters per minute, from the same table.
const CHARACTERS: [(&str, f64); 2] = [("ja", 357.0), ("zh", 255.0)];

/// `None` for languages that nobody measured.
pub(super) fn seconds(counts: &Counts, language: Option<Language>) -> Option<f64> {
    let language = language?;
    if language == Language::ENGLISH {
        return Some(ENGLISH_MS * real(counts.characters_without_spaces) / 1_000.0);
    }
    let per_minute = |table: &[(&str, f64)]| {
        let line = table.iter().find(|(code, _)| *code == language.as_str())?;
        Some(line.1)
    };
    let minutes = match counts.words {
        Some(words) => real(words) / per_minute(&WORDS)?,
        None => real(counts.letters) / per_minute(&CHARACTERS)?,
    };
    Some(minutes * 60.0)
}
