//! When the mail to each lead of a campaign may leave.

use crate::{App, timing};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use groundswell_domain::campaigns::{Campaign, Delivery, Zone};
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::Lead;
use groundswell_domain::timing::Window;
use groundswell_domain::{Error, Repos, Scope};

pub(super) struct Planner<'a> {
    delivery: &'a Delivery,
    organization: &'a Organization,
    /// Best hours are looked for from here on.
    launched_at: Option<DateTime<Utc>>,
}

impl<'a> Planner<'a> {
    pub fn new(campaign: &'a Campaign, organization: &'a Organization) -> Self {
        Self {
            delivery: &campaign.delivery,
            organization,
            launched_at: campaign.launched_at,
        }
    }

    /// Where days begin that caps count by.
    pub fn zone(&self) -> Tz {
        match self.delivery.window.as_ref().map(|window| window.time_zone) {
            Some(Zone::Named(zone)) => zone.tz(),
            Some(Zone::Organization | Zone::Lead) | None => self.organization.time_zone.tz(),
        }
    }

    /// The first instant from `now` on in which mails may leave to anybody.
    pub fn opens_for_anybody(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        let window = self.delivery.window.as_ref();
        let shared = window.filter(|window| window.time_zone != Zone::Lead);
        shared
            .and_then(|window| window.opening(now, self.zone()))
            .unwrap_or(now)
    }

    /// The first instant from `at` on in which a mail may leave to this lead.
    pub fn opens_for(&self, lead: &Lead, at: DateTime<Utc>) -> DateTime<Utc> {
        if *self.delivery == Delivery::default() {
            return at;
        }
        let own = timing::zone(lead, self.organization);
        self.delivery.opens(at, self.window_zone(own), own)
    }

    /// When the mail to each of these leads is due; one statement for the habits of all of them.
    pub async fn times<R: Repos + ?Sized>(
        &self,
        app: &App,
        scope: &Scope,
        repos: &R,
        leads: &[Lead],
    ) -> Result<Vec<DateTime<Utc>>, Error> {
        let now = app.now();
        let first = |lead| self.opens_for(lead, now);
        let Some(window) = self.best_hours(now) else {
            return Ok(leads.iter().map(first).collect());
        };
        let allowed = |at, own| self.delivery.is_open(at, self.window_zone(own), own);
        let found =
            timing::best_times(app, scope, repos, (self.organization, leads), window, allowed).await?;
        let times = leads.iter().zip(found);
        Ok(times
            .map(|(lead, found)| found.unwrap_or_else(|| first(lead)))
            .collect())
    }

    /// In which stretch of time best hours are looked for; `None` when none are wanted, or it is over.
    fn best_hours(&self, now: DateTime<Utc>) -> Option<Window> {
        let hours = TimeDelta::hours(self.delivery.best_time_within_hours?.into());
        Window::new(now, self.launched_at.unwrap_or(now) + hours).ok()
    }

    fn window_zone(&self, own: Tz) -> Tz {
        match self.delivery.window.as_ref().map(|window| window.time_zone) {
            Some(Zone::Lead) => own,
            _ => self.zone(),
        }
    }
}
