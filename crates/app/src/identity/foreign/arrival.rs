//! The first token of somebody at a trusted issuer: who are they here?
//!
//! A mail address decides, once, and only one that the issuer has verified. On our side it must be sure, too: else somebody
//! could register with another person's address, and wait for them to be let into that account. Sure is what its owner has
//! confirmed, or, for people of the issuer's own organization, what an administrator of theirs entered.

use super::policy::{IssuerPolicy, Newcomers};
use crate::App;
use crate::audit::{self, Event};
use crate::identity::account::new_organization;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::EmailAddress;
use groundswell_domain::identity::{
    ForeignIdentity, IdentityLink, Linked, Organization, Purpose, Role, User, UserStatus,
};
use groundswell_domain::{
    Actor, Error, OrganizationId, Origin, RequestId, Scope, SessionId, StoreError, UnitOfWork,
};
use serde_json::json;

/// How often to look again after somebody else was faster.
const TRIES: usize = 3;

/// Longest part of a person's name in the name of their organization, in characters.
const NAME_IN_NAME: usize = 150;

/// Links the person to their account, or makes one. Of several first requests at once one does it, and the others find it.
pub(super) async fn first_sight(
    app: &App,
    person: &ForeignIdentity,
    origin: &Origin,
    request: RequestId,
) -> Result<Linked, Error> {
    let Some(email) = person.email.as_ref().filter(|_| person.email_verified) else {
        return Err(refused(
            "the mail address in the token is not verified, so it does not tell whose account this is",
        ));
    };
    let policy = app.settings.policy(&person.issuer);
    let arrival = Arrival {
        app,
        person,
        email,
        policy,
        origin,
        request,
    };
    for _ in 0..TRIES {
        let made = match app.system.identity().credentials(&email.key()).await? {
            Some(known) => arrival.link(known.user).await?,
            None => arrival.create().await?,
        };
        if let Some(linked) = made {
            tracing::info!(user = %linked.user, issuer = person.issuer, "linked to a trusted issuer");
            return Ok(linked);
        }
        let identity = app.system.identity();
        if let Some(linked) = identity.linked(&person.issuer, &person.subject).await? {
            return Ok(linked);
        }
    }
    Err(Error::conflict(
        "account_in_progress",
        "your account is being changed right now: try again",
    ))
}

fn refused(sentence: &str) -> Error {
    Error::Unauthenticated(sentence.into())
}

/// One first request. Its steps answer `None` when somebody was faster.
struct Arrival<'a> {
    app: &'a App,
    person: &'a ForeignIdentity,
    email: &'a EmailAddress,
    policy: IssuerPolicy,
    origin: &'a Origin,
    request: RequestId,
}

impl Arrival<'_> {
    /// To an account that is there.
    async fn link(&self, mut user: User) -> Result<Option<Linked>, Error> {
        self.check(&user)?;
        let scope = self.scope(&user);
        let unit = self.app.store.begin(&scope).await?;
        if user.status == UserStatus::Invited || user.email_verified_at.is_none() {
            let (current, now) = (user.version, self.app.now());
            user.status = UserStatus::Active;
            user.email_verified_at = user.email_verified_at.or(Some(now));
            user.updated_at = now;
            user.version += 1;
            if !unit.identity().update_user(&user, current).await? {
                return Ok(None);
            }
            for purpose in [Purpose::Invitation, Purpose::EmailVerification] {
                unit.identity().end_one_time(user.id, purpose, now).await?;
            }
        }
        let ended = self.take_over(unit.as_ref(), &user).await?;
        let event =
            Event::of(AuditAction::UserLinked, user.id).after(json!({ "issuer": self.person.issuer }));
        let linked = self.finish(unit, &scope, &user, event).await?;
        if linked.is_some() {
            self.app.forget_sessions(&ended).await;
        }
        Ok(linked)
    }

    /// Whoever registered need not be who owns the address: its owner may have followed the link that confirmed it without
    /// having asked for it. So the first who certainly is the owner shuts out who came in with a password they chose
    /// themselves. Of everybody else an administrator decided. Answers which sessions ended.
    async fn take_over(&self, unit: &dyn UnitOfWork, user: &User) -> Result<Vec<SessionId>, Error> {
        let identity = unit.identity();
        let organization = identity.organization().await?;
        // Who registers is there before their organization is.
        let registered = organization.is_some_and(|founded| user.created_at <= founded.created_at);
        if !registered || identity.has_identity_link(user.id).await? {
            return Ok(Vec::new());
        }
        identity.set_password(user.id, "").await?;
        identity.delete_api_keys(user.id).await?;
        Ok(identity.revoke_sessions(user.id, None, self.app.now()).await?)
    }

    /// Whether the account with this address is certainly theirs.
    fn check(&self, user: &User) -> Result<(), Error> {
        let own = self.policy.organization == Some(user.organization_id);
        Err(refused(if self.policy.organization.is_some() && !own {
            "the account with your mail address belongs to an organization that this issuer does not speak for"
        } else if user.status == UserStatus::Disabled {
            "your account here is disabled"
        } else if user.status == UserStatus::Invited && !own {
            "you are invited, but not here yet: follow the link that was mailed to you first"
        } else if user.email_verified_at.is_none() && !own {
            "the account with your mail address has not confirmed it yet: follow the link that was mailed to you first"
        } else {
            return Ok(());
        }))
    }

    /// A new account, if the operator wants that.
    async fn create(&self) -> Result<Option<Linked>, Error> {
        let (founded, organization, role) = match (self.policy.newcomers, self.policy.organization) {
            (Newcomers::Members(role), Some(organization)) => (None, organization, role),
            (Newcomers::Founders, None) => {
                let name: String = self.name().chars().take(NAME_IN_NAME).collect();
                let organization = new_organization(self.app, format!("{name}'s organization"));
                let id = organization.id;
                (Some(organization), id, Role::CompanyAdmin)
            }
            _ => return Err(refused("there is no account here with your mail address")),
        };
        let user = self.new_user(organization, role);
        let scope = self.scope(&user);
        let unit = self.app.store.begin(&scope).await?;
        if let Some(organization) = &founded {
            self.found(unit.as_ref(), &scope, organization).await?;
        }
        // No password: an empty hash fits none.
        match unit.identity().insert_user(&user, "").await {
            Err(StoreError::Duplicate { .. }) => return Ok(None),
            Err(StoreError::MissingReference { .. }) => {
                tracing::error!(issuer = self.person.issuer, %organization, "the organization of a trusted issuer does not exist");
                return Err(refused(
                    "the organization that this issuer speaks for is not here",
                ));
            }
            other => other?,
        }
        let event = Event::of(AuditAction::UserCreated, user.id)
            .after(json!({ "role": role, "issuer": self.person.issuer }));
        self.finish(unit, &scope, &user, event).await
    }

    async fn found(
        &self,
        unit: &dyn UnitOfWork,
        scope: &Scope,
        organization: &Organization,
    ) -> Result<(), Error> {
        unit.identity().insert_organization(organization).await?;
        let event = Event::of(AuditAction::OrganizationCreated, organization.id);
        audit::record(self.app, scope, unit, event).await
    }

    async fn finish(
        &self,
        unit: Box<dyn UnitOfWork>,
        scope: &Scope,
        user: &User,
        event: Event,
    ) -> Result<Option<Linked>, Error> {
        let now = self.app.now();
        let link = IdentityLink {
            id: self.app.id(),
            user_id: user.id,
            issuer: self.person.issuer.clone(),
            subject: self.person.subject.clone(),
            created_at: now,
            last_seen: now,
        };
        match unit.identity().insert_identity_link(&link).await {
            // Linked by another request, or the account was deleted meanwhile.
            Err(StoreError::Duplicate { .. } | StoreError::MissingReference { .. }) => return Ok(None),
            other => other?,
        }
        unit.identity().touch_user(user.id, now).await?;
        audit::record(self.app, scope, unit.as_ref(), event).await?;
        unit.commit().await?;
        Ok(Some(Linked {
            link: link.id,
            organization: user.organization_id,
            user: user.id,
            role: user.role,
            client: user.client_id,
            status: user.status,
            last_seen: now,
        }))
    }

    /// It is the person's own act.
    fn scope(&self, user: &User) -> Scope {
        let mut scope = Scope::system(user.organization_id, self.request);
        scope.actor = Actor::Foreign { user: user.id };
        scope.origin = Some(self.origin.clone());
        scope
    }

    /// Their own, or the part of their address that is theirs.
    fn name(&self) -> &str {
        let local = self.email.as_str().split('@').next().unwrap_or_default();
        self.person.name.as_deref().unwrap_or(local)
    }

    fn new_user(&self, organization: OrganizationId, role: Role) -> User {
        let now = self.app.now();
        User {
            id: self.app.id(),
            organization_id: organization,
            email: self.email.clone(),
            name: self.name().to_owned(),
            role,
            client_id: None,
            status: UserStatus::Active,
            email_verified_at: Some(now),
            last_login_at: None,
            created_at: now,
            updated_at: now,
            version: 1,
        }
    }
}
