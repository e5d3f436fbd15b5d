//! What callers send, and what they get.

use super::HolderChoice;
use chrono::{DateTime, Utc};
use groundswell_domain::secrets::{HolderKind, Secret, Service};
use groundswell_domain::{ClientId, SecretId};
use secrecy::SecretString;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A value to keep.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PutSecret {
    /// At most 8,192 bytes, without blanks around it. It is never shown again, but for its last four characters.
    #[serde(deserialize_with = "value")]
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = "password", min_length = 1, max_length = 8192))]
    pub value: SecretString,
    /// Whose it is to be: `client` when a client is named, else `user`, which is you.
    #[serde(default)]
    pub holder: Option<HolderKind>,
    #[serde(default)]
    pub client_id: Option<ClientId>,
}

impl PutSecret {
    pub(super) fn choice(&self) -> HolderChoice {
        HolderChoice {
            holder: self.holder,
            client_id: self.client_id,
        }
    }
}

/// A text that no error repeats: serde would quote a number or a word in its complaint, and somebody's key may be one.
fn value<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    struct Text;
    const WRONG: &str = "must be a text";

    impl Visitor<'_> for Text {
        type Value = SecretString;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }
        fn visit_str<E: Error>(self, text: &str) -> Result<SecretString, E> {
            Ok(text.into())
        }
        fn visit_bool<E: Error>(self, _: bool) -> Result<SecretString, E> {
            Err(E::custom(WRONG))
        }
        fn visit_i64<E: Error>(self, _: i64) -> Result<SecretString, E> {
            Err(E::custom(WRONG))
        }
        fn visit_u64<E: Error>(self, _: u64) -> Result<SecretString, E> {
            Err(E::custom(WRONG))
        }
        fn visit_f64<E: Error>(self, _: f64) -> Result<SecretString, E> {
            Err(E::custom(WRONG))
        }
    }
    // Not as a string: then the parser would make the complaint itself.
    deserializer.deserialize_any(Text)
}

/// A secret as it is shown: never its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SecretView {
    /// What the audit log calls it.
    pub id: SecretId,
    pub service: Service,
    pub holder: HolderKind,
    /// Null unless a client is the holder.
    pub client_id: Option<ClientId>,
    /// The last four characters of the value; null when it has fewer than twelve.
    #[cfg_attr(feature = "openapi", schema(example = "w3Xz"))]
    pub last4: Option<String>,
    pub created_at: DateTime<Utc>,
    /// When the present value was given.
    pub updated_at: DateTime<Utc>,
}

impl From<Secret> for SecretView {
    fn from(secret: Secret) -> Self {
        Self {
            id: secret.id,
            holder: secret.holder.kind(),
            client_id: secret.holder.client(),
            service: secret.service,
            last4: secret.last4,
            created_at: secret.created_at,
            updated_at: secret.updated_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_value_is_in_no_error_and_in_no_debug_output() {
        let good: PutSecret = serde_json::from_str(r#"{"value": "sk-\u0041bc-4711"}"#).unwrap();
        assert_eq!(good.value.expose_secret(), "sk-Abc-4711");
        assert!(!format!("{good:?}").contains("4711"));
        for wrong in [
            "4711",
            "-4711",
            "4711.5",
            "true",
            "null",
            "[\"4711\"]",
            "{\"4711\": 1}",
        ] {
            let error = serde_json::from_str::<PutSecret>(&format!("{{\"value\": {wrong}}}")).unwrap_err();
            let said = error.to_string();
            assert!(said.contains("text") && !said.contains("4711"), "{wrong}: {said}");
        }
    }
}
