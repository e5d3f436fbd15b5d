//! Whether every secret opens.

use super::{BATCH, ORGANIZATIONS, Progress, Unreadable};
use crate::App;
use crate::secrets::resolve::open;
use groundswell_domain::secrets::{Stored, last4};
use groundswell_domain::{Error, OrganizationId, Scope};

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verified {
    pub opened: u64,
    pub unreadable: Vec<Unreadable>,
}

/// Opens every secret of all organizations, and forgets what is in it. Changes nothing, and can run beside everything else.
pub async fn verify(app: &App, report: &mut (dyn FnMut(Progress) + Send)) -> Result<Verified, Error> {
    let directory = app.system.keys();
    let total = directory.census(None).await?.secrets;
    let mut verified = Verified::default();
    let mut after = None;
    loop {
        let holders = directory.key_holders(None, after, ORGANIZATIONS).await?;
        for organization in &holders {
            of_organization(app, *organization, total, &mut verified, report).await?;
        }
        match holders.last() {
            Some(last) => after = Some(*last),
            None => return Ok(verified),
        }
    }
}

async fn of_organization(
    app: &App,
    organization: OrganizationId,
    total: u64,
    verified: &mut Verified,
    report: &mut (dyn FnMut(Progress) + Send),
) -> Result<(), Error> {
    let scope = Scope::operator(organization, app.request_id());
    let repos = app.store.read(&scope);
    let mut after = None;
    loop {
        let batch = repos.data_keys().sealed(None, after, BATCH).await?;
        let Some(last) = batch.last() else { return Ok(()) };
        after = Some(last.secret.id);
        for stored in &batch {
            match checked(app, organization, stored) {
                Ok(()) => verified.opened += 1,
                Err(reason) => verified.unreadable.push(Unreadable {
                    organization,
                    secret: Some(stored.secret.id),
                    reason,
                }),
            }
        }
        report(Progress {
            done: verified.opened.min(total),
            total,
        });
    }
}

fn checked(app: &App, organization: OrganizationId, stored: &Stored) -> Result<(), String> {
    let value = open(app, organization, stored).map_err(|error| error.to_string())?;
    if last4(&value) == stored.secret.last4 {
        return Ok(());
    }
    Err("it opens, but its last four characters are not those that are kept beside it".to_owned())
}
