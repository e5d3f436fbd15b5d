//! Domains that mail is sent from, several servers, receivers that push back, and domains that are young.

use crate::campaigns::{checked, draft, make};
use crate::mail::{SEND, only};
use chrono::TimeDelta;
use groundswell_domain::Scope;
use groundswell_testkit::dns_server::{DnsServer, Reply as Dns};
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Account, Backend, Options, TestServer};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

on_both!(
    a_domain_is_set_up_checked_and_sent_from,
    what_the_dns_lacks_is_said,
    domains_are_looked_at_again_each_day,
    a_client_sends_from_a_domain_of_its_own,
    keys_of_domains_are_nobodys_to_see,
    another_server_takes_over,
    a_receiver_that_pushes_back_gets_less_and_others_all,
    a_place_of_a_day_is_given_back,
    complaints_slow_down,
    a_young_domain_sends_more_each_day,
);

const DOMAINS: &str = "/api/email/domains";

/// A server that asks this name server, and sends by these.
async fn start(
    backend: Backend,
    dns: &DnsServer,
    servers: Value,
    more: Vec<(&'static str, Value)>,
) -> TestServer {
    let mut settings = vec![
        ("dns.enabled", json!(true)),
        ("dns.nameservers", json!([dns.address().to_string()])),
        ("email.transport", json!("smtp")),
        ("email.servers", servers),
        ("email.from", json!("Test <news@sender.example>")),
        ("email.spf", json!("include:_spf.relay.example")),
    ];
    settings.extend(more);
    let options = Options {
        settings,
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

fn relay(sink: &SmtpSink) -> Value {
    json!([{ "name": "relay", "kind": "smtp", "url": sink.url() }])
}

/// Puts a domain's records into the DNS as the answer says them.
fn set(dns: &DnsServer, domain: &Value) {
    for record in domain["records"].as_array().unwrap() {
        let (name, value) = (
            record["name"].as_str().unwrap(),
            record["value"].as_str().unwrap(),
        );
        assert_eq!(record["type"], "TXT");
        dns.on(name, "TXT", Dns::Txt(vec![value.to_owned()]));
    }
    let name = domain["domain"].as_str().unwrap();
    dns.on(name, "MX", Dns::Mx(vec![(10, "mx.relay.example")]));
    dns.on(
        "_spf.relay.example",
        "TXT",
        Dns::Txt(vec!["v=spf1 ip4:192.0.2.1 -all".into()]),
    );
}

/// A domain that passed its check.
async fn verified(dns: &DnsServer, account: &Account<'_>, body: &Value) -> (String, Value) {
    let made = account.post(DOMAINS, body).await;
    set(dns, &made);
    let path = format!("{DOMAINS}/{}", made["id"].as_str().unwrap());
    let checked = account.post(&format!("{path}/check"), &json!({})).await;
    assert!(checked["verified_at"].is_string(), "{checked}");
    (path, checked)
}

async fn patch(account: &Account<'_>, path: &str, body: &Value) -> groundswell_tests::Reply {
    account.send(Method::PATCH, path, Some(body)).await
}

async fn a_domain_is_set_up_checked_and_sent_from(backend: Backend) {
    let dns = DnsServer::start().await;
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await;
    let body = json!({ "domain": "Ada.Example.", "algorithms": ["ed25519", "rsa"] });
    let reply = ada.send(Method::POST, DOMAINS, Some(&body)).await;
    let made = reply.expect(201).data();
    let path = format!("{DOMAINS}/{}", made["id"].as_str().unwrap());
    assert_eq!(reply.header("location"), path);
    assert_eq!(
        (&made["domain"], &made["verified_at"]),
        (&json!("ada.example"), &Value::Null)
    );
    assert_eq!(made["checks"]["dkim"]["status"], "unknown");
    let records = made["records"].as_array().unwrap();
    let purposes: Vec<_> = records
        .iter()
        .map(|record| record["purpose"].as_str().unwrap())
        .collect();
    assert_eq!(purposes, ["dkim", "dkim", "spf", "dmarc"]);
    assert_eq!(records[2]["value"], "v=spf1 include:_spf.relay.example ~all");
    for record in records {
        let zone = record["zone"].as_str().unwrap();
        let pieces: Vec<_> = zone.split('"').skip(1).step_by(2).collect();
        assert!(pieces.iter().all(|piece| piece.len() <= 255), "{zone}");
        assert_eq!(pieces.concat(), record["value"].as_str().unwrap());
    }

    let from = json!({ "from": { "name": "Ada, Inc.", "address": "hello@ada.example" } });
    let refused = patch(&ada, "/api/organization", &from).await;
    refused.expect(400);
    assert!(
        refused.text.contains("verified sending domain"),
        "{}",
        refused.text
    );
    set(&dns, &made);
    let checked = ada.post(&format!("{path}/check"), &json!({})).await;
    for (what, reason) in [
        ("dkim", "shows the key"),
        ("spf", "one SPF record"),
        ("dmarc", "p=none"),
        ("mx", "mx.relay.example"),
    ] {
        let check = &checked["checks"][what];
        assert_eq!(check["status"], "pass", "{what}: {check}");
        assert!(
            check["reason"].as_str().unwrap().contains(reason),
            "{what}: {check}"
        );
    }
    assert_eq!(ada.get(&path).await, checked);
    patch(&ada, "/api/organization", &from).await.expect(200);
    ada.send(Method::DELETE, &path, None)
        .await
        .expect_error(409, "domain_in_use");

    let mail = json!({ "to": "grace@navy.example", "subject": "Hello", "body": "Hello" });
    ada.post(SEND, &mail).await;
    server.drain().await;
    let mail = only(&sink, "grace@navy.example");
    assert_eq!(mail.mail_from, "hello@ada.example");
    assert_eq!(
        mail.header("From"),
        Some("=?utf-8?b?QWRhLCBJbmMu?= <hello@ada.example>")
    );
    let signatures: Vec<_> = mail
        .headers
        .iter()
        .filter(|(name, _)| name == "DKIM-Signature")
        .collect();
    assert_eq!(signatures.len(), 2);
    assert!(
        signatures
            .iter()
            .all(|(_, value)| value.contains("d=ada.example;"))
    );

    // Somebody took the key out of the DNS: from now on mail comes from the installation again.
    dns.on(records[0]["name"].as_str().unwrap(), "TXT", Dns::Nothing);
    let checked = ada.post(&format!("{path}/check"), &json!({})).await;
    assert_eq!(
        (&checked["verified_at"], &checked["checks"]["dkim"]["status"]),
        (&Value::Null, &json!("fail"))
    );
    ada.post(
        SEND,
        &json!({ "to": "mary@navy.example", "subject": "Hello", "body": "Hello" }),
    )
    .await;
    server.drain().await;
    assert_eq!(only(&sink, "mary@navy.example").mail_from, "news@sender.example");

    patch(&ada, "/api/organization", &json!({ "from": null }))
        .await
        .expect(200);
    ada.send(Method::DELETE, &path, None).await.expect(200);
    ada.send(Method::GET, &path, None).await.expect(404);
    // Nothing is in the way of making it again.
    ada.post(DOMAINS, &json!({ "domain": "ada.example" })).await;
    server.stop().await;
}

async fn domains_are_looked_at_again_each_day(backend: Backend) {
    let dns = DnsServer::start().await;
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await.with_key().await;
    let (path, domain) = verified(&dns, &ada, &json!({ "domain": "ada.example" })).await;
    assert_eq!(domain["troubles"], json!([]));
    let time = |value: &Value| {
        value
            .as_str()
            .unwrap()
            .parse::<chrono::DateTime<chrono::Utc>>()
            .unwrap()
    };
    let pause = time(&domain["check_at"]) - time(&domain["checks"]["checked_at"]);
    assert!(
        (TimeDelta::hours(22)..=TimeDelta::hours(26)).contains(&pause),
        "{pause}"
    );
    let look = async || {
        let due = groundswell_app::email::schedule_checks(&server.app)
            .await
            .unwrap();
        server.drain().await;
        due
    };
    server.clock.advance(TimeDelta::hours(21));
    assert_eq!(look().await, 0);
    // Somebody took the key away: that is found without anybody asking.
    dns.on(
        domain["records"][0]["name"].as_str().unwrap(),
        "TXT",
        Dns::Nothing,
    );
    server.clock.advance(TimeDelta::hours(6));
    assert_eq!(look().await, 1);
    assert_eq!(look().await, 0, "the next look is a day away");
    let list = ada.get_list(DOMAINS).await;
    let found = &list["data"][0];
    assert_eq!(found["verified_at"], Value::Null);
    assert!(
        found["troubles"][0].as_str().unwrap().starts_with("DKIM: "),
        "{found}"
    );
    let log = ada.get_list("/api/audit-log?action=sending_domain.checked").await;
    assert_eq!(
        (
            &log["data"][0]["before"]["failing"],
            &log["data"][0]["after"]["failing"]
        ),
        (&json!([]), &json!(["DKIM"])),
        "{log}"
    );
    // As it was, nothing is told again.
    server.clock.advance(TimeDelta::hours(27));
    assert_eq!(look().await, 1);
    let again = ada.get_list("/api/audit-log?action=sending_domain.checked").await;
    assert_eq!(
        again["data"].as_array().unwrap().len(),
        log["data"].as_array().unwrap().len()
    );
    set(&dns, &domain);
    server.clock.advance(TimeDelta::hours(27));
    assert_eq!(look().await, 1);
    assert!(ada.get(&path).await["verified_at"].is_string());
    ada.send(Method::DELETE, &path, None).await.expect(200);
    server.clock.advance(TimeDelta::hours(27));
    assert_eq!(look().await, 0);
    server.stop().await;
}

async fn what_the_dns_lacks_is_said(backend: Backend) {
    let dns = DnsServer::start().await;
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await;
    let made = ada.post(DOMAINS, &json!({ "domain": "news.ada.example" })).await;
    let check = format!("{DOMAINS}/{}/check", made["id"].as_str().unwrap());
    let key = made["records"][0]["name"].as_str().unwrap();
    let statuses = |checked: &Value| {
        ["spf", "dkim", "dmarc", "mx"].map(|what| checked["checks"][what]["status"].clone())
    };
    let nothing = ada.post(&check, &json!({})).await;
    assert_eq!(statuses(&nothing), ["fail", "fail", "fail", "fail"], "{nothing}");

    let spf = "v=spf1 include:other.example +all";
    dns.on("news.ada.example", "TXT", Dns::Txt(vec![spf.into()]));
    dns.on("news.ada.example", "MX", Dns::Mx(vec![(0, "")]));
    let value = made["records"][0]["value"].as_str().unwrap();
    dns.on(key, "TXT", Dns::Txt(vec![value[..200].into()]));
    // The policy of the domain above counts.
    dns.on(
        "_dmarc.ada.example",
        "TXT",
        Dns::Txt(vec!["v=DMARC1; p=reject".into()]),
    );
    let wrong = ada.post(&check, &json!({})).await;
    assert_eq!(statuses(&wrong), ["fail", "fail", "pass", "fail"], "{wrong}");
    for (what, reason) in [
        ("spf", "everybody"),
        ("dkim", "ends too early"),
        ("mx", "null MX"),
        ("dmarc", "p=reject"),
    ] {
        let found = wrong["checks"][what]["reason"].as_str().unwrap();
        assert!(found.contains(reason), "{what}: {found}");
    }
    dns.on(key, "TXT", Dns::ServerFailure);
    let silent = ada.post(&check, &json!({})).await;
    assert_eq!(silent["checks"]["dkim"]["status"], "unknown", "{silent}");

    for (body, field) in [
        (json!({ "domain": "gmail.com" }), "domain"),
        (json!({ "domain": "co.uk" }), "domain"),
        (json!({ "domain": "no domain" }), "domain"),
        (
            json!({ "domain": "x.example", "algorithms": ["ed25519"] }),
            "algorithms",
        ),
        (
            json!({ "domain": "x.example", "from": { "address": "a@x.example" } }),
            "from",
        ),
    ] {
        let reply = ada.send(Method::POST, DOMAINS, Some(&body)).await;
        reply.expect(400);
        assert!(
            reply.text.contains(&format!("\"field\":\"{field}\"")),
            "{}",
            reply.text
        );
    }
    let again = json!({ "domain": "news.ada.example" });
    ada.send(Method::POST, DOMAINS, Some(&again))
        .await
        .expect_error(409, "domain_exists");
    server.stop().await;
}

async fn a_client_sends_from_a_domain_of_its_own(backend: Backend) {
    let dns = DnsServer::start().await;
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await;
    let client = ada.post("/api/clients", &json!({ "name": "Navy" })).await["id"].clone();
    let body = json!({ "domain": "navy.example", "client_id": client, "from": { "name": "Navy", "address": "post@navy.example" } });
    verified(&dns, &ada, &body).await;
    ada.post("/api/leads", &json!({ "email": "grace@x.example" }))
        .await;
    let mut campaign = draft(&json!({}));
    campaign["client_id"] = client;
    let path = make(&ada, &campaign).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    let single = json!({ "to": "single@x.example", "subject": "Hello", "body": "Hello" });
    ada.post(SEND, &single).await;
    server.drain().await;
    assert_eq!(
        only(&sink, "grace@x.example").header("From"),
        Some("Navy <post@navy.example>")
    );
    assert_eq!(only(&sink, "single@x.example").mail_from, "news@sender.example");
    server.stop().await;
}

async fn keys_of_domains_are_nobodys_to_see(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let made = ada.post(DOMAINS, &json!({ "domain": "ada.example" })).await;
    let name = format!("dkim-key-{}-rsa", made["id"].as_str().unwrap().replace('-', ""));
    let path = format!("/api/user/secrets/{name}");
    let body = json!({ "value": "0123456789abcdef", "holder": "organization" });
    ada.send(Method::PUT, &path, Some(&body)).await.expect(400);
    ada.send(Method::DELETE, &format!("{path}?holder=organization"), None)
        .await
        .expect(400);
    let all = ada
        .get_list("/api/user/secrets?holder=organization&with_total=true")
        .await;
    assert_eq!(all["total"], 0, "{all}");
    // It is among what a rotation of keys goes through, all the same.
    server.clock.advance(TimeDelta::seconds(1));
    let rotated = groundswell_app::secrets::rotate(&server.app, &mut |_| {})
        .await
        .unwrap();
    assert_eq!((rotated.resealed, rotated.is_complete()), (1, true));
    let stored = server.everything_stored().await;
    assert!(
        !stored
            .windows(10)
            .any(|some| some == b"MIIEvQIBAD" || some == b"MIIEvgIBAD"),
        "in the clear"
    );
    server.stop().await;
}

async fn people(account: &Account<'_>, addresses: impl IntoIterator<Item = String>) {
    for address in addresses {
        account.post("/api/leads", &json!({ "email": address })).await;
    }
}

async fn another_server_takes_over(backend: Backend) {
    let dns = DnsServer::start().await;
    let bad = SmtpSink::start(&["-b", "454 4.7.1 not now", "-r", "RCPT"])
        .await
        .unwrap();
    let good = SmtpSink::start(&[]).await.unwrap();
    let servers = json!([
        { "name": "gone", "kind": "smtp", "url": "smtp://127.0.0.1:1?tls=none", "weight": 5 },
        { "name": "bad", "kind": "smtp", "url": bad.url(), "weight": 5 },
        { "name": "good", "kind": "smtp", "url": good.url(), "per_second": 1000.0 },
    ]);
    let server = start(backend, &dns, servers, vec![]).await;
    let ada = server.register("Ada").await;
    people(&ada, (0..20).map(|number| format!("lead{number}@x.example"))).await;
    let path = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(20))
    );
    let all: BTreeSet<_> = good
        .mails()
        .unwrap()
        .iter()
        .flat_map(|mail| mail.recipients.clone())
        .collect();
    assert_eq!((all.len(), good.mails().unwrap().len()), (20, 20));
    let health = ada.get("/api/health/status").await;
    assert_eq!(health["services"]["mail"]["status"], "degraded", "{health}");
    server.stop().await;
}

async fn a_receiver_that_pushes_back_gets_less_and_others_all(backend: Backend) {
    let dns = DnsServer::start().await;
    let too_fast = [
        "-b",
        "450 4.2.1 receiving mail at a rate that is too high",
        "-r",
        "RCPT",
    ];
    let mut sink = SmtpSink::start(&too_fast).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await.with_key().await;
    people(&ada, (0..40).map(|number| format!("lead{number}@gmail.com"))).await;
    let path = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    let tried = ada
        .get_list(&format!("{path}/recipients?status=queued&limit=200"))
        .await;
    let attempts = |list: &Value| -> i64 {
        let rows = list["data"].as_array().unwrap();
        rows.iter().map(|row| row["attempts"].as_i64().unwrap()).sum()
    };
    // Those that were on their way when it pushed back; the others wait and were not tried.
    let first = attempts(&tried);
    assert!((1..=20).contains(&first), "{first}");
    let waiting = tried["data"].as_array().unwrap().iter().filter(|row| {
        row["reason"]
            .as_str()
            .is_some_and(|reason| reason.contains("google takes no more mail"))
    });
    assert_eq!(i64::try_from(waiting.count()).unwrap(), 40 - first);

    sink.restart(&[]).await.unwrap();
    // Another receiver gets its mail at once, and a mail that somebody waits for is not held up.
    ada.post(
        SEND,
        &json!({ "to": "mary@yahoo.com", "subject": "Hello", "body": "Hello" }),
    )
    .await;
    ada.post(
        SEND,
        &json!({ "to": "late@googlemail.com", "subject": "Hello", "body": "Hello" }),
    )
    .await;
    server
        .http
        .post(server.url("/api/auth/password/forgot"))
        .json(&json!({ "email": "ada@ada.example" }))
        .send()
        .await
        .unwrap();
    server.drain().await;
    only(&sink, "mary@yahoo.com");
    only(&sink, "ada@ada.example");
    assert!(
        !sink
            .mails()
            .unwrap()
            .iter()
            .any(|mail| mail.recipients == ["late@googlemail.com"])
    );
    // 60 a minute by then and more each minute: never all at once, and in the end everybody, once.
    let mut steps = Vec::new();
    let mut before = sink.mails().unwrap().len();
    for _ in 0..40 {
        server.after(TimeDelta::seconds(10)).await;
        let now = sink.mails().unwrap().len();
        steps.push(now - before);
        before = now;
    }
    assert!(steps.iter().all(|step| *step <= 16), "{steps:?}");
    assert!(
        steps[..4].iter().all(|step| *step == 0),
        "a minute's pause: {steps:?}"
    );
    let done = checked(&ada, &path).await;
    assert_eq!(
        (&done["status"], &done["metrics"]["sent"]),
        (&json!("completed"), &json!(40)),
        "{steps:?}"
    );
    let all: BTreeSet<_> = sink
        .mails()
        .unwrap()
        .iter()
        .flat_map(|mail| mail.recipients.clone())
        .collect();
    assert_eq!((all.len(), sink.mails().unwrap().len()), (43, 43));
    server.stop().await;
}

/// A campaign may send so many a day: those who could not be written to make room for others.
async fn a_place_of_a_day_is_given_back(backend: Backend) {
    let dns = DnsServer::start().await;
    let too_fast = ["-b", "450 4.2.1 mail at a rate that is too high", "-r", "RCPT"];
    let mut sink = SmtpSink::start(&too_fast).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await.with_key().await;
    ada.post(
        SEND,
        &json!({ "to": "first@gmail.com", "subject": "Hello", "body": "Hello" }),
    )
    .await;
    server.drain().await;
    sink.restart(&[]).await.unwrap();
    let at_gmail = (0..4).map(|number| format!("lead{number}@gmail.com"));
    let elsewhere = (0..4).map(|number| format!("lead{number}@x.example"));
    people(&ada, at_gmail.chain(elsewhere)).await;
    let mut campaign = draft(&json!({}));
    campaign["delivery"] = json!({ "daily_cap": 5 });
    let path = make(&ada, &campaign).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    let of_it = || {
        let mails = sink.mails().unwrap();
        let mut all: Vec<_> = mails.into_iter().flat_map(|mail| mail.recipients).collect();
        all.retain(|to| to.starts_with("lead"));
        all
    };
    let first = of_it();
    assert_eq!(first.len(), 4, "{first:?}");
    assert!(
        first.iter().all(|to| to.ends_with("@x.example")),
        "Gmail takes none: {first:?}"
    );
    for _ in 0..10 {
        server.after(TimeDelta::minutes(2)).await;
    }
    assert_eq!(of_it().len(), 5, "the fifth of the day, and no sixth");
    server.after(TimeDelta::days(1)).await;
    assert_eq!(of_it().len(), 8);
    assert_eq!(checked(&ada, &path).await["status"], "completed");
    server.stop().await;
}

async fn complaints_slow_down(backend: Backend) {
    let dns = DnsServer::start().await;
    let sink = SmtpSink::start(&[]).await.unwrap();
    let server = start(backend, &dns, relay(&sink), vec![]).await;
    let ada = server.register("Ada").await;
    let scope = Scope::system(
        ada.organization.parse::<uuid::Uuid>().unwrap().into(),
        server.app.request_id(),
    );
    let complain = async || {
        let unit = server.app.store.begin(&scope).await.unwrap();
        let to = "angry@hotmail.com".parse().unwrap();
        groundswell_app::email::note_complaint(&server.app, unit.as_ref(), &to)
            .await
            .unwrap();
        unit.commit().await.unwrap();
    };
    let send = async |to: &str| {
        ada.post(SEND, &json!({ "to": to, "subject": "Hello", "body": "Hello" }))
            .await;
        server.drain().await;
        sink.mails().unwrap().iter().any(|mail| mail.recipients == [to])
    };
    complain().await;
    complain().await;
    assert!(send("one@outlook.com").await, "two are not enough");
    complain().await;
    assert!(!send("two@live.com").await);
    assert!(send("three@x.example").await);
    server.after(TimeDelta::minutes(2)).await;
    only(&sink, "two@live.com");
    // What was sent is what complaints are weighed against.
    let unit = server.app.store.begin(&scope).await.unwrap();
    let today = server.app.now().date_naive();
    assert_eq!(unit.sending().sent_to("microsoft", today).await.unwrap(), 2);
    let small = unit.sending().sent_to("x.example", today).await.unwrap();
    assert_eq!(
        small, 0,
        "of a small receiver the number would tell who has a mailbox there"
    );
    drop(unit);
    server.stop().await;
}

async fn a_young_domain_sends_more_each_day(backend: Backend) {
    let dns = DnsServer::start().await;
    let sink = SmtpSink::start(&[]).await.unwrap();
    let more = vec![("email.warmup", json!([3, 5]))];
    let server = start(backend, &dns, relay(&sink), more).await;
    let ada = server.register("Ada").await.with_key().await;
    let body = json!({ "domain": "ada.example", "warmup": true });
    let (domain, _) = verified(&dns, &ada, &body).await;
    let from = json!({ "from": { "address": "hello@ada.example" } });
    patch(&ada, "/api/organization", &from).await.expect(200);
    people(
        &ada,
        (0..12).map(|number| format!("lead{number}@x{number}.example")),
    )
    .await;
    let path = make(&ada, &draft(&json!({}))).await;
    ada.post(&format!("{path}/launch"), &json!({})).await;
    server.drain().await;
    let mut sent = vec![sink.mails().unwrap().len()];
    let waiting = ada.get_list(&format!("{path}/recipients?status=queued")).await;
    assert_eq!(waiting["data"].as_array().unwrap().len(), 9);
    let row = &waiting["data"][0];
    assert!(
        row["reason"].as_str().unwrap().contains("warming up") && row["attempts"] == 0,
        "{row}"
    );
    for _ in 0..2 {
        server.after(TimeDelta::days(1)).await;
        sent.push(sink.mails().unwrap().len());
    }
    assert_eq!(sent, [3, 8, 12]);
    assert_eq!(checked(&ada, &path).await["status"], "completed");
    assert_eq!(ada.get(&domain).await["warmup"], false, "the plan is over");
    server.stop().await;
}
