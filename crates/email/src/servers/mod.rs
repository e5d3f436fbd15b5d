//! Everything that mail leaves by: one server or several, of SMTP and of providers with an API, behind one [`Mailer`].
//!
//! A mail goes to the servers in an order drawn by weight. The next one is asked only when it is certain that the one before did not take the
//! mail and that this was the server's doing (no connection, a 4xx, an API that is down). What a server refused for good is refused, and a mail
//! that may have been taken goes to no other server, ever: docs/decisions/0039.
//!
//! To add a kind of server: implement [`Server`]; for an API rather `http::Provider`.

mod order;
mod pace;
mod refusal;
mod server;
#[cfg(test)]
mod tests;

use crate::mime;
use crate::sender::Sender;
use async_trait::async_trait;
use groundswell_domain::SystemStore;
use groundswell_domain::email::{Doubted, Fate, Identity, Mailer, OutgoingMail, ReturnAddress, SendError};
use groundswell_domain::platform::Clock;
use order::Order;
use std::sync::Arc;
use std::time::Duration;

pub use pace::Rate;
pub(crate) use refusal::Refusal;
pub(crate) use server::{Envelope, Server};
pub use server::{MailServer, ServerOptions};

/// A server that could not be reached is asked after all others for so long.
const AVOIDED: Duration = Duration::from_secs(30);

/// Hands mails to servers.
pub struct ServersMailer {
    servers: Vec<MailServer>,
    order: Order,
    sender: Sender,
    returns: Option<ReturnAddress>,
    clock: Arc<dyn Clock>,
    store: Arc<dyn SystemStore>,
}

impl ServersMailer {
    /// `sender` is whom mails come from that no identity is given for. Turns at servers with a rate are kept in the store.
    pub fn new(
        servers: Vec<MailServer>,
        sender: Sender,
        clock: Arc<dyn Clock>,
        store: Arc<dyn SystemStore>,
    ) -> Self {
        Self {
            order: Order::new(servers.iter().map(|server| server.options.weight).collect()),
            servers,
            sender,
            returns: None,
            clock,
            store,
        }
    }

    /// Gives each mail that goes by SMTP a return address of its own.
    #[must_use]
    pub fn returning_to(mut self, returns: Option<ReturnAddress>) -> Self {
        self.returns = returns;
        self
    }

    /// When one server may be asked: waits for its turn if that comes soon, else says how long it would take.
    async fn turn(&self, server: &MailServer) -> Result<(), Duration> {
        let Some(rate) = &server.options.rate else {
            return Ok(());
        };
        let now = self.clock.now();
        let wait = pace::turn(self.store.sending(), &server.options.name, rate, now).await?;
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        Ok(())
    }
}

#[async_trait]
impl Mailer for ServersMailer {
    async fn send(&self, mail: &OutgoingMail, identity: Option<&Identity>) -> Result<String, SendError> {
        let from = match identity {
            Some(identity) => Sender::of(&identity.from).map_err(SendError::Permanent)?,
            None => self.sender.clone(),
        };
        let now = self.clock.now();
        let built = mime::build(&from, mail, now)
            .and_then(|built| built.returning_to(self.returns.as_ref(), mail.id))
            .map_err(SendError::Permanent)?;
        let signers = identity.map_or(&[][..], |identity| identity.signers.as_slice());
        let (mut trouble, mut busy) = (Vec::new(), None::<Duration>);
        for place in self.order.next(|place| self.servers[place].is_avoided()) {
            let server = &self.servers[place];
            if let Err(wait) = self.turn(server).await {
                busy = Some(busy.map_or(wait, |other| other.min(wait)));
                continue;
            }
            let signed = built
                .signed(signers, server.inner.rewrites(), now)
                .map_err(SendError::Transient)?;
            let envelope = Envelope {
                built: &signed,
                mail,
                from: &from,
            };
            match server.inner.deliver(&envelope).await {
                Ok(reply) => {
                    server.was_reached();
                    return Ok(reply);
                }
                Err(Refusal::Permanent(text)) => return Err(SendError::Permanent(text)),
                Err(Refusal::Refused { text, step }) => return Err(SendError::Refused { reply: text, step }),
                Err(Refusal::Unknown(text)) => return Err(SendError::Unknown(text)),
                Err(Refusal::NotNow(text)) => trouble.push(text),
                Err(Refusal::Unreachable(text)) => {
                    server.avoid(AVOIDED);
                    trouble.push(text);
                }
                Err(Refusal::TooFast { text, after }) => {
                    server.avoid(after);
                    busy = Some(busy.map_or(after, |other| other.min(after)));
                    tracing::warn!(
                        server = server.options.name,
                        reply = text,
                        "a server asked to be left alone"
                    );
                }
            }
        }
        match (trouble.last(), busy) {
            // One that is only busy was not asked: that is no try.
            (_, Some(after)) => Err(SendError::Later {
                reason: "every server that works has as much to do as it may".into(),
                after,
            }),
            (Some(_), None) => Err(SendError::Transient(trouble.join("; "))),
            (None, None) => Err(SendError::Transient("there is no server to send by".into())),
        }
    }

    async fn check(&self) -> Vec<(String, Result<String, String>)> {
        let mut all = Vec::with_capacity(self.servers.len());
        for server in &self.servers {
            let found = server.inner.check().await;
            let found = found.map(|text| format!("{text}; sends as {}", self.sender));
            all.push((server.options.name.clone(), found));
        }
        all
    }

    fn reachable(&self) -> (usize, usize) {
        let reached = self.servers.iter().filter(|server| !server.is_avoided()).count();
        (reached, self.servers.len())
    }

    fn name(&self) -> &'static str {
        "servers"
    }

    fn can_tell(&self) -> bool {
        self.servers.iter().any(|server| server.inner.can_tell())
    }

    async fn fate(&self, mail: &Doubted) -> Result<Option<Fate>, String> {
        let mut trouble = Vec::new();
        for server in self.servers.iter().filter(|server| server.inner.can_tell()) {
            match server.inner.fate(mail).await {
                Ok(Some(fate)) => return Ok(Some(fate)),
                Ok(None) => {}
                Err(error) => trouble.push(format!("{}: {error}", server.options.name)),
            }
        }
        if trouble.is_empty() {
            Ok(None)
        } else {
            Err(trouble.join("; "))
        }
    }
}
