//! Whom campaigns leave out: whoever must not be written to at all, whoever took back their consent to marketing or did not confirm
//! it, and whoever left what the mail is about.

use super::suppressed::suppressed;
use crate::App;
use crate::consents::{CONSENT_WITHDRAWN, without_consent};
use groundswell_domain::email::{SuppressionReason, TOPIC_LEFT};
use groundswell_domain::{Error, LeadId, Repos, Scope, TopicId};
use std::collections::{HashMap, HashSet};

pub(crate) struct LeftOut {
    addresses: HashMap<String, SuppressionReason>,
    leads: HashMap<LeadId, &'static str>,
    topics: HashSet<(String, TopicId)>,
}

impl LeftOut {
    /// Of these normalized addresses and these leads, for mails about these topics, in three statements however many they are.
    pub async fn find<R: Repos + ?Sized>(
        app: &App,
        repos: &R,
        scope: &Scope,
        keys: &[String],
        leads: &[LeadId],
        topics: &[TopicId],
    ) -> Result<Self, Error> {
        Ok(Self {
            addresses: suppressed(app, repos, scope, keys).await?,
            leads: without_consent(repos, leads).await?,
            topics: repos.topics().left(keys, topics).await?.into_iter().collect(),
        })
    }

    /// Whether it is the lead's own wish.
    pub fn by_themselves(&self, key: &str, lead: LeadId, topic: Option<TopicId>) -> bool {
        match (self.addresses.get(key), self.leads.get(&lead)) {
            (Some(reason), _) => *reason == SuppressionReason::Unsubscribe,
            (None, Some(reason)) => *reason == CONSENT_WITHDRAWN,
            (None, None) => self.has_left(key, topic),
        }
    }

    fn has_left(&self, key: &str, topic: Option<TopicId>) -> bool {
        topic.is_some_and(|topic| self.topics.contains(&(key.to_owned(), topic)))
    }

    /// Why this one gets no mail about this.
    pub fn reason(&self, key: &str, lead: Option<LeadId>, topic: Option<TopicId>) -> Option<String> {
        if let Some(reason) = self.addresses.get(key) {
            return Some(format!("suppressed: {reason}"));
        }
        if let Some(reason) = lead.and_then(|lead| self.leads.get(&lead)) {
            return Some((*reason).to_owned());
        }
        self.has_left(key, topic).then(|| TOPIC_LEFT.to_owned())
    }
}
