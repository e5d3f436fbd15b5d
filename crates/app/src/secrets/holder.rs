//! Whose secret a caller means, and whether they may.

use crate::clients;
use groundswell_domain::identity::Permission;
use groundswell_domain::secrets::{Holder, HolderKind};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Actor, ClientId, Error, Repos, Scope, UserId};

/// The holder that a caller names.
#[derive(Debug, Clone, Copy, Default)]
pub struct HolderChoice {
    pub holder: Option<HolderKind>,
    pub client_id: Option<ClientId>,
}

impl HolderChoice {
    fn kind(self) -> HolderKind {
        self.holder.unwrap_or(if self.client_id.is_some() {
            HolderKind::Client
        } else {
            HolderKind::User
        })
    }

    /// The holder, if the caller may act for it. What is wrong with the choice goes to `problems`; there is no holder then.
    pub(super) fn resolve(self, scope: &Scope, problems: &mut Problems) -> Result<Option<Holder>, Error> {
        let person = person(scope)?;
        let kind = self.kind();
        if kind != HolderKind::User {
            scope.require(Permission::SecretsManage)?;
        }
        match (kind, self.client_id) {
            (HolderKind::Client, Some(client)) => Ok(Some(Holder::Client(client))),
            (HolderKind::Client, None) => {
                problems.add("client_id", "must name the client whose secret it is");
                Ok(None)
            }
            (_, Some(_)) => {
                problems.add("client_id", format!("can't be given when the holder is `{kind}`"));
                Ok(None)
            }
            (HolderKind::User, None) => Ok(Some(Holder::User(person))),
            (HolderKind::Organization, None) => Ok(Some(Holder::Organization)),
        }
    }
}

/// Who asks. Everybody who is signed in keeps secrets of their own; a program needs the permission for all of them, since a
/// key that was made to read leads must not be able to put another account in the place of its owner's.
pub(super) fn person(scope: &Scope) -> Result<UserId, Error> {
    match scope.actor {
        Actor::User { user, .. } => Ok(user),
        Actor::ApiKey { user, .. } => {
            scope.require(Permission::SecretsManage)?;
            Ok(user)
        }
        _ => Err(Error::Forbidden(
            "secrets can only be managed by a person, or by a program with an API key".into(),
        )),
    }
}

/// That a client who is to hold a secret is there, for this caller.
pub(super) async fn check<R: Repos + ?Sized>(
    scope: &Scope,
    repos: &R,
    problems: &mut Problems,
    holder: Option<Holder>,
) -> Result<(), Error> {
    let client = holder.and_then(Holder::client);
    if scope.client.is_some() && client.is_some() && scope.client != client {
        problems.add("client_id", "there is no such client");
        return Ok(());
    }
    clients::check_client(repos, problems, client).await
}

/// Whether the caller sees what clients and the organization hold.
pub(super) fn sees_shared(scope: &Scope) -> bool {
    scope.client.is_none() && scope.permissions.contains(Permission::SecretsManage)
}
