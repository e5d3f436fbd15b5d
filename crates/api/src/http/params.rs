//! What addresses and headers say: ids, query strings, versions.

use super::error::ApiError;
use actix_web::dev::Payload;
use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest};
use groundswell_domain::Error;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::ops::Deref;
use std::str::FromStr;
use url::form_urlencoded;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, Required};

/// The id in the address. One that can't be an id names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<T: FromStr> FromRequest for PathId<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().iter().next().map(|(_, value)| value);
        ready(
            text.and_then(|text| text.parse().ok())
                .map(Self)
                .ok_or(ApiError::NoRoute),
        )
    }
}

/// A query string. A name that comes several times is one value with commas; an unknown name is a mistake.
#[derive(Debug)]
pub struct Query<T>(pub T);

impl<T> Query<T> {
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Query<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_query(request.query_string()).map(Self))
    }
}

fn read_query<T: DeserializeOwned>(text: &str) -> Result<T, ApiError> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        if value.contains('\0') {
            return Err(Error::invalid(name, "must not contain NUL characters").into());
        }
        values
            .entry(name.into_owned())
            .and_modify(|all| *all = format!("{all},{value}"))
            .or_insert(value.into_owned());
    }
    let joined = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&values)
        .finish();
    let reader = serde_urlencoded::Deserializer::new(form_urlencoded::parse(joined.as_bytes()));
    serde_path_to_error::deserialize(reader).map_err(|error| {
        let path = error.path().to_string();
        let message = error.into_inner().to_string();
        let quoted = message.split('`').nth(1).map(str::to_owned);
        let named = message.starts_with("unknown field") || message.starts_with("missing field");
        let field = if named { quoted.unwrap_or(path) } else { path };
        let message = if message.starts_with("missing field") {
            "is required".to_owned()
        } else {
            message
        };
        Error::invalid(field, message).into()
    })
}

/// `If-Match: "3"`: the version that the caller expects. `*` and absence expect nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IfMatch(pub Option<i32>);

impl FromRequest for IfMatch {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request
            .headers()
            .get(IF_MATCH)
            .map(|value| value.to_str().unwrap_or("?"));
        ready(read_version(header).map(Self))
    }
}

fn read_version(header: Option<&str>) -> Result<Option<i32>, ApiError> {
    let Some(text) = header.map(str::trim).filter(|text| *text != "*") else {
        return Ok(None);
    };
    let version = text.strip_prefix("W/").unwrap_or(text).trim_matches('"').parse();
    version.map(Some).map_err(|_| {
        Error::invalid(
            "If-Match",
            "must be the ETag of an earlier answer, for example \"3\"",
        )
        .into()
    })
}

impl utoipa::IntoParams for IfMatch {
    fn into_params(_: impl Fn() -> Option<ParameterIn>) -> Vec<Parameter> {
        let text = ObjectBuilder::new().schema_type(Type::String).build();
        let description = "The `ETag` of an earlier answer: refuses with 412 when it is no longer the newest";
        vec![
            ParameterBuilder::new()
                .name("If-Match")
                .parameter_in(ParameterIn::Header)
                .required(Required::False)
                .description(Some(description))
                .schema(Some(text))
                .build(),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Search {
        q: Option<String>,
        limit: Option<u32>,
    }

    fn problem(text: &str) -> String {
        match read_query::<Search>(text) {
            Err(ApiError::Domain(Error::Invalid(fields))) => fields[0].field.clone(),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn query_strings_are_strict_and_repetition_is_a_list() {
        let found: Search = read_query("q=a%20b&q=c&limit=5").unwrap();
        assert_eq!(
            found,
            Search {
                q: Some("a b,c".into()),
                limit: Some(5)
            }
        );
        assert_eq!(problem("page=2"), "page");
        assert_eq!(problem("limit=many"), "limit");
        assert_eq!(problem("q=%00"), "q");
    }

    #[test]
    fn versions_are_read_in_every_form() {
        for text in ["\"3\"", "W/\"3\"", "3"] {
            assert_eq!(read_version(Some(text)).unwrap(), Some(3));
        }
        assert_eq!(read_version(Some("*")).unwrap(), None);
        assert!(read_version(Some("\"abc\"")).is_err());
    }
}
