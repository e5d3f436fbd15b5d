//! Whom campaigns leave out: whoever must not be written to at all, and whoever took back their consent to marketing.

use super::suppressed::suppressed;
use crate::App;
use crate::consents::{CONSENT_WITHDRAWN, withdrawn};
use groundswell_domain::email::SuppressionReason;
use groundswell_domain::{Error, LeadId, Repos, Scope};
use std::collections::{HashMap, HashSet};

pub(crate) struct LeftOut {
    addresses: HashMap<String, SuppressionReason>,
    leads: HashSet<LeadId>,
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
            leads: withdrawn(repos, leads).await?,
        })
    }

    /// Why this one gets no mail.
    pub fn reason(&self, key: &str, lead: Option<LeadId>) -> Option<String> {
        if let Some(reason) = self.addresses.get(key) {
            return Some(format!("suppressed: {reason}"));
        }
        let withdrawn = lead.is_some_and(|lead| self.leads.contains(&lead));
        withdrawn.then(|| CONSENT_WITHDRAWN.to_owned())
    }
}
