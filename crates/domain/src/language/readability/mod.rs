//! How hard a text is to read.

mod formula;

pub use formula::{Formula, Scale};

use super::{Counts, Language};
use serde::Serialize;

crate::text_enum::text_enum! {
    /// Why a text has no scores.
    Unavailable {
        /// There is no word in it.
        NoWords => "no_words",
        /// Its language was not given and can't be told.
        UnknownLanguage => "unknown_language",
        /// Nobody made a formula for this language that we know.
        NoFormula => "no_formula",
        /// Its script has no spaces between words, so nothing can be counted.
        NoWordBoundaries => "no_word_boundaries",
    }
}

/// What one formula says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Score {
    pub formula: Formula,
    /// In the units of the formula's scale. It is not bounded: odd texts leave the range that it was made for.
    pub value: f64,
    pub scale: Scale,
}

/// The scores of one text, in the formulas that are defined for its language.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Readability {
    /// Empty if there is none. The first is the one to show when there is room for one.
    pub scores: Vec<Score>,
    /// Why there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<Unavailable>,
    /// Whether the text has a hundred words or more, which most formulas were made for. Scores of shorter ones vary widely.
    pub enough_text: bool,
}

/// Words of a text from which scores are steady.
const ENOUGH: usize = 100;

impl Readability {
    pub(super) fn of(counts: &Counts, language: Option<Language>) -> Self {
        let scores = match (language, counts.words) {
            (_, Some(0)) => Err(Unavailable::NoWords),
            (_, None) => Err(Unavailable::NoWordBoundaries),
            (None, _) => Err(Unavailable::UnknownLanguage),
            (Some(language), _) => Ok(formula::scores(counts, language)),
        };
        let (scores, unavailable) = match scores {
            Ok(scores) if scores.is_empty() => (scores, Some(Unavailable::NoFormula)),
            Ok(scores) => (scores, None),
            Err(why) => (Vec::new(), Some(why)),
        };
        Self {
            scores,
            unavailable,
            enough_text: counts.words.is_some_and(|words| words >= ENOUGH),
        }
    }

    /// The score of one formula, if it is defined for the text's language.
    pub fn get(&self, formula: Formula) -> Option<f64> {
        let score = self.scores.iter().find(|score| score.formula == formula)?;
        Some(score.value)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{measure, real};
    use super::*;

    fn of(text: &str, language: &str) -> Readability {
        measure(text, Some(language.parse().unwrap())).readability
    }

    #[test]
    fn a_language_has_the_formulas_that_were_made_for_it() {
        let text = "Wir bauen seit dreißig Jahren Werkzeuge. Unsere Kunden schätzen die Sorgfalt, mit der wir jedes Stück prüfen.";
        let german = of(text, "de");
        // 17 words in two sentences, 29 syllables; 4 words of three or more, 5 longer than six letters, 9 of one.
        let near = |formula: Formula, expected: f64| {
            let got = german.get(formula).unwrap();
            assert!((got - expected).abs() < 1e-6, "{formula}: {got}, not {expected}");
        };
        let counts = measure(text, Some("de".parse().unwrap())).counts;
        assert_eq!((counts.words, counts.sentences), (Some(17), Some(2)));
        let syllables = real(counts.syllables.unwrap());
        near(Formula::Amstad, 180.0 - 8.5 - 58.5 * syllables / 17.0);
        near(Formula::Lix, 8.5 + 100.0 * real(counts.detail.long) / 17.0);
        assert_eq!(german.get(Formula::FleschReadingEase), None);
        assert_eq!(german.scores[0].formula, Formula::Amstad);
        for (language, first) in [
            ("es", "fernandez_huerta"),
            ("fr", "kandel_moles"),
            ("it", "gulpease"),
            ("nl", "douma"),
            ("ru", "oborneva"),
            ("tr", "atesman"),
            ("sv", "lix"),
            ("no", "lix"),
            ("en", "flesch_reading_ease"),
        ] {
            assert_eq!(of(text, language).scores[0].formula.as_str(), first);
        }
    }

    #[test]
    fn what_is_not_defined_is_not_invented() {
        let why = |text: &str, language: &str| of(text, language).unavailable;
        assert_eq!(
            why("Budujeme nástroje už více než třicet let.", "cs"),
            Some(Unavailable::NoFormula)
        );
        assert_eq!(why("", "en"), Some(Unavailable::NoWords));
        assert_eq!(why("… — !", "en"), Some(Unavailable::NoWords));
        assert_eq!(why("我们制造工具。", "zh"), Some(Unavailable::NoWordBoundaries));
        assert_eq!(why("我们制造工具。", "en"), Some(Unavailable::NoWordBoundaries));
        let unknown = measure("Ok", None);
        assert_eq!(
            unknown.readability.unavailable,
            Some(Unavailable::UnknownLanguage)
        );
        assert_eq!(
            (unknown.language, unknown.detected, unknown.sentiment),
            (None, false, None)
        );
    }

    #[test]
    fn simple_sentences_are_easier_in_every_language() {
        for (language, easy, hard) in [
            (
                "es",
                "El sol sale hoy. La casa es roja. Mi perro come pan.",
                "La administración gubernamental internacional desarrolla constantemente procedimientos extraordinariamente complicados y burocráticos.",
            ),
            (
                "fr",
                "Le chat dort sur le lit. Il fait beau. Le vent est doux.",
                "L'administration gouvernementale internationale développe continuellement des procédures extraordinairement compliquées.",
            ),
            (
                "it",
                "Il sole è alto nel cielo. La casa è rossa. Il cane ha fame.",
                "L'amministrazione governativa internazionale sviluppa continuamente procedimenti straordinariamente complicati.",
            ),
            (
                "nl",
                "De zon is warm en geel. Het huis is rood. De hond eet brood.",
                "De internationale overheidsadministratie ontwikkelt voortdurend buitengewoon ingewikkelde procedures.",
            ),
            (
                "ru",
                "Кот спит на окне. Дом стоит у реки. Пёс ест хлеб.",
                "Международная правительственная администрация постоянно разрабатывает чрезвычайно сложные процедуры.",
            ),
            (
                "tr",
                "Bu ev çok güzel. Ben su içtim bugün. Kedi süt içer.",
                "Uluslararası hükümet yönetimi sürekli olarak olağanüstü derecede karmaşıklaştırılmış prosedürler geliştirmektedir.",
            ),
        ] {
            let first = |text: &str| of(text, language).scores[0];
            assert_eq!(first(easy).scale, Scale::Ease, "{language}");
            assert!(
                first(easy).value > first(hard).value + 20.0,
                "{language}: {:?} {:?}",
                first(easy),
                first(hard)
            );
        }
    }
}
