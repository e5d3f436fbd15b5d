//! One thing of every kind, made through the API.

use crate::account::Account;
use crate::operations::Operation;
use crate::server::TestServer;
use groundswell_domain::Scope;
use groundswell_domain::identity::Session;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// What an operation is to be used on: something new, or nothing when its address has no id.
pub async fn make_for(server: &TestServer, account: &Account<'_>, operation: &Operation) -> String {
    if operation.has_id() {
        make(server, account, &operation.path).await
    } else {
        String::new()
    }
}

/// Something new of the organization of `account`, of the kind that addresses below `path` are about: its id.
#[expect(clippy::too_many_lines, reason = "one arm for each kind of thing")]
pub async fn make(server: &TestServer, account: &Account<'_>, path: &str) -> String {
    let id = |value: Value, name: &str| value[name].as_str().unwrap().to_owned();
    let unique: uuid::Uuid = server.app.id();
    let mail = format!("lead-{unique}@things.example");
    let post = async |path: &str, body: Value| account.post(path, &body).await;
    let starts = |start: &str| path.starts_with(start);
    if starts("/api/leads/imports/") || starts("/api/jobs/") {
        let csv = format!("email,name\n{mail},Lead\n").into_bytes();
        let form = Form::new().part("file", Part::bytes(csv).file_name("leads.csv"));
        let request = account.request(Method::POST, "/api/leads/import").multipart(form);
        let started = account.expect(request, StatusCode::ACCEPTED).await["data"].take();
        if path.ends_with("/undo") {
            // Only what has ended can be undone.
            server.drain().await;
        }
        return id(
            started,
            if starts("/api/jobs/") {
                "job_id"
            } else {
                "import_id"
            },
        );
    }
    if starts("/api/admin/organizations/") {
        return account.organization.clone();
    }
    if starts("/f/confirm/") {
        return "no-such-token".to_owned();
    }
    if starts("/preview/mail/") {
        return preview(account).await;
    }
    if starts("/api/leads/outreach/") {
        return outreach(account, &mail, starts("/api/leads/outreach/drafts/")).await;
    }
    if starts("/api/lead-capture/submissions/") {
        return held_back(server, account, &mail).await;
    }
    if starts("/api/leads/enrichment/providers/") {
        return enrichment_provider(account, unique).await;
    }
    if starts("/api/leads/duplicates/") {
        return duplicate(server, account, unique).await;
    }
    let made = if starts("/api/leads/sources/") {
        let url = format!("https://{unique}.things.example/leads.csv");
        post(
            "/api/leads/sources",
            json!({ "name": "A source", "kind": "csv_url", "url": url }),
        )
        .await
    } else if starts("/api/leads/scoring/models/") {
        post("/api/leads/scoring/models", scoring_model(unique)).await
    } else if starts("/api/leads/qualification/rules/") {
        post("/api/leads/qualification/rules", qualification_rules(unique)).await
    } else if starts("/api/leads/") {
        post("/api/leads", json!({ "email": mail, "name": "A lead" })).await
    } else if starts("/api/lead-capture/") || starts("/f/") {
        let fields = json!([{ "name": "email", "type": "email", "required": true }]);
        post(
            "/api/lead-capture/forms",
            json!({ "name": "A form", "fields": fields }),
        )
        .await
    } else if starts("/api/campaigns/") {
        let content = json!({ "subject": "Hello", "html": "<p>Hello</p>" });
        post(
            "/api/campaigns",
            json!({ "name": "A campaign", "type": "email", "content": content }),
        )
        .await
    } else if starts("/api/segments/") {
        let name = format!("{unique}.things.example");
        post("/api/segments", json!({ "name": name, "expression": "everyone" })).await
    } else if starts("/api/schedules/") {
        let daily = json!({ "type": "cron", "expression": "@daily", "time_zone": "UTC" });
        let name = format!("{unique}.things.example");
        let action = json!({ "type": "scan_duplicates" });
        post(
            "/api/schedules",
            json!({ "name": name, "action": action, "trigger": daily }),
        )
        .await
    } else if starts("/api/clients/") {
        let website = format!("https://{unique}.things.example/");
        post("/api/clients", json!({ "name": "A client", "website": website })).await
    } else if starts("/api/projects/") {
        let description = format!("{unique}.things.example");
        post(
            "/api/projects",
            json!({ "name": "A project", "description": description }),
        )
        .await
    } else if starts("/api/email/sequences/") {
        let name = format!("{unique}.things.example");
        let steps = json!([{ "id": "end_here", "type": "exit" }]);
        post("/api/email/sequences", json!({ "name": name, "steps": steps })).await
    } else if starts("/api/email/templates/") {
        post(
            "/api/email/templates",
            json!({ "name": "A template", "subject": "Hello", "html": "<p>Hello</p>" }),
        )
        .await
    } else if starts("/api/email/domains/") {
        let domain = format!("d{}.things.example", unique.simple());
        post(
            "/api/email/domains",
            json!({ "domain": domain, "algorithms": ["rsa"] }),
        )
        .await
    } else if starts("/api/email/topics/") {
        post("/api/email/topics", json!({ "name": "A topic" })).await
    } else if starts("/api/email/partials/") {
        post(
            "/api/email/partials",
            json!({ "name": format!("p-{unique}"), "html": "<p>{{ brand.name }}</p>" }),
        )
        .await
    } else if starts("/api/email/suppressions/") {
        post("/api/email/suppressions", json!({ "email": mail })).await
    } else if starts("/api/email/messages/") {
        let sent = post(
            "/api/email/send",
            json!({ "to": mail, "subject": "Hello", "body": "Hello" }),
        )
        .await;
        return id(sent, "email_id");
    } else if starts("/api/auth/api-keys/") {
        post(
            "/api/auth/api-keys",
            json!({ "name": "A key", "scopes": ["leads:read"] }),
        )
        .await
    } else if starts("/api/users/") {
        post(
            "/api/users",
            json!({ "email": mail, "name": "A person", "role": "content_writer", "password": "correct horse" }),
        )
        .await
    } else if starts("/api/user/secrets/") {
        let service = unique.to_string();
        let request = account
            .request(Method::PUT, &format!("/api/user/secrets/{service}"))
            .json(&json!({ "value": format!("{unique}.things.example") }));
        account.expect(request, StatusCode::OK).await;
        return service;
    } else if starts("/api/privacy/erasures/") {
        post("/api/privacy/erasures", json!({ "email": mail })).await
    } else if starts("/api/auth/sessions/") {
        return session(server, account).await;
    } else if starts("/api/email/webhooks/") {
        return "mailgun".to_owned();
    } else if starts("/t/") || starts("/u/") || starts("/account/") {
        return "no-such-token".to_owned();
    } else {
        panic!("teach `make` what {path} is about")
    };
    id(made, "id")
}

/// A template's preview: the token of its page.
async fn preview(account: &Account<'_>) -> String {
    let template = json!({ "name": "A template", "subject": "Hello", "html": "<p>Hello</p>" });
    let template = account.post("/api/email/templates", &template).await;
    let path = format!(
        "/api/email/templates/{}/preview",
        template["id"].as_str().unwrap()
    );
    let shown = account.post(&path, &json!({})).await;
    let (_, token) = shown["page_url"].as_str().unwrap().rsplit_once('/').unwrap();
    token.to_owned()
}

/// Two leads that are proposed to be one.
async fn duplicate(server: &TestServer, account: &Account<'_>, unique: uuid::Uuid) -> String {
    let mut lead = String::new();
    for tag in ["", "+news"] {
        let mail = format!("x{unique}{tag}@things.example");
        let made = account
            .post("/api/leads", &json!({ "email": mail, "name": "Xaver Quellmann" }))
            .await;
        made["id"].as_str().unwrap().clone_into(&mut lead);
    }
    account.post("/api/leads/duplicates/scan", &json!({})).await;
    server.drain().await;
    let found = account
        .get_list(&format!("/api/leads/{lead}/duplicates?status=proposed"))
        .await;
    found["data"][0]["id"].as_str().unwrap().to_owned()
}

/// An outreach for one lead, or its draft.
async fn outreach(account: &Account<'_>, mail: &str, its_draft: bool) -> String {
    let lead = account
        .post("/api/leads", &json!({ "email": mail, "name": "A lead" }))
        .await;
    let body = json!({ "name": mail, "lead_ids": [lead["id"]], "subject": "Hello", "html": "<p>Hello</p>" });
    let made = account.post("/api/leads/outreach", &body).await;
    let id = made["id"].as_str().unwrap().to_owned();
    if !its_draft {
        return id;
    }
    let drafts = account
        .get_list(&format!("/api/leads/outreach/{id}/drafts"))
        .await;
    drafts["data"][0]["id"].as_str().unwrap().to_owned()
}

/// A submission in quarantine.
async fn held_back(server: &TestServer, account: &Account<'_>, mail: &str) -> String {
    let fields = json!([{ "name": "email", "type": "email", "required": true }]);
    let form = json!({ "name": "A form", "fields": fields });
    let form = account.post("/api/lead-capture/forms", &form).await;
    let path = format!("/api/lead-capture/webhook/{}", form["id"].as_str().unwrap());
    let body = json!({ "email": mail, "website_url_confirm": "x" });
    let kept = server.post(&path, &body).await.expect(201).data();
    kept["submission_id"].as_str().unwrap().to_owned()
}

async fn enrichment_provider(account: &Account<'_>, unique: uuid::Uuid) -> String {
    let url = format!("https://{unique}.things.example/{{{{domain}}}}");
    let body = json!({ "name": "A provider", "url": url, "mapping": { "company": "/name" } });
    let made = account.post("/api/leads/enrichment/providers", &body).await;
    made["id"].as_str().unwrap().to_owned()
}

fn scoring_model(unique: uuid::Uuid) -> Value {
    let when = json!({ "field": "company", "eq": format!("{unique}.things.example") });
    let rules = json!([{ "name": "fits", "axis": "fit", "when": when, "points": 10 }]);
    json!({ "name": "A model", "rules": rules })
}

fn qualification_rules(unique: uuid::Uuid) -> Value {
    let when = json!({ "field": "company", "eq": format!("{unique}.things.example") });
    let stages = json!([{ "name": "fits", "to": "qualified", "when": when }]);
    json!({ "name": "Some rules", "framework": "bant", "stages": stages })
}

/// Another session of this person, as if they were signed in somewhere else.
async fn session(server: &TestServer, account: &Account<'_>) -> String {
    let now = server.app.now();
    let organization_id = account.organization.parse::<uuid::Uuid>().unwrap().into();
    let session = Session {
        id: server.app.id(),
        organization_id,
        user_id: account.user.parse::<uuid::Uuid>().unwrap().into(),
        salt: vec![1],
        generation: 0,
        rotated_at: now,
        created_at: now,
        revoked_at: None,
        user_agent: None,
        ip: None,
    };
    let scope = Scope::system(organization_id, server.app.request_id());
    let repos = server.app.store.read(&scope);
    repos.identity().insert_session(&session).await.unwrap();
    session.id.to_string()
}
