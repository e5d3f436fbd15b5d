//! The pipeline's numbers against the same ones counted lead by lead.

use super::Contract;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind, LeadStage};
use groundswell_domain::money::{Currency, Money};
use groundswell_domain::pipeline::{Dimension, LeadSet, Outcome, SetSort};
use groundswell_domain::{FormId, PageRequest, Scope, Sort};
use serde_json::json;
use std::collections::BTreeMap;

/// Some leads of all kinds, and who filled in which form.
struct World {
    scope: Scope,
    leads: Vec<Lead>,
    forms: [FormId; 2],
    now: DateTime<Utc>,
}

impl World {
    async fn new(contract: &Contract) -> Self {
        let scope = contract.organization().await;
        let campaign = contract.make.campaign();
        let mut forms = [
            contract.make.form(scope.organization),
            contract.make.form(scope.organization),
        ];
        forms[1].campaign_id = Some(campaign.id);
        let unit = contract.begin(&scope).await;
        unit.campaigns().insert(&campaign).await.unwrap();
        for form in &forms {
            unit.forms().insert(form).await.unwrap();
        }
        let start = contract.make.now();
        let mut leads = Vec::new();
        for index in 0_u8..60 {
            let mut lead = contract.make.lead(&format!("lead{index}@example.com"));
            let i = i64::from(index);
            lead.created_at = start + TimeDelta::hours(i * 31);
            lead.stage = LeadStage::ALL[usize::from(index) % LeadStage::ALL.len()];
            lead.status = lead.stage.status();
            lead.furthest_stage = match lead.stage {
                LeadStage::Disqualified => LeadStage::ALL[usize::from(index) % 4],
                stage => stage,
            };
            lead.stage_since = lead.created_at + TimeDelta::seconds(i * i * 7_000);
            lead.source = ["form", "fair"][usize::from(index) % 2].to_owned();
            lead.utm.source = (index % 3 > 0).then(|| format!("s{}", index % 3));
            if !lead.stage.is_open() {
                lead.outcome_reason = (index % 4 > 0).then(|| format!("reason {}", index % 4));
                let currency = if index % 5 == 0 {
                    "USD".parse().unwrap()
                } else {
                    Currency::EUR
                };
                lead.value = (index % 3 == 0).then_some(Money {
                    minor: i * 100,
                    currency,
                });
            }
            unit.leads().insert(&lead).await.unwrap();
            leads.push(lead);
        }
        let mut events = Vec::new();
        for (index, lead) in leads.iter().enumerate() {
            for form in (0..2).filter(|form| index % (form + 2) == 0) {
                for at in [0, 1] {
                    events.push(LeadEvent {
                        id: contract.make.id(),
                        lead_id: lead.id,
                        kind: LeadEventKind::FormSubmitted,
                        subject: Some(forms[form].id.0),
                        occurred_at: lead.created_at + TimeDelta::seconds(at),
                        data: serde_json::Map::new(),
                    });
                }
            }
            let data = json!({ "from": "new", "to": lead.stage, "after_seconds": index * 50_000 });
            events.push(LeadEvent {
                id: contract.make.id(),
                lead_id: lead.id,
                kind: LeadEventKind::StageChanged,
                subject: None,
                occurred_at: lead.stage_since,
                data: data.as_object().cloned().unwrap(),
            });
        }
        unit.lead_events().add(&events).await.unwrap();
        unit.commit().await.unwrap();
        Self {
            scope,
            now: start + TimeDelta::days(400),
            leads,
            forms: [forms[0].id, forms[1].id],
        }
    }

    fn filled_in(&self, lead: &Lead, form: FormId) -> bool {
        let index = self.leads.iter().position(|other| other.id == lead.id).unwrap();
        self.forms
            .iter()
            .position(|other| *other == form)
            .is_some_and(|form| index % (form + 2) == 0)
    }

    fn is_in(&self, set: &LeadSet, lead: &Lead) -> bool {
        let text = |wanted: &Option<String>, has: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| wanted == has.unwrap_or_default())
        };
        set.created_from.is_none_or(|time| lead.created_at >= time)
            && set.created_before.is_none_or(|time| lead.created_at < time)
            && text(&set.source, Some(&lead.source))
            && text(&set.utm_source, lead.utm.source.as_deref())
            && text(&set.reason, lead.outcome_reason.as_deref())
            && set.form_id.is_none_or(|form| self.filled_in(lead, form))
            && set
                .campaign_id
                .is_none_or(|_| self.filled_in(lead, self.forms[1]))
            && set
                .reached
                .is_none_or(|stage| lead.furthest_stage.rank() >= stage.rank())
            && set.stage.is_none_or(|stage| lead.stage == stage)
            && set.since_from.is_none_or(|time| lead.stage_since >= time)
            && set.since_before.is_none_or(|time| lead.stage_since < time)
            && set.converted_within_days.is_none_or(|days| {
                lead.stage == LeadStage::Converted && age(lead, lead.stage_since) < i64::from(days)
            })
    }

    fn of(&self, set: &LeadSet) -> Vec<&Lead> {
        self.leads.iter().filter(|lead| self.is_in(set, lead)).collect()
    }

    /// Sets of every kind.
    fn sets(&self) -> Vec<LeadSet> {
        let all = LeadSet::default();
        let some = |change: &dyn Fn(&mut LeadSet)| {
            let mut set = all.clone();
            change(&mut set);
            set
        };
        let (early, late) = (self.leads[10].created_at, self.leads[40].created_at);
        vec![
            all.clone(),
            some(&|set| (set.created_from, set.created_before) = (Some(early), Some(late))),
            some(&|set| (set.since_from, set.since_before) = (Some(early), Some(late))),
            some(&|set| set.source = Some("fair".into())),
            some(&|set| set.utm_source = Some("s1".into())),
            some(&|set| set.utm_source = Some(String::new())),
            some(&|set| set.reason = Some("reason 1".into())),
            some(&|set| (set.reason, set.stage) = (Some(String::new()), Some(LeadStage::Converted))),
            some(&|set| set.form_id = Some(self.forms[0])),
            some(&|set| set.reached = Some(LeadStage::Qualified)),
            some(&|set| set.stage = Some(LeadStage::Disqualified)),
            some(&|set| set.converted_within_days = Some(60)),
        ]
    }
}

fn age(lead: &Lead, end: DateTime<Utc>) -> i64 {
    (end.timestamp() - lead.created_at.timestamp()).div_euclid(86_400)
}

#[expect(clippy::too_many_lines, reason = "every number of one set after another")]
pub async fn pipeline(contract: &Contract) {
    let world = World::new(contract).await;
    let repos = contract.read(&world.scope);
    let numbers = repos.pipeline();
    for set in world.sets() {
        let leads = world.of(&set);
        let many = i64::try_from(leads.len()).unwrap();
        let request = PageRequest::first(200, Sort::<SetSort>::parse("created_at").unwrap());
        let listed = numbers.list(&set, &request).await.unwrap().items;
        assert_eq!(listed.iter().collect::<Vec<_>>(), leads, "{set:?}");

        let stages = numbers.stages(&set).await.unwrap();
        assert_eq!(stages.iter().map(|count| count.leads).sum::<i64>(), many);
        for count in &stages {
            let same = leads
                .iter()
                .filter(|lead| (lead.furthest_stage, lead.stage) == (count.furthest, count.stage));
            assert_eq!(
                same.count(),
                usize::try_from(count.leads).unwrap(),
                "{set:?} {count:?}"
            );
        }

        let groups = numbers.groups(&set, Dimension::UtmSource, 10).await.unwrap();
        assert_eq!(groups.iter().map(|group| group.leads).sum::<i64>(), many);
        for group in &groups {
            let of = Dimension::UtmSource.narrow(&set, group.value.as_deref()).unwrap();
            let here = world.of(&of);
            let reached = |stage: LeadStage| {
                here.iter()
                    .filter(|lead| lead.furthest_stage.rank() >= stage.rank())
                    .count()
            };
            let at = |stage| here.iter().filter(|lead| lead.stage == stage).count();
            assert_eq!(
                [
                    group.leads,
                    group.qualified,
                    group.opportunities,
                    group.converted,
                    group.disqualified
                ],
                [
                    here.len(),
                    reached(LeadStage::Qualified),
                    reached(LeadStage::Opportunity),
                    at(LeadStage::Converted),
                    at(LeadStage::Disqualified)
                ]
                .map(|count| i64::try_from(count).unwrap()),
                "{set:?} {group:?}"
            );
        }

        let all = numbers.ended(&set, None, world.now, 10).await.unwrap().remove(0);
        let mut expected = BTreeMap::new();
        for lead in &leads {
            let end = if lead.stage.is_open() {
                world.now
            } else {
                lead.stage_since
            };
            let key = (age(lead, end), lead.stage == LeadStage::Converted);
            *expected.entry(key).or_insert(0) += 1;
        }
        #[expect(clippy::cast_possible_truncation, reason = "whole days")]
        let found: BTreeMap<_, _> = all
            .ended
            .iter()
            .map(|some| ((some.days as i64, some.converted), some.leads))
            .collect();
        assert_eq!(found, expected, "{set:?}");

        let cohorts = numbers.cohorts(&set).await.unwrap();
        assert_eq!(cohorts.iter().map(|cohort| cohort.leads).sum::<i64>(), many);
        let converted: i64 = cohorts
            .iter()
            .filter(|c| c.after == Some(1))
            .map(|c| c.leads)
            .sum();
        let second = leads
            .iter()
            .filter(|lead| lead.stage == LeadStage::Converted && age(lead, lead.stage_since) / 30 == 1);
        assert_eq!(converted, i64::try_from(second.count()).unwrap(), "{set:?}");

        let moves = numbers.moves(&set).await.unwrap();
        assert_eq!(moves.iter().map(|some| some.moves).sum::<i64>(), many, "{set:?}");

        for count in numbers.outcomes(&set, "EUR").await.unwrap() {
            let same: Vec<_> = leads
                .iter()
                .filter(|lead| lead.stage == count.outcome.stage() && lead.outcome_reason == count.reason)
                .collect();
            let values: Vec<_> = same
                .iter()
                .filter_map(|lead| lead.value.filter(|value| value.currency == Currency::EUR))
                .map(|value| value.minor)
                .collect();
            assert_eq!(count.leads, i64::try_from(same.len()).unwrap(), "{count:?}");
            let sum = (!values.is_empty()).then(|| values.iter().sum::<i64>());
            assert_eq!(count.value, sum, "{count:?}");
        }
        let won = numbers.won(&set, "EUR").await.unwrap();
        let customers = leads
            .iter()
            .filter(|lead| lead.stage == Outcome::Won.stage())
            .count();
        assert_eq!(won.leads, i64::try_from(customers).unwrap());
    }

    // A lead counts for each form, once; and for the campaign of the second one.
    for (dimension, forms) in [
        (Dimension::Form, &world.forms[..]),
        (Dimension::Campaign, &world.forms[1..]),
    ] {
        let groups = numbers.groups(&LeadSet::default(), dimension, 10).await.unwrap();
        assert_eq!(groups.len(), forms.len());
        for group in groups {
            let set = dimension
                .narrow(&LeadSet::default(), group.value.as_deref())
                .unwrap();
            let leads = world.of(&set);
            assert_eq!(group.leads, i64::try_from(leads.len()).unwrap(), "{set:?}");
            let request = PageRequest::first(200, Sort::<SetSort>::parse("created_at").unwrap());
            let listed = numbers.list(&set, &request).await.unwrap().items;
            assert_eq!(listed.iter().collect::<Vec<_>>(), leads);
        }
    }
    let largest = numbers
        .groups(&LeadSet::default(), Dimension::Form, 1)
        .await
        .unwrap();
    assert_eq!(largest[0].value, Some(world.forms[0].to_string()));

    let stranger = contract.organization().await;
    let repos = contract.read(&stranger);
    assert_eq!(repos.pipeline().stages(&LeadSet::default()).await.unwrap(), []);
    assert_eq!(repos.pipeline().moves(&LeadSet::default()).await.unwrap(), []);
}
