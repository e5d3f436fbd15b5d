//! All data keys under the current master key.

use super::{ORGANIZATIONS, Rotated, Unreadable};
use crate::App;
use groundswell_domain::{Error, OrganizationId, Scope};

pub(super) async fn rewrap(app: &App, rotated: &mut Rotated) -> Result<(), Error> {
    let current = app.vault.current_master();
    let mut after = None;
    loop {
        let holders = app
            .system
            .keys()
            .key_holders(Some(current), after, ORGANIZATIONS)
            .await?;
        for organization in &holders {
            of_organization(app, *organization, rotated).await?;
        }
        match holders.last() {
            Some(last) => after = Some(*last),
            None => return Ok(()),
        }
    }
}

async fn of_organization(
    app: &App,
    organization: OrganizationId,
    rotated: &mut Rotated,
) -> Result<(), Error> {
    let scope = Scope::operator(organization, app.request_id());
    let unit = app.store.begin(&scope).await?;
    for kept in unit.data_keys().keys().await? {
        match app.vault.rewrap(organization, &kept.key) {
            Ok(None) => {}
            Ok(Some(new)) => {
                rotated.rewrapped += u64::from(unit.data_keys().rewrap_key(&kept.key, &new).await?);
            }
            Err(error) => {
                let unreadable = Unreadable {
                    organization,
                    secret: None,
                    reason: format!("data key {}: {error}", kept.key.version),
                };
                // It is looked at twice in a run.
                if !rotated.unreadable.contains(&unreadable) {
                    rotated.unreadable.push(unreadable);
                }
            }
        }
    }
    Ok(unit.commit().await?)
}
