//! What an attempt cost.

use super::attempt::Place;
use super::run::Run;
use groundswell_domain::error::StoreError;
use groundswell_domain::llm::{Cost, ProviderFailure, ReservationId, Settlement, TokenBound, Usage};

impl Run {
    /// Settles an attempt that was answered, at least in part. `written` is how many bytes the model wrote, for vendors that do not
    /// say what they counted.
    pub async fn settle(&mut self, place: &Place, id: ReservationId, usage: Option<Usage>, written: usize) {
        let usage = usage.unwrap_or_else(|| estimated(place, written));
        let cost = place.price.cost(usage, self.now().date_naive());
        self.charge(usage, cost);
        let settlement = match cost {
            Cost::Known(_) => cost.nanos().map_or(Settlement::Unpriced, Settlement::Spent),
            Cost::Unknown => Settlement::Unpriced,
        };
        let organization = self.call.spender.organization;
        let budgets = &self.gate.ports.budgets;
        complain(
            budgets.settle(organization, id, settlement, self.now()).await,
            "settled",
        );
    }

    /// Settles an attempt that failed. Who said no charges nothing; where an answer was lost, the vendor may have written it.
    pub async fn settle_failure(
        &mut self,
        place: &Place,
        id: ReservationId,
        failure: &ProviderFailure,
        written: usize,
    ) {
        if failure.kind.may_be_charged() {
            self.settle(place, id, None, written).await;
            return;
        }
        let organization = self.call.spender.organization;
        let budgets = &self.gate.ports.budgets;
        complain(budgets.release(organization, id, self.now()).await, "released");
    }
}

fn estimated(place: &Place, written: usize) -> Usage {
    Usage {
        input: place.bound.likely,
        output: TokenBound::of_bytes(written).likely,
        estimated: true,
        ..Usage::default()
    }
}

/// A reservation that can't be settled counts as spent when it expires, so a budget errs on the safe side.
fn complain(result: Result<bool, StoreError>, what: &str) {
    match result {
        Ok(true) => {}
        Ok(false) => tracing::warn!("a reservation for a language model was over before it was {what}"),
        Err(error) => tracing::error!(%error, "a reservation for a language model can't be {what}"),
    }
}
