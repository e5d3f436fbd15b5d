//! Each rule finds what it is about, says where, and leaves the rest alone.

use crate::JinjaTemplates;
use groundswell_domain::brand::Brand;
use groundswell_domain::email::{
    Finding, LintReport, LintRule, MergeFields, Severity, TemplateEngine, TemplateFormat, TemplateSource,
};
use serde_json::json;

const GOOD: &str = "<!doctype html><html lang=\"en\"><head><meta name=\"color-scheme\" content=\"light dark\"></head><body>\n\
<div style=\"display:none\">What you see in the inbox</div>\n\
<p>Hello {{ lead.first_name | default(\"there\") }}, this is a mail with enough words to be read.</p>\n\
<a href=\"https://shop.groundswell.dev/a\" style=\"color:#1d4ed8\">Look</a> <img src=\"https://shop.groundswell.dev/i.png\" alt=\"\">\n\
<a href=\"{{ unsubscribe_url }}\" style=\"color:#444\">Unsubscribe</a></body></html>";

fn report(source: &TemplateSource) -> LintReport {
    let sample = MergeFields {
        lead: json!({ "first_name": "Ada" }),
        organization: json!({ "name": "Acme" }),
        unsubscribe_url: Some("https://m.groundswell.dev/u/x".into()),
        ..MergeFields::default()
    };
    JinjaTemplates.lint(source, &sample)
}

fn of_html(html: &str) -> LintReport {
    report(&TemplateSource::html("Hello", html))
}

fn rules(report: &LintReport) -> Vec<LintRule> {
    report.findings.iter().map(|finding| finding.rule).collect()
}

fn place(finding: &Finding) -> Option<(u32, u32)> {
    finding.position.map(|place| (place.line, place.column))
}

#[test]
fn a_good_mail_has_no_findings() {
    let report = of_html(GOOD);
    assert_eq!(report.findings, []);
    assert_eq!(report.links, ["https://shop.groundswell.dev/a"]);
    assert!(report.html_bytes > GOOD.len(), "tracked links are longer");
}

#[test]
fn an_error_does_not_hide_behind_many_warnings() {
    let insecure =
        "<a href=\"http://shop.groundswell.dev/a\">x</a><img src=\"https://shop.groundswell.dev/i.png\">"
            .repeat(300);
    let more = "<a href=\"javascript:alert(1)\">x</a><img src=\"x.png\" alt=\"\"></body>";
    let report = of_html(&GOOD.replace("</body>", &format!("{insecure}{more}")));
    let count = |rule| rules(&report).iter().filter(|found| **found == rule).count();
    assert_eq!(
        (count(LintRule::UnsafeLink), count(LintRule::ImageSource)),
        (1, 1)
    );
    // Fifty of each, and how many there are besides.
    for rule in [LintRule::InsecureLink, LintRule::ImageWithoutAlt] {
        assert_eq!(count(rule), 51);
        let said = report
            .findings
            .iter()
            .any(|finding| finding.rule == rule && finding.message.contains("250 more"));
        assert!(said, "{rule}");
    }
    assert_eq!(report.errors, 2);
}

#[test]
fn links_and_pictures_are_judged_in_every_branch() {
    for (wrong, rule) in [
        ("<a href=\"\">x</a>", LintRule::EmptyLink),
        ("<a href=\"#\">x</a>", LintRule::EmptyLink),
        ("<a href=\"/pricing\">x</a>", LintRule::RelativeLink),
        ("<a href=\"www.groundswell.dev\">x</a>", LintRule::RelativeLink),
        ("<a href=\"javascript:alert(1)\">x</a>", LintRule::UnsafeLink),
        ("<a href=\"https://\">x</a>", LintRule::BrokenLink),
        (
            "<a href=\"https://www.example.com/a\">x</a>",
            LintRule::PlaceholderLink,
        ),
        ("<a href=\"https://shop/a\">x</a>", LintRule::PlaceholderLink),
        (
            "<a href=\"http://shop.groundswell.dev/{{ lead.email }}\">x</a>",
            LintRule::InsecureLink,
        ),
        (
            "<img src=\"https://shop.groundswell.dev/b.png\">",
            LintRule::ImageWithoutAlt,
        ),
        ("<img src=\"logo.png\" alt=\"Logo\">", LintRule::ImageSource),
        (
            "<img src=\"data:image/png;base64,AA\" alt=\"\">",
            LintRule::ImageSource,
        ),
        (
            "<img src=\"http://shop.groundswell.dev/b.png\" alt=\"\">",
            LintRule::InsecureImage,
        ),
    ] {
        let branch = format!("{{% if lead.company %}}\n {wrong}{{% endif %}}\n<p>Hello");
        let report = of_html(&GOOD.replace("<p>Hello", &branch));
        assert_eq!(rules(&report), [rule], "{wrong}: {:?}", report.findings);
        let finding = &report.findings[0];
        assert_eq!(finding.severity, rule.severity());
        if !matches!(rule, LintRule::EmptyLink) {
            assert_eq!(place(finding).map(|place| place.0), Some(4), "{wrong}");
        }
    }
    for fine in [
        "<a href=\"mailto:a@groundswell.dev\">x</a>",
        "<a href=\"tel:+491\">x</a>",
        "<a href=\"#top\">x</a>",
        "<a href=\"{{ brand.website }}\">x</a>",
        "<img src=\"{{ brand.logo_url }}\" alt=\"{{ brand.name }}\">",
    ] {
        let report = of_html(&GOOD.replace("<p>Hello", &format!("{fine}<p>Hello")));
        assert_eq!(report.findings, [], "{fine}");
    }
}

#[test]
fn brackets_of_our_own_hide_nothing() {
    let report = of_html(&GOOD.replace("<p>Hello", "<a href=\"/x\">\u{27E6}0\u{27E7}</a><p>Hello"));
    assert_eq!(rules(&report), [LintRule::RelativeLink], "{:?}", report.findings);
}

#[test]
fn what_is_missing_is_named() {
    let report = of_html("<p>Hi</p>");
    assert_eq!(
        rules(&report),
        [
            LintRule::MissingUnsubscribe,
            LintRule::MissingLanguage,
            LintRule::MissingDarkMode,
            LintRule::MissingPreheader,
            LintRule::MissingText,
        ]
    );
    assert_eq!((report.errors, report.warnings), (1, 4));
    assert_eq!(report.findings[0].severity, Severity::Error);
}

#[test]
fn what_can_hardly_be_read_is_found_with_its_colours() {
    for (text, low) in [
        ("<p style=\"color:#999999\">grey</p>", true),
        ("<p style=\"color:#767676\">grey</p>", false),
        ("<p style=\"color:#949494;font-size:24px\">large</p>", false),
        (
            "<p style=\"color:#949494;font-size:14pt;font-weight:bold\">large</p>",
            false,
        ),
        (
            "<table><tr><td bgcolor=\"#222222\"><p>black on black</p></td></tr></table>",
            true,
        ),
        (
            "<div style=\"background:#222222\"><p style=\"color:white\">fine<p>fine</div><p>still fine</p>",
            false,
        ),
        (
            "<div style=\"background:url(x.png)\"><p style=\"color:white\">nobody knows</p></div>",
            false,
        ),
        ("<div style=\"display:none;color:#fff\">hidden</div>", false),
        ("<div style=\"color:#fff\">&nbsp;</div>", false),
    ] {
        let report = of_html(&GOOD.replace("<p>Hello", &format!("{text}\n<p>Hello")));
        let found = rules(&report);
        assert_eq!(
            found == [LintRule::LowContrast],
            low,
            "{text}: {:?}",
            report.findings
        );
        assert!(low || found.is_empty(), "{text}: {:?}", report.findings);
    }
    let report = of_html(&GOOD.replace("<p>Hello", "<p style=\"color:#999999\">pale</p><p>Hello"));
    let finding = &report.findings[0];
    assert_eq!(place(finding), Some((3, 17)));
    assert!(
        finding
            .message
            .contains("#999999 on #ffffff, a contrast of 2.8 to 1"),
        "{}",
        finding.message
    );
}

#[test]
fn subjects_and_words_have_a_tone() {
    for (subject, rule) in [
        ("FREE SHIPPING FOR ALL", Some(LintRule::LoudSubject)),
        ("Really!!", Some(LintRule::LoudSubject)),
        ("Re: our talk", Some(LintRule::SpamWording)),
        ("Act now, {{ lead.first_name }}", Some(LintRule::SpamWording)),
        ("News from IBM and SAP", None),
        ("{{ lead.company }}", Some(LintRule::MissingSubject)),
    ] {
        let report = report(&TemplateSource::html(subject, GOOD));
        assert_eq!(
            rules(&report),
            Vec::from_iter(rule),
            "{subject}: {:?}",
            report.findings
        );
    }
    let long = report(&TemplateSource::html("word ".repeat(20), GOOD));
    assert_eq!(rules(&long), [LintRule::LongSubject]);
    let spam = of_html(&GOOD.replace("Look</a>", "Click here</a>"));
    assert_eq!(rules(&spam), [LintRule::SpamWording]);
    assert_eq!(place(&spam.findings[0]).map(|place| place.0), Some(4));
}

#[test]
fn size_is_that_of_what_is_sent() {
    let large = format!("<p>{}</p><p>Hello", "word ".repeat(21_000));
    assert_eq!(
        rules(&of_html(&GOOD.replace("<p>Hello", &large))),
        [LintRule::TooLarge]
    );
}

#[test]
fn what_cannot_be_made_is_an_error() {
    let unknown = of_html(&GOOD.replace("lead.first_name", "lead.frist_name"));
    assert_eq!(rules(&unknown), [LintRule::Invalid]);
    assert!(unknown.findings[0].message.contains("lead.frist_name"));
    let failing = of_html(&GOOD.replace("<p>Hello", "{{ lead.custom_fields.n | round }}<p>Hello"));
    assert!(
        rules(&failing).iter().all(|rule| *rule == LintRule::NotRendered),
        "{:?}",
        failing.findings
    );
}

#[test]
fn mjml_is_looked_over_where_it_was_written() {
    let source = TemplateSource {
        format: TemplateFormat::Mjml,
        brand: Some(Brand::default()),
        ..TemplateSource::html(
            "Hello",
            "<mjml><mj-body><mj-section><mj-column>\n<mj-button href=\"http://shop.groundswell.dev\">Go</mj-button>\n<mj-image src=\"https://shop.groundswell.dev/a.png\" />\n</mj-column></mj-section></mj-body></mjml>",
        )
    };
    let report = report(&source);
    let insecure = report
        .findings
        .iter()
        .find(|finding| finding.rule == LintRule::InsecureLink);
    assert_eq!(insecure.and_then(place), Some((2, 18)));
    assert!(rules(&report).contains(&LintRule::MissingUnsubscribe));
}
