//! Time grows with the length of a text and not with its square, whatever is in it.

use super::*;
use std::time::{Duration, Instant};

/// Square time would be hours for a megabyte; debug builds on a busy machine get room.
const MOST: Duration = Duration::from_secs(30);

fn counted_in_time(unit: &str, bytes: usize, platforms: &[Platform]) {
    let text = unit.repeat(bytes / unit.len());
    for platform in platforms {
        let start = Instant::now();
        let counted = count(*platform, &text);
        let time = start.elapsed();
        println!("{unit:?} on {platform}: {time:?}");
        assert!(time < MOST, "{unit:?} on {platform}: {time:?}");
        assert!(counted.units > 0);
    }
}

#[test]
fn a_megabyte_of_one_thing_is_counted_in_no_time() {
    for unit in ["a", "@", "👩‍👩‍👧‍👦", "👩\u{200d}"] {
        counted_in_time(
            unit,
            1_000_000,
            &[
                Platform::X,
                Platform::Bluesky,
                Platform::Mastodon,
                Platform::Threads,
            ],
        );
    }
}

#[test]
fn nothing_makes_it_look_at_a_text_again_and_again() {
    for unit in [
        "#",
        "$",
        ".",
        "a.",
        "字",
        "字.",
        "a_.",
        "@a",
        "@a@",
        "#a",
        "a ",
        "https://",
        "https://a.co/(",
        "a.co ",
        "a.co/a?",
        "http://字.",
        "xn--",
        "com.",
        "🇩🇪",
        "e\u{301}",
        "\u{301}",
        "(@",
        "(#",
        "(a",
        "(a.co",
        "(https://a",
        "rt@a",
        "\n",
        "a. ",
        "_.com",
        "é.com",
        "#字",
        "((",
        "a.co(",
        "#1",
    ] {
        counted_in_time(
            unit,
            100_000,
            &[Platform::X, Platform::Bluesky, Platform::Instagram],
        );
    }
    linkedin::little_text(&"#".repeat(100_000));
    x::is_valid_url(&"a.".repeat(50_000), false);
}
