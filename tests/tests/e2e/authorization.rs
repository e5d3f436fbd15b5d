//! Who may do what, for every operation of the `OpenAPI` document: a new route without a line in the table fails here.

use crate::needs::Needs::{May, Public, SignedIn, Whole};
use crate::needs::needs;
use crate::samples::sample;
use groundswell_domain::identity::{Permission, Role};
use groundswell_tests::{Account, Backend, Operation, Reply, TestServer, make_for, operations};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

on_both!(
    roles,
    api_keys,
    other_organizations,
    foreign_ids,
    other_clients,
    nobody
);

/// The answer to a request in which everything but the caller is right.
async fn call(account: &Account<'_>, operation: &Operation, id: &str) -> Reply {
    let request = account.request(operation.method.clone(), &operation.address(id));
    let body = sample(&operation.id);
    Reply::to(match operation.id.as_str() {
        "import_leads" | "preview_import" => {
            let csv = reqwest::multipart::Part::bytes(&b"email\na@b.example\n"[..]).file_name("a.csv");
            request.multipart(reqwest::multipart::Form::new().part("file", csv))
        }
        _ if body.is_null() => {
            assert!(
                !operation.takes_json(),
                "{} takes JSON and has no sample: add one",
                operation.id
            );
            request
        }
        _ => request.json(&body),
    })
    .await
}

#[track_caller]
fn assert_allowed(reply: &Reply, who: &str, operation: &Operation) {
    let status = reply.status.as_u16();
    let refused = matches!(status, 401 | 403 | 404) || status >= 500;
    // A link that was never made leads nowhere, for everybody.
    let no_link = status == 404
        && [
            "/t/",
            "/u/",
            "/account/",
            "/f/confirm/",
            "/api/email/webhooks/",
            "/preview/",
        ]
        .iter()
        .any(|start| operation.path.starts_with(start));
    let no_session = status == 401 && matches!(operation.id.as_str(), "refresh_tokens" | "logout");
    assert!(
        !refused || no_link || no_session,
        "{who}: {} -> {status} {}",
        operation.id,
        reply.text
    );
}

async fn roles(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for role in Role::ALL {
        let person = server.member(&ada, role).await;
        for operation in operations() {
            let needs = needs(&operation);
            let allowed = match needs {
                Public | SignedIn => true,
                May(permission) => role.permissions().contains(permission),
                Whole(permission) => role != Role::Client && role.permissions().contains(permission),
            };
            // API keys, sessions and secrets are their maker's own.
            let own = matches!(
                operation.id.as_str(),
                "get_api_key" | "delete_api_key" | "rotate_api_key" | "end_session" | "delete_secret"
            );
            let maker = if allowed && own { &person } else { &ada };
            let id = make_for(&server, maker, &operation).await;
            let reply = call(&person, &operation, &id).await;
            if allowed
                && role == Role::Client
                && maker.organization == ada.organization
                && operation.has_id()
                && matches!(needs, May(_))
            {
                // What the administrator made is no client's.
                reply.expect(404).expect_envelope();
            } else if allowed {
                assert_allowed(&reply, role.as_str(), &operation);
            } else {
                reply.expect_error(403, "forbidden");
                let (May(permission) | Whole(permission)) = needs else {
                    unreachable!()
                };
                if role == Role::Client && matches!(needs, Whole(_)) {
                    assert!(
                        reply.text.contains("limited to one client")
                            || reply.text.contains(permission.as_str())
                    );
                    continue;
                }
                assert!(
                    reply.text.contains(permission.as_str()),
                    "{}: {}",
                    operation.id,
                    reply.text
                );
            }
        }
    }
    server.drain().await;
    server.stop().await;
}

async fn api_keys(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    // Nobody gives a key more than they have.
    let operator = server.member(&ada, Role::Superadmin).await;
    let mut keys = BTreeMap::new();
    for permission in Permission::ALL {
        let others: Vec<_> = Permission::ALL
            .iter()
            .filter(|other| *other != permission)
            .collect();
        let (only, without) = (json!([permission]), json!(others));
        for (kind, scopes) in [("only", only), ("without", without)] {
            let key = operator
                .post("/api/auth/api-keys", &json!({ "name": kind, "scopes": scopes }))
                .await;
            keys.insert((kind, *permission), key["api_key"].as_str().unwrap().to_owned());
        }
    }
    for operation in operations() {
        let (May(permission) | Whole(permission)) = needs(&operation) else {
            continue;
        };
        let id = make_for(&server, &ada, &operation).await;
        let without = call(&server.bearer(&keys[&("without", permission)]), &operation, &id).await;
        without.expect_error(403, "forbidden");
        assert!(without.text.contains(permission.as_str()), "{}", without.text);
        let only = call(&server.bearer(&keys[&("only", permission)]), &operation, &id).await;
        // What a schedule does must be allowed as well; drafts and simulations tell what is known of leads.
        let does_more = matches!(
            operation.id.as_str(),
            "create_schedule"
                | "replace_schedule"
                | "update_schedule"
                | "run_schedule"
                | "create_outreach"
                | "list_outreach_drafts"
                | "get_outreach_draft"
                | "update_outreach_draft"
                | "approve_outreach_draft"
                | "reject_outreach_draft"
                | "simulate_sequence"
        );
        if permission == Permission::ApiKeysManage || does_more {
            only.expect_error(403, "forbidden");
        } else {
            assert_allowed(&only, "a key", &operation);
        }
    }
    server.drain().await;
    server.stop().await;
}

/// Somebody who is bound to one client meets nothing of another, nor of none: by id, in lists, counts and exports.
async fn other_clients(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let id = |value: &Value| value["id"].as_str().unwrap().to_owned();
    let (ours, theirs) = (
        id(&ada.post("/api/clients", &json!({ "name": "Ours" })).await),
        id(&ada.post("/api/clients", &json!({ "name": "Secret rival" })).await),
    );
    for (client, word) in [(&ours, "ours"), (&theirs, "rival"), (&String::new(), "nobody")] {
        let client = (!client.is_empty()).then_some(client);
        let things = [
            (
                "/api/leads",
                json!({ "email": format!("{word}@things.example"), "name": word, "client_id": client }),
            ),
            (
                "/api/projects",
                json!({ "name": format!("project of {word}"), "client_id": client }),
            ),
            (
                "/api/campaigns",
                json!({ "name": format!("campaign of {word}"), "type": "email", "budget": 10, "client_id": client }),
            ),
        ];
        for (path, body) in things {
            ada.post(path, &body).await;
        }
    }
    let person = server
        .member_of(
            &ada,
            Role::Client,
            Some(ours.parse::<uuid::Uuid>().unwrap().into()),
        )
        .await;
    // As a person, and as a key of the administrator that is limited to this client.
    let scopes: Vec<_> = Role::CompanyAdmin
        .permissions()
        .iter()
        .map(Permission::as_str)
        .collect();
    let key = ada
        .post(
            "/api/auth/api-keys",
            &json!({ "name": "Theirs", "scopes": scopes, "client_id": ours }),
        )
        .await;
    let key = server.bearer(key["api_key"].as_str().unwrap());
    for who in [&person, &key] {
        for operation in operations() {
            let reads = operation.method == Method::GET && operation.path.starts_with("/api");
            if !operation.has_id() && reads {
                let address = format!("{}?with_total=true", operation.path);
                for address in [operation.address(""), address] {
                    let reply = Reply::to(who.request(Method::GET, &address)).await;
                    assert!(
                        !reply.text.contains("rival")
                            && !reply.text.contains("nobody@")
                            && !reply.text.contains("of nobody"),
                        "{}: {}",
                        operation.id,
                        reply.text
                    );
                    let total = reply
                        .status
                        .is_success()
                        .then(|| reply.json()["total"].as_u64())
                        .flatten();
                    assert!(
                        total.is_none_or(|total| total <= 1),
                        "{}: {}",
                        operation.id,
                        reply.text
                    );
                }
            }
            let (May(_) | Whole(_)) = needs(&operation) else {
                continue;
            };
            if operation.has_id() {
                let id = make_for(&server, &ada, &operation).await;
                let reply = call(who, &operation, &id).await;
                assert!(
                    matches!(reply.status.as_u16(), 403 | 404),
                    "{}: {}",
                    operation.id,
                    reply.text
                );
            }
        }
    }
    for (path, count) in [
        ("/api/leads?with_total=true", 1),
        ("/api/campaigns?with_total=true", 1),
        ("/api/projects?with_total=true", 1),
        ("/api/clients?with_total=true", 1),
    ] {
        assert_eq!(person.get_list(path).await["total"], count, "{path}");
    }
    assert_eq!(
        person.get("/api/leads/analytics/overview").await["total_leads"],
        1
    );
    assert_eq!(person.get("/api/campaigns/stats/summary").await["total"], 1);
    assert_eq!(person.get("/api/clients/stats/overview").await["total"], 1);
    let reply = Reply::to(person.request(Method::GET, "/api/leads/export?format=csv")).await;
    assert_eq!(reply.expect(200).text.lines().count(), 2, "{}", reply.text);
    for address in [
        format!("/api/clients/{theirs}"),
        format!("/api/clients/{theirs}/campaigns"),
    ] {
        Reply::to(person.request(Method::GET, &address)).await.expect(404);
    }
    // A campaign of theirs that went to everybody: they see those who are their own.
    let campaign = json!({
        "name": "To all", "type": "email", "client_id": ours,
        "content": { "subject": "Hello", "html": "<p>Hello</p>" },
    });
    let campaign = id(&ada.post("/api/campaigns", &campaign).await);
    ada.post(&format!("/api/campaigns/{campaign}/launch"), &json!({}))
        .await;
    server.drain().await;
    let path = format!("/api/campaigns/{campaign}/recipients?with_total=true");
    assert!(ada.get_list(&path).await["total"].as_u64().unwrap() > 1);
    let seen = person.get_list(&path).await;
    assert_eq!(
        (&seen["total"], &seen["data"][0]["to"]),
        (&json!(1), &json!("ours@things.example"))
    );
    // The account goes before the client does.
    let reply = Reply::to(ada.request(Method::DELETE, &format!("/api/clients/{ours}"))).await;
    reply.expect_error(409, "client_has_people");
    // Its keys go with a client, so that it went is in the log.
    let reply = Reply::to(ada.request(Method::DELETE, &format!("/api/clients/{theirs}"))).await;
    reply.expect(200);
    let log = ada.get_list("/api/audit-log?action=client.deleted").await;
    assert_eq!(
        log["data"][0]["target"],
        json!({ "type": "client", "id": theirs })
    );
    server.drain().await;
    server.stop().await;
}

/// Another organization's things are not there: the answer is the one for things that never were.
async fn other_organizations(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    let colleague = server.member(&ada, Role::Superadmin).await;
    for operation in operations() {
        // What a secret is put under is a name, and everybody has names of their own.
        // Operators of the installation have tests of their own.
        let special = matches!(needs(&operation), Public | May(Permission::InstallationManage));
        if !operation.has_id() || special || operation.id == "put_secret" {
            continue;
        }
        let id = make_for(&server, &ada, &operation).await;
        let nothing = server.app.id::<uuid::Uuid>().to_string();
        let mut expected = Value::Null;
        for id in [nothing, id.clone()] {
            let reply = call(&eve, &operation, &id).await;
            reply.expect(404).expect_envelope();
            let mut body = reply.json();
            body["request_id"] = Value::Null;
            if expected.is_null() {
                expected = body;
            } else {
                assert_eq!(body, expected, "{} tells that the thing exists", operation.id);
            }
        }
        if operation.path.starts_with("/api/auth/api-keys/") {
            call(&colleague, &operation, &id)
                .await
                .expect_error(404, "api_key_not_found");
        }
        if operation.id == "delete_secret" {
            call(&colleague, &operation, &id)
                .await
                .expect_error(404, "secret_not_found");
        }
        // It was there all the time, and is unharmed.
        assert_allowed(&call(&ada, &operation, &id).await, "its owner", &operation);
    }
    for list in operations()
        .iter()
        .filter(|o| o.method == Method::GET && !o.has_id() && o.path.starts_with("/api"))
    {
        let reply = call(&eve, list, "").await;
        assert!(
            !reply.text.contains(&ada.organization) && !reply.text.contains("things.example"),
            "{}: {}",
            list.id,
            reply.text
        );
    }
    server.drain().await;
    server.stop().await;
}

/// Ids of another organization in a query find nothing, and in a body are refused.
async fn foreign_ids(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    let mut theirs = BTreeMap::new();
    for (name, path) in [
        ("client_id", "/api/clients/"),
        ("segment_id", "/api/segments/"),
        ("project_id", "/api/projects/"),
        ("campaign_id", "/api/campaigns/"),
        ("goal_campaign_id", "/api/campaigns/"),
        ("goal_sequence_id", "/api/email/sequences/"),
        ("template_id", "/api/email/templates/"),
        ("form_id", "/api/lead-capture/forms/"),
        ("lead_id", "/api/leads/"),
        ("schedule_id", "/api/schedules/"),
        ("topic_id", "/api/email/topics/"),
        ("user_id", "/api/users/"),
    ] {
        theirs.insert(name, groundswell_tests::make(&server, &ada, path).await);
    }
    let known = |name: &str| {
        theirs
            .get(name)
            .unwrap_or_else(|| panic!("make a thing for {name}, whose id can be in a request"))
    };
    // What names no row of an organization.
    let is_id = |name: &String| {
        name.ends_with("_id") && !["actor_id", "target_id", "request_id"].contains(&name.as_str())
    };
    let mut tried = 0;
    for operation in operations() {
        if operation.public || needs(&operation) == May(Permission::InstallationManage) {
            continue;
        }
        for (name, _) in operation.query.iter().filter(|(name, _)| is_id(name)) {
            let id = make_for(&server, &eve, &operation).await;
            let address = operation.address(&id);
            let joint = if address.contains('?') { '&' } else { '?' };
            let address = format!("{address}{joint}{name}={}", known(name));
            let reply = eve.send(operation.method.clone(), &address, None).await;
            assert!(
                !reply.text.contains("things.example") && !reply.text.contains(&ada.organization),
                "{} {name}: {}",
                operation.id,
                reply.text
            );
            let found = reply.json()["data"].as_array().map_or(0, Vec::len);
            assert_eq!(found, 0, "{} {name}: {}", operation.id, reply.text);
            tried += 1;
        }
        for name in operation.fields.iter().filter(|name| is_id(name)) {
            let id = make_for(&server, &eve, &operation).await;
            let mut body = sample(&operation.id);
            body[name] = json!(known(name));
            let reply = eve
                .send(operation.method.clone(), &operation.address(&id), Some(&body))
                .await;
            assert!(
                reply.status.is_client_error(),
                "{} {name}: {} {}",
                operation.id,
                reply.status,
                reply.text
            );
            tried += 1;
        }
    }
    assert!(tried > 15, "only {tried}");
    server.drain().await;
    server.stop().await;
}

async fn nobody(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for operation in operations() {
        let needs = needs(&operation);
        assert!(
            operation.public || operation.path.starts_with("/api"),
            "{} must say that it is public",
            operation.id
        );
        assert_eq!(
            operation.public,
            needs == Public,
            "{}: the document and the table differ",
            operation.id
        );
        let id = make_for(&server, &ada, &operation).await;
        let address = server.url(&operation.address(&id));
        if needs == Public {
            assert_allowed(
                &call(&server.bearer("nonsense"), &operation, &id).await,
                "nobody",
                &operation,
            );
            continue;
        }
        let request = || server.http.request(operation.method.clone(), &address);
        for request in [
            request(),
            request().header("authorization", ""),
            request().header("authorization", "Bearer"),
            request().header("authorization", "Basic YWRhOmFkYQ=="),
            request().bearer_auth("nonsense"),
            request().bearer_auth("gsk_nonsense"),
        ] {
            let reply = Reply::to(
                request
                    .header("idempotency-key", "nobody")
                    .json(&sample(&operation.id)),
            )
            .await;
            reply.expect_error(401, "unauthenticated");
            assert_eq!(reply.header("www-authenticate"), "Bearer", "{}", operation.id);
        }
    }
    server.drain().await;
    server.stop().await;
}
