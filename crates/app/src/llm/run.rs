//! One call on its way, and what it has come to so far.

use super::gate::Inner;
use chrono::{DateTime, Utc};
use groundswell_domain::error::StoreError;
use groundswell_domain::ids::LlmCallId;
use groundswell_domain::llm::{
    Answer, Attempt, Call, CallRecord, Completion, Cost, GateFailure, GateFailureKind, Hop, KeyRef, LlmKey,
    Outcome, Part, Policy, Shortfall, Usage,
};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

pub(super) struct Run {
    pub gate: Arc<Inner>,
    pub id: LlmCallId,
    pub call: Call,
    pub policy: Policy,
    pub attempts: Vec<Attempt>,
    pub usage: Usage,
    pub cost: Cost,
    /// The first budget that had not enough.
    pub short: Option<Shortfall>,
    pub unknown_price: bool,
    /// The soonest moment at which a key can be asked again.
    pub soonest: Option<DateTime<Utc>>,
    /// Keys that were refused during this call.
    pub refused: HashSet<KeyRef>,
    began: Instant,
    at: DateTime<Utc>,
    /// Time that others took: providers, and waits between tries.
    waited: Duration,
}

impl Run {
    pub fn new(gate: Arc<Inner>, call: Call) -> Self {
        Self {
            id: gate.ports.ids.next().into(),
            at: gate.ports.clock.now(),
            began: Instant::now(),
            gate,
            call,
            policy: Policy::default(),
            attempts: Vec::new(),
            usage: Usage::default(),
            cost: Cost::FREE,
            short: None,
            unknown_price: false,
            soonest: None,
            refused: HashSet::new(),
            waited: Duration::ZERO,
        }
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.gate.ports.clock.now()
    }

    /// Until the call is given up.
    pub fn remaining(&self) -> Duration {
        self.gate.settings.deadline.saturating_sub(self.began.elapsed())
    }

    pub async fn sleep(&mut self, wait: Duration) {
        tokio::time::sleep(wait).await;
        self.waited += wait;
    }

    /// Counts time as a provider's.
    pub fn others_took(&mut self, time: Duration) {
        self.waited += time;
    }

    /// A try that was made, or why none was.
    pub fn note(
        &mut self,
        hop: &Hop,
        key: Option<&LlmKey>,
        outcome: Outcome,
        took: Duration,
    ) -> &mut Attempt {
        let attempt = Attempt {
            provider: hop.provider.clone(),
            model: hop.model.clone(),
            key_last4: key.and_then(LlmKey::last4),
            outcome,
            status: None,
            ms: millis(took),
            message: None,
        };
        self.attempts.push(attempt);
        let last = self.attempts.len() - 1;
        &mut self.attempts[last]
    }

    /// The last try turned out otherwise.
    pub fn amend(&mut self, outcome: Outcome, message: Option<String>) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.outcome = outcome;
            attempt.message = message;
        }
    }

    /// The last try went on for longer than until its first piece.
    pub fn last_took(&mut self, took: Duration) {
        if let Some(attempt) = self.attempts.last_mut() {
            attempt.ms = millis(took);
        }
    }

    pub fn charge(&mut self, usage: Usage, cost: Cost) {
        self.usage = self.usage.plus(usage);
        self.cost = self.cost.plus(cost);
    }

    pub fn fail(&self, kind: GateFailureKind, message: impl Into<String>) -> GateFailure {
        GateFailure {
            kind,
            message: message.into(),
            attempts: self.attempts.clone(),
            retry_after: None,
            usage: self.usage,
            cost: self.cost,
        }
    }

    /// Something that the gate can't do without failed. The cause is for the log.
    pub fn store_failed(&self, what: &str, error: &StoreError) -> GateFailure {
        tracing::error!(%error, what, "the gate's store failed");
        self.fail(
            GateFailureKind::Internal,
            format!("the {what} can't be reached right now"),
        )
    }

    fn overhead_ms(&self) -> f64 {
        self.began.elapsed().saturating_sub(self.waited).as_secs_f64() * 1000.0
    }

    pub fn answer(&self, hop: &Hop, completion: Completion, json: Option<Value>) -> Answer {
        Answer {
            id: self.id,
            provider: hop.provider.clone(),
            model: completion.model.unwrap_or_else(|| hop.model.clone()),
            text: completion.text,
            tool_calls: completion.tool_calls,
            refusal: completion.refusal,
            finish: completion.finish,
            json,
            usage: self.usage,
            cost: self.cost,
            attempts: self.attempts.clone(),
            cached: false,
            ms: millis(self.began.elapsed()),
            overhead_ms: self.overhead_ms(),
        }
    }

    /// An answer of an equal call, as this call's: it took nothing and asked nobody.
    pub fn again(&self, kept: Answer) -> Answer {
        Answer {
            id: self.id,
            usage: Usage::default(),
            cost: Cost::FREE,
            attempts: Vec::new(),
            cached: true,
            ms: millis(self.began.elapsed()),
            overhead_ms: self.overhead_ms(),
            ..kept
        }
    }

    /// Writes down what came of it. A log that fails does not take the answer away.
    pub async fn record(&self, result: Result<&Answer, &GateFailure>) {
        let (answered, words, cached, attempts) = match result {
            Ok(answer) => (
                Some((answer.provider.clone(), answer.model.clone())),
                Some(answer.text.as_str()),
                answer.cached,
                answer.attempts.clone(),
            ),
            Err(failure) => (None, None, false, failure.attempts.clone()),
        };
        let log = self.policy.log;
        let class = self.call.data_class;
        let record = CallRecord {
            id: self.id,
            request_id: self.call.request_id,
            spender: self.call.spender.clone(),
            task: self.call.task.clone(),
            data_class: class,
            at: self.at,
            answered,
            attempts,
            usage: self.usage,
            cost: self.cost,
            cached,
            ms: millis(self.began.elapsed()),
            overhead_ms: self.overhead_ms(),
            prompt: log.keep(class, &self.prompt()),
            answer: words.and_then(|words| log.keep(class, words)),
            keep_words_until: self.at + chrono::TimeDelta::days(i64::from(log.days)),
        };
        if let Err(error) = self.gate.ports.log.record(record).await {
            tracing::error!(%error, call = %self.id, "a call to a language model can't be written down");
        }
    }

    /// The conversation as text; images are left out.
    fn prompt(&self) -> String {
        let mut text = String::new();
        for message in &self.call.request.messages {
            for part in &message.parts {
                let words = match part {
                    Part::Text { text } => text.clone(),
                    Part::Image(image) => format!("[{}]", image.media_type),
                    Part::ToolCall(call) => format!("{}({})", call.name, call.arguments),
                    Part::ToolResult { content, .. } => content.clone(),
                };
                text.push_str(message.role.as_str());
                text.push_str(": ");
                text.push_str(&words);
                text.push('\n');
            }
        }
        text
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
