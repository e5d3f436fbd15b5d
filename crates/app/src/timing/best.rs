//! The best time for one lead, from what it and everybody else opened and clicked.

use crate::App;
use chrono::TimeDelta;
use chrono_tz::Tz;
use groundswell_domain::identity::{Organization, Permission};
use groundswell_domain::leads::Lead;
use groundswell_domain::locale::TimeZone;
use groundswell_domain::timing::{HourCount, Hours, Model, QuietHours, SendTime, Window, send_time};
use groundswell_domain::{Error, LeadId, Repos, Scope};
use std::collections::HashMap;
use std::sync::Arc;

/// Older habits are forgotten.
const DAYS: TimeDelta = TimeDelta::days(180);

/// For how long the habits of everybody are believed.
const BELIEVED: TimeDelta = TimeDelta::minutes(10);

/// The custom field of a lead that names its time zone.
const ZONE: &str = "time_zone";

/// When within the window to write to the lead; `None` when all of it lies in hours in which nobody is disturbed. Says what
/// the answer rests on: with too few events of the lead's own it is the hour of the organization's other people.
pub async fn best_time(
    app: &App,
    scope: &Scope,
    lead: LeadId,
    window: Window,
    quiet: QuietHours,
) -> Result<Option<SendTime>, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    let lead = repos.leads().get(lead).await?;
    let lead = lead.ok_or(Error::NotFound { what: "lead" })?;
    let organization = repos.identity().organization().await?;
    let organization = organization.ok_or(Error::NotFound { what: "organization" })?;
    let since = app.now() - DAYS;
    let own = repos.messages().response_hours(Some(lead.id), since).await?;
    let everybody = habits(app, scope, repos.as_ref()).await?;
    let zone = zone(&lead, &organization);
    // Where everybody's clocks differ is not known: most are where the organization is.
    let everybody = Hours::local(&everybody, organization.time_zone.tz());
    let model = Model::new(&Hours::local(&own, zone), &everybody);
    Ok(send_time(&model, zone, window, quiet))
}

/// When each of these leads looks at its mails.
pub(crate) async fn models<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    leads: &[&Lead],
    organization: &Organization,
) -> Result<HashMap<LeadId, Model>, Error> {
    if leads.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<LeadId> = leads.iter().map(|lead| lead.id).collect();
    let own = repos.sequences().habits(&ids, app.now() - DAYS).await?;
    let everybody = habits(app, scope, repos).await?;
    let everybody = Hours::local(&everybody, organization.time_zone.tz());
    let model = |lead: &&Lead| {
        let counts = own.get(&lead.id).map(Vec::as_slice).unwrap_or_default();
        let own = Hours::local(counts, zone(lead, organization));
        (lead.id, Model::new(&own, &everybody))
    };
    Ok(leads.iter().map(model).collect())
}

async fn habits<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
) -> Result<Arc<Vec<HourCount>>, Error> {
    let now = app.now();
    if let Some((since, known)) = app.habits.get(&scope.organization).await
        && now - since < BELIEVED
    {
        return Ok(known);
    }
    let found = Arc::new(repos.messages().response_hours(None, now - DAYS).await?);
    app.habits.insert(scope.organization, (now, found.clone())).await;
    Ok(found)
}

/// Where the lead's clock hangs: the custom field `time_zone`, if it names one, else where the organization is.
pub(crate) fn zone(lead: &Lead, organization: &Organization) -> Tz {
    let named = lead.custom_fields.get(ZONE).and_then(|value| value.as_str());
    named
        .and_then(|name| name.parse::<TimeZone>().ok())
        .unwrap_or(organization.time_zone)
        .tz()
}
