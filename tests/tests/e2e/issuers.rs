//! People whom a trusted issuer vouches for: who they are here, and what they can do.

use crate::people::link;
use chrono::TimeDelta;
use groundswell_testkit::issuer::keys::{RSA_FIRST_N, RSA_FIRST_PEM, rsa_jwk};
use groundswell_testkit::issuer::{TestIssuer, hs256, rs256};
use groundswell_tests::{Account, Backend, Options, Reply, TestServer};
use reqwest::Method;
use serde_json::{Value, json};

on_both!(
    first_sight_links_a_confirmed_account,
    newcomers_join_an_organization_or_get_one,
    an_issuer_speaks_for_its_organization_only,
    ten_first_requests_make_one_account,
    who_is_locked_out_stays_out,
    people_without_a_session_use_the_rest,
    supabase_signs_with_a_secret,
);

pub const IDP: &str = "https://id.example.com";
pub const SECRET: &str = "a secret that is long enough: 32 bytes or more";

/// A published key, its issuer, and a server that trusts it.
pub struct Setup {
    pub issuer: TestIssuer,
    pub server: TestServer,
}

pub async fn issuer() -> TestIssuer {
    TestIssuer::start(&[rsa_jwk("first", RSA_FIRST_N)]).await
}

/// The idp, as an operator configures it.
pub fn idp(issuer: &TestIssuer) -> Value {
    json!({ "kind": "oidc", "name": "idp", "issuer": IDP, "audience": "us", "jwks_url": issuer.url.as_str() })
}

pub fn supabase() -> Value {
    json!({ "kind": "supabase", "issuer": "https://abc.supabase.co", "secret": SECRET, "email_proof": "issuer" })
}

impl Setup {
    /// With more or other settings for the idp, and Supabase beside it.
    pub async fn with(backend: Backend, more: &Value) -> Self {
        let issuer = issuer().await;
        let server = Self::server(backend, &issuer, more).await;
        Self { issuer, server }
    }

    async fn server(backend: Backend, issuer: &TestIssuer, more: &Value) -> TestServer {
        let mut idp = idp(issuer);
        for (name, value) in more.as_object().unwrap() {
            idp[name] = value.clone();
        }
        let options = Options {
            settings: vec![("auth.issuers", json!([idp, supabase()]))],
            ..Options::default()
        };
        TestServer::start_with(backend, options).await
    }

    /// Good claims about a person.
    pub fn claims(&self, subject: &str, email: &str) -> Value {
        let now = self.server.app.now().timestamp();
        json!({ "iss": IDP, "aud": "us", "sub": subject, "iat": now, "exp": now + 300,
            "email": email, "email_verified": true, "name": "Ada Lovelace" })
    }

    pub fn token(&self, subject: &str, email: &str) -> String {
        signed(&self.claims(subject, email))
    }

    pub async fn ask(&self, token: &str) -> Reply {
        self.server
            .bearer(token)
            .send(Method::GET, "/api/auth/me", None)
            .await
    }

    pub async fn refused(&self, token: &str, why: &str) {
        let reply = self.ask(token).await;
        reply.expect_error(401, "unauthenticated");
        assert!(reply.text.contains(why), "{} / {why}", reply.text);
    }

    /// The address of an account counts as confirmed.
    async fn confirm(&self, email: &str) {
        let sql = format!("UPDATE users SET email_verified_at = created_at WHERE email = '{email}'");
        self.server.sabotage(&sql).await;
    }
}

pub fn signed(claims: &Value) -> String {
    rs256(&json!({ "alg": "RS256", "kid": "first" }), claims, RSA_FIRST_PEM)
}

async fn first_sight_links_a_confirmed_account(backend: Backend) {
    let issuer = issuer().await;
    let options = Options {
        settings: vec![
            ("auth.issuers", json!([idp(&issuer)])),
            ("auth.confirm_addresses", json!(true)),
        ],
        ..Options::default()
    };
    let server = TestServer::start_with(backend, options).await;
    let setup = Setup { issuer, server };
    let server = &setup.server;
    let ada = server.register("Ada").await;
    let key = json!({ "name": "K", "scopes": ["leads:read"] });
    let key = ada.post("/api/auth/api-keys", &key).await;
    let key = key["api_key"].as_str().unwrap().to_owned();
    let token = setup.token("a-1", "ADA@ada.example");
    // Somebody may have registered with her address, and wait for her to come.
    setup.refused(&token, "not confirmed").await;
    let secret = link(server, "ada@ada.example").await;
    server
        .post("/api/auth/email/verify", &json!({ "token": secret }))
        .await
        .expect(200);
    let mut unverified = setup.claims("a-1", "ada@ada.example");
    unverified["email_verified"] = json!(false);
    setup.refused(&signed(&unverified), "not verified").await;
    setup
        .refused(&setup.token("b-1", "ben@ada.example"), "no account here")
        .await;

    let me = setup.ask(&token).await.expect(200).data();
    assert_eq!(me["user"]["id"], ada.user.as_str());
    assert_eq!(me["user"]["name"], "Ada", "what was here stays");
    assert_eq!(me["organization"]["id"], ada.organization.as_str());
    let person = server.bearer(&token);
    let verified = person.get("/api/auth/verify").await;
    assert_eq!(verified["kind"], "issuer_token");
    assert_eq!(verified["role"], "company_admin");
    // From now on the subject decides, whatever becomes of addresses.
    let moved = setup.token("a-1", "ada@elsewhere.example");
    assert_eq!(
        setup.ask(&moved).await.expect(200).data()["user"]["id"],
        ada.user.as_str()
    );
    // Whoever registered may have been somebody else.
    ada.send(Method::GET, "/api/leads", None)
        .await
        .expect_error(401, "unauthenticated");
    server
        .bearer(&key)
        .send(Method::GET, "/api/leads", None)
        .await
        .expect_error(401, "unauthenticated");
    let body = json!({ "email": "ada@ada.example", "password": "correct horse" });
    server.post("/api/auth/login", &body).await.expect(401);
    let log = person.get_list("/api/audit-log?action=user.linked").await;
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
    let entry = &log["data"][0];
    assert_eq!(
        entry["actor"],
        json!({ "kind": "user", "user_id": ada.user, "api_key_id": null })
    );
    assert_eq!(
        (&entry["target"]["id"], &entry["ip"]),
        (&json!(ada.user), &json!("127.0.0.1"))
    );
    assert_eq!(entry["after"], json!({ "issuer": IDP }));
    // The token's end is the end.
    server.clock.advance(TimeDelta::minutes(7));
    setup.refused(&token, "expired").await;
    setup.server.stop().await;
}

async fn newcomers_join_an_organization_or_get_one(backend: Backend) {
    let setup = Setup::with(backend, &json!({ "create": "organization" })).await;
    let token = setup.token("g-1", "grace@navy.example");
    let me = setup.ask(&token).await.expect(200).data();
    assert_eq!(me["user"]["role"], "company_admin");
    assert_eq!(
        (&me["user"]["name"], &me["user"]["email"]),
        (&json!("Ada Lovelace"), &json!("grace@navy.example"))
    );
    assert!(me["user"]["email_verified_at"].is_string() && me["user"]["last_login_at"].is_string());
    assert_eq!(me["organization"]["name"], "Ada Lovelace's organization");
    let grace = setup.server.bearer(&token);
    let log = grace.get_list("/api/audit-log").await;
    let actions: Vec<_> = log["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["action"])
        .collect();
    assert_eq!(actions, ["user.created", "organization.created"]);
    assert_eq!(
        log["data"][0]["after"],
        json!({ "role": "company_admin", "issuer": IDP })
    );
    // Nobody signs in without a password.
    for password in ["", "correct horse"] {
        let body = json!({ "email": "grace@navy.example", "password": password });
        setup
            .server
            .post("/api/auth/login", &body)
            .await
            .expect_error(401, "unauthenticated");
    }
    let unnamed = {
        let mut claims = setup.claims("h-1", "hedy@navy.example");
        claims.as_object_mut().unwrap().remove("name");
        signed(&claims)
    };
    let hedy = setup.ask(&unnamed).await.expect(200).data();
    assert_eq!(hedy["user"]["name"], "hedy");
    assert_ne!(hedy["organization"]["id"], me["organization"]["id"]);
    setup.server.stop().await;
}

/// Two servers: the organization of an issuer must be there before it can be configured.
async fn an_issuer_speaks_for_its_organization_only(backend: Backend) {
    let organization = uuid::Uuid::from_u128(0x0190_b1f2_0000_7000_8000_0000_0000_0001);
    let more = json!({ "organization": organization, "create": "user", "role": "content_manager" });
    let setup = Setup::with(backend, &more).await;
    let server = &setup.server;
    setup
        .refused(&setup.token("n-1", "new@acme.example"), "is not here")
        .await;
    let eve = server.register("Eve").await;
    setup.confirm("eve@eve.example").await;
    // The issuer's organization, with an administrator, an invited and an unconfirmed person.
    let acme = server.register("Acme").await;
    move_organization(&setup, &acme, organization).await;
    let acme = server.login("acme@acme.example", "correct horse").await;
    let invited = json!({ "email": "ina@acme.example", "name": "Ina", "role": "content_writer" });
    let ina = acme.post("/api/users/invite", &invited).await;
    server.drain().await;

    let me = setup
        .ask(&setup.token("n-1", "new@acme.example"))
        .await
        .expect(200)
        .data();
    assert_eq!(me["organization"]["id"], json!(organization));
    assert_eq!(me["user"]["role"], "content_manager");
    // Its administrators entered these addresses, so they are as good as confirmed.
    let me = setup
        .ask(&setup.token("i-1", "ina@acme.example"))
        .await
        .expect(200)
        .data();
    assert_eq!(
        (&me["user"]["id"], &me["user"]["status"]),
        (&ina["id"], &json!("active"))
    );
    assert!(me["user"]["email_verified_at"].is_string());
    let me = setup
        .ask(&setup.token("a-1", "acme@acme.example"))
        .await
        .expect(200)
        .data();
    assert_eq!(me["user"]["role"], "company_admin");
    // Whoever runs that issuer can write any address into a token: other organizations are none of its business.
    setup
        .refused(&setup.token("e-1", "eve@eve.example"), "does not speak for")
        .await;
    // Not even by a link from a time when the issuer was trusted further.
    let link = format!(
        "INSERT INTO identity_links (organization_id, id, user_id, issuer, subject, created_at, last_seen) \
         SELECT organization_id, id, id, '{IDP}', 'e-2', created_at, created_at FROM users WHERE email = 'eve@eve.example'"
    );
    server.sabotage(&link).await;
    setup
        .refused(&setup.token("e-2", "eve@eve.example"), "does not speak for")
        .await;
    // Supabase speaks for all of them.
    let now = server.app.now().timestamp();
    let claims = json!({ "iss": "https://abc.supabase.co/auth/v1", "aud": "authenticated", "role": "authenticated",
        "sub": "s-1", "exp": now + 60, "email": "eve@eve.example" });
    let token = hs256(&json!({ "alg": "HS256" }), &claims, SECRET.as_bytes());
    assert_eq!(
        setup.ask(&token).await.expect(200).data()["user"]["id"],
        eve.user.as_str()
    );
    setup.server.stop().await;
}

/// Gives a new organization the id that the issuer was configured with.
async fn move_organization(setup: &Setup, account: &Account<'_>, to: uuid::Uuid) {
    use groundswell_domain::Scope;
    let server = &setup.server;
    let old = account.organization.parse::<uuid::Uuid>().unwrap().into();
    let read = |id| server.app.store.read(&Scope::system(id, server.app.request_id()));
    let mut organization = read(old).identity().organization().await.unwrap().unwrap();
    let user = account.user.parse::<uuid::Uuid>().unwrap().into();
    let mut user = read(old).identity().user(user).await.unwrap().unwrap();
    let hash = read(old)
        .identity()
        .password_hash(user.id)
        .await
        .unwrap()
        .unwrap();
    read(old).identity().delete_user(user.id).await.unwrap();
    organization.id = to.into();
    user.organization_id = to.into();
    read(organization.id)
        .identity()
        .insert_organization(&organization)
        .await
        .unwrap();
    read(organization.id)
        .identity()
        .insert_user(&user, &hash)
        .await
        .unwrap();
}

async fn ten_first_requests_make_one_account(backend: Backend) {
    let setup = Setup::with(backend, &json!({ "create": "organization" })).await;
    let token = setup.token("g-1", "grace@navy.example");
    let replies = futures_util::future::join_all((0..10).map(|_| setup.ask(&token))).await;
    let first = replies[0].expect(200).data();
    for reply in &replies {
        assert_eq!(reply.expect(200).data()["user"]["id"], first["user"]["id"]);
    }
    let grace = setup.server.bearer(&token);
    assert_eq!(grace.get_list("/api/users?with_total=true").await["total"], 1);
    assert_eq!(grace.get_list("/api/audit-log?with_total=true").await["total"], 2);
    setup.server.stop().await;
}

async fn who_is_locked_out_stays_out(backend: Backend) {
    let setup = Setup::with(backend, &json!({})).await;
    let server = &setup.server;
    let ada = server.register("Ada").await;
    let person = json!({ "email": "ben@ada.example", "name": "Ben", "role": "content_writer", "password": "correct horse" });
    let ben = ada.post("/api/users", &person).await;
    setup.confirm("ben@ada.example").await;
    let path = format!("/api/users/{}", ben["id"].as_str().unwrap());
    let token = setup.token("b-1", "ben@ada.example");
    ada.patch(&path, &json!({ "disabled": true })).await;
    setup.refused(&token, "disabled").await;
    ada.patch(&path, &json!({ "disabled": false })).await;
    setup.ask(&token).await.expect(200);
    // At once, in this process.
    ada.patch(&path, &json!({ "disabled": true })).await;
    setup.refused(&token, "disabled").await;
    ada.patch(&path, &json!({ "disabled": false, "role": "content_manager" }))
        .await;
    assert_eq!(
        setup.ask(&token).await.expect(200).data()["user"]["role"],
        "content_manager"
    );
    ada.send(Method::DELETE, &path, None).await.expect(200);
    setup.refused(&token, "no account here").await;
    setup.server.stop().await;
}

async fn people_without_a_session_use_the_rest(backend: Backend) {
    let setup = Setup::with(backend, &json!({})).await;
    let server = &setup.server;
    let registered = server.register("Ada").await;
    setup.confirm("ada@ada.example").await;
    let token = setup.token("a-1", "ada@ada.example");
    let person = server.bearer(&token);
    let lead = json!({ "email": "lead@ada.example" });
    let request = || {
        person
            .request(Method::POST, "/api/leads")
            .header("idempotency-key", "one")
            .json(&lead)
    };
    let first = Reply::to(request()).await;
    let again = Reply::to(request()).await;
    assert_eq!(first.expect(201).data()["id"], again.expect(201).data()["id"]);

    // Her password went when she first came; a mail lets her choose another.
    let email = json!({ "email": "ada@ada.example" });
    server.post("/api/auth/password/forgot", &email).await.expect(202);
    let secret = link(server, "ada@ada.example").await;
    let body = json!({ "token": secret, "password": "correct horse" });
    let reset = server.post("/api/auth/password/reset", &body).await;
    let ada = server.bearer(reset.expect(200).data()["access_token"].as_str().unwrap());
    let sessions = person.get("/api/auth/sessions").await;
    assert_eq!(
        (sessions.as_array().unwrap().len(), &sessions[0]["current"]),
        (1, &json!(false))
    );
    let change = json!({ "current_password": "correct horse", "new_password": "battery staple" });
    let refused = person
        .send(Method::POST, "/api/auth/password/change", Some(&change))
        .await;
    refused.expect_error(403, "forbidden");
    assert!(refused.text.contains("trusted issuer"), "{}", refused.text);
    // A key that a person makes is theirs, whichever way they came.
    let key = json!({ "name": "CRM", "scopes": ["leads:read"] });
    let key = person.post("/api/auth/api-keys", &key).await;
    server
        .bearer(key["api_key"].as_str().unwrap())
        .get_list("/api/leads")
        .await;
    assert_eq!(ada.get("/api/auth/api-keys").await[0]["id"], key["id"]);
    let ended = person.send(Method::DELETE, "/api/auth/sessions", None).await;
    assert_eq!(ended.expect(200).data()["ended"], 1);
    ada.send(Method::GET, "/api/auth/me", None)
        .await
        .expect_error(401, "unauthenticated");
    person.get("/api/auth/me").await;
    // Seen again a while later.
    server.clock.advance(TimeDelta::hours(2));
    let later = server.app.now();
    let token = setup.token("a-1", "ada@ada.example");
    let person = server.bearer(&token);
    // A change of somebody's account is seen at once, and so everybody is looked up again.
    person
        .patch(
            &format!("/api/users/{}", registered.user),
            &json!({ "name": "Ada L." }),
        )
        .await;
    let me = setup.ask(&token).await.expect(200).data();
    let seen: chrono::DateTime<chrono::Utc> = me["user"]["last_login_at"].as_str().unwrap().parse().unwrap();
    assert_eq!(seen, later);
    setup.server.stop().await;
}

async fn supabase_signs_with_a_secret(backend: Backend) {
    let setup = Setup::with(backend, &json!({})).await;
    let ada = setup.server.register("Ada").await;
    setup.confirm("ada@ada.example").await;
    let now = setup.server.app.now().timestamp();
    let claims = json!({ "iss": "https://abc.supabase.co/auth/v1", "aud": "authenticated", "role": "authenticated",
        "sub": "0190b1f2-0000-7000-8000-000000000009", "iat": now, "exp": now + 3600, "email": "ada@ada.example",
        "is_anonymous": false, "user_metadata": { "full_name": "Ada" } });
    let header = json!({ "alg": "HS256", "typ": "JWT" });
    let token = hs256(&header, &claims, SECRET.as_bytes());
    assert_eq!(
        setup.ask(&token).await.expect(200).data()["user"]["id"],
        ada.user.as_str()
    );
    let mut service = claims.clone();
    service["role"] = json!("service_role");
    setup
        .refused(&hs256(&header, &service, SECRET.as_bytes()), "role")
        .await;
    setup
        .refused(
            &hs256(&header, &claims, b"another secret of thirty-two bytes."),
            "signature",
        )
        .await;
    setup.server.stop().await;
}
