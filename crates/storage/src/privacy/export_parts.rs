//! What is read for an export: rows as JSON, without what is secret.

use crate::entity::{api_keys, campaigns, email_contents, email_messages, one_time_tokens, sessions};
use crate::error::store_error;
use crate::keys::padded;
use groundswell_domain::StoreError;
use groundswell_domain::identity::User;
use groundswell_domain::privacy::ExportPart;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
};
use serde_json::{Value, json};
use std::collections::HashMap;
use uuid::Uuid;

type Rows = (Vec<Value>, Option<Uuid>);

/// The rows after an id, in the order of ids.
async fn rows<E: EntityTrait<Model: Send + Sync>>(
    conn: &impl ConnectionTrait,
    select: Select<E>,
    id: E::Column,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<E::Model>, StoreError> {
    select
        .apply_if(after, |select, after| select.filter(id.gt(after)))
        .order_by_asc(id)
        .limit(u64::from(limit))
        .all(conn)
        .await
        .map_err(store_error)
}

/// Where the next page starts: after the last row, unless this page was the last one.
fn next<M>(rows: &[M], limit: u32, id: impl Fn(&M) -> Uuid) -> Option<Uuid> {
    rows.last().filter(|_| rows.len() >= limit as usize).map(id)
}

pub(super) async fn page(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: &User,
    part: ExportPart,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Rows, StoreError> {
    macro_rules! of_user {
        ($table:ident by $column:ident, $row:ident => $json:expr) => {{
            use $table::{Column, Entity};
            let select = Entity::find()
                .filter(Column::OrganizationId.eq(organization))
                .filter(Column::$column.eq(user.id.0));
            let found = rows(conn, select, Column::Id, after, limit).await?;
            let next = next(&found, limit, |row| row.id);
            Ok((found.into_iter().map(|$row| $json).collect(), next))
        }};
    }
    match part {
        ExportPart::Sessions => of_user!(sessions by UserId, row => json!({
            "id": row.id, "created_at": row.created_at, "last_used_at": row.rotated_at,
            "ended_at": row.revoked_at, "ip": row.ip, "user_agent": row.user_agent,
        })),
        ExportPart::ApiKeys => of_user!(api_keys by UserId, row => json!({
            "id": row.id, "name": row.name, "prefix": row.prefix, "scopes": row.scopes,
            "created_at": row.created_at, "expires_at": row.expires_at, "last_used_at": row.last_used_at,
        })),
        ExportPart::AccountLinks => of_user!(one_time_tokens by UserId, row => json!({
            "id": row.id, "purpose": row.purpose, "created_at": row.created_at,
            "expires_at": row.expires_at, "used_at": row.used_at,
        })),
        ExportPart::Campaigns => of_user!(campaigns by CreatedBy, row => json!({
            "type": "campaign", "id": row.id, "name": row.name, "created_at": row.created_at,
        })),
        ExportPart::Mails => mails(conn, organization, user, after, limit).await,
    }
}

async fn mails(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: &User,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Rows, StoreError> {
    use email_messages::{Column, Entity};
    let select = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::ToKey.eq(user.email.key()));
    let found = rows(conn, select, Column::Id, after, limit).await?;
    let contents = email_contents::Entity::find()
        .filter(email_contents::Column::OrganizationId.eq(organization))
        .filter(email_contents::Column::MessageId.is_in(padded(found.iter().map(|row| row.id))))
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut contents: HashMap<Uuid, _> = contents.into_iter().map(|row| (row.message_id, row)).collect();
    let next = next(&found, limit, |row| row.id);
    let rows = found.into_iter().map(|row| {
        let content = contents.remove(&row.id);
        json!({
            "id": row.id, "kind": row.kind, "to": row.to_email, "status": row.status, "created_at": row.created_at,
            "sent_at": row.sent_at, "opened_at": row.opened_at, "clicked_at": row.clicked_at,
            "subject": row.subject, "html": content.as_ref().map(|content| content.html.as_str()),
            "text": content.as_ref().map(|content| content.text.as_str()),
        })
    });
    Ok((rows.collect(), next))
}
