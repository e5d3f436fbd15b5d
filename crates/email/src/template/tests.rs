use super::*;
use groundswell_domain::email::{LinkTracker, MergeFields, RenderedMail};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const UNSUBSCRIBE: &str = "https://mail.example.com/u/abc-_123?x=1&y=2";

fn source(subject: &str, html: &str) -> TemplateSource {
    TemplateSource::html(subject, html)
}

fn fields(lead: Value) -> MergeFields {
    MergeFields {
        lead,
        organization: json!({"name": "ACME & Co"}),
        ..MergeFields::default()
    }
}

fn compile(source: &TemplateSource) -> Arc<dyn CompiledTemplate> {
    JinjaTemplates
        .compile(source)
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn html(template: &str, lead: Value) -> String {
    compile(&source("s", template))
        .render(&fields(lead), None)
        .unwrap()
        .html
}

fn problems(source: &TemplateSource) -> Vec<FieldError> {
    JinjaTemplates.compile(source).err().unwrap_or_default()
}

struct Tracker;
impl LinkTracker for Tracker {
    fn click(&self, url: &str) -> String {
        format!("https://t.example/c?a=1&u={}", url.replace('&', "%26"))
    }
    fn pixel(&self) -> String {
        "https://t.example/o/1".into()
    }
    fn honeypot(&self) -> String {
        "https://t.example/h/1".into()
    }
}

fn bulk(source: &TemplateSource) -> RenderedMail {
    let mut fields =
        fields(json!({"name": "Ada", "custom_fields": {"site": "https://ada.example/?a=1&b=2"}}));
    fields.unsubscribe_url = Some(UNSUBSCRIBE.into());
    compile(source).render(&fields, Some(&Tracker)).unwrap()
}

#[test]
fn missing_values_are_empty_or_have_their_default() {
    for lead in [
        json!({}),
        json!({"name": null}),
        json!({"name": ""}),
        json!({"name": "  "}),
    ] {
        assert_eq!(
            html("Hi {{ lead.name | default(\"there\") }}!", lead.clone()),
            "Hi there!"
        );
        assert_eq!(
            html("{% if lead.name is defined %}x{% else %}y{% endif %}", lead),
            "y"
        );
    }
    assert_eq!(
        html(
            "[{{ lead.phone }}|{{ lead.custom_fields.a.b }}|{{ lead.name }}]",
            json!({"phone": null})
        ),
        "[||]"
    );
    assert_eq!(
        html("{{ lead.name | default('x') }}", json!({"name": "Ada"})),
        "Ada"
    );
    assert_eq!(
        html(
            "{{ lead.custom_fields.n }} {{ lead.custom_fields['my key'] }}",
            json!({"custom_fields": {"n": 3, "my key": "x"}})
        ),
        "3 x"
    );
}

#[test]
fn values_are_escaped_in_html_only() {
    let mut source = source(
        "{{ lead.name }}",
        "<p title=\"{{ lead.name }}\">{{ lead.name }}</p>",
    );
    source.text = Some("{{ lead.name }} {{ organization.name }}".into());
    let name = "<script>alert(\"1\")</script> & 'x'";
    let mail = compile(&source)
        .render(&fields(json!({"name": name})), None)
        .unwrap();
    assert_eq!(mail.subject, name);
    assert_eq!(mail.text, format!("{name} ACME & Co"));
    assert!(
        !mail.html.contains("<script") && !mail.html.contains("\"1\""),
        "{}",
        mail.html
    );
}

#[test]
fn the_subject_is_one_line() {
    let mail = compile(&source(" Hi {{ lead.name }}\n", "x"))
        .render(&fields(json!({"name": "Ada\r\nBcc: a@b.de\u{2028}\u{0}"})), None)
        .unwrap();
    assert_eq!(mail.subject, "Hi Ada  Bcc: a@b.de");
    let long = compile(&source("{{ lead.name }}", "x"))
        .render(&fields(json!({"name": "é".repeat(2_000)})), None)
        .unwrap();
    assert!(long.subject.len() <= 900);
}

#[test]
fn unknown_fields_are_named_with_their_place_and_the_known_ones() {
    let found = problems(&source(
        "{{ lead.nmae }}",
        "<p>\n  {{ company }} {{ organization.nme }} {{ lead }}\n{{ lead.name.x }}</p>",
    ));
    let fields: Vec<_> = found.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["subject", "html", "html", "html", "html"]);
    assert!(
        found[0]
            .message
            .starts_with("line 1, column 4: there is no field `lead.nmae`; there are lead.name, "),
        "{}",
        found[0].message
    );
    assert!(
        found[1]
            .message
            .starts_with("line 2, column 6: there is no field `company`"),
        "{}",
        found[1].message
    );
    assert!(
        found[0]
            .message
            .contains("lead.custom_fields.*, organization.name, unsubscribe_url")
    );
    for path in [
        "lead['nmae']",
        "lead[0]",
        "lead[lead.name]",
        "unsubscribe_url.x",
        "x[lead.nmae]",
    ] {
        assert!(
            !problems(&source("s", &format!("{{{{ {path} }}}}"))).is_empty(),
            "{path}"
        );
    }
}

#[test]
fn loops_and_set_declare_names_where_they_are_visible() {
    let ok = "{% for k, v in lead.custom_fields | items %}{{ loop.index }}{{ k }}={{ v }};{% endfor %}\
        {% set first = lead.first_name | upper %}{{ first }}{% with x = 1 %}{{ x }}{% endwith %}";
    assert_eq!(
        html(
            ok,
            json!({"first_name": "ada", "custom_fields": {"a": 1, "b": 2}})
        ),
        "1a=1;2b=2;ADA1"
    );
    for wrong in [
        "{% for x in [1] %}{% endfor %}{{ x }}",
        "{{ loop.index }}",
        "{% with x = 1 %}{% endwith %}{{ x }}",
        "{% set lead = 1 %}",
    ] {
        assert_eq!(problems(&source("s", wrong)).len(), 1, "{wrong}");
    }
}

#[test]
fn variables_are_declared_and_shadow_nothing() {
    let mut template = source("{{ code }}", "{{ code }} {{ items[0].price }}");
    assert_eq!(problems(&template).len(), 3);
    template.variables = vec!["code".into(), "items".into()];
    let mut merge = fields(json!({"name": "Ada"}));
    merge.variables = json!({"code": "A1", "items": [{"price": 2.5}], "lead": {"name": "Eve"}})
        .as_object()
        .unwrap()
        .clone();
    let mail = compile(&template).render(&merge, None).unwrap();
    assert_eq!((mail.subject.as_str(), mail.html.as_str()), ("A1", "A1 2.5"));
    assert_eq!(
        compile(&source("{{ lead.name }}", "x"))
            .render(&merge, None)
            .unwrap()
            .subject,
        "Ada"
    );
    template.variables = ["lead", "a b", "", "1a", "x", "x"].map(String::from).to_vec();
    let found = problems(&template);
    let named: Vec<_> = found.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(
        named,
        [
            "variables[0]",
            "variables[1]",
            "variables[2]",
            "variables[3]",
            "variables[5]"
        ]
    );
}

#[test]
fn syntax_errors_have_their_part_and_place() {
    for (subject, html, text, part, place) in [
        ("{{ lead.name", "x", None, "subject", "line 1"),
        ("s", "a\nb {% if lead.name %}\nc", None, "html", "line "),
        ("s", "a\n\n  {{ lead.name | }}", None, "html", "line 3, column "),
        ("s", "x", Some("{% endif %}"), "text", "line 1, column "),
    ] {
        let mut template = source(subject, html);
        template.text = text.map(String::from);
        let found = problems(&template);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].field == part && found[0].message.starts_with(place),
            "{found:?}"
        );
    }
    for (subject, html, part) in [(" ", "x", "subject"), ("s", "\n", "html")] {
        assert_eq!(problems(&source(subject, html))[0].field, part);
    }
    assert_eq!(problems(&source(&"s".repeat(999), "x"))[0].field, "subject");
    assert_eq!(problems(&source("s", &"x".repeat(MAX_HTML + 1)))[0].field, "html");
}

#[test]
fn the_sandbox_has_no_way_out() {
    for template in [
        "{% include 'html' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{% macro m() %}{% endmacro %}",
        "{% block b %}{% endblock %}",
        "{% autoescape false %}{{ lead.name }}{% endautoescape %}",
        "{% filter upper %}x{% endfilter %}",
        "{% set a %}x{% endset %}",
        "{{ lead.name | safe }}",
        "{{ lead.name | tojson }}",
        "{{ lead.name | indent(1000000000) }}",
        "{{ lead.name ~ lead.name }}",
        "{{ lead.name + lead.name }}",
        "{{ 'x' * 100000000 }}",
        "{{ 10 ** 100 }}",
        "{{ range(100000) }}",
        "{{ debug() }}",
        "{{ lead.name.upper() }}",
        "{% for x in [1] recursive %}{% endfor %}",
        "{{ lead.name is filter }}",
        "{{ self.x }}",
    ] {
        let found = problems(&source("s", template));
        assert!(
            !found.is_empty() && found[0].message.starts_with("line "),
            "{template}: {found:?}"
        );
    }
    assert_eq!(
        problems(&source("s", &format!("{{{{ '{}' }}}}", "x".repeat(3_000)))).len(),
        1
    );
}

#[test]
fn every_listed_filter_and_test_exists() {
    let env = sandbox::environment();
    for filter in sandbox::FILTERS {
        let error = env.render_str(&format!("{{{{ 1 | {filter} }}}}"), ()).err();
        assert!(
            error.is_none_or(|error| error.kind() != minijinja::ErrorKind::UnknownFilter),
            "{filter}"
        );
    }
    for test in sandbox::TESTS {
        let error = env.render_str(&format!("{{{{ 1 is {test} }}}}"), ()).err();
        assert!(
            error.is_none_or(|error| error.kind() != minijinja::ErrorKind::UnknownTest),
            "{test}"
        );
    }
}

#[test]
fn work_and_output_are_bounded() {
    let many = json!({"custom_fields": {"list": (0..1_000).collect::<Vec<_>>(), "long": "x".repeat(30_000)}});
    let nested = "{% for a in lead.custom_fields.list %}{% for b in lead.custom_fields.list %}{% endfor %}{% endfor %}";
    let long = "{% for a in lead.custom_fields.list %}{{ lead.custom_fields.long }}{% endfor %}";
    let grown = "{{ lead.custom_fields.long | replace('x', 'yyyyyyyyyy') }}";
    let joined = "{{ lead.custom_fields.list | join(lead.custom_fields.long) }}";
    for (template, message) in [
        (nested, "takes too long"),
        (long, "larger than"),
        (grown, "too large"),
        (joined, "too large"),
    ] {
        let start = Instant::now();
        let error = compile(&source("s", template))
            .render(&fields(many.clone()), None)
            .unwrap_err();
        assert!(error.starts_with("html: ") && error.contains(message), "{error}");
        assert!(start.elapsed() < Duration::from_secs(5));
    }
}

#[test]
fn web_links_are_tracked_and_others_are_not() {
    let mail = bulk(&source(
        "s",
        "<html><body><a class=x href=\"https://a.de/?p=1&amp;q=2\">a</a> <A HREF='HTTP://b.de'>b</A>\
         <a href=\"{{ lead.custom_fields.site }}\">c</a><map><area href=\"https://d.de\"></map>\
         <a href=\"mailto:x@y.de\">m</a><a href=\"tel:1\">t</a><a href=\"#top\">h</a>\
         <a href=\"https://e.de\" data-track=\"off\">o</a><img src=\"https://i.de/i.png\">\
         <a href=\"{{ unsubscribe_url }}\">no more</a></body></html>",
    ));
    for link in [
        "href=\"https://t.example/c?a=1&amp;u=https://a.de/?p=1%26q=2\"",
        "\"https://t.example/c?a=1&amp;u=HTTP://b.de\"",
        "href=\"https://t.example/c?a=1&amp;u=https://ada.example/?a=1%26b=2\"",
        "href=\"https://t.example/c?a=1&amp;u=https://d.de\"",
        "href=\"mailto:x@y.de\"",
        "href=\"tel:1\"",
        "href=\"#top\"",
        "href=\"https://e.de\"",
        "src=\"https://i.de/i.png\"",
    ] {
        assert!(mail.html.contains(link), "{link} is not in {}", mail.html);
    }
    assert_eq!(mail.html.matches("t.example/c").count(), 4);
    assert!(mail.html.ends_with("<img src=\"https://t.example/o/1\" width=\"1\" height=\"1\" alt=\"\" style=\"border:0\"></body></html>"));
    assert!(!mail.html.contains(">Unsubscribe<"), "it has a link of its own");
    assert!(mail.text.contains("a <https://a.de/?p=1&q=2>"), "{}", mail.text);
    assert!(!mail.text.contains("t.example"), "{}", mail.text);
    assert!(
        mail.text.contains(&format!("no more <{UNSUBSCRIBE}>")),
        "{}",
        mail.text
    );
}

#[test]
fn bulk_mail_always_has_an_unsubscribe_link() {
    let escaped = UNSUBSCRIBE.replace('&', "&amp;");
    let mut template = source("s", "<body><p>Hi, {{ unsubscribe_url }}</p></body>");
    let mail = bulk(&template);
    assert!(
        mail.html.contains(&format!("<a href=\"{escaped}\"")),
        "a bare address is no link: {}",
        mail.html
    );
    template.html = "<p>Hi</p>".into();
    template.text = Some("Hi\n".into());
    let mail = bulk(&template);
    assert!(mail.html.contains(&format!("<a href=\"{escaped}\"")));
    assert_eq!(mail.text, format!("Hi\n\n-- \nUnsubscribe: {UNSUBSCRIBE}\n"));
    template.text = Some("Hi, {{ unsubscribe_url }}".into());
    assert_eq!(bulk(&template).text, format!("Hi, {UNSUBSCRIBE}"));
    let single = compile(&template).render(&fields(json!({})), None).unwrap();
    assert_eq!(
        (single.html.as_str(), single.text.as_str()),
        ("<p>Hi</p>", "Hi, ")
    );
}

/// The quick way to the text part and the slow one must not differ in what people read.
#[test]
fn text_made_before_merging_is_the_text_made_after_it() {
    let html = "<html><body><h1>{{ lead.name }}</h1>\n<p>Hi {{ lead.name | default('there') }} &amp; co,\
        <a href=\"{{ lead.custom_fields.site }}\">see</a></p><ul><li>{{ organization.name }}</li></ul>\
        <p><a href=\"{{ unsubscribe_url }}\">stop</a></p></body></html>";
    let quick = bulk(&source("s", html)).text;
    let slow = bulk(&source("s", &format!("{html}{{% if lead.name %}}{{% endif %}}"))).text;
    assert_eq!(quick, slow);
    assert!(
        quick.contains("see <https://ada.example/?a=1&b=2>") && quick.contains("* ACME & Co"),
        "{quick}"
    );
    let single = compile(&source("s", html))
        .render(&fields(json!({})), None)
        .unwrap()
        .text;
    assert!(
        single.contains("Hi there & co,see") && !single.contains("<>"),
        "{single}"
    );
}

/// A guard against recompiling at every mail, with bounds that a slow machine keeps.
#[test]
fn a_thousand_mails_take_no_time() {
    let paragraph = "<p style=\"margin:0\">Hi {{ lead.first_name | default('there') }}, <a href=\"https://example.com/a\">look</a> at what {{ organization.name }} made.</p>\n";
    let template = compile(&source(
        "Hi {{ lead.name }}",
        &format!("<html><body>{}</body></html>", paragraph.repeat(33)),
    ));
    let mut merge = fields(json!({"name": "Ada Lovelace", "first_name": "Ada", "custom_fields": {}}));
    merge.unsubscribe_url = Some(UNSUBSCRIBE.into());
    let start = Instant::now();
    for _ in 0..1_000 {
        template.render(&merge, Some(&Tracker)).unwrap();
    }
    let each = start.elapsed() / 1_000;
    println!("{each:?} a mail");
    assert!(each < Duration::from_millis(10), "{each:?}");
}
