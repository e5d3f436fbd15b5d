//! The best time for many leads at once.

use super::best::{DAYS, habits, zone};
use crate::App;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::Lead;
use groundswell_domain::timing::{Hours, Model, Window, send_time_where};
use groundswell_domain::{Error, LeadId, Repos, Scope};

/// When each of these leads looks at its mails. One statement for the habits of all of them.
pub(crate) async fn models<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    (organization, leads): (&Organization, &[&Lead]),
) -> Result<Vec<Model>, Error> {
    if leads.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let own = repos.messages().response_hours_of(&ids, app.now() - DAYS).await?;
    let everybody = habits(app, scope, repos).await?;
    let everybody = Hours::local(&everybody, organization.time_zone.tz());
    let model = |lead: &&Lead| {
        let own = own.get(&lead.id).map_or(&[][..], Vec::as_slice);
        Model::new(&Hours::local(own, zone(lead, organization)), &everybody)
    };
    Ok(leads.iter().map(model).collect())
}

/// When within the window to write to each lead, among the instants that are `allowed` on its clock; `None` where none is.
pub(crate) async fn best_times<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    (organization, leads): (&Organization, &[Lead]),
    window: Window,
    allowed: impl Fn(DateTime<Utc>, Tz) -> bool,
) -> Result<Vec<Option<DateTime<Utc>>>, Error> {
    let leads: Vec<&Lead> = leads.iter().collect();
    let models = models(app, scope, repos, (organization, &leads)).await?;
    let time = |(lead, model): (&&Lead, &Model)| {
        let zone = zone(lead, organization);
        let found = send_time_where(model, zone, window, |instant| allowed(instant, zone));
        found.map(|found| found.at)
    };
    Ok(leads.iter().zip(&models).map(time).collect())
}
