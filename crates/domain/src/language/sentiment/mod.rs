//! How an English text feels: VADER (Hutto and Gilbert, VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media
//! Text, ICWSM 2014), after vaderSentiment @44fc044, whose quirks it keeps so that figures can be compared.
//!
//! It was made for sentences and posts. Of an article it says how the whole is coloured, and soon reaches the ends of the scale.

mod lexicon;
mod rules;
mod tokens;

use serde::Serialize;
use tokens::Tokens;

/// How a text feels.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sentiment {
    /// From -1, most negative, to 1, most positive; to four decimals.
    pub compound: f64,
    /// Share of the text that is negative, 0 to 1, to three decimals; the three shares make 1, apart from rounding.
    pub negative: f64,
    pub neutral: f64,
    pub positive: f64,
    pub feeling: Feeling,
}

crate::text_enum::text_enum! {
    /// The usual reading of the compound score.
    Feeling {
        /// From 0.05 on.
        Positive => "positive",
        Neutral => "neutral",
        /// To -0.05.
        Negative => "negative",
    }
}

/// Where [`Feeling`] begins.
const FELT: f64 = 0.05;

/// Brings the sum of what the words say between -1 and 1.
const ALPHA: f64 = 15.0;

/// How an English text feels. A text without words that the lexicon knows is neutral.
pub fn sentiment(text: &str) -> Sentiment {
    let text = lexicon::describe_emoji(text);
    let tokens = Tokens::of(&text);
    let valences = rules::valences(&tokens);
    let emphasis = rules::emphasis(&text);
    let sum: f64 = valences.iter().sum();
    let sum = sum + if sum == 0.0 { 0.0 } else { emphasis.copysign(sum) };
    let (mut positive, mut negative, mut neutral) = (0.0, 0.0, 0.0);
    for valence in &valences {
        // One more, because every neutral word counts as one.
        if *valence > 0.0 {
            positive += valence + 1.0;
        } else if *valence < 0.0 {
            negative += 1.0 - valence;
        } else {
            neutral += 1.0;
        }
    }
    if positive > negative {
        positive += emphasis;
    } else if negative > positive {
        negative += emphasis;
    }
    let total = positive + negative + neutral;
    let share = |part: f64| {
        if total > 0.0 {
            rounded(part / total, 1e3)
        } else {
            0.0
        }
    };
    let compound = rounded((sum / (sum * sum + ALPHA).sqrt()).clamp(-1.0, 1.0), 1e4);
    Sentiment {
        compound,
        negative: share(negative),
        neutral: share(neutral),
        positive: share(positive),
        feeling: match compound {
            felt if felt >= FELT => Feeling::Positive,
            felt if felt <= -FELT => Feeling::Negative,
            _ => Feeling::Neutral,
        },
    }
}

fn rounded(value: f64, steps: f64) -> f64 {
    let rounded = (value * steps).round() / steps;
    // No minus zero.
    rounded + 0.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Read;

    fn golden(packed: &[u8]) -> Vec<(String, [f64; 4])> {
        let mut text = String::new();
        flate2::read::GzDecoder::new(packed)
            .read_to_string(&mut text)
            .unwrap();
        let case = |line: &str| {
            let parts: Vec<_> = line.splitn(7, '\t').collect();
            let figure = |at: usize| parts[at].parse().unwrap();
            (parts[6].to_owned(), [figure(2), figure(3), figure(4), figure(5)])
        };
        text.lines().map(case).collect()
    }

    #[test]
    fn the_reference_says_the_same_of_7908_texts() {
        let mut cases = golden(include_bytes!("../../../tests/data/vader/golden_tweets.tsv.gz"));
        cases.extend(golden(include_bytes!(
            "../../../tests/data/vader/golden_amazon.tsv.gz"
        )));
        assert_eq!(cases.len(), 7_908);
        let mut wrong = Vec::new();
        for (text, [compound, negative, neutral, positive]) in &cases {
            let found = sentiment(text);
            let near = |a: f64, b: f64, most: f64| (a - b).abs() < most;
            if !(near(found.compound, *compound, 1e-4)
                && near(found.negative, *negative, 1.5e-3)
                && near(found.neutral, *neutral, 1.5e-3)
                && near(found.positive, *positive, 1.5e-3))
            {
                wrong.push(format!("{text}: {found:?}, not {compound}"));
            }
        }
        assert!(
            wrong.is_empty(),
            "{}\n{}",
            wrong.len(),
            wrong[..wrong.len().min(20)].join("\n")
        );
    }

    #[test]
    fn the_examples_of_its_authors_come_out() {
        for (text, compound) in [
            ("VADER is smart, handsome, and funny.", 0.8316),
            ("VADER is VERY SMART, handsome, and FUNNY!!!", 0.9342),
            ("VADER is not smart, handsome, nor funny.", -0.7424),
            (
                "The plot was good, but the characters are uncompelling and the dialog is not great.",
                -0.7042,
            ),
            ("Catch utf-8 emoji such as 💘 and 💋 and 😁", 0.875),
            ("Today SUX!", -0.5461),
            ("Not bad at all", 0.431),
            ("", 0.0),
            ("A table.", 0.0),
        ] {
            assert!(
                (sentiment(text).compound - compound).abs() < 1e-9,
                "{text}: {:?}",
                sentiment(text)
            );
        }
        assert_eq!(sentiment("I love it").feeling, Feeling::Positive);
        assert_eq!(sentiment("I hate it").feeling, Feeling::Negative);
        assert_eq!(sentiment("It is a table").feeling, Feeling::Neutral);
    }

    proptest! {
        #[test]
        fn any_text_has_a_score_between_the_ends(text in "(?s).{0,200}") {
            let found = sentiment(&text);
            prop_assert!((-1.0..=1.0).contains(&found.compound));
            let sum = found.negative + found.neutral + found.positive;
            prop_assert!(sum == 0.0 || (sum - 1.0).abs() < 0.003, "{}", sum);
        }
    }
}
