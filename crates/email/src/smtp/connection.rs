//! One connection to a mail server, from the greeting to a login, and the delivery of one mail over it.
//!
//! What a failure means depends on when it happens, so every step is taken here one by one. Before the content is handed
//! over nothing can have been delivered. After it, only a reply tells.

use super::settings::{SmtpSettings, Tls};
use crate::mime::Built;
use groundswell_domain::email::bounce::Step;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Quit, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;
use std::error::Error as _;
use std::fmt::Display;
use std::future::Future;
use std::io;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

/// How long to look for a reply after the content could not be written to its end.
const LAST_WORD: Duration = Duration::from_secs(5);

/// What opening a connection needs, made once: building TLS parameters parses all root certificates.
pub(super) struct Connector {
    pub settings: SmtpSettings,
    tls: Option<TlsParameters>,
    credentials: Option<Credentials>,
    hello: ClientId,
}

impl Connector {
    pub(super) fn new(settings: SmtpSettings) -> Result<Self, String> {
        let tls = match settings.tls {
            Tls::None => None,
            mode => {
                let unverified = mode == Tls::Opportunistic && settings.login.is_none();
                let tls = TlsParameters::builder(settings.host.clone())
                    .dangerous_accept_invalid_certs(unverified)
                    .dangerous_accept_invalid_hostnames(unverified)
                    .build()
                    .map_err(|error| format!("TLS can't be set up for {}: {error}", settings.host))?;
                Some(tls)
            }
        };
        let credentials = settings.credentials();
        Ok(Self {
            settings,
            tls,
            credentials,
            hello: ClientId::default(),
        })
    }

    /// Connects, says hello, starts TLS and logs in as the settings want it. The error is for people; whatever it is,
    /// it is about the server and not about any one recipient.
    pub(super) async fn open(&self) -> Result<Connection, String> {
        let settings = &self.settings;
        let unreachable = |text: String| format!("{settings} can't be reached: {text}");
        let limit = settings.connect_timeout + settings.command_timeout;
        let connected = if settings.tls == Tls::Implicit {
            let address = (settings.host.as_str(), settings.port);
            let most = Some(settings.connect_timeout);
            let connecting =
                AsyncSmtpConnection::connect_tokio1(address, most, &self.hello, self.tls.clone(), None);
            within(limit, connecting).await
        } else {
            let stream = dial(settings)
                .await
                .map_err(|error| unreachable(error.to_string()))?;
            let greeting = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &self.hello);
            within(limit, greeting).await
        };
        let mut smtp = connected.map_err(|fault| unreachable(fault.text()))?;

        match (&self.tls, settings.tls) {
            (Some(tls), Tls::Required | Tls::Opportunistic) if smtp.can_starttls() => {
                within(settings.command_timeout, smtp.starttls(tls.clone(), &self.hello))
                    .await
                    .map_err(|fault| format!("{settings}: STARTTLS failed: {}", fault.text()))?;
            }
            (_, Tls::Required) => {
                return Err(format!(
                    "{settings} offers no STARTTLS, and tls=required wants it"
                ));
            }
            _ => {}
        }
        if let Some(credentials) = &self.credentials {
            if !settings.has_right_to_log_in(smtp.is_encrypted()) {
                return Err(format!(
                    "{settings} offers no STARTTLS, so the password is not sent to it (tls=none in the URL would send it readable)"
                ));
            }
            let reply = within(
                settings.command_timeout,
                smtp.auth(DEFAULT_MECHANISMS, credentials),
            )
            .await
            .map_err(|fault| format!("{settings} does not accept the login: {}", fault.text()))?;
            if !reply.has_code(235) {
                return Err(format!(
                    "{settings} does not accept the login: {}",
                    text_of(&reply)
                ));
            }
        }
        Ok(Connection {
            smtp,
            mails: 0,
            command: settings.command_timeout,
            data: settings.data_timeout,
        })
    }
}

/// Connects, without Nagle's algorithm: the end of a mail is written after its content, and would wait for the server's
/// delayed acknowledgement, which is 40 ms for every mail. (The library opens implicit TLS by itself, and has no switch.)
async fn dial(settings: &SmtpSettings) -> io::Result<TcpStream> {
    let mut last = io::Error::other("the name has no address");
    for address in lookup_host((settings.host.as_str(), settings.port)).await? {
        match timeout(settings.connect_timeout, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => {
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Ok(Err(error)) => last = error,
            Err(_) => last = io::ErrorKind::TimedOut.into(),
        }
    }
    Err(last)
}

/// How a delivery failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The connection broke before the content: on a connection that was used before, it had probably died in the meantime.
    Broken(String),
    Transient(String),
    /// The server was not asked.
    Permanent(String),
    /// It said no for good, in answer to this.
    Refused(Step, String),
    Unknown(String),
}

/// A failure, and whether the connection is good for the next mail.
#[derive(Debug)]
pub(super) struct Refused {
    pub failure: Failure,
    pub usable: bool,
}

pub(super) struct Connection {
    smtp: AsyncSmtpConnection,
    /// Handed over so far, in vain or not.
    pub mails: u32,
    command: Duration,
    data: Duration,
}

impl Connection {
    /// Hands over one mail; answers with the server's reply.
    pub(super) async fn deliver(&mut self, mail: &Built) -> Result<String, Refused> {
        self.mails += 1;
        let mut parameters = Vec::new();
        if mail.needs_utf8() {
            if !self.smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
                let text = format!(
                    "the mail server does not support the address {} (no SMTPUTF8)",
                    mail.to
                );
                return Err(Refused {
                    failure: Failure::Permanent(text),
                    usable: true,
                });
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !mail.bytes.is_ascii() {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        // A refusal here is about us: taken as permanent, it would fail every recipient in turn.
        self.command(
            Mail::new(Some(mail.returns.clone()), parameters),
            2,
            |_, reply| {
                Failure::Transient(format!(
                    "the mail server refuses the sender {}: {reply}",
                    mail.returns
                ))
            },
        )
        .await?;
        self.command(
            Rcpt::new(mail.to.clone(), Vec::new()),
            2,
            |code, reply| match code {
                530 | 534 | 535 | 538 => {
                    Failure::Transient(format!("the mail server wants another login: {reply}"))
                }
                _ => Failure::Refused(Step::Recipient, reply),
            },
        )
        .await?;
        self.command(Data, 3, |_, reply| Failure::Refused(Step::Content, reply))
            .await?;
        self.content(&mail.bytes).await
    }

    /// One command before the content. `refusal` says what a 5xx reply means.
    async fn command(
        &mut self,
        command: impl Display,
        class: u16,
        refusal: impl FnOnce(u16, String) -> Failure,
    ) -> Result<(), Refused> {
        let (failure, usable) = match within(self.command, self.smtp.command(command)).await {
            Ok(reply) if u16::from(reply.code()) / 100 == class => return Ok(()),
            Ok(reply) => (
                Failure::Broken(format!("an unexpected reply: {}", text_of(&reply))),
                false,
            ),
            // 421 is a server that is about to hang up.
            Err(Fault::Network(text) | Fault::Reply(421, text)) => (Failure::Broken(text), false),
            Err(Fault::Reply(code, text)) if code >= 500 => (refusal(code, text), true),
            Err(Fault::Reply(_, text)) => (Failure::Transient(text), true),
        };
        Err(Refused {
            failure,
            usable: usable && self.reset().await,
        })
    }

    async fn content(&mut self, bytes: &[u8]) -> Result<String, Refused> {
        let mut end = within(self.data, self.smtp.message(bytes)).await;
        if matches!(end, Err(Fault::Network(_))) {
            // A server that refuses in the middle of the content says so and hangs up; its reply may be here already.
            if let Err(reply @ Fault::Reply(..)) = within(LAST_WORD, self.smtp.read_response()).await {
                end = Err(reply);
            }
        }
        let (failure, usable) = match end {
            Ok(reply) if u16::from(reply.code()) / 100 == 2 => return Ok(text_of(&reply)),
            Ok(reply) => (
                Failure::Unknown(format!("an unexpected reply to the content: {}", text_of(&reply))),
                false,
            ),
            Err(Fault::Reply(421, text)) => (Failure::Transient(text), false),
            Err(Fault::Reply(code, text)) if code >= 500 => (Failure::Refused(Step::Content, text), true),
            Err(Fault::Reply(_, text)) => (Failure::Transient(text), true),
            Err(Fault::Network(text)) => (
                Failure::Unknown(format!("the connection broke after the content was sent: {text}")),
                false,
            ),
        };
        Err(Refused {
            failure,
            usable: usable && self.reset().await,
        })
    }

    async fn reset(&mut self) -> bool {
        within(self.command, self.smtp.command(Rset)).await.is_ok()
    }

    pub(super) async fn is_alive(&mut self) -> bool {
        within(self.command, self.smtp.command(Noop)).await.is_ok()
    }

    /// Says goodbye; what the server answers does not matter.
    pub(super) async fn quit(mut self) {
        let _ = within(self.command, self.smtp.command(Quit)).await;
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.smtp.is_encrypted()
    }

    pub(super) fn server(&self) -> String {
        let info = self.smtp.server_info();
        let utf8 = if info.supports_feature(Extension::SmtpUtfEight) {
            ", SMTPUTF8"
        } else {
            ""
        };
        format!("{}{utf8}", info.name())
    }
}

/// Why there was no positive reply.
enum Fault {
    /// A negative reply: its code, and the whole of it.
    Reply(u16, String),
    /// None that could be understood.
    Network(String),
}

impl Fault {
    fn text(self) -> String {
        match self {
            Self::Reply(_, text) | Self::Network(text) => text,
        }
    }
}

async fn within<T>(limit: Duration, work: impl Future<Output = Result<T, Error>>) -> Result<T, Fault> {
    match timeout(limit, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(match error.status() {
            Some(code) => {
                let code = u16::from(code);
                let text = error.source().map(ToString::to_string).unwrap_or_default();
                Fault::Reply(code, one_line(&format!("{code} {text}")))
            }
            None => Fault::Network(one_line(&error.to_string())),
        }),
        Err(_) => Err(Fault::Network(format!(
            "no answer within {} seconds",
            limit.as_secs()
        ))),
    }
}

fn text_of(reply: &Response) -> String {
    let lines: Vec<_> = reply.message().collect();
    one_line(&format!("{} {}", u16::from(reply.code()), lines.join(" ")))
}

/// Replies are kept with the mail and shown: one line, of a bounded length.
fn one_line(text: &str) -> String {
    let mut text = crate::mime::one_line(text);
    text.truncate(text.floor_char_boundary(500));
    text
}
