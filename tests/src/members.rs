//! More people in an organization. They go in through the ports: no person may make somebody stronger than themselves.

use crate::account::Account;
use crate::server::TestServer;
use groundswell_domain::identity::{Role, User, UserStatus};
use groundswell_domain::{ClientId, Scope};
use serde_json::{Value, json};

const PASSWORD: &str = "correct horse";

impl TestServer {
    /// Somebody who may do everything there is, in an organization of their own.
    pub async fn operator(&self, name: &str) -> Account<'_> {
        let account = self.register(name).await;
        self.member(&account, Role::Superadmin).await
    }

    /// A colleague of `account` with this role, signed in.
    pub async fn member(&self, account: &Account<'_>, role: Role) -> Account<'_> {
        // Whose things somebody of the role client sees.
        let client_id = match role {
            Role::Client => Some(self.client_of(account).await),
            _ => None,
        };
        self.member_of(account, role, client_id).await
    }

    async fn client_of(&self, account: &Account<'_>) -> ClientId {
        let body = json!({ "name": "Their own" });
        let client = account.post("/api/clients", &body).await;
        client["id"]
            .as_str()
            .unwrap()
            .parse::<uuid::Uuid>()
            .unwrap()
            .into()
    }

    /// The same, for a client that is there already.
    pub async fn member_of(
        &self,
        account: &Account<'_>,
        role: Role,
        client_id: Option<ClientId>,
    ) -> Account<'_> {
        let organization = account.organization.parse::<uuid::Uuid>().unwrap().into();
        let now = self.app.now();
        let id = self.app.id();
        let user = User {
            id,
            organization_id: organization,
            email: format!("{role}-{id}@members.example").parse().unwrap(),
            name: role.to_string(),
            role,
            client_id,
            status: UserStatus::Active,
            email_verified_at: None,
            last_login_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let hash = self.app.passwords.hash(&PASSWORD.into()).await.unwrap();
        let scope = Scope::system(organization, self.app.request_id());
        let unit = self.app.store.begin(&scope).await.unwrap();
        unit.identity().insert_user(&user, &hash).await.unwrap();
        unit.commit().await.unwrap();
        self.login(user.email.as_str(), PASSWORD).await
    }

    /// Someone who has an account already.
    pub async fn login(&self, email: &str, password: &str) -> Account<'_> {
        let body = json!({ "email": email, "password": password });
        let reply = self.post("/api/auth/login", &body).await;
        reply.expect(200);
        Account::new(self, &reply.data())
    }

    /// Whoever has this token or API key.
    pub fn bearer(&self, token: &str) -> Account<'_> {
        Account::new(self, &json!({ "access_token": token }))
    }

    /// The answer to a POST of nobody in particular.
    pub async fn post(&self, path: &str, body: &Value) -> crate::Reply {
        crate::Reply::to(self.http.post(self.url(path)).json(body)).await
    }

    /// The answer to a GET of nobody in particular.
    pub async fn fetch(&self, path: &str) -> crate::Reply {
        crate::Reply::to(self.http.get(self.url(path))).await
    }
}
