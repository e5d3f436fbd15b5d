//! Several processes, and how they end.

use groundswell_testkit::smtp_sink::SmtpSink;
use groundswell_tests::{Binary, command, new_folder, until};
use reqwest::Client;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Someone who has registered at a process.
struct Person<'a> {
    http: Client,
    base: &'a str,
    token: String,
}

impl<'a> Person<'a> {
    async fn register(base: &'a str) -> Self {
        let mut person = Self {
            http: Client::new(),
            base,
            token: String::new(),
        };
        let body = json!({ "email": "ada@x.example", "password": "correct horse", "name": "Ada", "organization_name": "Ada Ltd" });
        let data = person.post("/api/auth/register", &body).await;
        data["access_token"]
            .as_str()
            .unwrap()
            .clone_into(&mut person.token);
        person
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Value {
        let answer = request.bearer_auth(&self.token).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{body}");
        body["data"].clone()
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        self.answer(self.http.post(format!("{}{path}", self.base)).json(body))
            .await
    }

    async fn get(&self, path: &str) -> Value {
        self.answer(self.http.get(format!("{}{path}", self.base))).await
    }
}

#[tokio::test]
async fn a_stop_in_the_middle_of_a_campaign_loses_and_doubles_nothing() {
    const PEOPLE: usize = 40;
    // The server thinks about every mail for a second.
    let mut sink = SmtpSink::start(&["-w", "1"]).await.unwrap();
    let url = sink.url();
    let settings = [
        ("GROUNDSWELL__EMAIL__TRANSPORT", "smtp"),
        ("GROUNDSWELL__EMAIL__SMTP_URL", url.as_str()),
        ("GROUNDSWELL__EMAIL__SEND_GROUP", "2"),
        ("GROUNDSWELL__WORKER__DRAIN", "10"),
    ];
    let data = new_folder();
    let mut first = Binary::start_in(&data, "serve", &settings).await;
    let base = first.base.clone();
    let ada = Person::register(&base).await;
    for index in 0..PEOPLE {
        ada.post(
            "/api/leads",
            &json!({ "email": format!("lead{index}@x.example") }),
        )
        .await;
    }
    let content = json!({ "subject": "Hello", "html": "<p>Hello</p>" });
    let campaign = ada
        .post(
            "/api/campaigns",
            &json!({ "name": "C", "type": "email", "content": content }),
        )
        .await;
    let path = format!("/api/campaigns/{}", campaign["id"].as_str().unwrap());
    ada.post(&format!("{path}/launch"), &json!({})).await;
    assert!(until(async || ada.get(&path).await["metrics"]["sent"].as_i64() > Some(0)).await);

    let told = Instant::now();
    let (code, log) = first.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(told.elapsed() < Duration::from_secs(11), "{:?}", told.elapsed());
    assert!(log.contains("draining") && log.contains("stopped"), "{log}");
    let before = sink.mails().unwrap().len();
    assert!(
        (1..PEOPLE).contains(&before),
        "{before} mails: it was not in the middle"
    );

    sink.restart(&[]).await.unwrap();
    let mut second = Binary::start_in(&data, "serve", &settings).await;
    let ada = Person {
        base: &second.base,
        ..ada
    };
    let done = until(async || ada.get(&path).await["status"] == "completed").await;
    let metrics = ada.get(&format!("{path}/metrics")).await;
    assert!(done, "{metrics}");
    assert_eq!(
        (&metrics["sent"], &metrics["unknown"]),
        (&json!(PEOPLE), &json!(0)),
        "{metrics}"
    );
    let mails = sink.mails().unwrap();
    let people: BTreeSet<_> = mails.iter().map(|mail| mail.recipients.clone()).collect();
    assert_eq!((mails.len(), people.len()), (PEOPLE, PEOPLE));
    second.stop().await;
}

#[tokio::test]
async fn an_api_and_a_worker_share_a_database() {
    let server = std::env::var("GROUNDSWELL_TEST_PG_URL").unwrap();
    let name = format!("gs_processes_{}", std::process::id());
    groundswell_storage::admin::drop_database(&server, &name)
        .await
        .unwrap();
    let url = groundswell_storage::admin::create_database(&server, &name)
        .await
        .unwrap();
    let data = new_folder();
    let settings = [("GROUNDSWELL__DATABASE__URL", url.as_str())];
    command(&data, &["doctor"], &settings)
        .await
        .expect(1, &["groundswell migrate"]);
    command(&data, &["migrate"], &settings)
        .await
        .expect(0, &["up to date"]);
    command(&data, &["doctor"], &settings)
        .await
        .expect(0, &["PostgreSQL"]);

    let mut api = Binary::start_in(&data, "api", &settings).await;
    let base = api.base.clone();
    let ada = Person::register(&base).await;
    let form = json!({ "name": "Contact", "fields": [{ "name": "email", "type": "email", "required": true }],
        "settings": { "notify": ["team@x.example"] } });
    let form = ada.post("/api/lead-capture/forms", &form).await;
    let webhook = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    ada.post(&webhook, &json!({ "email": "grace@x.example" })).await;
    let jobs = ada.get("/api/jobs").await;
    assert_eq!(jobs[0]["status"], "queued", "nobody works yet: {jobs}");

    let mut worker = Binary::start_in(&data, "worker", &settings).await;
    let mail = api.first_mail(&ada.http).await;
    assert!(
        mail.contains("team@x.example") && mail.contains("grace@x.example"),
        "{mail}"
    );
    let (code, log) = worker.end().await;
    assert_eq!(code, Some(0), "{log}");
    // Without a worker the API goes on taking work.
    ada.post(&webhook, &json!({ "email": "mary@x.example" })).await;
    let (code, log) = api.end().await;
    assert_eq!(code, Some(0), "{log}");
    std::fs::remove_dir_all(data).unwrap();
    groundswell_storage::admin::drop_database(&server, &name)
        .await
        .unwrap();
}
