//! Create, replace, change, delete.

use super::MISSING;
use super::commands::{ClientPatch, NewClient};
use crate::audit::{self, Event};
use crate::{App, effect, organization, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::clients::{Client, ClientStatus};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::Tags;
use groundswell_domain::money::{Currency, MoneyInput};
use groundswell_domain::validate::Problems;
use groundswell_domain::{CampaignId, ClientId, Error, Patch, Scope};

/// Most campaigns that a refusal names.
const MOST_NAMED: usize = 10;

pub async fn create_client(app: &App, scope: &Scope, new: NewClient) -> Result<Client, Error> {
    scope.require(Permission::ClientsWrite)?;
    let unit = app.store.begin(scope).await?;
    let currency = organization::currency(unit.as_ref()).await?;
    let now = app.now();
    let mut client = Client {
        id: app.id(),
        name: String::new(),
        industry: None,
        country: None,
        website: None,
        annual_revenue: None,
        currency,
        employees: None,
        contacts: Vec::new(),
        notes: None,
        tags: Tags::default(),
        status: ClientStatus::Active,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    fill(&mut client, new, currency)?;
    unit.clients().insert(&client).await?;
    effect::commit(app, scope, unit, Outcome::Created, &client).await?;
    Ok(client)
}

/// Takes over everything a caller describes, and checks it.
fn fill(client: &mut Client, new: NewClient, currency: Currency) -> Result<(), Error> {
    let mut problems = Problems::new();
    client.name = new.name;
    client.industry = new.industry;
    client.country = new.country;
    client.website = new.website;
    let revenue = new.annual_revenue.map_or(Patch::Null, Patch::Value);
    set_revenue(&mut problems, client, &revenue, currency);
    client.employees = new.employees;
    client.contacts = new.contacts;
    client.notes = new.notes;
    client.tags = new.tags;
    client.status = new.status.unwrap_or(ClientStatus::Active);
    client.check(&mut problems);
    problems.finish()
}

/// The revenue brings its currency along; clearing it goes back to the organization's.
fn set_revenue(
    problems: &mut Problems,
    client: &mut Client,
    revenue: &Patch<MoneyInput>,
    currency: Currency,
) {
    match revenue {
        Patch::Absent => {}
        Patch::Null => (client.annual_revenue, client.currency) = (None, currency),
        Patch::Value(input) => {
            if let Some(money) = problems.take("annual_revenue", input.resolve(currency)) {
                problems.check(money.minor >= 0, "annual_revenue", "must not be negative");
                (client.annual_revenue, client.currency) = (Some(money.amount()), money.currency);
            }
        }
    }
}

pub async fn replace_client(
    app: &App,
    scope: &Scope,
    id: ClientId,
    new: NewClient,
    expected: Option<i32>,
) -> Result<Client, Error> {
    change(app, scope, id, expected, |client, currency| {
        fill(client, new, currency)
    })
    .await
}

pub async fn update_client(
    app: &App,
    scope: &Scope,
    id: ClientId,
    patch: ClientPatch,
    expected: Option<i32>,
) -> Result<Client, Error> {
    change(app, scope, id, expected, |client, currency| {
        let mut problems = Problems::new();
        if let Some(name) = patch.name {
            client.name = name;
        }
        patch.industry.apply(&mut client.industry);
        patch.country.apply(&mut client.country);
        patch.website.apply(&mut client.website);
        set_revenue(&mut problems, client, &patch.annual_revenue, currency);
        patch.employees.apply(&mut client.employees);
        patch.contacts.apply_or_default(&mut client.contacts);
        patch.notes.apply(&mut client.notes);
        patch.tags.apply_or_default(&mut client.tags);
        client.status = patch.status.unwrap_or(client.status);
        client.check(&mut problems);
        problems.finish()
    })
    .await
}

async fn change(
    app: &App,
    scope: &Scope,
    id: ClientId,
    expected: Option<i32>,
    edit: impl FnOnce(&mut Client, Currency) -> Result<(), Error>,
) -> Result<Client, Error> {
    scope.require(Permission::ClientsWrite)?;
    let unit = app.store.begin(scope).await?;
    let mut client = unit.clients().get(id).await?.ok_or(MISSING)?;
    let current = client.version;
    version::check("client", current, expected)?;
    edit(&mut client, organization::currency(unit.as_ref()).await?)?;
    client.updated_at = app.now();
    client.version += 1;
    version::written("client", unit.clients().update(&client, current).await?, current)?;
    unit.commit().await?;
    Ok(client)
}

/// Its projects go with it; campaigns and leads stay, without a client. Refused while a campaign of it may still reach people.
pub async fn delete_client(app: &App, scope: &Scope, id: ClientId) -> Result<(), Error> {
    scope.require(Permission::ClientsWrite)?;
    let unit = app.store.begin(scope).await?;
    unit.clients().get_locked(id).await?.ok_or(MISSING)?;
    let live = unit.clients().live_campaigns(id).await?;
    if !live.is_empty() {
        return Err(Error::conflict("client_has_active_campaigns", refusal(&live)));
    }
    let people = unit.identity().people_of_client(id).await?;
    if people > 0 {
        let message =
            format!("people sign in for this client ({people}): delete or change their accounts first");
        return Err(Error::conflict("client_has_people", message));
    }
    unit.clients().delete(id).await?;
    let event = Event::of(AuditAction::ClientDeleted, id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}

fn refusal(live: &[(CampaignId, String)]) -> String {
    let named: Vec<_> = live
        .iter()
        .take(MOST_NAMED)
        .map(|(id, name)| format!("{name} ({id})"))
        .collect();
    let more = match live.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "this client has campaigns that are scheduled, active or paused, so it can't be deleted: {}{more}",
        named.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_at_most_ten() {
        let live: Vec<(CampaignId, String)> = (0..12)
            .map(|number| (uuid::Uuid::from_u128(number).into(), format!("C{number}")))
            .collect();
        let text = refusal(&live);
        assert!(text.contains("C9 (") && !text.contains("C10"), "{text}");
        assert!(text.ends_with("and 2 more"), "{text}");
        assert!(!refusal(&live[..10]).contains("more"));
    }
}
