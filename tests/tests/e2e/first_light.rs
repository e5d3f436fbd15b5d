//! The whole path: a form, leads, a campaign, a real SMTP server, what comes back, and the numbers.

use chrono::TimeDelta;
use groundswell_testkit::smtp_sink::{SmtpSink, SunkMail};
use groundswell_tests::{Account, Backend, Options, TestServer};
use reqwest::{Method, StatusCode, multipart};
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_both!(from_a_form_to_an_inbox_to_a_number);

const IMPORTED: usize = 1000;

async fn from_a_form_to_an_inbox_to_a_number(backend: Backend) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let options = Options {
        smtp_url: Some(sink.url()),
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await;

    let form = ada
        .post(
            "/api/lead-capture/forms",
            &json!({
                "name": "Contact",
                "fields": [
                    { "name": "name", "type": "text", "required": true },
                    { "name": "email", "type": "email", "required": true },
                    { "name": "plan", "type": "select", "options": ["Basic", "Pro"] }
                ],
                "settings": { "notify": ["team@ada.example"] }
            }),
        )
        .await;
    let form = form["id"].as_str().unwrap();
    capture(&server, form).await;
    import(&server, &ada).await;

    let overview = ada.get("/api/leads/analytics/overview").await;
    assert_eq!(overview["total_leads"], IMPORTED + 2);

    let campaign = ada
        .post(
            "/api/campaigns",
            &json!({
                "name": "Hello", "type": "email", "budget": 5000,
                "content": {
                    "subject": "Hello {{ lead.first_name | default('there') }}",
                    "html": "<p>Dear {{ lead.name | default('friend') }},</p><p><a href=\"https://example.com/offer?a=1&amp;b=2\">our offer</a></p>"
                }
            }),
        )
        .await;
    let campaign = campaign["id"].as_str().unwrap();
    let launched = ada
        .post(&format!("/api/campaigns/{campaign}/launch"), &json!({}))
        .await;
    assert_eq!(launched["status"], "active");
    server.drain().await;

    let metrics = ada.get(&format!("/api/campaigns/{campaign}/metrics")).await;
    assert_eq!(metrics["audience"], IMPORTED + 2, "{metrics}");
    assert_eq!(metrics["sent"], IMPORTED + 2, "{metrics}");
    assert_eq!(
        ada.get(&format!("/api/campaigns/{campaign}")).await["status"],
        "completed"
    );

    let mails = sink.mails().unwrap();
    let mut by_recipient: BTreeMap<String, Vec<&SunkMail>> = BTreeMap::new();
    for mail in &mails {
        by_recipient
            .entry(mail.recipients.join(","))
            .or_default()
            .push(mail);
    }
    // Two submissions of the form were told to the team; everybody else got exactly one mail.
    assert_eq!(
        by_recipient.remove("team@ada.example").map(|mails| mails.len()),
        Some(3)
    );
    assert_eq!(by_recipient.len(), IMPORTED + 2);
    assert!(
        by_recipient.values().all(|mails| mails.len() == 1),
        "somebody got a mail twice"
    );

    let mail = by_recipient["grace@example.com"][0];
    follow_links(&server, &ada, campaign, mail).await;
    server.stop().await;
}

/// As JSON, as an HTML form, and one address twice.
async fn capture(server: &TestServer, form: &str) {
    let webhook = server.url(&format!("/api/lead-capture/webhook/{form}"));
    let grace =
        json!({ "name": "Grace Hopper", "email": "grace@example.com", "plan": "Pro", "utm_source": "ads" });
    let answer = server.http.post(&webhook).json(&grace).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let body: Value = answer.json().await.unwrap();
    assert!(
        body["data"]["lead_id"].is_string() && body["data"]["submission_id"].is_string(),
        "{body}"
    );

    let html = [
        ("name", "Mary Jackson"),
        ("email", "mary@example.com"),
        ("plan", "Basic"),
        ("website_url_confirm", ""),
    ];
    let answer = server.http.post(&webhook).form(&html).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.text().await.unwrap().contains("Thank you"));

    let again = json!({ "name": "G. Hopper", "email": "Grace@Example.com", "company": "Navy" });
    let answer = server.http.post(&webhook).json(&again).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let second: Value = answer.json().await.unwrap();
    assert_eq!(
        second["data"]["lead_id"], body["data"]["lead_id"],
        "one address is one lead"
    );
    server.drain().await;
}

async fn import(server: &TestServer, ada: &Account<'_>) {
    let line = |index: usize| {
        format!(
            "lead{index}@example.org;Lead {index};Company {};{}\n",
            index % 7,
            36 + index % 10
        )
    };
    let lines: String = (0..IMPORTED).map(line).collect();
    let csv = format!("E-Mail;Name;Company;Shoe size\n{lines}not-an-address;Nobody;;\n");
    let upload = |dry_run: &'static str| {
        multipart::Form::new()
            .part(
                "file",
                multipart::Part::bytes(csv.clone().into_bytes()).file_name("fair.csv"),
            )
            .text("tags", "fair")
            .text("dry_run", dry_run)
    };
    let mut counts = Vec::new();
    for dry_run in ["true", "false"] {
        let request = ada
            .request(Method::POST, "/api/leads/import")
            .multipart(upload(dry_run));
        let started = ada.expect(request, StatusCode::ACCEPTED).await;
        let import = started["data"]["import_id"].as_str().unwrap().to_owned();
        server.drain().await;
        let import = ada.get(&format!("/api/leads/imports/{import}")).await;
        assert_eq!(import["status"], "succeeded", "{import}");
        counts.push(
            [
                &import["rows"],
                &import["created"],
                &import["updated"],
                &import["failed"],
            ]
            .map(Value::as_i64),
        );
        let path = format!("/api/leads/imports/{}/errors", import["id"].as_str().unwrap());
        let report = ada
            .request(Method::GET, &path)
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap();
        assert!(
            report.contains("1002,E-Mail,") && report.contains("not-an-address"),
            "{report}"
        );
    }
    assert_eq!(counts[0], [Some(1001), Some(1000), Some(0), Some(1)]);
    assert_eq!(counts[0], counts[1], "a dry run counts what the commit does");
}

async fn follow_links(server: &TestServer, ada: &Account<'_>, campaign: &str, mail: &SunkMail) {
    let unsubscribe = mail
        .header("List-Unsubscribe")
        .unwrap()
        .trim_matches(['<', '>'])
        .to_owned();
    assert_eq!(
        mail.header("List-Unsubscribe-Post"),
        Some("List-Unsubscribe=One-Click")
    );
    let html = mail.part("text/html").unwrap();
    let link = |path: &str| {
        let start = html
            .find(&format!("{}{path}", server.base))
            .unwrap_or_else(|| panic!("no {path} in {html}"));
        html[start..].split('"').next().unwrap().replace("&amp;", "&")
    };

    let lead = ada.get_list("/api/leads/search?q=hopper").await["data"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let before = ada.get(&format!("/api/leads/{lead}")).await["score"]["total"]
        .as_i64()
        .unwrap();
    for _ in 0..2 {
        let pixel = server.http.get(link("/t/o/")).send().await.unwrap();
        assert_eq!(
            (pixel.status(), pixel.headers()["content-type"].to_str().unwrap()),
            (StatusCode::OK, "image/gif")
        );
    }
    let click = server.http.get(link("/t/c/")).send().await.unwrap();
    assert_eq!(click.status(), StatusCode::FOUND);
    assert_eq!(
        click.headers()["location"],
        "https://example.com/offer?a=1&b=2&utm_source=ada-ltd&utm_medium=email&utm_campaign=hello"
    );

    server.judge_visits().await;

    let page = server.http.get(&unsubscribe).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let metrics = ada.get(&format!("/api/campaigns/{campaign}/metrics")).await;
    assert_eq!(metrics["unsubscribes"], 0, "looking at the page changes nothing");
    let one_click = server
        .http
        .post(&unsubscribe)
        .form(&[("List-Unsubscribe", "One-Click")])
        .send()
        .await
        .unwrap();
    assert_eq!(one_click.status(), StatusCode::OK);

    let metrics = ada.get(&format!("/api/campaigns/{campaign}/metrics")).await;
    for (name, expected) in [
        ("opens", 2),
        ("unique_opens", 1),
        ("clicks", 1),
        ("unique_clicks", 1),
        ("unsubscribes", 1),
    ] {
        assert_eq!(metrics[name], expected, "{name} in {metrics}");
    }
    let after = ada.get(&format!("/api/leads/{lead}")).await["score"]["total"]
        .as_i64()
        .unwrap();
    assert_eq!(after, before + 2 + 5 - 10, "open, click, unsubscribe");
    let entries = ada.get_list(&format!("/api/leads/{lead}/score/entries")).await;
    let sum: i64 = entries["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["points"].as_i64().unwrap())
        .sum();
    assert_eq!(sum, after, "the score is the sum of its ledger");

    // The next campaign leaves out who has unsubscribed, and says why.
    server.clock.advance(TimeDelta::minutes(1));
    let next = json!({ "name": "Again", "type": "email", "target_audience": { "lead_ids": [lead] },
        "content": { "subject": "Again", "html": "<p>Again</p>" } });
    let next = ada.post("/api/campaigns", &next).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    ada.post(&format!("/api/campaigns/{next}/start"), &json!({}))
        .await;
    server.drain().await;
    let campaign = ada.get(&format!("/api/campaigns/{next}")).await;
    assert_eq!(
        (&campaign["status"], &campaign["metrics"]["suppressed"]),
        (&json!("completed"), &json!(1))
    );
    let recipients = ada.get_list(&format!("/api/campaigns/{next}/recipients")).await;
    assert_eq!(recipients["data"][0]["reason"], "suppressed: unsubscribe");
}
