//! The transport that delivers to a mail server.

mod connection;
mod pool;
mod settings;

use crate::mime;
use crate::sender::Sender;
use async_trait::async_trait;
use connection::{Connector, Failure, Refused};
use groundswell_domain::email::{Mailer, OutgoingMail, SendError};
use groundswell_domain::platform::Clock;
use pool::Pool;
use std::sync::Arc;

pub use settings::{SmtpSettings, Tls};

pub struct SmtpMailer {
    pool: Pool,
    sender: Sender,
    clock: Arc<dyn Clock>,
}

impl SmtpMailer {
    /// Connects only when there is something to send. Fails when TLS can't be set up.
    pub fn new(settings: SmtpSettings, sender: Sender, clock: Arc<dyn Clock>) -> Result<Self, String> {
        Ok(Self {
            pool: Pool::new(Connector::new(settings)?),
            sender,
            clock,
        })
    }
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn send(&self, mail: &OutgoingMail) -> Result<String, SendError> {
        let built = mime::build(&self.sender, mail, self.clock.now()).map_err(SendError::Permanent)?;
        let mut lease = self.pool.take().await.map_err(SendError::Transient)?;
        loop {
            match lease.connection.deliver(&built).await {
                Ok(reply) => {
                    self.pool.give_back(lease).await;
                    return Ok(reply);
                }
                // It died while it waited; nothing was handed over, so a new one may try.
                Err(Refused {
                    failure: Failure::Broken(_),
                    ..
                }) if lease.reused => {
                    lease = self.pool.renew(lease).await.map_err(SendError::Transient)?;
                }
                Err(Refused { failure, usable }) => {
                    if usable {
                        self.pool.give_back(lease).await;
                    }
                    return Err(match failure {
                        Failure::Broken(text) => {
                            SendError::Transient(format!("the connection broke: {text}"))
                        }
                        Failure::Transient(text) => SendError::Transient(text),
                        Failure::Permanent(text) => SendError::Permanent(text),
                        Failure::Unknown(text) => SendError::Unknown(text),
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
        let found = format!(
            "{}: {}, {tls}, {login}; sends as {}",
            connector.settings,
            connection.server(),
            self.sender
        );
        connection.quit().await;
        Ok(found)
    }

    fn name(&self) -> &'static str {
        "smtp"
    }
}

#[cfg(test)]
mod tests;
