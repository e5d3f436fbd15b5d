//! What else may hold a person's address: jobs, kept answers, refused lines of imports, and the audit log.
//!
//! There is no index for any of it: an erasure reads these tables of the organization once.

use super::address;
use super::lead::KEYS;
use crate::dialect::{contains, json_mentions};
use crate::entity::{audit_log, idempotency_keys, jobs, lead_import_errors};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::audit::ActorKind;
use groundswell_domain::jobs::JobStatus;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

/// Ids in one condition: each is a pattern of its own.
const NAMED: usize = 200;

/// Cancels jobs that wait and are about one of these things, or name the address.
pub(super) async fn cancel_jobs(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    things: &[Uuid],
    key: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    use jobs::Column;
    let waiting = || {
        Condition::all()
            .add(Column::OrganizationId.eq(organization))
            .add(Column::Status.eq(JobStatus::Queued.as_str()))
    };
    let cancel = async |which: Condition| {
        let done = jobs::Entity::update_many()
            .col_expr(Column::Status, Expr::val(JobStatus::Cancelled.as_str()))
            .col_expr(Column::FinishedAt, Expr::val(now))
            .filter(waiting())
            .filter(which)
            .exec(conn)
            .await
            .map_err(store_error)?;
        Ok(done.rows_affected)
    };
    let mut cancelled = 0;
    for things in things.chunks(NAMED) {
        let any = things.iter().fold(Condition::any(), |any, thing| {
            any.add(json_mentions(conn, Column::Payload, &thing.to_string()))
        });
        cancelled += cancel(any).await?;
    }
    let found: Vec<(Uuid, Value)> = jobs::Entity::find()
        .select_only()
        .columns([Column::Id, Column::Payload])
        .filter(waiting())
        .filter(json_mentions(conn, Column::Payload, key))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let named = found
        .into_iter()
        .filter(|(_, payload)| address::json_mentions(payload, key));
    let named: Vec<Uuid> = named.map(|(id, _)| id).collect();
    for ids in named.chunks(KEYS) {
        cancelled += cancel(Condition::all().add(Column::Id.is_in(ids.iter().copied()))).await?;
    }
    Ok(cancelled)
}

/// Mail servers repeat addresses in what they say.
pub(super) async fn forget_job_errors(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
) -> Result<u64, StoreError> {
    use jobs::Column;
    let found: Vec<(Uuid, String)> = jobs::Entity::find()
        .select_only()
        .columns([Column::Id, Column::LastError])
        .filter(Column::OrganizationId.eq(organization))
        .filter(contains(conn, Column::LastError, key))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let named = found
        .into_iter()
        .filter(|(_, error)| address::mentions(error, key));
    let named: Vec<Uuid> = named.map(|(id, _)| id).collect();
    let mut forgotten = 0;
    for ids in named.chunks(KEYS) {
        let done = jobs::Entity::update_many()
            .col_expr(Column::LastError, Expr::val("erased"))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.is_in(ids.iter().copied()))
            .exec(conn)
            .await
            .map_err(store_error)?;
        forgotten += done.rows_affected;
    }
    Ok(forgotten)
}

pub(super) async fn forget_answers(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
) -> Result<u64, StoreError> {
    use idempotency_keys::{Column, Entity};
    let found = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(json_mentions(conn, Column::Data, key))
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut forgotten = 0;
    // They are of one day, and few of them tell of one person.
    for row in found
        .into_iter()
        .filter(|row| address::json_mentions(&row.data, key))
    {
        let done = Entity::delete_by_id((organization, row.route, row.key))
            .exec(conn)
            .await
            .map_err(store_error)?;
        forgotten += done.rows_affected;
    }
    Ok(forgotten)
}

/// A line stays, so that the numbers of its import still add up.
pub(super) async fn forget_import_lines(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
) -> Result<u64, StoreError> {
    use lead_import_errors::{Column, Entity};
    let of_organization = || Column::OrganizationId.eq(organization);
    let found = Entity::find()
        .filter(of_organization())
        .filter(contains(conn, Column::Raw, key))
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut forgotten = 0;
    // One per import that the person was in, or a few.
    for row in found.into_iter().filter(|row| address::mentions(&row.raw, key)) {
        let done = Entity::update_many()
            .col_expr(Column::Raw, Expr::val(""))
            .col_expr(Column::Message, Expr::val("was erased"))
            .filter(of_organization())
            .filter(Column::ImportId.eq(row.import_id))
            .filter(Column::Line.eq(row.line))
            .filter(Column::Field.eq(row.field))
            .exec(conn)
            .await
            .map_err(store_error)?;
        forgotten += done.rows_affected;
    }
    Ok(forgotten)
}

/// Of what the person did to these things, the log no longer tells from where; and no entry tells the address.
pub(super) async fn forget_in_log(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    things: &[Uuid],
    key: &str,
) -> Result<u64, StoreError> {
    use audit_log::Column;
    let by_them = Condition::all()
        .add(Column::TargetId.is_in(things.iter().copied()))
        .add(Column::ActorKind.is_in([ActorKind::Recipient.as_str(), ActorKind::Visitor.as_str()]))
        .add(
            Condition::any()
                .add(Column::Ip.is_not_null())
                .add(Column::UserAgent.is_not_null()),
        );
    let about_them = Condition::any()
        .add(by_them)
        .add(json_mentions(conn, Column::Before, key))
        .add(json_mentions(conn, Column::After, key));
    let key = key.to_owned();
    rewrite_log(conn, organization, about_them, |row| {
        let by_them = row.target_id.is_some_and(|target| things.contains(&target))
            && [ActorKind::Recipient, ActorKind::Visitor]
                .iter()
                .any(|kind| kind.as_str() == row.actor_kind);
        let values = [&row.before, &row.after];
        let named = values
            .into_iter()
            .flatten()
            .any(|value| address::json_mentions(value, &key));
        if !by_them && !named {
            return false;
        }
        row.ip = None;
        row.user_agent = None;
        for value in [&mut row.before, &mut row.after].into_iter().flatten() {
            replace(value, &key);
        }
        true
    })
    .await
}

/// The database refuses to change an entry, so it goes and comes back, with its id and its time. How many they were, without
/// those that `change` leaves alone.
pub(super) async fn rewrite_log(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    which: Condition,
    change: impl Fn(&mut audit_log::Model) -> bool,
) -> Result<u64, StoreError> {
    use audit_log::{Column, Entity};
    let of_organization = || Column::OrganizationId.eq(organization);
    let mut rows = Entity::find()
        .filter(of_organization())
        .filter(which)
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.retain_mut(change);
    // Fourteen values each.
    for rows in rows.chunks(KEYS / 8) {
        Entity::delete_many()
            .filter(of_organization())
            .filter(Column::Id.is_in(rows.iter().map(|row| row.id)))
            .exec(conn)
            .await
            .map_err(store_error)?;
        Entity::insert_many(rows.iter().map(|row| row.clone().into_active_model()))
            .exec_without_returning(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(rows.len() as u64)
}

/// Every text that has the address in it.
fn replace(value: &mut Value, key: &str) {
    match value {
        Value::String(text) if address::mentions(text, key) => "erased".clone_into(text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, key)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, key)),
        _ => {}
    }
}
