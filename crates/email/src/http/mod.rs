//! Providers that take mails over HTTP, one file each.
//!
//! They differ in how a mail is asked to be sent and in what their answers mean. What they share is here: a request that was never written is
//! another server's to try, a request without an answer is in doubt. A provider that has an idempotency key is asked a second time with the
//! same key first, which turns most doubts into an answer.

mod answer;
mod mailgun;
mod resend;
mod sendgrid;
mod ses;
mod sigv4;
#[cfg(test)]
mod tests;

use crate::servers::{Envelope, MailServer, Refusal, Server, ServerOptions};
use answer::Answer;
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use groundswell_domain::email::{Doubted, Fate};
use groundswell_domain::platform::Clock;
use reqwest::{Client, RequestBuilder, redirect};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

pub use mailgun::Mailgun;
pub use resend::Resend;
pub use sendgrid::SendGrid;
pub use ses::Ses;

/// Until a connection stands, and until the whole answer is there.
const CONNECT: Duration = Duration::from_secs(10);
const WHOLE: Duration = Duration::from_secs(30);

/// Speaks with one provider.
pub trait Provider: Send + Sync {
    /// What `doctor` calls it.
    fn name(&self) -> &'static str;
    /// The request that asks for a mail to be sent.
    fn request(
        &self,
        client: &Client,
        mail: &Parts<'_>,
        now: DateTime<Utc>,
    ) -> Result<RequestBuilder, String>;
    /// A request that changes nothing and needs the same credentials.
    fn probe(&self, client: &Client, now: DateTime<Utc>) -> Result<RequestBuilder, String>;
    /// The provider's name for the mail, of an answer that says yes.
    fn id(&self, answer: &Answer) -> Option<String>;
    /// What a refusal means, where it is not what its status says.
    fn meaning(&self, _answer: &Answer) -> Option<Meaning> {
        None
    }
    /// A request that asks what became of a mail, and changes nothing, where the provider has one.
    fn inquiry(&self, _client: &Client, _mail: &Doubted) -> Option<RequestBuilder> {
        None
    }
    /// What the answer to that says; `None` when the provider knows nothing of the mail.
    fn fate(&self, _answer: &Answer, _mail: &Doubted) -> Option<Fate> {
        None
    }
    /// Whether there is such a request.
    fn can_tell(&self) -> bool {
        false
    }
    /// Whether the same request, sent twice, sends one mail.
    fn is_idempotent(&self) -> bool {
        false
    }
    /// See [`Server::rewrites`].
    fn rewrites(&self) -> &'static [&'static str] {
        &[]
    }
}

/// What a provider is given of a mail.
pub struct Parts<'a> {
    /// The finished mail, signed.
    pub bytes: &'a [u8],
    /// In ASCII behind the `@`.
    pub to: String,
    pub to_name: &'a str,
    pub from: String,
    pub from_name: String,
    pub subject: &'a str,
    pub html: &'a str,
    pub text: &'a str,
    /// Our id of the mail: the provider's events name it.
    pub id: String,
    /// Header fields that are not among the parts.
    pub headers: Vec<(&'static str, String)>,
}

/// What an answer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// The provider does not serve us: wrong key, paused account, used-up quota.
    Closed,
    Permanent,
    Unknown,
}

/// A provider as a server. `connections` is the most requests at once.
pub fn over_http(
    options: ServerOptions,
    provider: impl Provider + 'static,
    connections: usize,
    clock: Arc<dyn Clock>,
) -> Result<MailServer, String> {
    let client = Client::builder()
        .connect_timeout(CONNECT)
        .timeout(WHOLE)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("groundswell/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| format!("no HTTP client can be made: {error}"))?;
    let server = HttpServer {
        provider: Box::new(provider),
        client,
        slots: Semaphore::new(connections.max(1)),
        clock,
    };
    Ok(MailServer::new(options, Box::new(server)))
}

struct HttpServer {
    provider: Box<dyn Provider>,
    client: Client,
    slots: Semaphore,
    clock: Arc<dyn Clock>,
}

impl HttpServer {
    async fn once(&self, parts: &Parts<'_>) -> Result<Answer, Refusal> {
        let name = self.provider.name();
        let request = self
            .provider
            .request(&self.client, parts, self.clock.now())
            .map_err(Refusal::Permanent)?;
        let response = request.send().await.map_err(|error| {
            let text = format!("{name}: {}", plain(error_of(&error)));
            if error.is_connect() {
                Refusal::Unreachable(text)
            } else if error.is_builder() {
                Refusal::Permanent(text)
            } else {
                Refusal::Unknown(text)
            }
        })?;
        Answer::read(response)
            .await
            .map_err(|error| Refusal::Unknown(format!("{name}: {}", plain(error_of(&error)))))
    }
}

#[async_trait]
impl Server for HttpServer {
    async fn deliver(&self, envelope: &Envelope<'_>) -> Result<String, Refusal> {
        let _slot = self
            .slots
            .acquire()
            .await
            .map_err(|error| Refusal::NotNow(error.to_string()))?;
        let parts = parts(envelope);
        let answer = self.once(&parts).await;
        let in_doubt = match &answer {
            Err(Refusal::Unknown(_)) => true,
            Ok(answer) => answer.is_doubt(self.provider.as_ref()),
            Err(_) => false,
        };
        if in_doubt && self.provider.is_idempotent() {
            let again = self.once(&parts).await;
            return match again.and_then(|answer| answer.verdict(self.provider.as_ref())) {
                // That the second one was not taken says nothing of the first.
                Err(Refusal::Unreachable(text) | Refusal::NotNow(text) | Refusal::TooFast { text, .. }) => {
                    Err(Refusal::Unknown(text))
                }
                other => other,
            };
        }
        answer?.verdict(self.provider.as_ref())
    }

    async fn check(&self) -> Result<String, String> {
        let name = self.provider.name();
        let request = self.provider.probe(&self.client, self.clock.now())?;
        let response = request
            .send()
            .await
            .map_err(|error| format!("{name} can't be reached: {}", plain(error_of(&error))))?;
        match response.status().as_u16() {
            200..=299 => Ok(format!("{name} answers and takes our key")),
            // It knows the key, which may send and nothing else.
            403 => Ok(format!(
                "{name} answers; the key may not look around there, which it needs not"
            )),
            status => Err(format!(
                "{name} answers {status}: check its key and url in email.servers"
            )),
        }
    }

    fn rewrites(&self) -> &'static [&'static str] {
        self.provider.rewrites()
    }

    fn can_tell(&self) -> bool {
        self.provider.can_tell()
    }

    async fn fate(&self, mail: &Doubted) -> Result<Option<Fate>, String> {
        let Some(request) = self.provider.inquiry(&self.client, mail) else {
            return Ok(None);
        };
        let name = self.provider.name();
        let failed = |error: &reqwest::Error| format!("{name} can't be asked: {}", plain(error_of(error)));
        let response = request.send().await.map_err(|error| failed(&error))?;
        let answer = Answer::read(response).await.map_err(|error| failed(&error))?;
        match answer.status {
            200..=299 => Ok(self.provider.fate(&answer, mail)),
            status => Err(format!("{name} can't be asked: it answers {status}")),
        }
    }
}

fn parts<'a>(envelope: &Envelope<'a>) -> Parts<'a> {
    let mail = envelope.mail;
    Parts {
        bytes: &envelope.built.bytes,
        to: envelope.built.to.to_string(),
        to_name: &mail.to_name,
        from: envelope.built.from.to_string(),
        from_name: envelope.from.name().to_owned(),
        subject: &mail.mail.subject,
        html: &mail.mail.html,
        text: &mail.mail.text,
        id: mail.id.to_string(),
        headers: envelope.built.own_headers(),
    }
}

/// The innermost reason: what lies around it repeats the address.
fn error_of(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(deeper) = reason.source() {
        reason = deeper;
    }
    if error.is_timeout() {
        "no answer in time".into()
    } else {
        reason.to_string()
    }
}

fn plain(text: impl AsRef<str>) -> String {
    let mut text = crate::mime::one_line(text.as_ref());
    text.truncate(text.floor_char_boundary(300));
    text
}
