//! Commits an effect together with the record that makes it happen once.

use crate::App;
use chrono::TimeDelta;
use groundswell_domain::idempotency::{IdempotencyKey, IdempotencyRecord, KEPT_HOURS, Outcome};
use groundswell_domain::{Error, Scope, StoreError, UnitOfWork};
use serde::Serialize;

/// Commits; if the caller gave an idempotency key, its answer is kept in the same transaction.
///
/// Of two simultaneous requests with one key, the slower one ends in a conflict and can be asked again for the
/// first one's answer.
pub(crate) async fn commit<T: Serialize + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: Box<dyn UnitOfWork>,
    outcome: Outcome,
    answer: &T,
) -> Result<(), Error> {
    if let Some(key) = &scope.idempotency {
        let now = app.now();
        let data = serde_json::to_value(answer).map_err(Error::internal)?;
        match unit
            .idempotency()
            .record(key, outcome, &data, now, now + TimeDelta::hours(KEPT_HOURS))
            .await
        {
            Err(StoreError::Duplicate { .. }) => {
                return Err(Error::conflict(
                    "idempotency_in_progress",
                    "another request with this Idempotency-Key was just answered: repeat this one to get its answer",
                ));
            }
            other => other?,
        }
    }
    unit.commit().await?;
    Ok(())
}

/// The kept answer of an earlier request with the same key.
pub async fn replay(
    app: &App,
    scope: &Scope,
    key: &IdempotencyKey,
) -> Result<Option<IdempotencyRecord>, Error> {
    Ok(app.store.read(scope).idempotency().find(key, app.now()).await?)
}
