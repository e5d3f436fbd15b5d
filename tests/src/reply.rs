//! An answer, read to its end.

use reqwest::header::HeaderMap;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    pub async fn to(request: RequestBuilder) -> Self {
        let answer = request.send().await.unwrap();
        Self {
            status: answer.status(),
            headers: answer.headers().clone(),
            text: answer.text().await.unwrap(),
        }
    }

    /// The body; null when it is no JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    pub fn data(&self) -> Value {
        self.json()["data"].take()
    }

    /// Empty when it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    #[track_caller]
    pub fn expect(&self, status: u16) -> &Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// An error in our envelope, with a sentence, and the id of the request in body and header.
    #[track_caller]
    pub fn expect_error(&self, status: u16, code: &str) -> &Self {
        self.expect(status).expect_envelope();
        assert_eq!(self.json()["code"], code, "{}", self.text);
        self
    }

    /// An error in our envelope, whichever it is.
    #[track_caller]
    pub fn expect_envelope(&self) -> &Self {
        let body = self.json();
        assert_eq!(
            (&body["success"], &body["data"]),
            (&Value::Bool(false), &Value::Null),
            "{}",
            self.text
        );
        let sentence = body["error"].as_str().unwrap_or_default();
        assert!(sentence.len() > 8 && sentence.contains(' '), "{}", self.text);
        assert!(
            !body["code"].as_str().unwrap_or_default().is_empty(),
            "{}",
            self.text
        );
        assert!(body["details"].is_array(), "{}", self.text);
        let id = body["request_id"].as_str().unwrap_or_default();
        assert!(
            !id.is_empty() && id == self.header("x-request-id"),
            "{}",
            self.text
        );
        self
    }
}
