//! What mails are about, as recipients read it: they can leave one topic and keep the others.
//!
//! Who left is known by the address, as on the suppression list: the mail that somebody answers went there, whether or not there is
//! a lead of it (any more).

use super::EmailAddress;
use crate::ids::{ClientId, MessageId, TopicId, TopicLeaveId};
use crate::validate::Problems;
use chrono::{DateTime, Utc};
use serde::Serialize;

/// Why a mail was suppressed: its recipient left what it is about.
pub const TOPIC_LEFT: &str = "topic left";

/// Most topics of one organization: a person has to read the list.
pub const MOST_TOPICS: u64 = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EmailTopic))]
pub struct Topic {
    pub id: TopicId,
    /// As recipients read it, in 1 to 100 characters.
    #[cfg_attr(feature = "openapi", schema(example = "Product news"))]
    pub name: String,
    /// What recipients get, and how often; at most 500 characters.
    pub description: Option<String>,
    /// The client whose mails it is for; null for the whole organization.
    pub client_id: Option<ClientId>,
    /// No longer offered: nothing new can be sent about it. Who left it stays away.
    pub archived: bool,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub version: i32,
}

impl Topic {
    /// Everything that can be found wrong without looking anything up; texts are trimmed.
    pub fn check(&mut self, problems: &mut Problems) {
        self.name = problems.line("name", &self.name, 100, false);
        let description = self.description.as_deref().map(str::trim).unwrap_or_default();
        problems.text("description", description, 500);
        self.description = Some(description.to_owned()).filter(|text| !text.is_empty());
    }

    /// Whether mails for a client (or for none) can be about it.
    pub fn fits(&self, client: Option<ClientId>) -> bool {
        self.client_id.is_none() || self.client_id == client
    }
}

/// That an address left a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = EmailTopicLeave))]
pub struct TopicLeave {
    pub id: TopicLeaveId,
    pub topic_id: TopicId,
    pub email: EmailAddress,
    /// The mail whose link was followed; null if it came with a lead that was merged.
    pub message_id: Option<MessageId>,
    pub created_at: DateTime<Utc>,
}

/// Which topics are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TopicFilter {
    pub client_id: Option<ClientId>,
    pub archived: Option<bool>,
}

/// What keeps a topic from being deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TopicUses {
    pub campaigns: bool,
    pub sequences: bool,
    /// Somebody left it.
    pub leaves: bool,
}

crate::sort_fields! {
    /// How topics can be ordered.
    TopicSort { CreatedAt => "created_at": Time, Name => "name": Text }
}

crate::sort_fields! {
    /// How those who left a topic can be ordered.
    TopicLeaveSort { CreatedAt => "created_at": Time }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(name: &str, description: Option<&str>) -> Topic {
        Topic {
            id: uuid::Uuid::nil().into(),
            name: name.to_owned(),
            description: description.map(ToOwned::to_owned),
            client_id: None,
            archived: false,
            created_at: DateTime::UNIX_EPOCH,
            updated_at: DateTime::UNIX_EPOCH,
            version: 1,
        }
    }

    #[test]
    fn texts_are_trimmed_and_empty_ones_are_none() {
        let mut fine = topic(" Product news ", Some("  "));
        let mut problems = Problems::new();
        fine.check(&mut problems);
        assert!(problems.is_empty());
        assert_eq!((fine.name.as_str(), fine.description), ("Product news", None));
        for (name, description) in [("", None), ("a\nb", None), ("x", Some("y".repeat(501)))] {
            let mut problems = Problems::new();
            topic(name, description.as_deref()).check(&mut problems);
            assert!(!problems.is_empty(), "{name}");
        }
    }

    #[test]
    fn a_clients_topic_is_for_its_mails_only() {
        let client: ClientId = uuid::Uuid::from_u128(7).into();
        let mut topic = topic("News", None);
        assert!(topic.fits(None) && topic.fits(Some(client)));
        topic.client_id = Some(client);
        assert!(topic.fits(Some(client)) && !topic.fits(None));
        assert!(!topic.fits(Some(uuid::Uuid::from_u128(8).into())));
    }
}
