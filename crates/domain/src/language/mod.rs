//! What can be measured of a text: how long, how hard to read, how it feels.
//!
//! Everything is computed here, without a model and without a network, so the same text always gives the same figures. A figure
//! that is not defined for a language is absent, never a guess: the English formulas say nothing about Finnish.
//!
//! * [`measure`] does all of it in one pass over the words; [`sentiment`] only the feeling of an English text.
//! * English counts and scores are those of textstat @dadf3d2, sentiment that of VADER @44fc044; the tests compare with both.
//! * Other languages have the formulas that were made for them ([`Formula`]).

mod counts;
mod detect;
mod name;
mod readability;
mod reading_time;
mod sentiment;
mod syllables;
mod words;

pub use counts::Counts;
pub use detect::detect;
pub use name::Language;
pub use readability::{Formula, Readability, Scale, Score, Unavailable};
pub use sentiment::{Feeling, Sentiment, sentiment};

use serde::Serialize;
use unicode_normalization::{UnicodeNormalization, is_nfc};

#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod speed_tests;

/// All figures of one text.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Measures {
    /// Which language the figures are for; `None` when it was not given and can't be told with certainty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// Whether the language was told by the text, and not by the caller.
    pub detected: bool,
    pub counts: Counts,
    pub readability: Readability,
    /// Of English texts only: the words it knows are English ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment: Option<Sentiment>,
}

/// Measures a text in the given language, or in the one it is found to be in.
///
/// The text is read as plain text: whoever has HTML or Markdown takes the markup out first. Linear in the length of the text.
pub fn measure(text: &str, language: Option<Language>) -> Measures {
    let found = language.or_else(|| detect(text));
    // An accent that is a sign of its own would tear its word apart.
    let composed = (!is_nfc(text)).then(|| text.nfc().collect::<String>());
    let text = composed.as_deref().unwrap_or(text);
    let counts = Counts::of(text, found);
    Measures {
        language: found,
        detected: language.is_none() && found.is_some(),
        readability: Readability::of(&counts, found),
        sentiment: (found == Some(Language::ENGLISH)).then(|| sentiment(text)),
        counts,
    }
}

/// A count to calculate with.
fn real(count: usize) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        reason = "counts of a text are far below 2^53, up to which this is exact"
    )]
    {
        count as f64
    }
}
