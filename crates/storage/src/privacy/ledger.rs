//! Takes a person out of the ledger of mails. The rows stay, for they are what campaigns are counted by.

use super::lead::KEYS;
use crate::campaigns::count;
use crate::dialect;
use crate::email::anonymize_visits;
pub(super) use crate::entity::email_messages::Column;
use crate::entity::{email_contents, email_events, email_messages, outbox_mails};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::campaigns::MetricsDelta;
use groundswell_domain::email::{EmailAddress, MessageKind, MessageStatus};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A row that was found, and is locked.
pub(super) struct Mail {
    pub id: Uuid,
    campaign: Option<Uuid>,
    status: String,
}

/// States in which nothing was sent yet, and nothing will be.
const WAITING: [MessageStatus; 2] = [MessageStatus::Queued, MessageStatus::Claimed];

impl Mail {
    pub fn waits(&self) -> bool {
        WAITING.iter().any(|status| status.as_str() == self.status)
    }
}

/// What of a mail is somebody else's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Nothing,
    /// The mail is about the person, and to a colleague.
    Recipient,
}

#[derive(Default)]
pub(super) struct Done {
    pub messages: u64,
    pub contents: u64,
    pub events: u64,
    pub outbox: u64,
}

/// Rows of these kinds under a condition, locked in the order of their ids.
pub(super) async fn find(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    condition: Condition,
    kinds: &[MessageKind],
) -> Result<Vec<Mail>, StoreError> {
    let mut query = email_messages::Entity::find()
        .select_only()
        .columns([Column::Id, Column::CampaignId, Column::Status])
        .filter(Column::OrganizationId.eq(organization))
        .filter(condition)
        .filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
        .order_by_asc(Column::Id)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let rows = conn.query_all(&query).await.map_err(store_error)?;
    rows.iter()
        .map(|row| {
            let (id, campaign, status) = row.try_get_many_by_index().map_err(store_error)?;
            Ok(Mail { id, campaign, status })
        })
        .collect()
}

/// What waits is not sent. A mail on its way goes on: how it ended is still to be told, but not what the server said.
pub(super) async fn anonymize(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    mails: &[Mail],
    keep: Keep,
    now: DateTime<Utc>,
) -> Result<Done, StoreError> {
    let mut done = Done::default();
    for mails in mails.chunks(KEYS) {
        let ids: Vec<Uuid> = mails.iter().map(|mail| mail.id).collect();
        done.messages += rows(conn, organization, &ids, keep, now).await?;
        done.contents += email_contents::Entity::delete_many()
            .filter(email_contents::Column::OrganizationId.eq(organization))
            .filter(email_contents::Column::MessageId.is_in(ids.iter().copied()))
            .exec(conn)
            .await
            .map_err(store_error)?
            .rows_affected;
        if keep == Keep::Nothing {
            done.events += events(conn, organization, &ids).await?;
            done.events += anonymize_visits(conn, organization, &ids).await?;
        }
        done.outbox += outbox_mails::Entity::delete_many()
            .filter(outbox_mails::Column::OrganizationId.eq(organization))
            .filter(outbox_mails::Column::Id.is_in(ids.iter().copied()))
            .exec(conn)
            .await
            .map_err(store_error)?
            .rows_affected;
        let waiting = mails.iter().filter(|mail| mail.waits());
        let waiting: Vec<Uuid> = waiting.map(|mail| mail.id).collect();
        suppress(conn, organization, &waiting).await?;
    }
    let mut suppressed = BTreeMap::<Uuid, i64>::new();
    for campaign in mails
        .iter()
        .filter(|mail| mail.waits())
        .filter_map(|mail| mail.campaign)
    {
        *suppressed.entry(campaign).or_default() += 1;
    }
    for (campaign, mails) in suppressed {
        let mut delta = MetricsDelta::default();
        delta.count(MessageStatus::Suppressed, mails);
        count(conn, organization, campaign, &delta).await?;
    }
    Ok(done)
}

async fn rows(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
    keep: Keep,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    let mut update = email_messages::Entity::update_many()
        .col_expr(Column::Subject, Expr::val(None::<String>))
        .col_expr(Column::Reason, Expr::val(None::<String>))
        .col_expr(Column::UpdatedAt, Expr::val(now))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(ids.iter().copied()));
    if keep == Keep::Nothing {
        let nobody = EmailAddress::erased();
        update = update
            .col_expr(Column::ToEmail, Expr::val(nobody.as_str()))
            .col_expr(Column::ToKey, Expr::val(nobody.key()))
            .col_expr(Column::LeadId, Expr::val(None::<Uuid>));
    }
    Ok(update.exec(conn).await.map_err(store_error)?.rows_affected)
}

async fn suppress(conn: &impl ConnectionTrait, organization: Uuid, ids: &[Uuid]) -> Result<(), StoreError> {
    email_messages::Entity::update_many()
        .col_expr(Column::Status, Expr::val(MessageStatus::Suppressed.as_str()))
        .col_expr(Column::Reason, Expr::val("erased"))
        .col_expr(Column::LeaseToken, Expr::val(None::<Uuid>))
        .col_expr(Column::LeaseUntil, Expr::val(None::<DateTime<Utc>>))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::Id.is_in(ids.iter().copied()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Programs that read mail, and addresses of links, can name a person; that there was an open or a click stays.
async fn events(conn: &impl ConnectionTrait, organization: Uuid, ids: &[Uuid]) -> Result<u64, StoreError> {
    use email_events::Column;
    let done = email_events::Entity::update_many()
        .col_expr(Column::Url, Expr::val(None::<String>))
        .col_expr(Column::UserAgent, Expr::val(None::<String>))
        .col_expr(Column::Network, Expr::val(None::<String>))
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::MessageId.is_in(ids.iter().copied()))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(done.rows_affected)
}
