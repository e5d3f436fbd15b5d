use super::*;
use proptest::prelude::*;
use unicode_segmentation::UnicodeSegmentation;

fn codes(platform: Platform, text: &str) -> Vec<&'static str> {
    count(platform, text)
        .violations
        .iter()
        .map(|violation| violation.code.as_str())
        .collect()
}

fn units(platform: Platform, text: &str) -> usize {
    count(platform, text).units
}

fn texts(text: &str, count: &Count) -> Vec<String> {
    count
        .parts
        .iter()
        .map(|part| text[part.at.byte_start..part.at.byte_end].to_owned())
        .collect()
}

#[test]
fn each_platform_counts_its_own_way() {
    let text = "Ünd 👨‍👩‍👧‍👦 at https://example.com/a/very/long/path/that/has/no/end";
    assert_eq!(units(Platform::X, text), 4 + 2 + 4 + 23);
    assert_eq!(units(Platform::Mastodon, text), 4 + 1 + 4 + 23);
    assert_eq!(units(Platform::Bluesky, text), 4 + 1 + 4 + 52);
    assert_eq!(units(Platform::Threads, text), 4 + 25 + 4 + 52);
    assert_eq!(units(Platform::LinkedIn, text), 4 + 11 + 4 + 52);
    assert_eq!(units(Platform::YouTubeDescription, text), 5 + 25 + 4 + 52);
    assert_eq!(units(Platform::GoogleAdsHeadline, "広告 ad"), 2 * 2 + 3);
}

#[test]
fn a_server_of_mastodon_has_limits_of_its_own() {
    let text = "Hello @jo@social.example, see https://example.com/long/path";
    assert_eq!(units(Platform::Mastodon, text), "Hello @jo, see ".len() + 23);
    let rules = rules(Platform::Mastodon).of_instance(30, 10);
    let counted = count_with(&rules, text);
    assert_eq!((counted.units, counted.limit, counted.remaining), (25, 30, 5));
    assert!(counted.accepted);
    // Without a scheme it is no link there.
    assert_eq!(units(Platform::Mastodon, "example.com"), 11);
    assert_eq!(units(Platform::X, "example.com"), 23);
}

#[test]
fn what_is_wrong_is_named_and_shown() {
    let tags = (0..32).map(|n| format!("#tag{n}a")).collect::<Vec<_>>().join(" ");
    let counted = count(Platform::Instagram, &tags);
    assert!(!counted.accepted);
    assert_eq!(
        codes(Platform::Instagram, &tags),
        ["too_many_hashtags", "cut_off"]
    );
    let at = &counted.violations[0].at;
    assert_eq!(at.len(), 2);
    assert_eq!(&tags[at[0].byte_start..at[0].byte_end], "#tag30a");

    let subject = count(Platform::EmailSubject, "Big\nSale");
    assert_eq!(subject.violations[0].code, ViolationCode::LineBreak);
    assert_eq!(
        (subject.violations[0].at[0].start, subject.violations[0].at[0].end),
        (3, 4)
    );
    assert_eq!(codes(Platform::EmailSubject, " \t"), ["empty"]);
    assert_eq!(codes(Platform::YouTubeTitle, "a <b>"), ["forbidden_character"]);
    assert_eq!(codes(Platform::GoogleAdsHeadline, "Sale 👍"), ["emoji"]);
    assert_eq!(codes(Platform::X, "a\u{feff}b"), ["forbidden_character"]);
    assert_eq!(codes(Platform::Discord, &"a".repeat(2_000)), Vec::<&str>::new());
    assert_eq!(codes(Platform::Discord, &"a".repeat(2_001)), ["too_long"]);

    let links = (0..6)
        .map(|n| format!("https://a{n}.example.com"))
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(codes(Platform::Threads, &links), ["too_many_links"]);
    assert!(codes(Platform::Threads, &"https://a.example.com ".repeat(6)).is_empty());

    // 300 graphemes and more than 3,000 bytes.
    let families = "👨‍👩‍👧‍👦".repeat(150);
    let counted = count(Platform::Bluesky, &families);
    assert_eq!(
        (counted.units, counted.violations[0].code),
        (150, ViolationCode::TooManyBytes)
    );
    assert_eq!(counted.violations[0].at[0].byte_start, 120 * 25);
    assert_eq!(counted.parts.len(), 2);
}

#[test]
fn advice_does_not_refuse_a_text() {
    let counted = count(Platform::EmailSubject, &"long ".repeat(20));
    assert!(counted.accepted);
    assert_eq!(counted.violations[0].severity, Severity::Advice);
    assert_eq!(counted.violations[0].at[0].start, 60);
}

#[test]
fn threads_end_with_sentences() {
    let sentence = "We have built tools for craftsmen for more than thirty years. ";
    let text = sentence.repeat(10);
    let counted = count(Platform::X, &text);
    assert!(!counted.accepted && counted.remaining < 0);
    let parts = texts(&text, &counted);
    assert_eq!(parts.len(), 3);
    assert!(parts.iter().all(|part| part.ends_with("years.")), "{parts:?}");
    assert_eq!(parts.join(" "), text.trim());
    assert!(count(Platform::X, "short").parts.is_empty());
    assert!(count(Platform::Instagram, &text.repeat(10)).parts.is_empty());
}

#[test]
fn threads_break_at_paragraphs_words_and_signs_and_never_in_links() {
    let lines = format!("{}\n\n{}", "a b ".repeat(50).trim(), "c d ".repeat(50).trim());
    let parts = texts(&lines, &count(Platform::X, &lines));
    assert_eq!(parts, lines.split("\n\n").collect::<Vec<_>>());

    let link = "https://example.com/with/a/path";
    let text = format!("{} {link} {}", "word".repeat(66), "more ".repeat(30));
    let parts = texts(&text, &count(Platform::X, &text));
    assert_eq!(parts.iter().filter(|part| part.contains(link)).count(), 1);

    let word = "a".repeat(700);
    assert_eq!(
        texts(&word, &count(Platform::X, &word))
            .iter()
            .map(String::len)
            .collect::<Vec<_>>(),
        [280, 280, 140]
    );

    let chinese = "我们制造工具".repeat(50);
    let parts = texts(&chinese, &count(Platform::X, &chinese));
    assert_eq!(
        parts.iter().map(|part| part.chars().count()).collect::<Vec<_>>(),
        [140, 140, 20]
    );

    let long = format!("see https://example.com/{} ok", "x".repeat(400));
    let counted = count(Platform::Bluesky, &long);
    assert_eq!(texts(&long, &counted)[1].len(), 420);
    assert!(counted.parts[1].units > 300);
}

#[test]
fn room_can_be_kept_for_numbers() {
    let text = "word ".repeat(200);
    let parts = split(&rules(Platform::X), &text, 6);
    assert!(parts.len() > 3 && parts.iter().all(|part| part.units <= 274));
}

#[test]
fn counts_are_json() {
    let json = serde_json::to_value(count(Platform::X, "Hi #you")).unwrap();
    assert_eq!(json["unit"], "weighted");
    assert_eq!(json["pieces"][0]["kind"], "hashtag");
    assert_eq!(json["pieces"][0]["at"]["start"], 3);
}

fn wild() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        "[a-z]{1,12}",
        "[A-Z][a-z]{1,8}[.!?]",
        Just("https://example.com/a?b=c".to_owned()),
        "@[a-z]{1,8}",
        "#[a-z0-9]{1,8}",
        Just("👨‍👩‍👧‍👦".to_owned()),
        Just("e\u{301}".to_owned()),
        Just("字".to_owned()),
        Just("🇩🇪🇫🇷".to_owned()),
        ".{1,4}",
    ];
    prop::collection::vec(
        (word, prop_oneof![Just(" "), Just("\n"), Just(""), Just(". ")]),
        0..120,
    )
    .prop_map(|words| words.into_iter().map(|(word, space)| word + space).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn parts_fit_and_nothing_is_lost_or_torn(text in wild()) {
        for platform in [Platform::X, Platform::Bluesky, Platform::Mastodon, Platform::Threads] {
            let mut small = rules(platform);
            small.limits[0].max = 60;
            let counted = count_with(&small, &text);
            let parts = split(&small, &text, 0);
            let mut end = 0;
            let borders: Vec<usize> = text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            for part in &parts {
                prop_assert!(text[end..part.at.byte_start].trim().is_empty());
                prop_assert!(part.units <= 60 || counted.pieces.iter().any(|piece| piece.at.start >= part.at.start && piece.at.end <= part.at.end));
                for at in [part.at.byte_start, part.at.byte_end] {
                    prop_assert!(borders.binary_search(&at).is_ok());
                    prop_assert!(!counted.pieces.iter().any(|piece| piece.at.byte_start < at && at < piece.at.byte_end));
                }
                end = part.at.byte_end;
            }
            prop_assert!(text[end..].trim().is_empty());
        }
    }

    #[test]
    fn any_text_is_counted(text in "(?s).{0,300}") {
        for platform in Platform::ALL {
            let counted = count(*platform, &text);
            let length = |span: &Span| span.start <= span.end && span.byte_end <= text.len();
            prop_assert!(counted.pieces.iter().all(|piece| length(&piece.at)));
            prop_assert!(counted.violations.iter().all(|violation| violation.at.iter().all(length)));
        }
    }
}
