//! Leads that are pulled from elsewhere. The other servers are made up, but for another Groundswell.

use crate::lead_files::lead;
use async_trait::async_trait;
use chrono::TimeDelta;
use groundswell_domain::egress::{Fetch, FetchError, FetchRequest, Fetched};
use groundswell_tests::{Account, Backend, TestServer};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

on_both!(
    a_file_is_pulled_when_it_has_changed,
    records_are_pulled_page_by_page,
    another_groundswell_is_pulled_from_where_it_stood,
    what_goes_wrong_is_told,
    columns_that_come_late_are_columns,
    a_sync_that_breaks_leaves_no_import_running,
);

type Reply = (u16, Vec<(&'static str, &'static str)>, String);

/// An address, and the headers that were sent.
type Asked = (String, Vec<(String, String)>);

/// Answers that wait for their questions, and the questions.
#[derive(Default)]
struct Elsewhere {
    answers: Mutex<HashMap<String, VecDeque<Reply>>>,
    asked: Mutex<Vec<Asked>>,
    /// Another server of ours, at `https://other.example`.
    behind: Option<(reqwest::Client, String)>,
}

impl Elsewhere {
    fn answer(&self, url: &str, status: u16, headers: &[(&'static str, &'static str)], body: &str) {
        let mut answers = self.answers.lock().unwrap();
        let waiting = answers.entry(url.to_owned()).or_default();
        waiting.push_back((status, headers.to_vec(), body.to_owned()));
    }

    fn last(&self) -> (String, Vec<(String, String)>) {
        self.asked.lock().unwrap().last().unwrap().clone()
    }
}

#[async_trait]
impl Fetch for Elsewhere {
    async fn get(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        let headers: Vec<_> = request
            .headers
            .iter()
            .map(|(name, value)| (name.clone(), value.expose_secret().to_owned()))
            .collect();
        self.asked
            .lock()
            .unwrap()
            .push((request.url.to_string(), headers.clone()));
        if let Some((http, base)) = &self.behind {
            let url = request.url.as_str().replace("https://other.example", base);
            let asked = headers
                .into_iter()
                .fold(http.get(url), |asked, (name, value)| asked.header(name, value));
            let answer = asked.send().await.unwrap();
            return Ok(Fetched {
                status: answer.status().as_u16(),
                url: request.url,
                headers: Vec::new(),
                body: answer.bytes().await.unwrap().to_vec(),
            });
        }
        let found = self
            .answers
            .lock()
            .unwrap()
            .get_mut(request.url.as_str())
            .and_then(VecDeque::pop_front);
        let Some((status, headers, body)) = found else {
            return Err(FetchError::Unreachable("nobody is there".to_owned()));
        };
        let headers = headers
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Ok(Fetched {
            status,
            url: request.url,
            headers: headers.collect(),
            body: body.into_bytes(),
        })
    }
}

async fn start(backend: Backend, elsewhere: Elsewhere) -> (TestServer, Arc<Elsewhere>) {
    let mut server = TestServer::start(backend).await;
    let elsewhere = Arc::new(elsewhere);
    server.app = server.app.clone().with_egress(elsewhere.clone());
    (server, elsewhere)
}

/// Syncs everything; the one source as it then is.
async fn sync(server: &TestServer, account: &Account<'_>) -> Value {
    account
        .send(Method::POST, "/api/leads/sync", Some(&json!({})))
        .await
        .expect(202);
    server.drain().await;
    account.get_list("/api/leads/sources").await["data"][0].take()
}

fn counts(source: &Value) -> [i64; 4] {
    let run = &source["last_run"];
    ["created", "updated", "unchanged", "failed"]
        .map(|name| run[name].as_i64().unwrap_or_else(|| panic!("{source}")))
}

async fn keep_secret(account: &Account<'_>, value: &str) {
    account
        .send(
            Method::PUT,
            "/api/user/secrets/lead-source-crm",
            Some(&json!({ "value": value, "holder": "organization" })),
        )
        .await
        .expect(200);
}

async fn a_file_is_pulled_when_it_has_changed(backend: Backend) {
    let (server, elsewhere) = start(backend, Elsewhere::default()).await;
    let ada = server.register("Ada").await;
    keep_secret(&ada, "hush-hush-4711-hush").await;
    let url = "https://files.example/leads.csv?list=1";
    let made = ada
        .post(
            "/api/leads/sources",
            &json!({ "name": "Files", "kind": "csv_url", "url": url, "tags": ["pulled"], "mapping": { "who": "name" },
                "auth": { "kind": "bearer", "secret": "lead-source-crm" } }),
        )
        .await;
    assert_eq!(made["last_run"], Value::Null);
    let file = "E-Mail;who\na@x.example;A\nwrong;W\n";
    elsewhere.answer(url, 200, &[("etag", "\"one\"")], file);
    let source = sync(&server, &ada).await;
    assert_eq!(counts(&source), [1, 0, 0, 1], "{source}");
    assert_eq!(source["last_run"]["status"], "succeeded");
    let first = lead(&ada, "a@x.example").await;
    assert_eq!(
        (&first["name"], &first["tags"]),
        (&json!("A"), &json!(["pulled"]))
    );
    let bearer = (
        "authorization".to_owned(),
        "Bearer hush-hush-4711-hush".to_owned(),
    );
    assert_eq!(elsewhere.last().1, [bearer]);

    elsewhere.answer(url, 304, &[], "");
    let source = sync(&server, &ada).await;
    assert_eq!(source["last_run"]["unmodified"], true, "{source}");
    let condition = ("if-none-match".to_owned(), "\"one\"".to_owned());
    assert!(elsewhere.last().1.contains(&condition));
    elsewhere.answer(
        url,
        200,
        &[("etag", "\"two\"")],
        "email,who\na@x.example,A\nb@x.example,B\n",
    );
    let source = sync(&server, &ada).await;
    assert_eq!(counts(&source), [1, 0, 1, 0], "{source}");
    // Each pull is an import, which can be undone.
    let import = source["last_run"]["import_id"].as_str().unwrap();
    ada.send(
        Method::POST,
        &format!("/api/leads/imports/{import}/undo"),
        Some(&json!({})),
    )
    .await
    .expect(202);
    server.drain().await;
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    assert_eq!(server.rows_with("hush-hush-4711").await, []);
    server.stop().await;
}

async fn records_are_pulled_page_by_page(backend: Backend) {
    let (server, elsewhere) = start(backend, Elsewhere::default()).await;
    let ada = server.register("Ada").await.with_key().await;
    ada.post(
        "/api/leads/sources",
        &json!({ "name": "CRM", "kind": "json_url", "url": "https://crm.example/v1/people?all=1", "pointer": "/people",
            "next_pointer": "/links/next", "since_parameter": "since",
            "mapping": { "/contact/mail": "email", "id": "ignore", "contact": "ignore" } }),
    )
    .await;
    let one = r#"{"people": [{"id": 1, "name": "A, \"quoted\"\nname", "contact": {"mail": "a@x.example"}}], "links": {"next": "/v1/people?page=2"}}"#;
    let two = r#"{"people": [{"id": 2, "name": "B", "contact": {"mail": "b@x.example"}}, {"id": 3}], "links": {"next": null}}"#;
    elsewhere.answer("https://crm.example/v1/people?all=1", 200, &[], one);
    elsewhere.answer("https://crm.example/v1/people?page=2", 200, &[], two);
    let source = sync(&server, &ada).await;
    // A name of two lines is refused; so is a record without an address.
    assert_eq!(counts(&source), [1, 0, 0, 2], "{source}");
    assert_eq!(lead(&ada, "b@x.example").await["name"], "B");
    server.clock.advance(TimeDelta::hours(1));
    let empty = r#"{"people": []}"#;
    // A little of what was asked for is asked for again, for it may have been on its way; and by their clock, if theirs is behind.
    let started: chrono::DateTime<chrono::Utc> = source["last_run"]["started_at"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap();
    let since = (started - TimeDelta::minutes(5)).format("%Y-%m-%dT%H%%3A%M%%3A%S");
    let next = format!("https://crm.example/v1/people?all=1&since={since}Z");
    elsewhere.answer(&next, 200, &[], empty);
    let source = sync(&server, &ada).await;
    assert_eq!(
        source["last_run"]["status"],
        "succeeded",
        "{source} {next} {:?}",
        elsewhere.last()
    );
    assert_eq!(source["last_run"]["unmodified"], true);
    assert_eq!(source["last_run"]["ignored_keys"], json!([]));
    let theirs = server.app.now() - TimeDelta::hours(2);
    let date: &'static str = Box::leak(theirs.to_rfc2822().into_boxed_str());
    let since = (started + TimeDelta::minutes(55)).format("%Y-%m-%dT%H%%3A%M%%3A%S");
    let again = format!("https://crm.example/v1/people?all=1&since={since}Z");
    elsewhere.answer(&again, 200, &[("date", date)], empty);
    sync(&server, &ada).await;
    let since = (theirs - TimeDelta::minutes(5)).format("%Y-%m-%dT%H%%3A%M%%3A%S");
    let last = format!("https://crm.example/v1/people?all=1&since={since}Z");
    elsewhere.answer(&last, 200, &[], empty);
    assert_eq!(sync(&server, &ada).await["last_run"]["status"], "succeeded");
    server.stop().await;
}

async fn another_groundswell_is_pulled_from_where_it_stood(backend: Backend) {
    let other = TestServer::start(backend).await;
    let grace = other.register("Grace").await.with_key().await;
    let body = json!({ "email": "one@x.example", "name": "One", "tags": ["a", "b"], "custom_fields": { "size": "L" } });
    grace.post("/api/leads", &body).await;
    other.clock.advance(TimeDelta::seconds(5));
    grace
        .post("/api/leads", &json!({ "email": "two@x.example", "name": "Two" }))
        .await;
    let elsewhere = Elsewhere {
        behind: Some((reqwest::Client::new(), other.base.clone())),
        ..Elsewhere::default()
    };
    let (server, elsewhere) = start(backend, elsewhere).await;
    let ada = server.register("Ada").await;
    keep_secret(&ada, &grace.access_token).await;
    ada.post(
        "/api/leads/sources",
        &json!({ "name": "Other", "kind": "groundswell", "url": "https://other.example/",
            "auth": { "kind": "bearer", "secret": "lead-source-crm" } }),
    )
    .await;
    let source = sync(&server, &ada).await;
    assert_eq!(counts(&source), [2, 0, 0, 0], "{source}");
    let one = lead(&ada, "one@x.example").await;
    assert_eq!(
        (&one["tags"], &one["custom_fields"]),
        (&json!(["a", "b"]), &json!({ "size": "L" }))
    );
    other.clock.advance(TimeDelta::seconds(5));
    grace
        .post(
            "/api/leads",
            &json!({ "email": "three@x.example", "name": "Three" }),
        )
        .await;
    let source = sync(&server, &ada).await;
    // Those of before are asked for again, for others may have been on their way.
    assert_eq!(counts(&source), [1, 0, 2, 0], "{source}");
    assert!(elsewhere.last().0.contains("updated_from="));
    // One like that: it has a time before the last one, and nobody could see it then.
    grace
        .post(
            "/api/leads",
            &json!({ "email": "late@x.example", "name": "Late" }),
        )
        .await;
    other
        .sabotage(
            "UPDATE leads SET updated_at = (SELECT updated_at FROM leads WHERE email = 'one@x.example') \
             WHERE email = 'late@x.example'",
        )
        .await;
    let source = sync(&server, &ada).await;
    assert_eq!(counts(&source), [1, 0, 3, 0], "{source}");
    // What is long over is not brought again: what people make of it here stays.
    for all in [4, 1] {
        server.clock.advance(TimeDelta::days(2));
        let ada = server.login("ada@ada.example", "correct horse").await;
        assert_eq!(counts(&sync(&server, &ada).await), [0, 0, all, 0]);
    }
    server.stop().await;
    other.stop().await;
}

async fn what_goes_wrong_is_told(backend: Backend) {
    let (server, elsewhere) = start(backend, Elsewhere::default()).await;
    let ada = server.register("Ada").await.with_key().await;
    let source = json!({ "name": "CRM", "kind": "json_url", "url": "https://crm.example/a", "pointer": "/people",
        "next_pointer": "/next" });
    let made = ada.post("/api/leads/sources", &source).await;
    let url = "https://crm.example/a";
    for (status, body, why) in [
        (404, "", "the server answered 404"),
        (401, "", "does not take the secret"),
        (200, "<html>", "did not answer with JSON"),
        (200, "{}", "no array at `/people`"),
        (
            200,
            r#"{"people": [{"phone": "1"}]}"#,
            "no column holds the mail address",
        ),
        (
            200,
            r#"{"people": [{"email": "a@x.example"}], "next": "https://evil.example/"}"#,
            "another server",
        ),
    ] {
        elsewhere.answer(url, status, &[], body);
        let source = sync(&server, &ada).await;
        let run = &source["last_run"];
        assert_eq!(run["status"], "failed", "{source}");
        assert!(run["error"].as_str().unwrap().contains(why), "{why}: {run}");
    }
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 0);
    // A server that is away is asked again.
    let failed = sync(&server, &ada).await;
    assert!(
        failed["last_run"]["error"]
            .as_str()
            .unwrap()
            .contains("nobody is there")
    );
    elsewhere.answer(url, 200, &[], r#"{"people": [{"email": "a@x.example"}]}"#);
    server.after(TimeDelta::minutes(10)).await;
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);

    let path = format!("/api/leads/sources/{}", made["id"].as_str().unwrap());
    for (field, value) in [
        ("url", json!("http://crm.example")),
        ("url", json!("https://u:p@crm.example")),
        ("pointer", json!("people")),
        ("since_parameter", json!("a&b")),
    ] {
        let mut wrong = source.clone();
        wrong[field] = value;
        ada.send(Method::POST, "/api/leads/sources", Some(&wrong))
            .await
            .expect(400)
            .expect_envelope();
    }
    ada.send(Method::PUT, &path, Some(&source)).await.expect(200);
    ada.send(Method::DELETE, &path, None).await.expect(200);
    let unknown = json!({ "source_ids": [made["id"]] });
    ada.send(Method::POST, "/api/leads/sync", Some(&unknown))
        .await
        .expect(404);
    server.stop().await;
}

async fn columns_that_come_late_are_columns(backend: Backend) {
    let (server, elsewhere) = start(backend, Elsewhere::default()).await;
    let ada = server.register("Ada").await;
    let url = "https://crm.example/a";
    let source = json!({ "name": "CRM", "kind": "json_url", "url": url, "pointer": "/people", "next_pointer": "/next" });
    ada.post("/api/leads/sources", &source).await;
    let second = json!({ "email": "b@x.example", "company": "ACME", "tags": ["x;y", "z"] });
    let many = |from: usize, to: usize| -> Value {
        (from..to)
            .map(|index| (format!("k{index:03}"), json!(index)))
            .collect()
    };
    let page = json!({ "people": [second, { "email": "c@x.example", "city": "Berlin" }, many(0, 150), many(150, 310)] });
    elsewhere.answer(
        url,
        200,
        &[],
        r#"{"people": [{"email": "a@x.example"}], "next": "/b"}"#,
    );
    elsewhere.answer("https://crm.example/b", 200, &[], &page.to_string());
    let source = sync(&server, &ada).await;
    assert_eq!(counts(&source), [3, 0, 0, 2], "{source}");
    let b = lead(&ada, "b@x.example").await;
    assert_eq!(
        (&b["company"], &b["tags"]),
        (&json!("ACME"), &json!(["x;y", "z"]))
    );
    assert_eq!(
        lead(&ada, "c@x.example").await["custom_fields"],
        json!({ "city": "Berlin" })
    );
    let ignored = source["last_run"]["ignored_keys"].as_array().unwrap();
    assert!(
        ignored.contains(&json!("k309")) && ignored.len() <= 20,
        "{ignored:?}"
    );
    server.stop().await;
}

async fn a_sync_that_breaks_leaves_no_import_running(backend: Backend) {
    let (server, elsewhere) = start(backend, Elsewhere::default()).await;
    let ada = server.register("Ada").await.with_key().await;
    let url = "https://files.example/leads.csv";
    ada.post(
        "/api/leads/sources",
        &json!({ "name": "Files", "kind": "csv_url", "url": url }),
    )
    .await;
    let trap = match backend {
        Backend::Sqlite => {
            "CREATE TRIGGER trap BEFORE INSERT ON leads WHEN NEW.email = 'trap@x.example' BEGIN SELECT RAISE(ABORT, 'trap'); END"
        }
        Backend::Postgres => {
            "CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'trap'; END $$; \
             CREATE TRIGGER trap BEFORE INSERT ON leads FOR EACH ROW WHEN (NEW.email = 'trap@x.example') EXECUTE FUNCTION trap()"
        }
    };
    server.sabotage(trap).await;
    let lines: String = (0..1000).map(|index| format!("p{index}@x.example\n")).collect();
    let file = format!("email\n{lines}trap@x.example\n");
    elsewhere.answer(url, 200, &[], &file);
    let source = sync(&server, &ada).await;
    let run = &source["last_run"];
    assert_eq!(run["status"], "failed", "{source}");
    assert!(run["error"].as_str().unwrap().contains("tried again"), "{run}");
    let path = format!("/api/leads/imports/{}", run["import_id"].as_str().unwrap());
    let import = ada.get(&path).await;
    assert_eq!(
        (&import["status"], &import["created"]),
        (&json!("failed"), &json!(1000)),
        "{import}"
    );
    assert!(
        import["error"]
            .as_str()
            .unwrap()
            .contains("stopped in the middle"),
        "{import}"
    );
    // As if the worker had died instead: nobody ended the import.
    let import_id = run["import_id"].as_str().unwrap();
    server
        .sabotage(&format!(
            "UPDATE lead_imports SET status = 'running', error = NULL, finished_at = NULL; \
             UPDATE lead_sources SET state = '{{\"etag\": null, \"last_modified\": null, \"since\": null, \"import\": \"{import_id}\"}}'"
        ))
        .await;
    server
        .sabotage(match backend {
            Backend::Sqlite => "DROP TRIGGER trap",
            Backend::Postgres => "DROP TRIGGER trap ON leads",
        })
        .await;
    elsewhere.answer(url, 200, &[], &file);
    server.after(TimeDelta::minutes(10)).await;
    let source = ada.get_list("/api/leads/sources").await["data"][0].take();
    assert_eq!(counts(&source), [1, 0, 1000, 0], "{source}");
    let import = ada.get(&path).await;
    assert_eq!(import["status"], "failed", "{import}");
    assert!(
        import["error"].as_str().unwrap().contains("was interrupted"),
        "{import}"
    );
    ada.send(Method::POST, &format!("{path}/undo"), Some(&json!({})))
        .await
        .expect(202);
    server.drain().await;
    assert_eq!(ada.get("/api/leads/analytics/overview").await["total_leads"], 1);
    server.stop().await;
}
