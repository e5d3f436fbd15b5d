//! What counts against the frequency caps of leads.
//!
//! Two questions, each a range of the index by lead and time of sending: what was sent, and what has no such time yet.

use crate::entity::email_messages::{Column, Entity};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{MessageStatus, Touch};
use groundswell_domain::ids::LeadId;
use sea_orm::sea_query::{Expr, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

/// Leads in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const LEADS: usize = 8_192;

/// Kinds of mail that are marketing, in the words of their index.
const MARKETING: &str = "email_messages.kind IN ('campaign', 'sequence')";

/// The mail is marketing. Not as parameters: the planner would not know that the index has such mails.
pub(crate) fn marketing() -> SimpleExpr {
    Expr::cust(MARKETING)
}

type Row = (Option<Uuid>, Uuid, String, Option<DateTime<Utc>>, DateTime<Utc>);

pub(super) async fn touches(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[LeadId],
    since: DateTime<Utc>,
    except: Uuid,
) -> Result<Vec<Touch>, StoreError> {
    let mut found = Vec::new();
    for leads in leads.chunks(LEADS) {
        let to_them = || {
            Entity::find()
                .filter(Column::OrganizationId.eq(organization))
                .filter(Column::LeadId.is_in(padded(leads.iter().map(|lead| lead.0))))
                .filter(marketing())
        };
        let sent = to_them().filter(Column::SentAt.gt(since));
        let held = [MessageStatus::Claimed, MessageStatus::Sending].map(MessageStatus::as_str);
        let elsewhere = Condition::any()
            .add(Column::LeaseToken.is_null())
            .add(Column::LeaseToken.ne(except));
        let leaving = Condition::all().add(Column::Status.is_in(held)).add(elsewhere);
        // It may have been sent when its worker was lost.
        let in_doubt = Condition::all()
            .add(Column::Status.eq(MessageStatus::Unknown.as_str()))
            .add(Column::UpdatedAt.gt(since));
        let others = to_them()
            .filter(Column::SentAt.is_null())
            .filter(Condition::any().add(leaving).add(in_doubt));
        for select in [sent, others] {
            found.extend(read(conn, select).await?);
        }
    }
    Ok(found)
}

async fn read(conn: &impl ConnectionTrait, select: Select<Entity>) -> Result<Vec<Touch>, StoreError> {
    let columns = [
        Column::LeadId,
        Column::Id,
        Column::Status,
        Column::SentAt,
        Column::UpdatedAt,
    ];
    let rows: Vec<Row> = select
        .select_only()
        .columns(columns)
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    let unknown = MessageStatus::Unknown.as_str();
    let touch = |(lead, id, status, sent, updated): Row| {
        Some(Touch {
            lead_id: lead?.into(),
            message_id: id.into(),
            at: sent.or((status == unknown).then_some(updated)),
        })
    };
    Ok(rows.into_iter().filter_map(touch).collect())
}
