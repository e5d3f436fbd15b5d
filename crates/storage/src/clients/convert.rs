//! Between rows and clients.

use crate::codec::{from_json, parse, to_json};
use crate::entity::clients::Model;
use groundswell_domain::StoreError;
use groundswell_domain::clients::Client;
use groundswell_domain::money::{Currency, Money};
use uuid::Uuid;

pub(super) fn client(row: Model) -> Result<Client, StoreError> {
    let currency: Currency = parse("clients.currency", &row.currency)?;
    Ok(Client {
        id: row.id.into(),
        name: row.name,
        industry: row.industry,
        country: row
            .country
            .map(|code| parse("clients.country", &code))
            .transpose()?,
        website: row.website,
        annual_revenue: row.annual_revenue.map(|minor| Money { minor, currency }.amount()),
        currency,
        employees: row.employees,
        contacts: from_json("clients.contacts", row.contacts)?,
        notes: row.notes,
        tags: from_json("clients.tags", row.tags)?,
        status: parse("clients.status", &row.status)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) fn row(organization: Uuid, client: &Client) -> Result<Model, StoreError> {
    let revenue = client
        .annual_revenue
        .map(|amount| Money::new(amount, client.currency))
        .transpose()
        .map_err(|problem| StoreError::other(format!("the annual revenue {problem}")))?;
    Ok(Model {
        organization_id: organization,
        id: client.id.0,
        name: client.name.clone(),
        industry: client.industry.clone(),
        country: client.country.map(|country| country.as_str().to_owned()),
        website: client.website.clone(),
        annual_revenue: revenue.map(|revenue| revenue.minor),
        currency: client.currency.as_str().to_owned(),
        employees: client.employees,
        contacts: to_json(&client.contacts)?,
        notes: client.notes.clone(),
        tags: to_json(&client.tags)?,
        status: client.status.as_str().to_owned(),
        created_at: client.created_at,
        updated_at: client.updated_at,
        version: client.version,
    })
}
