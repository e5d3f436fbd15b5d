//! What mails are about: leaving one topic and keeping the others.

use crate::campaigns::{checked, draft, make};
use crate::contacts::link;
use crate::sequences::{active, enroll, enrollment, lead, send};
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    topics_are_kept_and_archived,
    one_click_leaves_what_the_mail_was_about,
    each_topic_can_be_kept_or_left,
    who_left_while_a_mail_waits_does_not_get_it,
    who_leaves_the_topic_of_a_sequence_leaves_it,
    merges_and_erasures_keep_it_right,
);

const TOPICS: &str = "/api/email/topics";

pub(crate) async fn topic(account: &Account<'_>, name: &str) -> String {
    let body = json!({ "name": name, "description": format!("About {name}") });
    account.post(TOPICS, &body).await["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// A campaign to everybody, about a topic or about none: its address, when its mails are sent.
async fn sent(server: &TestServer, account: &Account<'_>, topic: Option<&str>) -> String {
    let path = launched(account, topic).await;
    server.drain().await;
    path
}

async fn launched(account: &Account<'_>, topic: Option<&str>) -> String {
    let mut body = draft(&json!({}));
    body["topic_id"] = json!(topic);
    let path = make(account, &body).await;
    account.post(&format!("{path}/launch"), &json!({})).await;
    path
}

/// What became of the mail to somebody.
async fn fate(account: &Account<'_>, campaign: &str, to: &str) -> (String, Option<String>) {
    let list = account.get_list(&format!("{campaign}/recipients")).await;
    let mail = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|mail| mail["to"] == to);
    let mail = mail.unwrap_or_else(|| panic!("no mail to {to} in {list}"));
    let reason = mail["reason"].as_str().map(ToOwned::to_owned);
    let status = mail["status"].as_str().unwrap().to_owned();
    let reason = reason.filter(|_| status != "sent");
    (status, reason)
}

fn left() -> (String, Option<String>) {
    ("suppressed".to_owned(), Some("topic left".to_owned()))
}

fn got() -> (String, Option<String>) {
    ("sent".to_owned(), None)
}

async fn choose(server: &TestServer, link: &str, form: &[(&str, &str)]) -> String {
    Reply::to(server.http.post(server.url(link)).form(form))
        .await
        .expect(200)
        .text
        .clone()
}

async fn page(server: &TestServer, link: &str) -> String {
    Reply::to(server.http.get(server.url(link)))
        .await
        .expect(200)
        .text
        .clone()
}

async fn timeline(account: &Account<'_>, lead: &str) -> Vec<Value> {
    let list = account.get_list(&format!("/api/leads/{lead}/timeline")).await;
    let about = |event: &&Value| event["kind"].as_str().unwrap().starts_with("topic_");
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(about)
        .cloned()
        .collect()
}

async fn topics_are_kept_and_archived(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await["id"].clone();
    let reply = ada
        .send(
            Method::POST,
            TOPICS,
            Some(&json!({ "name": " News ", "client_id": client })),
        )
        .await;
    let made = reply.expect(201).data();
    let path = format!("{TOPICS}/{}", made["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), path);
    assert_eq!(
        (
            &made["name"],
            &made["description"],
            &made["archived"],
            &made["client_id"]
        ),
        (&json!("News"), &Value::Null, &json!(false), &client)
    );
    for (body, field) in [
        (json!({ "name": "" }), "name"),
        (
            json!({ "name": "x", "description": "y".repeat(501) }),
            "description",
        ),
        (json!({ "name": "x", "client_id": made["id"] }), "client_id"),
    ] {
        let refused = ada.send(Method::POST, TOPICS, Some(&body)).await;
        assert_eq!(refused.expect(400).json()["details"][0]["field"], field);
    }
    // Mails of others are not about it.
    let mut body = draft(&json!({}));
    body["topic_id"] = made["id"].clone();
    let refused = ada.send(Method::POST, "/api/campaigns", Some(&body)).await;
    assert_eq!(refused.expect(400).json()["details"][0]["field"], "topic_id");
    body["client_id"] = client;
    let campaign = make(&ada, &body).await;
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(409, "topic_in_use");

    let archived = ada
        .patch(&path, &json!({ "archived": true, "description": "Old" }))
        .await;
    assert_eq!(
        (
            &archived["archived"],
            &archived["description"],
            &archived["version"]
        ),
        (&json!(true), &json!("Old"), &json!(2))
    );
    // What is about it stays so, and nothing new comes.
    ada.patch(&campaign, &json!({ "name": "Other" })).await;
    for (address, body) in [
        ("/api/campaigns", body.clone()),
        (
            "/api/email/send",
            json!({ "to": "x@x.example", "subject": "x", "body": "x", "topic_id": made["id"] }),
        ),
        (
            "/api/email/sequences",
            json!({ "name": "x", "steps": [send("a")], "topic_id": made["id"] }),
        ),
    ] {
        let refused = ada.send(Method::POST, address, Some(&body)).await;
        let details = refused.expect(400).json()["details"][0].clone();
        assert_eq!(details["field"], "topic_id", "{address}: {details}");
        assert!(
            details["message"].as_str().unwrap().contains("archived"),
            "{details}"
        );
    }
    ada.patch(&campaign, &json!({ "topic_id": null })).await;
    let list = ada
        .get_list(&format!("{TOPICS}?archived=true&with_total=true"))
        .await;
    assert_eq!(list["total"], 1);
    assert_eq!(
        ada.get_list(&format!("{TOPICS}?archived=false&with_total=true"))
            .await["total"],
        0
    );
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::GET, &path, None).await.expect(404);
    server.stop().await;
}

async fn one_click_leaves_what_the_mail_was_about(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let grace = lead(&ada, "grace", json!({})).await;
    lead(&ada, "mary", json!({})).await;
    let (news, offers) = (topic(&ada, "News").await, topic(&ada, "Offers").await);
    let first = sent(&server, &ada, Some(&news)).await;
    let stop = link(&server, "grace@x.example", "/u/").await;
    assert!(
        page(&server, &stop)
            .await
            .contains("The mail that you come from was about this.")
    );
    assert_eq!(ada.get(&format!("{first}/metrics")).await["unsubscribes"], 0);
    // Mail programs may write it either way, and twice.
    for _ in 0..2 {
        choose(&server, &stop, &[("List-Unsubscribe", "One-Click")]).await;
    }
    let form = reqwest::multipart::Form::new().text("List-Unsubscribe", "One-Click");
    Reply::to(server.http.post(server.url(&stop)).multipart(form))
        .await
        .expect(200);
    assert_eq!(ada.get(&format!("{first}/metrics")).await["unsubscribes"], 1);
    let happened = timeline(&ada, &grace).await;
    assert_eq!(happened.len(), 1, "{happened:?}");
    assert_eq!(
        (
            &happened[0]["kind"],
            &happened[0]["subject"],
            &happened[0]["data"]["topic"]
        ),
        (&json!("topic_left"), &json!(news), &json!("News"))
    );
    let list = ada
        .get_list(&format!("{TOPICS}/{news}/leaves?email=GRACE@x.example"))
        .await;
    assert_eq!(list["data"][0]["email"], "grace@x.example", "{list}");

    server.clock.advance(TimeDelta::minutes(1));
    let forecast = make(&ada, &{
        let mut body = draft(&json!({}));
        body["topic_id"] = json!(news);
        body
    })
    .await;
    let forecast = ada.post(&format!("{forecast}/forecast"), &json!({})).await;
    assert_eq!(
        (&forecast["excluded"], &forecast["recipients"]),
        (&json!([{ "reason": "topic left", "leads": 1 }]), &json!(1)),
        "{forecast}"
    );
    let about_news = sent(&server, &ada, Some(&news)).await;
    assert_eq!(fate(&ada, &about_news, "grace@x.example").await, left());
    assert_eq!(fate(&ada, &about_news, "mary@x.example").await, got());
    checked(&ada, &about_news).await;
    for other in [Some(offers.as_str()), None] {
        let campaign = sent(&server, &ada, other).await;
        assert_eq!(fate(&ada, &campaign, "grace@x.example").await, got(), "{other:?}");
    }
    let body = json!({ "to": "grace@x.example", "subject": "x", "body": "x", "topic_id": news });
    ada.send(Method::POST, "/api/email/send", Some(&body))
        .await
        .expect_error(409, "recipient_left_topic");
    let segment = json!({ "expression": format!("event(topic_left) subject(\"{news}\")") });
    assert_eq!(ada.post("/api/segments/preview", &segment).await["count"], 1);

    // A mail that was about nothing: no more mail at all, though its reader left a topic before.
    let stop = link(&server, "grace@x.example", "/u/").await;
    let text = choose(&server, &stop, &[("List-Unsubscribe", "One-Click")]).await;
    assert!(text.contains("You are unsubscribed"), "{text}");
    let campaign = sent(&server, &ada, Some(&offers)).await;
    assert_eq!(
        fate(&ada, &campaign, "grace@x.example").await,
        ("suppressed".into(), Some("suppressed: unsubscribe".into()))
    );
    server.stop().await;
}

async fn each_topic_can_be_kept_or_left(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let grace = lead(&ada, "grace", json!({})).await;
    let (news, offers) = (topic(&ada, "News").await, topic(&ada, "Offers <b>").await);
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await["id"].clone();
    ada.post(
        TOPICS,
        &json!({ "name": "Of another client", "client_id": client }),
    )
    .await;
    sent(&server, &ada, Some(&news)).await;
    let stop = link(&server, "grace@x.example", "/u/").await;
    let text = page(&server, &stop).await;
    assert!(
        text.contains("Offers &lt;b&gt;") && !text.contains("Of another client"),
        "{text}"
    );
    assert_eq!(text.matches(" checked").count(), 2);
    assert!(!text.contains("<script"));

    let save = |keep: &[&str]| {
        let mut form = vec![
            ("shown", news.clone()),
            ("shown", offers.clone()),
            ("action", "save".into()),
        ];
        form.extend(keep.iter().map(|id| ("keep", (*id).to_owned())));
        form
    };
    let send = async |form: Vec<(&str, String)>| {
        let request = server.http.post(server.url(&stop)).form(&form);
        Reply::to(request).await.expect(200).text.clone()
    };
    let text = send(save(&[&news])).await;
    assert!(
        text.contains("Saved.") && text.matches(" checked").count() == 1,
        "{text}"
    );
    assert_eq!(page(&server, &stop).await.matches(" checked").count(), 1);
    // A topic that was not on the page stays as it is.
    let late = topic(&ada, "Late").await;
    send(save(&[&offers])).await;
    let kinds: Vec<_> = timeline(&ada, &grace)
        .await
        .iter()
        .map(|event| (event["kind"].clone(), event["data"]["topic"].clone()))
        .collect();
    assert_eq!(kinds.len(), 3, "{kinds:?}");
    assert!(kinds.contains(&(json!("topic_joined"), json!("Offers <b>"))));
    server.clock.advance(TimeDelta::minutes(1));
    for (topic, expected) in [(&news, left()), (&offers, got()), (&late, got())] {
        let campaign = sent(&server, &ada, Some(topic)).await;
        assert_eq!(
            fate(&ada, &campaign, "grace@x.example").await,
            expected,
            "{topic}"
        );
    }
    let text = choose(&server, &stop, &[("action", "everything")]).await;
    assert!(text.contains("You are unsubscribed"), "{text}");
    assert!(page(&server, &stop).await.contains("You are unsubscribed"));
    let events = ada.get_list(&format!("/api/leads/{grace}/timeline")).await;
    let kinds: Vec<_> = events["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["kind"].clone())
        .collect();
    assert!(kinds.contains(&json!("unsubscribed")), "{kinds:?}");

    // Somebody else's link, or half of one, tells and changes nothing.
    let request = server
        .http
        .post(server.url("/u/nonsense"))
        .form(&[("action", "everything")]);
    assert_eq!(Reply::to(request).await.status, 404);
    let large = "x".repeat(70_000);
    let request = server
        .http
        .post(server.url(&stop))
        .form(&[("action", "save"), ("keep", &large)]);
    assert_eq!(Reply::to(request).await.status, 413);
    server.stop().await;
}

async fn who_left_while_a_mail_waits_does_not_get_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    lead(&ada, "grace", json!({})).await;
    let news = topic(&ada, "News").await;
    sent(&server, &ada, Some(&news)).await;
    let stop = link(&server, "grace@x.example", "/u/").await;
    server.clock.advance(TimeDelta::minutes(1));
    let campaign = launched(&ada, Some(&news)).await;
    server.drain_kind("campaigns.snapshot").await;
    let body = json!({ "to": "grace@x.example", "subject": "x", "body": "x", "topic_id": news });
    let mail = ada.post("/api/email/send", &body).await;
    choose(&server, &stop, &[("List-Unsubscribe", "One-Click")]).await;
    server.drain().await;
    assert_eq!(fate(&ada, &campaign, "grace@x.example").await, left());
    let mail = ada
        .get(&format!(
            "/api/email/messages/{}",
            mail["email_id"].as_str().unwrap()
        ))
        .await;
    assert_eq!(
        (&mail["status"], &mail["reason"], &mail["topic_id"]),
        (&json!("suppressed"), &json!("topic left"), &json!(news))
    );
    server.stop().await;
}

async fn who_leaves_the_topic_of_a_sequence_leaves_it(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let (grace, mary) = (
        lead(&ada, "grace", json!({})).await,
        lead(&ada, "mary", json!({})).await,
    );
    let news = topic(&ada, "News").await;
    let steps = json!([send("one"), { "id": "wait", "type": "wait", "for": { "days": 1 } }, send("two")]);
    let about = active(&ada, json!({ "name": "About", "steps": steps, "topic_id": news })).await;
    let other = active(&ada, json!({ "name": "Other", "steps": steps })).await;
    for path in [&about, &other] {
        enroll(&ada, path, &[&grace]).await;
    }
    server.drain().await;
    let list = ada
        .get_list(&format!("/api/email/messages?lead_id={grace}&kind=sequence"))
        .await;
    let mail = list["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|mail| mail["topic_id"] == json!(news));
    let mail = mail.unwrap_or_else(|| panic!("no mail is about the topic: {list}"))["id"].clone();
    let mails = server.app.system.outbox().latest(None, 50).await.unwrap();
    let mail = mails.iter().find(|sent| json!(sent.id) == mail).unwrap();
    let token = mail.html.split("/u/").nth(1).unwrap().split('"').next().unwrap();
    choose(
        &server,
        &format!("/u/{token}"),
        &[("List-Unsubscribe", "One-Click")],
    )
    .await;
    let gone = enrollment(&ada, &about, &grace).await;
    assert_eq!(
        (&gone["status"], &gone["exit_reason"]),
        (&json!("exited"), &json!("unsubscribed"))
    );
    assert_eq!(enrollment(&ada, &other, &grace).await["status"], "active");
    // Who left before comes in and leaves at once, without a mail.
    enroll(&ada, &about, &[&mary]).await;
    server.drain().await;
    assert_eq!(enrollment(&ada, &about, &mary).await["status"], "active");
    server.after(TimeDelta::days(1)).await;
    let list = ada
        .get_list(&format!(
            "/api/email/messages?lead_id={grace}&kind=sequence&status=sent&with_total=true"
        ))
        .await;
    assert_eq!(list["total"], 3, "one about the topic, two of the other sequence");
    server.stop().await;
}

async fn merges_and_erasures_keep_it_right(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let (one, two) = (
        lead(&ada, "one", json!({})).await,
        lead(&ada, "two", json!({})).await,
    );
    let (news, offers) = (topic(&ada, "News").await, topic(&ada, "Offers").await);
    sent(&server, &ada, Some(&news)).await;
    let stop = link(&server, "two@x.example", "/u/").await;
    let later = link(&server, "two@x.example", "/u/").await;
    choose(&server, &stop, &[("List-Unsubscribe", "One-Click")]).await;
    let who = async |topic: &str| {
        let list = ada.get_list(&format!("{TOPICS}/{topic}/leaves")).await;
        let mut names: Vec<String> = list["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|leave| {
                leave["email"]
                    .as_str()
                    .unwrap()
                    .split('@')
                    .next()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        names.sort();
        names.join(" ")
    };
    assert_eq!(who(&news).await, "two");
    ada.post(&format!("/api/leads/{one}/merge"), &json!({ "lead_id": two }))
        .await;
    assert_eq!(
        who(&news).await,
        "one two",
        "what was left at one address is left at the other"
    );
    ada.post(&format!("/api/leads/{one}/unmerge"), &json!({})).await;
    assert_eq!(who(&news).await, "two");
    ada.post(&format!("/api/leads/{one}/merge"), &json!({ "lead_id": two }))
        .await;
    // A link in a mail to the address that is gone is the lead's all the same.
    let form = [("shown", offers.as_str()), ("action", "save")];
    choose(&server, &later, &form).await;
    assert_eq!(who(&offers).await, "one two");

    ada.post("/api/privacy/erasures", &json!({ "email": "two@x.example" }))
        .await;
    assert_eq!(
        (who(&news).await, who(&offers).await),
        (String::new(), String::new())
    );
    assert_eq!(server.rows_with("two@x").await, Vec::new());
    let text = page(&server, &stop).await;
    assert!(text.contains("You are unsubscribed"), "{text}");
    choose(&server, &stop, &[("shown", &news), ("action", "save")]).await;
    assert_eq!(who(&news).await, "");
    server.stop().await;
}

/// The page on a phone, with the keyboard only and without scripts.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preference_centre_needs_a_keyboard_and_no_scripts() {
    let Some(mut browser) = groundswell_tests::Chromium::start(360).await else {
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await.with_key().await;
    lead(&ada, "grace", json!({})).await;
    let news = topic(
        &ada,
        "News of a product with a rather long name, and of everything that belongs to it",
    )
    .await;
    topic(&ada, "Offers").await;
    sent(&server, &ada, Some(&news)).await;
    let stop = link(&server, "grace@x.example", "/u/").await;
    browser.without_scripts().await;
    browser.open(&server.url(&stop)).await;
    assert_eq!(browser.eval("document.documentElement.scrollWidth").await, 360);
    browser.picture("preferences-360").await;
    let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.call("Emulation.setEmulatedMedia", features).await;
    assert_ne!(
        browser
            .eval("getComputedStyle(document.body).backgroundColor")
            .await,
        "rgb(243, 244, 246)"
    );
    browser.picture("preferences-360-dark").await;
    // Both boxes, and the button.
    browser.press("Tab").await;
    browser.press("Space").await;
    assert_eq!(browser.eval("document.activeElement.checked").await, false);
    assert_ne!(
        browser
            .eval("getComputedStyle(document.activeElement).outlineStyle")
            .await,
        "none"
    );
    browser.press("Tab").await;
    browser.press("Tab").await;
    assert_eq!(browser.eval("document.activeElement.value").await, "save");
    browser.press("Enter").await;
    browser.until("document.body.innerText.includes('Saved.')").await;
    browser.picture("preferences-360-saved").await;
    let list = ada.get_list(&format!("{TOPICS}/{news}/leaves")).await;
    assert_eq!(list["data"][0]["email"], "grace@x.example", "{list}");
    server.stop().await;
}
