//! Whom campaigns leave out: whoever must not be written to at all, and whoever took back their consent to marketing or did
//! not confirm it.

use super::suppressed::suppressed;
use crate::App;
use crate::consents::{CONSENT_WITHDRAWN, without_consent};
use groundswell_domain::email::SuppressionReason;
use groundswell_domain::{Error, LeadId, Repos, Scope};
use std::collections::HashMap;

pub(crate) struct LeftOut {
    addresses: HashMap<String, SuppressionReason>,
    leads: HashMap<LeadId, &'static str>,
}

impl LeftOut {
    /// Of these normalized addresses and these leads, in two statements however many they are.
    pub async fn find<R: Repos + ?Sized>(
        app: &App,
        repos: &R,
        scope: &Scope,
        keys: &[String],
        leads: &[LeadId],
    ) -> Result<Self, Error> {
        Ok(Self {
            addresses: suppressed(app, repos, scope, keys).await?,
            leads: without_consent(repos, leads).await?,
        })
    }

    /// Whether it is the lead's own wish.
    pub fn by_themselves(&self, key: &str, lead: LeadId) -> bool {
        match self.addresses.get(key) {
            Some(reason) => *reason == SuppressionReason::Unsubscribe,
            None => self.leads.get(&lead) == Some(&CONSENT_WITHDRAWN),
        }
    }

    /// Why this one gets no mail.
    pub fn reason(&self, key: &str, lead: Option<LeadId>) -> Option<String> {
        if let Some(reason) = self.addresses.get(key) {
            return Some(format!("suppressed: {reason}"));
        }
        lead.and_then(|lead| self.leads.get(&lead))
            .map(|reason| (*reason).to_owned())
    }
}
