//! What scores promise, whatever the rules and the events are.

use super::{LedgerChange, ModelStatus, Scorer, ScoringModel, ScoringRule, compare};
use crate::email::Verification;
use crate::leads::{
    Axis, Lead, LeadEvent, LeadEventKind, LeadStage, LeadStatus, Score, ScoreEntry, Tags, Utm,
};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2027-01-10T12:00:00Z".parse().unwrap()
}

fn lead() -> Lead {
    Lead {
        id: Uuid::from_u128(1).into(),
        name: "Grace Hopper".into(),
        verification: Verification::of(&"grace@navy.example".parse().unwrap()),
        phone_e164: None,
        email: "grace@navy.example".parse().unwrap(),
        phone: None,
        company: Some("Navy GmbH".into()),
        title: Some("Head of Compilers".into()),
        source: "form".into(),
        status: LeadStatus::New,
        stage: LeadStage::New,
        stage_since: now(),
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::parse(["vip", "fair"]).unwrap(),
        custom_fields: json!({ "size": "250", "plan": { "name": "Pro" }, "since": "2020-05-01" })
            .as_object()
            .unwrap()
            .clone(),
        score: Score::default(),
        utm: Utm {
            source: Some("newsletter".into()),
            ..Utm::default()
        },
        client_id: None,
        created_at: now(),
        updated_at: now(),
        version: 1,
    }
}

fn event(id: u128, kind: LeadEventKind, days_ago: i64) -> LeadEvent {
    LeadEvent {
        id: Uuid::from_u128(1000 + id).into(),
        lead_id: Uuid::from_u128(1).into(),
        kind,
        subject: Some(Uuid::from_u128(id)),
        occurred_at: now() - TimeDelta::days(days_ago),
        data: Map::from_iter([("url".to_owned(), json!("https://navy.example/Pricing"))]),
    }
}

fn rule(value: Value) -> ScoringRule {
    serde_json::from_value(value).unwrap()
}

fn model(rules: Vec<ScoringRule>, caps: &[(&str, i32)]) -> ScoringModel {
    ScoringModel {
        rules,
        caps: caps
            .iter()
            .map(|(kind, cap)| ((*kind).to_owned(), *cap))
            .collect::<BTreeMap<_, _>>(),
        ..ScoringModel::built_in(Uuid::from_u128(9).into(), now())
    }
}

fn scorer(rules: Vec<ScoringRule>, caps: &[(&str, i32)]) -> Scorer {
    Scorer::new(&model(rules, caps)).unwrap()
}

fn fit(when: &Value) -> i32 {
    let rules = vec![rule(
        json!({ "name": "r", "axis": "fit", "when": when, "points": 7 }),
    )];
    Score::sum(&scorer(rules, &[]).lines(&lead(), &[], now())).fit
}

#[test]
fn conditions_ask_about_any_field() {
    for when in [
        json!({ "field": "company", "contains": "gmbh" }),
        json!({ "field": "company", "eq": "NAVY GmbH" }),
        json!({ "field": "custom_fields.size", "gte": 250 }),
        json!({ "field": "custom_fields.size", "eq": 250 }),
        json!({ "field": "custom_fields.plan.name", "in": ["basic", "pro"] }),
        json!({ "field": "custom_fields.since", "lt": "2021-01-01" }),
        json!({ "field": "tags", "contains": "VIP" }),
        json!({ "field": "tags", "in": ["other", "fair"] }),
        json!({ "field": "utm.source", "eq": "newsletter" }),
        json!({ "field": "email_domain", "eq": "navy.example" }),
        json!({ "field": "title", "matches": "^(head|vp|chief) " }),
        json!({ "field": "phone", "missing": true }),
        json!({ "field": "enrichment.employees", "missing": true }),
        json!({ "field": "stage", "ne": "converted" }),
        json!({ "field": "created_at", "gt": "2026-12-31T23:59:59Z" }),
        json!({ "not": { "field": "phone", "exists": true } }),
        json!({ "any": [{ "field": "phone", "exists": true }, { "all": [{ "field": "name", "exists": true }] }] }),
    ] {
        assert_eq!(fit(&when), 7, "{when}");
    }
    for when in [
        json!({ "field": "tags", "contains": "vi" }),
        json!({ "field": "phone", "gt": 1 }),
        json!({ "field": "enrichment.employees", "gt": 1 }),
        json!({ "field": "company", "gt": 1 }),
        json!({ "field": "client_id", "exists": true }),
    ] {
        assert_eq!(fit(&when), 0, "{when}");
    }
}

#[test]
fn each_mistake_is_named_with_its_path() {
    let fit = |when: Value| rule(json!({ "name": "a", "axis": "fit", "when": when, "points": 1 }));
    let mistakes = |rules: Vec<ScoringRule>, caps: &[(&str, i32)]| {
        let found = model(rules, caps).mistakes();
        found.into_iter().map(|error| error.field).collect::<Vec<_>>()
    };
    for (when, path) in [
        (json!({}), "when"),
        (json!({ "field": "name" }), "when"),
        (json!({ "field": "name", "eq": 1, "in": [1] }), "when"),
        (json!({ "field": "name", "like": "x" }), "when.like"),
        (json!({ "field": "", "eq": 1 }), "when.field"),
        (json!({ "field": "score.total", "gt": 1 }), "when.field"),
        (json!({ "field": "name", "gt": "soon" }), "when.gt"),
        (json!({ "field": "name", "matches": "(" }), "when.matches"),
        (
            json!({ "field": "name", "matches": "(\\pL{50}){50}{50}" }),
            "when.matches",
        ),
        (json!({ "all": [] }), "when.all"),
        (
            json!({ "all": [{ "field": "a", "eq": 1 }, { "not": { "nor": 1 } }] }),
            "when.all[1].not.nor",
        ),
        (json!({ "event": "email_opened" }), "when.event"),
    ] {
        assert_eq!(
            mistakes(vec![fit(when.clone())], &[]),
            [format!("rules[0].{path}")],
            "{when}"
        );
    }
    let both = |change: Value| {
        let mut value =
            json!({ "name": "b", "axis": "engagement", "when": { "event": "email_opened" }, "points": 1 });
        value
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        mistakes(vec![rule(value)], &[])
    };
    assert_eq!(
        both(json!({ "points": 0, "name": "A b" })),
        ["rules[0].name", "rules[0].points"]
    );
    assert_eq!(both(json!({ "points": i32::MIN })), ["rules[0].points"]);
    assert_eq!(both(json!({ "half_life_days": 0 })), ["rules[0].half_life_days"]);
    assert_eq!(
        both(json!({ "when": { "event": "created" } })),
        ["rules[0].when.event"]
    );
    assert_eq!(
        both(json!({ "when": { "event": ["email_opened", "nope"] } })),
        ["rules[0].when.event"]
    );
    assert_eq!(both(json!({ "when": {} })), ["rules[0].when.event"]);
    assert_eq!(
        both(json!({ "when": { "event": "email_opened", "data": 1 } })),
        ["rules[0].when.data"]
    );
    assert_eq!(mistakes(Vec::new(), &[("email", 3)]), ["caps.email"]);
    let twice = || {
        rule(json!({ "name": "a", "axis": "fit", "when": { "field": "name", "exists": true }, "points": 1 }))
    };
    assert_eq!(mistakes(vec![twice(), twice()], &[]), ["rules[1].name"]);
    let mut deep = json!({ "field": "name", "exists": true });
    for _ in 0..1_000 {
        deep = json!({ "not": deep });
    }
    assert_eq!(mistakes(vec![fit(deep)], &[]).len(), 1);
}

#[test]
fn what_is_taken_away_stands_in_lines_of_its_own() {
    let scorer = scorer(
        vec![
            rule(
                json!({ "name": "clicks", "axis": "engagement", "points": 10, "half_life_days": 10, "cap": 20, "kind": "mail",
                "when": { "event": "email_clicked", "data": { "field": "url", "contains": "pricing" } } }),
            ),
            rule(
                json!({ "name": "opens", "axis": "engagement", "points": 4, "kind": "mail", "max_per_day": 1,
                "when": { "event": "email_opened" } }),
            ),
            rule(
                json!({ "name": "big", "axis": "fit", "points": 80, "when": { "field": "custom_fields.size", "gt": 100 } }),
            ),
            rule(
                json!({ "name": "known", "axis": "fit", "points": 30, "when": { "field": "name", "exists": true } }),
            ),
        ],
        &[("mail", 22)],
    );
    let events: Vec<_> = (1..=3)
        .map(|id| event(id, LeadEventKind::EmailClicked, 0))
        .chain([event(4, LeadEventKind::EmailClicked, 10)])
        .chain((5..=7).map(|id| event(id, LeadEventKind::EmailOpened, 1)))
        .collect();
    let lines = scorer.lines(&lead(), &events, now());
    let of = |rule: &str, event: &str| {
        let line = lines
            .iter()
            .find(|line| line.rule == rule && line.event.starts_with(event));
        line.map(|line| line.points)
    };
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.event.starts_with("message:"))
            .count(),
        5
    );
    assert_eq!(of("clicks", "decay"), Some(-5));
    assert_eq!(of("clicks", "cap"), Some(-15));
    assert_eq!(of("cap.mail", "cap"), Some(-2));
    assert_eq!(of("cap.fit", "cap"), Some(-10));
    let score = Score::sum(&lines);
    assert_eq!((score.fit, score.engagement, score.total), (100, 22, 122));
}

#[test]
fn lines_that_stay_are_left_alone() {
    let one = |revision, points| {
        let mut model = model(
            vec![rule(
                json!({ "name": "a", "axis": "fit", "when": { "field": "name", "exists": true }, "points": points }),
            )],
            &[],
        );
        model.revision = revision;
        Scorer::new(&model).unwrap().lines(&lead(), &[], now())
    };
    assert_eq!(compare(one(1, 5), one(2, 5)), LedgerChange::default());
    let change = compare(one(1, 5), one(2, 6));
    assert_eq!(
        (
            change.changed.len(),
            change.changed[0].points,
            change.changed[0].revision
        ),
        (1, 6, 2)
    );
    assert_eq!(compare(one(1, 5), Vec::new()).removed.len(), 1);
    assert_eq!(compare(Vec::new(), one(1, 5)).added.len(), 1);
}

fn kinds() -> impl Strategy<Value = LeadEventKind> {
    prop_oneof![
        Just(LeadEventKind::FormSubmitted),
        Just(LeadEventKind::EmailOpened),
        Just(LeadEventKind::EmailClicked),
        Just(LeadEventKind::Unsubscribed),
    ]
}

prop_compose! {
    fn rules()(parts in prop::collection::vec(
        (kinds(), -100..100_i32, prop::option::of(1..60_i32), prop::option::of(1..50_i32), 0..2_u8, prop::option::of(1..3_i32)), 1..6))
    -> Vec<ScoringRule> {
        parts.into_iter().enumerate().map(|(index, (event, points, half_life, cap, kind, per_day))| rule(json!({
            "name": format!("r{index}"), "axis": "engagement", "when": { "event": event }, "points": if points == 0 { 1 } else { points },
            "half_life_days": half_life, "cap": cap, "kind": format!("k{kind}"), "max_per_day": per_day,
        }))).collect()
    }
}

prop_compose! {
    fn history()(parts in prop::collection::vec((kinds(), 0..200_i64, 0..20_u128), 0..30)) -> Vec<LeadEvent> {
        parts.into_iter().enumerate().map(|(index, (kind, days, subject))| LeadEvent {
            subject: Some(Uuid::from_u128(subject)),
            ..event(index as u128, kind, days)
        }).collect()
    }
}

fn caps_of(rules: &[ScoringRule], cap: i32) -> BTreeMap<String, i32> {
    rules
        .iter()
        .filter_map(|rule| rule.kind.clone())
        .map(|kind| (kind, cap))
        .collect()
}

fn apply(ledger: &mut Vec<ScoreEntry>, new: Vec<ScoreEntry>) {
    let change = compare(ledger.clone(), new);
    ledger.retain(|line| {
        change
            .removed
            .iter()
            .chain(&change.changed)
            .all(|gone| gone.id != line.id)
    });
    ledger.extend(change.added.into_iter().chain(change.changed));
}

fn places(ledger: &[ScoreEntry]) -> Vec<(String, String, i32)> {
    let mut all: Vec<_> = ledger
        .iter()
        .map(|line| (line.rule.clone(), line.event.clone(), line.points))
        .collect();
    all.sort();
    all
}

proptest! {
    #[test]
    fn more_points_never_give_less(rules in rules(), events in history(), which in 0..6_usize, more in 1..50_i32, cap in 1..80_i32) {
        let model = ScoringModel { caps: caps_of(&rules, cap), ..model(rules, &[]) };
        let mut raised = model.clone();
        let count = raised.rules.len();
        let rule = &mut raised.rules[which % count];
        rule.points += more;
        if rule.points == 0 {
            rule.points = 1;
        }
        let score = |model: &ScoringModel| Score::sum(&Scorer::new(model).unwrap().lines(&lead(), &events, now())).total;
        prop_assert!(score(&raised) >= score(&model));
    }

    #[test]
    fn caps_hold_for_rules_kinds_and_fit(rules in rules(), events in history(), cap in 1..80_i32, points in prop::collection::vec(-100..100_i32, 1..5)) {
        let mut model = ScoringModel { caps: caps_of(&rules, cap), ..model(rules.clone(), &[]) };
        model.rules.extend(points.iter().enumerate().map(|(index, points)| rule(json!({
            "name": format!("fit{index}"), "axis": "fit", "when": { "field": "name", "exists": true }, "points": if *points == 0 { 1 } else { *points } }))));
        let lines = Scorer::new(&model).unwrap().lines(&lead(), &events, now());
        let sum = |wanted: &dyn Fn(&ScoreEntry) -> bool| lines.iter().filter(|line| wanted(line)).map(|line| line.points).sum::<i32>();
        for rule in &rules {
            let value = sum(&|line| line.rule == rule.name);
            prop_assert!(rule.cap.is_none_or(|cap| value.abs() <= cap));
            prop_assert!(value == 0 || value.signum() == rule.points.signum(), "{value} of {rule:?}");
        }
        for kind in model.caps.keys() {
            let of_kind: Vec<_> = rules.iter().filter(|rule| rule.kind.as_ref() == Some(kind)).map(|rule| rule.name.clone()).collect();
            let value = sum(&|line| of_kind.contains(&line.rule) || line.rule == format!("cap.{kind}"));
            prop_assert!(value.abs() <= cap);
        }
        let score = Score::sum(&lines);
        prop_assert!((0..=100).contains(&score.fit));
        prop_assert_eq!(score.total, score.fit + score.engagement);
    }

    #[test]
    fn what_has_a_half_life_decays_to_nothing_and_never_turns(rules in rules(), events in history(), half_life in 1..40_i32) {
        let mut rules = rules;
        let sign = rules[0].points.signum();
        for rule in &mut rules {
            rule.half_life_days = Some(half_life);
            rule.points = rule.points.abs() * sign;
        }
        let scorer = scorer(rules, &[]);
        let mut last = i32::MAX;
        for days in 0..=(40 * i64::from(half_life) / 4) {
            let value = Score::sum(&scorer.lines(&lead(), &events, now() + TimeDelta::days(days * 4))).total * sign;
            prop_assert!((0..=last).contains(&value));
            last = value;
        }
        let end = scorer.lines(&lead(), &events, now() + TimeDelta::days(i64::from(half_life) * 12));
        prop_assert!(end.is_empty(), "a ledger of what is over is empty: {end:?}");
    }

    #[test]
    fn what_comes_piece_by_piece_in_any_order_is_what_is_computed_at_once(
        rules in rules(), events in history().prop_shuffle(), cap in 1..80_i32, days in prop::collection::vec(0..3_i64, 30),
    ) {
        let scorer = Scorer::new(&ScoringModel { caps: caps_of(&rules, cap), ..model(rules, &[]) }).unwrap();
        let (mut ledger, mut known, mut time) = (Vec::new(), Vec::new(), now());
        for (event, wait) in events.iter().zip(days) {
            known.push(event.clone());
            time += TimeDelta::days(wait);
            apply(&mut ledger, scorer.lines(&lead(), &known, time));
        }
        let whole = scorer.lines(&lead(), &events, time);
        if !events.is_empty() {
            prop_assert_eq!(places(&ledger), places(&whole));
            prop_assert_eq!(Score::sum(&ledger), Score::sum(&whole));
        }
    }

    #[test]
    fn additive_models_need_not_look_back(rules in rules(), events in history()) {
        let mut rules = rules;
        for rule in &mut rules {
            (rule.half_life_days, rule.cap, rule.max_per_day) = (None, None, None);
        }
        let scorer = scorer(rules, &[]);
        prop_assert!(scorer.is_additive());
        let mut once = BTreeMap::new();
        for line in scorer.additions(&events) {
            once.entry((line.rule.clone(), line.event.clone())).or_insert(line);
        }
        let added: Vec<_> = once.into_values().collect();
        prop_assert_eq!(places(&added), places(&scorer.lines(&lead(), &events, now())));
    }
}

#[test]
fn the_built_in_model_is_additive_and_active() {
    let built_in = model(Vec::new(), &[]);
    assert_eq!(built_in.status, ModelStatus::Active);
    let built_in = ScoringModel::built_in(Uuid::from_u128(9).into(), now());
    assert!(built_in.mistakes().is_empty());
    let scorer = Scorer::new(&built_in).unwrap();
    assert!(scorer.is_additive() && !scorer.reads_leads() && !scorer.decays());
    let lines = scorer.additions(&[
        event(1, LeadEventKind::EmailOpened, 0),
        event(2, LeadEventKind::NoteAdded, 0),
    ]);
    assert_eq!(lines.len(), 1);
    assert_eq!((lines[0].axis, lines[0].points), (Axis::Engagement, 2));
}
