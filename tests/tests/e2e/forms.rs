//! What a form may look like, and who sees it.

use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    forms_are_made_read_changed_and_deleted,
    a_deleted_form_takes_nothing_any_more
);

const FORMS: &str = "/api/lead-capture/forms";

fn contact() -> Value {
    json!({ "name": "Contact", "fields": [{ "name": "email", "type": "email", "required": true }] })
}

async fn forms_are_made_read_changed_and_deleted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let reply = ada.send(Method::POST, FORMS, Some(&contact())).await;
    let made = reply.expect(201).data();
    let address = format!("{FORMS}/{}", made["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), address);
    assert_eq!(made["version"], 1);
    assert_eq!(ada.get(&address).await, made);

    server.clock.advance(chrono::TimeDelta::seconds(5));
    let styling = json!({ "accent_color": "#aa0033", "intro": "Hello" });
    let patched = ada
        .patch(&address, &json!({ "name": "Talk to us", "styling": styling }))
        .await;
    assert_eq!(
        (&patched["name"], &patched["version"]),
        (&json!("Talk to us"), &json!(2))
    );
    assert_eq!(
        (&patched["styling"], &patched["fields"]),
        (&styling, &made["fields"])
    );
    assert_ne!(patched["updated_at"], made["updated_at"]);
    assert_eq!(patched["created_at"], made["created_at"]);

    let mut other = contact();
    other["fields"][0]["label"] = json!("Mail");
    other["settings"] = json!({ "thank_you": "Done" });
    let replaced = ada.send(Method::PUT, &address, Some(&other)).await;
    let replaced = replaced.expect(200).data();
    assert_eq!(
        (&replaced["name"], &replaced["styling"]),
        (&json!("Contact"), &json!({}))
    );
    assert_eq!(replaced["settings"]["thank_you"], "Done");

    ada.post(
        FORMS,
        &json!({ "name": "Newsletter", "fields": contact()["fields"] }),
    )
    .await;
    let found = ada.get_list(&format!("{FORMS}?q=NEWS&with_total=true")).await;
    assert_eq!(
        (&found["total"], &found["data"][0]["name"]),
        (&json!(1), &json!("Newsletter"))
    );
    ada.send(Method::DELETE, &address, None).await.expect(200);
    ada.send(Method::GET, &address, None)
        .await
        .expect_error(404, "form_not_found");
    ada.send(Method::DELETE, &address, None)
        .await
        .expect_error(404, "form_not_found");
    server.stop().await;
}

async fn a_deleted_form_takes_nothing_any_more(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = ada.post(FORMS, &contact()).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let webhook = format!("/api/lead-capture/webhook/{form}");
    server
        .post(&webhook, &json!({ "email": "a@b.example" }))
        .await
        .expect(201);
    ada.send(Method::DELETE, &format!("{FORMS}/{form}"), None)
        .await
        .expect(200);

    server
        .post(&webhook, &json!({ "email": "c@b.example" }))
        .await
        .expect_error(404, "form_not_found");
    let page = Reply::to(
        server
            .http
            .post(server.url(&webhook))
            .form(&[("email", "c@b.example")]),
    )
    .await;
    page.expect(404);
    assert!(
        page.header("content-type").starts_with("text/html"),
        "{:?}",
        page.headers
    );
    server.fetch(&format!("/f/{form}")).await.expect(404);
    for id in ["nonsense", "00000000-0000-0000-0000-000000000000"] {
        let path = format!("/api/lead-capture/webhook/{id}");
        server
            .post(&path, &json!({ "email": "c@b.example" }))
            .await
            .expect_error(404, "form_not_found");
    }
    // The lead is a person that is known, and stays.
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    server.stop().await;
}

/// A change of a good form, as JSON pointer and value, and the field that must be named.
fn mistakes() -> Vec<(&'static str, Value, &'static str)> {
    let field = |more: Value| {
        let mut field = json!({ "name": "more", "type": "text" });
        field
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        json!([{ "name": "email", "type": "email", "required": true }, field])
    };
    vec![
        ("/name", json!(""), "name"),
        ("/name", json!("x".repeat(201)), "name"),
        ("/name", json!("two\nlines"), "name"),
        ("/fields", json!([]), "fields"),
        (
            "/fields",
            json!([{ "name": "name", "type": "text", "required": true }]),
            "fields",
        ),
        ("/fields", json!([{ "name": "email", "type": "email" }]), "fields"),
        (
            "/fields",
            json!([{ "name": "email", "type": "text", "required": true }]),
            "fields",
        ),
        (
            "/fields",
            field(json!({ "name": "email", "type": "email" })),
            "fields[1].name",
        ),
        ("/fields", field(json!({ "name": "" })), "fields[1].name"),
        ("/fields", field(json!({ "name": "a b" })), "fields[1].name"),
        (
            "/fields",
            field(json!({ "name": "x".repeat(65) })),
            "fields[1].name",
        ),
        (
            "/fields",
            field(json!({ "name": "utm_source" })),
            "fields[1].name",
        ),
        (
            "/fields",
            field(json!({ "name": "website_url_confirm" })),
            "fields[1].name",
        ),
        ("/fields", field(json!({ "type": "select" })), "fields[1].options"),
        ("/fields", field(json!({ "options": ["a"] })), "fields[1].options"),
        (
            "/fields",
            field(json!({ "max_length": 0 })),
            "fields[1].max_length",
        ),
        ("/fields", field(json!({ "min": 1 })), "fields[1].min"),
        ("/fields", field(json!({ "type": "file" })), "fields[1].type"),
        ("/fields", field(json!({ "colour": "red" })), "fields[1]"),
        (
            "/styling",
            json!({ "accent_color": "red; background: url(//x)" }),
            "styling.accent_color",
        ),
        ("/styling", json!({ "intro": 5 }), "styling.intro"),
        ("/styling", json!({ "font": "Comic Sans" }), "styling.font"),
        (
            "/styling",
            json!({ "background_color": "#ffffff", "text_color": "#eeeeee" }),
            "styling.text_color",
        ),
        (
            "/styling",
            json!({ "logo_url": "http://shop.example/logo.png" }),
            "styling.logo_url",
        ),
        (
            "/fields",
            field(json!({ "show_if": { "all": [{ "field": "more", "filled": true }] } })),
            "fields[1].show_if",
        ),
        ("/fields", field(json!({ "show_if": {} })), "fields[1].show_if"),
        (
            "/fields",
            field(json!({ "show_if": { "all": [{ "field": "email", "like": "x" }] } })),
            "fields[1].show_if",
        ),
        (
            "/settings",
            json!({ "captcha": true, "captcha_bits": 40 }),
            "settings.captcha_bits",
        ),
        (
            "/settings",
            json!({ "progressive": { "fields": ["email"], "show": 1 } }),
            "settings.progressive.fields",
        ),
        (
            "/settings",
            json!({ "progressive": { "fields": ["nothing"], "show": 9 } }),
            "settings.progressive.show",
        ),
        (
            "/settings",
            json!({ "redirect_url": "javascript:alert(1)" }),
            "settings.redirect_url",
        ),
        (
            "/settings",
            json!({ "redirect_url": "/relative" }),
            "settings.redirect_url",
        ),
        (
            "/settings",
            json!({ "double_opt_in": true }),
            "settings.double_opt_in",
        ),
        (
            "/settings",
            json!({ "double_opt_in": true, "consents": [{ "purpose": "privacy", "text": "x", "required": true }] }),
            "settings.double_opt_in",
        ),
        (
            "/settings",
            json!({ "confirmation": { "html": "<p>no link</p>" } }),
            "settings.confirmation.html",
        ),
        (
            "/settings",
            json!({ "confirmation": { "subject": "{{ nothing }}" } }),
            "settings.confirmation.subject",
        ),
        (
            "/settings",
            json!({ "auto_reply": { "subject": "x" } }),
            "settings.auto_reply.html",
        ),
        (
            "/settings",
            json!({ "auto_reply": { "subject": "x", "html": "{% include 'x' %}" } }),
            "settings.auto_reply.html",
        ),
        (
            "/settings",
            json!({ "auto_reply": { "template_id": "00000000-0000-0000-0000-000000000000" } }),
            "settings.auto_reply.template_id",
        ),
        (
            "/settings",
            json!({ "spam": { "quarantine_at": 0 } }),
            "settings.spam.quarantine_at",
        ),
        ("/settings", json!({ "notify": ["nobody"] }), "settings.notify"),
        (
            "/settings",
            json!({ "notify": vec!["a@b.example"; 11] }),
            "settings.notify",
        ),
        (
            "/settings",
            json!({ "consents": [{ "purpose": "Mail me", "text": "x" }] }),
            "settings.consents[0].purpose",
        ),
        (
            "/settings",
            json!({ "consents": [{ "purpose": "a", "text": "x" }, { "purpose": "a", "text": "y" }] }),
            "settings.consents[1].purpose",
        ),
        (
            "/settings",
            json!({ "consents": [{ "purpose": "a", "text": " " }] }),
            "settings.consents[0].text",
        ),
        (
            "/settings",
            json!({ "consents": vec![json!({ "purpose": "a", "text": "x" }); 11] }),
            "settings.consents",
        ),
        ("/settings", json!({ "webhook": "x" }), "settings"),
        ("/campaign_id", json!("nonsense"), "campaign_id"),
    ]
}

#[tokio::test]
async fn mistakes_in_a_definition_are_named() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let kept = ada.post(FORMS, &contact()).await;
    let address = format!("{FORMS}/{}", kept["id"].as_str().unwrap());
    for (pointer, value, field) in mistakes() {
        let mut body = contact();
        body[&pointer[1..]] = value.clone();
        let mut patch = json!({});
        patch[&pointer[1..]] = value;
        for (method, path, body) in [
            (Method::POST, FORMS, &body),
            (Method::PUT, &address, &body),
            (Method::PATCH, &address, &patch),
        ] {
            let reply = ada.send(method.clone(), path, Some(body)).await;
            reply.expect(400).expect_envelope();
            let details = reply.json()["details"].clone();
            let named = details.as_array().unwrap().iter().any(|detail| {
                detail["field"]
                    .as_str()
                    .is_some_and(|name| name.starts_with(field))
            });
            assert!(named, "{method} {body}: {field} is not named in {}", reply.text);
        }
    }
    assert_eq!(ada.get(&address).await, kept, "nothing was changed");
    assert_eq!(ada.get_list(FORMS).await["data"].as_array().unwrap().len(), 1);
    server.stop().await;
}
