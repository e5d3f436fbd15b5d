//! The transport that delivers nothing: mails are kept in the database, where people can look at them.

use crate::mime;
use crate::sender::Sender;
use async_trait::async_trait;
use groundswell_domain::SystemStore;
use groundswell_domain::email::{Mailer, OutboxMail, OutgoingMail, SendError};
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
    async fn send(&self, mail: &OutgoingMail) -> Result<String, SendError> {
        let now = self.clock.now();
        // Built although nothing is sent: what SMTP would refuse must not look fine here.
        let built = mime::build(&self.sender, mail, now).map_err(SendError::Permanent)?;
        let kept = OutboxMail {
            id: mail.id,
            organization_id: mail.organization,
            from: self.sender.to_string(),
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

    async fn check(&self) -> Result<String, String> {
        Ok(format!(
            "outbox: mails from {} are kept for the development mailbox and not delivered",
            self.sender
        ))
    }

    fn name(&self) -> &'static str {
        "outbox"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, Utc};
    use groundswell_domain::email::{EmailAddress, Outbox, RenderedMail};
    use groundswell_domain::forms::FormDirectory;
    use groundswell_domain::identity::IdentityDirectory;
    use groundswell_domain::jobs::JobQueue;
    use groundswell_domain::privacy::RetentionDirectory;
    use groundswell_domain::secrets::KeyDirectory;
    use groundswell_domain::{MessageId, StoreError};
    use std::sync::Mutex;
    use uuid::Uuid;

    /// A store that has an outbox and nothing else.
    #[derive(Default)]
    struct Kept(Mutex<Vec<OutboxMail>>);

    #[async_trait]
    impl Outbox for Kept {
        async fn put(&self, mail: &OutboxMail) -> Result<(), StoreError> {
            self.0.lock().unwrap().push(mail.clone());
            Ok(())
        }
        async fn latest(&self, _: Option<MessageId>, _: u32) -> Result<Vec<OutboxMail>, StoreError> {
            Ok(self.0.lock().unwrap().clone())
        }
        async fn mail(&self, _: MessageId) -> Result<Option<OutboxMail>, StoreError> {
            unreachable!()
        }
    }

    #[async_trait]
    impl SystemStore for Kept {
        fn forms(&self) -> &dyn FormDirectory {
            unreachable!()
        }
        fn identity(&self) -> &dyn IdentityDirectory {
            unreachable!()
        }
        fn jobs(&self) -> &dyn JobQueue {
            unreachable!()
        }
        fn keys(&self) -> &dyn KeyDirectory {
            unreachable!()
        }
        fn leads(&self) -> &dyn groundswell_domain::leads::LeadDirectory {
            unreachable!()
        }
        fn organizations(&self) -> &dyn groundswell_domain::identity::OrganizationDirectory {
            unreachable!()
        }
        fn outbox(&self) -> &dyn Outbox {
            self
        }
        fn retention(&self) -> &dyn RetentionDirectory {
            unreachable!()
        }
        fn scoring(&self) -> &dyn groundswell_domain::scoring::ScoringDirectory {
            unreachable!()
        }
        fn sending(&self) -> &dyn groundswell_domain::email::SendingSwitch {
            unreachable!()
        }
        async fn ping(&self) -> Result<(), StoreError> {
            unreachable!()
        }
        async fn describe(&self) -> Result<String, StoreError> {
            unreachable!()
        }
        async fn isolation(&self) -> Result<groundswell_domain::Isolation, StoreError> {
            unreachable!()
        }
        async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
            unreachable!()
        }
        async fn forget_expired(&self, _: DateTime<Utc>) -> Result<u64, StoreError> {
            unreachable!()
        }
        async fn forget_audit(&self, _: DateTime<Utc>, _: u32) -> Result<u64, StoreError> {
            unreachable!()
        }
        async fn database_time(&self) -> Result<DateTime<Utc>, StoreError> {
            unreachable!()
        }
    }

    struct Noon;
    impl Clock for Noon {
        fn now(&self) -> DateTime<Utc> {
            DateTime::from_timestamp(1_800_000_000, 0).unwrap()
        }
    }

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
        mailer.send(&mail).await.unwrap();
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
        assert!(matches!(mailer.send(&mail).await, Err(SendError::Permanent(_))));
    }
}
