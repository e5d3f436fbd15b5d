//! Syllables by how words are spelled, in languages that are spelled as they are spoken, more or less.

/// One for each vowel, as in Russian and Turkish.
pub(super) fn vowels(word: &str, vowels: &str) -> usize {
    word.chars().filter(|sign| vowels.contains(*sign)).count().max(1)
}

/// One for each vowel, where some that stand together are one.
fn units(word: &str, vowels: &str, together: &[&str]) -> usize {
    let mut count = 0;
    let mut rest = word;
    while let Some(start) = rest.find(|sign| vowels.contains(sign)) {
        // The u of `qu` is no vowel.
        if rest[..start].ends_with('q') && rest[start..].starts_with('u') {
            rest = &rest[start + 1..];
            continue;
        }
        rest = &rest[start..];
        count += 1;
        let length = together.iter().find(|unit| rest.starts_with(**unit)).map_or_else(
            || rest.chars().next().map_or(1, char::len_utf8),
            |unit| unit.len(),
        );
        rest = &rest[length..];
    }
    count.max(1)
}

pub(super) fn german(word: &str) -> usize {
    const TOGETHER: [&str; 17] = [
        "eau", "aa", "ee", "oo", "ie", "ei", "ai", "au", "eu", "äu", "ey", "ay", "ou", "ya", "ye", "yo", "yu",
    ];
    units(word, "aeiouäöüyéèàáâ", &TOGETHER)
}

pub(super) fn dutch(word: &str) -> usize {
    const TOGETHER: [&str; 21] = [
        "aai", "ooi", "oei", "eeu", "ieu", "eau", "aa", "ee", "oo", "uu", "ie", "oe", "eu", "ui", "ij", "ei",
        "ou", "au", "ai", "oi", "ey",
    ];
    units(word, "aeiouyëïüöäéèêáó", &TOGETHER)
}

/// Two vowels are one syllable when one of them is an i or u without an accent.
pub(super) fn spanish(word: &str) -> usize {
    let strong = |sign: char| "aeoáéíóú".contains(sign);
    let weak = |sign: char| "iuüy".contains(sign);
    let mut count = 0;
    let mut before: Option<bool> = None;
    for sign in word.chars() {
        let is_strong = strong(sign);
        if !is_strong && !weak(sign) {
            before = None;
            continue;
        }
        match before {
            // The first vowel of a group makes the syllable.
            None => count += 1,
            // A strong one after weak ones only takes theirs over.
            Some(false) => {}
            Some(true) => count += usize::from(is_strong),
        }
        before = Some(is_strong || before == Some(true));
    }
    count.max(1)
}

/// A vowel that is spoken, or several that are written together; the e at the end is mute.
pub(super) fn french(word: &str) -> usize {
    const VOWELS: &str = "aeiouyàâäéèêëîïôöùûüœæ";
    let mut count: usize = 0;
    let mut before: Option<char> = None;
    // The two letters in front of the vowels.
    let mut onset = (' ', ' ');
    for sign in word.chars() {
        if !VOWELS.contains(sign) {
            onset = (if before.is_some() { ' ' } else { onset.1 }, sign);
            before = None;
            continue;
        }
        let new = match before {
            None => true,
            // `cré-er`
            Some('é') => sign != 'e' || !(word.ends_with("ée") || word.ends_with("ées")),
            // `co-opérer`, `oa-sis`
            Some('o') => "oéëa".contains(sign),
            // `cli-ent`, `pri-er`: after two consonants, and no e that is mute.
            Some('i') if "lr".contains(onset.1) && "bcdfgptv".contains(onset.0) => {
                !"eu".contains(sign) || !word.ends_with(sign)
            }
            // `ma-ïs`, `No-ël`
            _ => "ïë".contains(sign),
        };
        count += usize::from(new);
        before = Some(sign);
    }
    let stem = word.strip_suffix('s').unwrap_or(word);
    let mute = stem.strip_suffix("ue").map_or_else(
        || {
            stem.strip_suffix('e')
                .is_some_and(|stem| stem.ends_with(|sign| !VOWELS.contains(sign)))
        },
        |stem| stem.ends_with(['q', 'g']),
    );
    if mute && count > 1 {
        count -= 1;
    }
    count.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(count: fn(&str) -> usize, words: &[(&str, usize)]) {
        for (word, syllables) in words {
            assert_eq!(count(word), *syllables, "{word}");
        }
    }

    #[test]
    fn german_words() {
        check(
            german,
            &[
                ("haus", 1),
                ("werkzeuge", 3),
                ("kundinnen", 3),
                ("qualität", 3),
                ("nation", 3),
                ("bäume", 2),
                ("idee", 2),
                ("spiel", 1),
                ("geschwindigkeitsbegrenzung", 7),
                ("neu", 1),
                ("theater", 3),
                ("typ", 1),
                ("aktuell", 3),
                ("schnee", 1),
            ],
        );
    }

    #[test]
    fn spanish_words() {
        check(
            spanish,
            &[
                ("casa", 2),
                ("bueno", 2),
                ("país", 2),
                ("muy", 1),
                ("ciudad", 2),
                ("teatro", 3),
                ("guía", 2),
                ("que", 1),
                ("averiguáis", 4),
                ("héroe", 3),
                ("aéreo", 4),
                ("y", 1),
                ("información", 4),
                ("día", 2),
                ("pingüino", 3),
            ],
        );
    }

    #[test]
    fn french_words() {
        check(
            french,
            &[
                ("maison", 2),
                ("musique", 2),
                ("table", 1),
                ("tables", 1),
                ("créer", 2),
                ("eau", 1),
                ("le", 1),
                ("outils", 2),
                ("fabriquons", 3),
                ("client", 2),
                ("prier", 2),
                ("pluie", 1),
                ("biens", 1),
                ("idée", 2),
                ("noël", 2),
                ("maïs", 2),
                ("beaucoup", 2),
                ("qualité", 3),
                ("longue", 1),
            ],
        );
    }

    #[test]
    fn dutch_words() {
        check(
            dutch,
            &[
                ("huis", 1),
                ("gereedschap", 3),
                ("nieuw", 1),
                ("ijs", 1),
                ("mooie", 2),
                ("kwaliteit", 3),
                ("zeeën", 2),
                ("bouwen", 2),
            ],
        );
    }

    #[test]
    fn russian_and_turkish_have_a_syllable_for_each_vowel() {
        assert_eq!(vowels("инструменты", "аеёиоуыэюя"), 4);
        assert_eq!(vowels("в", "аеёиоуыэюя"), 1);
        assert_eq!(vowels("okuyabildiklerimiz", "aeıioöuüâîû"), 8);
    }
}
