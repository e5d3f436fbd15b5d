//! Ten drafts of each kind, from ten briefs, checked as an editor would and kept for reading in `testdata/writer/drafts`.

use super::pen::{slots_of, split_tags};
use super::*;
use crate::editorial::{EditorialRule, Expectations, PreferredTerm, count_words, lint_text};
use serde_json::Value;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::path::PathBuf;

const BRIEFS: &str = include_str!("../../testdata/writer/briefs.json");

/// What some kinds are asked for; each brief gets another length.
fn words(kind: DraftKind, number: usize) -> Option<u32> {
    let number = u32::try_from(number).unwrap();
    match kind {
        DraftKind::Blog => Some(350 + number * 60),
        DraftKind::SeoContent => Some(600 + number * 60),
        DraftKind::Email => Some(110 + number * 15),
        DraftKind::ProductDescription => Some(80 + number * 20),
        DraftKind::ProposalSection => Some(250 + number * 40),
        DraftKind::MarketingPlan => Some(450 + number * 30),
        _ => None,
    }
}

fn briefs(kind: DraftKind) -> Vec<(String, Brief)> {
    let briefs: Vec<Value> = serde_json::from_str(BRIEFS).unwrap();
    let limits = [280, 500, 2200, 300, 500, 280, 3000, 500, 280, 500];
    let brief = |(number, mut value): (usize, Value)| {
        let name = value["name"].as_str().unwrap().to_owned();
        value["kind"] = kind.as_str().into();
        value["words"] = words(kind, number).into();
        value["limit"] = limits[number].into();
        if limits[number] == 280 {
            value["link_characters"] = 23.into();
        }
        (name, serde_json::from_value(value).unwrap())
    };
    briefs.into_iter().enumerate().map(brief).collect()
}

fn draft(brief: &Brief, seed: u64) -> Draft {
    write(brief, seed).unwrap()
}

fn small(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|c| if c.is_alphanumeric() { c } else { ' ' })
        .collect();
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase()
}

/// Everything of a draft, to be read.
fn shown(draft: &Draft) -> String {
    let mut text = format!("# {}\n\n", draft.title);
    if let Some(preheader) = &draft.preheader {
        let _ = writeln!(text, "Preheader: {preheader}\n");
    }
    if let Some(search) = &draft.search {
        let _ = writeln!(
            text,
            "Search title: {}\nSearch description: {}\nSlug: {}\n",
            search.title, search.description, search.slug
        );
    }
    if draft.headlines.is_empty() {
        let _ = writeln!(text, "{}\n", draft.body);
    }
    for headline in &draft.headlines {
        let _ = writeln!(text, "{:3} {}", headline.score.score, headline.text);
    }
    let _ = writeln!(text, "({} words, {} characters)", draft.words, draft.characters);
    for note in &draft.notes {
        let _ = writeln!(text, "Note: {note}");
    }
    text
}

/// What an editor would find wrong with a draft.
fn complaints(brief: &Brief, draft: &Draft) -> Vec<String> {
    let mut found = Vec::new();
    let body = &draft.body;
    let mut check = |fine: bool, what: String| {
        if !fine {
            found.push(what);
        }
    };
    wording(brief, draft, &mut check);
    let all = small(&format!(
        "{} {} {}",
        draft.title,
        body,
        draft.preheader.clone().unwrap_or_default()
    ));
    if draft.kind != DraftKind::Headlines {
        let spared = draft.notes.iter().any(|note| note.contains("messages"));
        for message in &brief.messages {
            let message = super::voice::Speech::new(&brief.voice).spoken(message);
            check(
                spared || all.contains(&small(&message)),
                format!("message is missing: {message}"),
            );
        }
        let call = small(brief.call_to_action.as_deref().unwrap_or_default());
        check(all.contains(&call), "call to action is missing".into());
    }
    if let Some(words) = brief.words {
        let (words, has) = (usize::try_from(words).unwrap(), draft.words);
        let near = has * 10 >= words * 9 && has * 10 <= words * 11;
        check(
            near || !draft.notes.is_empty(),
            format!("{has} words instead of {words}"),
        );
    }
    if draft.kind == DraftKind::Social {
        check(
            draft.characters <= usize::try_from(brief.limit.unwrap_or(500)).unwrap(),
            "too long for the platform".into(),
        );
    }
    repetitions(draft, &all, &mut check);
    let entries: HashSet<_> = draft
        .plan
        .iter()
        .map(|entry| (&entry.title, entry.message))
        .collect();
    check(
        entries.len() == draft.plan.len(),
        "an entry of the plan comes twice".into(),
    );
    if matches!(draft.kind, DraftKind::Blog | DraftKind::SeoContent) {
        for (at, keyword) in brief.keywords.iter().enumerate() {
            let times = all.matches(&small(keyword)).count();
            check(times > 0, format!("keyword is missing: {keyword}"));
            let percent = times * count_words(keyword) * 100 / draft.words;
            check(
                at > 0 || percent < 4,
                format!("{percent} % of the words are {keyword}"),
            );
        }
    }
    found
}

/// Words and marks.
fn wording(brief: &Brief, draft: &Draft, check: &mut impl FnMut(bool, String)) {
    let body = &draft.body;
    let report = lint_text(
        body,
        &Expectations {
            voice: brief.voice.clone(),
            ..Expectations::default()
        },
    );
    for finding in report.findings {
        // A headline and a description of an ad may both call.
        if draft.kind == DraftKind::Ad && finding.rule == EditorialRule::RepeatedSentence {
            continue;
        }
        // An ad is made of lines to choose from, and what the brief says is the brief's.
        if !matches!(
            finding.rule,
            EditorialRule::ReadingLevel | EditorialRule::LongSentence | EditorialRule::UnsourcedClaim
        ) {
            check(
                false,
                format!("{}: {} ({})", finding.rule, finding.found, finding.message),
            );
        }
    }
    check(
        body.chars().all(|c| !"{}<>".contains(c)),
        "left-over marks".into(),
    );
    check(
        body.matches('"').count().is_multiple_of(2) && body.matches("**").count().is_multiple_of(2),
        "unbalanced quotes".into(),
    );
    for line in body.lines().filter(|line| !line.is_empty()) {
        let line = line.trim_start_matches(|c: char| "#-•*\"1234567890. ".contains(c));
        let first = line.chars().next();
        check(
            first.is_none_or(|c| !c.is_lowercase()) || line.starts_with("http"),
            format!("starts small: {line}"),
        );
    }
    for wrong in [
        "  ",
        " .",
        " ,",
        "..",
        ".:",
        "!.",
        "?.",
        ",.",
        " a a ",
        " an a ",
        " the the ",
    ] {
        check(!body.contains(wrong), format!("has {wrong:?}"));
    }
}

/// Seven words in a row stand there once, in texts that are read from the beginning to the end.
fn repetitions(draft: &Draft, all: &str, check: &mut impl FnMut(bool, String)) {
    if matches!(
        draft.kind,
        DraftKind::Headlines | DraftKind::Ad | DraftKind::Email | DraftKind::ContentPlan
    ) {
        return;
    }
    let text = small(&draft.body);
    let words: Vec<_> = text.split(' ').collect();
    let mut seen: HashMap<&[&str], usize> = HashMap::new();
    for window in words.windows(7) {
        *seen.entry(window).or_default() += 1;
    }
    let mut again: Vec<_> = seen.into_iter().filter(|(_, times)| *times > 1).collect();
    again.sort();
    check(again.is_empty(), format!("repeats itself: {:?}", again.first()));
    check(!all.is_empty(), "is empty".into());
}

#[test]
fn ten_drafts_of_each_kind_are_fit_to_be_sent() {
    let mut wrong = String::new();
    for kind in DraftKind::ALL {
        for (name, brief) in briefs(*kind) {
            for seed in 0..4 {
                let draft = draft(&brief, seed);
                for complaint in complaints(&brief, &draft) {
                    let _ = writeln!(wrong, "{kind} {name} {seed}: {complaint}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// `GROUNDSWELL_WRITE_DRAFTS=1` writes the files anew. Read them before you commit them.
#[test]
fn drafts_are_those_that_were_read() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata/writer/drafts");
    for kind in DraftKind::ALL {
        let mut text = String::new();
        for (number, (name, brief)) in briefs(*kind).into_iter().enumerate() {
            let draft = draft(&brief, u64::try_from(number).unwrap() + 1);
            let _ = write!(text, "<!-- {name} -->\n\n{}\n", shown(&draft));
        }
        let path = folder.join(format!("{kind}.md"));
        if std::env::var_os("GROUNDSWELL_WRITE_DRAFTS").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            kept == text,
            "{} is not what is written now: read the new drafts, then keep them with GROUNDSWELL_WRITE_DRAFTS=1",
            path.display()
        );
    }
}

#[test]
fn a_seed_decides_and_another_one_differs() {
    for kind in DraftKind::ALL {
        for (name, brief) in briefs(*kind) {
            assert_eq!(draft(&brief, 7), draft(&brief, 7));
            let drafts: HashSet<_> = (0..10).map(|seed| draft(&brief, seed).body).collect();
            let enough = if *kind == DraftKind::Social { 2 } else { 6 };
            assert!(
                drafts.len() >= enough,
                "{kind} {name}: only {} of ten differ",
                drafts.len()
            );
        }
    }
}

#[test]
fn a_title_alone_is_enough() {
    for kind in DraftKind::ALL {
        for title in ["Spring", "Why do we write?", "THE BIG SALE!!!"] {
            let brief = Brief::new(*kind, title);
            let draft = draft(&brief, 3);
            assert!(draft.words > 2, "{kind}: {draft:?}");
            let complaints: Vec<_> = complaints(&brief, &draft);
            assert!(
                complaints.is_empty(),
                "{kind} {title}: {complaints:?}\n{}",
                draft.body
            );
        }
    }
}

#[test]
fn hostile_input_stays_inert() {
    let evil = "<script>alert(1)</script>{{ config.secret }} {% include 'x' %} ${7*7} \u{202e}\u{0}\r\n# head [l](javascript:x) <img src=x onerror=y> {topic} {audience:a|b}";
    for kind in DraftKind::ALL {
        let brief = Brief {
            audience: Some(evil.into()),
            messages: vec![evil.into(), "x\n\n## y".into()],
            keywords: vec!["<b>a\"b</b>".into()],
            call_to_action: Some(evil.into()),
            brand: Some(" {{brand}} & Co".into()),
            platforms: vec!["<i>X</i>".into()],
            ..Brief::new(*kind, format!("A title {evil}"))
        };
        let draft = draft(&brief, 1);
        let everything = serde_json::to_string(&draft).unwrap();
        for bad in [
            "<script",
            "alert(1)",
            "{{",
            "{%",
            "${",
            "javascript:",
            "<img",
            "{topic",
            "\\u0000",
            "\u{202e}",
            "secret",
        ] {
            assert!(!everything.contains(bad), "{kind}: {bad} in {everything}");
        }
        let huge = "a <{{[ ".repeat(15_000);
        let brief = Brief {
            messages: vec![huge.clone()],
            ..Brief::new(*kind, huge)
        };
        let Err(Error::Invalid(fields)) = write(&brief, 1) else {
            panic!("{kind}")
        };
        let fields: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["title", "messages[0]"]);
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let fields = |brief: &Brief| match write(brief, 1) {
        Err(Error::Invalid(fields)) => fields
            .into_iter()
            .map(|field| (field.field, field.message))
            .collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let french = Brief {
        language: Some("fr-CA".into()),
        ..Brief::new(DraftKind::Blog, "Titre")
    };
    assert!(fields(&french)[0].1.contains("in these languages: en"));
    assert!(
        write(
            &Brief {
                language: Some("en-GB".into()),
                ..Brief::new(DraftKind::Blog, "Title")
            },
            1
        )
        .is_ok()
    );
    let mut banned = Brief {
        messages: vec!["Cheap and good".into()],
        ..Brief::new(DraftKind::Blog, "Title")
    };
    banned.voice.banned = vec!["cheap".into()];
    assert_eq!(fields(&banned)[0].0, "messages[0]");
    banned.voice.preferred = vec![PreferredTerm {
        instead_of: "cheap".into(),
        term: "affordable".into(),
    }];
    assert!(draft(&banned, 1).body.contains("Affordable and good"));
    for url in ["javascript:alert(1)", "https://a.example/\"onclick", "acme"] {
        assert_eq!(
            fields(&Brief {
                url: Some(url.into()),
                ..Brief::new(DraftKind::Email, "Title")
            })[0]
                .0,
            "url"
        );
    }
    assert_eq!(fields(&Brief::new(DraftKind::Email, " <b> </b> "))[0].0, "title");
    let long = Brief {
        words: Some(3000),
        ..Brief::new(DraftKind::Blog, "Title")
    };
    assert!(draft(&long, 1).notes[0].contains("and not the 3000"));
}

#[test]
fn banned_words_of_our_own_phrases_are_avoided() {
    for banned in ["day", "question", "time", "people", "you"] {
        for kind in DraftKind::ALL {
            let mut brief = Brief {
                messages: vec!["Import any CSV file".into()],
                ..Brief::new(*kind, "Clean lists")
            };
            brief.voice.banned = vec![banned.into()];
            let draft = draft(&brief, 5);
            let found: Vec<_> = lint_text(
                &draft.body,
                &Expectations {
                    voice: brief.voice.clone(),
                    ..Expectations::default()
                },
            )
            .findings;
            assert!(
                found
                    .iter()
                    .all(|finding| finding.rule != EditorialRule::BannedTerm),
                "{kind} {banned}: {found:?}"
            );
        }
    }
}

#[test]
fn phrases_of_the_data_are_well_formed() {
    let known = [
        "topic", "keyword", "audience", "brand", "title", "product", "cta", "keywords", "count", "weeks",
        "angle", "subject", "budget", "first", "middle", "last", "message",
    ];
    let mut seen = HashSet::new();
    for (name, lines) in pool::all_pools() {
        assert!(!lines.is_empty(), "{name} is empty");
        for line in lines {
            let (tags, text) = split_tags(line);
            for tag in tags {
                let slot = tag.strip_prefix('@').is_some_and(|slot| known.contains(&slot));
                assert!(
                    slot || tag.parse::<Tone>().is_ok() || tag.parse::<Objective>().is_ok(),
                    "{name}: {tag}"
                );
            }
            for slot in slots_of(text) {
                assert!(known.contains(&slot), "{name}: {slot}");
            }
            assert_eq!(
                text.matches('{').count(),
                text.matches('}').count(),
                "{name}: {text}"
            );
            if name.ends_with("passages") || name.ends_with("benefits") || name.ends_with("openings") {
                assert!(text.ends_with(['.', '?']), "{name}: {text}");
                assert!(
                    !text.chars().any(|c| c.is_ascii_digit()),
                    "{name} has a figure: {text}"
                );
                assert!(seen.insert(text), "{name} has it twice: {text}");
                let findings = lint_text(text, &Expectations::default()).findings;
                let bad = findings
                    .iter()
                    .find(|finding| finding.rule != EditorialRule::LongSentence);
                assert!(bad.is_none(), "{name}: {bad:?}");
            }
        }
    }
    for theme in pool::pools_of("words") {
        for part in ["headings", "passages", "benefits"] {
            assert!(
                pool::pool(&format!("{theme}.{part}")).len() >= 3,
                "{theme}.{part}"
            );
        }
    }
    for objective in Objective::ALL {
        for part in [
            "openings",
            "sections",
            "closings",
            "emails",
            "hooks",
            "questions",
            "cues",
        ] {
            assert!(
                pool::pool(&format!("{objective}.{part}")).len() >= 2,
                "{objective}.{part}"
            );
        }
    }
}
