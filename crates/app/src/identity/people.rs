//! An organization's people, as its administrators see them.

use super::account::{check_password, taken};
use super::commands::{Invitation, NewUser, UserPatch};
use super::links::send_link;
use crate::audit::{self, Event};
use crate::{App, clients, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::{Permission, Purpose, Role, User, UserFilter, UserSort, UserStatus};
use groundswell_domain::validate::Problems;
use groundswell_domain::{ClientId, Error, Page, PageRequest, Repos, Scope, StoreError, UnitOfWork, UserId};
use serde_json::{Value, json};

const MISSING: Error = Error::NotFound { what: "user" };

pub async fn list_users(
    app: &App,
    scope: &Scope,
    filter: &UserFilter,
    page: &PageRequest<UserSort>,
) -> Result<Page<User>, Error> {
    scope.require(Permission::UsersManage)?;
    Ok(app.store.read(scope).identity().users(filter, page).await?)
}

pub async fn get_user(app: &App, scope: &Scope, id: UserId) -> Result<User, Error> {
    scope.require(Permission::UsersManage)?;
    app.store.read(scope).identity().user(id).await?.ok_or(MISSING)
}

/// Makes an account whose password the administrator chose.
pub async fn create_user(app: &App, scope: &Scope, new: NewUser) -> Result<User, Error> {
    scope.require(Permission::UsersManage)?;
    let mut problems = Problems::new();
    check_password(&mut problems, "password", &new.password);
    let user = read(
        app,
        scope,
        problems,
        &new.email,
        &new.name,
        (new.role, new.client_id),
    )?;
    let hash = app.passwords.hash(&new.password).await?;
    let unit = app.store.begin(scope).await?;
    check_client(unit.as_ref(), &user).await?;
    insert(unit.as_ref(), &user, &hash).await?;
    let event = Event::of(AuditAction::UserCreated, user.id).after(rights(&user));
    audit::record(app, scope, unit.as_ref(), event).await?;
    effect::commit(app, scope, unit, Outcome::Created, &user).await?;
    Ok(user)
}

/// Makes an account without a password, and mails a link to choose one. Inviting somebody again who has not come yet sends
/// a new link and ends the older one.
pub async fn invite_user(app: &App, scope: &Scope, invitation: Invitation) -> Result<User, Error> {
    scope.require(Permission::UsersManage)?;
    let invited = Invited::read(app, scope, invitation).await?;
    let unit = app.store.begin(scope).await?;
    let user = invited.write(app, scope, unit.as_ref()).await?;
    effect::commit(app, scope, unit, Outcome::Created, &user).await?;
    Ok(user)
}

/// Somebody who is invited, looked up before the transaction begins: whoever holds one connection must not wait for another.
pub(super) struct Invited {
    user: User,
    /// They have been invited before, and have not come yet.
    again: bool,
}

impl Invited {
    pub async fn read(app: &App, scope: &Scope, invitation: Invitation) -> Result<Self, Error> {
        let Invitation {
            email,
            name,
            role,
            client_id,
        } = invitation;
        let mut user = read(app, scope, Problems::new(), &email, &name, (role, client_id))?;
        user.status = UserStatus::Invited;
        match app.system.identity().credentials(&user.email.key()).await? {
            Some(known)
                if known.user.organization_id == scope.organization
                    && known.user.status == UserStatus::Invited =>
            {
                let mut user = known.user;
                (user.role, user.client_id) = (role, client_id);
                Ok(Self { user, again: true })
            }
            Some(_) => Err(taken()),
            None => Ok(Self { user, again: false }),
        }
    }

    pub async fn write(mut self, app: &App, scope: &Scope, unit: &dyn UnitOfWork) -> Result<User, Error> {
        check_client(unit, &self.user).await?;
        if self.again {
            let current = self.user.version;
            self.user.updated_at = app.now();
            self.user.version += 1;
            version::written(
                "user",
                unit.identity().update_user(&self.user, current).await?,
                current,
            )?;
        } else {
            insert(unit, &self.user, "").await?;
        }
        send_link(app, unit, &self.user, Purpose::Invitation).await?;
        let event = Event::of(AuditAction::UserInvited, self.user.id).after(rights(&self.user));
        audit::record(app, scope, unit, event).await?;
        Ok(self.user)
    }
}

pub async fn update_user(
    app: &App,
    scope: &Scope,
    id: UserId,
    patch: UserPatch,
    expected: Option<i32>,
) -> Result<User, Error> {
    scope.require(Permission::UsersManage)?;
    let unit = app.store.begin(scope).await?;
    let admins = unit.identity().lock_admins().await?;
    let mut user = unit.identity().user(id).await?.ok_or(MISSING)?;
    let (current, was) = (user.version, is_admin(&user));
    let before = rights(&user);
    version::check("user", current, expected)?;
    // Nobody raises themselves above their own role, nor touches somebody who stands above.
    may_grant(scope, user.role)?;
    let mut problems = Problems::new();
    if let Some(name) = patch.name {
        user.name = problems.line("name", &name, 200, false);
    }
    problems.finish()?;
    if let Some(role) = patch.role {
        may_grant(scope, role)?;
        user.role = role;
    }
    user.client_id = match user.role {
        Role::Client => patch.client_id.or(user.client_id),
        _ => patch.client_id,
    };
    check_client(unit.as_ref(), &user).await?;
    match (patch.disabled, user.status) {
        (Some(true), UserStatus::Active) => user.status = UserStatus::Disabled,
        (Some(false), UserStatus::Disabled) => user.status = UserStatus::Active,
        (Some(true), UserStatus::Invited) => {
            return Err(Error::conflict(
                "user_not_active",
                "this person has not accepted the invitation yet: delete the account instead",
            ));
        }
        _ => {}
    }
    if was && !is_admin(&user) && admins == 1 {
        return Err(last_admin());
    }
    user.updated_at = app.now();
    user.version += 1;
    version::written(
        "user",
        unit.identity().update_user(&user, current).await?,
        current,
    )?;
    let event = Event::of(AuditAction::UserUpdated, id)
        .before(before)
        .after(rights(&user));
    audit::record(app, scope, unit.as_ref(), event).await?;
    let ended = if user.status == UserStatus::Disabled {
        unit.identity().revoke_sessions(id, None, user.updated_at).await?
    } else {
        Vec::new()
    };
    unit.commit().await?;
    app.forget_sessions(&ended).await;
    app.forget_linked();
    Ok(user)
}

/// Deletes the account with its sessions and API keys; what the person made stays.
pub async fn delete_user(app: &App, scope: &Scope, id: UserId) -> Result<(), Error> {
    scope.require(Permission::UsersManage)?;
    let unit = app.store.begin(scope).await?;
    let admins = unit.identity().lock_admins().await?;
    let user = unit.identity().user(id).await?.ok_or(MISSING)?;
    may_grant(scope, user.role)?;
    if is_admin(&user) && admins == 1 {
        return Err(last_admin());
    }
    let ended = unit.identity().revoke_sessions(id, None, app.now()).await?;
    unit.identity().delete_user(id).await?;
    let event = Event::of(AuditAction::UserDeleted, id).before(rights(&user));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.forget_sessions(&ended).await;
    app.forget_linked();
    Ok(())
}

fn read(
    app: &App,
    scope: &Scope,
    mut problems: Problems,
    email: &str,
    name: &str,
    (role, client_id): (Role, Option<ClientId>),
) -> Result<User, Error> {
    let email = problems.take("email", email.parse::<EmailAddress>());
    let name = problems.line("name", name, 200, false);
    problems.finish()?;
    may_grant(scope, role)?;
    let now = app.now();
    Ok(User {
        id: app.id(),
        organization_id: scope.organization,
        email: email.ok_or_else(|| Error::invalid("email", "is not a valid mail address"))?,
        name,
        role,
        client_id,
        status: UserStatus::Active,
        email_verified_at: None,
        last_login_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    })
}

async fn insert(repos: &dyn Repos, user: &User, hash: &str) -> Result<(), Error> {
    match repos.identity().insert_user(user, hash).await {
        Err(StoreError::Duplicate { .. }) => Err(taken()),
        other => Ok(other?),
    }
}

/// A person of the role client is somebody's; nobody else is.
async fn check_client(repos: &dyn Repos, user: &User) -> Result<(), Error> {
    let mut problems = Problems::new();
    let missing = user.role == Role::Client && user.client_id.is_none();
    let needed = "is needed for the role client: whose things may this person see?";
    problems.check(!missing, "client_id", needed);
    let odd = user.role != Role::Client && user.client_id.is_some();
    problems.check(!odd, "client_id", "goes with the role client only");
    clients::check_client(repos, &mut problems, user.client_id).await?;
    problems.finish()
}

/// What the audit log tells of a person.
fn rights(user: &User) -> Value {
    json!({ "name": user.name, "role": user.role, "client_id": user.client_id, "status": user.status })
}

/// Roles are ordered from the strongest.
fn may_grant(scope: &Scope, role: Role) -> Result<(), Error> {
    if role < scope.role {
        let message = format!("only a {role} can manage people with the role {role}");
        return Err(Error::Forbidden(message));
    }
    Ok(())
}

fn is_admin(user: &User) -> bool {
    user.role <= Role::CompanyAdmin && user.status == UserStatus::Active
}

fn last_admin() -> Error {
    Error::conflict(
        "last_admin",
        "this is the organization's last administrator: make somebody else one first",
    )
}
