//! Someone who is signed in and calls the API.

use crate::reply::Reply;
use crate::server::TestServer;
use groundswell_domain::identity::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

pub struct Account<'a> {
    server: &'a TestServer,
    pub access_token: String,
    pub refresh_token: String,
    pub organization: String,
    pub user: String,
}

impl<'a> Account<'a> {
    pub(crate) fn new(server: &'a TestServer, data: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Self {
            server,
            access_token: text(&data["access_token"]),
            refresh_token: text(&data["refresh_token"]),
            organization: text(&data["organization"]["id"]),
            user: text(&data["user"]["id"]),
        }
    }

    /// From now on with an API key for everything: access tokens end after five minutes, for tests that move the clock.
    #[must_use]
    pub async fn with_key(mut self) -> Self {
        let scopes: Vec<_> = Role::CompanyAdmin
            .permissions()
            .iter()
            .map(groundswell_domain::identity::Permission::as_str)
            .collect();
        let key = self
            .post("/api/auth/api-keys", &json!({ "name": "Test", "scopes": scopes }))
            .await;
        key["api_key"]
            .as_str()
            .unwrap()
            .clone_into(&mut self.access_token);
        self
    }

    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.server
            .http
            .request(method, self.server.url(path))
            .bearer_auth(&self.access_token)
            .timeout(Duration::from_secs(30))
    }

    /// The answer, whatever it is.
    pub async fn send(&self, method: Method, path: &str, body: Option<&Value>) -> Reply {
        let request = self.request(method, path);
        Reply::to(match body {
            Some(body) => request.json(body),
            None => request,
        })
        .await
    }

    /// `data` of a GET that must succeed.
    pub async fn get(&self, path: &str) -> Value {
        self.expect(self.request(Method::GET, path), StatusCode::OK).await["data"].take()
    }

    /// The whole body of a GET that must succeed.
    pub async fn get_list(&self, path: &str) -> Value {
        self.expect(self.request(Method::GET, path), StatusCode::OK).await
    }

    /// `data` of a POST that must succeed, with any 2xx.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.request(Method::POST, path).json(body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "POST {path} -> {status}: {text}");
        serde_json::from_str::<Value>(&text).unwrap()["data"].take()
    }

    /// `data` of a PATCH that must succeed.
    pub async fn patch(&self, path: &str, body: &Value) -> Value {
        self.expect(self.request(Method::PATCH, path).json(body), StatusCode::OK)
            .await["data"]
            .take()
    }

    /// The body of an answer that must have this status.
    pub async fn expect(&self, request: reqwest::RequestBuilder, expected: StatusCode) -> Value {
        let answer = request.send().await.unwrap();
        let (status, url) = (answer.status(), answer.url().clone());
        let text = answer.text().await.unwrap();
        assert_eq!(status, expected, "{url}: {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Status and body of a POST, whatever they are.
    pub async fn try_post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let answer = self.request(Method::POST, path).json(body).send().await.unwrap();
        let status = answer.status();
        (status, answer.json().await.unwrap_or(Value::Null))
    }
}
