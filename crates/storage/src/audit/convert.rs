//! Between rows and entries.

use crate::codec::parse;
use crate::entity::audit_log::Model;
use groundswell_domain::StoreError;
use groundswell_domain::audit::{AuditActor, AuditEntry, Target};
use uuid::Uuid;

pub(super) fn entry(row: Model) -> Result<AuditEntry, StoreError> {
    let target = row.target_type.as_deref().zip(row.target_id);
    Ok(AuditEntry {
        id: row.id.into(),
        created_at: row.created_at,
        actor: AuditActor {
            kind: parse("audit_log.actor_kind", &row.actor_kind)?,
            user_id: row.actor_user_id.map(Into::into),
            api_key_id: row.actor_api_key_id.map(Into::into),
        },
        action: parse("audit_log.action", &row.action)?,
        target: target
            .map(|(kind, id)| {
                let kind = parse("audit_log.target_type", kind)?;
                Ok::<_, StoreError>(Target { kind, id })
            })
            .transpose()?,
        ip: row.ip.map(|ip| parse("audit_log.ip", &ip)).transpose()?,
        user_agent: row.user_agent,
        request_id: row.request_id.into(),
        before: row.before,
        after: row.after,
    })
}

pub(super) fn row(organization: Uuid, entry: &AuditEntry) -> Model {
    Model {
        organization_id: organization,
        id: entry.id.0,
        actor_kind: entry.actor.kind.as_str().to_owned(),
        actor_user_id: entry.actor.user_id.map(Into::into),
        actor_api_key_id: entry.actor.api_key_id.map(Into::into),
        action: entry.action.as_str().to_owned(),
        target_type: entry.target.map(|target| target.kind.as_str().to_owned()),
        target_id: entry.target.map(|target| target.id),
        ip: entry.ip.map(|ip| ip.to_string()),
        user_agent: entry.user_agent.clone(),
        request_id: entry.request_id.0,
        before: entry.before.clone(),
        after: entry.after.clone(),
        created_at: entry.created_at,
    }
}
