//! A service of the organization's choice that is asked over HTTP and answers in JSON.

use super::template::{check_places, check_url};
use super::{Confidence, EnrichmentField};
use crate::ids::EnrichmentProviderId;
use crate::secrets::Service;
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use url::{Host, Url};

/// How the names of secrets begin that providers may be given. Whoever sets up a provider decides where its secret is sent, so it must not
/// be one that was kept for another service.
pub const SECRET_PREFIX: &str = "enrichment-";

const LONGEST_URL: usize = 1000;
const MOST_HEADERS: usize = 20;
const LONGEST_HEADER: usize = 1000;
const MOST_FIELDS: usize = 50;
const LONGEST_POINTER: usize = 300;

/// Headers that belong to the connection, not to the caller.
const NOT_OURS: [&str; 10] = [
    "host",
    "connection",
    "content-length",
    "transfer-encoding",
    "te",
    "trailer",
    "upgrade",
    "expect",
    "accept-encoding",
    "proxy-authorization",
];

crate::text_enum::text_enum! {
    /// How a provider is asked.
    ProviderMethod { Get => "GET", Post => "POST" }
}

/// Which secret a provider is shown, and in which header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ProviderSecret {
    /// The name under which the secret is kept (`PUT /api/user/secrets/{service}`, for the organization or a client): it begins with
    /// `enrichment-`.
    #[cfg_attr(feature = "openapi", schema(example = "enrichment-acme"))]
    pub service: Service,
    /// `Authorization` when absent.
    #[serde(default = "authorization")]
    pub header: String,
    /// What stands before it; `Bearer ` when absent.
    #[serde(default = "bearer")]
    pub prefix: String,
}

fn authorization() -> String {
    "Authorization".into()
}

fn bearer() -> String {
    "Bearer ".into()
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EnrichmentProvider {
    pub id: EnrichmentProviderId,
    pub name: String,
    /// With places for what is known: `{{domain}}`, `{{email}}`, `{{company}}` and `{{name}}`. A lead of which that is not known is not asked about.
    #[cfg_attr(
        feature = "openapi",
        schema(example = "https://api.example.com/companies/{{domain}}")
    )]
    pub url: String,
    pub method: ProviderMethod,
    pub headers: BTreeMap<String, String>,
    /// JSON to post, with places in its texts.
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub body: Option<Value>,
    pub secret: Option<ProviderSecret>,
    /// Field → JSON pointer (RFC 6901) in the answer.
    #[cfg_attr(feature = "openapi", schema(value_type = BTreeMap<String, String>, example = json!({ "company": "/company/name" })))]
    pub mapping: BTreeMap<EnrichmentField, String>,
    /// Of everything that it says.
    pub confidence: Confidence,
    /// 1 to 365: for how many days an answer counts.
    pub expiry_days: i32,
    /// 0 to 1000: smaller ones are asked first.
    pub position: i32,
    pub enabled: bool,
    /// 1 to 6000: how often it may be asked.
    pub rate_per_minute: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl EnrichmentProvider {
    /// Trims, and names everything that is wrong.
    pub fn check(&mut self, problems: &mut Problems) {
        self.name = problems.line("name", &self.name, 100, false);
        self.url = problems.line("url", &self.url, LONGEST_URL, false);
        if let Some(url) = problems.take("url", check_url(&self.url)) {
            problems.check(
                self.secret.is_none() || is_private_way(&url),
                "url",
                "must start with https:// when a secret is sent",
            );
        }
        self.check_headers(problems);
        self.check_body(problems);
        problems.check(
            (1..=MOST_FIELDS).contains(&self.mapping.len()),
            "mapping",
            format!("must have 1 to {MOST_FIELDS} fields"),
        );
        let is_pointer = |pointer: &String| {
            (pointer.is_empty() || pointer.starts_with('/'))
                && pointer.chars().count() <= LONGEST_POINTER
                && !pointer.chars().any(char::is_control)
        };
        problems.check(
            self.mapping.values().all(is_pointer),
            "mapping",
            "must lead to JSON pointers such as `/company/name`",
        );
        for (field, value, least, most) in [
            ("expiry_days", self.expiry_days, 1, 365),
            ("position", self.position, 0, 1000),
            ("rate_per_minute", self.rate_per_minute, 1, 6000),
        ] {
            let fine = (least..=most).contains(&value);
            problems.check(fine, field, format!("must be {least} to {most}"));
        }
    }

    fn check_headers(&self, problems: &mut Problems) {
        problems.check(
            self.headers.len() <= MOST_HEADERS,
            "headers",
            format!("must be at most {MOST_HEADERS}"),
        );
        for (name, value) in &self.headers {
            problems.take("headers", check_header(name, value));
        }
        if let Some(secret) = &self.secret {
            problems.take("secret.header", check_header(&secret.header, &secret.prefix));
            problems.check(
                secret.service.as_str().starts_with(SECRET_PREFIX),
                "secret.service",
                format!(
                    "must begin with `{SECRET_PREFIX}`, so that no secret of another service is sent there"
                ),
            );
        }
    }

    fn check_body(&self, problems: &mut Problems) {
        let Some(body) = &self.body else { return };
        problems.check(
            self.method == ProviderMethod::Post,
            "body",
            "can only be sent with the method POST",
        );
        problems.json("body", body);
        problems.take("body", check_places(&body.to_string()));
    }

    /// When it may be asked again after it was asked.
    pub fn interval(&self) -> chrono::TimeDelta {
        chrono::TimeDelta::milliseconds(60_000 / i64::from(self.rate_per_minute.max(1)))
    }
}

/// Encrypted, or to this machine itself.
fn is_private_way(url: &Url) -> bool {
    url.scheme() == "https"
        || match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            _ => false,
        }
}

/// A header as it may be sent (RFC 9110, section 5.1).
fn check_header(name: &str, value: &str) -> Result<(), String> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    if name.is_empty() || name.len() > 100 || !name.bytes().all(is_token) {
        return Err("a name has 1 to 100 letters, digits and dashes".into());
    }
    if NOT_OURS.contains(&name.to_ascii_lowercase().as_str()) {
        return Err(format!("`{name}` can't be chosen"));
    }
    let is_visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    if value.len() > LONGEST_HEADER || !value.bytes().all(is_visible) {
        return Err(format!(
            "the value of `{name}` has at most {LONGEST_HEADER} ASCII characters, none of them a control character"
        ));
    }
    Ok(())
}

crate::sort_fields! {
    /// How providers can be ordered.
    ProviderSort { Position => "position": Number, CreatedAt => "created_at": Time, Name => "name": Text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn provider() -> EnrichmentProvider {
        let now = DateTime::UNIX_EPOCH;
        EnrichmentProvider {
            id: uuid::Uuid::nil().into(),
            name: "Acme data".into(),
            url: "https://api.acme.example/{{domain}}".into(),
            method: ProviderMethod::Get,
            headers: [("X-Version".to_owned(), "2".to_owned())].into(),
            body: None,
            secret: serde_json::from_value(json!({ "service": "enrichment-acme" })).unwrap(),
            mapping: [(EnrichmentField::Company, "/name".to_owned())].into(),
            confidence: Confidence::percent(80),
            expiry_days: 90,
            position: 0,
            enabled: true,
            rate_per_minute: 60,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }

    fn wrong(edit: impl FnOnce(&mut EnrichmentProvider)) -> Vec<String> {
        let mut provider = provider();
        edit(&mut provider);
        let mut problems = Problems::new();
        provider.check(&mut problems);
        let found: Vec<crate::FieldError> = problems.into();
        found.into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(wrong(|_| {}), [""; 0]);
        let secret = |service: &str| -> Option<ProviderSecret> {
            serde_json::from_value(json!({ "service": service, "header": "X-Key", "prefix": "" })).unwrap()
        };
        assert_eq!(wrong(|p| p.secret = secret("openai")), ["secret.service"]);
        assert_eq!(wrong(|p| p.url = "http://api.acme.example/".into()), ["url"]);
        assert_eq!(wrong(|p| p.url = "http://127.0.0.1:9000/".into()), [""; 0]);
        assert_eq!(wrong(|p| p.body = Some(json!({"q": "{{domain}}"}))), ["body"]);
        assert_eq!(
            wrong(|p| {
                p.method = ProviderMethod::Post;
                p.body = Some(json!({"q": "{{secret}}"}));
            }),
            ["body"]
        );
        for (name, value) in [
            ("Host", "x"),
            ("a b", "x"),
            ("", "x"),
            ("X", "a\r\nb"),
            ("X", "ü"),
        ] {
            let header = [(name.to_owned(), value.to_owned())];
            assert_eq!(
                wrong(|p| p.headers = header.into()),
                ["headers"],
                "{name}: {value}"
            );
        }
        assert_eq!(wrong(|p| p.mapping.clear()), ["mapping"]);
        let pointer = [(EnrichmentField::Company, "name".to_owned())];
        assert_eq!(wrong(|p| p.mapping = pointer.into()), ["mapping"]);
        assert_eq!(
            wrong(|p| (p.expiry_days, p.position, p.rate_per_minute) = (0, -1, 0)),
            ["expiry_days", "position", "rate_per_minute"]
        );
    }
}
