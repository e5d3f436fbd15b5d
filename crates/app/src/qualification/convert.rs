//! A lead became a customer.

use super::commands::ConvertInput;
use super::lead::{MISSING, locked};
use crate::leads::stage_changed;
use crate::{App, effect, organization, scoring};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Lead, LeadStage};
use groundswell_domain::money::{Currency, Money, MoneyInput};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, LeadId, Scope};

/// Once: whoever converted it already hears so. The lead as it is then.
pub async fn convert_lead(app: &App, scope: &Scope, id: LeadId, input: ConvertInput) -> Result<Lead, Error> {
    scope.require(Permission::LeadsWrite)?;
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    let currency = organization::currency(unit.as_ref()).await?;
    let mut lead = locked(unit.as_ref(), id, false).await?.lead;
    if lead.stage == LeadStage::Converted {
        return Err(Error::conflict(
            "lead_converted",
            "this lead is converted already; if the deal fell through, set its stage to opportunity first",
        ));
    }
    lead.stage.check_move(LeadStage::Converted)?;
    let mut problems = Problems::new();
    let value = worth(&mut problems, &input, currency);
    let reason = problems.optional_line("reason", input.reason.as_deref(), 100);
    let at = problems.time("occurred_at", input.occurred_at).unwrap_or(now);
    problems.check(at <= now, "occurred_at", "must not be in the future");
    let since = lead.stage_since;
    problems.check(
        at >= since || input.occurred_at.is_none(),
        "occurred_at",
        format!(
            "must not be before the lead came to the stage where it is, at {}",
            since.to_rfc3339()
        ),
    );
    problems.finish()?;
    let was = (lead.stage, lead.stage_since);
    lead.move_to(LeadStage::Converted, at)?;
    lead.outcome_reason = reason;
    lead.value = value.or(lead.value);
    lead.updated_at = now;
    lead.version += 1;
    unit.leads().update_many(std::slice::from_ref(&lead)).await?;
    let mut event = stage_changed(app, scope, &lead, was);
    event.occurred_at = at;
    scoring::happened(app, scope, unit.as_ref(), &[event]).await?;
    // With the score that it has by now.
    let lead = unit.leads().get(id).await?.ok_or(MISSING)?;
    effect::commit(app, scope, unit, Outcome::Done, &lead).await?;
    Ok(lead)
}

fn worth(problems: &mut Problems, input: &ConvertInput, ours: Currency) -> Option<Money> {
    let Some(value) = input.value else {
        problems.check(
            input.currency.is_none(),
            "currency",
            "is the currency of a value; name a value, too",
        );
        return None;
    };
    if let (MoneyInput::Full { currency, .. }, Some(other)) = (value, input.currency) {
        problems.check(
            currency == other,
            "currency",
            "is not the currency of the value; leave one of the two out",
        );
    }
    let money = problems.take("value", value.resolve(input.currency.unwrap_or(ours)))?;
    problems.check(money.minor >= 0, "value", "must not be negative");
    Some(money)
}
