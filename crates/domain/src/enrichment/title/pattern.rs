//! Words of a title, and patterns of words.

/// Lower case, without accents, split at whatever is no letter and no digit.
pub(super) fn words(title: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    // Longer ones are no titles, and a limit bounds the work.
    for letter in title.chars().take(300).flat_map(char::to_lowercase) {
        match folded(letter) {
            Some(text) => word.push_str(text),
            None if letter.is_alphanumeric() => word.push(letter),
            // A gender in the middle of a word: "Leiter*in", "Directeur·rice".
            None if matches!(letter, '*' | '·' | '\u{301}') => {}
            None => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

fn folded(letter: char) -> Option<&'static str> {
    Some(match letter {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => "a",
        'ç' | 'č' | 'ć' => "c",
        'è' | 'é' | 'ê' | 'ë' | 'ě' | 'ę' => "e",
        'ì' | 'í' | 'î' | 'ï' => "i",
        'ñ' | 'ń' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => "o",
        'ù' | 'ú' | 'û' | 'ü' => "u",
        'ý' | 'ÿ' => "y",
        'š' | 'ś' => "s",
        'ž' | 'ź' | 'ż' => "z",
        'ł' => "l",
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

/// Whether the words of a pattern follow each other somewhere. A star at the start or the end of a word stands for more letters.
pub(super) fn is_in(pattern: &str, words: &[String]) -> bool {
    let wanted: Vec<&str> = pattern.split(' ').collect();
    words.windows(wanted.len()).any(|window| {
        let mut pairs = window.iter().zip(&wanted);
        pairs.all(|(word, wanted)| fits(word, wanted))
    })
}

fn fits(word: &str, wanted: &str) -> bool {
    match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
        (Some(middle), Some(_)) => word.contains(middle.trim_end_matches('*')),
        (Some(end), None) => word.ends_with(end),
        (None, Some(start)) => word.starts_with(start),
        (None, None) => word == wanted,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_words_in_order() {
        let title = words("Stellv. Geschäftsführer*in / Marketing & Größe");
        assert_eq!(title, ["stellv", "geschaftsfuhrerin", "marketing", "grosse"]);
        for pattern in [
            "marketing",
            "geschaftsfuhrer*",
            "*marketing",
            "stellv geschafts*",
            "*fuhr*",
        ] {
            assert!(is_in(pattern, &title), "{pattern}");
        }
        for pattern in ["market", "marketing geschafts*", "*marketin", "grosse x"] {
            assert!(!is_in(pattern, &title), "{pattern}");
        }
    }
}
