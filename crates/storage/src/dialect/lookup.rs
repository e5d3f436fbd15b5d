//! Finding many rows by keys of their own.

use super::columns::ArrayText;
use crate::entity::lead_scores;
use crate::entity::leads::{self, Column};
use crate::keys::padded;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IdenStatic, Iterable, QueryFilter, QueryOrder,
    QueryTrait, Statement, Value,
};
use uuid::Uuid;

// One look into the index for each key, whatever the planner thinks of the table. Given a list of keys it would read all leads of
// an organization that was small when the table was last analyzed: in the first minute of a large import that is the whole file.
fn by_email_on_postgres() -> String {
    // In the order of the database's own collation: others lock leads in it.
    format!(
        "SELECT found.* FROM (SELECT key FROM unnest($2::text::text[]) AS every(key) ORDER BY key) AS wanted \
         CROSS JOIN LATERAL (SELECT {} FROM leads WHERE organization_id = $1 AND email_key = wanted.key LIMIT 1 FOR UPDATE) \
         AS found",
        names::<leads::Entity>()
    )
}

fn scores_on_postgres() -> String {
    format!(
        "SELECT found.* FROM unnest($2::text::uuid[]) AS wanted(id) \
         CROSS JOIN LATERAL (SELECT {} FROM lead_scores WHERE organization_id = $1 AND lead_id = wanted.id LIMIT 1) AS found",
        names::<lead_scores::Entity>()
    )
}

/// A newer schema may have more columns, which would change what a prepared statement answers.
fn names<E: EntityTrait>() -> String {
    let names: Vec<_> = E::Column::iter()
        .map(|column| format!("\"{}\"", column.as_str()))
        .collect();
    names.join(", ")
}

/// The leads with these addresses, in the order of the addresses, each locked.
pub(crate) fn leads_by_email(conn: &impl ConnectionTrait, organization: Uuid, keys: &[String]) -> Statement {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let mut wanted = ArrayText::default();
        for key in keys {
            wanted.text(key);
        }
        let values: [Value; 2] = [organization.into(), wanted.finish()];
        return Statement::from_sql_and_values(backend, by_email_on_postgres(), values);
    }
    let select = leads::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::EmailKey.is_in(padded(keys.iter().map(String::as_str))))
        .order_by_asc(Column::EmailKey);
    backend.build(select.as_query())
}

/// The scores of these leads.
pub(crate) fn scores_by_lead(conn: &impl ConnectionTrait, organization: Uuid, leads: &[Uuid]) -> Statement {
    let backend = conn.get_database_backend();
    if backend == DbBackend::Postgres {
        let mut wanted = ArrayText::default();
        for lead in leads {
            wanted.plain(lead);
        }
        let values: [Value; 2] = [organization.into(), wanted.finish()];
        return Statement::from_sql_and_values(backend, scores_on_postgres(), values);
    }
    let select = lead_scores::Entity::find()
        .filter(lead_scores::Column::OrganizationId.eq(organization))
        .filter(lead_scores::Column::LeadId.is_in(padded(leads.iter().copied())));
    backend.build(select.as_query())
}
