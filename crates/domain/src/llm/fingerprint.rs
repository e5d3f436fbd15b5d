//! What makes two calls equal.

use super::{Call, Hop, Policy};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// The name under which an answer is kept: SHA-256 of everything that decides it, the tenant first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 32]);

#[derive(Serialize)]
struct Deciding<'a> {
    organization: uuid::Uuid,
    client: Option<uuid::Uuid>,
    /// Where calls go, and so who would answer.
    plan: Vec<(&'a str, &'a str, Option<&'a str>)>,
    request: &'a super::ChatRequest,
}

impl Fingerprint {
    /// Of a call that goes along this plan. Another organization's, another client's, and one that would be sent elsewhere are different.
    pub fn of(call: &Call, plan: &[Hop], policy: &Policy) -> Self {
        let base_url = |hop: &Hop| Some(policy.profile(&hop.provider)?.endpoint.base_url.as_str());
        let deciding = Deciding {
            organization: call.spender.organization.0,
            client: call.spender.client.map(|client| client.0),
            plan: plan
                .iter()
                .map(|hop| (hop.provider.as_str(), hop.model.as_str(), base_url(hop)))
                .collect(),
            request: &call.request,
        };
        // Structs are written in the order of their fields, so equal ones are equal texts.
        let text = serde_json::to_vec(&deciding).unwrap_or_default();
        Self(Sha256::digest(text).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{ChatRequest, Message, Role, Routing, Spender};
    use uuid::Uuid;

    #[test]
    fn whatever_decides_an_answer_changes_it() {
        let policy = Policy::default();
        let request = ChatRequest::of(vec![Message::text(Role::User, "Hi")]);
        let call = Call::of(Spender::organization(Uuid::from_u128(1).into()), request);
        let plan = Routing::default().order;
        let first = Fingerprint::of(&call, &plan, &policy);
        assert_eq!(first, Fingerprint::of(&call.clone(), &plan, &policy));
        let mut others = vec![Fingerprint::of(&call, &plan[1..], &policy)];
        let change = |change: fn(&mut Call)| {
            let mut call = call.clone();
            change(&mut call);
            Fingerprint::of(&call, &plan, &policy)
        };
        others.push(change(|call| {
            call.spender.organization = Uuid::from_u128(2).into();
        }));
        others.push(change(|call| {
            call.spender.client = Some(Uuid::from_u128(3).into());
        }));
        others.push(change(|call| call.request.max_output_tokens = 1));
        others.push(change(|call| call.request.messages[0].role = Role::System));
        let mut elsewhere = policy.clone();
        elsewhere.profiles[0].endpoint.base_url = "http://other.example/".parse().unwrap();
        others.push(Fingerprint::of(&call, &plan, &elsewhere));
        assert!(others.iter().all(|other| *other != first));
        // Who asks within the tenant does not matter.
        assert_eq!(
            change(|call| call.spender.user = Some(Uuid::from_u128(4).into())),
            first
        );
    }
}
