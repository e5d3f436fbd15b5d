//! Who is asked first, and who next.

use super::{Call, Catalogue, DataClass, Profile, ProviderName, Task, Vendor};
use crate::ids::ClientId;
use serde::{Deserialize, Serialize};

/// One provider with one model.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Hop {
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub provider: ProviderName,
    pub model: String,
}

/// An order of its own for some calls. All conditions that are there must hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RoutingRule {
    #[serde(default)]
    pub client: Option<ClientId>,
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>))]
    pub task: Option<Task>,
    /// The model that the call names.
    #[serde(default)]
    pub model: Option<String>,
    pub order: Vec<Hop>,
}

/// Where an organization's calls go.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Routing {
    /// For calls that no rule is for.
    pub order: Vec<Hop>,
    #[serde(default)]
    pub rules: Vec<RoutingRule>,
    /// Prompts with personal data go to providers on the operator's machines only.
    #[serde(default)]
    pub personal_stays_local: bool,
    /// When nobody answers, a text is made by rules, without a model.
    #[serde(default)]
    pub builtin_last: bool,
}

impl Default for Routing {
    /// The reference system's order and models.
    fn default() -> Self {
        let hops = [
            ("openai", "gpt-5-mini"),
            ("anthropic", "claude-sonnet-4-5"),
            ("mistral", "mistral-large-latest"),
        ];
        let hop = |(provider, model): (&str, &str)| {
            Some(Hop {
                provider: provider.parse().ok()?,
                model: model.to_owned(),
            })
        };
        Self {
            order: hops.into_iter().filter_map(hop).collect(),
            rules: Vec::new(),
            personal_stays_local: false,
            builtin_last: true,
        }
    }
}

impl RoutingRule {
    /// How closely it fits: a rule with more conditions wins, then one for a client, then one for a task.
    fn fit(&self, call: &Call) -> Option<(u8, bool, bool)> {
        let holds = |wanted: bool, given: bool| !wanted || given;
        let client = holds(self.client.is_some(), self.client == call.spender.client);
        let task = holds(self.task.is_some(), self.task == call.task);
        let model = holds(self.model.is_some(), self.model == call.choice.model);
        let conditions = [self.client.is_some(), self.task.is_some(), self.model.is_some()];
        let count = conditions.into_iter().map(u8::from).sum();
        (client && task && model).then_some((count, self.client.is_some(), self.task.is_some()))
    }
}

impl Routing {
    /// Whom to ask, in this order; each once. What the call names comes first, then the order of the rule that fits best. The
    /// built-in texts come last, where the organization wants them and the call is one that rules can answer.
    pub fn plan(&self, call: &Call, profiles: &[Profile], catalogue: &Catalogue) -> Vec<Hop> {
        let mut hops = Vec::new();
        // Of two that fit equally the first.
        let fitting = self
            .rules
            .iter()
            .rev()
            .filter_map(|rule| Some((rule.fit(call)?, rule)));
        let rule = fitting.max_by_key(|(fit, _)| *fit).map(|(_, rule)| rule);
        let order = rule.map_or(self.order.as_slice(), |rule| rule.order.as_slice());
        let named = self.named(call, order, profiles, catalogue);
        let is_named = call.choice.model.is_some() || call.choice.provider.is_some();
        // A rule for this model says instead of whom else to ask it of.
        if rule.is_none_or(|rule| rule.model.is_none()) || call.choice.provider.is_some() {
            hops.extend(named);
        }
        if !(call.choice.pinned && is_named) {
            hops.extend(order.iter().cloned());
            if self.builtin_last && call.request.schema.is_none() && call.request.tools.is_empty() {
                hops.extend(Self::builtin());
            }
        }
        let mut seen = std::collections::HashSet::new();
        hops.retain(|hop| seen.insert(hop.clone()));
        hops
    }

    /// The texts that are made without a model.
    pub fn builtin() -> Option<Hop> {
        Some(Hop {
            provider: Vendor::Builtin.as_str().parse().ok()?,
            model: "rules".to_owned(),
        })
    }

    /// What the call itself names. A model without its provider is looked for in the order, then among the prices.
    fn named(&self, call: &Call, order: &[Hop], profiles: &[Profile], catalogue: &Catalogue) -> Vec<Hop> {
        let mut known = order
            .iter()
            .chain(&self.order)
            .chain(self.rules.iter().flat_map(|rule| &rule.order));
        match (&call.choice.provider, &call.choice.model) {
            (Some(provider), Some(model)) => vec![Hop {
                provider: provider.clone(),
                model: model.clone(),
            }],
            (Some(provider), None) => known
                .filter(|hop| hop.provider == *provider)
                .take(1)
                .cloned()
                .collect(),
            (None, Some(model)) => {
                let known = known.find(|hop| hop.model == *model).cloned();
                let provider = || {
                    let provider = catalogue.vendor_of(model)?;
                    profiles
                        .iter()
                        .any(|profile| profile.name == provider)
                        .then_some(provider)
                };
                let found = known.or_else(|| {
                    Some(Hop {
                        provider: provider()?,
                        model: model.clone(),
                    })
                });
                found.into_iter().collect()
            }
            (None, None) => Vec::new(),
        }
    }

    /// Whether what is in the prompt may go there.
    pub fn allows(&self, class: DataClass, profile: &Profile) -> bool {
        !(self.personal_stays_local && class == DataClass::Personal) || profile.local
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{ChatRequest, Message, Role, Spender};
    use uuid::Uuid;

    fn call() -> Call {
        let request = ChatRequest::of(vec![Message::text(Role::User, "Hi")]);
        Call::of(Spender::organization(Uuid::nil().into()), request)
    }

    fn hop(text: &str) -> Hop {
        let (provider, model) = text.split_once(' ').unwrap();
        Hop {
            provider: provider.parse().unwrap(),
            model: model.into(),
        }
    }

    fn plan(routing: &Routing, call: &Call) -> Vec<String> {
        let hops = routing.plan(call, &Profile::all(), &Catalogue::built_in().unwrap());
        hops.into_iter()
            .map(|hop| format!("{} {}", hop.provider, hop.model))
            .collect()
    }

    #[test]
    fn the_default_is_the_reference_systems_order_and_then_the_built_in_texts() {
        let expected = [
            "openai gpt-5-mini",
            "anthropic claude-sonnet-4-5",
            "mistral mistral-large-latest",
            "builtin rules",
        ];
        assert_eq!(plan(&Routing::default(), &call()), expected);
        let mut with_schema = call();
        with_schema.request.schema = Some(crate::llm::JsonSchema {
            name: "x".into(),
            schema: serde_json::json!({ "type": "object" }),
        });
        assert_eq!(plan(&Routing::default(), &with_schema), expected[..3]);
    }

    #[test]
    fn a_named_model_is_first_and_a_pinned_one_alone() {
        let mut call = call();
        call.choice.model = Some("gemini-2.5-flash".into());
        let hops = plan(&Routing::default(), &call);
        assert_eq!(hops[..2], ["gemini gemini-2.5-flash", "openai gpt-5-mini"]);
        call.choice.pinned = true;
        assert_eq!(plan(&Routing::default(), &call), ["gemini gemini-2.5-flash"]);
        call.choice.model = Some("nobody-has-this".into());
        assert!(plan(&Routing::default(), &call).is_empty());
        call.choice.provider = Some("openrouter".parse().unwrap());
        assert_eq!(plan(&Routing::default(), &call), ["openrouter nobody-has-this"]);
        call.choice.provider = Some("mistral".parse().unwrap());
        call.choice.model = None;
        assert_eq!(plan(&Routing::default(), &call), ["mistral mistral-large-latest"]);
    }

    #[test]
    fn the_rule_that_fits_best_decides() {
        let client: ClientId = Uuid::from_u128(7).into();
        let rule = |with_client: bool, task: Option<&str>, model: Option<&str>, order: &str| RoutingRule {
            client: with_client.then_some(client),
            task: task.map(|task| task.parse().unwrap()),
            model: model.map(str::to_owned),
            order: vec![hop(order)],
        };
        let routing = Routing {
            rules: vec![
                rule(false, Some("headline"), None, "a task"),
                rule(true, None, None, "b client"),
                rule(true, Some("headline"), None, "c both"),
                rule(false, None, Some("fast"), "d model"),
                rule(false, None, Some("fast"), "e second"),
            ],
            builtin_last: false,
            ..Routing::default()
        };
        let mut call = call();
        call.task = Some("headline".parse().unwrap());
        assert_eq!(plan(&routing, &call), ["a task"]);
        call.spender.client = Some(client);
        assert_eq!(plan(&routing, &call), ["c both"]);
        call.task = None;
        assert_eq!(plan(&routing, &call), ["b client"]);
        call.spender.client = None;
        call.choice.model = Some("fast".into());
        assert_eq!(plan(&routing, &call), ["d model"]);
    }

    #[test]
    fn personal_data_may_be_bound_to_local_models() {
        let routing = Routing {
            personal_stays_local: true,
            ..Routing::default()
        };
        let local: Vec<_> = Profile::all()
            .into_iter()
            .filter(|profile| routing.allows(DataClass::Personal, profile))
            .map(|profile| profile.name.to_string())
            .collect();
        assert_eq!(local, ["ollama", "builtin"]);
        assert!(
            Profile::all()
                .iter()
                .all(|profile| routing.allows(DataClass::Internal, profile))
        );
    }
}
