//! What visitors send, in every encoding: right, wrong, and by robots.

use crate::capture::{form, submissions, webhook};
use groundswell_tests::{Backend, Reply, TestServer};
use reqwest::{Method, multipart};
use serde_json::json;

on_both!(every_type_of_field_comes_in_every_encoding,);

async fn every_type_of_field_comes_in_every_encoding(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({ "thank_you": "Merci & à bientôt" })).await;
    let url = server.url(&webhook(&form));
    let answers = |email: &'static str| {
        [
            ("name", "Grace Höpper"),
            ("email", email),
            ("phone", "+49 30 1234"),
            ("seats", "3"),
            ("plan", "Pro & more"),
            ("terms", "yes"),
            ("message", "two\r\nlines"),
            ("page", "home"),
            ("utm_source", "ads"),
            ("utm_medium", "cpc"),
            ("utm_campaign", "spring"),
            ("referrer", "https://search.example/?q=x"),
            ("website_url_confirm", ""),
        ]
    };
    let json = json!({ "name": "Grace Höpper", "email": "json@x.example", "phone": "+49 30 1234", "seats": 3, "plan": "Pro & more",
        "terms": true, "message": "two\r\nlines", "page": "home", "utm_source": "ads", "utm_medium": "cpc", "utm_campaign": "spring",
        "referrer": "https://search.example/?q=x", "company": "Navy", "custom_fields": { "shoe": 39 } });
    let reply = server.post(&webhook(&form), &json).await;
    assert_eq!(reply.expect(201).data()["message"], "Merci & à bientôt");
    let parts = answers("multipart@x.example")
        .into_iter()
        .fold(multipart::Form::new(), |form, (name, text)| form.text(name, text));
    let requests = [
        server.http.post(&url).form(&answers("urlencoded@x.example")),
        server.http.post(&url).multipart(parts),
    ];
    for request in requests {
        let page = Reply::to(request.header("user-agent", "Lynx")).await;
        page.expect(200);
        assert!(page.header("content-type").starts_with("text/html"));
        assert!(page.text.contains("Merci &amp; à bientôt"), "{}", page.text);
    }
    // A program that sends a form may ask for JSON.
    let request = server.http.post(&url).form(&answers("program@x.example"));
    let reply = Reply::to(request.header("accept", "application/json")).await;
    assert!(reply.expect(201).data()["lead_id"].is_string());

    for email in ["json", "urlencoded", "multipart", "program"] {
        let found = ada
            .get_list(&format!("/api/leads/search?q={email}@x.example"))
            .await;
        let lead = &found["data"][0];
        assert_eq!(lead["name"], "Grace Höpper", "{lead}");
        assert_eq!(
            (&lead["phone"], &lead["source"]),
            (&json!("+49 30 1234"), &json!("form"))
        );
        let custom = &lead["custom_fields"];
        assert_eq!(
            (&custom["seats"], &custom["terms"]),
            (&json!(3), &json!(true)),
            "{lead}"
        );
        assert_eq!(
            (&custom["plan"], &custom["page"]),
            (&json!("Pro & more"), &json!("home"))
        );
        assert_eq!(custom["message"], "two\r\nlines");
        assert_eq!(
            lead["utm"],
            json!({ "source": "ads", "medium": "cpc", "campaign": "spring" })
        );
        assert_eq!(lead["score"], json!({ "total": 10, "fit": 0, "engagement": 10 }));
    }
    let kept = submissions(&ada, &form).await;
    assert_eq!(kept.len(), 4);
    for submission in &kept {
        let from = json!({ "referrer": "https://search.example/?q=x", "utm_source": "ads", "utm_medium": "cpc", "utm_campaign": "spring" });
        assert_eq!(submission["attribution"], from);
        assert_eq!(submission["answers"]["plan"], "Pro & more", "{submission}");
        assert!(submission["answers"].get("website_url_confirm").is_none());
    }
    server.stop().await;
}

#[tokio::test]
async fn wrong_answers_come_back_with_what_was_typed() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({})).await;
    let url = server.url(&webhook(&form));
    let wrong = [
        ("name", "A name that is longer than twenty"),
        ("email", "not \"an\" address"),
        ("phone", "12"),
        ("seats", "501"),
        ("plan", "Gold"),
        ("message", "kept <b>&</b>"),
        ("utm_source", "ads"),
    ];
    let parts = wrong
        .into_iter()
        .fold(multipart::Form::new(), |form, (name, text)| form.text(name, text));
    for request in [
        server.http.post(&url).form(&wrong),
        server.http.post(&url).multipart(parts),
    ] {
        let page = Reply::to(request).await;
        page.expect(400);
        for field in ["name", "email", "phone", "seats", "plan", "terms"] {
            let error = format!("id=\"field-{field}-error\"");
            assert!(page.text.contains(&error), "{field}: {}", page.text);
        }
        for kept in [
            "value=\"A name that is longer than twenty\"",
            "value=\"501\"",
            "kept &lt;b&gt;&amp;&lt;",
            "name=\"utm_source\" value=\"ads\"",
        ] {
            assert!(page.text.contains(kept), "{kept}: {}", page.text);
        }
        assert!(!page.text.contains("not \"an\" address"), "quotes are escaped");
        assert!(
            page.text.contains("must be one of Basic, Pro &amp; more"),
            "{}",
            page.text
        );
    }
    let body = json!({ "email": "x", "name": "", "plan": "Gold", "terms": false, "emial": "typo" });
    let reply = server.post(&webhook(&form), &body).await;
    assert_eq!(
        reply.expect(400).json()["details"],
        json!([{ "field": "emial", "message": "is not a field of this form" }])
    );
    let body = json!({ "email": "x", "name": "", "plan": "Gold", "terms": false, "seats": "many" });
    let details = server.post(&webhook(&form), &body).await.expect(400).json()["details"].take();
    let fields: Vec<_> = details
        .as_array()
        .unwrap()
        .iter()
        .map(|detail| detail["field"].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["name", "email", "seats", "plan", "terms"]);
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 0);
    server.stop().await;
}

#[tokio::test]
async fn browsers_are_led_on_and_robots_are_led_astray() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = form(
        &ada,
        json!({ "redirect_url": "https://shop.example/thanks?a=1&b=2" }),
    )
    .await;
    let url = server.url(&webhook(&form));
    let good = [
        ("email", "grace@navy.example"),
        ("name", "Grace"),
        ("terms", "on"),
    ];
    let reply = Reply::to(server.http.post(&url).form(&good)).await;
    reply.expect(303);
    assert_eq!(reply.header("location"), "https://shop.example/thanks?a=1&b=2");

    let mut robot = good.to_vec();
    robot.push(("website_url_confirm", "https://spam.example"));
    let trapped = Reply::to(server.http.post(&url).form(&robot)).await;
    trapped.expect(303);
    assert_eq!(trapped.header("location"), reply.header("location"));
    let body = json!({ "email": "robot@x.example", "name": "R", "terms": true, "website_url_confirm": "x" });
    let success = server.post(&webhook(&form), &body).await;
    let data = success.expect(201).data();
    assert!(data["lead_id"].is_string() && data["submission_id"].is_string() && data["message"].is_string());
    assert_eq!(submissions(&ada, &form).await.len(), 1, "robots are held back");
    let path = format!("/api/lead-capture/forms/{form}/submissions?status=quarantined&with_total=true");
    assert_eq!(ada.get_list(&path).await["total"], 2);
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);

    // The page that has the form is the referrer, when nothing else is said; and any page may post.
    let request = server
        .http
        .post(&url)
        .form(&[("email", "mary@x.example"), ("name", "Mary"), ("terms", "on")])
        .header("referer", "https://blog.example/post")
        .header("origin", "https://blog.example");
    let reply = Reply::to(request).await;
    assert_eq!(reply.header("access-control-allow-origin"), "*");
    assert_eq!(
        submissions(&ada, &form).await[0]["attribution"]["referrer"],
        "https://blog.example/post"
    );
    let preflight = server
        .http
        .request(Method::OPTIONS, &url)
        .header("origin", "https://blog.example")
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "content-type");
    let preflight = Reply::to(preflight).await;
    preflight.expect(204);
    assert_eq!(preflight.header("access-control-allow-origin"), "*");
    assert!(preflight.header("access-control-allow-methods").contains("POST"));
    assert!(
        preflight
            .header("access-control-allow-headers")
            .contains("content-type")
    );
    assert_eq!(preflight.header("access-control-allow-credentials"), "");
    // Nothing else is open to other sites.
    let request = ada
        .request(Method::GET, "/api/leads")
        .header("origin", "https://blog.example");
    assert_eq!(Reply::to(request).await.header("access-control-allow-origin"), "");

    let file = multipart::Form::new().part("name", multipart::Part::bytes(b"x".to_vec()).file_name("x.txt"));
    Reply::to(server.http.post(&url).multipart(file))
        .await
        .expect(400);
    Reply::to(
        server
            .http
            .post(&url)
            .header("content-type", "text/plain")
            .body("x"),
    )
    .await
    .expect_error(415, "unsupported_media_type");
    server.stop().await;
}

#[tokio::test]
async fn who_sends_a_page_at_once_is_suspected_and_who_takes_their_time_is_not() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, json!({})).await;
    let other = self::form(&ada, json!({})).await;
    let url = server.url(&webhook(&form));
    for page in [format!("/f/{form}"), format!("/f/{form}/embed")] {
        for (waits, believable, suspected) in [(1, true, true), (30, true, false), (1, false, false)] {
            let token = shown(&server.fetch(&page).await.text);
            server.clock.advance(chrono::TimeDelta::seconds(waits));
            let answers = [
                ("email", "grace@navy.example"),
                ("name", "Grace"),
                ("terms", "on"),
                ("gs_shown", if believable { &token } else { "made-up" }),
            ];
            Reply::to(server.http.post(&url).form(&answers)).await.expect(200);
            let verdict = &submissions(&ada, &form).await[0]["verdict"];
            assert_eq!(
                verdict.to_string().contains("too_fast"),
                suspected,
                "{page}: {verdict}"
            );
        }
    }
    // Of another form it says nothing.
    let theirs = shown(&server.fetch(&format!("/f/{other}")).await.text);
    let answers = [
        ("email", "a@b.example"),
        ("name", "A"),
        ("terms", "on"),
        ("gs_shown", theirs.as_str()),
    ];
    Reply::to(server.http.post(&url).form(&answers)).await.expect(200);
    let verdict = &submissions(&ada, &form).await[0]["verdict"];
    assert!(!verdict.to_string().contains("too_fast"), "{verdict}");
    server.stop().await;
}

fn shown(page: &str) -> String {
    let after = page
        .split("name=\"gs_shown\" value=\"")
        .nth(1)
        .expect("the page says when it was made");
    after.split('"').next().unwrap().to_owned()
}
