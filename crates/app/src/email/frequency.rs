//! How much marketing mail leads have had: no more than their organization allows leaves, whichever campaigns and sequences it is
//! from and however many workers send it.
//!
//! A row is claimed, and the claim committed, before this question is asked. So of two workers that claimed mails to one lead at
//! once at least one sees the other's, and whoever sees one that may still leave steps back for a while.

use crate::App;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{Mailing, Touch};
use groundswell_domain::{Error, LeadId, LeaseToken, MessageId, Repos};
use std::collections::HashMap;

/// Why a mail was suppressed.
pub(crate) const FREQUENCY_CAP: &str = "frequency cap";

/// A mail that another worker has is settled soon. Those who see each other don't come back at the same time.
const SOON: TimeDelta = TimeDelta::minutes(1);
const LATER: TimeDelta = TimeDelta::minutes(2);

/// Whether a lead may get another mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    Free,
    /// It had as many as are allowed; there is room again then.
    Full(DateTime<Utc>),
    /// That depends on mails which are just leaving: ask again then.
    Unclear(DateTime<Utc>),
}

pub(crate) struct Frequency {
    mailing: Mailing,
    touches: HashMap<LeadId, Vec<Touch>>,
}

impl Frequency {
    /// What these leads had, without the mails that `lease` holds. Nothing is read where there are no caps.
    pub async fn find<R: Repos + ?Sized>(
        app: &App,
        repos: &R,
        mailing: Mailing,
        leads: &[LeadId],
        lease: LeaseToken,
    ) -> Result<Self, Error> {
        let mut touches = HashMap::<LeadId, Vec<Touch>>::new();
        if mailing.has_caps() && !leads.is_empty() {
            let since = app.now() - Mailing::COUNTED;
            for touch in repos.messages().touches(leads, since, lease).await? {
                touches.entry(touch.lead_id).or_default().push(touch);
            }
        }
        Ok(Self { mailing, touches })
    }

    /// Counting what was sent only: for mails that are not to leave yet.
    pub fn planned(&self, lead: LeadId, now: DateTime<Utc>) -> Room {
        let touches = self.touches.get(&lead).map_or(&[][..], Vec::as_slice);
        let sent: Vec<_> = touches.iter().filter_map(|touch| touch.at).collect();
        self.mailing.free_at(&sent, now).map_or(Room::Free, Room::Full)
    }

    /// For a claimed mail that is about to leave.
    pub fn leaving(&self, lead: LeadId, message: MessageId, now: DateTime<Utc>) -> Room {
        let room = self.planned(lead, now);
        let touches = self.touches.get(&lead).map_or(&[][..], Vec::as_slice);
        let all: Vec<_> = touches.iter().map(|touch| touch.at.unwrap_or(now)).collect();
        if room != Room::Free || self.mailing.free_at(&all, now).is_none() {
            return room;
        }
        let mut others = touches.iter().filter(|touch| touch.at.is_none());
        let first = others.all(|other| message < other.message_id);
        Room::Unclear(now + if first { SOON } else { LATER })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn frequency(lead: LeadId, others: &[(u128, Option<DateTime<Utc>>)]) -> Frequency {
        let touch = |(id, at): &(u128, Option<DateTime<Utc>>)| Touch {
            lead_id: lead,
            message_id: Uuid::from_u128(*id).into(),
            at: *at,
        };
        Frequency {
            mailing: Mailing {
                per_lead_day: Some(2),
                ..Mailing::default()
            },
            touches: HashMap::from([(lead, others.iter().map(touch).collect())]),
        }
    }

    #[test]
    fn whoever_sees_another_mail_that_may_leave_steps_back_and_not_both_for_as_long() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let (lead, mine) = (Uuid::from_u128(1).into(), Uuid::from_u128(5).into());
        let hour = |hours: i64| Some(now - TimeDelta::hours(hours));
        let asked = |others: &[_]| frequency(lead, others).leaving(lead, mine, now);
        assert_eq!(asked(&[]), Room::Free);
        assert_eq!(asked(&[(9, None)]), Room::Free, "there is room for both");
        assert_eq!(asked(&[(2, hour(3)), (9, None)]), Room::Unclear(now + SOON));
        assert_eq!(asked(&[(2, hour(3)), (4, None)]), Room::Unclear(now + LATER));
        assert_eq!(
            asked(&[(2, hour(3)), (3, hour(5)), (9, None)]),
            Room::Full(now + TimeDelta::hours(19))
        );
        let planned = frequency(lead, &[(2, hour(3)), (9, None)]).planned(lead, now);
        assert_eq!(planned, Room::Free);
        let other = frequency(lead, &[(2, hour(3)), (3, hour(5))]);
        assert_eq!(other.leaving(Uuid::from_u128(2).into(), mine, now), Room::Free);
    }
}
