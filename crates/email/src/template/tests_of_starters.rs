//! The library: every template of it passes our own checks and can be sent to anybody.

use super::*;
use groundswell_domain::brand::Brand;
use groundswell_domain::email::{MergeFields, Starter, starters};
use serde_json::{Value, json};

fn source(starter: &Starter, brand: Brand) -> TemplateSource {
    TemplateSource {
        format: TemplateFormat::Mjml,
        brand: Some(brand),
        ..TemplateSource::html(&starter.subject, starter.mjml()).with_variables(starter.variables.clone())
    }
}

fn brand() -> Brand {
    Brand {
        name: Some("Harbour & Pine".into()),
        website: Some("https://harbourandpine.ie/".into()),
        address: Some("12 Quay Street, Galway H91 F2TD, Ireland".into()),
        email: Some("hello@harbourandpine.ie".into()),
        phone: Some("+353 91 555 010".into()),
        ..Brand::default()
    }
}

fn fields(lead: Value) -> MergeFields {
    MergeFields {
        lead,
        organization: json!({ "name": "Acme" }),
        unsubscribe_url: Some("https://mail.harbourandpine.ie/u/x".into()),
        ..MergeFields::default()
    }
}

fn ada() -> Value {
    json!({ "name": "Ada Lovelace", "first_name": "Ada", "company": "Analytical Engines", "tags": ["customer"],
        "stage": "converted", "score": { "total": 60 } })
}

#[test]
fn each_passes_our_own_checks() {
    for starter in starters() {
        for brand in [brand(), Brand::default()] {
            let report = JinjaTemplates.lint(&source(&starter, brand), &fields(ada()));
            assert_eq!(report.findings, [], "{}", starter.key);
            assert!(
                report.html_bytes < 60 * 1024,
                "{}: {}",
                starter.key,
                report.html_bytes
            );
        }
    }
}

#[test]
fn each_can_be_sent_to_somebody_without_a_name_and_says_who_writes() {
    for starter in starters() {
        let template = JinjaTemplates.compile(&source(&starter, brand())).ok().unwrap();
        for lead in [
            json!({}),
            json!({ "name": "", "first_name": " ", "company": null, "tags": [] }),
        ] {
            let mail = template.render(&fields(lead), None).unwrap();
            let key = starter.key;
            assert!(
                !mail.subject.trim().is_empty() && !mail.subject.contains(" ,"),
                "{key}: {}",
                mail.subject
            );
            for text in [
                "Harbour &amp; Pine",
                "12 Quay Street",
                "color-scheme",
                "prefers-color-scheme: dark",
                "max-width:480px",
            ] {
                let found = mail.html.contains(text) || mail.html.contains(&text.replace(':', ": "));
                assert!(found, "{key}: {text} is not in {}", mail.html);
            }
            assert!(
                mail.html.contains("href=\"https://mail.harbourandpine.ie/u/x\""),
                "{key}"
            );
            for rest in ["{{", "{%", " ,", " .<", "Hello ,", "Dear ,"] {
                assert!(!mail.text.contains(rest), "{key}: {rest} in {}", mail.text);
            }
        }
    }
}

/// For people to look at: where `GROUNDSWELL_TEST_SCREENSHOTS` says.
#[test]
fn each_can_be_looked_at() {
    let Some(folder) = std::env::var_os("GROUNDSWELL_TEST_SCREENSHOTS") else {
        return;
    };
    std::fs::create_dir_all(&folder).unwrap();
    for starter in starters() {
        let template = JinjaTemplates.compile(&source(&starter, brand())).ok().unwrap();
        let mail = template.render(&fields(ada()), None).unwrap();
        let file = std::path::Path::new(&folder).join(format!("{}.html", starter.key));
        std::fs::write(file, mail.html).unwrap();
    }
}
