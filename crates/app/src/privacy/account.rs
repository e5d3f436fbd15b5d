//! A person takes their account away; the only one of an organization takes all of it along.

use super::commands::DeleteAccount;
use super::erase::{leave_receipt, record};
use super::line;
use crate::App;
use crate::audit::{self, Event};
use crate::jobs::{Progress, Stop};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::identity::{Role, User, UserFilter, UserSort, UserStatus};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::privacy::{EraseOrganization, Erasure, ErasureKind, Touched, Treatment};
use groundswell_domain::{Actor, Error, PageRequest, Scope, Sort, UnitOfWork, UserId};

/// Rows in one transaction.
const PIECE: u32 = 1000;

const MISSING: Error = Error::NotFound { what: "user" };

/// Every session ends, and what is kept of the person goes or no longer names them. Answers with the receipt.
pub async fn delete_account(app: &App, scope: &Scope, body: DeleteAccount) -> Result<Erasure, Error> {
    let Actor::User { user: id, .. } = scope.actor else {
        return Err(Error::Forbidden(
            "an account can only be deleted by the person it belongs to, when they are signed in".into(),
        ));
    };
    check_password(app, scope, id, &body).await?;
    let unit = app.store.begin(scope).await?;
    let admins = unit.identity().lock_admins().await?;
    let user = unit.identity().user(id).await?.ok_or(MISSING)?;
    let alone = is_alone(unit.as_ref()).await?;
    check_who_stays(&user, admins, alone, body.delete_organization)?;

    let own = record(app, scope, ErasureKind::User, Some(id.0), &user.email.key());
    let ended = unit.identity().revoke_sessions(id, None, own.created_at).await?;
    let stores = unit.erasures().erase_user(&user, own.created_at).await?;
    let erasure = leave_receipt(app, unit.as_ref(), &own, stores).await?;
    audit::record(app, scope, unit.as_ref(), Event::of(AuditAction::UserErased, id)).await?;
    let mut records = vec![own];
    if alone {
        let mut whole = record(
            app,
            scope,
            ErasureKind::Organization,
            Some(scope.organization.0),
            "",
        );
        whole.subject_hash = None;
        queue_the_end(app, unit.as_ref()).await?;
        let all = Touched::new("organizations", Treatment::Deleted, 1);
        leave_receipt(app, unit.as_ref(), &whole, vec![all]).await?;
        records.push(whole);
    }
    line::commit(app, scope, &records, async { Ok(unit.commit().await?) }).await?;
    app.forget_sessions(&ended).await;
    tracing::info!(user = %id, organization = alone, "an account was erased");
    Ok(erasure)
}

async fn check_password(app: &App, scope: &Scope, id: UserId, body: &DeleteAccount) -> Result<(), Error> {
    let repos = app.store.read(scope);
    let hash = repos.identity().password_hash(id).await?.ok_or(MISSING)?;
    if hash.is_empty() {
        return Ok(());
    }
    let Some(password) = &body.password else {
        return Err(Error::invalid("password", "is required to delete the account"));
    };
    if app.passwords.verify(password, Some(&hash)).await? {
        Ok(())
    } else {
        Err(Error::invalid("password", "is wrong"))
    }
}

async fn is_alone(unit: &dyn UnitOfWork) -> Result<bool, Error> {
    let mut page = PageRequest::first(1, Sort::descending(UserSort::CreatedAt));
    page.with_total = true;
    let people = unit.identity().users(&UserFilter::default(), &page).await?;
    Ok(people.total == Some(1))
}

fn check_who_stays(user: &User, admins: i64, alone: bool, with_all: bool) -> Result<(), Error> {
    let conflict = |code, message: &str| Err(Error::conflict(code, message));
    let is_admin = user.role <= Role::CompanyAdmin && user.status == UserStatus::Active;
    match (alone, with_all) {
        (true, false) => conflict(
            "only_person",
            "you are the only person of this organization: say `delete_organization: true` to delete everything in it",
        ),
        (false, true) => conflict(
            "not_only_person",
            "other people are in this organization: it can be deleted by the last one only",
        ),
        (false, false) if is_admin && admins == 1 => conflict(
            "last_admin",
            "this is the organization's last administrator: make somebody else one first",
        ),
        _ => Ok(()),
    }
}

/// A job will delete everything of the organization.
pub(super) async fn queue_the_end(app: &App, unit: &dyn UnitOfWork) -> Result<(), Error> {
    let now = app.now();
    let job = NewJob::new(app.id(), &EraseOrganization {}, now).unique("erase_organization");
    unit.jobs().enqueue(&job, now).await?;
    Ok(())
}

/// The job. It goes on where it was stopped: what is gone is gone.
pub async fn erase_organization(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let unit = app.store.begin(scope).await?;
        let gone = unit.erasures().erase_organization(PIECE).await?;
        unit.commit().await?;
        if gone == 0 {
            return Ok(Progress::Done);
        }
    }
}
