//! How much may be spent, by whom, in which time.

use super::{Nanos, Period};
use crate::ids::{ClientId, LlmBudgetId, LlmKeyId, LlmReservationId, OrganizationId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

pub type ReservationId = LlmReservationId;

/// Longest name of an agent, in characters.
pub const MAX_AGENT: usize = 64;

/// Who spends.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Spender {
    pub organization: OrganizationId,
    pub client: Option<ClientId>,
    pub user: Option<UserId>,
    /// The agent that asks, by its name or id.
    pub agent: Option<String>,
}

impl Spender {
    pub fn organization(organization: OrganizationId) -> Self {
        Self {
            organization,
            client: None,
            user: None,
            agent: None,
        }
    }
}

/// Whose spending a budget bounds.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "id", rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum BudgetScope {
    Organization,
    Client(ClientId),
    User(UserId),
    /// What is charged to one key, whoever uses it.
    Key(LlmKeyId),
    Agent(String),
}

impl BudgetScope {
    pub fn covers(&self, spender: &Spender, key: Option<LlmKeyId>) -> bool {
        match self {
            Self::Organization => true,
            Self::Client(client) => spender.client == Some(*client),
            Self::User(user) => spender.user == Some(*user),
            Self::Key(bounded) => key == Some(*bounded),
            Self::Agent(agent) => spender.agent.as_ref() == Some(agent),
        }
    }
}

/// A bound on spending.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    pub id: LlmBudgetId,
    pub scope: BudgetScope,
    pub period: Period,
    pub limit: Nanos,
}

/// What is set aside before one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reservation {
    pub id: ReservationId,
    pub spender: Spender,
    /// The stored key that will be charged, if it is one.
    pub key: Option<LlmKeyId>,
    /// The most that the attempt can cost; `None` when nobody knows.
    pub amount: Option<Nanos>,
    /// Whether an unknown price may be used although a budget applies. Nothing is set aside then.
    pub allow_unknown: bool,
    /// It belongs to the periods of this moment, also when it is settled in the next.
    pub at: DateTime<Utc>,
    /// Nobody settles it any more after this: it then counts as spent, since a process that died may have spent it.
    pub expires_at: DateTime<Utc>,
}

/// What it came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    Spent(Nanos),
    /// The price is unknown: counted as a call, and as no money.
    Unpriced,
}

/// Why a reservation was refused, with the numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortfall {
    pub budget: LlmBudgetId,
    pub scope: BudgetScope,
    pub period: Period,
    pub limit: Nanos,
    /// Settled in this period.
    pub spent: Nanos,
    /// Set aside for attempts under way.
    pub reserved: Nanos,
    pub needed: Nanos,
    /// When the next period begins.
    pub resets_at: DateTime<Utc>,
}

impl Shortfall {
    /// Who asks may spend so much at most; never below 0.
    pub fn left(&self) -> Nanos {
        Nanos(self.limit.minus(self.spent).minus(self.reserved).0.max(0))
    }
}

impl std::fmt::Display for Shortfall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = match &self.scope {
            BudgetScope::Organization => "the organization's".to_owned(),
            BudgetScope::Client(_) => "the client's".to_owned(),
            BudgetScope::User(_) => "the user's".to_owned(),
            BudgetScope::Key(_) => "the key's".to_owned(),
            BudgetScope::Agent(agent) => format!("the agent {agent}'s"),
        };
        write!(
            f,
            "{whose} budget for this {} has {} USD left of {}, and this call can cost up to {}",
            self.period,
            self.left().dollars(),
            self.limit.dollars(),
            self.needed.dollars()
        )
    }
}

/// What the ledger answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reserve {
    /// Set aside in every budget that applies; there may be none.
    Granted,
    /// At least this one has not enough left. Nothing was set aside anywhere.
    Short(Shortfall),
    /// A budget applies, the amount is unknown, and unknown ones were not allowed.
    UnknownPrice(LlmBudgetId),
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_scope_covers_who_it_names() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let mut spender = Spender::organization(one.into());
        spender.client = Some(one.into());
        spender.agent = Some("writer".into());
        let covers = |scope: BudgetScope| scope.covers(&spender, Some(one.into()));
        assert!(covers(BudgetScope::Organization) && covers(BudgetScope::Client(one.into())));
        assert!(covers(BudgetScope::Key(one.into())) && covers(BudgetScope::Agent("writer".into())));
        assert!(!covers(BudgetScope::Client(other.into())) && !covers(BudgetScope::User(one.into())));
        assert!(!covers(BudgetScope::Key(other.into())) && !covers(BudgetScope::Agent("reader".into())));
    }

    #[test]
    fn a_refusal_says_the_number() {
        let short = Shortfall {
            budget: Uuid::nil().into(),
            scope: BudgetScope::Organization,
            period: Period::Month,
            limit: Nanos(20_000_000_000),
            spent: Nanos(19_990_000_000),
            reserved: Nanos::ZERO,
            needed: Nanos(12_500_000),
            resets_at: DateTime::UNIX_EPOCH,
        };
        let said = short.to_string();
        assert_eq!(
            said,
            "the organization's budget for this month has 0.01 USD left of 20, and this call can cost up to 0.0125"
        );
    }
}
