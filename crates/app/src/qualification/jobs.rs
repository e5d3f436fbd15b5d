//! The job that looks at leads to whom something happened. Doing it twice changes nothing.

use super::settle::{Said, settle};
use crate::App;
use groundswell_domain::qualification::{Qualifier, QualifyLeads};
use groundswell_domain::{Error, Scope};

pub async fn qualify_leads(app: &App, scope: &Scope, job: &QualifyLeads) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    let Some(rules) = unit.qualification().enabled().await? else {
        return Ok(());
    };
    let Ok(qualifier) = Qualifier::new(&rules) else {
        return Ok(());
    };
    let mut leads = job.leads.clone();
    if let Some(submission) = job.submission {
        let found = unit.forms().submission(submission).await?;
        leads.extend(found.map(|submission| submission.lead_id));
    }
    let events = qualifier.asks_events();
    // Leads that are gone by now are not among them.
    let cases = unit.qualification().cases(&leads, events, true).await?;
    settle(app, scope, unit.as_ref(), &qualifier, cases, &Said::new()).await?;
    unit.commit().await?;
    Ok(())
}
