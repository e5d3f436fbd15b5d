//! Where and how to reach a mail server, as one URL.

use percent_encoding::percent_decode_str;
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use url::Url;

/// What protects the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the first byte on (`smtps://`).
    Implicit,
    /// STARTTLS, or no mail.
    Required,
    /// STARTTLS when the server offers it. Without a login any certificate will do, as an attacker could as well strip the
    /// offer; with a login the certificate must be right, and without TLS there is no login.
    Opportunistic,
    /// Never. Logs in over a readable connection if there is a login.
    None,
}

/// `smtp://user:password@host:port?tls=required|opportunistic|none`, or `smtps://` for TLS from the first byte on.
///
/// The default port is 465 with `smtps`, 587 with a login, else 25; the default of `tls` is `opportunistic`. Special characters in user and password
/// are percent-encoded.
#[derive(Clone)]
pub struct SmtpSettings {
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    /// User and password.
    pub login: Option<(String, SecretString)>,
    /// Most connections at once.
    pub connections: usize,
    /// Until the TCP connection stands.
    pub connect_timeout: Duration,
    /// For the reply to one command, and for each of greeting and TLS handshake.
    pub command_timeout: Duration,
    /// From the first byte of the content to the reply to it.
    pub data_timeout: Duration,
}

impl SmtpSettings {
    /// With another number of connections (at least 1).
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    pub(super) fn has_right_to_log_in(&self, encrypted: bool) -> bool {
        encrypted || self.tls == Tls::None
    }
}

impl FromStr for SmtpSettings {
    type Err = String;

    /// The error never repeats the URL, which holds a password.
    fn from_str(text: &str) -> Result<Self, String> {
        let url = Url::parse(text.trim()).map_err(|error| format!("the SMTP URL is not valid: {error}"))?;
        let implicit = match url.scheme() {
            "smtp" => false,
            "smtps" => true,
            other => {
                return Err(format!(
                    "the SMTP URL must start with smtp:// or smtps://, not {other}://"
                ));
            }
        };
        let host = url
            .host_str()
            .unwrap_or_default()
            .trim_start_matches('[')
            .trim_end_matches(']')
            .to_owned();
        if host.is_empty() {
            return Err("the SMTP URL names no host".into());
        }
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err("the SMTP URL must end after host and port (special characters in the password must be percent-encoded)".into());
        }
        let mut tls = if implicit {
            Tls::Implicit
        } else {
            Tls::Opportunistic
        };
        for (key, value) in url.query_pairs() {
            tls = match (key.as_ref(), value.as_ref(), implicit) {
                ("tls", "required", true) => Tls::Implicit,
                ("tls", "required", false) => Tls::Required,
                ("tls", "opportunistic", false) => Tls::Opportunistic,
                ("tls", "none", false) => Tls::None,
                ("tls", _, true) => {
                    return Err("smtps:// always uses TLS; for another tls= write smtp://".into());
                }
                ("tls", ..) => {
                    return Err("tls= in the SMTP URL must be required, opportunistic or none".into());
                }
                (other, ..) => return Err(format!("the SMTP URL has no setting {other:?}; there is tls")),
            };
        }
        let decoded = |text: &str, what: &str| {
            let text = percent_decode_str(text)
                .decode_utf8()
                .map_err(|_| format!("the {what} in the SMTP URL is not UTF-8"))?;
            Ok::<_, String>(text.into_owned())
        };
        let login = match (url.username(), url.password()) {
            ("", None) => None,
            ("", Some(_)) => return Err("the SMTP URL has a password but no user".into()),
            (_, None) => return Err("the SMTP URL has a user but no password".into()),
            (user, Some(password)) => Some((
                decoded(user, "user")?,
                SecretString::from(decoded(password, "password")?),
            )),
        };
        let port = url.port().unwrap_or(match (implicit, &login) {
            (true, _) => 465,
            (false, Some(_)) => 587,
            (false, None) => 25,
        });
        Ok(Self {
            host,
            port,
            tls,
            login,
            connections: 8,
            connect_timeout: Duration::from_secs(10),
            command_timeout: Duration::from_secs(30),
            data_timeout: Duration::from_mins(1),
        })
    }
}

impl fmt::Display for SmtpSettings {
    /// Without the login.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls == Tls::Implicit {
            "smtps"
        } else {
            "smtp"
        };
        if self.host.contains(':') {
            write!(f, "{scheme}://[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{scheme}://{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Debug for SmtpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let user = self.login.as_ref().map(|(user, _)| user);
        f.debug_struct("SmtpSettings")
            .field("server", &self.to_string())
            .field("tls", &self.tls)
            .field("user", &user)
            .finish_non_exhaustive()
    }
}

impl SmtpSettings {
    pub(super) fn credentials(&self) -> Option<lettre::transport::smtp::authentication::Credentials> {
        let (user, password) = self.login.as_ref()?;
        Some(lettre::transport::smtp::authentication::Credentials::new(
            user.clone(),
            password.expose_secret().to_owned(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<SmtpSettings, String> {
        text.parse()
    }

    #[test]
    fn schemes_ports_and_tls() {
        for (text, shown, tls) in [
            (
                "smtp://mail.example.com",
                "smtp://mail.example.com:25",
                Tls::Opportunistic,
            ),
            (
                "smtp://u:p@mail.example.com",
                "smtp://mail.example.com:587",
                Tls::Opportunistic,
            ),
            (
                "smtps://u:p@mail.example.com",
                "smtps://mail.example.com:465",
                Tls::Implicit,
            ),
            (
                "smtp://127.0.0.1:1025?tls=none",
                "smtp://127.0.0.1:1025",
                Tls::None,
            ),
            (
                "smtp://[::1]:1025/?tls=required",
                "smtp://[::1]:1025",
                Tls::Required,
            ),
        ] {
            let settings = parse(text).unwrap();
            assert_eq!((settings.to_string().as_str(), settings.tls), (shown, tls));
        }
    }

    #[test]
    fn the_password_is_decoded_and_never_shown() {
        let settings = parse("smtp://ada%40example.com:s%2Fe%3Acret@mail.example.com").unwrap();
        let (user, password) = settings.login.as_ref().unwrap();
        assert_eq!(
            (user.as_str(), password.expose_secret()),
            ("ada@example.com", "s/e:cret")
        );
        assert!(!format!("{settings:?}{settings}").contains("cret"));
    }

    #[test]
    fn mistakes_are_named_without_the_password() {
        for (text, message) in [
            ("mail.example.com", "not valid"),
            ("http://u:hunter2@mail.example.com", "must start with smtp://"),
            ("smtp://u:hunter2@mail.example.com?tls=yes", "must be required"),
            ("smtp://u:hunter2@mail.example.com?pool=3", "no setting \"pool\""),
            ("smtps://u:hunter2@mail.example.com?tls=none", "always uses TLS"),
            ("smtp://u:hunter2@mail.example.com/x", "percent-encoded"),
            ("smtp://u:hunter2@mail.example.com:99999", "not valid"),
            ("smtp://:hunter2@mail.example.com", "no user"),
            ("smtp://u@mail.example.com", "no password"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(
                error.contains(message) && !error.contains("hunter2"),
                "{text}: {error}"
            );
        }
    }
}
