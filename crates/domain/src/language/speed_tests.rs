//! Time grows with the length of a text and not with its square, whatever is in it.

use super::*;
use std::time::{Duration, Instant};

fn took(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Square time would be hours for a megabyte; debug builds on a busy machine get room.
const MOST: Duration = Duration::from_secs(20);

fn measured_in_time(unit: &str, bytes: usize) {
    let text = unit.repeat(bytes / unit.len());
    for language in ["en", "fr", "zh"] {
        let time = took(|| {
            measure(&text, Some(language.parse().unwrap()));
        });
        assert!(time < MOST, "{unit:?} in {language}: {time:?}");
    }
    let time = took(|| {
        detect(&text);
    });
    assert!(time < MOST, "{unit:?}: {time:?}");
}

#[test]
fn a_megabyte_of_one_thing_is_measured_in_no_time() {
    for unit in ["a", "@", "👩‍👩‍👧‍👦"] {
        measured_in_time(unit, 1_000_000);
    }
}

#[test]
fn nothing_makes_it_look_at_a_text_again_and_again() {
    for unit in [
        ".",
        "'",
        "a ",
        "a. ",
        "good ",
        "but good ",
        "but good bad ",
        "no ",
        "字",
        "x'",
        "!",
        "\u{301}",
        "🇩🇪",
        "we are not so bad. ",
        "kind of ",
    ] {
        measured_in_time(unit, 100_000);
    }
}

/// What it says is for a release build: `--release --no-capture`.
#[test]
fn an_article_is_measured_while_nobody_waits() {
    let golden: serde_json::Value = serde_json::from_str(include_str!(
        "../../tests/data/readability/textstat_golden_en.json"
    ))
    .unwrap();
    let part = golden["texts"]["LONG_TEXT"]["text"].as_str().unwrap();
    let article = format!("{part} ").repeat(27);
    let words = measure(&article, None).counts.words.unwrap();
    assert!(words > 10_000);
    let times: Vec<_> = (0..5).map(|_| took(|| drop(measure(&article, None)))).collect();
    let best = times.iter().min().unwrap();
    println!("{words} words in {best:?}");
    let most = if cfg!(debug_assertions) {
        MOST
    } else {
        Duration::from_millis(10)
    };
    assert!(*best < most, "{best:?}");
}
