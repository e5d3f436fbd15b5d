//! The transport that delivers nothing: mails are kept in the database, where people can look at them.

use crate::mime;
use crate::sender::Sender;
use async_trait::async_trait;
use groundswell_domain::SystemStore;
use groundswell_domain::email::{Identity, Mailer, OutboxMail, OutgoingMail, SendError};
use groundswell_domain::platform::Clock;
use std::sync::Arc;

pub struct OutboxMailer {
    store: Arc<dyn SystemStore>,
    sender: Sender,
    clock: Arc<dyn Clock>,
}

impl OutboxMailer {
    pub fn new(store: Arc<dyn SystemStore>, sender: Sender, clock: Arc<dyn Clock>) -> Self {
        Self { store, sender, clock }
    }
}

#[async_trait]
impl Mailer for OutboxMailer {
    async fn send(&self, mail: &OutgoingMail, identity: Option<&Identity>) -> Result<String, SendError> {
        let now = self.clock.now();
        // Built although nothing is sent: what SMTP would refuse must not look fine here.
        let sender = match identity {
            Some(identity) => &Sender::of(&identity.from).map_err(SendError::Permanent)?,
            None => &self.sender,
        };
        let signers = identity.map_or(&[][..], |identity| identity.signers.as_slice());
        let built = mime::build(sender, mail, now).map_err(SendError::Permanent)?;
        let built = built.signed(signers, &[], now).map_err(SendError::Transient)?;
        let kept = OutboxMail {
            id: mail.id,
            organization_id: mail.organization,
            from: sender.to_string(),
            to: mail.to.to_string(),
            subject: mail.mail.subject.clone(),
            html: mail.mail.html.clone(),
            text: mail.mail.text.clone(),
            headers: built.headers(),
            created_at: now,
        };
        // Keeping the same mail twice changes nothing, so every fault can be tried again.
        self.store
            .outbox()
            .put(&kept)
            .await
            .map_err(|error| SendError::Transient(error.to_string()))?;
        Ok("kept in the outbox, not delivered".into())
    }

    async fn check(&self) -> Vec<(String, Result<String, String>)> {
        let found = format!(
            "mails from {} are kept for the development mailbox and not delivered",
            self.sender
        );
        vec![("outbox".into(), Ok(found))]
    }

    fn reachable(&self) -> (usize, usize) {
        (1, 1)
    }

    fn name(&self) -> &'static str {
        "outbox"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_store::{Kept, Noon};
    use groundswell_domain::email::{EmailAddress, Outbox, RenderedMail};
    use uuid::Uuid;

    #[tokio::test]
    async fn a_mail_is_kept_with_the_headers_it_would_have_had() {
        let store = Arc::new(Kept::default());
        let mailer = OutboxMailer::new(
            store.clone(),
            "Ada <mail@example.com>".parse().unwrap(),
            Arc::new(Noon),
        );
        let mut mail = OutgoingMail {
            organization: Uuid::from_u128(1).into(),
            id: Uuid::from_u128(2).into(),
            to: EmailAddress::from_trusted("bob@example.org".into()),
            to_name: "Bob".into(),
            mail: RenderedMail {
                subject: "Hi".into(),
                html: "<p>x</p>".into(),
                text: "x".into(),
            },
            unsubscribe_url: Some("https://example.com/u/1".into()),
            auto_submitted: None,
        };
        mailer.send(&mail, None).await.unwrap();
        let kept = store.latest(None, 1).await.unwrap();
        assert_eq!(kept.len(), 1);
        assert_eq!(
            (kept[0].from.as_str(), kept[0].to.as_str()),
            ("Ada <mail@example.com>", "bob@example.org")
        );
        assert!(
            kept[0]
                .headers
                .contains("List-Unsubscribe: <https://example.com/u/1>\r\n"),
            "{}",
            kept[0].headers
        );
        assert!(kept[0].headers.ends_with("\r\n") && !kept[0].headers.contains("<p>"));

        mail.to = EmailAddress::from_trusted("nobody".into());
        assert!(matches!(
            mailer.send(&mail, None).await,
            Err(SendError::Permanent(_))
        ));
    }
}
