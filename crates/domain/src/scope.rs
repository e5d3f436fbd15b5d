//! Who acts, and for which organization: the first argument of every use-case.

use crate::error::Error;
use crate::idempotency::IdempotencyKey;
use crate::identity::{Permission, Permissions, Role};
use crate::ids::{ApiKeyId, ClientId, FormId, OrganizationId, RequestId, SessionId, UserId};
use crate::jobs::{Cause, ScheduledRun};
use crate::trace::TraceParent;
use std::net::IpAddr;

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person who is signed in.
    User { user: UserId, session: SessionId },
    /// A person for whom a trusted issuer vouches: they have no session of ours.
    Foreign { user: UserId },
    /// A program that shows a person's API key.
    ApiKey { key: ApiKeyId, user: UserId },
    /// A visitor who fills in a public form.
    Visitor(FormId),
    /// Someone who follows a signed link in a mail.
    Recipient,
    /// Somebody who has not proved who they are.
    Stranger,
    /// Background work.
    Job,
    /// Whoever sits at the command line.
    Operator,
    /// The program by itself.
    System,
}

impl Actor {
    /// The person behind it, if there is one.
    pub fn user(&self) -> Option<UserId> {
        match self {
            Self::User { user, .. } | Self::Foreign { user } | Self::ApiKey { user, .. } => Some(*user),
            Self::Visitor(_)
            | Self::Recipient
            | Self::Stranger
            | Self::Job
            | Self::Operator
            | Self::System => None,
        }
    }
}

/// Where a request comes from, as far as it tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
}

/// Who acts, for which organization, with which rights.
#[derive(Debug, Clone)]
pub struct Scope {
    pub organization: OrganizationId,
    pub actor: Actor,
    pub role: Role,
    /// What this actor may do: the role's permissions, less what an API key leaves out.
    pub permissions: Permissions,
    /// The one client whose things this actor sees and touches; `None` for the whole organization.
    pub client: Option<ClientId>,
    pub request: RequestId,
    /// The caller's own trace, if it named one.
    pub trace: Option<TraceParent>,
    /// Of background work: the run of a schedule that it goes back to.
    pub run: Option<ScheduledRun>,
    /// Of what people and programs do; background work has none.
    pub origin: Option<Origin>,
    /// Set when the caller asked that this effect happens once (`Idempotency-Key`).
    pub idempotency: Option<IdempotencyKey>,
}

/// What of a scope decides which rows its owner gets to see: two scopes with equal views get equal answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct View {
    organization: OrganizationId,
    role: Role,
    permissions: Permissions,
    client: Option<ClientId>,
}

impl Scope {
    pub fn view(&self) -> View {
        View {
            organization: self.organization,
            role: self.role,
            permissions: self.permissions,
            client: self.client,
        }
    }

    pub fn new(organization: OrganizationId, actor: Actor, role: Role, request: RequestId) -> Self {
        Self {
            organization,
            actor,
            role,
            permissions: role.permissions(),
            client: None,
            request,
            trace: None,
            run: None,
            origin: None,
            idempotency: None,
        }
    }

    /// Bound to one client, with the rights that can be given within one. A person of the role client always is: without
    /// a client there is nothing for them.
    #[must_use]
    pub fn bound_to(mut self, client: Option<ClientId>) -> Self {
        if client.is_some() {
            self.permissions = self.permissions.intersect(Permissions::within_a_client());
        } else if self.role == Role::Client {
            self.permissions = Permissions::none();
        }
        self.client = client;
        self
    }

    /// Refuses those who are bound to one client.
    pub fn require_whole_organization(&self) -> Result<(), Error> {
        if self.client.is_none() {
            return Ok(());
        }
        Err(Error::Forbidden(
            "this is about the whole organization, and you are limited to one client".to_owned(),
        ))
    }

    /// The scope of a signed link, or of what the program does by itself: everything, in one organization.
    pub fn system(organization: OrganizationId, request: RequestId) -> Self {
        Self::trusted(organization, Actor::System, request)
    }

    /// The scope of background work: the same rights, another name in the audit log.
    pub fn job(organization: OrganizationId, request: RequestId) -> Self {
        Self::trusted(organization, Actor::Job, request)
    }

    /// Background work that goes back to this: it shares its request with what caused it.
    #[must_use]
    pub fn caused_by(self, cause: Cause) -> Self {
        Self {
            request: cause.request,
            trace: cause.trace,
            run: cause.run,
            ..self
        }
    }

    /// What jobs go back to that are added in this scope.
    pub fn cause(&self) -> Cause {
        Cause {
            request: self.request,
            trace: self.trace,
            run: self.run,
        }
    }

    /// The scope of the command line.
    pub fn operator(organization: OrganizationId, request: RequestId) -> Self {
        Self::trusted(organization, Actor::Operator, request)
    }

    fn trusted(organization: OrganizationId, actor: Actor, request: RequestId) -> Self {
        Self::new(organization, actor, Role::CompanyAdmin, request)
    }

    /// What an operator of the installation does to another organization: the same person, seen from there. What they did is
    /// in that organization's audit log.
    pub fn visiting(&self, organization: OrganizationId) -> Result<Self, Error> {
        self.require(Permission::InstallationManage)?;
        Ok(Self {
            organization,
            client: None,
            // Their keys are remembered in their own organization.
            idempotency: None,
            ..self.clone()
        })
    }

    /// Refuses with a sentence that names the missing permission.
    pub fn require(&self, permission: Permission) -> Result<(), Error> {
        if self.permissions.contains(permission) {
            return Ok(());
        }
        Err(Error::Forbidden(format!(
            "this needs the permission `{permission}`, which {} does not have",
            match self.actor {
                Actor::ApiKey { .. } => "this API key".to_owned(),
                _ => format!("the role {}", self.role),
            }
        )))
    }
}
