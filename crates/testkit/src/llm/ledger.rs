//! Budgets in memory: what the store does in one statement is done under one lock here.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use groundswell_domain::error::StoreError;
use groundswell_domain::ids::{LlmBudgetId, OrganizationId};
use groundswell_domain::llm::{
    Budget, BudgetLedger, Nanos, Reservation, ReservationId, Reserve, Settlement, Shortfall,
};
use std::collections::HashMap;
use std::sync::Mutex;

#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    spent: Nanos,
    reserved: Nanos,
}

type Window = (LlmBudgetId, NaiveDate);

#[derive(Default)]
struct State {
    budgets: Vec<(OrganizationId, Budget)>,
    windows: HashMap<Window, Sums>,
    open: HashMap<ReservationId, (OrganizationId, Vec<Window>, Nanos, DateTime<Utc>)>,
    settled: Vec<Settlement>,
}

#[derive(Default)]
pub struct MemoryLedger(Mutex<State>);

impl State {
    /// What nobody settled in time counts as spent.
    fn expire(&mut self, now: DateTime<Utc>) {
        let over = |entry: &(OrganizationId, Vec<Window>, Nanos, DateTime<Utc>)| entry.3 <= now;
        let expired: Vec<_> = self
            .open
            .iter()
            .filter(|(_, entry)| over(entry))
            .map(|(id, _)| *id)
            .collect();
        for id in expired {
            self.close(id, |amount| amount);
        }
    }

    fn close(&mut self, id: ReservationId, spent: impl Fn(Nanos) -> Nanos) -> bool {
        let Some((_, windows, amount, _)) = self.open.remove(&id) else {
            return false;
        };
        for window in windows {
            let sums = self.windows.get_mut(&window).unwrap();
            sums.reserved = sums.reserved.minus(amount);
            sums.spent = sums.spent.plus(spent(amount));
        }
        true
    }

    fn owns(&self, organization: OrganizationId, id: ReservationId) -> bool {
        self.open.get(&id).is_some_and(|entry| entry.0 == organization)
    }
}

impl MemoryLedger {
    pub fn add(&self, organization: OrganizationId, budget: Budget) {
        self.0.lock().unwrap().budgets.push((organization, budget));
    }

    /// Spent and reserved of a budget, in all its periods.
    pub fn sums(&self, id: LlmBudgetId) -> (Nanos, Nanos) {
        let state = self.0.lock().unwrap();
        let windows = state.windows.iter().filter(|((budget, _), _)| *budget == id);
        windows.fold((Nanos::ZERO, Nanos::ZERO), |(spent, reserved), (_, sums)| {
            (spent.plus(sums.spent), reserved.plus(sums.reserved))
        })
    }

    /// Reservations that nobody has ended.
    pub fn open(&self) -> usize {
        self.0.lock().unwrap().open.len()
    }

    /// What was settled, in order.
    pub fn settled(&self) -> Vec<Settlement> {
        self.0.lock().unwrap().settled.clone()
    }
}

#[async_trait]
impl BudgetLedger for MemoryLedger {
    async fn reserve(&self, reservation: &Reservation) -> Result<Reserve, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.expire(reservation.at);
        let organization = reservation.spender.organization;
        let covering: Vec<Budget> = state
            .budgets
            .iter()
            .filter(|(owner, budget)| {
                *owner == organization && budget.scope.covers(&reservation.spender, reservation.key)
            })
            .map(|(_, budget)| budget.clone())
            .collect();
        if let (None, false, Some(budget)) = (reservation.amount, reservation.allow_unknown, covering.first())
        {
            return Ok(Reserve::UnknownPrice(budget.id));
        }
        let needed = reservation.amount.unwrap_or_default();
        let mut windows = Vec::new();
        for budget in &covering {
            let window = (budget.id, budget.period.start(reservation.at));
            let sums = *state.windows.entry(window).or_default();
            if sums.spent.plus(sums.reserved).plus(needed) > budget.limit {
                return Ok(Reserve::Short(Shortfall {
                    budget: budget.id,
                    scope: budget.scope.clone(),
                    period: budget.period,
                    limit: budget.limit,
                    spent: sums.spent,
                    reserved: sums.reserved,
                    needed,
                    resets_at: budget.period.end(reservation.at),
                }));
            }
            windows.push(window);
        }
        for window in &windows {
            let sums = state.windows.get_mut(window).unwrap();
            sums.reserved = sums.reserved.plus(needed);
        }
        let entry = (organization, windows, needed, reservation.expires_at);
        state.open.insert(reservation.id, entry);
        Ok(Reserve::Granted)
    }

    async fn settle(
        &self,
        organization: OrganizationId,
        id: ReservationId,
        settlement: Settlement,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.expire(now);
        if !state.owns(organization, id) {
            return Ok(false);
        }
        state.settled.push(settlement);
        Ok(state.close(id, |_| match settlement {
            Settlement::Spent(spent) => spent,
            Settlement::Unpriced => Nanos::ZERO,
        }))
    }

    async fn release(
        &self,
        organization: OrganizationId,
        id: ReservationId,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let mut state = self.0.lock().unwrap();
        state.expire(now);
        Ok(state.owns(organization, id) && state.close(id, |_| Nanos::ZERO))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::llm_budgets::{self, Budgets};
    use std::sync::Arc;
    use uuid::Uuid;

    struct InMemory(Arc<MemoryLedger>);

    #[async_trait]
    impl Budgets for InMemory {
        fn ledger(&self) -> Arc<dyn BudgetLedger> {
            self.0.clone()
        }
        fn organizations(&self) -> [OrganizationId; 2] {
            [Uuid::from_u128(1).into(), Uuid::from_u128(2).into()]
        }
        async fn add(&self, organization: OrganizationId, budget: Budget) {
            self.0.add(organization, budget);
        }
    }

    #[tokio::test]
    async fn keeps_the_ports_promises() {
        llm_budgets::check(&InMemory(Arc::default())).await;
    }
}
