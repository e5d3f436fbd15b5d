//! What an import did, and how it is taken back.
//!
//! Of each lead that an import updates, the row as it was is kept as JSON: all columns, also those that the domain does not
//! know, so that an undo leaves exactly what was there. A lead that is at another version than the import left it at, or has
//! mails, answers, points or consents of later, is somebody's work by now and stays.

use super::counters::Changes;
use crate::codec::{from_json, parse, to_json};
use crate::dialect::{self, execute};
use crate::entity::{consents, email_messages, lead_import_changes, leads, score_entries, submissions};
use crate::error::store_error;
use crate::keys::padded;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::ids::{ImportId, LeadId};
use groundswell_domain::leads::{KeptLead, Mark, UndoCounts};
use lead_import_changes::{Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use std::collections::{BTreeMap, HashMap, HashSet};
use uuid::Uuid;

const START: &str = "UPDATE lead_imports SET status = 'undoing' WHERE organization_id = $1 AND id = $2 \
    AND NOT dry_run AND status IN ('succeeded', 'failed', 'undoing')";

const END: &str =
    "UPDATE lead_imports SET status = 'undone' WHERE organization_id = $1 AND id = $2 AND status = 'undoing'";

const COUNT: &str = "UPDATE lead_imports SET undo_deleted = undo_deleted + $3, undo_restored = undo_restored + $4, \
    undo_kept = undo_kept + $5 WHERE organization_id = $1 AND id = $2 AND status = 'undoing' RETURNING created_at";

const CHANGED: &str = "was changed after the import";
const ACTIVE: &str = "has mails, answers, points or consents of after the import";

/// Keys in one list, below the smaller limit of bound values (32,766, of `SQLite`).
const KEYS: usize = 8_192;

fn word(mark: Mark) -> &'static str {
    match mark {
        Mark::Created => "created",
        Mark::Updated => "updated",
        Mark::Consented => "consented",
    }
}

pub(super) async fn mark(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[(LeadId, Mark)],
) -> Result<(), StoreError> {
    for leads in leads.chunks(KEYS) {
        let updated = leads.iter().filter(|(_, mark)| *mark == Mark::Updated);
        let updated: Vec<Uuid> = updated.map(|(id, _)| id.0).collect();
        let mut before: HashMap<Uuid, leads::Model> = rows_of(conn, organization, &updated).await?;
        let mut rows = Vec::with_capacity(leads.len());
        for (id, mark) in leads {
            let former = before.remove(&id.0);
            let version = former.as_ref().map(|row| row.version + 1);
            rows.push(Model {
                organization_id: organization,
                import_id: import.0,
                lead_id: id.0,
                mark: word(*mark).to_owned(),
                before: former.as_ref().map(to_json).transpose()?,
                version_after: version.or((*mark == Mark::Created).then_some(1)),
                kept: None,
            });
        }
        rows.sort_by_key(|row| row.lead_id);
        let unique = [Column::OrganizationId, Column::ImportId, Column::LeadId];
        let added = dialect::insert_new::<Entity>(conn, rows, &unique, &[Column::LeadId]).await?;
        let mut new = HashSet::with_capacity(added.len());
        for row in added {
            new.insert(row.try_get_by_index::<Uuid>(0).map_err(store_error)?);
        }
        let again: Vec<Uuid> = updated.into_iter().filter(|id| !new.contains(id)).collect();
        came_again(conn, organization, import, &again).await?;
    }
    Ok(())
}

/// Leads of this import that it updates once more: the first row is kept, the version moves on. One that had only got a
/// consent gets its row now.
async fn came_again(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    import: ImportId,
    leads: &[Uuid],
) -> Result<(), StoreError> {
    if leads.is_empty() {
        return Ok(());
    }
    let these = || {
        Condition::all()
            .add(Column::OrganizationId.eq(organization))
            .add(Column::ImportId.eq(import.0))
            .add(Column::LeadId.is_in(padded(leads.iter().copied())))
    };
    Entity::update_many()
        .col_expr(
            Column::VersionAfter,
            Expr::col(Column::VersionAfter.as_column_ref()).add(1),
        )
        .filter(these())
        .filter(Column::VersionAfter.is_not_null())
        .exec(conn)
        .await
        .map_err(store_error)?;
    let bare: Vec<Uuid> = Entity::find()
        .select_only()
        .column(Column::LeadId)
        .filter(these())
        .filter(Column::VersionAfter.is_null())
        .into_tuple()
        .all(conn)
        .await
        .map_err(store_error)?;
    for (id, row) in rows_of(conn, organization, &bare).await? {
        Entity::update_many()
            .col_expr(Column::Mark, Expr::val(word(Mark::Updated)))
            .col_expr(Column::Before, Expr::val(to_json(&row)?))
            .col_expr(Column::VersionAfter, Expr::val(row.version + 1))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::ImportId.eq(import.0))
            .filter(Column::LeadId.eq(id))
            .exec(conn)
            .await
            .map_err(store_error)?;
    }
    Ok(())
}

/// Locked until the transaction ends, in the order in which others lock them.
async fn rows_of(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, leads::Model>, StoreError> {
    use sea_orm::FromQueryResult;
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = leads::Entity::find()
        .filter(leads::Column::OrganizationId.eq(organization))
        .filter(leads::Column::Id.is_in(padded(ids.iter().copied())))
        .order_by_asc(leads::Column::EmailKey)
        .into_query();
    dialect::lock_for_update(conn, &mut query);
    let mut found = HashMap::with_capacity(ids.len());
    for row in conn.query_all(&query).await.map_err(store_error)? {
        let row = leads::Model::from_query_result(&row, "").map_err(store_error)?;
        found.insert(row.id, row);
    }
    Ok(found)
}

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
) -> Result<UndoCounts, StoreError> {
    // Before anything else, so that of two workers the second waits here.
    let Some(since) = count(conn, organization, import, UndoCounts::default()).await? else {
        return Ok(UndoCounts::default());
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
        return Ok(UndoCounts::default());
    }
    let ids: Vec<Uuid> = changes.iter().map(|change| change.lead_id).collect();
    let now = rows_of(conn, organization, &ids).await?;
    take_consents(conn, organization, import, &ids).await?;
    let active = active(conn, organization, &ids, since).await?;

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
    for statement in dialect::restore_leads(conn, organization, former)? {
        conn.execute_raw(statement).await.map_err(store_error)?;
    }
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
    Ok(counts)
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

/// Which of these leads something hangs on that is not older than the import.
async fn active(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    leads: &[Uuid],
    since: DateTime<Utc>,
) -> Result<HashSet<Uuid>, StoreError> {
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
    Ok(later!(submissions, email_messages, score_entries, consents))
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
