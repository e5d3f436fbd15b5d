//! `[[auth.issuers]]`: whose word is taken for who somebody is.
//!
//! A kind is a preset: it fills in what is the same for all projects of Supabase or Firebase, and everything can be set by hand.

use groundswell_app::identity::{IssuerPolicy, Newcomers};
use groundswell_domain::OrganizationId;
use groundswell_domain::identity::Role;
use groundswell_platform::{EmailProof, IssuerConfig, IssuerKeys, SignatureAlgorithm, check_issuers};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use std::collections::HashMap;
use url::Url;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Supabase,
    Firebase,
    Oidc,
}

/// What becomes of people who have no account here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Create {
    #[default]
    Never,
    User,
    Organization,
}

/// One issuer, as the operator writes it. The secret has no `Debug`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    pub kind: Kind,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub issuer: Option<String>,
    #[serde(default)]
    pub audience: Option<OneOrMore>,
    #[serde(default)]
    pub jwks_url: Option<String>,
    #[serde(default)]
    pub secret: SecretString,
    #[serde(default)]
    pub algorithms: Vec<SignatureAlgorithm>,
    #[serde(default)]
    pub email_proof: Option<String>,
    #[serde(default)]
    pub require_verified_email: Option<bool>,
    #[serde(default)]
    pub organization: Option<OrganizationId>,
    #[serde(default)]
    pub create: Create,
    #[serde(default)]
    pub role: Option<Role>,
}

/// A text, or a list of texts.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// How the tokens are read, and how far the word of each issuer counts, by its `iss`.
pub type Trusted = (Vec<IssuerConfig>, HashMap<String, IssuerPolicy>);

/// All of them, or what is wrong with one.
pub fn trusted(issuers: &[Issuer]) -> Result<Trusted, String> {
    let mut configs = Vec::new();
    let mut policies = HashMap::new();
    for (index, issuer) in issuers.iter().enumerate() {
        let named = |problem: String| format!("the setting auth.issuers.{index}: {problem}");
        let config = issuer.config().map_err(named)?;
        policies.insert(config.issuer.clone(), issuer.policy().map_err(named)?);
        configs.push(config);
    }
    check_issuers(&configs).map_err(|error| format!("the setting auth.issuers: {error}"))?;
    Ok((configs, policies))
}

impl Issuer {
    fn config(&self) -> Result<IssuerConfig, String> {
        let mut config = match self.kind {
            Kind::Supabase => self.supabase()?,
            Kind::Firebase => self.firebase()?,
            Kind::Oidc => self.oidc()?,
        };
        if let Some(name) = &self.name {
            config.name.clone_from(name);
        }
        if let Some(audiences) = self.audiences() {
            config.audiences = audiences;
        }
        config.keys = self.keys(config.keys)?;
        if let Some(proof) = &self.email_proof {
            config.email_proof = email_proof(proof)?;
        }
        if let Some(required) = self.require_verified_email {
            config.require_verified_email = required;
        }
        Ok(config)
    }

    /// `issuer` is the address of the project, with or without what its tokens add to it.
    fn supabase(&self) -> Result<IssuerConfig, String> {
        let text = self.needed("issuer", self.issuer.as_deref())?;
        let project = address("issuer", text.trim_end_matches('/').trim_end_matches("/auth/v1"))?;
        if self.has_secret() {
            return Ok(IssuerConfig::supabase(&project, self.secret.clone()));
        }
        IssuerConfig::supabase_with_public_keys(&project).map_err(|error| format!("`issuer`: {error}"))
    }

    /// The audience is the id of the project, and everything else follows from it.
    fn firebase(&self) -> Result<IssuerConfig, String> {
        let audiences = self.audiences().unwrap_or_default();
        let project = self.needed("audience", audiences.first().map(String::as_str))?;
        let mut config = IssuerConfig::firebase(project).map_err(|error| error.to_string())?;
        if let Some(issuer) = &self.issuer {
            config.issuer.clone_from(issuer);
        }
        Ok(config)
    }

    fn oidc(&self) -> Result<IssuerConfig, String> {
        let issuer = self.needed("issuer", self.issuer.as_deref())?;
        let audiences = self.audiences().unwrap_or_default();
        let audience = self.needed("audience", audiences.first().map(String::as_str))?;
        let jwks_url = match &self.jwks_url {
            Some(text) => address("jwks_url", text)?,
            // Replaced by the secret.
            None if self.has_secret() => address("issuer", issuer)?,
            None => return Err("`jwks_url` is required with kind = \"oidc\", or else a `secret`".into()),
        };
        Ok(IssuerConfig::oidc("oidc", issuer, audience, jwks_url))
    }

    /// What was said here, or else what the kind brings along.
    fn keys(&self, preset: IssuerKeys) -> Result<IssuerKeys, String> {
        if self.has_secret() {
            if self.jwks_url.is_some() || !self.algorithms.is_empty() {
                return Err(
                    "a `secret` is for HS256 and goes with neither `jwks_url` nor `algorithms`".into(),
                );
            }
            return Ok(IssuerKeys::Secret(self.secret.clone()));
        }
        let IssuerKeys::Remote { jwks_url, algorithms } = preset else {
            return Ok(preset);
        };
        Ok(IssuerKeys::Remote {
            jwks_url: match &self.jwks_url {
                Some(text) => address("jwks_url", text)?,
                None => jwks_url,
            },
            algorithms: if self.algorithms.is_empty() {
                algorithms
            } else {
                self.algorithms.clone()
            },
        })
    }

    fn policy(&self) -> Result<IssuerPolicy, String> {
        let role = self.role.unwrap_or(Role::ContentWriter);
        if matches!(role, Role::Superadmin | Role::Client) {
            return Err(format!(
                "`role` can't be {role}: nobody operates the installation on another's word, and a client needs a client's record"
            ));
        }
        if self.role.is_some() && self.create != Create::User {
            return Err("`role` is for people who are made by create = \"user\"".into());
        }
        let newcomers = match (self.create, self.organization) {
            (Create::Never, _) => Newcomers::Refused,
            (Create::User, Some(_)) => Newcomers::Members(role),
            (Create::User, None) => {
                return Err("create = \"user\" needs the `organization` that people join".into());
            }
            (Create::Organization, None) => Newcomers::Founders,
            (Create::Organization, Some(_)) => {
                return Err("create = \"organization\" makes a new one for each person, so `organization` can't be set".into());
            }
        };
        Ok(IssuerPolicy {
            organization: self.organization,
            newcomers,
        })
    }

    fn has_secret(&self) -> bool {
        !self.secret.expose_secret().is_empty()
    }

    fn audiences(&self) -> Option<Vec<String>> {
        Some(match self.audience.clone()? {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        })
    }

    fn needed<'a>(&self, field: &str, value: Option<&'a str>) -> Result<&'a str, String> {
        let kind = format!("{:?}", self.kind).to_lowercase();
        value.ok_or_else(|| format!("`{field}` is required with kind = \"{kind}\""))
    }
}

fn address(field: &str, text: &str) -> Result<Url, String> {
    Url::parse(text).map_err(|error| format!("`{field}` is no address: {error}"))
}

fn email_proof(text: &str) -> Result<EmailProof, String> {
    match (text, text.split_once(':')) {
        ("issuer", _) => Ok(EmailProof::Issuer),
        ("none", _) => Ok(EmailProof::None),
        (_, Some(("claim", claim))) => Ok(EmailProof::Claim(claim.to_owned())),
        _ => Err("`email_proof` must be \"issuer\", \"none\", or \"claim:\" with the name of a claim".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use figment::Figment;
    use figment::providers::{Format, Toml};

    const SECRET: &str = "s3cret-s3cret-s3cret-s3cret-s3cret";

    fn with(text: &str) -> Result<Trusted, String> {
        let sources = Figment::from(Toml::string(crate::config::DEFAULTS)).merge(Toml::string(text));
        let config = Config::from_sources(&sources)?;
        assert!(!format!("{config:?}").contains(SECRET), "secrets are not shown");
        trusted(&config.auth.issuers)
    }

    fn issuer(text: &str) -> Result<Trusted, String> {
        with(&format!("[[auth.issuers]]\n{text}"))
    }

    #[test]
    fn each_kind_needs_little() {
        let (configs, policies) = with(&format!(
            "[[auth.issuers]]\nkind = \"supabase\"\nissuer = \"https://abc.supabase.co\"\nsecret = \"{SECRET}\"\n\
             email_proof = \"issuer\"\n\
             [[auth.issuers]]\nkind = \"firebase\"\naudience = \"my-app\"\ncreate = \"organization\"\n\
             [[auth.issuers]]\nkind = \"oidc\"\nname = \"idp\"\nissuer = \"https://id.example.com\"\n\
             audience = [\"us\", \"them\"]\njwks_url = \"https://id.example.com/jwks\"\nalgorithms = [\"ES256\"]\n\
             organization = \"0190b1f2-0000-7000-8000-000000000001\"\ncreate = \"user\""
        ))
        .unwrap();
        let names: Vec<_> = configs.iter().map(|config| config.name.as_str()).collect();
        assert_eq!(names, ["supabase", "firebase", "idp"]);
        assert_eq!(configs[0].issuer, "https://abc.supabase.co/auth/v1");
        assert_eq!(configs[2].audiences, ["us", "them"]);
        let policy = |issuer: &str| policies[issuer].newcomers;
        assert_eq!(policy("https://abc.supabase.co/auth/v1"), Newcomers::Refused);
        assert_eq!(
            policy("https://securetoken.google.com/my-app"),
            Newcomers::Founders
        );
        assert_eq!(
            policy("https://id.example.com"),
            Newcomers::Members(Role::ContentWriter)
        );
        let keys = issuer(
            "kind = \"supabase\"\nissuer = \"https://abc.supabase.co/auth/v1/\"\nemail_proof = \"issuer\"",
        )
        .unwrap();
        assert!(matches!(&keys.0[0].keys, IssuerKeys::Remote { algorithms, .. } if algorithms.len() == 2));
        assert_eq!(keys.0[0].issuer, "https://abc.supabase.co/auth/v1");
    }

    #[test]
    fn an_environment_variable_holds_all_of_them() {
        let value = format!(
            "[{{kind=\"supabase\", issuer=\"https://abc.supabase.co\", secret=\"{SECRET}\", email_proof=\"issuer\"}}]"
        );
        let value: figment::value::Value = value.parse().unwrap();
        let sources = Figment::from(Toml::string(crate::config::DEFAULTS)).merge(("auth.issuers", value));
        let config = Config::from_sources(&sources).unwrap();
        assert_eq!(config.auth.issuers.len(), 1);
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not_shown() {
        let oidc = "kind = \"oidc\"\nissuer = \"https://id.example.com\"\naudience = \"us\"\njwks_url = \"https://id.example.com/j\"\n";
        let organization = "organization = \"0190b1f2-0000-7000-8000-000000000001\"\n";
        for (text, why) in [
            ("kind = \"pigeon\"".to_owned(), "supabase"),
            ("kind = \"oidc\"".into(), "`issuer` is required"),
            ("kind = \"supabase\"".into(), "`issuer` is required"),
            ("kind = \"firebase\"".into(), "`audience` is required"),
            (
                "kind = \"oidc\"\nissuer = \"x\"\naudience = \"us\"".into(),
                "`jwks_url` is required",
            ),
            (format!("{oidc}secret = \"{SECRET}\""), "goes with neither"),
            (
                format!("{oidc}email_proof = \"trust me\""),
                "`email_proof` must be",
            ),
            (format!("{oidc}create = \"user\""), "needs the `organization`"),
            (
                format!("{oidc}{organization}create = \"organization\""),
                "can't be set",
            ),
            (
                format!("{oidc}{organization}create = \"user\"\nrole = \"superadmin\""),
                "`role` can't be",
            ),
            (format!("{oidc}role = \"content_manager\""), "`role` is for"),
            (format!("{oidc}audiense = \"us\""), "audiense"),
            (
                format!("{oidc}{organization}\n[[auth.issuers]]\n{oidc}"),
                "same `issuer`",
            ),
            (
                format!("kind = \"supabase\"\nissuer = \"https://a.supabase.co\"\nsecret = \"{SECRET}\""),
                "email_proof",
            ),
            (
                format!("kind = \"supabase\"\nissuer = \"https://a.supabase.co\"\nsecret = [\"{SECRET}\"]"),
                "secret",
            ),
        ] {
            let error = issuer(&text).unwrap_err();
            assert!(
                error.contains(why) && error.contains("issuers"),
                "{text}\n{error}"
            );
            assert!(!error.contains(SECRET), "{error}");
        }
    }
}
