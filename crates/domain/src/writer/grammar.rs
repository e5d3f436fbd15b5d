//! English, as far as a writer of templates must know it.

use super::pool::{listed, pool};

/// With a capital, if it begins with a letter.
pub(super) fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| {
        // A web address and a name like "iPhone" keep their small letter.
        let word = text.split_whitespace().next().unwrap_or_default();
        let inner_capital = word.chars().skip(1).any(char::is_uppercase);
        if inner_capital || word.contains("://") {
            return text.to_owned();
        }
        first.to_uppercase().chain(chars).collect()
    })
}

/// Without the capital of the first word, where that is a common word and no name.
pub(super) fn uncapitalized(text: &str) -> String {
    let first = text.split_whitespace().next().unwrap_or_default();
    let lower = first.to_lowercase();
    if first != lower && listed("common_first", &lower) && first.chars().skip(1).all(|c| !c.is_uppercase()) {
        return format!("{lower}{}", &text[first.len()..]);
    }
    text.to_owned()
}

/// Whether it ends with a web or mail address, after which a stop would be taken for a part of it.
fn ends_with_address(text: &str) -> bool {
    let last = text.split_whitespace().last().unwrap_or_default();
    last.contains("://") || last.contains('@') || last.starts_with("www.")
}

/// A whole sentence: capital, and exactly one final mark.
pub(super) fn sentence(text: &str) -> String {
    let text = capitalized(bare_end(text));
    if text.is_empty() || text.ends_with(['.', '!', '?', '…']) || ends_with_address(&text) {
        return text;
    }
    let closed = ['"', '”', ')'].iter().find_map(|close| text.strip_suffix(*close));
    if closed.is_some_and(|inside| inside.ends_with(['.', '!', '?'])) {
        return text;
    }
    text + "."
}

/// Without its final stop, for headings and lists; question and exclamation marks stay.
pub(super) fn fragment(text: &str) -> String {
    let text = bare_end(text);
    let stop = text.ends_with('.') && !text.ends_with("..") && !ends_with_abbreviation(text);
    capitalized(if stop { &text[..text.len() - 1] } else { text })
}

/// `p.m.` keeps its stop.
fn ends_with_abbreviation(text: &str) -> bool {
    let last = text.split_whitespace().last().unwrap_or_default();
    last.matches('.').count() > 1
}

/// Without marks at the end that promise something more.
fn bare_end(text: &str) -> &str {
    text.trim_end_matches([',', ';', ':', '-', '–', '—', ' '])
}

/// In small letters but for names we know, if all of it is in capitals.
pub(super) fn unshouted(text: &str) -> String {
    let letters = || text.chars().filter(|c| c.is_alphabetic());
    let shouted = letters().count() > 4 && letters().all(char::is_uppercase);
    if !shouted {
        return text.to_owned();
    }
    let words = text.split(' ').map(|word| {
        let core = word.trim_matches(|c: char| !c.is_alphanumeric());
        if listed("acronyms", core) {
            word.to_owned()
        } else {
            word.to_lowercase()
        }
    });
    let words: Vec<_> = words.collect();
    capitalized(&words.join(" "))
}

/// Whether it is a sentence and no fragment, as far as its words tell.
pub(super) fn is_clause(text: &str) -> bool {
    text.ends_with(['.', '!', '?'])
        || text.split_whitespace().any(|word| {
            let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
            listed("clause_words", &word)
        })
}

/// Something with a number that can be named in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Noun {
    /// With its article, if it needs one: "a dental check-up", "trade fairs".
    pub text: String,
    pub plural: bool,
}

impl Noun {
    /// Puts an article where one is missing.
    pub(super) fn new(text: &str) -> Self {
        let text = uncapitalized(text.trim_end_matches(['.', '!', '?', ',', ';', ':', ' ']));
        let words: Vec<String> = text
            .split_whitespace()
            .map(|word| word.trim_matches([',', ';', '"']).to_lowercase())
            .collect();
        let first = words.first().map_or("", String::as_str);
        let end = words
            .iter()
            .skip(1)
            .position(|word| listed("prepositions", word))
            .map_or(words.len(), |at| at + 1);
        let head = words.get(end.saturating_sub(1)).map_or("", String::as_str);
        let joined = text.contains(" and ") || text.contains(" or ") || text.contains(',');
        let plural = is_plural(head)
            || (joined && words.iter().any(|word| is_plural(word)))
            || matches!(
                first,
                "these" | "those" | "all" | "some" | "many" | "most" | "several"
            );
        let named = text.chars().next().is_some_and(char::is_uppercase)
            && text
                .split_whitespace()
                .all(|word| word.chars().next().is_some_and(|c| !c.is_lowercase()));
        let bare = plural || listed("determiners", first) || is_mass(head) || named || head.is_empty();
        let text = if bare {
            text
        } else {
            format!("{} {text}", article(&text))
        };
        Self { text, plural }
    }
}

/// A group of people, for whom a text is: a single one stands for all of its kind.
pub(super) fn group(text: &str) -> Noun {
    let noun = Noun::new(text);
    let rest = ["a ", "an "]
        .iter()
        .find_map(|article| noun.text.strip_prefix(article));
    let Some(rest) = rest.filter(|_| !noun.plural) else {
        return noun;
    };
    let words: Vec<&str> = rest.split(' ').collect();
    let end = words.iter().skip(1).position(|word| listed("prepositions", word));
    let head = end.unwrap_or(words.len() - 1);
    let mut words: Vec<String> = words.into_iter().map(str::to_owned).collect();
    words[head] = pluralized(&words[head]);
    Noun {
        text: words.join(" "),
        plural: true,
    }
}

fn pluralized(noun: &str) -> String {
    if let Some(plural) = super::pool::value_of("irregular_plurals", noun) {
        return plural.to_owned();
    }
    let vowel_before = |stem: &str| stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    match noun.strip_suffix('y') {
        Some(stem) if !vowel_before(stem) => format!("{stem}ies"),
        _ if noun.ends_with(['s', 'x', 'z']) || noun.ends_with("ch") || noun.ends_with("sh") => {
            format!("{noun}es")
        }
        _ => format!("{noun}s"),
    }
}

/// Whether a noun is a plural.
fn is_plural(noun: &str) -> bool {
    listed("plural", noun)
        || (noun.len() > 3
            && noun.ends_with('s')
            && !noun.ends_with("ss")
            && !listed("singular_s", noun)
            && !listed("mass", noun)
            && !noun.ends_with("ics")
            && !noun.ends_with("us"))
}

fn is_mass(noun: &str) -> bool {
    let last = noun.rsplit('-').next().unwrap_or(noun);
    listed("mass", noun)
        || listed("mass", last)
        || !listed("not_mass", noun)
            && pool("mass_endings")
                .iter()
                .any(|ending| noun.len() > ending.len() + 2 && noun.ends_with(ending))
}

/// `a` or `an`, by the sound of the first word.
pub(super) fn article(text: &str) -> &'static str {
    let first = text
        .split(|c: char| !(c.is_alphanumeric() || c == '-'))
        .find(|word| !word.is_empty())
        .unwrap_or_default();
    let lower = first.to_lowercase();
    let stem = lower.split('-').next().unwrap_or_default();
    if listed("an_words", &lower) || listed("an_words", stem) {
        return "an";
    }
    if listed("a_words", &lower) || listed("a_words", stem) {
        return "a";
    }
    let first_char = lower.chars().next().unwrap_or('b');
    let spelled = first.len() > 1
        && first.len() <= 4
        && first.chars().all(|c| c.is_ascii_uppercase())
        && !first.chars().skip(1).any(|c| "AEIOU".contains(c));
    let vowel = if spelled {
        // Letters whose names begin with a vowel: an MP, a UK.
        "aefhilmnorsx".contains(first_char)
    } else {
        "aeio8áéíóà".contains(first_char) || (first_char == 'u' && !lower.starts_with("uni"))
    };
    if vowel { "an" } else { "a" }
}

/// With `do not` as `don't` and the like, for tones that talk that way. Only for phrases of our own.
pub(super) fn contracted(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let mut result: Vec<String> = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let short = words.get(at + 1).and_then(|second| {
            let pair = format!("{} {second}", words[at].to_lowercase());
            let (_, short) = pool("contractions")
                .iter()
                .filter_map(|line| line.split_once(" = "))
                .find(|(long, _)| *long == pair)?;
            let before = result.last().map(|word| word.to_lowercase()).unwrap_or_default();
            // "something that is open" and the like are no contractions of good writers.
            let emphatic = (pair == "that is" && !words[at].starts_with('T'))
                || !short.contains("n't")
                    && (at + 2 >= words.len() || listed("no_contraction_after", &before));
            (!emphatic).then(|| {
                if words[at].starts_with(char::is_uppercase) {
                    capitalized(short)
                } else {
                    short.to_owned()
                }
            })
        });
        if let Some(short) = short {
            result.push(short);
            at += 2;
        } else {
            result.push(words[at].to_owned());
            at += 1;
        }
    }
    result.join(" ")
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn enumerated(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// In letters up to twelve.
pub(super) fn number(count: usize) -> String {
    pool("numbers")
        .get(count)
        .map_or_else(|| count.to_string(), |word| (*word).to_owned())
}

/// The sentences of a phrase of ours.
pub(super) fn sentences(phrase: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, _) in phrase.match_indices([' ']) {
        let ended = phrase[start..at].ends_with(['.', '?', '!']);
        let next = phrase[at + 1..].chars().next();
        if ended && next.is_some_and(|c| c.is_uppercase() || c == '{') {
            found.push(&phrase[start..at]);
            start = at + 1;
        }
    }
    found.push(&phrase[start..]);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_get_the_article_they_need() {
        for (given, expected, plural) in [
            ("CSV import tool", "a CSV import tool", false),
            ("trade fair leads", "trade fair leads", true),
            ("dental care", "dental care", false),
            ("hourly rate", "an hourly rate", false),
            ("SEO audit", "an SEO audit", false),
            ("university course", "a university course", false),
            ("email marketing", "email marketing", false),
            ("the spring festival", "the spring festival", false),
            ("small businesses", "small businesses", true),
            ("A small business", "a small business", false),
            ("business", "a business", false),
            ("Parents of young children", "parents of young children", true),
            ("owner of a café", "an owner of a café", false),
            ("everyone who bakes", "everyone who bakes", false),
            ("Groundswell", "Groundswell", false),
            ("USB stick", "a USB stick", false),
            ("umbrella", "an umbrella", false),
            ("teachers and parents", "teachers and parents", true),
        ] {
            let noun = Noun::new(given);
            assert_eq!((noun.text.as_str(), noun.plural), (expected, plural), "{given}");
        }
    }

    #[test]
    fn one_stands_for_a_group() {
        for (given, expected) in [
            ("a small agency", "small agencies"),
            ("Owner of a café", "owners of a café"),
            ("home owner", "home owners"),
            ("person with a plan", "people with a plan"),
            ("everyone who bakes", "everyone who bakes"),
            ("small business", "small businesses"),
            ("Parents", "parents"),
        ] {
            assert_eq!(group(given).text, expected);
        }
    }

    #[test]
    fn sentences_end_once() {
        for (given, expected) in [
            ("free parking", "Free parking."),
            ("Open on Saturdays.", "Open on Saturdays."),
            ("Ready?", "Ready?"),
            ("Look at https://acme.example/a", "Look at https://acme.example/a"),
            ("From 9 a.m. to 5 p.m.", "From 9 a.m. to 5 p.m."),
            ("New:", "New."),
            ("iPhone repair", "iPhone repair."),
            ("He said \"yes.\"", "He said \"yes.\""),
        ] {
            assert_eq!(sentence(given), expected);
        }
        assert_eq!(fragment("Open until 5 p.m."), "Open until 5 p.m.");
        assert_eq!(fragment("Free parking."), "Free parking");
    }

    #[test]
    fn shouting_is_calmed_and_names_are_kept() {
        assert_eq!(unshouted("FREE CSV IMPORT, NO FEES"), "Free CSV import, no fees");
        assert_eq!(unshouted("GDPR"), "GDPR");
        assert_eq!(unshouted("Free CSV"), "Free CSV");
    }

    #[test]
    fn only_what_people_contract_is_contracted() {
        assert_eq!(
            contracted("It is late and you do not care."),
            "It's late and you don't care."
        );
        assert_eq!(
            contracted("Show it as it is and say where you are."),
            "Show it as it is and say where you are."
        );
    }

    #[test]
    fn phrases_are_cut_into_sentences() {
        assert_eq!(
            sentences("One. Two? {topic!} three."),
            ["One.", "Two?", "{topic!} three."]
        );
    }
}
