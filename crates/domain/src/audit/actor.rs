//! Who did it.

use crate::ids::{ApiKeyId, UserId};
use crate::scope::Actor;
use serde::Serialize;

crate::text_enum::text_enum! {
    /// What kind of actor.
    ActorKind {
        /// A person who is signed in, or for whom a trusted issuer vouches.
        User => "user",
        /// A program with a person's API key.
        ApiKey => "api_key",
        /// An agent that works for a person.
        Agent => "agent",
        /// Background work.
        Job => "job",
        /// Somebody who is not known.
        Visitor => "visitor",
        /// Whoever follows a link in a mail.
        Recipient => "recipient",
        /// The program by itself.
        System => "system",
        /// Whoever sits at the command line.
        Operator => "operator",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditActor {
    pub kind: ActorKind,
    /// The person; of an API key, its owner.
    pub user_id: Option<UserId>,
    pub api_key_id: Option<ApiKeyId>,
}

impl From<Actor> for AuditActor {
    fn from(actor: Actor) -> Self {
        let (kind, api_key_id) = match actor {
            Actor::User { .. } | Actor::Foreign { .. } => (ActorKind::User, None),
            Actor::ApiKey { key, .. } => (ActorKind::ApiKey, Some(key)),
            Actor::Visitor(_) | Actor::Stranger => (ActorKind::Visitor, None),
            Actor::Recipient => (ActorKind::Recipient, None),
            Actor::Job => (ActorKind::Job, None),
            Actor::Operator => (ActorKind::Operator, None),
            Actor::System => (ActorKind::System, None),
        };
        Self {
            kind,
            user_id: actor.user(),
            api_key_id,
        }
    }
}
