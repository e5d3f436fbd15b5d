//! Which language a text is in, by the look of it.

use super::Language;
use whatlang::Lang;

/// More text makes the answer no surer.
const MOST: usize = 4_000;

/// The language, when it can be told with certainty; short texts often can't.
pub fn detect(text: &str) -> Option<Language> {
    let start = text
        .char_indices()
        .nth(MOST)
        .map_or(text, |(end, _)| &text[..end]);
    let found = whatlang::detect(start).filter(whatlang::Info::is_reliable)?;
    code(found.lang()).parse().ok()
}

/// ISO 639-1 of the languages that the detector tells apart, where there is one.
fn code(language: Lang) -> &'static str {
    match language {
        Lang::Afr => "af",
        Lang::Amh => "am",
        Lang::Ara => "ar",
        Lang::Aze => "az",
        Lang::Bel => "be",
        Lang::Ben => "bn",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Epo => "eo",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Guj => "gu",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Hye => "hy",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jav => "jv",
        Lang::Jpn => "ja",
        Lang::Kan => "kn",
        Lang::Kat => "ka",
        Lang::Khm => "km",
        Lang::Kor => "ko",
        Lang::Lat => "la",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Mal => "ml",
        Lang::Mar => "mr",
        Lang::Mkd => "mk",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Nld => "nl",
        Lang::Nob => "no",
        Lang::Ori => "or",
        Lang::Pan => "pa",
        Lang::Pes => "fa",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Sin => "si",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Sna => "sn",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tam => "ta",
        Lang::Tel => "te",
        Lang::Tgl => "tl",
        Lang::Tha => "th",
        Lang::Tuk => "tk",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Urd => "ur",
        Lang::Uzb => "uz",
        Lang::Vie => "vi",
        Lang::Yid => "yi",
        Lang::Zul => "zu",
        // A code of three letters is as good as one of two.
        other => other.code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_or_two_tell_the_language() {
        for (text, language) in [
            (
                "We have built tools for craftsmen and for industry for more than thirty years, and our customers value the care that we take.",
                "en",
            ),
            (
                "Wir bauen seit über dreißig Jahren Werkzeuge für das Handwerk und die Industrie, und unsere Kunden schätzen unsere Sorgfalt.",
                "de",
            ),
            (
                "Depuis plus de trente ans, nous fabriquons des outils pour les artisans et pour l'industrie, et nos clients apprécient notre soin.",
                "fr",
            ),
            ("我们三十多年来一直为工匠和工业制造工具。", "zh"),
            (
                "Мы уже более тридцати лет делаем инструменты для мастеров и промышленности, и наши клиенты ценят нашу заботу.",
                "ru",
            ),
        ] {
            assert_eq!(
                detect(text).map(|found| found.to_string()).as_deref(),
                Some(language),
                "{text}"
            );
        }
    }

    #[test]
    fn what_says_nothing_has_no_language() {
        for text in ["", "123 456", "Ok", "!!!", "👍👍👍"] {
            assert_eq!(detect(text), None, "{text}");
        }
    }

    #[test]
    fn every_language_the_detector_knows_has_a_code() {
        for language in Lang::all() {
            assert!(code(*language).parse::<Language>().is_ok(), "{language}");
        }
    }
}
