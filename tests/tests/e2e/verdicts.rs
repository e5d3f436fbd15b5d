//! Who opened and clicked: programs are told from people, also in hindsight.

use crate::contacts::link;
use chrono::TimeDelta;
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_scanner_is_known_in_hindsight,
    all_is_judged_by_the_rules_of_today
);

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";

fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

/// A campaign with three links to one lead, which was sent an hour ago; the addresses of campaign and lead.
async fn sent(server: &TestServer, ada: &Account<'_>) -> (String, String) {
    let lead = ada
        .post("/api/leads", &json!({ "email": "grace@x.example" }))
        .await;
    let html = "<a href=\"https://x.example/1\">1</a><a href=\"https://x.example/2\">2</a><a href=\"https://x.example/3\">3</a>";
    let content = json!({ "subject": "Hello", "html": html });
    let campaign = json!({ "name": "Spring", "type": "email", "content": content });
    let campaign = ada.post("/api/campaigns", &campaign).await;
    let campaign = format!("/api/campaigns/{}", id(&campaign));
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    server.clock.advance(TimeDelta::hours(1));
    (campaign, format!("/api/leads/{}", id(&lead)))
}

/// The links of the mail: three for people, and the one that no person can see.
async fn clicks(server: &TestServer) -> Vec<String> {
    let mails = server.app.system.outbox().latest(None, 5).await.unwrap();
    let tokens = mails[0].html.split("/t/c/").skip(1);
    tokens
        .map(|rest| format!("/t/c/{}", rest.split('"').next().unwrap()))
        .collect()
}

async fn visit(server: &TestServer, method: Method, link: &str, user_agent: &str) -> Reply {
    let request = server.http.request(method, server.url(link));
    let reply = Reply::to(request.header("user-agent", user_agent)).await;
    assert!(reply.status.as_u16() < 400, "{}", reply.status);
    server.judge_visits().await;
    reply
}

async fn numbers(ada: &Account<'_>, campaign: &str, lead: &str) -> ([i64; 4], i64, usize) {
    let metrics = ada.get(&format!("{campaign}/metrics")).await;
    let score = ada.get(lead).await["score"]["total"].as_i64().unwrap();
    let timeline = ada.get_list(&format!("{lead}/timeline")).await;
    let events = timeline["data"].as_array().unwrap().iter();
    let seen =
        events.filter(|event| ["email_opened", "email_clicked"].contains(&event["kind"].as_str().unwrap()));
    let names = ["opens", "unique_opens", "clicks", "unique_clicks"];
    (
        names.map(|name| metrics[name].as_i64().unwrap()),
        score,
        seen.count(),
    )
}

async fn a_scanner_is_known_in_hindsight(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let (campaign, lead) = sent(&server, &ada).await;
    let links = clicks(&server).await;
    assert_eq!(links.len(), 4, "three links, and the invisible one");
    let open = link(&server, "grace@x.example", "/t/o/").await;
    let before = numbers(&ada, &campaign, &lead).await;
    assert_eq!(before.0, [0; 4]);

    // A request for the header alone is no person's.
    visit(&server, Method::HEAD, &links[0], BROWSER).await;
    assert_eq!(numbers(&ada, &campaign, &lead).await, before);

    // Two links at once may be a person's; with the third everything of that visit turns out a scanner's.
    visit(&server, Method::GET, &links[0], BROWSER).await;
    visit(&server, Method::GET, &links[1], BROWSER).await;
    let meanwhile = numbers(&ada, &campaign, &lead).await;
    assert_eq!((meanwhile.0, meanwhile.2), ([0, 0, 2, 1], 1));
    assert!(meanwhile.1 > before.1);
    visit(&server, Method::GET, &links[2], BROWSER).await;
    assert_eq!(numbers(&ada, &campaign, &lead).await, before);
    let mails = ada.get_list("/api/email/messages").await;
    assert_eq!(mails["data"][0]["clicked_at"], Value::Null);

    // The invisible link takes the open with it that came shortly before.
    server.clock.advance(TimeDelta::minutes(10));
    visit(&server, Method::GET, &open, "Other/1.0").await;
    assert_eq!(numbers(&ada, &campaign, &lead).await.0, [1, 1, 0, 0]);
    let trap = visit(&server, Method::GET, &links[3], "Scan/1.0").await;
    assert_eq!(trap.status.as_u16(), 302, "looks like any other link");
    assert_eq!(numbers(&ada, &campaign, &lead).await, before);

    // A day later, a person. The history says what is thought of it.
    server.clock.advance(TimeDelta::days(1));
    let gmail = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    visit(&server, Method::GET, &open, gmail).await;
    visit(
        &server,
        Method::GET,
        &links[1],
        "Mozilla/5.0 (Macintosh) Safari/605.1.15",
    )
    .await;
    let people = numbers(&ada, &campaign, &lead).await;
    assert_eq!((people.0, people.2), ([1; 4], 2));
    assert!(people.1 > before.1);
    let timeline = ada.get_list(&format!("{lead}/timeline")).await;
    let opened = timeline["data"].as_array().unwrap().iter();
    let opened = opened
        .clone()
        .find(|event| event["kind"] == "email_opened")
        .unwrap();
    assert_eq!(opened["data"]["verdict"], "proxy");
    assert_eq!(opened["data"]["reasons"], json!(["proxy_agent"]));
    server.stop().await;
}

async fn all_is_judged_by_the_rules_of_today(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let (campaign, lead) = sent(&server, &ada).await;
    let open = link(&server, "grace@x.example", "/t/o/").await;
    let none = numbers(&ada, &campaign, &lead).await;
    visit(&server, Method::GET, &open, BROWSER).await;
    let right = numbers(&ada, &campaign, &lead).await;
    assert_eq!(right.0, [1, 1, 0, 0]);

    // As if nobody had known this program when it came.
    server
        .sabotage("UPDATE email_events SET user_agent = 'Mozilla/5.0' WHERE kind = 'open'")
        .await;
    for _ in 0..2 {
        let job = ada.post("/api/email/events/reclassify", &json!({})).await;
        assert!(job["job_id"].is_string());
        server.drain().await;
        assert_eq!(
            numbers(&ada, &campaign, &lead).await,
            none,
            "and judging twice is judging once"
        );
    }
    server
        .sabotage("UPDATE email_events SET user_agent = 'Known/1.0' WHERE kind = 'open'")
        .await;
    ada.post("/api/email/events/reclassify", &json!({})).await;
    server.drain().await;
    assert_eq!(numbers(&ada, &campaign, &lead).await, right);
    let log = ada
        .get_list("/api/audit-log?action=email_events.reclassified")
        .await;
    assert_eq!(log["data"].as_array().unwrap().len(), 3);
    server.stop().await;
}
