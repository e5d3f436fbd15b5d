//! What is counted in a text.

use super::words::{each_word, is_of_word, is_unspaced, sentences, sentences_without_spaces};
use super::{Language, reading_time, syllables};
use serde::Serialize;

/// Counts of a text. What can't be counted in a language is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Counts {
    /// Unicode code points, with spaces.
    pub characters: usize,
    /// Unicode code points that are no whitespace.
    pub characters_without_spaces: usize,
    /// Letters and digits.
    pub letters: usize,
    /// Absent in scripts without spaces between words (Chinese, Japanese, Thai, Lao, Burmese, Khmer).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<usize>,
    /// Sentences of more than two words. Absent in Thai, Lao, Burmese and Khmer, which mark no end of a sentence, or not always.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentences: Option<usize>,
    /// Lines that are not empty.
    pub paragraphs: usize,
    /// English: CMUdict, and for words it does not have, where they may be hyphenated. Russian and Turkish: vowels, which is exact. German, French,
    /// Spanish and Dutch: rules of spelling, which miss few words. Absent in other languages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub syllables: Option<usize>,
    /// At the usual speed of silent reading in the language. Absent where nobody measured it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading_time_seconds: Option<f64>,
    #[serde(skip)]
    pub(super) detail: Detail,
}

/// What only the formulas of readability ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Detail {
    /// Words, and marks that stand alone.
    pub tokens: usize,
    /// Words of one syllable.
    pub monosyllables: usize,
    /// Words of three syllables or more.
    pub polysyllables: usize,
    /// Words of more than six letters.
    pub long: usize,
    /// Words of three letters or fewer.
    pub mini: usize,
    /// Words that are in no list of easy words, by how many syllables they have at least: 0, 2 and 3. English only.
    pub difficult: [usize; 3],
}

/// Of the letters, when more are in a script without spaces, words can't be counted.
const UNSPACED_SHARE: usize = 10;

impl Counts {
    pub(super) fn of(text: &str, language: Option<Language>) -> Self {
        let (mut characters, mut dense, mut letters, mut unspaced) = (0, 0, 0, 0);
        for sign in text.chars() {
            characters += 1;
            dense += usize::from(!sign.is_whitespace());
            letters += usize::from(is_of_word(sign));
            unspaced += usize::from(is_unspaced(sign));
        }
        let paragraphs = text.lines().filter(|line| !line.trim().is_empty()).count();
        let mut counts = Self {
            characters,
            characters_without_spaces: dense,
            letters,
            words: None,
            sentences: None,
            paragraphs,
            syllables: None,
            reading_time_seconds: None,
            detail: Detail::default(),
        };
        if unspaced * UNSPACED_SHARE > letters {
            let marks_ends = language.is_some_and(|language| matches!(language.as_str(), "zh" | "ja"));
            counts.sentences = marks_ends.then(|| sentences_without_spaces(text));
        } else {
            counts.sentences = Some(sentences(text));
            counts.count_words(text, language);
        }
        counts.reading_time_seconds = reading_time::seconds(&counts, language);
        counts
    }

    fn count_words(&mut self, text: &str, language: Option<Language>) {
        let counter = language.and_then(syllables::Counter::of);
        let english = language == Some(Language::ENGLISH);
        let (mut words, mut all, mut detail) = (0, 0, Detail::default());
        each_word(text, |word, length| {
            words += 1;
            detail.long += usize::from(length > 6);
            detail.mini += usize::from(length <= 3);
            let Some(counter) = counter else { return };
            let syllables = counter.count(word);
            all += syllables;
            detail.monosyllables += usize::from(syllables == 1);
            detail.polysyllables += usize::from(syllables >= 3);
            if english && !syllables::is_easy(word) {
                for (count, least) in detail.difficult.iter_mut().zip([0, 2, 3]) {
                    *count += usize::from(syllables >= least);
                }
            }
        });
        detail.tokens = text.split_whitespace().count();
        self.words = Some(words);
        self.syllables = counter.map(|_| all);
        self.detail = detail;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, language: &str) -> Counts {
        Counts::of(text, Some(language.parse().unwrap()))
    }

    #[test]
    fn what_a_language_does_not_have_is_absent() {
        let chinese = of("我们制造工具。欢迎光临！", "zh");
        assert_eq!(
            (chinese.words, chinese.sentences, chinese.syllables),
            (None, Some(2), None)
        );
        assert_eq!((chinese.characters, chinese.letters), (12, 10));
        let thai = of("เราสร้างเครื่องมือ", "th");
        assert_eq!(
            (thai.words, thai.sentences, thai.reading_time_seconds),
            (None, None, None)
        );
        let finnish = of("Olemme rakentaneet työkaluja kolmekymmentä vuotta.", "fi");
        assert_eq!(
            (finnish.words, finnish.sentences, finnish.syllables),
            (Some(5), Some(1), None)
        );
    }

    #[test]
    fn lines_are_paragraphs() {
        assert_eq!(of("One.\n\n  \nTwo.\r\nThree", "en").paragraphs, 3);
        assert_eq!(of("", "en").paragraphs, 0);
    }
}
