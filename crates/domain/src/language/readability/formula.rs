//! The formulas, each for the languages that it was made for.

use super::super::{Counts, Language, real};
use super::Score;
use serde::{Deserialize, Serialize};

crate::text_enum::text_enum! {
    /// A formula of readability. W words, S sentences, Y syllables, L letters.
    Formula {
        /// English. Flesch, A new readability yardstick, 1948: 206.835 - 1.015 W/S - 84.6 Y/W. 60 to 70 is plain English.
        FleschReadingEase => "flesch_reading_ease",
        /// English, school year. Kincaid and others, 1975: 0.39 W/S + 11.8 Y/W - 15.59.
        FleschKincaidGrade => "flesch_kincaid_grade",
        /// English, school year. Gunning, 1952: 0.4 (W/S + share of hard words in percent), hard having three syllables and being in no
        /// list of easy words.
        GunningFog => "gunning_fog",
        /// English, school year. McLaughlin, SMOG grading, 1969: 3.1291 + 1.043 √(30 P/S), P words of three syllables.
        Smog => "smog_index",
        /// English, school year. Smith and Senter, Automated readability index, 1967: 4.71 characters/W + 0.5 W/S - 21.43.
        AutomatedReadability => "automated_readability_index",
        /// English, school year. Coleman and Liau, 1975: 0.058 L per 100 W - 0.296 S per 100 W - 15.8.
        ColemanLiau => "coleman_liau_index",
        /// English. Dale and Chall, 1948: 0.1579 hard words in percent + 0.0496 W/S, and 3.6365 more from five percent.
        /// Below 5 is for the fourth class, from 9 for colleges.
        DaleChall => "dale_chall_readability_score",
        /// English, school year, for first readers. Spache, 1953, in its revision: 0.141 W/S + 0.086 hard words in percent + 0.839.
        Spache => "spache_readability",
        /// Björnsson, Läsbarhet, 1968; of eleven languages in Readability of newspapers in 11 languages, 1983: W/S + share in percent of
        /// words longer than six letters. Below 30 is for children, from 60 for experts.
        Lix => "lix",
        /// English. Anderson, Lix and Rix, 1983: words longer than six letters per sentence.
        Rix => "rix",
        /// English for readers whose first language is another one. McAlpine, 1997: (W + words of three letters at most)/S. Up to 20 is very easy.
        McAlpineEflaw => "mcalpine_eflaw",
        /// German. Amstad, Wie verständlich sind unsere Zeitungen?, 1978: 180 - W/S - 58.5 Y/W.
        Amstad => "amstad",
        /// German, school year. Bamberger and Vanecek, Lesen, Verstehen, Lernen, Schreiben, 1984, the first Vienna formula for non-fiction.
        Wiener1 => "wiener_sachtextformel_1",
        /// The second.
        Wiener2 => "wiener_sachtextformel_2",
        /// The third.
        Wiener3 => "wiener_sachtextformel_3",
        /// The fourth.
        Wiener4 => "wiener_sachtextformel_4",
        /// Spanish. Fernández Huerta, Medidas sencillas de lecturabilidad, 1959, as corrected by Law, 2011: 206.84 - 60 Y/W - 1.02 W/S.
        FernandezHuerta => "fernandez_huerta",
        /// Spanish. Szigriszt Pazos, 1993: 206.835 - 62.3 Y/W - W/S.
        SzigrisztPazos => "szigriszt_pazos",
        /// Spanish. Gutiérrez de Polini, 1972: 95.2 - 9.7 L/W - 0.35 W/S.
        GutierrezPolini => "gutierrez_polini",
        /// French. Kandel and Moles, Application de l'indice de Flesch à la langue française, 1958: 207 - 1.015 W/S - 73.6 Y/W.
        KandelMoles => "kandel_moles",
        /// Italian. Lucisano and Piemontese, GULPEASE, 1988: 89 + (300 S - 10 L)/W.
        Gulpease => "gulpease",
        /// Dutch. Douma, 1960: 206.835 - 0.93 W/S - 77 Y/W.
        Douma => "douma",
        /// Russian. Oborneva, 2006: 206.835 - 1.3 W/S - 60.1 Y/W.
        Oborneva => "oborneva",
        /// Turkish. Ateşman, Türkçede okunabilirliğin ölçülmesi, 1997: 198.825 - 40.175 Y/W - 2.610 W/S.
        Atesman => "atesman",
    }
}

/// What a score means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// About 0 to 100; more is easier.
    Ease,
    /// Years of school that a reader needs; more is harder.
    Grade,
    /// A number of its own; more is harder.
    Difficulty,
}

impl Formula {
    pub fn scale(self) -> Scale {
        match self {
            Self::FleschReadingEase
            | Self::Amstad
            | Self::FernandezHuerta
            | Self::SzigrisztPazos
            | Self::GutierrezPolini
            | Self::KandelMoles
            | Self::Gulpease
            | Self::Douma
            | Self::Oborneva
            | Self::Atesman => Scale::Ease,
            Self::FleschKincaidGrade
            | Self::GunningFog
            | Self::Smog
            | Self::AutomatedReadability
            | Self::ColemanLiau
            | Self::Spache
            | Self::Wiener1
            | Self::Wiener2
            | Self::Wiener3
            | Self::Wiener4 => Scale::Grade,
            Self::DaleChall | Self::Lix | Self::Rix | Self::McAlpineEflaw => Scale::Difficulty,
        }
    }

    /// Those that are defined for a language, the most used one first.
    fn of(language: Language) -> &'static [Self] {
        match language.as_str() {
            "en" => &[
                Self::FleschReadingEase,
                Self::FleschKincaidGrade,
                Self::GunningFog,
                Self::Smog,
                Self::AutomatedReadability,
                Self::ColemanLiau,
                Self::DaleChall,
                Self::Spache,
                Self::Lix,
                Self::Rix,
                Self::McAlpineEflaw,
            ],
            "de" => &[
                Self::Amstad,
                Self::Wiener1,
                Self::Wiener2,
                Self::Wiener3,
                Self::Wiener4,
                Self::Lix,
            ],
            "es" => &[
                Self::FernandezHuerta,
                Self::SzigrisztPazos,
                Self::GutierrezPolini,
                Self::Lix,
            ],
            "fr" => &[Self::KandelMoles, Self::Lix],
            "it" => &[Self::Gulpease, Self::Lix],
            "nl" => &[Self::Douma],
            "ru" => &[Self::Oborneva, Self::Lix],
            "tr" => &[Self::Atesman],
            "da" | "fi" | "no" | "pt" | "sv" => &[Self::Lix],
            _ => &[],
        }
    }
}

/// All that are defined for the language. `counts` has words.
pub(super) fn scores(counts: &Counts, language: Language) -> Vec<Score> {
    let Some(rates) = Rates::of(counts) else {
        return Vec::new();
    };
    let score = |formula: &Formula| Score {
        formula: *formula,
        value: rates.score(*formula),
        scale: formula.scale(),
    };
    Formula::of(language).iter().map(score).collect()
}

/// What formulas are made of.
struct Rates {
    words: f64,
    sentences: f64,
    words_per_sentence: f64,
    syllables_per_word: f64,
    letters_per_word: f64,
    /// Marks that stand alone count as words, because their characters are counted.
    characters_per_token: f64,
    /// In percent of the words, as all shares.
    long: f64,
    polysyllables: f64,
    monosyllables: f64,
    difficult: [f64; 3],
    counts: super::super::counts::Detail,
}

impl Rates {
    fn of(counts: &Counts) -> Option<Self> {
        let words = real(counts.words.filter(|words| *words > 0)?);
        let sentences = real(counts.sentences.filter(|sentences| *sentences > 0)?);
        let share = |count: usize| 100.0 * real(count) / words;
        let detail = counts.detail;
        Some(Self {
            words,
            sentences,
            words_per_sentence: words / sentences,
            // Formulas that ask for syllables are those of languages whose syllables are counted.
            syllables_per_word: real(counts.syllables.unwrap_or_default()) / words,
            letters_per_word: real(counts.letters) / words,
            characters_per_token: real(counts.characters_without_spaces) / real(detail.tokens),
            long: share(detail.long),
            polysyllables: share(detail.polysyllables),
            monosyllables: share(detail.monosyllables),
            difficult: detail.difficult.map(share),
            counts: detail,
        })
    }

    fn score(&self, formula: Formula) -> f64 {
        let (sentence, word) = (self.words_per_sentence, self.syllables_per_word);
        let (long, many, one) = (self.long, self.polysyllables, self.monosyllables);
        let [difficult, of_two, of_three] = self.difficult;
        match formula {
            Formula::FleschReadingEase => 206.835 - 1.015 * sentence - 84.6 * word,
            Formula::FleschKincaidGrade => 0.39 * sentence + 11.8 * word - 15.59,
            Formula::GunningFog => 0.4 * (sentence + of_three),
            Formula::Smog => {
                3.1291 + 1.043 * (30.0 * real(self.counts.polysyllables) / self.sentences).sqrt()
            }
            Formula::AutomatedReadability => 4.71 * self.characters_per_token + 0.5 * sentence - 21.43,
            Formula::ColemanLiau => {
                0.058 * 100.0 * self.letters_per_word - 0.296 * 100.0 * self.sentences / self.words - 15.8
            }
            Formula::DaleChall => {
                0.1579 * difficult + 0.0496 * sentence + if difficult > 5.0 { 3.6365 } else { 0.0 }
            }
            Formula::Spache => 0.141 * sentence + 0.086 * of_two + 0.839,
            Formula::Lix => sentence + long,
            Formula::Rix => real(self.counts.long) / self.sentences,
            Formula::McAlpineEflaw => (self.words + real(self.counts.mini)) / self.sentences,
            Formula::Amstad => 180.0 - sentence - 58.5 * word,
            Formula::Wiener1 => 0.1935 * many + 0.1672 * sentence + 0.1297 * long - 0.0327 * one - 0.875,
            Formula::Wiener2 => 0.2007 * many + 0.1682 * sentence + 0.1373 * long - 2.779,
            Formula::Wiener3 => 0.2963 * many + 0.1905 * sentence - 1.1144,
            Formula::Wiener4 => 0.2744 * many + 0.2656 * sentence - 1.693,
            Formula::FernandezHuerta => 206.84 - 60.0 * word - 1.02 * sentence,
            Formula::SzigrisztPazos => 206.835 - 62.3 * word - sentence,
            Formula::GutierrezPolini => 95.2 - 9.7 * self.letters_per_word - 0.35 * sentence,
            Formula::KandelMoles => 207.0 - 1.015 * sentence - 73.6 * word,
            Formula::Gulpease => 89.0 + (300.0 * self.sentences / self.words) - 10.0 * self.letters_per_word,
            Formula::Douma => 206.835 - 0.93 * sentence - 77.0 * word,
            Formula::Oborneva => 206.835 - 1.3 * sentence - 60.1 * word,
            Formula::Atesman => 198.825 - 40.175 * word - 2.610 * sentence,
        }
    }
}
