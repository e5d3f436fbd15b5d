//! textstat @dadf3d2, executed on its own texts (`tests/data/README.md`).

use super::*;
use serde_json::Value;

const CLOSE: f64 = 1e-3;

#[test]
fn every_text_gives_the_reference_s_figures() {
    let golden: Value = serde_json::from_str(include_str!(
        "../../tests/data/readability/textstat_golden_en.json"
    ))
    .unwrap();
    let texts = golden["texts"].as_object().unwrap();
    assert_eq!(texts.len(), 10);
    let mut compared = 0;
    for (name, case) in texts {
        let text = case["text"].as_str().unwrap();
        let expected = &case["expected"];
        let measures = measure(text, Some(Language::ENGLISH));
        let counts = &measures.counts;
        let mut near = |what: &str, got: f64| {
            let expected = expected[what].as_f64().unwrap();
            assert!(
                (got - expected).abs() < CLOSE,
                "{name}, {what}: {got}, not {expected}"
            );
            compared += 1;
        };
        near("count_words", real(counts.words.unwrap()));
        near("count_sentences", real(counts.sentences.unwrap()));
        near("count_syllables", real(counts.syllables.unwrap()));
        near("count_letters", real(counts.letters));
        near("count_chars", real(counts.characters_without_spaces));
        near("count_polysyllable_words", real(counts.detail.polysyllables));
        near("count_monosyllable_words", real(counts.detail.monosyllables));
        near("reading_time", counts.reading_time_seconds.unwrap());
        if counts.words == Some(0) {
            // The reference says 0, which is a grade; we say that there is none.
            assert_eq!(measures.readability.unavailable, Some(Unavailable::NoWords));
            continue;
        }
        for score in &measures.readability.scores {
            near(score.formula.as_str(), score.value);
        }
        assert_eq!(measures.readability.scores.len(), 11, "{name}");
    }
    assert_eq!(compared, 10 * 8 + 9 * 11);
}
