//! Strings that have broken other programs, in every text of every body: never a 5xx, and what is accepted comes back as it was.

use crate::samples::{address, sample, texts};
use groundswell_tests::{Backend, Reply, TestServer, make, operations};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(in_every_text_of_every_body, in_searches, in_form_posts);

fn strings() -> Vec<String> {
    let mut all: Vec<String> = [
        "",
        " ",
        "\t",
        "undefined",
        "null",
        "NaN",
        "true",
        "0",
        "-1",
        "1e1000",
        "0x1F",
        "1/0",
        "\u{feff}x",
        "Ω≈ç√∫",
        "åß∂ƒ©",
        "œ∑´®†",
        "¡™£¢∞§",
        "田中さんにあげて下さい",
        "пример",
        "한국어",
        "𠜎𠜱𠝹",
        "👩🏽‍💻",
        "❤️ 💔",
        "🇺🇸🇷🇺",
        "１２３",
        "ثم نفس سقطت",
        "הָיְתָה",
        "\u{202e}gnp.exe",
        "\u{2066}test\u{2069}",
        "zero\u{200b}width\u{200d}",
        "\u{ad}",
        "\u{a0}\u{3000}",
        "Z̮̞̠͙͔ͅḀ̗̞͈̻̗",
        "\u{1f}",
        "\u{7f}",
        "\u{85}",
        "\u{fffd}\u{ffff}",
        "\u{10ffff}",
        "line\nbreak",
        "a\r\nBcc: x@evil.example",
        "a%0d%0aBcc: x",
        "%00",
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "javascript:alert(1)",
        "' OR '1'='1",
        "1; DROP TABLE leads;--",
        "\\'; --",
        "%' AND 1=1 --",
        "_%\\%_",
        "{{ 7*7 }}",
        "{% for x in range(99999999) %}x{% endfor %}",
        "{{ ''.__class__.__mro__ }}",
        "${7*7}",
        "#{7*7}",
        "{{",
        "%}",
        "{# x",
        "%s%s%n",
        "$(touch /tmp/x)",
        "`id`",
        "../../etc/passwd",
        "\\\\server\\share",
        "C:\\con",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(1)",
        "&lt;b&gt;",
        "]]>",
        "<?xml version=\"1.0\"?>",
        "a@b.example",
        "\"quoted\"@b.example",
        "a@b@c.example",
        "x@localhost",
        "ad\u{200b}a@b.example",
        "ÄÖ@ümlaut.example",
        "2027-99-99",
        "00000000-0000-0000-0000-000000000000",
        "http://[::1]:99999/",
        "https://exa mple.com",
        "data:text/html,x",
    ]
    .map(str::to_owned)
    .to_vec();
    all.push("x".repeat(301));
    all.push("é".repeat(5001));
    all.push("{{".repeat(2000));
    all.push("<div>".repeat(5000));
    all.push("a".repeat(70_000));
    all
}

/// These come back in their canonical spelling.
const REWRITTEN: [&str; 6] = [
    // Told by another operation.
    "/administrator/email",
    "/administrator/name",
    "/settings/redirect_url",
    "/start_date",
    "/end_date",
    "/password",
];

/// A text as we may keep it: without blanks around it, and tags in lower case.
fn kept(place: &str, text: &Value) -> Option<String> {
    let text = text.as_str()?.trim();
    Some(if place.contains("tag") {
        text.to_lowercase()
    } else {
        text.to_owned()
    })
}

/// Where the things are that an operation makes without naming their place.
fn collection(path: &str) -> Option<&str> {
    if path == "/api/email/starters" {
        return Some("/api/email/templates");
    }
    path.split_once("/{id}/").map(|(list, _)| list)
}

async fn in_every_text_of_every_body(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let (mut accepted, mut elsewhere) = (0, 0);
    for operation in operations().iter().filter(|operation| operation.takes_json()) {
        let id = if operation.has_id() {
            make(&server, &ada, &operation.path).await
        } else {
            String::new()
        };
        for (offset, place) in texts(&sample(&operation.id)).into_iter().enumerate() {
            // Every string gets into every body, though not into every text of it; changes are checked by the rules of creating.
            let step = if operation.method == Method::POST { 2 } else { 5 };
            for naughty in strings().into_iter().skip(offset % step).step_by(step) {
                let mut body = sample(&operation.id);
                *body.pointer_mut(&place).unwrap() = json!(naughty);
                let reply = ada
                    .send(operation.method.clone(), &operation.address(&id), Some(&body))
                    .await;
                let what = || {
                    format!(
                        "{} {place} {:?}: {} {}",
                        operation.id,
                        naughty.chars().take(80).collect::<String>(),
                        reply.status,
                        reply.text.chars().take(500).collect::<String>()
                    )
                };
                assert!(!reply.status.is_server_error(), "{}", what());
                if reply.status.is_client_error() {
                    reply.expect_envelope();
                    continue;
                }
                accepted += 1;
                let data = reply.data();
                let unnamed = operation.method == Method::POST && reply.header("location").is_empty();
                let path = match (operation.method == Method::POST, unnamed) {
                    (false, _) => operation.address(&id),
                    (_, false) => reply.header("location").to_owned(),
                    // Made at another address (a template from the library, a campaign that goes out again), or not made at all (a
                    // version that is published): what was sent can be something else than a field of what came of it.
                    _ => match (
                        collection(&operation.path),
                        data["id"].as_str(),
                        data.pointer(&place),
                    ) {
                        (Some(list), Some(id), Some(_)) => format!("{list}/{id}"),
                        _ => continue,
                    },
                };
                // Everything that has an address of its own is read again from there.
                // An administrator of elsewhere can't be looked at from here, and what a lead was converted with has other names in it.
                let apart = matches!(operation.id.as_str(), "add_administrator" | "convert_lead");
                if !apart && data["version"].is_i64() && !REWRITTEN.contains(&place.as_str()) {
                    elsewhere += i32::from(unnamed);
                    let again = ada.get(&path).await;
                    let sent = kept(&place, &json!(naughty));
                    for data in [data, again] {
                        let got = data.pointer(&place).and_then(|text| kept(&place, text));
                        let unknown = sent.as_deref() == Some("") && got.is_none();
                        assert!(got == sent || unknown, "{} came back as {got:?}", what());
                    }
                }
            }
        }
    }
    assert!(accepted > 1000, "only {accepted} were accepted");
    assert!(
        elsewhere >= 20,
        "only {elsewhere} that name no place were read again"
    );
    server.drain().await;
    // Whatever is in there now can be listed and exported.
    for list in [
        "/api/leads",
        "/api/lead-capture/forms",
        "/api/campaigns",
        "/api/clients",
        "/api/clients/health/clients",
        "/api/projects",
        "/api/email/templates",
        "/api/email/messages",
        "/api/email/suppressions",
    ] {
        ada.get_list(&format!("{list}?limit=200")).await;
    }
    for format in ["csv", "json"] {
        ada.send(Method::GET, &format!("/api/leads/export?format={format}"), None)
            .await
            .expect(200);
    }
    server.stop().await;
}

async fn in_searches(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    // Wildcards of LIKE mean themselves.
    for name in ["100% sure", "a_b", "back\\slash", "plain"] {
        ada.post(
            "/api/leads",
            &json!({ "email": address(), "name": name, "company": name }),
        )
        .await;
    }
    for (needle, found) in [
        ("%25", 1),
        ("_", 1),
        ("%5C", 1),
        ("a_b", 1),
        ("axb", 0),
        ("PLAIN", 1),
    ] {
        for parameter in ["q", "company"] {
            let list = ada.get_list(&format!("/api/leads?{parameter}={needle}")).await;
            assert_eq!(
                list["data"].as_array().unwrap().len(),
                found,
                "{parameter}={needle}: {list}"
            );
        }
    }
    for operation in operations()
        .iter()
        .filter(|operation| !operation.query.is_empty() && !operation.has_id())
    {
        for (name, _) in &operation.query {
            for naughty in strings().iter().filter(|text| text.len() < 10_000) {
                let request = ada
                    .request(Method::GET, &operation.path)
                    .query(&[(name, naughty)]);
                let request = if operation.id == "search_leads" && name != "q" {
                    request.query(&[("q", "x")])
                } else {
                    request
                };
                let reply = Reply::to(request).await;
                // Numbers about one campaign need that campaign: what can be an id is one that there is not.
                let nothing =
                    reply.status == 404 && name == "campaign_id" && naughty.parse::<uuid::Uuid>().is_ok();
                assert!(
                    nothing || matches!(reply.status.as_u16(), 200 | 202 | 400),
                    "{} {name}={naughty:?}: {} {}",
                    operation.id,
                    reply.status,
                    reply.text
                );
            }
        }
    }
    server.drain().await;
    server.stop().await;
}

async fn in_form_posts(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.operator("Ada").await;
    let mut form = sample("create_form");
    // Without it, each submission would be a mail as well.
    form["settings"]["notify"] = json!([]);
    form["settings"]["auto_reply"] = json!(null);
    form["settings"]["spam"] = json!({ "off": true });
    let form = ada.post("/api/lead-capture/forms", &form).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let webhook = server.url(&format!("/api/lead-capture/webhook/{form}"));
    for naughty in strings() {
        for name in [
            "email",
            "name",
            "note",
            "plan",
            "where",
            "extra",
            "utm_source",
            "referrer",
            naughty.as_str(),
        ] {
            let mail = address();
            let fields = [("email", mail.as_str()), (name, naughty.as_str())];
            let reply = Reply::to(server.http.post(&webhook).form(&fields)).await;
            assert!(
                !reply.status.is_server_error(),
                "{name}={naughty:?}: {} {}",
                reply.status,
                reply.text
            );
            let multipart = reqwest::multipart::Form::new()
                .text("email", mail.clone())
                .text(name.to_owned(), naughty.clone());
            let reply = Reply::to(server.http.post(&webhook).multipart(multipart)).await;
            assert!(
                !reply.status.is_server_error(),
                "{name}={naughty:?}: {} {}",
                reply.status,
                reply.text
            );
            if reply.status.is_success() && name == "note" {
                let list = ada
                    .get_list(&format!(
                        "/api/lead-capture/forms/{form}/submissions?limit=1&sort=-created_at"
                    ))
                    .await;
                assert_eq!(list["data"][0]["answers"]["note"], naughty, "kept as it was sent");
            }
        }
    }
    server.drain().await;
    server.stop().await;
}
