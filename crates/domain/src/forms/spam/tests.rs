use super::*;
use proptest::prelude::*;
use serde_json::json;

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn fields() -> Vec<FormField> {
    serde_json::from_value(json!([
        { "name": "email", "type": "email", "required": true },
        { "name": "name", "type": "text" },
        { "name": "company", "type": "text" },
        { "name": "site", "type": "text" },
        { "name": "plan", "type": "select", "options": ["Buy viagra"] },
        { "name": "message", "type": "textarea" }
    ]))
    .unwrap()
}

fn verdict(answers: &Value) -> Verdict {
    let email = "ada@x.example".parse().unwrap();
    let evidence = Evidence {
        fields: &fields(),
        answers: answers.as_object().unwrap(),
        email: &email,
        user_agent: Some(BROWSER),
        trapped: false,
        took: Some(Duration::from_secs(20)),
        repeated: 0,
    };
    judge(&evidence, SpamSettings::default())
}

fn signals(answers: &Value) -> Vec<&'static str> {
    verdict(answers)
        .reasons
        .iter()
        .map(|reason| reason.signal.as_str())
        .collect()
}

#[test]
fn honest_people_get_through() {
    for answers in [
        json!({ "name": "Ada Lovelace", "message": "Hello, how much is the Pro plan for 20 people?" }),
        json!({ "name": "Jürgen Schwartzkopf", "company": "Rechtsschutz Knightsbridge GmbH", "message": "Angstschweiß!" }),
        json!({ "name": "Владимир Ильин", "message": "Здравствуйте, сколько стоит?" }),
        json!({ "name": "Σωκράτης", "message": "α + β = γ" }),
        json!({ "name": "李小龙", "message": "你好，请联系我" }),
        json!({ "name": "Grace", "site": "https://navy.example", "message": "Our shop is www.navy.example, the old one http://old.example" }),
        json!({ "name": "NGUYEN", "company": "HDFCBNKS PLC", "plan": "Buy viagra" }),
    ] {
        assert_eq!(verdict(&answers), Verdict::default(), "{answers}");
    }
}

#[test]
fn each_signal_is_named_with_its_field() {
    for (answers, expected) in [
        (
            json!({ "name": "Win at https://x.example" }),
            vec!["link_in_name"],
        ),
        (
            json!({ "message": "http://a http://b http://c www.d.example" }),
            vec!["many_links"],
        ),
        (json!({ "message": "[url=x]y[/url]" }), vec!["markup"]),
        (json!({ "message": "look <a href='x'>here</a>" }), vec!["markup"]),
        (
            json!({ "message": "Your р\u{430}yp\u{430}l account" }),
            vec!["mixed_scripts"],
        ),
        (json!({ "name": "Xkcdqwrtplm" }), vec!["gibberish"]),
        (json!({ "name": "dKjHaLqPeEiRt" }), vec!["gibberish"]),
        (
            json!({ "message": "We do SEO services and backlinks" }),
            vec!["phrase", "phrase"],
        ),
        (json!({ "unasked": "cheap VIAGRA" }), vec!["phrase", "phrase"]),
    ] {
        assert_eq!(signals(&answers), expected, "{answers}");
    }
    let found = verdict(&json!({ "company": "Xkcdqwrtplm" }));
    assert_eq!(found.reasons[0].field.as_deref(), Some("company"));
    assert_eq!((found.score, found.quarantined), (25, false));
}

#[test]
fn spam_is_held_back_and_the_threshold_is_the_form_s() {
    let spam = json!({ "name": "RobertCig", "message": "First page of google! <a href=http://x.example>SEO services</a>" });
    let found = verdict(&spam);
    assert!(found.quarantined && found.score >= 60, "{found:?}");

    let (email, fields) = ("a@mailinator.com".parse().unwrap(), fields());
    let answers = Map::new();
    let mut evidence = Evidence {
        fields: &fields,
        answers: &answers,
        email: &email,
        user_agent: None,
        trapped: false,
        took: Some(Duration::from_millis(300)),
        repeated: 2,
    };
    let found = judge(&evidence, SpamSettings::default());
    let points: Vec<_> = found
        .reasons
        .iter()
        .map(|reason| (reason.signal.as_str(), reason.points))
        .collect();
    let expected = [
        ("too_fast", 40),
        ("repeated", 40),
        ("disposable_address", 15),
        ("no_user_agent", 10),
    ];
    assert_eq!(points, expected);
    assert_eq!(
        (found.score, found.flags.as_slice()),
        (100, &[AddressFlag::Disposable][..])
    );

    (evidence.took, evidence.repeated, evidence.user_agent) = (None, 0, Some("curl/8.5"));
    let found = judge(&evidence, SpamSettings::default());
    assert_eq!((found.score, found.quarantined), (20, false));
    let strict = SpamSettings {
        quarantine_at: 20,
        off: false,
    };
    assert!(judge(&evidence, strict).quarantined);
    evidence.trapped = true;
    assert!(judge(&evidence, SpamSettings::default()).quarantined);
    let off = SpamSettings { off: true, ..strict };
    let found = judge(&evidence, off);
    assert_eq!((found.score, found.quarantined), (100, false));
}

proptest! {
    #[test]
    fn any_text_gets_a_score_that_its_reasons_explain(name in any::<String>(), message in any::<String>()) {
        let found = verdict(&json!({ "name": name, "message": message }));
        let sum: u32 = found.reasons.iter().map(|reason| u32::from(reason.points)).sum();
        prop_assert_eq!(u32::from(found.score), sum.min(100));
    }
}
