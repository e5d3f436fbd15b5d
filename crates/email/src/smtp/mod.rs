//! Servers that speak SMTP.

mod connection;
mod pool;
mod settings;

use crate::servers::{Envelope, MailServer, Refusal, Server, ServerOptions};
use async_trait::async_trait;
use connection::{Connector, Failure, Refused};
use pool::Pool;

pub use settings::{SmtpSettings, Tls};

/// A mail server. Connects only when there is something to send. Fails when TLS can't be set up.
pub fn smtp(options: ServerOptions, settings: SmtpSettings) -> Result<MailServer, String> {
    let pool = Pool::new(Connector::new(settings)?);
    Ok(MailServer::new(options, Box::new(SmtpServer { pool })))
}

struct SmtpServer {
    pool: Pool,
}

#[async_trait]
impl Server for SmtpServer {
    async fn deliver(&self, envelope: &Envelope<'_>) -> Result<String, Refusal> {
        let mut lease = self.pool.take().await.map_err(Refusal::Unreachable)?;
        loop {
            match lease.connection.deliver(envelope.built).await {
                Ok(reply) => {
                    self.pool.give_back(lease).await;
                    return Ok(reply);
                }
                // It died while it waited; nothing was handed over, so a new one may try.
                Err(Refused {
                    failure: Failure::Broken(_),
                    ..
                }) if lease.reused => {
                    lease = self.pool.renew(lease).await.map_err(Refusal::Unreachable)?;
                }
                Err(Refused { failure, usable }) => {
                    if usable {
                        self.pool.give_back(lease).await;
                    }
                    return Err(match failure {
                        Failure::Broken(text) => Refusal::NotNow(format!("the connection broke: {text}")),
                        Failure::Transient(text) => Refusal::NotNow(text),
                        Failure::Permanent(text) => Refusal::Permanent(text),
                        Failure::Refused(step, text) => Refusal::Refused {
                            text,
                            step: Some(step),
                        },
                        Failure::Unknown(text) => Refusal::Unknown(text),
                    });
                }
            }
        }
    }

    async fn check(&self) -> Result<String, String> {
        let connector = self.pool.connector();
        let connection = connector.open().await?;
        let tls = if connection.is_encrypted() {
            "encrypted"
        } else {
            "not encrypted"
        };
        let login = match &connector.settings.login {
            Some((user, _)) => format!("logged in as {user}"),
            None => "no login".into(),
        };
        let found = format!("{}: {}, {tls}, {login}", connector.settings, connection.server());
        connection.quit().await;
        Ok(found)
    }
}

#[cfg(test)]
mod tests;
