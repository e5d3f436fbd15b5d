//! Domains, and what they sent on a day.

use crate::codec::{from_json, to_json};
use crate::dialect::{self, execute, statement};
use crate::entity::email_domains::{self, Column, Entity, Model};
use crate::error::store_error;
use crate::keyset;
use chrono::NaiveDate;
use groundswell_domain::email::{DomainDay, SendingDomain, SendingDomainSort};
use groundswell_domain::paging::CursorValue;
use groundswell_domain::{Page, PageRequest, SendingDomainId, StoreError};
use sea_orm::{
    ActiveModelTrait, ActiveValue, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use uuid::Uuid;

const DELETE: &str = "DELETE FROM email_domains WHERE organization_id = $1 AND id = $2";
const COUNT: &str = "SELECT COUNT(*) FROM email_domains WHERE organization_id = $1";
const OPEN_DAY: &str = "INSERT INTO email_domain_days (organization_id, domain_id, day, sent) VALUES ($1, $2, $3, 0) \
    ON CONFLICT (organization_id, domain_id, day) DO NOTHING";
const DAYS_BEFORE: &str = "SELECT COUNT(*) FROM email_domain_days \
    WHERE organization_id = $1 AND domain_id = $2 AND day < $3 AND sent > 0";
const COUNT_DAY: &str = "UPDATE email_domain_days SET sent = sent + $4 \
    WHERE organization_id = $1 AND domain_id = $2 AND day = $3";
const UNCOUNT_DAY: &str = "UPDATE email_domain_days SET sent = CASE WHEN sent > $4 THEN sent - $4 ELSE 0 END \
    WHERE organization_id = $1 AND domain_id = $2 AND day = $3";

fn row(organization: Uuid, domain: &SendingDomain) -> Result<Model, StoreError> {
    Ok(Model {
        organization_id: organization,
        id: domain.id.0,
        domain: domain.domain.clone(),
        client_id: domain.client_id.map(Into::into),
        mail_from: domain.from.as_ref().map(to_json).transpose()?,
        keys: to_json(&domain.keys)?,
        checks: to_json(&domain.checks)?,
        verified_at: domain.verified_at,
        warmup: domain.warmup,
        created_at: domain.created_at,
        updated_at: domain.updated_at,
        version: domain.version,
        check_at: domain.check_at,
    })
}

pub(super) fn domain(row: Model) -> Result<SendingDomain, StoreError> {
    Ok(SendingDomain {
        id: row.id.into(),
        domain: row.domain,
        client_id: row.client_id.map(Into::into),
        from: row
            .mail_from
            .map(|from| from_json("email_domains.mail_from", from))
            .transpose()?,
        keys: from_json("email_domains.keys", row.keys)?,
        checks: from_json("email_domains.checks", row.checks)?,
        verified_at: row.verified_at,
        check_at: row.check_at,
        warmup: row.warmup,
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    })
}

pub(super) async fn insert(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: &SendingDomain,
) -> Result<(), StoreError> {
    Entity::insert(row(organization, domain)?.into_active_model())
        .exec_without_returning(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

pub(super) async fn list(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    page: &PageRequest<SendingDomainSort>,
) -> Result<Page<SendingDomain>, StoreError> {
    let field = page.sort.field;
    let sort = match field {
        SendingDomainSort::CreatedAt => Column::CreatedAt,
        SendingDomainSort::Domain => Column::Domain,
    };
    let place = |row: &Model| {
        let value = match field {
            SendingDomainSort::CreatedAt => CursorValue::Time(row.created_at),
            SendingDomainSort::Domain => CursorValue::Text(row.domain.clone()),
        };
        (value, row.id)
    };
    let select = Entity::find().filter(Column::OrganizationId.eq(organization));
    keyset::page(conn, select, (sort, Column::Id), page, place, domain).await
}

pub(super) async fn count(conn: &impl ConnectionTrait, organization: Uuid) -> Result<u64, StoreError> {
    number(
        conn.query_one_raw(statement(conn, COUNT, [organization.into()]))
            .await,
    )
}

pub(super) async fn verified(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    limit: u32,
) -> Result<Vec<SendingDomain>, StoreError> {
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::VerifiedAt.is_not_null())
        .order_by_asc(Column::Domain)
        .limit(u64::from(limit))
        .all(conn)
        .await
        .map_err(store_error)?;
    rows.into_iter().map(domain).collect()
}

pub(super) async fn update(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: &SendingDomain,
    expected: i32,
) -> Result<bool, StoreError> {
    let mut change = email_domains::ActiveModel {
        version: ActiveValue::Set(expected + 1),
        ..row(organization, domain)?.into_active_model().reset_all()
    };
    for column in [
        Column::OrganizationId,
        Column::Id,
        Column::Domain,
        Column::ClientId,
        Column::CreatedAt,
    ] {
        change.not_set(column);
    }
    let done = Entity::update_many()
        .set(change)
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.eq(domain.id.0))
        .filter(Column::Version.eq(expected))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected == 1)
}

pub(super) async fn delete(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    id: SendingDomainId,
) -> Result<bool, StoreError> {
    let values = [organization.into(), id.0.into()];
    Ok(execute(conn, DELETE, values).await.map_err(store_error)? == 1)
}

pub(super) async fn open_day(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: SendingDomainId,
    day: NaiveDate,
) -> Result<DomainDay, StoreError> {
    let key = || [organization.into(), domain.0.into(), day.into()];
    execute(conn, OPEN_DAY, key()).await.map_err(store_error)?;
    let sent = number(conn.query_one_raw(dialect::sent_on_day(conn, key())).await)?;
    let days_before = number(conn.query_one_raw(statement(conn, DAYS_BEFORE, key())).await)?;
    let small = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(DomainDay {
        days_before: small(days_before),
        sent: small(sent),
    })
}

pub(super) async fn count_day(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: SendingDomainId,
    day: NaiveDate,
    mails: u32,
) -> Result<(), StoreError> {
    let values = [
        organization.into(),
        domain.0.into(),
        day.into(),
        i64::from(mails).into(),
    ];
    execute(conn, COUNT_DAY, values).await.map_err(store_error)?;
    Ok(())
}

pub(super) async fn uncount_day(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    domain: SendingDomainId,
    day: NaiveDate,
    mails: u32,
) -> Result<(), StoreError> {
    let values = [
        organization.into(),
        domain.0.into(),
        day.into(),
        i64::from(mails).into(),
    ];
    execute(conn, UNCOUNT_DAY, values).await.map_err(store_error)?;
    Ok(())
}

/// The one number that a query answers with.
fn number(row: Result<Option<sea_orm::QueryResult>, sea_orm::DbErr>) -> Result<u64, StoreError> {
    let number: i64 = row
        .map_err(store_error)?
        .map_or(Ok(0), |row| row.try_get_by_index(0))
        .map_err(store_error)?;
    Ok(number.unsigned_abs())
}
