//! From hop to hop, and from key to key.

use super::attempt::{Mode, Place, Tried, Won};
use super::run::Run;
use chrono::{DateTime, Utc};
use groundswell_domain::llm::{
    Capability, ChatRequest, FailureKind, GateFailure, Hold, Hop, KeyOwner, KeyRef, LlmKey, NamedBy, Outcome,
    Profile, Routing, Step, ToolChoice, Vendor, count, rotation,
};
use std::collections::HashSet;
use std::time::Duration;

enum HopEnd {
    Answered(Box<Won>),
    /// Its keys can be asked again then.
    Later(DateTime<Utc>),
    /// Nothing that passes with time.
    Closed,
}

impl Run {
    /// Asks along the plan. Who is limited is waited for only when nobody else is left, and the built-in texts are the very last.
    pub async fn find(
        &mut self,
        plan: &[Hop],
        request: &ChatRequest,
        mode: Mode,
    ) -> Result<Won, GateFailure> {
        let builtin = Routing::builtin();
        let (hops, last) = match plan.split_last() {
            Some((last, hops)) if !hops.is_empty() && Some(last) == builtin.as_ref() => (hops, Some(last)),
            _ => (plan, None),
        };
        let mut open: Vec<&Hop> = hops.iter().collect();
        let mut waits = 0;
        loop {
            let mut later = Vec::new();
            self.soonest = None;
            for hop in open {
                match self.hop(hop, request, mode).await? {
                    HopEnd::Answered(won) => return Ok(*won),
                    HopEnd::Closed => {}
                    HopEnd::Later(until) => {
                        later.push(hop);
                        self.soonest = Some(self.soonest.map_or(until, |soonest| soonest.min(until)));
                    }
                }
            }
            let Some(wait) = self.worth_waiting(waits) else {
                break;
            };
            self.sleep(wait).await;
            waits += 1;
            open = later;
        }
        // A budget that is used up is not a reason for another text, and one that rules make could hide it.
        if let Some(last) = last.filter(|_| self.short.is_none() && !self.unknown_price)
            && let HopEnd::Answered(won) = self.hop(last, request, mode).await?
        {
            return Ok(*won);
        }
        Err(self.nobody_answered())
    }

    fn worth_waiting(&self, waits: u32) -> Option<Duration> {
        let settings = &self.gate.settings;
        let wait = (self.soonest? - self.now()).to_std().unwrap_or_default();
        let fits = wait <= settings.longest_wait && wait < self.remaining() && waits < settings.most_waits;
        fits.then_some(wait)
    }

    async fn hop(&mut self, hop: &Hop, request: &ChatRequest, mode: Mode) -> Result<HopEnd, GateFailure> {
        let profile = self.policy.profile(&hop.provider).cloned();
        let provider = profile
            .as_ref()
            .and_then(|profile| self.gate.provider(profile.vendor));
        let (Some(profile), Some(provider)) = (profile, provider) else {
            return Ok(self.closed(hop, Outcome::NoProvider));
        };
        if !self.policy.routing.allows(self.call.data_class, &profile) {
            return Ok(self.closed(hop, Outcome::DataClass));
        }
        let gate = self.gate.clone();
        let model = gate.catalogue.find(profile.vendor, &hop.model);
        let can = |capability| match model {
            Some(model) => model.can(capability),
            None => profile.vendor.can(capability),
        };
        let needs = [
            (true, Capability::Chat),
            (
                !request.tools.is_empty() && request.tool_choice != ToolChoice::None,
                Capability::Tools,
            ),
            (request.images().next().is_some(), Capability::Vision),
        ];
        if needs
            .iter()
            .any(|(needed, capability)| *needed && !can(*capability))
        {
            return Ok(self.closed(hop, Outcome::NotCapable));
        }
        let bound = count(request, model.map_or(5000, |model| model.image_tokens));
        let window = model.and_then(|model| model.context_window);
        if window.is_some_and(|window| bound.likely > window) {
            return Ok(self.closed(hop, Outcome::TooLong));
        }
        let most = model.and_then(|model| model.max_output);
        let mut request = request.clone();
        request.max_output_tokens = most.map_or(request.max_output_tokens, |most| {
            most.min(request.max_output_tokens)
        });
        let place = Place {
            hop: hop.clone(),
            price: gate.catalogue.price(profile.vendor, profile.local, &hop.model),
            native_schema: can(Capability::Schema),
            temperature: can(Capability::Temperature),
            profile,
            provider,
            request,
            bound,
        };
        self.keys_of(place, mode).await
    }

    /// Asks one hop with one key after the other.
    async fn keys_of(&mut self, place: Place, mode: Mode) -> Result<HopEnd, GateFailure> {
        let keys = self.keys(&place.profile).await?;
        let mut tries = 0;
        let mut asked = false;
        // Keys that had their turn: one that is limited for no time at all would have it again and again.
        let mut spent = HashSet::new();
        loop {
            if self.remaining().is_zero() {
                return Err(self.nobody_answered());
            }
            let key = match self.admitted(&keys, &place, &spent) {
                Ok(key) => key,
                // What was just noted says enough.
                Err((_, Some(hold))) if asked => return Ok(HopEnd::Later(hold.until())),
                Err((outcome, hold)) => {
                    if !asked {
                        self.note(&place.hop, None, outcome, Duration::ZERO);
                    }
                    return Ok(hold.map_or(HopEnd::Closed, |hold| HopEnd::Later(hold.until())));
                }
            };
            asked = true;
            let kind = match self.attempt(&place, &key, mode).await? {
                Tried::Answered(won) => return Ok(HopEnd::Answered(won)),
                Tried::NoMoney => return Ok(HopEnd::Closed),
                Tried::Failed(kind) => kind,
            };
            match kind.step() {
                Step::NextHop => return Ok(HopEnd::Closed),
                Step::OtherKey => {
                    if kind == FailureKind::Unauthorized {
                        self.refused.insert(key.id.clone());
                    }
                    spent.insert(key.id.clone());
                }
                Step::Again => {
                    tries += 1;
                    if tries >= self.gate.settings.tries {
                        return Ok(HopEnd::Closed);
                    }
                    let wait = self.gate.settings.backoff.wait(tries, self.gate.jitter());
                    self.sleep(wait.min(self.remaining())).await;
                }
            }
        }
    }

    /// The keys that may go to this provider. The operator's keys never go to an address that an organization named.
    async fn keys(&self, profile: &Profile) -> Result<Vec<LlmKey>, GateFailure> {
        if profile.vendor == Vendor::Builtin {
            return Ok(vec![no_key(profile)]);
        }
        let keys = self.gate.ports.keys.keys(&self.call.spender, &profile.name).await;
        let mut keys = keys.map_err(|error| self.store_failed("keys of providers", &error))?;
        if profile.endpoint.named_by == NamedBy::Organization {
            keys.retain(|key| key.owner != KeyOwner::Operator);
        }
        if keys.is_empty() && !profile.needs_key {
            keys.push(no_key(profile));
        }
        Ok(keys)
    }

    /// The best key that may be asked now, or why there is none and when there will be.
    fn admitted(
        &self,
        keys: &[LlmKey],
        place: &Place,
        spent: &HashSet<KeyRef>,
    ) -> Result<LlmKey, (Outcome, Option<Hold>)> {
        if keys.is_empty() {
            return Err((Outcome::NoKey, None));
        }
        let now = self.now();
        let model = &place.hop.model;
        let mut book = self.gate.book();
        let keys = rotation(keys.to_vec(), &book, model, now);
        let mut soonest: Option<Hold> = None;
        for key in keys.into_iter().filter(|key| !self.refused.contains(&key.id)) {
            let hold = if spent.contains(&key.id) {
                Hold::CoolingDown(book.cooling(&key.id, model, now).unwrap_or(now))
            } else {
                match book.admit(&key.id, model, now) {
                    Ok(()) => return Ok(key),
                    Err(hold) => hold,
                }
            };
            if soonest.is_none_or(|soonest| hold.until() < soonest.until()) {
                soonest = Some(hold);
            }
        }
        Err(match soonest {
            Some(hold @ Hold::CoolingDown(_)) => (Outcome::CoolingDown, Some(hold)),
            Some(hold @ Hold::BreakerOpen(_)) => (Outcome::BreakerOpen, Some(hold)),
            None => (Outcome::Quarantined, None),
        })
    }

    fn closed(&mut self, hop: &Hop, outcome: Outcome) -> HopEnd {
        self.note(hop, None, outcome, Duration::ZERO);
        HopEnd::Closed
    }
}

fn no_key(profile: &Profile) -> LlmKey {
    LlmKey {
        id: KeyRef::None(profile.name.clone()),
        provider: profile.name.clone(),
        owner: KeyOwner::Operator,
        secret: None,
        quarantined: false,
    }
}
