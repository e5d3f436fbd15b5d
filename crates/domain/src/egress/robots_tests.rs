//! The cases of Google's own test suites (testdata/robots has their licence), and what an address of ours means.

use super::*;
use proptest::prelude::*;
use serde::Deserialize;

const CASES: &str = include_str!("../../testdata/robots/cases.json");

#[derive(Deserialize)]
struct Case {
    file: String,
    robotstxt_hex: String,
    url: String,
    ua: String,
    allowed: bool,
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digits).collect()
}

/// The path of an address that need not be a whole one, as the suites mean it.
fn path_of(url: &str) -> String {
    let start = if url.starts_with("//") { 2 } else { 0 };
    let find = |from: usize| url[from..].find(['/', '?', ';']).map(|at| at + from);
    let early = find(start).unwrap_or(usize::MAX);
    let scheme = url[start..].find("://").map(|at| at + start);
    let after = scheme.filter(|at| *at <= early).map_or(start, |at| at + 3);
    let Some(begin) = find(after) else {
        return "/".into();
    };
    let end = url[start..].find('#').map_or(url.len(), |at| at + start);
    if end < begin {
        return "/".into();
    }
    let path = &url[begin..end];
    if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    }
}

#[test]
fn all_public_cases_come_out_as_expected() {
    let cases: Vec<Case> = serde_json::from_str(CASES).unwrap();
    assert_eq!(cases.len(), 400);
    let wrong: Vec<String> = cases
        .iter()
        .filter(|case| {
            let robots = Robots::parse(&bytes(&case.robotstxt_hex), &case.ua);
            robots.allows_path(path_of(&case.url).as_bytes()) != case.allowed
        })
        .map(|case| {
            let text = String::from_utf8_lossy(&bytes(&case.robotstxt_hex)).into_owned();
            format!(
                "{} {} {} should be {}:\n{text}",
                case.file, case.ua, case.url, case.allowed
            )
        })
        .collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n---\n")
    );
}

#[test]
fn whole_addresses_are_judged_by_path_and_query() {
    let file = b"User-agent: other\nDisallow: /\nUser-agent: *\nDisallow: /private\nDisallow: /*?print=\n\
        Sitemap: https://x.example/map.xml";
    let robots = Robots::parse(file, "Groundswell");
    for (url, allowed) in [
        ("https://x.example/", true),
        ("https://x.example", true),
        ("https://x.example/private/1", false),
        ("https://x.example/a?print=1#private", false),
        ("https://x.example/a#/private", true),
    ] {
        assert_eq!(robots.allows(&Url::parse(url).unwrap()), allowed, "{url}");
    }
    assert_eq!(robots.sitemaps(), ["https://x.example/map.xml"]);
    let root = Url::parse("https://x.example/").unwrap();
    assert!(Robots::allowing_all().allows(&root));
}

proptest! {
    #[test]
    fn any_bytes_are_a_file(file in proptest::collection::vec(any::<u8>(), 0..400), path in "/[a-z*$%/]{0,20}") {
        let robots = Robots::parse(&file, "x");
        robots.allows_path(path.as_bytes());
    }

    /// Slow and obviously right: every place that a pattern can have reached.
    #[test]
    fn patterns_match_as_the_definition_says(path in "/[ab]{0,8}", pattern in "/[ab*$]{0,8}") {
        let mut places = vec![0];
        let mut wanted = true;
        for (at, byte) in pattern.bytes().enumerate() {
            if byte == b'$' && at + 1 == pattern.len() {
                wanted = places.contains(&path.len());
                break;
            }
            places = if byte == b'*' {
                (places[0]..=path.len()).collect()
            } else {
                let fits = |place: &usize| path.as_bytes().get(*place) == Some(&byte);
                places.into_iter().filter(fits).map(|place| place + 1).collect()
            };
            if places.is_empty() {
                wanted = false;
                break;
            }
        }
        prop_assert_eq!(matches(path.as_bytes(), pattern.as_bytes()), wanted);
    }
}
