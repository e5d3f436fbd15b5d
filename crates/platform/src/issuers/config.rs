//! Whom we trust, and for what: written by the operator, checked once at the start.

use crate::tokens::ISSUER as OUR_ISSUER;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::HashSet;
use url::{Host, Url};

/// As many bytes as a tag of HS256 has (RFC 7518, section 3.2): with fewer, the secret can be guessed from
/// one token.
const MIN_SECRET: usize = 32;

/// One issuer whose tokens are accepted.
#[derive(Debug, Clone)]
pub struct IssuerConfig {
    /// How logs and refusals call it.
    pub name: String,
    /// The `iss` of its tokens, compared exactly: a slash at the end matters.
    pub issuer: String,
    /// A token must be meant for one of these (`aud`). Never empty: without it, a token that the same issuer
    /// gave to any other application would open this one.
    pub audiences: Vec<String>,
    pub keys: IssuerKeys,
    /// Refuse tokens whose mail address is missing or not verified.
    pub require_verified_email: bool,
    pub email_proof: EmailProof,
    pub profile: Profile,
}

/// What the tokens are signed with. That is decided here, never by the header of a token: else a public key
/// would do as the secret of an HMAC (RFC 8725, section 2.1).
#[derive(Debug, Clone)]
pub enum IssuerKeys {
    /// HS256 with this text; at least 32 bytes.
    Secret(SecretString),
    /// Public keys as a JSON Web Key Set (RFC 7517), fetched and kept.
    Remote {
        /// `https`, or `http` to this machine itself: who can change the answer can be anybody.
        jwks_url: Url,
        algorithms: Vec<SignatureAlgorithm>,
    },
}

/// The asymmetric algorithms that we accept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
pub enum SignatureAlgorithm {
    /// RSA of at least 2048 bits, PKCS#1 v1.5.
    #[default]
    RS256,
    /// ECDSA over P-256.
    ES256,
    /// Ed25519.
    EdDSA,
}

impl SignatureAlgorithm {
    /// Its name in a token (RFC 7518, section 3.1; RFC 8037).
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::RS256 => "RS256",
            Self::ES256 => "ES256",
            Self::EdDSA => "EdDSA",
        }
    }
}

/// How we know that a mail address is the person's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EmailProof {
    /// A claim says so: `true`, or the text `true`. A name at the top of the payload, or a JSON Pointer (RFC
    /// 6901) when it starts with a slash. Nothing under `user_metadata`: people write that themselves.
    Claim(String),
    /// The issuer gives tokens only to people who confirmed their address: so says the operator.
    Issuer,
    /// We don't.
    None,
}

/// What is known of an issuer beyond the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// OpenID Connect, and any other JWT with `iss`, `sub`, `aud` and `exp`.
    #[default]
    Oidc,
    /// `role` must be `authenticated` (the keys of a project are JWTs too), and the user not anonymous.
    Supabase,
    /// `iat` and `auth_time` must be there and in the past.
    Firebase,
}

/// Why the configured issuers can't be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerConfigError {
    #[error("the trusted issuer {name:?}: {problem}")]
    Issuer { name: String, problem: &'static str },
    #[error("the client for the keys of trusted issuers can't be made: {0}")]
    Client(#[source] reqwest::Error),
}

impl IssuerConfig {
    /// Any issuer of OpenID Connect: RS256, `email_verified`, and only verified addresses.
    pub fn oidc(name: &str, issuer: &str, audience: &str, jwks_url: Url) -> Self {
        Self {
            name: name.into(),
            issuer: issuer.into(),
            audiences: vec![audience.into()],
            keys: IssuerKeys::Remote {
                jwks_url,
                algorithms: vec![SignatureAlgorithm::default()],
            },
            require_verified_email: true,
            email_proof: EmailProof::Claim("email_verified".into()),
            profile: Profile::Oidc,
        }
    }

    /// A Supabase project (`https://<ref>.supabase.co`) and its JWT secret.
    ///
    /// Its tokens do not say whether the address was confirmed: the `email_verified` in `user_metadata` can
    /// be set by the person (`auth.updateUser`), and the project setting "Confirm email" decides whether
    /// anyone looks at all. So the operator has to say it: with `email_proof` [`EmailProof::Issuer`] when
    /// "Confirm email" is on, or else with `require_verified_email` false. As made here, without either, the
    /// configuration is refused.
    pub fn supabase(project_url: &Url, jwt_secret: SecretString) -> Self {
        Self {
            name: "supabase".into(),
            issuer: format!("{}/auth/v1", project_url.as_str().trim_end_matches('/')),
            audiences: vec!["authenticated".into()],
            keys: IssuerKeys::Secret(jwt_secret),
            require_verified_email: true,
            email_proof: EmailProof::None,
            profile: Profile::Supabase,
        }
    }

    /// A Supabase project that signs with keys of its own (ES256 or RS256) in place of the secret. What is
    /// said of mail addresses at [`Self::supabase`] holds here too.
    pub fn supabase_with_public_keys(project_url: &Url) -> Result<Self, url::ParseError> {
        let config = Self::supabase(project_url, SecretString::default());
        let jwks_url = Url::parse(&format!("{}/.well-known/jwks.json", config.issuer))?;
        Ok(config.with_remote_keys(jwks_url, &[SignatureAlgorithm::ES256, SignatureAlgorithm::RS256]))
    }

    /// A Firebase project.
    pub fn firebase(project_id: &str) -> Result<Self, url::ParseError> {
        let jwks_url = Url::parse(
            "https://www.googleapis.com/service_accounts/v1/jwk/securetoken@system.gserviceaccount.com",
        )?;
        let issuer = format!("https://securetoken.google.com/{project_id}");
        Ok(Self {
            profile: Profile::Firebase,
            ..Self::oidc("firebase", &issuer, project_id, jwks_url)
        })
    }

    /// With public keys from elsewhere, checked with `algorithms`.
    #[must_use]
    pub fn with_remote_keys(mut self, jwks_url: Url, algorithms: &[SignatureAlgorithm]) -> Self {
        self.keys = IssuerKeys::Remote {
            jwks_url,
            algorithms: algorithms.to_vec(),
        };
        self
    }

    #[must_use]
    pub fn with_email_proof(mut self, proof: EmailProof) -> Self {
        self.email_proof = proof;
        self
    }

    fn problem(&self) -> Option<&'static str> {
        let blank = |text: &String| text.trim().is_empty();
        if blank(&self.issuer) {
            return Some("`issuer` is empty");
        }
        if self.issuer == OUR_ISSUER {
            return Some("`issuer` is our own");
        }
        if self.audiences.is_empty() || self.audiences.iter().any(blank) {
            return Some("`audience` is required, and no audience may be empty");
        }
        match (&self.email_proof, self.require_verified_email) {
            (EmailProof::None, true) => {
                return Some(
                    "it must be said how mail addresses are verified: set `email_proof` (\"issuer\" \
                     if it lets in only people who confirmed theirs), or `require_verified_email = false`",
                );
            }
            (EmailProof::Claim(claim), _) if blank(claim) => {
                return Some("the claim of `email_proof` is empty");
            }
            (EmailProof::Claim(claim), _) if claim.starts_with("/user_metadata") => {
                return Some("`email_proof` can't be in user_metadata, which people write themselves");
            }
            _ => {}
        }
        match &self.keys {
            IssuerKeys::Secret(secret) => secret_problem(secret.expose_secret()),
            IssuerKeys::Remote { algorithms, .. } if algorithms.is_empty() => Some("`algorithms` is empty"),
            IssuerKeys::Remote { jwks_url, .. } => url_problem(jwks_url),
        }
    }
}

fn secret_problem(secret: &str) -> Option<&'static str> {
    if secret.len() < MIN_SECRET {
        Some("`secret` must have at least 32 bytes")
    } else if secret.trim_start().starts_with("-----BEGIN") {
        Some("`secret` is a key or a certificate: for public keys, set `jwks_url`")
    } else {
        None
    }
}

fn url_problem(url: &Url) -> Option<&'static str> {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Some("`jwks_url` names no host"),
    };
    match url.scheme() {
        "https" => {}
        "http" if here => {}
        _ => return Some("`jwks_url` must be https"),
    }
    // It is logged.
    (!url.username().is_empty() || url.password().is_some()).then_some("`jwks_url` can't hold a password")
}

/// That each is complete and safe, and no two have the same `iss` or name.
pub fn check(configs: &[IssuerConfig]) -> Result<(), IssuerConfigError> {
    let (mut issuers, mut names) = (HashSet::new(), HashSet::new());
    for config in configs {
        let twice = (!issuers.insert(&config.issuer)).then_some("another one has the same `issuer`");
        let same_name = (!names.insert(&config.name)).then_some("another one has the same `name`");
        if let Some(problem) = config.problem().or(twice).or(same_name) {
            return Err(IssuerConfigError::Issuer {
                name: config.name.clone(),
                problem,
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    fn supabase() -> IssuerConfig {
        IssuerConfig::supabase(&url("https://abc.supabase.co/"), "s".repeat(32).into())
            .with_email_proof(EmailProof::Issuer)
    }

    fn oidc() -> IssuerConfig {
        IssuerConfig::oidc(
            "idp",
            "https://id.example.com",
            "us",
            url("https://id.example.com/jwks"),
        )
    }

    #[test]
    fn presets_have_the_documented_names() {
        assert_eq!(supabase().issuer, "https://abc.supabase.co/auth/v1");
        assert_eq!(supabase().audiences, ["authenticated"]);
        let firebase = IssuerConfig::firebase("my-app").unwrap();
        assert_eq!(firebase.issuer, "https://securetoken.google.com/my-app");
        assert_eq!(firebase.audiences, ["my-app"]);
        check(&[supabase(), firebase, oidc()]).unwrap();
        let keys = IssuerConfig::supabase_with_public_keys(&url("https://abc.supabase.co")).unwrap();
        let IssuerKeys::Remote { jwks_url, .. } = &keys.keys else {
            panic!("{keys:?}");
        };
        assert_eq!(
            jwks_url.as_str(),
            "https://abc.supabase.co/auth/v1/.well-known/jwks.json"
        );
        check(&[keys.with_email_proof(EmailProof::Issuer)]).unwrap();
        assert!(!format!("{:?}", supabase()).contains("ssss"));
    }

    #[test]
    fn what_is_not_safe_is_refused_at_the_start() {
        let with = |change: fn(&mut IssuerConfig)| {
            let mut config = oidc();
            change(&mut config);
            config
        };
        let secret = |text: &str| IssuerConfig {
            keys: IssuerKeys::Secret(text.into()),
            ..oidc()
        };
        let keys_at = |text: &str| oidc().with_remote_keys(url(text), &[SignatureAlgorithm::RS256]);
        for (config, why) in [
            (with(|config| config.issuer = " ".into()), "`issuer` is empty"),
            (with(|config| config.issuer = "groundswell".into()), "our own"),
            (with(|config| config.audiences.clear()), "`audience`"),
            (with(|config| config.audiences.push(String::new())), "`audience`"),
            (
                with(|config| config.email_proof = EmailProof::None),
                "email_proof",
            ),
            (
                oidc().with_email_proof(EmailProof::Claim("/user_metadata/email_verified".into())),
                "user_metadata",
            ),
            (oidc().with_email_proof(EmailProof::Claim(String::new())), "claim"),
            (secret(&"s".repeat(31)), "32 bytes"),
            (
                secret(&format!("-----BEGIN PUBLIC KEY-----\n{}", "A".repeat(64))),
                "jwks_url",
            ),
            (
                oidc().with_remote_keys(url("https://a.example"), &[]),
                "`algorithms`",
            ),
            (keys_at("http://id.example.com/jwks"), "https"),
            (keys_at("http://127.0.0.1.example.com/jwks"), "https"),
            (keys_at("file:///etc/jwks"), "host"),
            (keys_at("https://me:secret@id.example.com/jwks"), "password"),
        ] {
            let error = check(&[config]).unwrap_err().to_string();
            assert!(error.contains(why) && error.contains("idp"), "{error} / {why}");
        }
        let error = check(&[oidc(), oidc()]).unwrap_err().to_string();
        assert!(error.contains("same `issuer`"), "{error}");
        let unsaid = supabase().with_email_proof(EmailProof::None);
        assert!(check(&[unsaid]).is_err());
        for here in ["http://localhost:9/j", "http://127.0.0.1:9/j", "http://[::1]:9/j"] {
            check(&[keys_at(here)]).unwrap();
        }
    }
}
