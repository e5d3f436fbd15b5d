//! Names as they are compared: without case, accents, and what people write in one way or another.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that stand before or behind a name and say nothing about whose it is.
const TITLES: &[&str] = &[
    "dr",
    "prof",
    "professor",
    "mr",
    "mrs",
    "ms",
    "miss",
    "herr",
    "frau",
    "fr",
    "hr",
    "dipl",
    "ing",
    "mag",
    "phd",
    "md",
    "msc",
    "bsc",
    "mba",
    "jr",
    "sr",
    "sir",
    "madame",
    "monsieur",
    "mme",
    "sra",
    "sig",
];

/// Parts of a surname that some leave out.
const PARTICLES: &[&str] = &[
    "von", "van", "vom", "zu", "zum", "zur", "den", "der", "de", "del", "della", "di", "da", "dos", "du",
    "la", "le", "el", "al", "bin", "ibn", "ter", "ten",
];

/// Legal forms, without dots and spaces.
const LEGAL_FORMS: &[&str] = &[
    "gmbh",
    "mbh",
    "ag",
    "kg",
    "ohg",
    "ug",
    "ev",
    "eg",
    "se",
    "co",
    "cokg",
    "haftungsbeschrankt",
    "ltd",
    "limited",
    "plc",
    "llp",
    "llc",
    "inc",
    "incorporated",
    "corp",
    "corporation",
    "company",
    "pty",
    "sa",
    "sas",
    "sarl",
    "srl",
    "spa",
    "sl",
    "bv",
    "nv",
    "ab",
    "as",
    "aps",
    "oy",
    "oyj",
    "sro",
    "doo",
    "kft",
    "zrt",
    "spzoo",
    "spz",
    "oo",
    "kk",
    "gesmbh",
    "eu",
    "und",
    "and",
    "the",
];

/// Most characters of a name that are looked at: all of it, but for what is no name.
const MOST: usize = 120;

/// Lower case, without accents; `ü` and `ue` are one.
pub(super) fn fold(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter))
        .take(MOST)
    {
        for letter in letter.to_lowercase() {
            match letter {
                'ß' => plain.push_str("ss"),
                'æ' => plain.push_str("ae"),
                'œ' => plain.push_str("oe"),
                'ø' => plain.push('o'),
                'ł' => plain.push('l'),
                'đ' | 'ð' => plain.push('d'),
                'þ' => plain.push_str("th"),
                'ı' => plain.push('i'),
                letter => plain.push(letter),
            }
        }
    }
    without_umlauts(&plain)
}

/// `mueller` → `muller`; at the end of a word it is none (`joe`).
fn without_umlauts(plain: &str) -> String {
    let mut short = String::with_capacity(plain.len());
    let mut letters = plain.chars().peekable();
    while let Some(letter) = letters.next() {
        short.push(letter);
        if matches!(letter, 'a' | 'o' | 'u') && letters.peek() == Some(&'e') {
            let mut ahead = letters.clone();
            ahead.next();
            if ahead.next().is_some_and(char::is_alphabetic) {
                letters.next();
            }
        }
    }
    short
}

fn words(text: &str) -> Vec<String> {
    fold(text)
        .split(|letter: char| {
            letter.is_whitespace() || matches!(letter, '.' | ',' | ';' | '/' | '"' | '(' | ')')
        })
        .map(|word| {
            word.chars()
                .filter(|letter| letter.is_alphanumeric() || *letter == '-')
                .collect::<String>()
        })
        .map(|word| word.trim_matches('-').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

/// Given names and the surname, as far as the text tells them apart: `Lovelace, Ada` and `Dr. Ada von Lovelace` are both
/// (`ada`; `lovelace`). A single word is a surname.
pub(super) fn person(name: &str) -> (Vec<String>, Option<String>) {
    let turned = match name.split_once(',') {
        Some((family, given)) if words(given).iter().any(|word| !is_title(word)) => {
            format!("{given} {family}")
        }
        _ => name.to_owned(),
    };
    let mut all: Vec<String> = words(&turned)
        .into_iter()
        .filter(|word| !is_title(word))
        .collect();
    if all.len() > 1 {
        let last = all.len() - 1;
        let mut at = 0;
        all.retain(|word| {
            at += 1;
            at == 1 || at > last || !PARTICLES.contains(&word.as_str())
        });
    }
    let family = all.pop();
    (all, family)
}

fn is_title(word: &str) -> bool {
    TITLES.contains(&word)
}

/// A company without its legal form, in one word; nothing of what is no more than that.
pub(super) fn company(name: &str) -> Option<String> {
    let plain: String = words(&name.replace('.', "").replace('&', " "))
        .iter()
        .flat_map(|word| word.split('-'))
        .filter(|word| !LEGAL_FORMS.contains(word))
        .collect();
    (plain.chars().count() > 1).then_some(plain)
}

/// How a surname sounds, roughly: Soundex (Russell and Odell, US patent 1,261,167) with up to six signs, and without
/// the first letter being special, so that `Philips` and `Filips` are one.
pub(super) fn sound(word: &str) -> String {
    let word = word
        .replace("ph", "f")
        .replace("sch", "s")
        .replace("ck", "k")
        .replace("th", "t");
    let mut code = String::new();
    let mut before = ' ';
    for (at, letter) in word.chars().filter(|letter| letter.is_alphanumeric()).enumerate() {
        let class = match letter {
            'b' | 'f' | 'p' | 'v' | 'w' => '1',
            'c' | 'g' | 'j' | 'k' | 'q' | 's' | 'x' | 'z' => '2',
            'd' | 't' => '3',
            'l' => '4',
            'm' | 'n' => '5',
            'r' => '6',
            'a' | 'e' | 'i' | 'o' | 'u' | 'y' => '0',
            'h' => 'h',
            other => other,
        };
        if class == 'h' {
            continue;
        }
        if class != before && (class != '0' || at == 0) {
            code.push(class);
        }
        before = class;
        if code.len() >= 6 {
            break;
        }
    }
    code
}

/// Digits of a number as it was typed, without what stands before an area code. Nothing of what is too short to be one.
pub(super) fn digits(phone: &str) -> Option<String> {
    let digits: String = phone.chars().filter(char::is_ascii_digit).collect();
    let digits = digits.trim_start_matches('0');
    (digits.len() >= 7).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_however_they_are_written() {
        for (name, given, family) in [
            ("Ada Lovelace", "ada", "lovelace"),
            ("LOVELACE, Ada", "ada", "lovelace"),
            ("Prof. Dr. Ada von Lovelace", "ada", "lovelace"),
            ("Jürgen Müller", "jurgen", "muller"),
            ("Juergen Mueller", "jurgen", "muller"),
            ("Müller, Dr.", "", "muller"),
            ("Hans-Peter Groß", "hans-peter", "gross"),
            ("Łukasz Żak", "lukasz", "zak"),
            ("J. Doe", "j", "doe"),
        ] {
            let (first, last) = person(name);
            assert_eq!(
                (first.join(" ").as_str(), last.as_deref()),
                (given, Some(family)),
                "{name}"
            );
        }
        assert_eq!(person(" . "), (Vec::new(), None));
    }

    #[test]
    fn companies_lose_their_legal_form() {
        for (name, plain) in [
            ("ACME Tools GmbH & Co. KG", Some("acmetools")),
            ("Acme-Tools Ltd.", Some("acmetools")),
            ("The Acme Tools Company, Inc.", Some("acmetools")),
            ("Acme Tools S.A.", Some("acmetools")),
            ("GmbH", None),
        ] {
            assert_eq!(company(name).as_deref(), plain, "{name}");
        }
    }

    #[test]
    fn surnames_that_sound_alike_have_one_code() {
        for (one, other) in [
            ("meier", "mayer"),
            ("filips", "philipps"),
            ("schmidt", "schmitt"),
            ("becker", "beker"),
        ] {
            assert_eq!(sound(one), sound(other), "{one} {other}");
        }
        assert_ne!(sound("becker"), sound("meier"));
    }
}
