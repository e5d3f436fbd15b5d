//! What is known of addresses without a webhook: servers that refuse them, mails that a mail server hands over, and providers that are asked.

use chrono::TimeDelta;
use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{
    Account, Backend, Binary, Options, Reply, TestServer, command, fed_command, new_folder, until,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

on_both!(
    who_is_refused_for_good_is_not_written_to_again,
    what_is_refused_for_other_reasons_burns_nobody,
    each_mail_returns_to_an_address_of_its_own,
    mailgun_is_asked_what_became_of_mails,
    what_came_back_is_kept_for_a_while,
);

async fn over(backend: Backend, sink: &SmtpSink, settings: Vec<(&'static str, Value)>) -> TestServer {
    let options = Options {
        smtp_url: Some(sink.url()),
        settings,
        ..Options::default()
    };
    TestServer::start_with(backend, options).await
}

async fn send(server: &TestServer, account: &Account<'_>, to: &str) -> Value {
    let mail = json!({ "to": to, "subject": "Hello", "body": "Hello" });
    let id = account.post("/api/email/send", &mail).await["email_id"].clone();
    server.drain().await;
    account
        .get(&format!("/api/email/messages/{}", id.as_str().unwrap()))
        .await
}

async fn listed(account: &Account<'_>, address: &str) -> Vec<Value> {
    let list = account
        .get_list(&format!("/api/email/suppressions?email={address}"))
        .await;
    list["data"].as_array().unwrap().clone()
}

async fn who_is_refused_for_good_is_not_written_to_again(backend: Backend) {
    let unknown = "550 5.1.1 Recipient address rejected: User unknown in local recipient table";
    let mut sink = SmtpSink::start(&["-f", "RCPT", "-B", unknown]).await.unwrap();
    let settings = vec![
        ("email.soft_bounces", json!(2)),
        ("email.send_attempts", json!(1)),
    ];
    let server = over(backend, &sink, settings).await;
    let ada = server.register("Ada").await.with_key().await;
    let lead = ada
        .post("/api/leads", &json!({ "email": "gone@x.example" }))
        .await;
    let mail = send(&server, &ada, "gone@x.example").await;
    assert_eq!(mail["status"], "failed", "{mail}");
    assert!(mail["reason"].as_str().unwrap().starts_with("550 5.1.1"));
    assert_eq!(listed(&ada, "gone@x.example").await[0]["reason"], "hard_bounce");
    let timeline = format!("/api/leads/{}/timeline", lead["id"].as_str().unwrap());
    let timeline = ada.get_list(&timeline).await;
    let told = timeline["data"].as_array().unwrap().iter();
    let told: Vec<_> = told.filter(|event| event["kind"] == "email_bounced").collect();
    assert_eq!(
        (told.len(), &told[0]["data"]["reason"]),
        (1, &json!("user_unknown"))
    );
    // What is kept of it names nobody.
    let kept = server.rows_with("User unknown in local").await;
    assert!(kept.iter().any(|(table, _)| table == "bounces"), "{kept:?}");

    // A full mailbox is a strike, also when it was refused too often and not for good.
    sink.restart(&["-f", ".", "-B", "552 5.2.2 Mailbox full"])
        .await
        .unwrap();
    assert_eq!(send(&server, &ada, "full@x.example").await["status"], "failed");
    assert!(listed(&ada, "full@x.example").await.is_empty());
    sink.restart(&["-r", "RCPT", "-b", "452 4.2.2 Mailbox full"])
        .await
        .unwrap();
    assert_eq!(send(&server, &ada, "full@x.example").await["status"], "failed");
    assert_eq!(listed(&ada, "full@x.example").await[0]["reason"], "soft_bounces");
    // Not known now is not unknown for good.
    sink.restart(&[
        "-r",
        "RCPT",
        "-b",
        "450 4.1.1 Recipient address rejected: User unknown",
    ])
    .await
    .unwrap();
    assert_eq!(send(&server, &ada, "grey@x.example").await["status"], "failed");
    assert!(listed(&ada, "grey@x.example").await.is_empty());

    // The same of a campaign: nobody on the list is tried again.
    sink.restart(&["-f", "RCPT", "-B", unknown]).await.unwrap();
    ada.post("/api/leads", &json!({ "email": "new@x.example" })).await;
    let campaign = crate::campaigns::make(&ada, &crate::campaigns::draft(&json!({}))).await;
    ada.post(&format!("{campaign}/launch"), &json!({})).await;
    server.drain().await;
    let done = crate::campaigns::checked(&ada, &campaign).await;
    assert_eq!(
        (
            &done["status"],
            &done["metrics"]["failed"],
            &done["metrics"]["suppressed"]
        ),
        (&json!("completed"), &json!(1), &json!(1)),
        "{done}"
    );
    assert_eq!(listed(&ada, "new@x.example").await[0]["reason"], "hard_bounce");
    server.stop().await;
}

async fn what_is_refused_for_other_reasons_burns_nobody(backend: Backend) {
    let mut sink = SmtpSink::start(&[]).await.unwrap();
    let server = over(backend, &sink, vec![("email.soft_bounces", json!(1))]).await;
    let ada = server.register("Ada").await.with_key().await;
    for (step, reply) in [
        ("RCPT", "500 5.3.0 Error: command failed"),
        ("RCPT", "554 5.7.1 Relay access denied"),
        (
            "RCPT",
            "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
        ),
        ("DATA", "550 5.7.1 Access denied"),
        (".", "550 5.7.1 Message rejected as spam by content filtering"),
        (".", "552 5.3.4 Message size exceeds fixed limit"),
    ] {
        sink.restart(&["-f", step, "-B", reply]).await.unwrap();
        let mail = send(&server, &ada, "bob@x.example").await;
        assert_eq!(mail["status"], "failed", "{reply}: {mail}");
        assert!(listed(&ada, "bob@x.example").await.is_empty(), "{reply}");
    }
    server.stop().await;
}

/// A bounce that names neither the Message-ID nor the right address, as after a forwarding.
fn forwarded(delivered_to: &str) -> String {
    format!(
        "Delivered-To: {delivered_to}\r\nFrom: MAILER-DAEMON@mx.example.net\r\nTo: {delivered_to}\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n\
         Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; elsewhere@y.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\
         Diagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b--\r\n"
    )
}

async fn each_mail_returns_to_an_address_of_its_own(backend: Backend) {
    let sink = SmtpSink::start(&[]).await.unwrap();
    let pattern = json!("bounces+{id}@Returns.example");
    let server = over(backend, &sink, vec![("email.return_address", pattern)]).await;
    let ada = server.register("Ada").await.with_key().await;
    let mail = send(&server, &ada, "bob@x.example").await;
    assert_eq!(mail["status"], "sent");
    let id = mail["id"].as_str().unwrap();
    let out = sink.mails().unwrap().remove(0);
    let returns = format!("bounces+{}@returns.example", id.replace('-', ""));
    assert_eq!(out.mail_from, returns);
    assert!(out.header("From").unwrap().contains("news@sender.example"));
    // It comes back in capitals, and speaks of somebody else: the mailbox forwards.
    let post = async |account: &Account<'_>, mail: String| {
        let request = account.request(Method::POST, "/api/email/bounces");
        let reply = Reply::to(request.header("content-type", "message/rfc822").body(mail)).await;
        reply.expect(200).json()["data"].clone()
    };
    let bob = server.register("Bob").await;
    let theirs = post(&bob, forwarded(&returns)).await;
    assert_eq!(theirs[0]["message_id"], Value::Null, "not a mail of theirs");
    let taken = post(&ada, forwarded(&returns.to_uppercase())).await;
    assert_eq!(
        (&taken[0]["message_id"], &taken[0]["suppressed"]),
        (&json!(id), &json!("hard_bounce")),
        "{taken}"
    );
    assert_eq!(listed(&ada, "bob@x.example").await[0]["reason"], "hard_bounce");
    assert!(listed(&ada, "elsewhere@y.example").await.is_empty());
    server.stop().await;
}

/// Mailgun's API: hangs up on mails, and tells of events what it is told to.
struct Mailgun {
    base: String,
    events: Arc<Mutex<Value>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mailgun {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (events, asked) = (Arc::new(Mutex::new(json!([]))), Arc::new(Mutex::new(Vec::new())));
        let (told, kept) = (events.clone(), asked.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (told, kept) = (told.clone(), kept.clone());
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
                        if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                            return;
                        }
                    }
                    let line = String::from_utf8_lossy(&bytes).lines().next().unwrap().to_owned();
                    if !line.starts_with("GET") {
                        // Silence: nobody knows whether it took the mail.
                        return;
                    }
                    kept.lock().unwrap().push(line);
                    let body = json!({ "items": *told.lock().unwrap() }).to_string();
                    let head = format!(
                        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                        body.len()
                    );
                    let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                });
            }
        });
        Self { base, events, asked }
    }
}

async fn mailgun_is_asked_what_became_of_mails(backend: Backend) {
    let mailgun = Mailgun::start().await;
    let servers = json!([{ "name": "mg", "kind": "mailgun", "key": "key-1", "domain": "mg.example.com", "url": mailgun.base }]);
    let options = Options {
        settings: vec![
            ("email.transport", json!("smtp")),
            ("email.from", json!("news@sender.example")),
            ("email.servers", servers),
        ],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await.with_key().await;
    let [had, refused, lost] = ["a@x.example", "b@x.example", "c@x.example"];
    let mut ids = Vec::new();
    for to in [had, refused, lost] {
        let mail = send(&server, &ada, to).await;
        assert_eq!(mail["status"], "unknown", "{mail}");
        ids.push(mail["id"].as_str().unwrap().to_owned());
    }
    let status = async |id: &str| ada.get(&format!("/api/email/messages/{id}")).await;
    assert_eq!(mailgun.asked.lock().unwrap().len(), 0, "not at once");
    // It knows of other mails only.
    *mailgun.events.lock().unwrap() =
        json!([{ "event": "delivered", "user-variables": { "groundswell_id": "other" } }]);
    server.after(TimeDelta::minutes(6)).await;
    let asked = std::mem::take(&mut *mailgun.asked.lock().unwrap());
    assert_eq!(asked.len(), 3, "{asked:?}");
    assert!(
        asked
            .iter()
            .any(|line| line.starts_with("GET /v3/mg.example.com/events?recipient=a%40x.example&begin=")),
        "{asked:?}"
    );
    assert_eq!(status(&ids[0]).await["status"], "unknown");
    *mailgun.events.lock().unwrap() = json!([
        { "event": "accepted", "user-variables": { "groundswell_id": ids[0] } },
        { "event": "failed", "user-variables": { "groundswell_id": ids[0] } },
        { "event": "rejected", "message": { "headers": { "message-id": format!("{}@sender.example", ids[1]) } } },
    ]);
    server.after(TimeDelta::minutes(30)).await;
    assert_eq!(status(&ids[0]).await["status"], "sent");
    assert_eq!(status(&ids[1]).await["status"], "failed");
    assert_eq!(status(&ids[2]).await["status"], "unknown");
    // Of those that it never knows it is asked less and less, and in the end no more.
    mailgun.asked.lock().unwrap().clear();
    for _ in 0..40 {
        server.after(TimeDelta::hours(3)).await;
    }
    let asked = mailgun.asked.lock().unwrap().len();
    assert!((3..=10).contains(&asked), "{asked}");
    server.after(TimeDelta::days(2)).await;
    assert_eq!(mailgun.asked.lock().unwrap().len(), asked);
    assert_eq!(status(&ids[2]).await["status"], "unknown", "never guessed");
    server.stop().await;
}

async fn what_came_back_is_kept_for_a_while(backend: Backend) {
    let options = Options {
        settings: vec![("retention.bounces_days", json!(40))],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let ada = server.register("Ada").await.with_key().await;
    let body = forwarded("us@us.example");
    let take = async || {
        let request = ada.request(Method::POST, "/api/email/bounces");
        let request = request
            .header("content-type", "message/rfc822")
            .body(body.clone());
        Reply::to(request).await.expect(200).json()["data"][0].clone()
    };
    assert_eq!(take().await["repeated"], false);
    server.clock.advance(TimeDelta::days(39));
    assert_eq!(
        groundswell_app::email::forget_bounces(&server.app).await.unwrap(),
        0
    );
    assert_eq!(take().await["repeated"], true);
    server.clock.advance(TimeDelta::days(2));
    assert_eq!(
        groundswell_app::email::forget_bounces(&server.app).await.unwrap(),
        1
    );
    assert_eq!(take().await["repeated"], false);
    // Who is on the list stays there.
    assert_eq!(listed(&ada, "elsewhere@y.example").await.len(), 1);
    server.stop().await;
}

#[tokio::test]
async fn a_mail_server_hands_over_what_comes_back() {
    let data = new_folder();
    let pattern = ("GROUNDSWELL__EMAIL__RETURN_ADDRESS", "b+{id}@returns.example");
    let mut server = Binary::start_in(&data, "serve", &[pattern]).await;
    let http = reqwest::Client::new();
    let mut tokens = Vec::new();
    for name in ["ada", "bob"] {
        let body = json!({ "email": format!("{name}@{name}.example"), "password": "correct horse", "name": name,
            "organization_name": name });
        let answer = http
            .post(format!("{}/api/auth/register", server.base))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 201);
        let data: Value = answer.json().await.unwrap();
        tokens.push(data["data"]["access_token"].as_str().unwrap().to_owned());
    }
    let request = |method, path: &str| {
        http.request(method, format!("{}{path}", server.base))
            .bearer_auth(&tokens[1])
    };
    let mail = json!({ "to": "grace@x.example", "subject": "Hello", "body": "Hello" });
    let queued: Value = request(Method::POST, "/api/email/send")
        .json(&mail)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let id = queued["data"]["email_id"].as_str().unwrap().to_owned();
    let is_sent = async || {
        let answer = request(Method::GET, &format!("/api/email/messages/{id}"))
            .send()
            .await
            .unwrap();
        answer.json::<Value>().await.unwrap()["data"]["status"] == "sent"
    };
    assert!(until(is_sent).await);

    let bounce = async |arguments: &[&str], settings: &[(&str, &str)], mail: &str| {
        let arguments = [&["email", "bounce"], arguments].concat();
        fed_command(&data, &arguments, settings, mail.as_bytes()).await
    };
    // It is known whose mail it is: by the address that it was returned to, or by what it says.
    let address = format!("B+{}@returns.example", id.replace('-', ""));
    let report = forwarded("postmaster@us.example");
    bounce(&[], &[pattern], &report)
        .await
        .expect(0, &["not known whose"]);
    let taken = bounce(&["--recipient", &address], &[pattern], &report).await;
    taken.expect(0, &[&id, "hard (user_unknown)", "suppressed (hard_bounce)"]);
    assert!(!taken.out.contains('@'), "{taken:?}");
    bounce(&[], &[pattern, ("ORIGINAL_RECIPIENT", &address)], &report)
        .await
        .expect(0, &["known already"]);
    let named = report.replace(
        "--b--",
        &format!("--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{id}@us.example>\r\n\r\n--b--"),
    );
    bounce(&[], &[], &named).await.expect(0, &[&id, "known already"]);
    let list: Value = request(Method::GET, "/api/email/suppressions?email=grace@x.example")
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(list["data"][0]["reason"], "hard_bounce", "{list}");

    // Other mail, none at all, and a wrong organization.
    bounce(
        &[],
        &[],
        "From: a@b.example\r\nSubject: Lunch?\r\n\r\nAt noon?\r\n",
    )
    .await
    .expect(0, &["tells of none"]);
    bounce(&[], &[], "").await.expect(66, &["no mail"]);
    let nobody = "0190b1f2-0000-7000-8000-000000000001";
    bounce(&["--organization", nobody], &[], &report)
        .await
        .expect(64, &["no organization"]);
    // Whatever can be mended is tried again, and more than is looked at is no trouble.
    for setting in [
        ("GROUNDSWELL__DATABASE__URL", "postgres://x:s3cret@127.0.0.1:1/x"),
        ("GROUNDSWELL__SERVER__PROT", "1"),
        ("GROUNDSWELL__SECURITY__MASTER_KEY", "s3cret"),
    ] {
        let ended = bounce(&[], &[setting], &report).await;
        ended.expect(75, &["groundswell: "]);
        assert!(
            !ended.err.contains("s3cret") && !ended.out.contains("s3cret"),
            "{ended:?}"
        );
    }
    let long = format!("{named}{}", "x".repeat(3 * 1024 * 1024));
    bounce(&[], &[], &long).await.expect(0, &["known already"]);

    // And the doctor tells what is set.
    command(&data, &["doctor"], &[pattern]).await.expect(
        0,
        &[
            "ok    returned mail",
            "mails return to b+{id}@returns.example",
            "kept for 365 days",
        ],
    );
    let topics = (
        "GROUNDSWELL__EMAIL__WEBHOOKS__SES_TOPICS",
        "[\"arn:aws:sns:eu-central-1:1:x\"]",
    );
    command(&data, &["doctor"], &[topics])
        .await
        .expect(0, &["webhooks of ses are listened to"]);
    server.stop().await;
}
