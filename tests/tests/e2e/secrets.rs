//! Keys of other services: kept for people, clients and the organization, and never shown again.

use groundswell_app::secrets::resolve;
use groundswell_domain::identity::Role;
use groundswell_domain::{Actor, ClientId, Scope};
use groundswell_tests::{Account, Backend, Reply, TestServer};
use reqwest::Method;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

on_both!(
    a_value_is_kept_replaced_and_deleted,
    the_first_holder_s_is_used,
    everybody_has_their_own,
    programs_need_the_permission,
    what_is_no_secret_is_refused,
    moved_and_altered_rows_are_errors,
    first_secrets_at_once,
);

const LIST: &str = "/api/user/secrets";

async fn put(account: &Account<'_>, service: &str, body: &Value) -> Reply {
    account
        .send(Method::PUT, &format!("{LIST}/{service}"), Some(body))
        .await
}

async fn delete(account: &Account<'_>, address: &str) -> Reply {
    account
        .send(Method::DELETE, &format!("{LIST}/{address}"), None)
        .await
}

async fn list(account: &Account<'_>, query: &str) -> Vec<Value> {
    account.get_list(&format!("{LIST}?{query}")).await["data"]
        .as_array()
        .unwrap()
        .clone()
}

fn scope_of(server: &TestServer, account: &Account<'_>) -> Scope {
    let id = |text: &str| text.parse::<uuid::Uuid>().unwrap();
    let mut scope = Scope::system(id(&account.organization).into(), server.app.request_id());
    if !account.user.is_empty() {
        let session = server.app.id();
        let user = id(&account.user).into();
        scope.actor = Actor::User { user, session };
    }
    scope
}

/// What code of ours would use for this person and client.
async fn used(
    server: &TestServer,
    account: &Account<'_>,
    service: &str,
    client: Option<&str>,
) -> Option<String> {
    let client: Option<ClientId> = client.map(|id| id.parse().unwrap());
    let service = service.parse().unwrap();
    let found = resolve(&server.app, &scope_of(server, account), &service, client).await;
    found.unwrap().map(|value| value.expose_secret().to_owned())
}

async fn a_value_is_kept_replaced_and_deleted(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let first = put(&ada, "openai", &json!({ "value": "sk-first-ends" })).await;
    let made = first.expect(200).data();
    assert_eq!(
        (
            &made["service"],
            &made["holder"],
            &made["client_id"],
            &made["last4"]
        ),
        (&json!("openai"), &json!("user"), &Value::Null, &json!("ends"))
    );
    assert!(made.get("value").is_none() && !first.text.contains("sk-first"));
    server.clock.advance(chrono::TimeDelta::seconds(1));
    let second = put(&ada, "openai", &json!({ "value": "short" })).await;
    let second = second.expect(200).data();
    assert_eq!(
        (&second["id"], &second["created_at"], &second["last4"]),
        (&made["id"], &made["created_at"], &Value::Null),
        "a short value shows nothing"
    );
    assert_ne!(second["updated_at"], made["updated_at"]);
    assert_eq!(list(&ada, "").await, [second]);
    assert_eq!(
        used(&server, &ada, "openai", None).await.as_deref(),
        Some("short")
    );

    delete(&ada, "openai").await.expect(200);
    delete(&ada, "openai").await.expect_error(404, "secret_not_found");
    assert!(list(&ada, "").await.is_empty());
    assert_eq!(used(&server, &ada, "openai", None).await, None);
    let log = ada.get_list("/api/audit-log?target_type=secret").await;
    let actions: Vec<_> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(actions, ["secret.deleted", "secret.replaced", "secret.created"]);
    assert_eq!(
        log["data"][2]["after"],
        json!({ "service": "openai", "holder": "user", "client_id": null })
    );
    assert_eq!(log["data"][2]["target"]["id"], made["id"]);
    assert!(!log.to_string().contains("ends"), "{log}");
    server.stop().await;
}

async fn the_first_holder_s_is_used(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let ben = server.member(&ada, Role::ContentWriter).await;
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for (body, holder) in [
        (json!({ "value": "of the client", "client_id": client }), "client"),
        (
            json!({ "value": "of everybody", "holder": "organization" }),
            "organization",
        ),
        (json!({ "value": "of ada" }), "user"),
    ] {
        let made = put(&ada, "smtp", &body).await;
        assert_eq!(made.expect(200).data()["holder"], holder);
    }
    for (who, client, value) in [
        (&ada, Some(client.as_str()), "of ada"),
        (&ada, None, "of ada"),
        (&ben, Some(client.as_str()), "of the client"),
        (&ben, None, "of everybody"),
    ] {
        assert_eq!(used(&server, who, "smtp", client).await.as_deref(), Some(value));
    }
    // Who is bound to one client uses no other one's.
    let mut bound = scope_of(&server, &ben);
    bound.client = Some(server.app.id());
    let service = "smtp".parse().unwrap();
    let found = resolve(&server.app, &bound, &service, Some(client.parse().unwrap())).await;
    assert_eq!(found.unwrap().unwrap().expose_secret(), "of everybody");

    assert_eq!(list(&ada, "").await.len(), 3);
    assert_eq!(list(&ada, "holder=organization").await.len(), 1);
    assert_eq!(
        list(&ada, &format!("client_id={client}")).await[0]["client_id"],
        json!(client)
    );
    assert_eq!(list(&ada, "service=nothing").await.len(), 0);
    delete(&ada, &format!("smtp?client_id={client}"))
        .await
        .expect(200);
    delete(&ada, "smtp?holder=organization").await.expect(200);
    assert_eq!(used(&server, &ben, "smtp", Some(&client)).await, None);
    assert_eq!(list(&ada, "").await.len(), 1, "her own is still there");

    // What a client holds goes with it.
    put(&ada, "smtp", &json!({ "value": "x", "client_id": client }))
        .await
        .expect(200);
    ada.send(Method::DELETE, &format!("/api/clients/{client}"), None)
        .await
        .expect(200);
    assert_eq!(list(&ada, "").await.len(), 1);
    server.stop().await;
}

async fn everybody_has_their_own(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let eve = server.register("Eve").await;
    let client = ada.post("/api/clients", &json!({ "name": "Acme" })).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    put(
        &ada,
        "openai",
        &json!({ "value": "ada", "holder": "organization" }),
    )
    .await
    .expect(200);
    put(&ada, "openai", &json!({ "value": "ada" })).await.expect(200);
    for role in Role::ALL {
        let person = server.member(&ada, role).await;
        put(&person, "openai", &json!({ "value": role.as_str() }))
            .await
            .expect(200);
        let manages = matches!(role, Role::Superadmin | Role::CompanyAdmin);
        let own = list(&person, "holder=user").await;
        assert_eq!(own.len(), 1, "{role}");
        assert_eq!(
            list(&person, "").await.len(),
            if manages { 2 } else { 1 },
            "{role}"
        );
        for holder in [
            json!({ "holder": "organization" }),
            json!({ "client_id": client }),
        ] {
            let mut body = holder.clone();
            body["value"] = json!("x");
            let reply = put(&person, "x", &body).await;
            if manages {
                reply.expect(200);
            } else {
                reply.expect_error(403, "forbidden");
                assert!(reply.text.contains("secrets:manage"), "{}", reply.text);
            }
        }
        if manages {
            delete(&person, "x?holder=organization").await.expect(200);
            delete(&person, &format!("x?client_id={client}"))
                .await
                .expect(200);
        } else {
            for query in ["holder=organization".to_owned(), format!("client_id={client}")] {
                delete(&person, &format!("openai?{query}"))
                    .await
                    .expect_error(403, "forbidden");
                let path = format!("{LIST}?{query}");
                person
                    .send(Method::GET, &path, None)
                    .await
                    .expect_error(403, "forbidden");
            }
        }
        assert_eq!(
            used(&server, &person, "openai", None).await.as_deref(),
            Some(role.as_str())
        );
    }
    // Another organization's client is not there.
    let theirs = json!({ "value": "x", "client_id": client });
    let refused = put(&eve, "openai", &theirs).await;
    refused.expect_error(400, "invalid_input");
    assert_eq!(refused.json()["details"][0]["field"], "client_id");
    assert!(list(&eve, "").await.is_empty());
    assert_eq!(used(&server, &eve, "openai", Some(&client)).await, None);
    server.stop().await;
}

async fn programs_need_the_permission(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for (scopes, allowed) in [(json!(["leads:read"]), false), (json!(["secrets:manage"]), true)] {
        let key = ada
            .post("/api/auth/api-keys", &json!({ "name": "Key", "scopes": scopes }))
            .await;
        let program = server.bearer(key["api_key"].as_str().unwrap());
        let kept = put(&program, "openai", &json!({ "value": "x" })).await;
        let listed = program.send(Method::GET, LIST, None).await;
        let deleted = delete(&program, "openai").await;
        for reply in [kept, listed, deleted] {
            if allowed {
                reply.expect(200);
            } else {
                reply.expect_error(403, "forbidden");
            }
        }
    }
    server.stop().await;
}

async fn what_is_no_secret_is_refused(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let id = server.app.id::<uuid::Uuid>().to_string();
    for (body, field) in [
        (json!({ "value": "" }), "value"),
        (json!({ "value": " canary-key" }), "value"),
        (json!({ "value": "canary-key\n" }), "value"),
        (json!({ "value": "canary-key".repeat(900) }), "value"),
        (json!({ "value": 4711 }), "value"),
        (json!({}), "value"),
        (json!({ "value": "canary-key", "holder": "everybody" }), "holder"),
        (json!({ "value": "canary-key", "holder": "client" }), "client_id"),
        (
            json!({ "value": "canary-key", "holder": "user", "client_id": id }),
            "client_id",
        ),
        (json!({ "value": "canary-key", "client_id": id }), "client_id"),
        (json!({ "value": "canary-key", "client_id": "x" }), "client_id"),
        (json!({ "value": "canary-key", "key": "x" }), "key"),
    ] {
        let reply = put(&ada, "openai", &body).await;
        reply.expect_error(400, "invalid_input");
        assert_eq!(reply.json()["details"][0]["field"], field, "{}", reply.text);
        assert!(
            !reply.text.contains("canary") && !reply.text.contains("4711"),
            "{}",
            reply.text
        );
    }
    for query in ["holder=everybody", "client_id=x", "no_such=1", "holder=client"] {
        let reply = delete(&ada, &format!("openai?{query}")).await;
        reply.expect_error(400, "invalid_input");
    }
    for name in ["OpenAI", "a.b", "%20", &"a".repeat(65)] {
        put(&ada, name, &json!({ "value": "x" })).await.expect(404);
    }
    put(
        &ada,
        "pem",
        &json!({ "value": "-----BEGIN-----\nabc\n-----END-----" }),
    )
    .await
    .expect(200);
    put(&ada, "long", &json!({ "value": "x".repeat(8192) }))
        .await
        .expect(200);
    server.stop().await;
}

async fn moved_and_altered_rows_are_errors(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    for service in ["a", "b", "c"] {
        put(&ada, service, &json!({ "value": service })).await.expect(200);
    }
    // As somebody with the database's own tools would, who wants `a` used where `b` is asked for.
    server
        .sabotage("UPDATE secrets SET sealed = (SELECT sealed FROM secrets WHERE service = 'a') WHERE service = 'b'")
        .await;
    let service = "b".parse().unwrap();
    let error = resolve(&server.app, &scope_of(&server, &ada), &service, None)
        .await
        .unwrap_err();
    assert_eq!(error.to_string(), "internal error");
    server
        .sabotage("UPDATE secrets SET service = 'd' WHERE service = 'a'")
        .await;
    assert_eq!(
        used(&server, &ada, "d", None).await.as_deref(),
        Some("a"),
        "a name is no place"
    );
    assert_eq!(used(&server, &ada, "c", None).await.as_deref(), Some("c"));
    // Putting it again mends it.
    put(&ada, "b", &json!({ "value": "new" })).await.expect(200);
    assert_eq!(used(&server, &ada, "b", None).await.as_deref(), Some("new"));
    server.stop().await;
}

/// Ten of an organization's first secrets at once, of which five are the same one: there is one data key, and one of each.
async fn first_secrets_at_once(backend: Backend) {
    let server = TestServer::start(backend).await;
    let ada = server.register("Ada").await;
    let bodies: Vec<_> = (0..10)
        .map(|index| {
            let service = if index % 2 == 0 {
                "same".to_owned()
            } else {
                format!("s{index}")
            };
            (service, json!({ "value": format!("value {index}") }))
        })
        .collect();
    let puts = bodies.iter().map(|(service, body)| put(&ada, service, body));
    for reply in futures_util::future::join_all(puts).await {
        reply.expect(200);
    }
    assert_eq!(list(&ada, "").await.len(), 6);
    for index in [1, 3, 5, 7, 9] {
        let value = used(&server, &ada, &format!("s{index}"), None).await;
        assert_eq!(value, Some(format!("value {index}")));
    }
    assert!(
        used(&server, &ada, "same", None)
            .await
            .unwrap()
            .starts_with("value ")
    );
    let scope = scope_of(&server, &ada);
    let keys = server.app.store.read(&scope).data_keys().keys().await.unwrap();
    assert_eq!(keys.len(), 1);
    server.stop().await;
}
