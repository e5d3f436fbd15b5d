//! Why nobody answered, in one sentence.

use super::run::Run;
use groundswell_domain::llm::{GateFailure, GateFailureKind, Outcome};
use std::time::Duration;

/// When to come back after failures that may pass.
const COME_BACK: Duration = Duration::from_secs(10);

impl Run {
    pub fn nobody_answered(&self) -> GateFailure {
        if let Some(shortfall) = &self.short {
            return self.fail(
                GateFailureKind::OverBudget(shortfall.clone()),
                shortfall.to_string(),
            );
        }
        if self.unknown_price {
            return self.fail(
                GateFailureKind::UnknownPrice,
                "a budget applies, and nobody knows what the models cost that could be asked: set allow_unknown_price, or name another model",
            );
        }
        let outcomes: Vec<Outcome> = self.attempts.iter().map(|attempt| attempt.outcome).collect();
        let last = self.attempts.last();
        let all = |among: &[Outcome]| {
            !outcomes.is_empty() && outcomes.iter().all(|outcome| among.contains(outcome))
        };
        let any = |among: &[Outcome]| outcomes.iter().any(|outcome| among.contains(outcome));
        if all(&NOBODY) {
            return self.fail(GateFailureKind::NobodyToAsk, nobody(&outcomes));
        }
        let said = last.and_then(|attempt| {
            let message = attempt.message.as_deref()?;
            Some(format!("{} says: {message}", attempt.provider))
        });
        let passing = [Outcome::RateLimited, Outcome::CoolingDown];
        if any(&passing)
            && outcomes
                .iter()
                .all(|outcome| passing.contains(outcome) || NOBODY.contains(outcome))
        {
            let until = self
                .soonest
                .map(|until| (until - self.now()).to_std().unwrap_or_default());
            let mut failure = self.fail(
                GateFailureKind::Limited,
                "all language models that could be asked are at their limits: try again later",
            );
            failure.retry_after = Some(until.unwrap_or(COME_BACK).max(Duration::from_secs(1)));
            return failure;
        }
        if any(&REJECTED)
            && outcomes
                .iter()
                .all(|outcome| REJECTED.contains(outcome) || NOBODY.contains(outcome))
        {
            let message = said.unwrap_or_else(|| "no model takes this request as it is".to_owned());
            return self.fail(GateFailureKind::Rejected, message);
        }
        let mut failure = self.fail(
            GateFailureKind::Unanswered,
            format!(
                "no language model answered{}",
                said.map(|said| format!("; {said}")).unwrap_or_default()
            ),
        );
        failure.retry_after = Some(COME_BACK);
        failure
    }
}

/// Nobody could be asked, or nobody would let us.
const NOBODY: [Outcome; 8] = [
    Outcome::NoKey,
    Outcome::NoProvider,
    Outcome::Quarantined,
    Outcome::Unauthorized,
    Outcome::Forbidden,
    Outcome::QuotaExhausted,
    Outcome::DataClass,
    Outcome::NotCapable,
];

/// The request is what they do not take.
const REJECTED: [Outcome; 5] = [
    Outcome::Invalid,
    Outcome::TooLong,
    Outcome::ModelUnknown,
    Outcome::Unsupported,
    Outcome::AddressRefused,
];

/// What somebody can do about it.
fn nobody(outcomes: &[Outcome]) -> &'static str {
    let has = |outcome| outcomes.contains(&outcome);
    if has(Outcome::Unauthorized) || has(Outcome::Quarantined) {
        "the providers refuse the keys that there are: give new ones"
    } else if has(Outcome::QuotaExhausted) || has(Outcome::Forbidden) {
        "the keys that there are may not do this, or have nothing left to pay with"
    } else if has(Outcome::DataClass) {
        "prompts with personal data stay on the operator's machines, and no model runs there"
    } else if has(Outcome::NotCapable) {
        "no model in the order can do what this call needs"
    } else {
        "there is no key for any language model: add one, or name another provider"
    }
}
