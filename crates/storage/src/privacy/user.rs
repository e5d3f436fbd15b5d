//! Erases a person's account.

use super::{ledger, traces};
use crate::dialect::{self, json_mentions};
use crate::entity::{
    api_keys, audit_log, campaigns, consents, data_exports, forms, one_time_tokens, outreach_drafts,
    sessions, slot_answers, stage_holds,
};
use crate::error::store_error;
use chrono::{DateTime, Utc};
use groundswell_domain::StoreError;
use groundswell_domain::email::{EmailAddress, MessageKind};
use groundswell_domain::identity::User;
use groundswell_domain::privacy::{Touched, Treatment};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::Value;
use uuid::Uuid;

const DELETE: &str = "DELETE FROM users WHERE organization_id = $1 AND id = $2";

/// What the person made stays, without their id where it is theirs alone to be seen. The audit log keeps the id, which leads
/// nowhere any more, and forgets the name.
pub(super) async fn erase(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    user: &User,
    now: DateTime<Utc>,
) -> Result<Vec<Touched>, StoreError> {
    let key = user.email.key();
    let mut touched = Vec::new();
    let mut note = |store: &str, treatment, rows: u64| {
        if rows > 0 {
            touched.push(Touched::new(store, treatment, rows));
        }
    };
    macro_rules! counted {
        ($($table:ident),*) => { $({
            use $table::Column;
            let rows = $table::Entity::find()
                .filter(Column::OrganizationId.eq(organization))
                .filter(Column::UserId.eq(user.id.0))
                .count(conn)
                .await
                .map_err(store_error)?;
            note(stringify!($table), Treatment::Deleted, rows);
        })* };
    }
    // They go with the account.
    counted!(sessions, api_keys, one_time_tokens, data_exports);

    let to_them = Condition::all().add(ledger::Column::ToKey.eq(key.as_str()));
    let kinds = [MessageKind::Account, MessageKind::Notification];
    let mails = ledger::find(conn, organization, to_them, &kinds).await?;
    let done = ledger::anonymize(conn, organization, &mails, ledger::Keep::Nothing, now).await?;
    note("email_messages", Treatment::Anonymized, done.messages);
    note("email_contents", Treatment::Deleted, done.contents);
    note("outbox_mails", Treatment::Deleted, done.outbox);
    let waiting: Vec<Uuid> = mails
        .iter()
        .filter(|mail| mail.waits())
        .map(|mail| mail.id)
        .collect();
    let (mut jobs, mut answers) = (0, 0);
    for key in &EmailAddress::spellings(&key) {
        jobs += traces::cancel_jobs(conn, organization, &waiting, key, now).await?;
        answers += traces::forget_answers(conn, organization, key).await?;
    }
    note("jobs", Treatment::Cancelled, jobs);
    note("idempotency_keys", Treatment::Deleted, answers);

    note(
        "forms",
        Treatment::Anonymized,
        no_more_notices(conn, organization, &key, now).await?,
    );
    let made = campaigns::Entity::update_many()
        .col_expr(campaigns::Column::CreatedBy, Expr::val(None::<Uuid>))
        .filter(campaigns::Column::OrganizationId.eq(organization))
        .filter(campaigns::Column::CreatedBy.eq(user.id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    note("campaigns", Treatment::Anonymized, made.rows_affected);
    let recorded = consents::Entity::update_many()
        .col_expr(consents::Column::RecordedBy, Expr::val(None::<Uuid>))
        .filter(consents::Column::OrganizationId.eq(organization))
        .filter(consents::Column::RecordedBy.eq(user.id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    note("consents", Treatment::Anonymized, recorded.rows_affected);
    let answered = slot_answers::Entity::update_many()
        .col_expr(slot_answers::Column::AnsweredBy, Expr::val(None::<Uuid>))
        .filter(slot_answers::Column::OrganizationId.eq(organization))
        .filter(slot_answers::Column::AnsweredBy.eq(user.id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    note("slot_answers", Treatment::Anonymized, answered.rows_affected);
    let held = stage_holds::Entity::update_many()
        .col_expr(stage_holds::Column::HeldBy, Expr::val(None::<Uuid>))
        .filter(stage_holds::Column::OrganizationId.eq(organization))
        .filter(stage_holds::Column::HeldBy.eq(user.id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    note("stage_holds", Treatment::Anonymized, held.rows_affected);
    let decided = outreach_drafts::Entity::update_many()
        .col_expr(outreach_drafts::Column::DecidedBy, Expr::val(None::<Uuid>))
        .filter(outreach_drafts::Column::OrganizationId.eq(organization))
        .filter(outreach_drafts::Column::DecidedBy.eq(user.id.0))
        .exec(conn)
        .await
        .map_err(store_error)?;
    note("outreach_drafts", Treatment::Anonymized, decided.rows_affected);
    note(
        "audit_log",
        Treatment::Anonymized,
        names(conn, organization, user).await?,
    );
    let values = [organization.into(), user.id.0.into()];
    let gone = dialect::execute(conn, DELETE, values)
        .await
        .map_err(store_error)?;
    note("users", Treatment::Deleted, gone);
    Ok(touched)
}

/// Forms no longer tell the address about submissions.
async fn no_more_notices(
    conn: &impl ConnectionTrait,
    organization: Uuid,
    key: &str,
    now: DateTime<Utc>,
) -> Result<u64, StoreError> {
    use forms::Column;
    let found = forms::Entity::find()
        .filter(Column::OrganizationId.eq(organization))
        .filter(json_mentions(conn, Column::Settings, key))
        .all(conn)
        .await
        .map_err(store_error)?;
    let mut changed = 0;
    for mut form in found {
        let Some(notify) = form.settings.get_mut("notify").and_then(Value::as_array_mut) else {
            continue;
        };
        let told = notify.len();
        notify.retain(|address| {
            address
                .as_str()
                .is_none_or(|text| EmailAddress::from_trusted(text.to_owned()).key() != key)
        });
        if notify.len() == told {
            continue;
        }
        let done = forms::Entity::update_many()
            .col_expr(Column::Settings, Expr::val(form.settings))
            .col_expr(Column::UpdatedAt, Expr::val(now))
            .col_expr(Column::Version, Expr::val(form.version + 1))
            .filter(Column::OrganizationId.eq(organization))
            .filter(Column::Id.eq(form.id))
            .exec(conn)
            .await
            .map_err(store_error)?;
        changed += done.rows_affected;
    }
    Ok(changed)
}

/// Entries about the account hold its name.
async fn names(conn: &impl ConnectionTrait, organization: Uuid, user: &User) -> Result<u64, StoreError> {
    use audit_log::Column;
    let about = Condition::all().add(Column::TargetId.eq(user.id.0)).add(
        Condition::any()
            .add(Column::Before.is_not_null())
            .add(Column::After.is_not_null()),
    );
    traces::rewrite_log(conn, organization, about, |row| {
        for value in [&mut row.before, &mut row.after].into_iter().flatten() {
            if let Some(fields) = value.as_object_mut() {
                fields.remove("name");
            }
        }
        true
    })
    .await
}
