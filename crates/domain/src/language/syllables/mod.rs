//! How many syllables a word has.

mod english;
mod spelling;

pub(super) use english::is_easy;

use super::Language;

/// Counts syllables in one language.
#[derive(Debug, Clone, Copy)]
pub(super) enum Counter {
    English,
    German,
    French,
    Spanish,
    Dutch,
    Russian,
    Turkish,
}

impl Counter {
    /// `None` for languages whose syllables we can't count.
    pub(super) fn of(language: Language) -> Option<Self> {
        Some(match language.as_str() {
            "en" => Self::English,
            "de" => Self::German,
            "fr" => Self::French,
            "es" => Self::Spanish,
            "nl" => Self::Dutch,
            "ru" => Self::Russian,
            "tr" => Self::Turkish,
            _ => return None,
        })
    }

    /// Of a word in lower case; at least one.
    pub(super) fn count(self, word: &str) -> usize {
        match self {
            Self::English => english::count(word),
            Self::German => spelling::german(word),
            Self::French => spelling::french(word),
            Self::Spanish => spelling::spanish(word),
            Self::Dutch => spelling::dutch(word),
            Self::Russian => spelling::vowels(word, "аеёиоуыэюя"),
            Self::Turkish => spelling::vowels(word, "aeıioöuüâîû"),
        }
    }
}
