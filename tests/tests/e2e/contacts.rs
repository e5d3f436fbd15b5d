//! What is known of people's addresses and telephones, who opened a mail, and when to write to them.

use crate::capture::webhook;
use crate::lead_files::import;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use groundswell_domain::Scope;
use groundswell_domain::timing::{Basis, QuietHours, SendTime, Window};
use groundswell_testkit::dns_server::{DnsServer, Reply as Dns};
use groundswell_tests::{Account, Backend, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    addresses_are_looked_at_later_and_nothing_is_dropped,
    without_a_dns_nothing_is_asked,
    telephones_are_read_in_the_organizations_country,
    what_bots_do_counts_nowhere,
    the_best_time_is_learned,
);

fn id(thing: &Value) -> &str {
    thing["id"].as_str().unwrap()
}

async fn verification(account: &Account<'_>, email: &str) -> Value {
    let found = account.get_list(&format!("/api/leads/search?q={email}")).await;
    let mut found = found["data"].as_array().unwrap().clone();
    assert_eq!(found.len(), 1, "{email}: {found:?}");
    found[0]["verification"].take()
}

async fn form(account: &Account<'_>) -> String {
    let fields =
        json!([{ "name": "email", "type": "email", "required": true }, { "name": "phone", "type": "tel" }]);
    let made = account
        .post(
            "/api/lead-capture/forms",
            &json!({ "name": "Contact", "fields": fields }),
        )
        .await;
    id(&made).to_owned()
}

/// The sweep that production makes every minute, and the jobs it queues.
async fn sweep(server: &TestServer) -> u64 {
    let due = groundswell_app::leads::schedule_verification(&server.app)
        .await
        .unwrap();
    server.drain().await;
    due
}

async fn addresses_are_looked_at_later_and_nothing_is_dropped(backend: Backend) {
    let dns = DnsServer::start().await;
    for domain in ["mail.example", "mailinator.com", "xn--bcher-kva.example"] {
        dns.on(domain, "MX", Dns::Mx(vec![(10, "mx.mail.example")]));
    }
    dns.on("null.example", "MX", Dns::Mx(vec![(0, "")]));
    dns.on("broken.example", "MX", Dns::ServerFailure);
    let options = Options {
        settings: vec![
            ("dns.enabled", json!(true)),
            ("dns.nameservers", json!([dns.address().to_string()])),
        ],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await.with_key().await;

    // By hand, by a form and by a file.
    let lead = ada
        .post("/api/leads", &json!({ "email": "grace@mail.example" }))
        .await;
    let unknown = json!({ "deliverable": "unknown", "mx": "unknown", "disposable": "no", "role": "no",
        "free_mail": "no", "checked_at": null });
    assert_eq!(lead["verification"], unknown, "nobody waits for the DNS");
    let form = form(&ada).await;
    for email in ["tom@mailinator.com", "info@mail.example", "mary@Bücher.example"] {
        server
            .post(&webhook(&form), &json!({ "email": email }))
            .await
            .expect(201);
    }
    let file = "email\nkatherine@gone.example\ndorothy@null.example\nann@broken.example\n";
    let done = import(&server, &ada, file.as_bytes(), &[]).await;
    assert_eq!(done["created"], 3, "{done}");
    let thrown = verification(&ada, "tom@mailinator.com").await;
    assert_eq!(
        (&thrown["disposable"], &thrown["deliverable"]),
        (&json!("yes"), &json!("risky"))
    );
    assert_eq!(verification(&ada, "info@mail.example").await["role"], "yes");
    assert_eq!(dns.asked("mail.example", "MX"), 0);

    assert_eq!(sweep(&server).await, 1);
    for (email, deliverable, mx) in [
        ("grace@mail.example", "valid", "yes"),
        ("tom@mailinator.com", "risky", "yes"),
        ("info@mail.example", "risky", "yes"),
        ("mary@Bücher.example", "valid", "yes"),
        ("katherine@gone.example", "invalid", "no"),
        ("dorothy@null.example", "invalid", "no"),
        ("ann@broken.example", "unknown", "unknown"),
    ] {
        let found = verification(&ada, email).await;
        assert_eq!(
            (&found["deliverable"], &found["mx"]),
            (&json!(deliverable), &json!(mx)),
            "{email}"
        );
        assert!(found["checked_at"].is_string(), "{email}: {found}");
    }
    assert_eq!(dns.asked("mail.example", "MX"), 1, "each domain once");
    assert_eq!(sweep(&server).await, 0, "everything was looked at");

    // What nobody could say is asked again, and so is a new address.
    dns.on("broken.example", "MX", Dns::Mx(vec![(10, "mx.mail.example")]));
    let path = format!("/api/leads/{}", id(&lead));
    let renamed = ada.patch(&path, &json!({ "name": "Grace" })).await;
    assert_eq!(
        renamed["verification"]["mx"], "yes",
        "a name says nothing about the address"
    );
    let moved = ada.patch(&path, &json!({ "email": "grace@gone.example" })).await;
    assert_eq!(moved["verification"], unknown);
    server.clock.advance(TimeDelta::hours(1));
    assert_eq!(sweep(&server).await, 1);
    assert_eq!(
        verification(&ada, "ann@broken.example").await["deliverable"],
        "valid"
    );
    let now = ada.get(&path).await;
    assert_eq!(now["verification"]["deliverable"], "invalid");
    assert_eq!(now["version"], moved["version"], "nobody changed it");
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 7);
    server.stop().await;
}

async fn without_a_dns_nothing_is_asked(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    ada.post("/api/leads", &json!({ "email": "ada@gmail.com" })).await;
    assert_eq!(sweep(&server).await, 0);
    let found = verification(&ada, "ada@gmail.com").await;
    assert_eq!(
        (&found["mx"], &found["free_mail"]),
        (&json!("unknown"), &json!("yes"))
    );
    server.stop().await;
}

async fn telephones_are_read_in_the_organizations_country(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = json!({ "email": "a@x.example", "phone": "030 901820" });
    let lead = ada.post("/api/leads", &lead).await;
    assert_eq!(lead["phone_e164"], Value::Null, "no country is known");
    let path = format!("/api/leads/{}", id(&lead));
    let abroad = ada.patch(&path, &json!({ "phone": "+1 (650) 253-0000" })).await;
    assert_eq!(abroad["phone_e164"], "+16502530000", "it names its country");

    // The locale names one, and the region another.
    ada.patch("/api/organization", &json!({ "locale": "de-AT" }))
        .await;
    let here = ada.patch(&path, &json!({ "phone": "01 4277" })).await;
    assert_eq!(
        (&here["phone"], &here["phone_e164"]),
        (&json!("01 4277"), &json!("+4314277"))
    );
    let organization = ada.patch("/api/organization", &json!({ "region": "de" })).await;
    assert_eq!(organization["region"], "DE");
    for body in [json!({ "region": "ZZ" }), json!({ "region": "Germany" })] {
        ada.send(Method::PATCH, "/api/organization", Some(&body))
            .await
            .expect(400);
    }
    let replaced = json!({ "email": "a@x.example", "phone": "030 / 90 18 20" });
    let replaced = ada
        .send(Method::PUT, &path, Some(&replaced))
        .await
        .expect(200)
        .data();
    assert_eq!(replaced["phone_e164"], "+4930901820");

    let form = form(&ada).await;
    let body = json!({ "email": "b@x.example", "phone": "(089) 2180-0" });
    server.post(&webhook(&form), &body).await.expect(201);
    // A gap that a form fills later.
    ada.post("/api/leads", &json!({ "email": "c@x.example" })).await;
    let body = json!({ "email": "c@x.example", "phone": "040 428280" });
    server.post(&webhook(&form), &body).await.expect(201);
    import(
        &server,
        &ada,
        "email,phone\nd@x.example,0221 4700\ne@x.example,ask Ada\n".as_bytes(),
        &[],
    )
    .await;
    for (query, email) in [
        ("030901820", "a@x.example"),
        ("%2B49%2089%2021800", "b@x.example"),
        ("0049%2040%20428280", "c@x.example"),
        ("(0221)%204700", "d@x.example"),
    ] {
        let found = ada.get_list(&format!("/api/leads/search?q={query}")).await;
        let found = found["data"].as_array().unwrap();
        assert_eq!(found.len(), 1, "{query}: {found:?}");
        assert_eq!(found[0]["email"], email);
    }
    let found = ada.get_list("/api/leads/search?q=e@x.example").await;
    assert_eq!(
        (&found["data"][0]["phone"], &found["data"][0]["phone_e164"]),
        (&json!("ask Ada"), &Value::Null)
    );
    let cleared = ada.patch(&path, &json!({ "phone": null })).await;
    assert_eq!(cleared["phone_e164"], Value::Null);
    server.stop().await;
}

/// Where a mail's links lead, by their kind.
pub(crate) async fn link(server: &TestServer, to: &str, kind: &str) -> String {
    let mails = server.app.system.outbox().latest(None, 50).await.unwrap();
    let mail = mails.iter().find(|mail| mail.to.contains(to)).unwrap();
    let token = mail.html.split(kind).nth(1).unwrap().split('"').next().unwrap();
    format!("{kind}{token}")
}

pub(crate) async fn follow(server: &TestServer, link: &str, user_agent: &str) {
    let request = server.http.get(server.url(link));
    let reply = Reply::to(request.header("user-agent", user_agent)).await;
    assert!(reply.status.as_u16() < 400, "{}", reply.status);
    server.judge_visits().await;
}

async fn what_bots_do_counts_nowhere(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let lead = ada
        .post("/api/leads", &json!({ "email": "grace@x.example" }))
        .await;
    let content = json!({ "subject": "Hello", "html": "<a href=\"https://x.example/offer\">Read</a>" });
    let campaign = json!({ "name": "Spring", "type": "email", "content": content });
    let campaign = ada.post("/api/campaigns", &campaign).await;
    let campaign = format!("/api/campaigns/{}", id(&campaign));
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    let open = link(&server, "grace@x.example", "/t/o/").await;
    let click = link(&server, "grace@x.example", "/t/c/").await;
    let unsubscribe = link(&server, "grace@x.example", "/u/").await;
    let numbers = async || {
        let metrics = ada.get(&format!("{campaign}/metrics")).await;
        let lead = ada.get(&format!("/api/leads/{}", id(&lead))).await;
        let names = ["opens", "unique_opens", "clicks", "unique_clicks"];
        (
            names.map(|name| metrics[name].as_i64().unwrap()),
            lead["score"]["total"].as_i64().unwrap(),
        )
    };
    let (none, score) = numbers().await;
    assert_eq!(none, [0; 4]);
    for user_agent in [
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "curl/8.11.0",
        "python-requests/2.32.3",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    ] {
        follow(&server, &open, user_agent).await;
        follow(&server, &click, user_agent).await;
    }
    assert_eq!(numbers().await, ([0; 4], score));
    let mails = ada.get_list("/api/email/messages").await;
    assert_eq!(mails["data"][0]["opened_at"], Value::Null);
    // Gmail fetches the picture when a person opens the mail.
    let gmail = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
    follow(&server, &open, gmail).await;
    follow(
        &server,
        &click,
        "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    )
    .await;
    let (counted, more) = numbers().await;
    assert_eq!(counted, [1; 4]);
    assert!(more > score);
    // Everything is kept, and the other end of a one-click unsubscribe is a machine.
    assert_eq!(server.rows_with("AhrefsBot").await.len(), 2);
    let request = server.http.post(server.url(&unsubscribe));
    Reply::to(request.header("user-agent", "python-requests/2.32.3"))
        .await
        .expect(200);
    let metrics = ada.get(&format!("{campaign}/metrics")).await;
    assert_eq!(metrics["unsubscribes"], 1);
    server.stop().await;
}

async fn best(server: &TestServer, account: &Account<'_>, lead: &Value) -> SendTime {
    let scope = Scope::system(
        account.organization.parse::<uuid::Uuid>().unwrap().into(),
        server.app.request_id(),
    );
    let now = server.app.now();
    let window = Window::new(now, now + TimeDelta::days(7)).unwrap();
    let lead = id(lead).parse::<uuid::Uuid>().unwrap().into();
    let found = groundswell_app::timing::best_time(&server.app, &scope, lead, window, QuietHours::default());
    found.await.unwrap().unwrap()
}

async fn the_best_time_is_learned(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    ada.patch("/api/organization", &json!({ "time_zone": "America/New_York" }))
        .await;
    let mut leads = Vec::new();
    for name in ["grace", "mary", "tom"] {
        let body =
            json!({ "email": format!("{name}@x.example"), "custom_fields": { "time_zone": "Asia/Tokyo" } });
        let body = if name == "tom" {
            body
        } else {
            json!({ "email": body["email"] })
        };
        leads.push(ada.post("/api/leads", &body).await);
    }
    let flat = best(&server, &ada, &leads[0]).await;
    assert_eq!(flat.basis, Basis::Organization);
    assert!(
        (flat.lift - 1.0).abs() < 1e-9,
        "nothing is known of anybody: {flat:?}"
    );

    // Grace reads her mail at 20:15 in New York, and a bot at 9:15.
    let start = server.app.now();
    let evening = next(start, 1, 15);
    let zone = "America/New_York"
        .parse::<groundswell_domain::locale::TimeZone>()
        .unwrap()
        .tz();
    for day in 0..40 {
        let single = json!({ "to": "grace@x.example", "subject": "News", "body": "<a href=\"https://x.example/\">x</a>" });
        ada.post("/api/email/send", &single).await;
        server.drain().await;
        let open = link(&server, "grace@x.example", "/t/o/").await;
        let at = evening + TimeDelta::days(day);
        server.clock.set(at);
        follow(
            &server,
            &open,
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X)",
        )
        .await;
        server.clock.set(at + TimeDelta::hours(13));
        follow(&server, &open, "curl/8.11.0").await;
    }
    let local = evening.with_timezone(&zone);
    let own = best(&server, &ada, &leads[0]).await;
    assert_eq!(
        (own.basis, u32::from(own.hour.hour())),
        (Basis::Contact, local.hour()),
        "{own:?}"
    );
    assert!(own.lift > 5.0 && own.events > 30.0, "{own:?}");
    // The others have no events: theirs is everybody's hour, on the clock of each.
    server.clock.advance(TimeDelta::minutes(11));
    let mary = best(&server, &ada, &leads[1]).await;
    let tom = best(&server, &ada, &leads[2]).await;
    assert_eq!(
        (mary.basis, tom.basis),
        (Basis::Organization, Basis::Organization)
    );
    assert_eq!(mary.hour.hour(), tom.hour.hour());
    assert_eq!(
        (tom.at.hour() + 9) % 24,
        u32::from(tom.hour.hour()),
        "Tokyo is nine hours ahead"
    );
    server.stop().await;
}

/// The next time that the clock in UTC shows this.
fn next(after: DateTime<Utc>, hour: u32, minute: u32) -> DateTime<Utc> {
    let day = after.date_naive().and_hms_opt(hour, minute, 0).unwrap().and_utc();
    if day > after {
        day
    } else {
        day + TimeDelta::days(1)
    }
}
