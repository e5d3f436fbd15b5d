//! Reading, printing, and every kind of mistake.

use super::*;
use crate::consents::Purpose;
use crate::leads::{LeadEventKind, LeadStage, LeadStatus};
use chrono::{DateTime, NaiveDate};
use proptest::prelude::*;
use uuid::Uuid;

const ID: &str = "01900000-0000-7000-8000-00000000000a";

fn canonical(text: &str) -> String {
    match Condition::parse(text) {
        Ok(condition) => condition.to_string(),
        Err(fault) => panic!("{text}: {fault:?}"),
    }
}

#[test]
fn expressions_have_one_canonical_form() {
    for (text, expected) in [
        ("  everyone ", "everyone"),
        ("TAG = 'VIP'", "tag = \"vip\""),
        ("tags in (\"a\", \"b\")", "tag in (\"a\", \"b\")"),
        ("not tag = \"a\"", "tag != \"a\""),
        ("tag <> \"a\"", "tag != \"a\""),
        ("score >= 50", "score.total >= 50"),
        ("not stage.furthest = new", "stage.furthest != new"),
        ("email.deliverable in (\"valid\")", "email.deliverable = valid"),
        ("email.disposable != yes", "email.disposable != yes"),
        (
            "outcome.reason contains 'price'",
            "outcome.reason contains \"price\"",
        ),
        ("not score.fit != -3", "not score.fit != -3"),
        ("never clicked", "not clicked"),
        ("clicked never", "not clicked"),
        ("opened ever", "opened"),
        ("opened within 1 days", "opened within 1 day"),
        (
            "opened at least 3 times within 2 week",
            "opened at least 3 times within 2 weeks",
        ),
        ("created after 2026-01-01", "created after 2026-01-01"),
        (
            "created since 2026-01-01T10:00:00+02:00",
            "created since 2026-01-01T08:00:00Z",
        ),
        ("stage not in (new, \"Engaged\")", "stage not in (new, engaged)"),
        (
            "company is empty or title is not empty",
            "company is empty or title is not empty",
        ),
        ("custom.\"Größe m²\" > 1.50", "custom.\"Größe m²\" > 1.5"),
        (
            "custom.plan in ('Pro', 5, true)",
            "custom.plan in (\"Pro\", 5, true)",
        ),
        ("consent.marketing = granted", "consent.marketing = granted"),
        (
            "consent.\"third-parties\" != unknown",
            "consent.\"third-parties\" != unknown",
        ),
        (
            "event(note_added) on 2026-01-31",
            "event(note_added) on 2026-01-31",
        ),
        ("event(email_opened)", "opened"),
        (
            "email ends with \"@example.com\"",
            "email ends with \"@example.com\"",
        ),
        (
            "name = 'say \"hi\" \\\\ \\n'",
            "name = \"say \\\"hi\\\" \\\\ \\n\"",
        ),
        (
            "suppressed and (everyone or not (suppressed and everyone))",
            "suppressed and (everyone or not (suppressed and everyone))",
        ),
        (
            "(suppressed and everyone) or everyone",
            "suppressed and everyone or everyone",
        ),
        ("suppressed\n  and\n\teveryone", "suppressed and everyone"),
    ] {
        assert_eq!(canonical(text), expected, "{text}");
        assert_eq!(canonical(expected), expected);
    }
    let subject = format!("submitted form(\"{ID}\") and not submitted form('{ID}')");
    assert_eq!(canonical(&subject), subject.replace('\'', "\""));
}

#[test]
#[expect(
    clippy::too_many_lines,
    reason = "one table of mistakes and what is said of them"
)]
fn mistakes_are_named_with_their_place() {
    let deep = format!("{}everyone{}", "(".repeat(21), ")".repeat(21));
    let many = vec!["everyone"; 101].join(" or ");
    let long = format!("name = \"{}\"", "x".repeat(6000));
    let wide = format!("tag in ({})", vec!["\"a\""; 101].join(","));
    for (text, line, column, length, said) in [
        (
            "scor > 5",
            1,
            1,
            4,
            "`scor` is no field; did you mean `score.total`?",
        ),
        (
            "everyone and\n  compny = \"x\"",
            2,
            3,
            6,
            "did you mean `company`?",
        ),
        ("", 1, 1, 1, "a condition is missing before the end"),
        (
            "tag = \"a\" tag = \"b\"",
            1,
            11,
            3,
            "`and` or `or` is missing before `tag`",
        ),
        (
            "score.total > \"5\"",
            1,
            15,
            3,
            "`score.total` is a number, so it can't be compared with a text",
        ),
        ("score.total > 1.5", 1, 15, 3, "is a whole number"),
        ("name > 5", 1, 6, 1, "`name` is a text: after it come"),
        (
            "name = 5",
            1,
            8,
            1,
            "`name` is a text, so it can't be compared with the number 5",
        ),
        ("name = Ada", 1, 8, 3, "write it in quotes, as in \"Ada\""),
        ("stage = qualifed", 1, 9, 8, "did you mean `qualified`?"),
        ("created > 5", 1, 9, 1, "`created` is a time"),
        ("created after yesterday", 1, 15, 9, "a date is needed here"),
        ("created on 2026-02-30", 1, 12, 10, "neither a number nor a date"),
        ("created on 1066-01-01", 1, 12, 10, "years 1900 to 2999"),
        ("opened within 0 days", 1, 15, 6, "from 1 to 3650 days"),
        ("opened within 5 moons", 1, 17, 5, "hours, days or weeks"),
        ("opened at least 0 times", 1, 17, 1, "from 1 to 1000"),
        ("opened form(\"x\")", 1, 8, 4, "forms are submitted"),
        ("submitted form(\"x\")", 1, 16, 3, "a form is named by its id"),
        ("submitted form(5", 1, 16, 1, "a form is named by its id"),
        ("client = \"acme\"", 1, 10, 6, "a client is named by its id"),
        ("name contains \"\"", 1, 15, 2, "is part of every text"),
        ("name = \"\"", 1, 8, 2, "is empty"),
        ("name = \"abc", 1, 8, 4, "does not end"),
        ("name = \"a\\x\"", 1, 10, 2, "a backslash stands only before"),
        ("name ~ \"a\"", 1, 6, 1, "`~` means nothing here"),
        ("(everyone", 1, 10, 1, "`)` is missing before the end"),
        (
            "custom.plan > \"a\"",
            1,
            15,
            3,
            "only numbers are compared with `>`",
        ),
        (
            "custom = 1",
            1,
            1,
            6,
            "a custom field is named as in `custom.plan`",
        ),
        ("consent.Marketing! = granted", 1, 18, 1, "`!` means nothing here"),
        ("consent.\"A b\" = granted", 1, 1, 13, "a purpose must have"),
        (
            "consent.marketing = maybe",
            1,
            21,
            5,
            "granted, withdrawn, pending, lapsed, unknown",
        ),
        ("event(created)", 1, 7, 7, "ask with `created`"),
        ("never suppressed", 1, 1, 16, "`never` stands before an event"),
        ("score = 1234567890123456", 1, 9, 16, "is no number"),
        ("ключ = 1", 1, 1, 1, "texts are in quotes"),
        (deep.as_str(), 1, 22, 8, "20 deep"),
        (many.as_str(), 1, 1201, 8, "at most 100 conditions"),
        (long.as_str(), 1, 5001, 1009, "at most 5000 characters"),
        (wide.as_str(), 1, 409, 3, "at most 100 values"),
    ] {
        let fault = Condition::parse(text).unwrap_err();
        assert!(fault.message.contains(said), "{text}: {fault:?}");
        let place = fault.position;
        assert_eq!(
            (place.line, place.column, place.length),
            (line, column, length),
            "{text}: {fault:?}"
        );
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,8}", "[äöß€\u{1F600}\\\\\"'%_\n\t]{1,4}"]
}

fn instant() -> impl Strategy<Value = Instant> {
    prop_oneof![
        (1900..2999i32, 1..=12u32, 1..=28u32)
            .prop_map(|(y, m, d)| Instant::Day(NaiveDate::from_ymd_opt(y, m, d).unwrap())),
        (0..4_000_000_000_000_000i64)
            .prop_map(|micros| Instant::Time(DateTime::from_timestamp_micros(micros).unwrap())),
    ]
}

fn when() -> impl Strategy<Value = When> {
    let span = (1..500u32, prop::sample::select(Unit::ALL)).prop_map(|(count, unit)| Span { count, unit });
    let day = instant().prop_filter_map("a day", |instant| match instant {
        Instant::Day(day) => Some(When::On(day)),
        Instant::Time(_) => None,
    });
    prop_oneof![
        span.clone().prop_map(When::Within),
        span.prop_map(When::OlderThan),
        instant().prop_map(When::Before),
        instant().prop_map(When::After),
        instant().prop_map(When::Since),
        instant().prop_map(When::Until),
        day,
    ]
}

fn id<T: From<Uuid> + std::fmt::Debug>() -> impl Strategy<Value = T> {
    any::<u128>().prop_map(|bits| T::from(Uuid::from_u128(bits)))
}

fn event() -> impl Strategy<Value = EventTest> {
    use LeadEventKind as Kind;
    let with = |kinds: &'static [Kind], subject: BoxedStrategy<Subject>| {
        (prop::sample::select(kinds), prop::option::of(subject))
    };
    let mails = prop_oneof![id().prop_map(Subject::Campaign), id().prop_map(Subject::Message)].boxed();
    let about = prop_oneof![
        with(&[Kind::FormSubmitted], id().prop_map(Subject::Form).boxed()),
        with(
            &[
                Kind::EmailSent,
                Kind::EmailOpened,
                Kind::EmailClicked,
                Kind::Unsubscribed
            ],
            mails
        ),
        with(
            &[Kind::NoteAdded, Kind::StageChanged, Kind::Merged],
            id().prop_map(Subject::Other).boxed()
        ),
    ];
    (about, 1..=1000u32, prop::option::of(when())).prop_map(|((kind, subject), at_least, when)| EventTest {
        kind,
        subject,
        at_least,
        when,
    })
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        text().prop_map(Literal::Text),
        (any::<i32>(), 0..6u32)
            .prop_map(|(n, scale)| Literal::Number(rust_decimal::Decimal::new(n.into(), scale).normalize())),
        any::<bool>().prop_map(Literal::Flag),
    ]
}

fn leaf() -> impl Strategy<Value = Condition> {
    let texts = prop_oneof![
        prop::collection::vec(text(), 1..4).prop_map(TextTest::In),
        text().prop_map(TextTest::Contains),
        text().prop_map(TextTest::StartsWith),
        text().prop_map(TextTest::EndsWith),
        Just(TextTest::Empty),
    ];
    let compare = prop::sample::select(
        &[
            Compare::Equal,
            Compare::Less,
            Compare::AtMost,
            Compare::More,
            Compare::AtLeast,
        ][..],
    );
    let number = (compare.clone(), literal()).prop_filter_map("a number", |pair| match pair {
        (compare, Literal::Number(number)) if compare != Compare::Equal => {
            Some(CustomTest::Number(compare, number))
        }
        _ => None,
    });
    let custom = prop_oneof![
        prop::collection::vec(literal(), 1..4).prop_map(CustomTest::In),
        number,
        text().prop_map(CustomTest::Contains),
        text().prop_map(CustomTest::StartsWith),
        text().prop_map(CustomTest::EndsWith),
        Just(CustomTest::Empty),
    ];
    let purpose = prop::sample::select(&["marketing", "third-parties", "9"][..])
        .prop_map(|name| name.parse::<Purpose>().unwrap());
    prop_oneof![
        Just(Condition::Everyone),
        Just(Condition::Suppressed),
        Just(Condition::NoTags),
        Just(Condition::NoClient),
        (prop::sample::select(TextField::ALL), texts).prop_map(|(field, test)| Condition::Text(field, test)),
        prop::collection::vec(prop::sample::select(LeadStatus::ALL), 1..3).prop_map(Condition::Status),
        prop::collection::vec(prop::sample::select(LeadStage::ALL), 1..3).prop_map(Condition::Stage),
        (prop::sample::select(NumberField::ALL), compare, any::<i32>())
            .prop_map(|(field, compare, value)| Condition::Number(field, compare, value)),
        (prop::sample::select(TimeField::ALL), when()).prop_map(|(field, when)| Condition::Time(field, when)),
        prop::collection::vec("[a-z%ä]{1,5}", 1..3).prop_map(Condition::Tag),
        prop::collection::vec(id(), 1..3).prop_map(Condition::Client),
        (text(), custom).prop_map(|(key, test)| Condition::Custom(key, test)),
        (purpose, prop::sample::select(ConsentState::ALL))
            .prop_map(|(purpose, state)| Condition::Consent(purpose, state)),
        event().prop_map(Condition::Event),
    ]
}

fn condition() -> impl Strategy<Value = Condition> {
    leaf().prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Condition::Any),
            inner.prop_map(Condition::negated),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_as_the_same(condition in condition()) {
        let printed = condition.to_string();
        prop_assert_eq!(Condition::parse(&printed), Ok(condition), "{}", printed);
    }

    #[test]
    fn no_text_is_too_odd_to_be_refused_with_a_place(text in "(\\PC|[ \n\"'().,<>=!0-9a-z-]){0,60}") {
        if let Err(fault) = Condition::parse(&text) {
            let lines: Vec<&str> = text.split('\n').collect();
            let line = lines.get(fault.position.line as usize - 1);
            prop_assert!(line.is_some(), "{:?}", fault);
            prop_assert!(fault.position.column as usize <= line.unwrap().chars().count() + 1, "{:?}", fault);
            prop_assert!(fault.position.length >= 1 && !fault.message.is_empty());
        }
    }
}
