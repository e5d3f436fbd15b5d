//! Mails that come back, and who is not written to because of them.

use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    a_hard_bounce_stops_mail_at_once,
    soft_ones_stop_it_after_three,
    complaints_count_and_other_mail_does_not,
    the_list_goes_out_and_comes_in,
);

/// A mail to this address was sent; its id.
async fn sent(server: &TestServer, ada: &Account<'_>, to: &str) -> String {
    let mail = json!({ "to": to, "subject": "Hi", "body": "<p>Hello</p>" });
    let id = ada.post("/api/email/send", &mail).await["email_id"]
        .as_str()
        .unwrap()
        .to_owned();
    server.drain().await;
    id
}

fn report(to: &str, message: &str, status: &str, said: &str) -> String {
    format!(
        "From: MAILER-DAEMON@mx.example.net\r\nTo: noreply@us.example\r\nSubject: Undelivered Mail Returned to Sender\r\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
         <{to}>: {said}\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\n\
         Final-Recipient: rfc822; {to}\r\nAction: failed\r\nStatus: {status}\r\nDiagnostic-Code: smtp; {said}\r\n\r\n--b\r\n\
         Content-Type: message/rfc822\r\n\r\nMessage-ID: <{message}@us.example>\r\nTo: {to}\r\n\r\nHello\r\n--b--\r\n"
    )
}

async fn take(ada: &Account<'_>, mail: &str) -> Value {
    let request = ada.request(Method::POST, "/api/email/bounces");
    let request = request
        .header("content-type", "message/rfc822")
        .body(mail.to_owned());
    let reply = Reply::to(request).await;
    reply.expect(200).json()["data"].clone()
}

async fn listed(ada: &Account<'_>, address: &str) -> Value {
    ada.get_list(&format!("/api/email/suppressions?email={address}"))
        .await["data"]
        .clone()
}

async fn a_hard_bounce_stops_mail_at_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let lead = ada
        .post("/api/leads", &json!({ "email": "grace@x.example" }))
        .await;
    let lead = format!("/api/leads/{}", lead["id"].as_str().unwrap());
    let id = sent(&server, &ada, "grace@x.example").await;
    let mail = report(
        "grace@x.example",
        &id,
        "5.1.1",
        "550 5.1.1 User unknown (in reply to RCPT TO command)",
    );
    let taken = take(&ada, &mail).await;
    assert_eq!(
        taken,
        json!([{ "recipient": "grace@x.example", "kind": "hard", "reason": "user_unknown", "status": "5.1.1",
            "message_id": id, "repeated": false, "suppressed": "hard_bounce" }])
    );
    // The same report again changes nothing.
    let again = take(&ada, &mail).await;
    assert_eq!(
        (&again[0]["repeated"], &again[0]["suppressed"]),
        (&json!(true), &Value::Null)
    );
    let entries = listed(&ada, "grace@x.example").await;
    assert_eq!(entries.as_array().unwrap().len(), 1);
    assert_eq!(entries[0]["reason"], "hard_bounce");
    let timeline = ada.get_list(&format!("{lead}/timeline")).await;
    let events = timeline["data"].as_array().unwrap().iter();
    let events: Vec<_> = events.filter(|event| event["kind"] == "email_bounced").collect();
    assert_eq!(events.len(), 1);
    assert_eq!(
        events[0]["data"],
        json!({ "reason": "user_unknown", "status": "5.1.1" })
    );
    // What is kept of it names nobody.
    assert!(
        server
            .rows_with("5.1.1 User unknown")
            .await
            .iter()
            .all(|(_, row)| !row.contains("grace"))
    );

    let bob = server.register("Bob").await;
    assert_eq!(
        take(&bob, &mail).await[0]["message_id"],
        Value::Null,
        "not a mail of theirs"
    );
    server.stop().await;
}

async fn soft_ones_stop_it_after_three(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let soft = async |server: &TestServer| {
        let id = sent(server, &ada, "full@x.example").await;
        let mail = report("full@x.example", &id, "4.2.2", "452 4.2.2 Mailbox full");
        take(&ada, &mail).await[0].clone()
    };
    let first = soft(&server).await;
    assert_eq!(
        (&first["kind"], &first["reason"], &first["suppressed"]),
        (&json!("soft"), &json!("mailbox_full"), &Value::Null)
    );
    // One from long ago does not count.
    server.clock.advance(chrono::TimeDelta::days(31));
    for _ in 0..2 {
        assert_eq!(soft(&server).await["suppressed"], Value::Null);
    }
    assert_eq!(soft(&server).await["suppressed"], "soft_bounces");
    assert_eq!(listed(&ada, "full@x.example").await[0]["reason"], "soft_bounces");
    server.stop().await;
}

async fn complaints_count_and_other_mail_does_not(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let id = sent(&server, &ada, "cross@x.example").await;
    let complaint = format!(
        "From: feedback@isp.example\r\nSubject: complaint\r\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n\
         --b\r\nContent-Type: text/plain\r\n\r\nAn abuse report\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n\
         Feedback-Type: abuse\r\nVersion: 1\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{id}@us.example>\r\n\r\nHello\r\n--b--\r\n"
    );
    // The provider hides the address; the ledger knows it.
    let taken = take(&ada, &complaint).await;
    assert_eq!(
        (&taken[0]["recipient"], &taken[0]["suppressed"]),
        (&Value::Null, &json!("complaint"))
    );
    assert_eq!(listed(&ada, "cross@x.example").await[0]["reason"], "complaint");
    for other in [
        "",
        "From: a@b.example\r\nSubject: Lunch?\r\n\r\nAt noon, c@d.example?\r\n",
    ] {
        assert_eq!(take(&ada, other).await, json!([]));
    }
    server.stop().await;
}

async fn the_list_goes_out_and_comes_in(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await.with_key().await;
    let import = async |csv: &str| {
        let request = ada.request(Method::POST, "/api/email/suppressions/import");
        Reply::to(request.header("content-type", "text/csv").body(csv.to_owned())).await
    };
    let file = "Email,reason,note\na@x.example,complaint,\"said so, loudly\"\nb@x.example,,\nnobody,,\nA@X.example,,\nc@x.example,whim,\n";
    let done = import(file).await.data();
    assert_eq!(
        (&done["added"], &done["known"], &done["failed"]),
        (&json!(2), &json!(1), &json!(2))
    );
    assert_eq!(
        (&done["errors"][0]["line"], &done["errors"][1]["line"]),
        (&json!(4), &json!(6))
    );
    assert_eq!(listed(&ada, "b@x.example").await[0]["reason"], "manual");
    let out = Reply::to(ada.request(Method::GET, "/api/email/suppressions/export")).await;
    out.expect(200);
    let lines: Vec<&str> = out.text.lines().collect();
    assert_eq!(lines.len(), 3);
    let complaint = lines.iter().find(|line| line.contains("complaint")).unwrap();
    assert!(
        complaint.starts_with("a@x.example,complaint,\"said so, loudly\","),
        "{complaint}"
    );
    // What went out comes in again elsewhere.
    let bob = server.register("Bob").await;
    let request = bob.request(Method::POST, "/api/email/suppressions/import");
    let again = Reply::to(request.header("content-type", "text/csv").body(out.text.clone()))
        .await
        .data();
    assert_eq!(again["added"], 2);
    import("address\na@x.example\n").await.expect(400);
    import("").await.expect(400);
    server.stop().await;
}
