//! What an import did, and how it is taken back.
//!
//! Of each lead that an import updates, the row as it was is kept as JSON: all columns, also those that the domain does not
//! know, so that an undo leaves exactly what was there. A lead that is at another version than the import left it at, or has
//! mails, answers, consents or events of later, is somebody's work by now and stays. Points are nobody's work: they follow
//! from the lead and its events, and whoever undoes has them computed again.

use super::counters::Changes;
use super::marks::{rows_of, word};
use crate::codec::{from_json, parse};
use crate::dialect::{self, execute};
use crate::entity::{
    clients, consents, email_messages, lead_events, lead_import_changes, leads, submissions,
};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::ids::{ImportId, LeadId};
use groundswell_domain::leads::{KeptLead, LeadEventKind, Mark, UndoCounts, Undone};
use lead_import_changes::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::{BTreeMap, HashSet};
use uuid::Uuid;

const START: &str = "UPDATE lead_imports SET status = 'undoing' WHERE organization_id = $1 AND id = $2 \
    AND NOT dry_run AND status IN ('succeeded', 'failed', 'undoing')";

const END: &str =
    "UPDATE lead_imports SET status = 'undone' WHERE organization_id = $1 AND id = $2 AND status = 'undoing'";

const COUNT: &str = "UPDATE lead_imports SET undo_deleted = undo_deleted + $3, undo_restored = undo_restored + $4, \
    undo_kept = undo_kept + $5 WHERE organization_id = $1 AND id = $2 AND status = 'undoing' RETURNING created_at";

const CHANGED: &str = "was changed after the import";
const ACTIVE: &str = "has mails, answers, consents, notes or other events of after the import";

pub(super) async fn start(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
) -> Result<bool, StoreError> {
    let values = [organization.into(), import.0.into()];
    Ok(execute(conn, START, values).await.map_err(store_error)? == 1)
}

pub(super) async fn end(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
) -> Result<(), StoreError> {
    let values = [organization.into(), import.0.into()];
    execute(conn, END, values).await.map_err(store_error)?;
    Ok(())
}

pub(super) async fn undo(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    limit: u32,
) -> Result<Undone, StoreError> {
    // Before anything else, so that of two workers the second waits here.
    let Some(since) = count(conn, organization, import, UndoCounts::default()).await? else {
        return Ok(Undone::default());
    };
    let changes: Vec<Model> = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::ImportId.eq(import.0))
        .filter(Column::Kept.is_null())
        .order_by_asc(Column::LeadId)
        .limit(u64::from(limit))
        .all(conn)
        .await
        .map_err(store_error)?;
    if changes.is_empty() {
        return Ok(Undone::default());
    }
    let ids: Vec<Uuid> = changes.iter().map(|change| change.lead_id).collect();
    let now = rows_of(conn, organization, &ids).await?;
    take_consents(conn, organization, import, &ids).await?;
    let active = active(conn, organization, import, &ids, since).await?;

    let mut counts = UndoCounts::default();
    let mut counters = Changes::default();
    let (mut gone, mut former) = (Vec::new(), Vec::new());
    let mut kept: BTreeMap<&str, Vec<Uuid>> = BTreeMap::new();
    for change in changes {
        let Some(row) = now.get(&change.lead_id) else {
            continue;
        };
        if change.mark == word(Mark::Consented) {
            counts.restored += 1;
        } else if change.version_after != Some(row.version) {
            kept.entry(CHANGED).or_default().push(row.id);
            counts.kept += 1;
        } else if active.contains(&row.id) {
            kept.entry(ACTIVE).or_default().push(row.id);
            counts.kept += 1;
        } else if let Some(before) = change.before {
            let before: leads::Model = from_json("lead_import_changes.before", before)?;
            counters.count(parse("leads.status", &row.status)?, -1);
            counters.count(parse("leads.status", &before.status)?, 1);
            former.push(before);
            counts.restored += 1;
        } else {
            counters.count(parse("leads.status", &row.status)?, -1);
            gone.push(row.id);
            counts.deleted += 1;
        }
    }
    let restored: Vec<Uuid> = former.iter().map(|row| row.id).collect();
    without_lost_clients(conn, organization, &mut former).await?;
    for statement in dialect::restore_leads(conn, organization, former)? {
        conn.execute_raw(statement).await.map_err(store_error)?;
    }
    take_events(conn, organization, import, &restored).await?;
    if !gone.is_empty() {
        leads::Entity::delete_many()
            .filter(leads::Column::OrganizationId.eq(organization))
            .filter(leads::Column::Id.is_in(padded(gone)))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    counters.write(conn, organization).await?;
    settle(conn, organization, import, &ids, kept).await?;
    count(conn, organization, import, counts).await?;
    Ok(Undone {
        counts,
        restored: restored.into_iter().map(Into::into).collect(),
    })
}

/// A client that was deleted since left its leads without one, and that is no change of theirs.
async fn without_lost_clients(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &mut [leads::Model],
) -> Result<(), StoreError> {
    let named: HashSet<Uuid> = leads.iter().filter_map(|lead| lead.client_id).collect();
    if named.is_empty() {
        return Ok(());
    }
    let there: Vec<Uuid> = clients::Entity::find()
        .select_only()
        .column(clients::Column::Id)
        .filter(clients::Column::OrganizationId.eq(organization))
        .filter(clients::Column::Id.is_in(padded(named)))
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    for lead in leads {
        lead.client_id = lead.client_id.filter(|client| there.contains(client));
    }
    Ok(())
}

/// What the import itself did to these leads did not happen.
async fn take_events(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[Uuid],
) -> Result<(), StoreError> {
    use lead_events::Column;
    if leads.is_empty() {
        return Ok(());
    }
    lead_events::Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(leads.iter().copied())))
        .filter(Column::Kind.eq(LeadEventKind::StageChanged.as_str()))
        .filter(Column::Subject.eq(import.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Adds to the counts of the import; when it was begun, if it is being undone.
async fn count(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    counts: UndoCounts,
) -> Result<Option<DateTime<Utc>>, StoreError> {
    let values = [
        organization.into(),
        import.0.into(),
        counts.deleted.into(),
        counts.restored.into(),
        counts.kept.into(),
    ];
    let statement = dialect::statement(conn, COUNT, values);
    let row = conn.query_one_raw(statement).await.map_err(store_error)?;
    row.map(|row| row.try_get_by_index(0).map_err(store_error))
        .transpose()
}

/// Notes which leads are kept, without their former rows, and forgets the other marks.
async fn settle(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    done: &[Uuid],
    kept: BTreeMap<&str, Vec<Uuid>>,
) -> Result<(), StoreError> {
    let of_import = || {
        Condition::all()
            .add(Column::OrganizationId.eq(organization))
            .add(Column::ImportId.eq(import.0))
    };
    for (why, leads) in kept {
        Entity::update_many()
            .col_expr(Column::Kept, Expr::val(why))
            .col_expr(Column::Before, Expr::val(None::<serde_json::Value>))
            .filter(of_import())
            .filter(Column::LeadId.is_in(padded(leads)))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Entity::delete_many()
        .filter(of_import())
        .filter(Column::LeadId.is_in(padded(done.iter().copied())))
        .filter(Column::Kept.is_null())
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Whoever imported the file said what was not so.
async fn take_consents(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[Uuid],
) -> Result<(), StoreError> {
    use consents::Column;
    consents::Entity::delete_many()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(leads.iter().copied())))
        .filter(Column::ImportId.eq(import.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    Ok(())
}

/// Which of these leads something hangs on that is not older than the import, and not the import's own.
async fn active(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[Uuid],
    since: DateTime<Utc>,
) -> Result<HashSet<Uuid>, StoreError> {
    use lead_events::Column;
    macro_rules! later {
        ($($table:ident),*) => {{
            let mut active = HashSet::new();
            $({
                use $table::{Column, Entity};
                let found: Vec<Option<Uuid>> = Entity::find()
                    .select_only()
                    .column(Column::LeadId)
                    .distinct()
                    .filter(Column::OrganizationId.eq(organization))
                    .filter(Column::LeadId.is_in(padded(leads.iter().copied())))
                    .filter(Column::CreatedAt.gte(since))
                    .into_tuple()
                    .all(conn)
                    .await
                    .map_err(store_error)?;
                active.extend(found.into_iter().flatten());
            })*
            active
        }};
    }
    let mut active = later!(submissions, email_messages, consents);
    let others = Condition::any()
        .add(Column::Subject.is_null())
        .add(Column::Subject.ne(import.0));
    let found: Vec<Uuid> = lead_events::Entity::find()
        .select_only()
        .column(Column::LeadId)
        .distinct()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::LeadId.is_in(padded(leads.iter().copied())))
        .filter(Column::OccurredAt.gte(since))
        .filter(others)
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    active.extend(found);
    Ok(active)
}

pub(super) async fn kept(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    after: Option<LeadId>,
    limit: u32,
) -> Result<Vec<KeptLead>, StoreError> {
    let rows = Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(Column::ImportId.eq(import.0))
        .filter(Column::Kept.is_not_null())
        .apply_if(after, |select, id| select.filter(Column::LeadId.gt(id.0)))
        .order_by_asc(Column::LeadId)
        .limit(u64::from(limit))
        .all(conn)
        .await
        .map_err(store_error)?;
    let kept = |row: Model| KeptLead {
        lead_id: row.lead_id.into(),
        reason: row.kept.unwrap_or_default(),
    };
    Ok(rows.into_iter().map(kept).collect())
}
