//! Finding out more about leads: the waterfall, a person's data that is never touched, and what asking costs.

use chrono::TimeDelta;
use groundswell_testkit::FakeWeb;
use groundswell_tests::{Account, Backend, Options, TestServer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

on_both!(
    a_lead_is_enriched_once_and_knows_by_whom,
    what_a_person_wrote_is_never_touched,
    colleagues_share_a_visit_and_robots_are_asked,
    providers_are_asked_in_order_and_their_mistakes_stay_theirs,
    a_provider_is_asked_as_often_as_it_may_be,
    trouble_that_passes_is_tried_again,
    new_leads_have_their_turn_within_the_budget,
    secrets_of_other_services_are_not_sent_anywhere,
    numbers_are_no_news_and_phones_are_read,
);

const PROVIDERS: &str = "/api/leads/enrichment/providers";
const SETTINGS: &str = "/api/leads/enrichment/settings";
const PAGE: &str = r#"<html lang="de"><title>Acme | Werkzeuge</title><meta name="generator" content="TYPO3">
    <script type="application/ld+json">{"@type": "Organization", "name": "Acme Werkzeuge GmbH", "telephone": "+49 30 1",
    "address": {"addressCountry": "DE"}, "industry": "Tools"}</script>"#;

async fn server(backend: Backend, web: &FakeWeb) -> TestServer {
    let options = Options {
        web: Some(web.clone()),
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

async fn lead(account: &Account<'_>, body: Value) -> String {
    let made = account.post("/api/leads", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn enrich(server: &TestServer, account: &Account<'_>, lead: &str, query: &str) -> Value {
    let path = format!("/api/leads/{lead}/enrich{query}");
    let request = account.request(Method::POST, &path);
    let started = account.expect(request, StatusCode::ACCEPTED).await;
    assert!(started["data"]["job_id"].is_string());
    server.drain().await;
    enrichment(account, lead).await
}

async fn enrichment(account: &Account<'_>, lead: &str) -> Value {
    account.get(&format!("/api/leads/{lead}/enrichment")).await
}

/// What counts for a field: value, source and confidence.
fn best<'a>(found: &'a Value, field: &str) -> &'a Value {
    let values = found["values"].as_array().unwrap();
    let best = values
        .iter()
        .find(|value| value["field"] == field && value["best"] == true);
    best.unwrap_or(&Value::Null)
}

fn check<'a>(found: &'a Value, source: &str) -> &'a Value {
    let sources = found["sources"].as_array().unwrap();
    let check = sources
        .iter()
        .find(|check| check["source"].as_str().unwrap().starts_with(source));
    check.unwrap_or(&Value::Null)
}

fn urls(web: &FakeWeb) -> Vec<String> {
    web.take_asked().into_iter().map(|asked| asked.url).collect()
}

async fn a_lead_is_enriched_once_and_knows_by_whom(backend: Backend) {
    let web = FakeWeb::default();
    web.page("https://acme.example/", PAGE);
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await;
    let grace = lead(
        &ada,
        json!({ "email": "grace@mail.acme.example", "title": "VP Sales" }),
    )
    .await;
    assert_eq!(enrichment(&ada, &grace).await["values"], json!([]));
    assert_eq!(urls(&web), [""; 0], "nobody is asked unless somebody wants it");

    let found = enrich(&server, &ada, &grace, "").await;
    let company = best(&found, "company");
    assert_eq!(company["value"], "Acme Werkzeuge GmbH");
    assert_eq!(
        (&company["source"], &company["confidence"]),
        (&json!("site"), &json!(0.9))
    );
    assert_eq!(company["applied"], true);
    assert!(company["fetched_at"].as_str() < company["expires_at"].as_str());
    for (field, value) in [
        ("domain", json!("acme.example")),
        ("email_kind", json!("company")),
        ("seniority", json!("vp")),
        ("function", json!("sales")),
        ("country", json!("DE")),
        ("language", json!("de")),
        ("industry", json!("Tools")),
        ("technologies", json!(["TYPO3"])),
    ] {
        assert_eq!(best(&found, field)["value"], value, "{field}");
    }
    assert_eq!(found["filled"][0]["field"], "company");
    let read = ada.get(&format!("/api/leads/{grace}")).await;
    assert_eq!(
        (&read["company"], &read["phone"]),
        (&json!("Acme Werkzeuge GmbH"), &Value::Null)
    );
    assert_eq!(
        urls(&web),
        ["https://acme.example/robots.txt", "https://acme.example/"]
    );

    // Again: nothing is asked, and nothing changes.
    let version = read["version"].clone();
    enrich(&server, &ada, &grace, "").await;
    assert_eq!(urls(&web), [""; 0]);
    assert_eq!(ada.get(&format!("/api/leads/{grace}")).await["version"], version);
    // But for somebody who insists, and after it has expired.
    server.clock.advance(TimeDelta::minutes(1));
    let ada = server.login("ada@ada.example", "correct horse").await;
    enrich(&server, &ada, &grace, "?force=true").await;
    assert_eq!(urls(&web), ["https://acme.example/"]);
    server.clock.advance(TimeDelta::days(31));
    let ada = server.login("ada@ada.example", "correct horse").await;
    let expired = enrichment(&ada, &grace).await;
    assert_eq!(best(&expired, "industry"), &Value::Null);
    enrich(&server, &ada, &grace, "").await;
    assert_eq!(urls(&web), ["https://acme.example/"]);

    let free = lead(&ada, json!({ "email": "grace@gmail.com" })).await;
    let found = enrich(&server, &ada, &free, "").await;
    assert_eq!(best(&found, "email_kind")["value"], "free");
    assert_eq!(urls(&web), [""; 0]);
    server.stop().await;
}

async fn what_a_person_wrote_is_never_touched(backend: Backend) {
    let web = FakeWeb::default();
    web.page("https://acme.example/", PAGE);
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await;
    let own = lead(&ada, json!({ "email": "own@acme.example", "company": "ACME" })).await;
    let found = enrich(&server, &ada, &own, "").await;
    assert_eq!(best(&found, "company")["applied"], false);
    assert_eq!(ada.get(&format!("/api/leads/{own}")).await["company"], "ACME");

    for (email, edit) in [
        ("a@acme.example", json!("Acme, Inc.")),
        ("b@acme.example", Value::Null),
    ] {
        let id = lead(&ada, json!({ "email": email })).await;
        enrich(&server, &ada, &id, "").await;
        let address = format!("/api/leads/{id}");
        assert_eq!(ada.get(&address).await["company"], "Acme Werkzeuge GmbH");
        ada.patch(&address, &json!({ "company": edit })).await;
        web.page("https://acme.example/", &PAGE.replace("GmbH", "AG"));
        server.clock.advance(TimeDelta::seconds(1));
        let found = enrich(&server, &ada, &id, "?force=true").await;
        assert_eq!(ada.get(&address).await["company"], edit, "{email}");
        assert_eq!(
            best(&found, "company")["value"],
            "Acme Werkzeuge AG",
            "it is known all the same"
        );
        assert_eq!(found["filled"][0]["human"], true);
        web.page("https://acme.example/", PAGE);
        server.clock.advance(TimeDelta::seconds(1));
        enrich(&server, &ada, &id, "?force=true").await;
    }
    // Untouched by people, it follows the source.
    let ours = lead(&ada, json!({ "email": "c@acme.example" })).await;
    enrich(&server, &ada, &ours, "").await;
    web.page("https://acme.example/", &PAGE.replace("GmbH", "SE"));
    server.clock.advance(TimeDelta::seconds(1));
    enrich(&server, &ada, &ours, "?force=true").await;
    assert_eq!(
        ada.get(&format!("/api/leads/{ours}")).await["company"],
        "Acme Werkzeuge SE"
    );
    server.stop().await;
}

async fn colleagues_share_a_visit_and_robots_are_asked(backend: Backend) {
    let web = FakeWeb::default();
    web.page("https://www.acme.example/", PAGE);
    web.page("https://shy.example/", PAGE);
    web.answers(
        "https://shy.example/robots.txt",
        200,
        "text/plain",
        "User-agent: *\nDisallow: /",
    );
    web.answers("https://busy.example/robots.txt", 503, "text/plain", "");
    // A redirect leads where programs may not go, on the same site and on another.
    web.redirect("https://hop.example/", "/members");
    web.answers(
        "https://hop.example/robots.txt",
        200,
        "text/plain",
        "User-agent: *\nDisallow: /members",
    );
    web.page("https://hop.example/members", PAGE);
    web.redirect("https://moved.example/", "https://shy.example/");
    web.redirect("https://fine.example/", "https://www.acme.example/");
    web.redirect("https://round.example/", "https://round.example/");
    web.answers("https://broken.example/", 500, "text/html", PAGE);
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await;
    for email in ["a@acme.example", "b@acme.example", "c@sub.acme.example"] {
        let id = lead(&ada, json!({ "email": email })).await;
        let found = enrich(&server, &ada, &id, "").await;
        assert_eq!(
            best(&found, "website")["value"],
            "https://www.acme.example/",
            "{email}"
        );
    }
    let home = urls(&web)
        .into_iter()
        .filter(|url| url == "https://www.acme.example/")
        .count();
    assert_eq!(home, 1);
    for (email, outcome, why) in [
        ("a@shy.example", "refused", "robots.txt"),
        ("a@busy.example", "failed", "answers 503 for its robots.txt"),
        ("a@hop.example", "refused", "robots.txt"),
        ("a@moved.example", "refused", "robots.txt"),
        ("a@round.example", "failed", "redirects more than"),
        ("a@broken.example", "failed", "answers 500"),
        ("a@nobody.example", "failed", "no server by the name"),
    ] {
        let id = lead(&ada, json!({ "email": email })).await;
        let found = enrich(&server, &ada, &id, "").await;
        let site = check(&found, "site");
        assert_eq!(site["outcome"], outcome, "{email}");
        assert!(site["message"].as_str().unwrap().contains(why), "{email}: {site}");
        assert_eq!(best(&found, "industry"), &Value::Null);
    }
    let asked = urls(&web);
    for shy in [
        "https://shy.example/",
        "https://hop.example/members",
        "https://busy.example/",
    ] {
        assert!(!asked.contains(&shy.to_owned()), "{shy}: {asked:?}");
    }
    let fine = lead(&ada, json!({ "email": "a@fine.example" })).await;
    let found = enrich(&server, &ada, &fine, "").await;
    assert_eq!(check(&found, "site")["outcome"], "found");
    // Trouble is no wish: a day later the site is asked again.
    web.answers("https://busy.example/robots.txt", 404, "text/plain", "");
    web.page("https://busy.example/", PAGE);
    server.clock.advance(TimeDelta::days(1));
    let ada = server.login("ada@ada.example", "correct horse").await;
    let busy = lead(&ada, json!({ "email": "b@busy.example" })).await;
    let found = enrich(&server, &ada, &busy, "").await;
    assert_eq!(best(&found, "industry")["value"], "Tools");
    server.stop().await;
}

async fn providers_are_asked_in_order_and_their_mistakes_stay_theirs(backend: Backend) {
    let web = FakeWeb::default();
    web.json(
        "https://first.example/acme.example?m=grace%40acme.example",
        &json!({ "org": { "size": 40 } }),
    );
    web.json(
        "https://second.example/find",
        &json!({ "name": "Grace Hopper", "size": "41-50", "crm": 7 }),
    );
    web.answers("https://html.example/", 200, "text/html", "<p>Sorry");
    web.answers("https://closed.example/", 403, "text/plain", "no");
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await;
    let request = ada
        .request(Method::PUT, "/api/user/secrets/enrichment-second")
        .json(&json!({ "value": "key-0123456789", "holder": "organization" }));
    ada.expect(request, StatusCode::OK).await;
    for provider in [
        json!({ "name": "Second", "url": "https://second.example/find", "method": "POST", "position": 20,
            "body": { "who": "{{email}}", "at": ["{{domain}}"] }, "secret": { "service": "enrichment-second" },
            "mapping": { "name": "/name", "employees": "/size", "custom:crm": "/crm" } }),
        json!({ "name": "First", "url": "https://first.example/{{domain}}?m={{email}}", "position": 10, "confidence": 0.95,
            "headers": { "X-Version": "2" }, "mapping": { "employees": "/org/size" } }),
        json!({ "name": "No JSON", "url": "https://html.example/", "position": 5, "mapping": { "city": "/city" } }),
        json!({ "name": "Closed", "url": "https://closed.example/", "position": 6, "mapping": { "city": "/city" } }),
        json!({ "name": "Keyless", "url": "https://second.example/none", "position": 7, "mapping": { "city": "/city" },
            "secret": { "service": "enrichment-nobody" } }),
        json!({ "name": "Late", "url": "https://late.example/", "position": 30, "mapping": { "employees": "/x" } }),
        json!({ "name": "Unasked", "url": "https://unasked.example/{{company}}", "position": 40, "mapping": { "city": "/x" } }),
        json!({ "name": "Off", "url": "https://off.example/", "enabled": false, "mapping": { "city": "/x" } }),
    ] {
        ada.post(PROVIDERS, &provider).await;
    }
    let grace = lead(&ada, json!({ "email": "grace@acme.example" })).await;
    let found = enrich(&server, &ada, &grace, "").await;
    let asked = web.take_asked();
    let order: Vec<_> = asked
        .iter()
        .map(|asked| asked.url.as_str())
        .filter(|url| !url.contains("acme.example/"))
        .collect();
    // The late one could only say what the first one is sure of.
    assert_eq!(
        order,
        [
            "https://html.example/",
            "https://closed.example/",
            "https://first.example/acme.example?m=grace%40acme.example",
            "https://second.example/find",
        ]
    );
    let second = asked.last().unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(second.body.as_deref().unwrap()).unwrap(),
        json!({ "who": "grace@acme.example", "at": ["acme.example"] })
    );
    assert!(
        second
            .headers
            .contains(&("Authorization".into(), "Bearer key-0123456789".into())),
        "{second:?}"
    );
    assert_eq!(best(&found, "employees")["value"], 40);
    let read = ada.get(&format!("/api/leads/{grace}")).await;
    assert_eq!(
        (&read["name"], &read["custom_fields"]),
        (&json!("Grace Hopper"), &json!({ "crm": 7 }))
    );
    let messages: Vec<_> = found["sources"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|check| check["message"].as_str())
        .collect();
    for why in [
        "no JSON",
        "answers 403",
        "no secret for the service enrichment-nobody",
    ] {
        assert!(
            messages.iter().any(|message| message.contains(why)),
            "{why}: {messages:?}"
        );
    }
    assert!(!found.to_string().contains("key-0123456789"));
    enrich(&server, &ada, &grace, "").await;
    assert_eq!(urls(&web), [""; 0], "also failures are not asked again at once");
    server.stop().await;
}

async fn a_provider_is_asked_as_often_as_it_may_be(backend: Backend) {
    let web = FakeWeb::default();
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await.with_key().await;
    ada.post(
        PROVIDERS,
        &json!({ "name": "Slow", "url": "https://slow.example/{{email}}", "rate_per_minute": 2, "mapping": { "city": "/city" } }),
    )
    .await;
    let mut ids = Vec::new();
    for name in ["a", "b", "c"] {
        let email = format!("{name}@gmail.com");
        let encoded = email.replace('@', "%40");
        web.json(
            &format!("https://slow.example/{encoded}"),
            &json!({ "city": name }),
        );
        let id = lead(&ada, json!({ "email": email })).await;
        ada.post(&format!("/api/leads/{id}/enrich"), &Value::Null).await;
        ids.push(id);
    }
    server.drain().await;
    assert_eq!(urls(&web).len(), 1);
    let found = enrichment(&ada, &ids[2]).await;
    assert_eq!(check(&found, "provider:")["outcome"], "waiting");
    for _ in 0..2 {
        server.after(TimeDelta::seconds(29)).await;
        assert_eq!(urls(&web).len(), 0);
        server.after(TimeDelta::seconds(1)).await;
        assert_eq!(urls(&web).len(), 1);
    }
    for (id, city) in ids.iter().zip(["a", "b", "c"]) {
        assert_eq!(best(&enrichment(&ada, id).await, "city")["value"], city);
    }
    server.stop().await;
}

async fn trouble_that_passes_is_tried_again(backend: Backend) {
    let web = FakeWeb::default();
    web.answers("https://api.example/", 503, "text/plain", "");
    web.json("https://well.example/", &json!({ "city": "Berlin" }));
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await.with_key().await;
    for (name, field) in [("api", "industry"), ("well", "city")] {
        let url = format!("https://{name}.example/");
        let pointer = format!("/{field}");
        ada.post(
            PROVIDERS,
            &json!({ "name": name, "url": url, "mapping": { field: pointer } }),
        )
        .await;
    }
    let id = lead(&ada, json!({ "email": "a@gmail.com" })).await;
    let found = enrich(&server, &ada, &id, "?force=true").await;
    assert_eq!(best(&found, "city")["value"], "Berlin", "the others are asked");
    let jobs = ada.get_list("/api/jobs?kind=leads.enrich").await;
    assert!(
        jobs["data"][0]["last_error"]
            .as_str()
            .unwrap()
            .contains("api: the provider answers 503")
    );
    assert_eq!(jobs["data"][0]["status"], "queued");
    urls(&web);
    web.json("https://api.example/", &json!({ "industry": "Tools" }));
    server.after(TimeDelta::minutes(1)).await;
    assert_eq!(
        urls(&web),
        ["https://api.example/"],
        "who has answered is not asked again"
    );
    assert_eq!(best(&enrichment(&ada, &id).await, "industry")["value"], "Tools");
    server.stop().await;
}

async fn new_leads_have_their_turn_within_the_budget(backend: Backend) {
    let web = FakeWeb::default();
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await.with_key().await;
    let old = lead(&ada, json!({ "email": "old@gmail.com" })).await;
    let settings = ada.get(SETTINGS).await;
    assert_eq!(
        (&settings["automatic"], &settings["spent"]),
        (&json!(false), &json!(0))
    );
    server.after(TimeDelta::seconds(1)).await;
    let on = json!({ "automatic": true, "daily_budget": 2 });
    assert_eq!(ada.patch(SETTINGS, &on).await["daily_budget"], 2);
    let mut new = Vec::new();
    for name in ["a", "b", "c"] {
        server.clock.advance(TimeDelta::milliseconds(5));
        new.push(lead(&ada, json!({ "email": format!("{name}@gmail.com") })).await);
    }
    let known = async |id: &str| best(&enrichment(&ada, id).await, "email_kind")["value"] == "free";
    server.drain().await;
    assert!(!known(&new[0]).await, "its transaction may not be over");
    server.after(TimeDelta::minutes(2)).await;
    assert!(known(&new[0]).await && known(&new[1]).await && !known(&new[2]).await);
    assert!(!known(&old).await, "only new ones");
    assert_eq!(ada.get(SETTINGS).await["spent"], 2);
    server.after(TimeDelta::hours(24)).await;
    assert!(known(&new[2]).await, "nobody is forgotten");
    assert_eq!(ada.get(SETTINGS).await["spent"], 1);
    ada.patch(SETTINGS, &json!({ "automatic": false })).await;
    server.after(TimeDelta::hours(1)).await;
    let jobs = ada.get_list("/api/jobs?kind=leads.enrich_new").await;
    assert_eq!(jobs["data"][0]["status"], "succeeded");
    server.stop().await;
}

async fn secrets_of_other_services_are_not_sent_anywhere(backend: Backend) {
    let server = server(backend, &FakeWeb::default()).await;
    let ada = server.register("Ada").await;
    let provider = |url: &str, service: &str| json!({ "name": "Mine", "url": url, "secret": { "service": service }, "mapping": { "city": "/city" } });
    for (body, field) in [
        (provider("https://mine.example/", "openai"), "secret.service"),
        (provider("http://mine.example/", "enrichment-x"), "url"),
        (provider("https://{{domain}}/", "enrichment-x"), "url"),
        (
            json!({ "name": "x", "url": "https://x.example/", "mapping": {} }),
            "mapping",
        ),
    ] {
        let (status, answer) = ada.try_post(PROVIDERS, &body).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{body}");
        assert_eq!(answer["details"][0]["field"], field, "{answer}");
    }
    let (status, _) = ada
        .try_post(
            PROVIDERS,
            &json!({ "name": "x", "url": "https://x.example/", "mapping": { "wild": "/x" } }),
        )
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    server.stop().await;
}

async fn numbers_are_no_news_and_phones_are_read(backend: Backend) {
    let web = FakeWeb::default();
    let server = server(backend, &web).await;
    let ada = server.register("Ada").await;
    for (name, path) in [("number", "a"), ("text", "b")] {
        let provider = json!({ "name": name, "url": format!("https://{name}.example/{path}?m={{{{company}}}}"),
            "mapping": { "phone": "/phone", "custom:crm": "/crm" } });
        ada.post(PROVIDERS, &provider).await;
    }
    for (company, phone, e164) in [
        ("N", json!("493012345678"), Value::Null),
        ("T", json!("+49 30 1234567"), json!("+49301234567")),
    ] {
        web.json(
            &format!("https://number.example/a?m={company}"),
            &if company == "N" {
                json!({ "phone": 493_012_345_678_i64, "crm": 7 })
            } else {
                json!({})
            },
        );
        web.json(
            &format!("https://text.example/b?m={company}"),
            &if company == "T" {
                json!({ "phone": "+49 30 1234567" })
            } else {
                json!({})
            },
        );
        let body = json!({ "email": format!("{company}@gmail.com"), "company": company });
        let id = lead(&ada, body).await;
        enrich(&server, &ada, &id, "").await;
        let read = ada.get(&format!("/api/leads/{id}")).await;
        assert_eq!((&read["phone"], &read["phone_e164"]), (&phone, &e164), "{read}");
        server.clock.advance(TimeDelta::minutes(1));
        enrich(&server, &ada, &id, "?force=true").await;
        server.clock.advance(TimeDelta::minutes(1));
        assert_eq!(
            ada.get(&format!("/api/leads/{id}")).await,
            read,
            "the same again is no change"
        );
    }
    server.stop().await;
}
