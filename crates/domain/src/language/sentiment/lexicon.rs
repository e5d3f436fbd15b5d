//! What words and emoji say by themselves.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// From -4 to 4, the mean of ten raters. In lower case.
static WORDS: LazyLock<HashMap<&'static str, f64>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (word, valence) = line.split_once('\t')?;
        Some((word, valence.parse().ok()?))
    };
    include_str!("../../../data/language/vader_lexicon.tsv")
        .lines()
        .filter_map(line)
        .collect()
});

static EMOJI: LazyLock<HashMap<char, &'static str>> = LazyLock::new(|| {
    let line = |line: &'static str| {
        let (emoji, description) = line.split_once('\t')?;
        Some((emoji.chars().next()?, description))
    };
    include_str!("../../../data/language/vader_emoji.tsv")
        .lines()
        .filter_map(line)
        .collect()
});

pub(super) fn valence(word: &str) -> Option<f64> {
    WORDS.get(word).copied()
}

/// Puts the words for each emoji in its place. Only emoji of one code point have some.
pub(super) fn describe_emoji(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(trim(text));
    }
    let mut words = String::with_capacity(text.len());
    let mut after_space = true;
    for sign in text.chars() {
        if let Some(description) = EMOJI.get(&sign) {
            if !after_space {
                words.push(' ');
            }
            words.push_str(description);
            after_space = false;
        } else {
            words.push(sign);
            after_space = sign == ' ';
        }
    }
    Cow::Owned(trim(&words).to_owned())
}

fn trim(text: &str) -> &str {
    text.trim_matches(super::tokens::is_space)
}

/// How much a word strengthens the next one; negative where it weakens it.
pub(super) fn booster(word: &str) -> Option<f64> {
    const STRONGER: f64 = 0.293;
    Some(match word {
        "absolutely" | "amazingly" | "awfully" | "completely" | "considerable" | "considerably"
        | "decidedly" | "deeply" | "effing" | "enormous" | "enormously" | "entirely" | "especially"
        | "exceptional" | "exceptionally" | "extreme" | "extremely" | "fabulously" | "flipping"
        | "flippin" | "frackin" | "fracking" | "fricking" | "frickin" | "frigging" | "friggin" | "fully"
        | "fuckin" | "fucking" | "fuggin" | "fugging" | "greatly" | "hella" | "highly" | "hugely"
        | "incredible" | "incredibly" | "intensely" | "major" | "majorly" | "more" | "most"
        | "particularly" | "purely" | "quite" | "really" | "remarkably" | "so" | "substantially"
        | "thoroughly" | "total" | "totally" | "tremendous" | "tremendously" | "uber" | "unbelievably"
        | "unusually" | "utter" | "utterly" | "very" => STRONGER,
        "almost" | "barely" | "hardly" | "just enough" | "kind of" | "kinda" | "kindof" | "kind-of"
        | "less" | "little" | "marginal" | "marginally" | "occasional" | "occasionally" | "partly"
        | "scarce" | "scarcely" | "slight" | "slightly" | "somewhat" | "sort of" | "sorta" | "sortof"
        | "sort-of" => -STRONGER,
        _ => return None,
    })
}

/// What some phrases say, whatever their words do.
pub(super) fn idiom(phrase: &str) -> Option<f64> {
    Some(match phrase {
        "the shit" | "the bomb" | "to die for" => 3.0,
        "bad ass" | "badass" => 1.5,
        "bus stop" => 0.0,
        "yeah right" => -2.0,
        "kiss of death" => -1.5,
        "beating heart" => 3.1,
        "broken heart" => -2.9,
        _ => return None,
    })
}

/// Whether a word turns the meaning of the next ones.
pub(super) fn negates(word: &str) -> bool {
    word.contains("n't")
        || matches!(
            word,
            "aint"
                | "arent"
                | "cannot"
                | "cant"
                | "couldnt"
                | "darent"
                | "didnt"
                | "doesnt"
                | "dont"
                | "hadnt"
                | "hasnt"
                | "havent"
                | "isnt"
                | "mightnt"
                | "mustnt"
                | "neither"
                | "neednt"
                | "never"
                | "none"
                | "nope"
                | "nor"
                | "not"
                | "nothing"
                | "nowhere"
                | "oughtnt"
                | "shant"
                | "shouldnt"
                | "uhuh"
                | "wasnt"
                | "werent"
                | "uh-uh"
                | "without"
                | "wont"
                | "wouldnt"
                | "rarely"
                | "seldom"
                | "despite"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_lexicon_can_be_read() {
        assert_eq!(WORDS.len(), 7_506);
        assert_eq!(EMOJI.len(), 1_212);
        assert_eq!(valence("good"), Some(1.9));
        assert_eq!(
            describe_emoji("so 😁😁!"),
            "so beaming face with smiling eyes beaming face with smiling eyes!"
        );
    }
}
