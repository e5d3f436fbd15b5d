//! Amazon SES, API v2: POST /v2/email/outbound-emails with the finished mail.
//!
//! It has no idempotency key; its events name our id as a tag. It replaces Message-ID and Date, which therefore are not signed.

use super::answer::Answer;
use super::sigv4::{Credentials, sign};
use super::{Meaning, Parts, Provider};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::json;
use url::Url;

pub struct Ses {
    /// Without a slash at its end: `https://email.eu-central-1.amazonaws.com`.
    pub base: String,
    pub region: String,
    pub credentials: Credentials,
    /// By which its events come; may be absent.
    pub configuration_set: Option<String>,
}

impl Ses {
    /// With the address of the region, and a key as `ACCESS_KEY_ID:SECRET_ACCESS_KEY`.
    pub fn new(
        base: Option<String>,
        region: String,
        key: &str,
        configuration_set: Option<String>,
    ) -> Result<Self, String> {
        let (access, secret) = key
            .split_once(':')
            .ok_or("the key of SES must be ACCESS_KEY_ID:SECRET_ACCESS_KEY")?;
        Ok(Self {
            base: base.unwrap_or_else(|| format!("https://email.{region}.amazonaws.com")),
            region,
            credentials: Credentials {
                access: access.to_owned(),
                secret: secret.to_owned().into(),
            },
            configuration_set,
        })
    }

    fn signed(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        body: Vec<u8>,
        now: DateTime<Utc>,
    ) -> Result<RequestBuilder, String> {
        let url = Url::parse(&format!("{}{path}", self.base)).map_err(|error| error.to_string())?;
        let host = match (url.host_str(), url.port()) {
            (Some(host), Some(port)) => format!("{host}:{port}"),
            (Some(host), None) => host.to_owned(),
            (None, _) => return Err("the url of SES names no host".into()),
        };
        let time = now.format("%Y%m%dT%H%M%SZ").to_string();
        let headers = [
            ("content-type", "application/json"),
            ("host", &host),
            ("x-amz-date", &time),
        ];
        let authorization = sign(
            &self.credentials,
            (&self.region, "ses"),
            (method.as_str(), url.path(), ""),
            &headers,
            &body,
            &time,
        );
        Ok(client
            .request(method, url)
            .header("content-type", "application/json")
            .header("x-amz-date", time)
            .header("authorization", authorization)
            .body(body))
    }
}

impl Provider for Ses {
    fn name(&self) -> &'static str {
        "Amazon SES"
    }

    fn request(
        &self,
        client: &Client,
        mail: &Parts<'_>,
        now: DateTime<Utc>,
    ) -> Result<RequestBuilder, String> {
        let mut body = json!({
            "FromEmailAddress": mail.from,
            "Destination": { "ToAddresses": [mail.to] },
            "Content": { "Raw": { "Data": STANDARD.encode(mail.bytes) } },
            "EmailTags": [{ "Name": "groundswell_id", "Value": mail.id }],
        });
        if let Some(set) = &self.configuration_set {
            body["ConfigurationSetName"] = set.clone().into();
        }
        let body = serde_json::to_vec(&body).map_err(|error| error.to_string())?;
        self.signed(client, Method::POST, "/v2/email/outbound-emails", body, now)
    }

    fn probe(&self, client: &Client, now: DateTime<Utc>) -> Result<RequestBuilder, String> {
        self.signed(client, Method::GET, "/v2/email/account", Vec::new(), now)
    }

    fn id(&self, answer: &Answer) -> Option<String> {
        Some(answer.json.get("MessageId")?.as_str()?.to_owned())
    }

    fn meaning(&self, answer: &Answer) -> Option<Meaning> {
        let header = answer
            .headers
            .get("x-amzn-errortype")
            .and_then(|value| value.to_str().ok());
        let named = header.or_else(|| answer.json.get("__type").and_then(serde_json::Value::as_str))?;
        // `Name:address`, or `namespace#Name`.
        let name = named.split(':').next()?.rsplit('#').next()?;
        match name {
            "AccountSuspendedException"
            | "SendingPausedException"
            | "LimitExceededException"
            | "MailFromDomainNotVerifiedException" => Some(Meaning::Closed),
            // The sender, not the recipient: another server may know it.
            "MessageRejected" if says_not_verified(answer) => Some(Meaning::Closed),
            "MessageRejected" | "BadRequestException" => Some(Meaning::Permanent),
            _ => None,
        }
    }

    fn rewrites(&self) -> &'static [&'static str] {
        &["Message-ID", "Date"]
    }
}

/// The identity is missing in this region, or the account is in the sandbox.
fn says_not_verified(answer: &Answer) -> bool {
    let message = answer.json.get("message").and_then(serde_json::Value::as_str);
    message.is_some_and(|text| text.contains("not verified"))
}
