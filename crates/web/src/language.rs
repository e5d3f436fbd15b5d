//! Which language a text is in.

use whatlang::Lang;

/// Fewer characters are menus, and menus are English everywhere.
const LEAST: usize = 120;

/// ISO 639-1, when it can be told with certainty.
pub(super) fn detect(text: &str) -> Option<String> {
    if text.chars().count() < LEAST {
        return None;
    }
    let found = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    short(found.lang()).map(str::to_owned)
}

fn short(language: Lang) -> Option<&'static str> {
    Some(match language {
        Lang::Afr => "af",
        Lang::Ara => "ar",
        Lang::Bul => "bg",
        Lang::Cat => "ca",
        Lang::Ces => "cs",
        Lang::Cmn => "zh",
        Lang::Dan => "da",
        Lang::Deu => "de",
        Lang::Ell => "el",
        Lang::Eng => "en",
        Lang::Est => "et",
        Lang::Fin => "fi",
        Lang::Fra => "fr",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Hrv => "hr",
        Lang::Hun => "hu",
        Lang::Ind => "id",
        Lang::Ita => "it",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Lav => "lv",
        Lang::Lit => "lt",
        Lang::Nld => "nl",
        Lang::Nob => "no",
        Lang::Pol => "pl",
        Lang::Por => "pt",
        Lang::Ron => "ro",
        Lang::Rus => "ru",
        Lang::Slk => "sk",
        Lang::Slv => "sl",
        Lang::Spa => "es",
        Lang::Srp => "sr",
        Lang::Swe => "sv",
        Lang::Tha => "th",
        Lang::Tur => "tr",
        Lang::Ukr => "uk",
        Lang::Vie => "vi",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::detect;

    #[test]
    fn long_texts_tell_their_language_and_short_ones_do_not() {
        let german = "Wir bauen seit über dreißig Jahren Werkzeuge für das Handwerk und die Industrie. Unsere Kundinnen und Kunden schätzen \
            die Sorgfalt, mit der wir jedes Stück von Hand prüfen, bevor es unser Haus verlässt.";
        let french = "Depuis plus de trente ans, nous fabriquons des outils pour les artisans et pour l'industrie. Nos clients apprécient le \
            soin avec lequel chaque pièce est contrôlée à la main avant de quitter notre atelier.";
        assert_eq!(detect(german).as_deref(), Some("de"));
        assert_eq!(detect(french).as_deref(), Some("fr"));
        assert_eq!(detect("Home About Contact"), None);
    }
}
