//! Making accounts, and looking at one's own.

use super::commands::{Device, NewAccount, SignedIn};
use super::links::send_link;
use super::sign_in::open_session;
use crate::App;
use crate::audit::{self, Event};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{EmailAddress, Mailing};
use groundswell_domain::identity::{Organization, Permission, Purpose, Role, User, UserStatus};
use groundswell_domain::locale::{Locale, TimeZone};
use groundswell_domain::money::Currency;
use groundswell_domain::privacy::Retention;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, Error, Scope, StoreError};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::json;

/// Makes an organization and its `company_admin`, signs them in, and mails them a link to confirm their address.
pub async fn register(app: &App, account: NewAccount, device: Device) -> Result<SignedIn, Error> {
    let (organization, user) = make(app, account, Role::CompanyAdmin, Some(&device)).await?;
    open_session(app, organization, user, device).await
}

/// Makes an organization and a person in it with any role. For the command line.
pub async fn register_with_role(
    app: &App,
    account: NewAccount,
    role: Role,
) -> Result<(Organization, User), Error> {
    make(app, account, role, None).await
}

/// By the person themselves, on their device, or by an operator.
async fn make(
    app: &App,
    account: NewAccount,
    role: Role,
    device: Option<&Device>,
) -> Result<(Organization, User), Error> {
    let mut problems = Problems::new();
    let email = problems.take("email", account.email.parse::<EmailAddress>());
    let name = problems.line("name", &account.name, 200, false);
    let organization_name = problems.line("organization_name", &account.organization_name, 200, false);
    check_password(&mut problems, "password", &account.password);
    problems.finish()?;
    let Some(email) = email else {
        return Err(Error::invalid("email", "is not a valid mail address"));
    };

    let password_hash = app.passwords.hash(&account.password).await?;
    let now = app.now();
    let organization = new_organization(app, organization_name);
    let user = User {
        id: app.id(),
        organization_id: organization.id,
        email,
        name,
        role,
        client_id: None,
        status: UserStatus::Active,
        email_verified_at: None,
        last_login_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let scope = match device {
        Some(device) => device.scope(
            organization.id,
            Actor::User {
                user: user.id,
                // They are not signed in yet.
                session: uuid::Uuid::nil().into(),
            },
        ),
        None => Scope::operator(organization.id, app.request_id()),
    };
    let unit = app.store.begin(&scope).await?;
    unit.identity().insert_organization(&organization).await?;
    match unit.identity().insert_user(&user, &password_hash).await {
        Err(StoreError::Duplicate { .. }) => return Err(taken()),
        other => other?,
    }
    for event in [
        Event::of(AuditAction::OrganizationCreated, organization.id),
        Event::of(AuditAction::UserCreated, user.id).after(json!({ "role": role })),
    ] {
        audit::record(app, &scope, unit.as_ref(), event).await?;
    }
    if device.is_some() && app.settings.confirm_addresses {
        // Only a job: whether mail gets out at all is nothing that a registration waits for.
        send_link(app, unit.as_ref(), &user, Purpose::EmailVerification).await?;
    }
    unit.commit().await?;
    tracing::info!(organization = %organization.id, user = %user.id, "organization registered");
    Ok((organization, user))
}

/// As organizations are before anybody has told anything about them.
pub(super) fn new_organization(app: &App, name: String) -> Organization {
    let now = app.now();
    Organization {
        id: app.id(),
        name,
        currency: Currency::EUR,
        time_zone: TimeZone::UTC,
        locale: Locale::default(),
        region: None,
        public_url: None,
        from: None,
        mailing: Mailing::default(),
        retention: Retention::default(),
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

pub(super) fn taken() -> Error {
    Error::conflict("email_taken", "an account with this mail address exists already")
}

pub(super) fn check_password(problems: &mut Problems, field: &str, password: &SecretString) {
    let length = password.expose_secret().chars().count();
    problems.check(
        (8..=200).contains(&length),
        field,
        "must have 8 to 200 characters",
    );
}

/// Who the caller is, and what they may do.
#[derive(Debug, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub user: User,
    pub organization: Organization,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub permissions: Vec<Permission>,
}

pub async fn me(app: &App, scope: &Scope) -> Result<Me, Error> {
    let repos = app.store.read(scope);
    let user = scope
        .actor
        .user()
        .ok_or_else(|| Error::Unauthenticated("sign in first".into()))?;
    let user = repos
        .identity()
        .user(user)
        .await?
        .ok_or(Error::NotFound { what: "user" })?;
    let organization = repos
        .identity()
        .organization()
        .await?
        .ok_or(Error::NotFound { what: "organization" })?;
    Ok(Me {
        user,
        organization,
        permissions: scope.permissions.iter().collect(),
    })
}
