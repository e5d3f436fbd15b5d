//! The hosted page of a form, the same form as a piece of another page, and the page after it.

use super::engine::render;
use super::look;
use super::page::HtmlPage;
use groundswell_domain::consents::FormConsent;
use groundswell_domain::forms::{Attribution, FieldType, Form, FormField, HONEYPOT, KNOWN, SHOWN};
use groundswell_domain::{Error, FieldError};
use serde::Serialize;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::HashSet;
use url::Url;

/// What a visitor brings along, and what was wrong with the last try.
#[derive(Debug, Default)]
pub struct Visit {
    pub answers: Map<String, Value>,
    pub attribution: Attribution,
    pub problems: Vec<FieldError>,
    /// Names of fields that need not be asked of this visitor.
    pub known: HashSet<String>,
    /// When the first page was made, signed.
    pub shown: Option<String>,
}

#[derive(Serialize)]
struct Page<'a> {
    /// A piece of a page that is not ours.
    embedded: bool,
    form: String,
    name: &'a str,
    intro: Option<&'a str>,
    button: &'a str,
    logo: Option<Url>,
    inline: bool,
    /// For our page.
    style: String,
    /// For a page of elsewhere.
    look: String,
    captcha: bool,
    /// What will have been asked when it is sent, for a script to remember; with dots between the names.
    asked: Option<String>,
    notice: Option<&'a str>,
    /// Where a script goes afterwards.
    redirect: Option<&'a Url>,
    action: String,
    honeypot: &'static str,
    fields: Vec<Field<'a>>,
    attribution: Vec<(&'static str, String)>,
    problems: Vec<Problem<'a>>,
}

#[derive(Serialize)]
struct Field<'a> {
    id: String,
    name: Cow<'a, str>,
    kind: &'static str,
    label: &'a str,
    required: bool,
    value: String,
    ticked: bool,
    options: &'a [String],
    placeholder: Option<&'a str>,
    autocomplete: Option<&'static str>,
    max_length: usize,
    min: Option<String>,
    max: Option<String>,
    error: Option<String>,
    /// The address of the page can't fill it in.
    fixed: bool,
    /// When it is shown, for the script.
    rule: Option<String>,
}

#[derive(Serialize)]
struct Problem<'a> {
    label: &'a str,
    message: &'a str,
    /// Id of the field on the page, if it is there to be mended.
    anchor: Option<String>,
}

/// The form, with the answers and problems of an earlier try.
pub fn form_page(form: &Form, visit: &Visit) -> Result<HtmlPage, Error> {
    let page = page(form, visit, false);
    let logo = page.logo.clone();
    Ok(HtmlPage::embeddable(
        render("form.html", page)?,
        form.settings.redirect_url.as_ref(),
        logo.as_ref(),
    ))
}

/// The form alone, for a script that puts it into a page of elsewhere.
pub fn form_fragment(form: &Form, visit: &Visit) -> Result<String, Error> {
    render("fields.html", page(form, visit, true))
}

fn page<'a>(form: &'a Form, visit: &'a Visit, embedded: bool) -> Page<'a> {
    let look = form.look();
    let progressive = form.settings.progressive.as_ref();
    let left_out = progressive.map(|some| some.left_out(&visit.known));
    let asked_for = |field: &&FormField| {
        let name = field.name.as_str();
        left_out.as_ref().is_none_or(|names| !names.contains(name))
    };
    let fields = form.fields.iter().filter(asked_for);
    let consents = form.settings.consents.iter();
    Page {
        embedded,
        form: form.id.to_string(),
        name: &form.name,
        intro: form.style("intro"),
        button: form.style("button_label").unwrap_or("Send"),
        style: look::for_page(&look),
        look: look::for_script(&look),
        inline: look.inline,
        logo: look.logo,
        captcha: form.settings.captcha,
        asked: progressive.map(|some| some.asked_with(&visit.known).join(".")),
        notice: form.settings.partial_notice(),
        redirect: form.settings.redirect_url.as_ref().filter(|_| embedded),
        action: format!("/api/lead-capture/webhook/{}", form.id),
        honeypot: HONEYPOT,
        fields: fields
            .map(|field| shown(field, visit))
            .chain(consents.map(|consent| asked(consent, visit)))
            .collect(),
        attribution: pairs(visit),
        problems: visit
            .problems
            .iter()
            .map(|problem| described(form, problem))
            .collect(),
    }
}

/// What a visitor sees after sending a form that leads nowhere else.
pub fn thank_you_page(form: &Form) -> Result<HtmlPage, Error> {
    let text = if form.settings.thank_you.is_some() {
        form.thank_you()
    } else {
        "We'll be in touch soon."
    };
    let data = serde_json::json!({ "title": "Thank you", "text": text });
    Ok(HtmlPage::embeddable(render("notice.html", data)?, None, None))
}

fn id(field: &FormField) -> String {
    format!("field-{}", field.name)
}

fn consent_id(consent: &FormConsent) -> String {
    format!("consent-{}", consent.purpose)
}

/// The box of a consent. Only the visitor ticks it: neither the form nor the page's address can, and after a mistake
/// elsewhere it is as the visitor left it.
fn asked<'a>(consent: &'a FormConsent, visit: &Visit) -> Field<'a> {
    let name = consent.field();
    Field {
        id: consent_id(consent),
        kind: kind(FieldType::Checkbox),
        label: &consent.text,
        required: consent.required,
        ticked: visit.answers.get(&name).is_some_and(is_ticked),
        value: String::new(),
        options: &[],
        placeholder: None,
        autocomplete: None,
        max_length: 0,
        min: None,
        max: None,
        error: error(&name, visit),
        fixed: true,
        rule: None,
        name: name.into(),
    }
}

fn shown<'a>(field: &'a FormField, visit: &Visit) -> Field<'a> {
    let answer = visit.answers.get(&field.name).map(as_text);
    Field {
        id: id(field),
        name: Cow::Borrowed(&field.name),
        kind: kind(field.kind),
        label: field.label(),
        required: field.required,
        ticked: visit.answers.get(&field.name).is_some_and(is_ticked),
        value: answer.unwrap_or_else(|| field.value.clone().unwrap_or_default()),
        options: &field.options,
        placeholder: field.placeholder.as_deref(),
        autocomplete: autocomplete(field),
        max_length: field.max_length(),
        min: field.min.map(|min| min.to_string()),
        max: field.max.map(|max| max.to_string()),
        error: error(&field.name, visit),
        fixed: !field.takes_prefill(),
        rule: field.show_if.as_ref().map(|rule| rule.for_page().to_string()),
    }
}

/// "This is required", "This must be a number".
fn error(name: &str, visit: &Visit) -> Option<String> {
    let problem = visit.problems.iter().find(|problem| problem.field == name)?;
    Some(format!("This {}.", problem.message))
}

fn is_ticked(answer: &Value) -> bool {
    matches!(as_text(answer).as_str(), "true" | "1" | "on" | "yes")
}

fn described<'a>(form: &'a Form, problem: &'a FieldError) -> Problem<'a> {
    let mut consents = form.settings.consents.iter();
    if let Some(consent) = consents.find(|consent| consent.field() == problem.field) {
        return Problem {
            label: &consent.text,
            message: &problem.message,
            anchor: Some(consent_id(consent)),
        };
    }
    let field = form.fields.iter().find(|field| field.name == problem.field);
    Problem {
        label: field.map_or(&problem.field, |field| field.label()),
        message: &problem.message,
        anchor: field.filter(|field| field.kind != FieldType::Hidden).map(id),
    }
}

fn as_text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn kind(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Text => "text",
        FieldType::Email => "email",
        FieldType::Tel => "tel",
        FieldType::Number => "number",
        FieldType::Select => "select",
        FieldType::Checkbox => "checkbox",
        FieldType::Textarea => "textarea",
        FieldType::Hidden => "hidden",
    }
}

/// What browsers may fill in by themselves (HTML standard, "autofill field").
fn autocomplete(field: &FormField) -> Option<&'static str> {
    match (field.name.as_str(), field.kind) {
        (_, FieldType::Email) => Some("email"),
        (_, FieldType::Tel) => Some("tel"),
        (_, FieldType::Checkbox | FieldType::Select | FieldType::Number) => None,
        ("name" | "full_name", _) => Some("name"),
        ("first_name", _) => Some("given-name"),
        ("last_name", _) => Some("family-name"),
        ("company" | "organization", _) => Some("organization"),
        ("title" | "job_title", _) => Some("organization-title"),
        ("country", _) => Some("country-name"),
        ("city", _) => Some("address-level2"),
        ("postal_code" | "zip", _) => Some("postal-code"),
        ("website" | "url", _) => Some("url"),
        _ => None,
    }
}

/// What is sent along without being asked: where the visitor came from, and what is known of them already, by the names of
/// the fields and never by what they hold.
fn pairs(visit: &Visit) -> Vec<(&'static str, String)> {
    let attribution = &visit.attribution;
    let mut known: Vec<_> = visit.known.iter().map(String::as_str).collect();
    known.sort_unstable();
    let known = Some(known.join(".")).filter(|names| !names.is_empty());
    [
        ("referrer", &attribution.referrer),
        ("utm_source", &attribution.utm_source),
        ("utm_medium", &attribution.utm_medium),
        ("utm_campaign", &attribution.utm_campaign),
        (KNOWN, &known),
        (SHOWN, &visit.shown),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some((name, text.clone()?)))
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use groundswell_domain::forms::read_answers;
    use serde_json::json;

    fn form() -> Form {
        Form {
            id: uuid::Uuid::from_u128(9).into(),
            organization_id: uuid::Uuid::nil().into(),
            name: "Talk to us".into(),
            campaign_id: None,
            fields: serde_json::from_value(json!([
                {"name": "name", "type": "text", "label": "Your name", "required": true, "placeholder": "Ada Lovelace"},
                {"name": "email", "type": "email", "label": "E-mail", "required": true},
                {"name": "phone", "type": "tel", "label": "Phone"},
                {"name": "company", "type": "text", "label": "Company"},
                {"name": "seats", "type": "number", "label": "How many seats?", "min": 1, "max": 500},
                {"name": "plan", "type": "select", "label": "Plan", "options": ["Basic", "Pro & more"]},
                {"name": "message", "type": "textarea", "label": "What can we do for you?"},
                {"name": "terms", "type": "checkbox", "label": "I have read the privacy notice and agree to it", "required": true},
                {"name": "product", "type": "hidden", "value": "a\"b"}
            ]))
            .unwrap(),
            styling: json!({"accent_color": "#0d7a5f", "button_label": "Ask for an offer", "intro": "We answer within one working day."})
                .as_object()
                .unwrap()
                .clone(),
            settings: groundswell_domain::forms::FormSettings::default(),
            created_at: chrono::DateTime::UNIX_EPOCH,
            updated_at: chrono::DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    fn refused(form: &Form, answers: &Value) -> Visit {
        let answers = answers.as_object().unwrap().clone();
        let Err(Error::Invalid(problems)) = read_answers(form, &answers) else {
            panic!("must be refused")
        };
        Visit {
            answers,
            problems,
            ..Visit::default()
        }
    }

    #[test]
    fn every_visible_field_has_its_label() {
        let html = form_page(&form(), &Visit::default()).unwrap().html;
        for field in form()
            .fields
            .iter()
            .filter(|field| field.kind != FieldType::Hidden)
        {
            assert!(
                html.contains(&format!("<label for=\"field-{}\">", field.name)),
                "{} has no label",
                field.name
            );
            assert_eq!(html.matches(&format!(" id=\"field-{}\"", field.name)).count(), 1);
        }
        assert!(html.contains("autocomplete=\"organization\"") && html.contains("autocomplete=\"tel\""));
        assert!(html.contains("min=\"1\" max=\"500\""));
        assert!(html.contains("name=\"product\" value=\"a&quot;b\""));
        assert!(!html.contains("role=\"alert\""));
    }

    #[test]
    fn a_refused_form_keeps_the_answers_and_names_each_problem_at_its_field() {
        let form = form();
        let visit = refused(
            &form,
            &json!({"name": "Ada \"<b>\"", "email": "nope", "plan": "Pro & more", "seats": "900", "message": "\nHello"}),
        );
        let html = form_page(&form, &visit).unwrap().html;
        assert!(html.contains("<title>Error: Talk to us</title>"));
        assert!(html.contains("role=\"alert\""));
        assert!(html.contains("<a href=\"#field-email\">E-mail "));
        assert!(html.contains("aria-invalid=\"true\" aria-describedby=\"field-seats-error\""));
        assert!(
            html.contains("id=\"field-seats-error\">This must be at most 500.</p>"),
            "{html}"
        );
        assert!(html.contains("value=\"Ada &quot;&lt;b&gt;&quot;\""));
        assert!(html.contains("<option selected>Pro &amp; more</option>"));
        assert!(
            html.contains(">\n\nHello</textarea>"),
            "the first line break of a textarea is lost by browsers"
        );
    }

    #[test]
    fn consents_stand_below_the_fields_and_only_the_visitor_ticks_them() {
        let mut form = form();
        let asked = json!([
            {"purpose": "marketing", "text": "Tell me about <new> things"},
            {"purpose": "privacy", "text": "I have read the notice", "required": true}
        ]);
        form.settings.consents = serde_json::from_value(asked).unwrap();
        let html = form_page(&form, &Visit::default()).unwrap().html;
        assert!(!html.contains(" checked"), "{html}");
        let (fields, boxes) = html
            .split_once("id=\"consent-marketing\" name=\"consent.marketing\"")
            .unwrap();
        assert!(fields.contains("name=\"terms\"") && boxes.contains("name=\"consent.privacy\" required"));
        assert!(boxes.contains("<label for=\"consent-marketing\">Tell me about &lt;new&gt; things</label>"));

        let answers = json!({"name": "Ada", "email": "a@b.de", "terms": "no", "consent.marketing": "yes"});
        let html = form_page(&form, &refused(&form, &answers)).unwrap().html;
        assert!(html.contains("<a href=\"#consent-privacy\">I have read the notice must be ticked</a>"));
        assert!(html.contains("id=\"consent-privacy-error\">This must be ticked.</p>"));
        assert_eq!(html.matches(" checked").count(), 1, "as the visitor left it");
    }

    #[test]
    fn where_the_visitor_came_from_is_sent_along() {
        let attribution = Attribution {
            utm_source: Some("\"><script>".into()),
            ..Attribution::default()
        };
        let html = form_page(
            &form(),
            &Visit {
                attribution,
                ..Visit::default()
            },
        )
        .unwrap()
        .html;
        assert!(html.contains("name=\"utm_source\" value=\"&quot;&gt;&lt;script&gt;\""));
        assert!(!html.contains("utm_medium"));
    }

    #[test]
    fn the_trap_is_hidden_from_people_and_screen_readers() {
        let html = form_page(&form(), &Visit::default()).unwrap().html;
        let trap = html
            .split("class=\"gs-extra\"")
            .nth(1)
            .unwrap()
            .split("</div>")
            .next()
            .unwrap();
        assert!(trap.contains("aria-hidden=\"true\"") && trap.contains("tabindex=\"-1\""));
        assert!(trap.contains(&format!("name=\"{HONEYPOT}\"")));
    }

    #[test]
    fn the_accent_colour_comes_with_a_readable_text() {
        let html = form_page(&form(), &Visit::default()).unwrap().html;
        assert!(html.contains("--accent:#0d7a5f;--on-accent:#ffffff;}"));
    }

    #[test]
    fn a_piece_of_another_page_has_no_page_around_it_and_says_what_its_script_must_know() {
        let mut form = form();
        form.settings.captcha = true;
        form.settings.save_partial = true;
        form.settings.redirect_url = Some("https://shop.example/thanks?a=1&b=2".parse().unwrap());
        form.fields[4].show_if =
            Some(serde_json::from_value(json!({"all": [{"field": "company", "filled": true}]})).unwrap());
        let html = form_fragment(&form, &Visit::default()).unwrap();
        assert!(
            html.trim_start().starts_with("<div class=\"gs-form\" data-gs="),
            "{html}"
        );
        assert!(!html.contains("<script") && !html.contains(" style=") && !html.contains("<h1>"));
        for part in [
            "data-captcha=\"1\"",
            "data-partial=\"1\"",
            "data-redirect=\"https:&#x2f;&#x2f;shop.example",
            "What you type is saved as you go",
            "<noscript>",
            "data-if=\"{&quot;any&quot;:false,&quot;of&quot;:[{&quot;field&quot;:&quot;company&quot;",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        assert_eq!(html.matches("data-if=").count(), 1);
    }

    #[test]
    fn of_what_is_asked_bit_by_bit_only_the_next_is_shown_and_nothing_that_is_known() {
        let mut form = form();
        form.settings.progressive = Some(
            serde_json::from_value(json!({"fields": ["phone", "company", "seats"], "show": 1})).unwrap(),
        );
        let shown = |known: &[&str]| {
            let visit = Visit {
                known: known.iter().map(|name| (*name).to_owned()).collect(),
                ..Visit::default()
            };
            let html = form_page(&form, &visit).unwrap().html;
            let names = ["phone", "company", "seats"].into_iter();
            let names: Vec<_> = names
                .filter(|name| html.contains(&format!("name=\"{name}\"")))
                .collect();
            (names, html)
        };
        assert_eq!(shown(&[]).0, ["phone"]);
        let (names, html) = shown(&["phone", "seats"]);
        assert_eq!(names, ["company"]);
        assert!(html.contains("name=\"gs_known\" value=\"phone.seats\""));
    }
}
