//! MJML, partials, brands, and blocks that depend on the lead.

use super::*;
use groundswell_domain::brand::Brand;
use groundswell_domain::email::{MergeFields, Partial};
use serde_json::{Value, json};

fn mjml(html: &str) -> TemplateSource {
    TemplateSource {
        format: TemplateFormat::Mjml,
        ..TemplateSource::html("s", html)
    }
}

fn partial(name: &str, format: TemplateFormat, html: &str) -> Partial {
    Partial {
        name: name.into(),
        format,
        html: html.into(),
    }
}

fn render(source: &TemplateSource, lead: Value) -> String {
    let fields = MergeFields {
        lead,
        organization: json!({ "name": "ACME & Co" }),
        unsubscribe_url: Some("https://m.example/u/1".into()),
        ..MergeFields::default()
    };
    let template = JinjaTemplates
        .compile(source)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    template.render(&fields, None).unwrap().html
}

fn problem(source: &TemplateSource) -> String {
    let found = JinjaTemplates.compile(source).err().unwrap();
    assert_eq!(found[0].field, "html");
    found[0].message.clone()
}

#[test]
fn jinja_survives_mjml_in_texts_attributes_and_between_components() {
    let source = mjml(
        "<mjml lang=\"en\"><mj-head><mj-title>{{ organization.name }}</mj-title><mj-preview>For {{ lead.name }}</mj-preview></mj-head><mj-body>\n\
         {% if \"vip\" in lead.tags %}\n<mj-section><mj-column><mj-text>Dear {{ lead.name | default(\"friend\") }}, {% if lead.score.total < 50 %}cold{% else %}warm{% endif %}</mj-text></mj-column></mj-section>\n{% endif %}\n\
         {# nobody reads this #}<mj-section><mj-column>\
         {% for item in lead.custom_fields.items %}<mj-text>* {{ item }}</mj-text>{% endfor %}\
         <mj-image src=\"https://a.example/i.png\" alt=\"\u{1F469}\u{200D}\u{1F4BB}\" /><mj-button href=\"https://a.example/?n={{ lead.name | default(\"x\") }}\" background-color=\"{{ brand.colors.primary }}\">Go</mj-button>\
         <mj-text><a href=\"{{ unsubscribe_url }}\">stop</a></mj-text></mj-column></mj-section></mj-body></mjml>",
    );
    let html = render(
        &source,
        json!({ "name": "Ada & Bob", "tags": ["vip"], "score": { "total": 40 }, "custom_fields": { "items": ["one", "two"] } }),
    );
    for text in [
        "Dear Ada &amp; Bob, cold",
        "* one",
        "* two",
        "href=\"https://a.example/?n=Ada &amp; Bob\"",
        "#2348d6",
        "alt=\"\u{1F469}\u{200D}\u{1F4BB}\"",
        "For Ada &amp; Bob",
        "<html lang=\"en\"",
        "href=\"https://m.example/u/1\"",
    ] {
        assert!(html.contains(text), "{text} is not in {html}");
    }
    assert!(
        !html.contains("{%") && !html.contains("{{") && !html.contains("nobody"),
        "{html}"
    );
    assert!(
        !html.contains("fonts.googleapis.com"),
        "nothing is loaded from elsewhere: {html}"
    );
    let cold = render(&source, json!({ "tags": [] }));
    assert!(!cold.contains("Dear"), "{cold}");
}

#[test]
fn mistakes_of_jinja_and_of_mjml_have_their_place_in_the_source() {
    for (html, place) in [
        (
            "<mjml>\n <mj-body>\n  {{ lead.nmae }}</mj-body></mjml>",
            "line 3, column 6: there is no field `lead.nmae`",
        ),
        (
            "<mjml>\n <mj-body>\n  {{ lead.name | }}</mj-body></mjml>",
            "line 3, column ",
        ),
        (
            "<mjml><mj-body>{{ lead.name | default(\"a\") }}\n  <mj-sektion></mj-sektion></mj-body></mjml>",
            "line 2, column 3: ",
        ),
        (
            "<mjml><mj-body>{% if lead.name %}\n<mj-section><mj-column></mj-section>{% endif %}</mj-body></mjml>",
            "line 2, column ",
        ),
        ("<p>{{ lead.name }}</p>", "line 1, column "),
        (
            "<mjml><mj-body><mj-include path=\"/etc/passwd\" /></mj-body></mjml>",
            "line 1, column ",
        ),
    ] {
        let message = problem(&mjml(html));
        assert!(message.starts_with(place), "{html}: {message}");
    }
    let deep = format!(
        "<mjml><mj-body><mj-raw>{}</mj-raw></mj-body></mjml>",
        "<div>".repeat(50_000)
    );
    assert!(problem(&mjml(&deep)).contains("100 deep"));
}

#[test]
fn partials_are_put_in_and_checked() {
    let mut source = TemplateSource::html("s", "<p>x</p>\n{% include \"footer\" %}");
    assert_eq!(problem(&source), "line 2, column 1: there is no partial `footer`");
    source.partials = vec![partial(
        "footer",
        TemplateFormat::Html,
        "<i>{{ brand.name }}, {{ lead.first_name }}</i>",
    )];
    assert!(render(&source, json!({ "first_name": "Ada" })).contains("<i>ACME &amp; Co, Ada</i>"));
    source.partials[0].html = "\n{{ code }}".into();
    assert!(
        problem(&source).starts_with("in the partial `footer`, line 2, column 4: there is no field `code`")
    );
    source.partials[0] = partial("footer", TemplateFormat::Mjml, "<mj-section />");
    assert!(problem(&source).contains("is MJML, and this is HTML"));
    for (part, wrong) in [
        ("html", "{% include lead.name %}"),
        ("html", "{% include 'footer' ignore missing %}"),
        ("subject", "{% include 'footer' %}"),
    ] {
        let mut source = TemplateSource::html("s", "x");
        if part == "html" {
            source.html = wrong.into();
        } else {
            source.subject = wrong.into();
        }
        assert_eq!(
            JinjaTemplates.compile(&source).err().unwrap()[0].field,
            part,
            "{wrong}"
        );
    }
}

#[test]
fn mjml_takes_partials_of_both_kinds() {
    let mut source = mjml(
        "<mjml><mj-body>{% include 'head' %}<mj-section><mj-column><mj-text>{% include 'sign' %}</mj-text></mj-column></mj-section></mj-body></mjml>",
    );
    source.partials = vec![
        partial(
            "head",
            TemplateFormat::Mjml,
            "<mj-section><mj-column><mj-text>Top {{ brand.name }}</mj-text></mj-column></mj-section>",
        ),
        partial("sign", TemplateFormat::Html, "<b>{{ lead.name }}</b>"),
    ];
    let html = render(&source, json!({ "name": "Ada" }));
    assert!(
        html.contains("Top ACME &amp; Co") && html.contains("<b>Ada</b>"),
        "{html}"
    );
    source.partials[0].html = "<mj-section>\n<mj-colum /></mj-section>".into();
    assert!(
        problem(&source).starts_with("in the partial `head`, line 2, column 1: "),
        "{}",
        problem(&source)
    );
}

#[test]
fn a_brand_is_what_was_said_or_a_default() {
    let mut source = TemplateSource::html(
        "s",
        "{{ brand.name }}|{{ brand.colors.primary }}|{{ brand.colors.on_primary }}|{{ brand.address | default('-') }}",
    );
    assert!(render(&source, json!({})).starts_with("ACME &amp; Co|#2348d6|#ffffff|-"));
    source.brand = Some(Brand {
        name: Some("Ada's".into()),
        colors: serde_json::from_value(json!({ "primary": "#fd0" })).unwrap(),
        address: Some("1 Way <here>".into()),
        ..Brand::default()
    });
    let html = render(&source, json!({}));
    assert!(
        html.starts_with("Ada&#x27;s|#ffdd00|#000000|1 Way &lt;here&gt;"),
        "{html}"
    );
    for wrong in [
        "brand",
        "brand.colors",
        "brand.colors.pink",
        "brand.nme",
        "lead.score.x",
        "lead.tags.x",
    ] {
        source.html = format!("{{{{ {wrong} }}}}");
        assert!(
            problem(&source).contains(&format!("there is no field `{wrong}`")),
            "{wrong}"
        );
    }
    // A variable of a template that is older than brands.
    source.html = "{{ brand }}".into();
    source.variables = vec!["brand".into()];
    assert!(JinjaTemplates.compile(&source).is_ok());
}

#[test]
fn harmless_pieces_are_no_tag_together() {
    let joined = TemplateSource {
        partials: vec![partial("a", TemplateFormat::Html, "{")],
        ..TemplateSource::html("Hello", "{% include 'a' %}{ 'x' ~ 'y' }}")
    };
    assert!(JinjaTemplates.compile(&joined).is_err());
    let written = mjml(
        r"<mjml><mj-body><mj-section><mj-column><mj-text>\u{7b}\u{7b} 'x' ~ 'y' \u{7d}\u{7d}</mj-text></mj-column></mj-section></mj-body></mjml>",
    );
    let shown = render(&written, json!({}));
    assert!(!shown.contains("xy"), "{shown}");
}
