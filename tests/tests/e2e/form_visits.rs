//! What happens around a form: visits are counted, puzzles solved, unfinished answers kept, and fields shown or not.

use crate::capture::{submissions, webhook};
use groundswell_domain::forms::is_solved;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    visits_are_counted_by_day_source_and_field,
    a_captcha_is_solved_once,
    unfinished_answers_are_kept_until_they_are_sent,
    hidden_fields_are_neither_required_nor_believed,
    a_known_visitor_is_asked_what_is_not_known,
);

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36";

pub(crate) async fn make(account: &Account<'_>, fields: Value, settings: Value, styling: Value) -> String {
    let email = json!({ "name": "email", "type": "email", "label": "Mail", "required": true });
    let mut all = vec![email];
    all.extend(fields.as_array().unwrap().clone());
    let body = json!({ "name": "Talk to us", "fields": all, "settings": settings, "styling": styling });
    let made = account.post("/api/lead-capture/forms", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn tell(server: &TestServer, path: &str, agent: &str, body: &Value) -> Reply {
    let post = server.http.post(server.url(path)).header("user-agent", agent);
    let post = post.header("content-type", "text/plain;charset=UTF-8");
    Reply::to(
        post.header("origin", "https://blog.example")
            .body(body.to_string()),
    )
    .await
}

async fn visits_are_counted_by_day_source_and_field(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let form = make(
        &ada,
        json!([{ "name": "company", "type": "text", "label": "Company" }]),
        json!({}),
        json!({}),
    )
    .await;
    let events = format!("/api/lead-capture/events/{form}");
    let analytics = format!("/api/lead-capture/forms/{form}/analytics");
    let empty = ada.get(&analytics).await;
    assert_eq!(
        empty["totals"],
        json!({ "views": 0, "starts": 0, "completions": 0, "start_rate": null, "completion_rate": null })
    );

    let look = async |query: &str, agent: &str| {
        let page = server
            .http
            .get(server.url(&format!("/f/{form}{query}")))
            .header("user-agent", agent);
        Reply::to(page).await.expect(200);
    };
    look("", BROWSER).await;
    look("?utm_source=News", BROWSER).await;
    look("", "Googlebot/2.1").await;
    let ahead = server
        .http
        .get(server.url(&format!("/f/{form}")))
        .header("user-agent", BROWSER);
    Reply::to(ahead.header("sec-purpose", "prefetch;prerender"))
        .await
        .expect(200);
    let seen = json!({ "event": "view", "utm_source": "news", "referrer": "https://blog.example/post" });
    let answer = tell(&server, &events, BROWSER, &seen).await;
    answer.expect(200);
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    for body in [
        json!({ "event": "start", "utm_source": "news" }),
        json!({ "event": "view", "referrer": "https://www.search.example/?q=private" }),
        json!({ "event": "leave", "field": "company" }),
        json!({ "event": "leave", "field": "company" }),
        json!({ "event": "leave", "field": "email" }),
    ] {
        tell(&server, &events, BROWSER, &body).await.expect(200);
    }
    tell(&server, &events, "curl/8.5", &seen).await.expect(200);
    let post = server
        .http
        .post(server.url(&webhook(&form)))
        .header("user-agent", BROWSER);
    let sent = post.form(&[("email", "a@b.example"), ("utm_source", "news")]);
    Reply::to(sent).await.expect(200);

    let found = ada.get(&analytics).await;
    assert_eq!(
        found["totals"],
        json!({ "views": 4, "starts": 1, "completions": 1, "start_rate": 0.25, "completion_rate": 0.25 })
    );
    let sources: Vec<_> = found["by_source"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["source"].as_str().unwrap(), one["views"].as_i64().unwrap()))
        .collect();
    assert_eq!(sources, [("news", 2), ("direct", 1), ("search.example", 1)]);
    let left = json!([{ "field": "email", "label": "Mail", "exits": 1 }, { "field": "company", "label": "Company", "exits": 2 }]);
    assert_eq!(found["drop_off"], left);
    assert_eq!(found["by_day"].as_array().unwrap().len(), 1);

    server.clock.advance(chrono::TimeDelta::days(2));
    tell(&server, &events, BROWSER, &seen).await.expect(200);
    let found = ada.get(&analytics).await;
    assert_eq!(found["by_day"].as_array().unwrap().len(), 2);
    let (day, last) = (&found["by_day"][0]["day"], &found["by_day"][1]["day"]);
    let first = ada
        .get(&format!("{analytics}?from={0}&to={0}", day.as_str().unwrap()))
        .await;
    assert_eq!((&first["totals"]["views"], &first["to"]), (&json!(4), day));
    assert_ne!(day, last);
    for query in [
        "from=2027-02-01&to=2027-01-01",
        "from=2020-01-01&to=2027-01-01",
        "from=yesterday",
        "day=1",
    ] {
        let path = format!("{analytics}?{query}");
        ada.send(Method::GET, &path, None)
            .await
            .expect_error(400, "invalid_input");
    }
    // Anybody can make up sources; a day has room for so many.
    for number in 0..60 {
        let body = json!({ "event": "view", "utm_source": format!("made-up-{number}") });
        tell(&server, &events, BROWSER, &body).await.expect(200);
    }
    let found = ada.get(&analytics).await;
    let other = found["by_source"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["source"] == "other")
        .unwrap();
    assert!(other["views"].as_i64().unwrap() >= 10, "{other}");

    for (body, status) in [
        (json!({ "event": "leave", "field": "nothing" }), 400),
        (json!({ "event": "leave" }), 400),
        (json!({ "event": "buy" }), 400),
        (json!({ "event": "view", "ip": "x" }), 400),
        (json!([]), 400),
        (json!({ "event": "view", "utm_source": "x".repeat(70_000) }), 413),
        (json!({ "event": "view", "utm_source": "a\0b" }), 400),
    ] {
        tell(&server, &events, BROWSER, &body)
            .await
            .expect(status)
            .expect_envelope();
    }
    tell(&server, "/api/lead-capture/events/nothing", BROWSER, &seen)
        .await
        .expect(404);
    let eve = server.register("Eve").await;
    eve.send(Method::GET, &analytics, None)
        .await
        .expect_error(404, "form_not_found");
    server.stop().await;
}

fn solution(puzzle: &Value) -> String {
    let (challenge, bits) = (
        puzzle["challenge"].as_str().unwrap(),
        puzzle["bits"].as_u64().unwrap(),
    );
    let mut all = (0..).map(|number| format!("{challenge}.{number}"));
    all.find(|text| is_solved(text, u8::try_from(bits).unwrap()))
        .unwrap()
}

async fn a_captcha_is_solved_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let settings = json!({ "captcha": true, "captcha_bits": 12 });
    let form = make(&ada, json!([]), settings.clone(), json!({})).await;
    let other = make(&ada, json!([]), settings, json!({})).await;
    let puzzle = async |form: &str| {
        server
            .fetch(&format!("/api/lead-capture/forms/{form}/challenge"))
            .await
            .expect(200)
            .data()
    };
    let send = async |email: &str, captcha: &str| {
        server
            .post(&webhook(&form), &json!({ "email": email, "gs_captcha": captcha }))
            .await
    };
    let without = server
        .post(&webhook(&form), &json!({ "email": "a@b.example" }))
        .await;
    without.expect_error(400, "captcha_required");
    assert!(without.text.contains("/challenge"), "{}", without.text);
    let page = Reply::to(
        server
            .http
            .post(server.url(&webhook(&form)))
            .form(&[("email", "a@b.example")]),
    )
    .await;
    page.expect(400);
    assert!(
        page.text.contains("JavaScript") && page.text.contains("value=\"a@b.example\""),
        "{}",
        page.text
    );

    let first = puzzle(&form).await;
    assert_eq!(
        (&first["bits"], &first["algorithm"]),
        (&json!(12), &json!("SHA-256"))
    );
    let good = solution(&first);
    let foreign = solution(&puzzle(&other).await);
    let zero = format!("{}.0", first["challenge"].as_str().unwrap());
    let guessed = if is_solved(&zero, 12) {
        "x.1".to_owned()
    } else {
        zero
    };
    for bad in [
        "x",
        "x.1",
        guessed.as_str(),
        foreign.as_str(),
        &good[1..],
        &format!("{good}x"),
    ] {
        send("a@b.example", bad).await.expect_error(400, "captcha_wrong");
    }
    // A mistake in the form spends nothing.
    send("nonsense", &good).await.expect_error(400, "invalid_input");
    send("a@b.example", &good).await.expect(201);
    send("again@b.example", &good)
        .await
        .expect_error(409, "captcha_spent");
    assert_eq!(submissions(&ada, &form).await.len(), 1);
    // What is held back spends it, too: else a second try would tell whether the first was.
    let held = solution(&puzzle(&form).await);
    let spam = json!({ "email": "spam@b.example", "gs_captcha": held, "website_url_confirm": "x" });
    server.post(&webhook(&form), &spam).await.expect(201);
    server
        .post(&webhook(&form), &spam)
        .await
        .expect_error(409, "captcha_spent");
    assert_eq!(submissions(&ada, &form).await.len(), 1);

    // Twins of one request are one submission; many with one solution are one as well.
    let good = solution(&puzzle(&form).await);
    let many = (0..8).map(|number| {
        let (server, path) = (&server, webhook(&form));
        let body = json!({ "email": format!("many{number}@b.example"), "gs_captcha": good });
        async move { server.post(&path, &body).await.status.as_u16() }
    });
    let mut answers = futures_util::future::join_all(many).await;
    answers.sort_unstable();
    assert_eq!(answers, [201, 409, 409, 409, 409, 409, 409, 409]);
    let good = solution(&puzzle(&form).await);
    for _ in 0..2 {
        let body = json!({ "email": "key@b.example", "gs_captcha": good });
        let post = server
            .http
            .post(server.url(&webhook(&form)))
            .header("idempotency-key", "one");
        Reply::to(post.json(&body)).await.expect(201);
    }
    assert_eq!(submissions(&ada, &form).await.len(), 3);
    let old = solution(&puzzle(&form).await);
    server.clock.advance(chrono::TimeDelta::minutes(11));
    send("late@b.example", &old)
        .await
        .expect_error(400, "captcha_expired");
    server.stop().await;
}

async fn unfinished_answers_are_kept_until_they_are_sent(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let fields =
        json!([{ "name": "company", "type": "text" }, { "name": "page", "type": "hidden", "value": "x" }]);
    let silent = make(&ada, fields.clone(), json!({}), json!({})).await;
    let form = make(&ada, fields, json!({ "save_partial": true }), json!({})).await;
    assert!(
        server
            .fetch(&format!("/f/{form}"))
            .await
            .text
            .contains("saved as you go")
    );
    let list = format!("/api/lead-capture/forms/{form}/partials");
    let partials = async || ada.get_list(&list).await["data"].take();
    let keep = async |form: &str, session: u128, answers: Value| {
        let body =
            json!({ "session": uuid::Uuid::from_u128(session), "answers": answers, "last_field": "company" });
        tell(
            &server,
            &format!("/api/lead-capture/partial/{form}"),
            BROWSER,
            &body,
        )
        .await
    };
    let answers = json!({ "email": "grace@navy.example", "company": "Na", "page": "x", "consent.marketing": "yes", "more": "y" });
    keep(&silent, 1, answers.clone())
        .await
        .expect_error(409, "partials_off");
    keep(&form, 1, json!({ "company": "Navy" }))
        .await
        .expect_error(400, "invalid_input");
    keep(&form, 1, answers).await.expect(200);
    server.clock.advance(chrono::TimeDelta::seconds(1));
    keep(
        &form,
        1,
        json!({ "email": "grace@navy.example", "company": "Navy" }),
    )
    .await
    .expect(200);
    keep(&form, 2, json!({ "email": "mary@navy.example" }))
        .await
        .expect(200);
    keep(&form, 3, json!({ "email": "eve@navy.example" }))
        .await
        .expect(200);
    let kept = partials().await;
    assert_eq!(kept.as_array().unwrap().len(), 3);
    let grace = kept
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["email"] == "grace@navy.example")
        .unwrap();
    assert_eq!(
        grace["answers"],
        json!({ "email": "grace@navy.example", "company": "Navy" })
    );
    assert_eq!(grace["last_field"], "company");
    assert_ne!(grace["created_at"], grace["updated_at"]);
    assert_eq!(
        ada.get("/api/leads/analytics/overview").await["total_leads"],
        0,
        "nobody's lead"
    );

    // Sent: by the session, and by the address.
    let sent = json!({ "email": "grace@navy.example", "gs_session": uuid::Uuid::from_u128(1) });
    server.post(&webhook(&form), &sent).await.expect(201);
    server
        .post(&webhook(&form), &json!({ "email": "Mary@navy.example" }))
        .await
        .expect(201);
    let kept = partials().await;
    assert_eq!(
        (kept.as_array().unwrap().len(), &kept[0]["email"]),
        (1, &json!("eve@navy.example"))
    );
    // Whoever wants to be forgotten is forgotten here, too.
    ada.post("/api/privacy/erasures", &json!({ "email": "eve@navy.example" }))
        .await;
    server.drain().await;
    assert_eq!(partials().await, json!([]));

    keep(&form, 4, json!({ "email": "late@navy.example" }))
        .await
        .expect(200);
    server.clock.advance(chrono::TimeDelta::days(31));
    server.app.system.forget_expired(server.app.now()).await.unwrap();
    assert_eq!(partials().await, json!([]));
    let eve = server.register("Eve").await;
    eve.send(Method::GET, &list, None)
        .await
        .expect_error(404, "form_not_found");
    server.stop().await;
}

async fn hidden_fields_are_neither_required_nor_believed(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let fields = json!([
        { "name": "plan", "type": "select", "options": ["Basic", "Pro"] },
        { "name": "seats", "type": "number", "required": true, "show_if": { "all": [{ "field": "plan", "equals": "Pro" }] } }
    ]);
    let form = make(&ada, fields, json!({}), json!({})).await;
    let send = async |body: Value| server.post(&webhook(&form), &body).await;
    send(json!({ "email": "a@b.example", "plan": "Basic", "seats": "many" }))
        .await
        .expect(201);
    let refused = send(json!({ "email": "a@b.example", "plan": "Pro" })).await;
    assert_eq!(refused.expect(400).json()["details"][0]["field"], "seats");
    send(json!({ "email": "b@b.example", "plan": "Pro", "seats": 3 }))
        .await
        .expect(201);
    let seats = async |email: &str| {
        ada.get_list(&format!("/api/leads/search?q={email}")).await["data"][0]["custom_fields"]["seats"]
            .take()
    };
    assert_eq!(seats("a@b.example").await, Value::Null);
    assert_eq!(seats("b@b.example").await, 3);
    assert_eq!(
        submissions(&ada, &form).await[1]["answers"]["seats"],
        "many",
        "what was sent is kept as it was"
    );
    server.stop().await;
}

async fn a_known_visitor_is_asked_what_is_not_known(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let fields = json!([
        { "name": "company", "type": "text" }, { "name": "size", "type": "number" }, { "name": "budget", "type": "number" }
    ]);
    let settings = json!({ "progressive": { "fields": ["company", "size", "budget"], "show": 1 } });
    let form = make(&ada, fields, settings, json!({})).await;
    let shown = |page: &str| {
        let all = ["company", "size", "budget"].into_iter();
        all.filter(|name| page.contains(&format!("name=\"{name}\"")))
            .collect::<Vec<_>>()
    };
    let path = format!("/f/{form}");
    assert_eq!(shown(&server.fetch(&path).await.text), ["company"]);
    let lead = json!({ "email": "grace@navy.example", "company": "Secret Navy", "custom_fields": { "budget": 7_654_321 } });
    let lead = ada.post("/api/leads", &lead).await["id"]
        .as_str()
        .unwrap()
        .parse::<uuid::Uuid>()
        .unwrap();
    let organization = ada.organization.parse::<uuid::Uuid>().unwrap();
    let token = groundswell_app::forms::lead_token(&server.app, organization.into(), lead.into());
    let page = server.fetch(&format!("{path}?l={token}")).await;
    assert_eq!(shown(&page.expect(200).text), ["size"]);
    for secret in ["Secret Navy", "7654321", "grace@navy.example"] {
        assert!(
            !page.text.contains(secret),
            "{secret} is shown to whoever has the link"
        );
    }
    let strange =
        groundswell_app::forms::lead_token(&server.app, uuid::Uuid::from_u128(1).into(), lead.into());
    for other in [strange.as_str(), "nonsense", &token[1..]] {
        assert_eq!(
            shown(&server.fetch(&format!("{path}?l={other}")).await.text),
            ["company"]
        );
    }
    // A page of elsewhere remembers by itself, and the form in it is told.
    let embedded = async |query: String| server.fetch(&format!("{path}/embed?{query}")).await.text;
    assert_eq!(shown(&embedded(String::new()).await), ["company"]);
    let next = embedded("asked=company.nothing&l=".to_owned()).await;
    assert_eq!(shown(&next), ["size"]);
    assert!(next.contains("data-asked=\"company.size\""), "{next}");
    assert_eq!(shown(&embedded(format!("l={token}")).await), ["size"]);
    // A browser remembers what it was asked, not whom it named: Grace's address tells nothing about Grace.
    let post = server.http.post(server.url(&webhook(&form)));
    let sent = Reply::to(post.form(&[("email", "grace@navy.example"), ("company", "X")])).await;
    let cookie = sent.expect(200).header("set-cookie").to_owned();
    assert!(
        cookie.contains("gs_asked=company;")
            && cookie.contains("HttpOnly")
            && cookie.contains(&format!("Path={path};")),
        "{cookie}"
    );
    let again = server
        .http
        .get(server.url(&path))
        .header("cookie", "a=b; gs_asked=company.nothing");
    let again = Reply::to(again).await;
    assert_eq!(shown(&again.text), ["size"]);
    assert!(
        again.text.contains("name=\"gs_known\" value=\"company\""),
        "{}",
        again.text
    );
    let post = server.http.post(server.url(&webhook(&form)));
    let sent = Reply::to(post.form(&[
        ("email", "grace@navy.example"),
        ("size", "3"),
        ("gs_known", "company"),
    ]))
    .await;
    assert!(
        sent.header("set-cookie").contains("gs_asked=company.size;"),
        "{:?}",
        sent.headers
    );
    server.stop().await;
}

#[tokio::test]
async fn the_address_of_a_page_fills_in_what_it_may() {
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let fields = json!([
        { "name": "company", "type": "text" }, { "name": "title", "type": "text", "prefill": false },
        { "name": "where", "type": "hidden", "value": "home" }, { "name": "terms", "type": "checkbox" }
    ]);
    let consents = json!({ "consents": [{ "purpose": "marketing", "text": "Write to me" }] });
    let form = make(&ada, fields, consents, json!({})).await;
    let query = "email=a%40b.example&company=%22Navy%22&title=Boss&where=fair&terms=yes&consent.marketing=yes&website_url_confirm=x&gs_known=company";
    let page = server.fetch(&format!("/f/{form}?{query}")).await.text;
    for part in [
        "value=\"a@b.example\"",
        "value=\"&quot;Navy&quot;\"",
        "name=\"where\" value=\"fair\"",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    for part in ["Boss", " checked", "value=\"x\"", "gs_known"] {
        assert!(!page.contains(part), "{part} in {page}");
    }
    server.stop().await;
}

#[tokio::test]
async fn scripts_are_small_and_kept_by_browsers() {
    let server = TestServer::start(Backend::Sqlite).await;
    for (path, most) in [("/embed.js", 3000), ("/captcha.js", 2000)] {
        // A client that unpacks nothing, to see what is sent.
        let client = reqwest::Client::builder().no_gzip().build().unwrap();
        let packed = Reply::to(client.get(server.url(path)).header("accept-encoding", "gzip")).await;
        packed.expect(200);
        assert_eq!(packed.header("content-encoding"), "gzip");
        let size = client
            .get(server.url(path))
            .header("accept-encoding", "gzip")
            .send()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap()
            .len();
        assert!(size < most, "{path} is {size} bytes");
        let plain = server.fetch(path).await;
        assert!(plain.header("content-type").starts_with("text/javascript"));
        assert_eq!(plain.header("access-control-allow-origin"), "*");
        assert!(plain.header("cache-control").contains("max-age"));
        for word in [
            "eval(",
            "new Function",
            "innerHTML = `",
            "document.cookie",
            "http://",
        ] {
            assert!(!plain.text.contains(word), "{word} in {path}");
        }
        let tag = plain.header("etag").to_owned();
        let again = server.http.get(server.url(path)).header("if-none-match", &tag);
        let again = Reply::to(again).await;
        again.expect(304);
        assert_eq!((again.text.as_str(), again.header("etag")), ("", tag.as_str()));
    }
    server.stop().await;
}
