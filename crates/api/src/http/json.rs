//! JSON bodies: bounded, and every mistake in them said plainly.

use super::error::ApiError;
use super::state::ApiState;
use actix_web::dev::Payload;
use actix_web::web::{Bytes, BytesMut, Data};
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use futures_util::TryStreamExt;
use futures_util::future::LocalBoxFuture;
use groundswell_domain::Error;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

/// Largest JSON body when the server was put together without settings, as in unit tests.
const DEFAULT_LIMIT: usize = 1024 * 1024;

/// A JSON body. An empty one counts as `{}`, so that a POST without arguments needs none.
#[derive(Debug)]
pub struct JsonBody<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for JsonBody<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let mut payload = payload.take();
        let kind = request.content_type().to_ascii_lowercase();
        let limit = request
            .app_data::<Data<ApiState>>()
            .map_or(DEFAULT_LIMIT, |state| state.settings.json_body);
        Box::pin(async move {
            let body = read_body(&mut payload, limit).await?;
            if body.is_empty() {
                return parse_json(b"{}").map(Self);
            }
            if kind != "application/json" && !kind.ends_with("+json") {
                return Err(ApiError::unsupported_media_type("application/json"));
            }
            parse_json(&body).map(Self)
        })
    }
}

/// Reads a body of at most `limit` bytes.
pub async fn read_body(payload: &mut Payload, limit: usize) -> Result<Bytes, ApiError> {
    let mut body = BytesMut::new();
    while let Some(piece) = payload.try_next().await? {
        if body.len() + piece.len() > limit {
            return Err(ApiError::too_large(limit));
        }
        body.extend_from_slice(&piece);
    }
    Ok(body.freeze())
}

/// Parses JSON; what is wrong with it is said with its place or its field.
pub(crate) fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    if has_nul(body) {
        return Err(Error::invalid("body", "must not contain NUL characters (\\u0000)").into());
    }
    let mut reader = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        explain(&path, &error.into_inner())
    })?;
    reader.end().map_err(|error| explain(".", &error))?;
    Ok(value)
}

/// Whether a text in the JSON holds NUL, which PostgreSQL keeps neither in texts nor in JSON. As a raw byte it is no valid
/// JSON; escaped, it has an odd number of backslashes before `u0000`.
fn has_nul(body: &[u8]) -> bool {
    const ESCAPED: &[u8] = b"u0000";
    let mut rest = body;
    let mut before = 0;
    while let Some(at) = rest.windows(ESCAPED.len()).position(|found| found == ESCAPED) {
        let end = before + at;
        let backslashes = body
            .iter()
            .take(end)
            .rev()
            .take_while(|byte| **byte == b'\\')
            .count();
        if backslashes % 2 == 1 {
            return true;
        }
        before = end + ESCAPED.len();
        rest = body.get(before..).unwrap_or_default();
    }
    false
}

fn explain(path: &str, error: &serde_json::Error) -> ApiError {
    if error.classify() != Category::Data {
        return ApiError::malformed(format!("the body is not valid JSON: {error}"));
    }
    let text = error.to_string();
    // The place says nothing to somebody who built the body with a library; the field does.
    let message = text
        .rsplit_once(" at line ")
        .map_or(text.as_str(), |(message, _)| message);
    let inner = |prefix: &str| {
        message
            .strip_prefix(prefix)
            .and_then(|rest| rest.split('`').next())
    };
    let field = match inner("unknown field `").or_else(|| inner("missing field `")) {
        Some(name) if path == "." || path.ends_with(name) => {
            if path == "." {
                name.to_owned()
            } else {
                path.to_owned()
            }
        }
        Some(name) => format!("{path}.{name}"),
        None if path == "." => "body".to_owned(),
        None => path.to_owned(),
    };
    Error::invalid(field, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::ResponseError;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Outer {
        name: String,
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Inner {
        size: u8,
    }

    fn field(body: &str) -> String {
        match parse_json::<Outer>(body.as_bytes()) {
            Err(ApiError::Domain(Error::Invalid(fields))) => fields[0].field.clone(),
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn the_field_at_fault_is_named() {
        assert_eq!(field(r#"{"name": 1, "inner": []}"#), "name");
        assert_eq!(field(r#"{"inner": []}"#), "name");
        assert_eq!(field(r#"{"nam": "x", "inner": []}"#), "nam");
        assert_eq!(
            field(r#"{"name": "x", "inner": [{"size": 1}, {"size": 999}]}"#),
            "inner[1].size"
        );
        assert_eq!(field(r#"{"name": "x", "inner": [{"sise": 1}]}"#), "inner[0].sise");
    }

    #[test]
    fn nul_is_refused_where_it_is_meant() {
        for body in [
            r#""a\u0000""#,
            r#"{"a\u0000": 1}"#,
            r#""\\\u0000""#,
            r#""u0000 \u00001""#,
        ] {
            assert!(
                parse_json::<serde_json::Value>(body.as_bytes()).is_err(),
                "{body}"
            );
        }
        for body in [r#""u0000""#, r#""\\u0000""#, r#""\u0001""#] {
            assert!(parse_json::<serde_json::Value>(body.as_bytes()).is_ok(), "{body}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", "nul", "{} {}", "\u{0}", &"[".repeat(5000)] {
            let error = parse_json::<serde_json::Value>(body.as_bytes()).unwrap_err();
            assert!(matches!(error, ApiError::Malformed(_)), "{body:?}");
            assert_eq!(error.status_code(), 400);
        }
        assert!(parse_json::<serde_json::Value>(b"\"\xff\"").is_err());
    }
}
