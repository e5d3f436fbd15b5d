//! Templates: versions and which of them is sent, what they share, previews, checks, and the library.

use crate::mail::{SEND, only, with_sink};
use groundswell_testkit::FakeWeb;
use groundswell_tests::{Account, Backend, Chromium, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    every_save_is_a_version_and_one_is_sent,
    campaigns_and_replies_send_what_is_live,
    what_is_shared_is_frozen_with_a_campaign,
    errors_are_in_the_way_of_publishing,
    a_preview_is_for_a_lead_and_has_a_page,
    the_library_makes_templates_that_can_be_sent,
);

const TEMPLATES: &str = "/api/email/templates";
/// Without findings.
const GOOD: &str = "<!doctype html><html lang=\"en\"><head><meta name=\"color-scheme\" content=\"light dark\"></head><body><div style=\"display:none\">Preview</div><p>Hello {{ lead.first_name | default('there') }}, this is a mail with enough words to be read by a person.</p><a href=\"{{ unsubscribe_url }}\" style=\"color:#444\">Unsubscribe</a></body></html>";

async fn make(account: &Account<'_>, body: &Value) -> String {
    let made = account.post(TEMPLATES, body).await;
    format!("{TEMPLATES}/{}", made["id"].as_str().unwrap())
}

async fn post(account: &Account<'_>, path: &str, body: &Value) -> Reply {
    account.send(Method::POST, path, Some(body)).await
}

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

fn state(template: &Value) -> (&str, i64, Option<i64>) {
    (
        template["status"].as_str().unwrap(),
        template["latest_version"].as_i64().unwrap(),
        template["live_version"].as_i64(),
    )
}

async fn every_save_is_a_version_and_one_is_sent(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let draft = json!({ "name": "Letter", "subject": "One", "html": GOOD, "status": "draft" });
    let path = make(&ada, &draft).await;
    assert_eq!(state(&ada.get(&path).await), ("draft", 1, None));
    post(&ada, &format!("{path}/rollback"), &json!({}))
        .await
        .expect_error(409, "nothing_to_roll_back_to");

    let published = ada.post(&format!("{path}/publish"), &json!({})).await;
    assert_eq!(state(&published), ("live", 1, Some(1)));
    post(&ada, &format!("{path}/publish"), &json!({}))
        .await
        .expect_error(409, "version_is_live");
    let saved = ada.patch(&path, &json!({ "subject": "Two" })).await;
    assert_eq!(state(&saved), ("changed", 2, Some(1)));
    let renamed = ada.patch(&path, &json!({ "name": "Other" })).await;
    assert_eq!(state(&renamed), ("changed", 2, Some(1)), "a name is no version");
    let live = ada
        .patch(&path, &json!({ "subject": "Three", "status": "live" }))
        .await;
    assert_eq!(state(&live), ("live", 3, Some(3)));

    let diff = ada.get(&format!("{path}/diff?from=1&to=3")).await;
    assert_eq!((&diff["from"], &diff["to"]), (&json!(1), &json!(3)));
    assert_eq!(diff["parts"].as_array().unwrap().len(), 1, "{diff}");
    assert_eq!(
        (&diff["parts"][0]["part"], &diff["parts"][0]["added"]),
        (&json!("subject"), &json!(1))
    );
    assert_eq!(ada.get(&format!("{path}/diff")).await["parts"], json!([]));
    ada.send(Method::GET, &format!("{path}/diff?from=9"), None)
        .await
        .expect_error(404, "template_version_not_found");

    let back = ada.post(&format!("{path}/rollback"), &json!({})).await;
    assert_eq!(state(&back), ("changed", 3, Some(1)), "2 was never published");
    post(&ada, &format!("{path}/rollback"), &json!({ "version": 2 }))
        .await
        .expect_error(409, "version_not_published");
    let version = ada.get(&format!("{path}/version")).await;
    assert_eq!(
        (&version["number"], &version["subject"], &version["created_by"]),
        (&json!(1), &json!("One"), &json!(ada.user))
    );
    let versions = ada.get_list(&format!("{path}/versions?with_total=true")).await;
    assert_eq!(versions["total"], 3);
    let told: Vec<_> = versions["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|version| {
            (
                version["number"].as_i64(),
                version["live"].as_bool(),
                version["published_by"] == json!(ada.user),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some(3), Some(false), true),
            (Some(2), Some(false), false),
            (Some(1), Some(true), true)
        ]
    );
    assert!(versions["data"][0]["html"].is_null(), "a list has no texts");
    let log = ada.get_list("/api/audit-log?action=template.rolled_back").await;
    assert_eq!(
        (&log["data"][0]["before"], &log["data"][0]["after"]),
        (&json!({ "live_version": 3 }), &json!({ "live_version": 1 }))
    );
    server.stop().await;
}

async fn campaigns_and_replies_send_what_is_live(backend: Backend) {
    let (server, sink) = with_sink(backend).await;
    let ada = server.register("Ada").await;
    ada.post(
        "/api/leads",
        &json!({ "email": "grace@navy.example", "name": "Grace Hopper" }),
    )
    .await;
    let path = make(
        &ada,
        &json!({ "name": "T", "subject": "First", "html": "<p>First</p>", "status": "draft" }),
    )
    .await;
    let campaign = json!({ "name": "C", "type": "email", "content": { "template_id": id_of(&path) } });
    let campaign = ada.post("/api/campaigns", &campaign).await;
    let launch = format!("/api/campaigns/{}/launch", campaign["id"].as_str().unwrap());
    post(&ada, &launch, &json!({}))
        .await
        .expect_error(409, "template_not_published");
    let send = json!({ "to": "mary@x.example", "template_id": id_of(&path) });
    post(&ada, SEND, &send)
        .await
        .expect_error(409, "template_not_published");

    ada.post(&format!("{path}/publish"), &json!({ "force": true }))
        .await;
    ada.patch(&path, &json!({ "subject": "Second", "html": "<p>Second</p>" }))
        .await;
    ada.post(&launch, &json!({})).await;
    ada.post(SEND, &send).await;
    server.drain().await;
    for to in ["grace@navy.example", "mary@x.example"] {
        let mail = only(&sink, to);
        assert_eq!(mail.header("Subject"), Some("First"), "the draft waits");
        assert!(mail.part("text/html").unwrap().contains("First"));
    }
    server.stop().await;
}

async fn what_is_shared_is_frozen_with_a_campaign(backend: Backend) {
    let (server, sink) = with_sink(backend).await;
    let ada = server.register("Ada").await;
    let lead = json!({ "email": "grace@navy.example", "name": "Grace Hopper", "tags": ["vip"], "custom_fields": { "language": "de" } });
    ada.post("/api/leads", &lead).await;
    let brand = json!({ "name": "Harbour", "colors": { "primary": "#ffdd00" }, "address": "12 Quay Street" });
    let put = async |body: &Value| {
        let reply = ada.send(Method::PUT, "/api/brand", Some(body)).await;
        reply.expect(200).data()
    };
    let kept = put(&brand).await;
    assert_eq!(
        (&kept["colors"]["primary"], &kept["version"]),
        (&json!("#ffdd00"), &json!(1))
    );
    assert_eq!(ada.get("/api/brand").await, kept);
    ada.send(
        Method::PUT,
        "/api/brand",
        Some(&json!({ "logo_url": "http://x.example/l.png" })),
    )
    .await
    .expect(400);
    let footer = json!({ "name": "footer", "html": "<p>{{ brand.name }}, {{ brand.address }}</p>" });
    let footer = ada.post("/api/email/partials", &footer).await;
    let partial = format!("/api/email/partials/{}", footer["id"].as_str().unwrap());
    post(
        &ada,
        "/api/email/partials",
        &json!({ "name": "footer", "html": "x" }),
    )
    .await
    .expect_error(409, "name_taken");
    for wrong in ["{% include 'footer' %}", "{{ nobody }}", "{% include 'none' %}"] {
        let body = json!({ "name": "footer", "html": wrong });
        ada.send(Method::PUT, &partial, Some(&body)).await.expect(400);
    }

    let mjml = "<mjml><mj-body>{% if \"vip\" in lead.tags and lead.language == \"de\" %}<mj-section><mj-column><mj-text>Nur für Sie, {{ lead.stage }}</mj-text></mj-column></mj-section>{% endif %}<mj-section><mj-column><mj-button href=\"https://shop.groundswell.dev\" background-color=\"{{ brand.colors.primary }}\" color=\"{{ brand.colors.on_primary }}\">Go</mj-button><mj-text>{% include \"footer\" %}</mj-text></mj-column></mj-section></mj-body></mjml>";
    let template =
        json!({ "name": "M", "subject": "Hello from {{ brand.name }}", "html": mjml, "format": "mjml" });
    let path = make(&ada, &template).await;
    let wrong = json!({ "html": mjml.replace("mj-button", "mj-buton") });
    let reply = ada.send(Method::PATCH, &path, Some(&wrong)).await;
    assert!(
        reply.expect(400).text.contains("line 1, column"),
        "{}",
        reply.text
    );
    let campaign = json!({ "name": "C", "type": "email", "content": { "template_id": id_of(&path) } });
    let campaign = ada.post("/api/campaigns", &campaign).await;
    ada.post(
        &format!("/api/campaigns/{}/launch", campaign["id"].as_str().unwrap()),
        &json!({}),
    )
    .await;
    // Launched: what changes from here on is for others.
    let other = json!({ "name": "footer", "html": "<p>Changed</p>" });
    ada.send(Method::PUT, &partial, Some(&other)).await.expect(200);
    put(&json!({ "name": "Changed" })).await;
    ada.post(
        SEND,
        &json!({ "to": "mary@x.example", "template_id": id_of(&path) }),
    )
    .await;
    server.drain().await;
    let mail = only(&sink, "grace@navy.example");
    assert_eq!(mail.header("Subject"), Some("Hello from Harbour"));
    let html = mail.part("text/html").unwrap();
    for text in [
        "Harbour, 12 Quay Street",
        "#ffdd00",
        "#000000",
        "Nur für Sie, new",
    ] {
        assert!(html.contains(text), "{text} is not in {html}");
    }
    let mail = only(&sink, "mary@x.example");
    assert_eq!(mail.header("Subject"), Some("Hello from Changed"));
    let html = mail.part("text/html").unwrap();
    assert!(
        html.contains("Changed") && !html.contains("Quay") && !html.contains("Nur für Sie"),
        "{html}"
    );

    ada.send(Method::DELETE, &partial, None).await.expect(200);
    let reply = post(
        &ada,
        SEND,
        &json!({ "to": "ann@x.example", "template_id": id_of(&path) }),
    )
    .await;
    assert!(
        reply.expect(400).text.contains("there is no partial `footer`"),
        "{}",
        reply.text
    );
    server.stop().await;
}

async fn errors_are_in_the_way_of_publishing(backend: Backend) {
    let web = FakeWeb::default();
    web.page("https://shop.groundswell.dev/there", "x");
    web.page("https://closed.groundswell.dev/x", "x");
    web.answers(
        "https://closed.groundswell.dev/robots.txt",
        200,
        "text/plain",
        "User-agent: *\nDisallow: /\n",
    );
    let options = Options {
        web: Some(web.clone()),
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await;
    let bad = GOOD.replace("<p>Hello", "\n<a href=\"/pricing\">Prices</a><p>Hello");
    let path = make(
        &ada,
        &json!({ "name": "T", "subject": "Hi", "html": bad, "status": "draft" }),
    )
    .await;
    let reply = post(&ada, &format!("{path}/publish"), &json!({})).await;
    let details = reply.expect(400).json()["details"].clone();
    assert_eq!(details.as_array().unwrap().len(), 1, "{details}");
    assert_eq!(
        (&details[0]["field"], &details[0]["position"]["line"]),
        (&json!("html"), &json!(2)),
        "{details}"
    );
    let report = ada.post(&format!("{path}/lint"), &json!({})).await;
    assert_eq!(
        (&report["errors"], &report["findings"][0]["rule"]),
        (&json!(1), &json!("relative_link"))
    );
    let forced = ada
        .post(&format!("{path}/publish"), &json!({ "force": true }))
        .await;
    assert_eq!(state(&forced), ("live", 1, Some(1)));
    let live = json!({ "name": "T", "subject": "Hi", "html": bad, "status": "live" });
    post(&ada, TEMPLATES, &live).await.expect(400);

    let links = GOOD.replace(
        "<p>Hello",
        "<a style=\"color:#444\" href=\"https://shop.groundswell.dev/there\">a</a><a style=\"color:#444\" href=\"https://shop.groundswell.dev/gone\">b</a><a style=\"color:#444\" href=\"https://closed.groundswell.dev/x\">c</a><a style=\"color:#444\" href=\"https://nowhere.groundswell.dev/\">d</a><p>Hello",
    );
    ada.patch(&path, &json!({ "html": links })).await;
    let report = ada.post(&format!("{path}/lint"), &json!({})).await;
    assert_eq!(report["findings"], json!([]), "{report}");
    assert!(web.take_asked().is_empty(), "nobody is asked unasked");
    let report = ada
        .post(&format!("{path}/lint"), &json!({ "check_links": true }))
        .await;
    let messages: Vec<_> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            assert_eq!(finding["rule"], "dead_link");
            finding["message"].as_str().unwrap()
        })
        .collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(
        messages[0].contains("shop.groundswell.dev/gone") && messages[0].contains("404"),
        "{messages:?}"
    );
    assert!(messages[1].contains("nowhere.groundswell.dev"), "{messages:?}");
    let asked = web.take_asked();
    assert!(
        !asked
            .iter()
            .any(|asked| asked.url == "https://closed.groundswell.dev/x"),
        "robots.txt forbids it"
    );
    server.stop().await;
}

async fn a_preview_is_for_a_lead_and_has_a_page(backend: Backend) {
    let server = TestServer::start(backend).await;
    let (ada, eve) = (server.register("Ada").await, server.register("Eve").await);
    let lead = ada
        .post(
            "/api/leads",
            &json!({ "email": "grace@navy.example", "name": "Grace <b>Hopper" }),
        )
        .await["id"]
        .clone();
    let theirs = eve.post("/api/leads", &json!({ "email": "x@y.example" })).await["id"].clone();
    let html = GOOD.replace(
        "<p>Hello",
        "<style>@media (prefers-color-scheme: dark){p{color:#fff}}</style><p>{{ lead.name }} {{ code }}</p><p>Hello",
    );
    let body = json!({ "name": "T", "subject": "For {{ lead.first_name }}", "html": html, "variables": ["code"], "status": "draft" });
    let path = make(&ada, &body).await;
    let preview = format!("{path}/preview");

    let shown = ada
        .post(
            &preview,
            &json!({ "lead_id": lead, "variables": { "code": "C-7" } }),
        )
        .await;
    assert_eq!(
        (&shown["subject"], &shown["version"]),
        (&json!("For Grace"), &json!(1))
    );
    let html = shown["html"].as_str().unwrap();
    assert!(html.contains("Grace &lt;b&gt;Hopper C-7"), "{html}");
    assert!(shown["text"].as_str().unwrap().contains("Grace <b>Hopper C-7"));
    assert_eq!(shown["lint"]["errors"], 0, "{}", shown["lint"]);
    let sample = ada
        .post(&preview, &json!({ "sample": { "first_name": "Mary" } }))
        .await;
    assert_eq!(sample["subject"], "For Mary");
    post(&ada, &preview, &json!({ "lead_id": theirs }))
        .await
        .expect(400);
    post(
        &ada,
        &preview,
        &json!({ "lead_id": lead, "sample": { "name": "x" } }),
    )
    .await
    .expect(400);
    post(&ada, &preview, &json!({ "version": 7 }))
        .await
        .expect_error(404, "template_version_not_found");
    post(&eve, &preview, &json!({}))
        .await
        .expect_error(404, "template_not_found");
    assert!(
        server.fetch("/dev/mailbox").await.text.contains("No mails yet"),
        "nothing was sent"
    );

    let page = shown["page_url"]
        .as_str()
        .unwrap()
        .strip_prefix(&server.base)
        .unwrap();
    for (query, pieces) in [
        ("", ["sandbox=\"allow-popups", "width:600px", "(max-width: 0)"]),
        (
            "?width=360&scheme=dark",
            ["sandbox=\"allow-popups", "width:360px", "(min-width: 0)"],
        ),
        (
            "?scheme=dark&bare=true",
            [
                "<!doctype html><html lang=\"en\">",
                "Grace &lt;b&gt;Hopper",
                "(min-width: 0)",
            ],
        ),
    ] {
        let reply = server.fetch(&format!("{page}{query}")).await;
        reply.expect(200);
        for piece in pieces {
            assert!(
                reply.text.contains(piece),
                "{query}: {piece} is not in {}",
                reply.text
            );
        }
        let policy = reply.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("script"),
            "{policy}"
        );
        assert_eq!(policy.contains("; sandbox"), query.contains("bare"), "{policy}");
        assert_eq!(reply.header("referrer-policy"), "no-referrer");
    }
    server.fetch(&format!("{page}x")).await.expect(404);
    for width in ["many", "361", "0"] {
        server.fetch(&format!("{page}?width={width}")).await.expect(400);
    }
    server.after(chrono::TimeDelta::hours(25)).await;
    server.fetch(page).await.expect(404);
    server.stop().await;
}

/// What a program takes a picture of, in a window that is wider than a telephone and on a machine that prefers light.
#[tokio::test]
async fn the_mail_alone_is_a_telephone_in_the_dark() {
    let Some(mut chromium) = Chromium::start(800).await else {
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let made = ada
        .post("/api/email/starters", &json!({ "starter": "welcome" }))
        .await;
    let preview = format!("{TEMPLATES}/{}/preview", made["id"].as_str().unwrap());
    let shown = ada.post(&preview, &json!({})).await;
    let page = shown["page_url"].as_str().unwrap();
    for (query, width, padding, background) in [
        ("width=360&scheme=dark", 360, "22px", "rgb(16, 19, 24)"),
        ("width=360&scheme=light", 360, "22px", "rgb(241, 243, 246)"),
        ("width=600&scheme=dark", 600, "40px", "rgb(16, 19, 24)"),
        ("scheme=light", 800, "40px", "rgb(241, 243, 246)"),
    ] {
        chromium.open(&format!("{page}?{query}&bare=true")).await;
        let seen = "({ width: document.documentElement.getBoundingClientRect().width, mode: document.compatMode, \
            padding: getComputedStyle(document.querySelectorAll('.card > table > tbody > tr > td')[1]).paddingLeft, \
            background: getComputedStyle(document.body).backgroundColor, right: Math.round(Math.max( \
            ...[...document.querySelectorAll('table')].map(table => table.getBoundingClientRect().right))) <= innerWidth })";
        assert_eq!(
            chromium.eval(seen).await,
            json!({ "width": width, "mode": "CSS1Compat", "padding": padding, "background": background, "right": true }),
            "{query}"
        );
        chromium.picture(&format!("preview_{width}_{query}")).await;
    }
    server.stop().await;
}

async fn the_library_makes_templates_that_can_be_sent(backend: Backend) {
    let (server, sink) = with_sink(backend).await;
    let ada = server.register("Ada").await;
    let starters = ada.get("/api/email/starters").await;
    let keys: Vec<_> = starters
        .as_array()
        .unwrap()
        .iter()
        .map(|starter| starter["key"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(keys.len(), 12);
    for key in &keys {
        let made = post(&ada, "/api/email/starters", &json!({ "starter": key })).await;
        let made = made.expect(201).data();
        assert_eq!(state(&made), ("draft", 1, None), "{key}");
        assert_eq!(made["format"], "mjml");
        let path = format!("{TEMPLATES}/{}", made["id"].as_str().unwrap());
        ada.post(&format!("{path}/publish"), &json!({})).await;
        let to = format!("{key}@x.example");
        ada.post(SEND, &json!({ "to": to, "template_id": made["id"] }))
            .await;
    }
    post(&ada, "/api/email/starters", &json!({ "starter": "none" }))
        .await
        .expect(400);
    server.drain().await;
    for key in &keys {
        let mail = only(&sink, &format!("{key}@x.example"));
        let html = mail.part("text/html").unwrap();
        assert!(html.contains("Ada Ltd") && html.contains("/u/"), "{key}: {html}");
    }
    server.stop().await;
}
