//! What verdicts promise, whatever the answers and the rules are.

use super::*;
use crate::email::Verification;
use crate::leads::{Lead, LeadEvent, LeadEventKind, LeadStage, LeadStatus, Score, Tags, Utm};
use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn now() -> DateTime<Utc> {
    "2027-01-10T12:00:00Z".parse().unwrap()
}

fn lead() -> Lead {
    let email: crate::email::EmailAddress = "grace@navy.example".parse().unwrap();
    Lead {
        id: Uuid::from_u128(1).into(),
        name: "Grace Hopper".into(),
        verification: Verification::of(&email),
        phone_e164: None,
        email,
        phone: None,
        company: Some("Navy".into()),
        title: Some("Admiral".into()),
        source: "form".into(),
        status: LeadStatus::New,
        stage: LeadStage::New,
        stage_since: now(),
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::default(),
        custom_fields: json!({ "budget": "50000" }).as_object().unwrap().clone(),
        score: Score::default(),
        utm: Utm::default(),
        client_id: None,
        created_at: now(),
        updated_at: now(),
        version: 1,
    }
}

fn case() -> Case {
    Case {
        lead: lead(),
        events: Vec::new(),
        answers: Vec::new(),
        hold: None,
    }
}

fn event(id: u128, kind: LeadEventKind, days_ago: i64) -> LeadEvent {
    LeadEvent {
        id: Uuid::from_u128(1000 + id).into(),
        lead_id: Uuid::from_u128(1).into(),
        kind,
        subject: None,
        occurred_at: now() - TimeDelta::days(days_ago),
        data: Map::new(),
    }
}

fn answer(slot: Slot, state: SlotState, confidence: f64) -> SlotAnswer {
    SlotAnswer {
        framework: Framework::Bant,
        slot,
        state,
        confidence,
        evidence: Some("said so".into()),
        source: SlotSource::Person,
        rule: None,
        answered_by: None,
        answered_at: now(),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "reads as a sentence around the call"
)]
fn rules(changes: Value) -> RuleSet {
    let mut all = json!({ "slots": {}, "gates": [], "fillers": [], "stages": [], "weak_allowed": 0 });
    for (name, value) in changes.as_object().unwrap() {
        all[name] = value.clone();
    }
    let read = |name: &str| all[name].clone();
    RuleSet {
        id: Uuid::from_u128(5).into(),
        name: "Ours".into(),
        enabled: true,
        framework: Framework::Bant,
        slots: serde_json::from_value(read("slots")).unwrap(),
        weak_allowed: serde_json::from_value(read("weak_allowed")).unwrap(),
        gates: serde_json::from_value(read("gates")).unwrap(),
        fillers: serde_json::from_value(read("fillers")).unwrap(),
        stages: serde_json::from_value(read("stages")).unwrap(),
        run: None,
        created_at: now(),
        updated_at: now(),
        version: 1,
    }
}

fn assess(changes: Value, case: &Case) -> Assessment {
    Qualifier::new(&rules(changes)).unwrap().assess(case, now())
}

#[test]
fn nothing_is_known_at_first_and_the_first_slot_is_asked_for() {
    for framework in Framework::ALL {
        let standing = Qualifier::plain(*framework).assess(&case(), now()).standing;
        assert_eq!(standing.verdict, QualificationVerdict::Open);
        assert!(standing.coverage.abs() < 1e-9);
        assert_eq!(standing.slots.len(), framework.slots().len());
        assert_eq!(standing.next_question.unwrap().slot, Some(framework.slots()[0]));
    }
}

#[test]
fn all_required_slots_make_a_lead_qualified_and_one_bad_one_rules_it_out() {
    let mut case = case();
    let slots = Framework::Bant.slots();
    case.answers = slots
        .iter()
        .map(|slot| answer(*slot, SlotState::Confirmed, 1.0))
        .collect();
    let plain = Qualifier::plain(Framework::Bant);
    let standing = plain.assess(&case, now()).standing;
    assert_eq!(standing.verdict, QualificationVerdict::Qualified);
    assert!((standing.coverage - 1.0).abs() < 1e-9);
    assert_eq!(standing.next_question, None);

    case.answers[3] = answer(Slot::Timeline, SlotState::Weak, 0.5);
    assert_eq!(
        plain.assess(&case, now()).standing.verdict,
        QualificationVerdict::Open
    );
    let lenient = assess(json!({ "weak_allowed": 1 }), &case).standing;
    assert_eq!(lenient.verdict, QualificationVerdict::Qualified);
    assert_eq!(lenient.next_question.unwrap().slot, Some(Slot::Timeline));
    case.answers[0] = answer(Slot::Budget, SlotState::Disqualifying, 0.9);
    let standing = assess(json!({ "weak_allowed": 1 }), &case).standing;
    assert_eq!(standing.verdict, QualificationVerdict::Disqualified);
    assert_eq!(standing.reasons, ["budget is disqualifying"]);
    assert_eq!(standing.next_question, None);
    // Another framework's answers say nothing.
    let champ = Qualifier::plain(Framework::Champ).assess(&case, now()).standing;
    assert!(champ.coverage.abs() < 1e-9);
}

#[test]
fn a_gate_is_passed_or_not_or_waits_for_what_is_not_known() {
    let gates = json!({ "gates": [{ "name": "country", "require": { "field": "custom_fields.country", "in": ["DE", "AT"] },
        "question": "Where are you?" }], "slots": { "budget": { "weight": 5 } } });
    let mut case = case();
    let standing = assess(gates.clone(), &case).standing;
    assert_eq!(standing.gates[0].result, GateResult::Unknown);
    assert_eq!(standing.gates[0].why, "custom_fields.country is not known");
    let next = standing.next_question.unwrap();
    assert_eq!(
        (next.gate.as_deref(), next.question.as_str()),
        (Some("country"), "Where are you?")
    );
    case.lead.custom_fields.insert("country".into(), json!("fr"));
    let standing = assess(gates.clone(), &case).standing;
    assert_eq!(
        (standing.gates[0].result, standing.verdict),
        (GateResult::Failed, QualificationVerdict::Disqualified)
    );
    assert!(standing.reasons[0].contains("custom_fields.country is fr"));
    case.lead.custom_fields.insert("country".into(), json!("de"));
    let standing = assess(gates, &case).standing;
    assert_eq!(standing.gates[0].result, GateResult::Passed);
    assert_eq!(standing.next_question.unwrap().slot, Some(Slot::Budget));
}

#[test]
fn what_is_not_known_decides_nothing_unless_the_rest_does() {
    let gate = |require: Value| {
        let gates = json!({ "gates": [{ "name": "g", "require": require }] });
        assess(gates, &case()).standing.gates[0].result
    };
    let (missing, yes, no) = (
        json!({ "field": "custom_fields.x", "eq": 1 }),
        json!({ "field": "company", "eq": "navy" }),
        json!({ "field": "company", "eq": "army" }),
    );
    assert_eq!(gate(json!({ "all": [missing, no] })), GateResult::Failed);
    assert_eq!(gate(json!({ "all": [missing, yes] })), GateResult::Unknown);
    assert_eq!(gate(json!({ "any": [missing, yes] })), GateResult::Passed);
    assert_eq!(gate(json!({ "any": [missing, no] })), GateResult::Unknown);
    assert_eq!(gate(json!({ "not": missing })), GateResult::Unknown);
    assert_eq!(
        gate(json!({ "field": "custom_fields.x", "ne": 1 })),
        GateResult::Unknown
    );
    assert_eq!(
        gate(json!({ "field": "custom_fields.x", "missing": true })),
        GateResult::Passed
    );
}

#[test]
fn rules_fill_slots_and_never_write_over_people() {
    let fillers = json!({ "fillers": [
        { "name": "said_budget", "slot": "budget", "state": "confirmed", "when": { "field": "custom_fields.budget", "gte": 10000 } },
        { "name": "asked", "slot": "need", "state": "weak", "confidence": 0.4, "when": { "event": "form_submitted" } },
        { "name": "read", "slot": "need", "state": "confirmed", "confidence": 0.2, "when": { "event": "email_clicked" }, "evidence": "Read the prices" },
    ] });
    let mut case = case();
    let filled = assess(fillers.clone(), &case).filled;
    assert_eq!(filled.len(), 1);
    assert_eq!(
        (
            filled[0].evidence.as_deref(),
            filled[0].source,
            filled[0].rule.as_deref()
        ),
        (
            Some("custom_fields.budget is 50000"),
            SlotSource::Field,
            Some("said_budget")
        )
    );
    case.answers = filled;
    case.events = vec![
        event(1, LeadEventKind::FormSubmitted, 2),
        event(2, LeadEventKind::FormSubmitted, 5),
    ];
    let filled = assess(fillers.clone(), &case).filled;
    assert_eq!(filled.len(), 1, "what is there is not filled again");
    assert_eq!(
        (filled[0].source, filled[0].state),
        (SlotSource::Form, SlotState::Weak)
    );
    assert_eq!(
        filled[0].answered_at,
        now() - TimeDelta::days(5),
        "the first one counts"
    );
    case.answers.extend(filled);
    assert_eq!(assess(fillers.clone(), &case).filled, []);
    case.events.push(event(3, LeadEventKind::EmailClicked, 0));
    let filled = assess(fillers.clone(), &case).filled;
    assert_eq!(
        (filled[0].state, filled[0].evidence.as_deref()),
        (SlotState::Confirmed, Some("Read the prices"))
    );
    case.answers[1] = SlotAnswer {
        slot: Slot::Need,
        ..answer(Slot::Need, SlotState::Weak, 0.1)
    };
    let assessment = assess(fillers, &case);
    assert_eq!(assessment.filled, [], "a person said something else");
    assert_eq!(assessment.standing.slots[2].state, SlotState::Weak);
}

fn stages() -> Value {
    json!({ "stages": [
        { "name": "reacts", "to": "engaged", "when": { "event": ["form_submitted", "email_clicked"] } },
        { "name": "fits", "to": "qualified", "verdict": "qualified", "min_score": 20 },
        { "name": "then", "to": "opportunity", "when": { "all": [{ "field": "stage", "eq": "qualified" }, { "field": "tags", "contains": "deal" }] } },
        { "name": "out", "to": "disqualified", "verdict": "disqualified" },
    ] })
}

#[test]
fn rules_move_leads_forward_and_as_far_as_they_go() {
    let mut case = case();
    let moved = |case: &Case| assess(stages(), case).step.map(|step| (step.to, step.rule));
    assert_eq!(moved(&case), None);
    case.events = vec![event(1, LeadEventKind::FormSubmitted, 1)];
    assert_eq!(moved(&case), Some((LeadStage::Engaged, "reacts".into())));
    let bant = Framework::Bant.slots().iter();
    case.answers = bant
        .map(|slot| answer(*slot, SlotState::Confirmed, 1.0))
        .collect();
    assert_eq!(
        moved(&case),
        Some((LeadStage::Engaged, "reacts".into())),
        "the score is missing"
    );
    case.lead.score.total = 20;
    assert_eq!(moved(&case), Some((LeadStage::Qualified, "fits".into())));
    case.lead.tags = Tags::parse(["deal"]).unwrap();
    assert_eq!(
        moved(&case),
        Some((LeadStage::Opportunity, "then".into())),
        "one step after the other"
    );
    case.lead.stage = LeadStage::Opportunity;
    assert_eq!(moved(&case), None, "never back");
    case.answers[0].state = SlotState::Disqualifying;
    assert_eq!(moved(&case), Some((LeadStage::Disqualified, "out".into())));
    for stage in [LeadStage::Converted, LeadStage::Disqualified] {
        case.lead.stage = stage;
        assert_eq!(moved(&case), None, "{stage} is for people to undo");
    }
    case.lead.stage = LeadStage::New;
    case.hold = Some(StageHold {
        reason: None,
        held_by: None,
        held_at: now(),
    });
    assert_eq!(moved(&case), None, "a person holds it");
}

#[test]
fn what_rules_ask_for_decides_when_leads_are_looked_at() {
    let qualifier = |changes| Qualifier::new(&rules(changes)).unwrap();
    let submitted = [event(1, LeadEventKind::FormSubmitted, 0)];
    let opened = [event(1, LeadEventKind::EmailOpened, 0)];
    let event_rule =
        json!({ "stages": [{ "name": "a", "to": "engaged", "when": { "event": "form_submitted" } }] });
    let by_event = qualifier(event_rule);
    assert!(by_event.asks_events() && !by_event.asks_score());
    assert!(by_event.concerned(&submitted) && !by_event.concerned(&opened) && !by_event.concerned(&[]));
    let by_score = qualifier(json!({ "stages": [{ "name": "a", "to": "engaged", "min_fit": 5 }] }));
    assert!(!by_score.asks_events() && by_score.asks_score() && by_score.concerned(&opened));
}

#[test]
fn each_mistake_is_named_with_its_path() {
    let when = json!({ "field": "company", "exists": true });
    for (changes, path) in [
        (json!({ "slots": { "metrics": {} } }), "slots.metrics"),
        (
            json!({ "slots": { "budget": { "weight": -1 } } }),
            "slots.budget.weight",
        ),
        (
            json!({ "slots": { "budget": { "question": " " } } }),
            "slots.budget.question",
        ),
        (
            json!({ "slots": { "budget": { "required": false }, "need": { "required": false }, "timeline": { "required": false },
                "authority": { "required": false } } }),
            "slots",
        ),
        (json!({ "weak_allowed": 9 }), "weak_allowed"),
        (json!({ "weak_allowed": -1 }), "weak_allowed"),
        (
            json!({ "gates": [{ "name": "A", "require": when }] }),
            "gates[0].name",
        ),
        (
            json!({ "gates": [{ "name": "a", "require": when }, { "name": "a", "require": when }] }),
            "gates[1].name",
        ),
        (
            json!({ "gates": [{ "name": "a", "require": {} }] }),
            "gates[0].require",
        ),
        (
            json!({ "gates": [{ "name": "a", "require": { "field": "score.total", "gt": 1 } }] }),
            "gates[0].require.field",
        ),
        (
            json!({ "gates": [{ "name": "a", "require": when, "slot": "money" }] }),
            "gates[0].slot",
        ),
        (
            json!({ "fillers": [{ "name": "a", "slot": "champion", "state": "weak", "when": when }] }),
            "fillers[0].slot",
        ),
        (
            json!({ "fillers": [{ "name": "a", "slot": "need", "state": "unknown", "when": when }] }),
            "fillers[0].state",
        ),
        (
            json!({ "fillers": [{ "name": "a", "slot": "need", "state": "weak", "confidence": 2.0, "when": when }] }),
            "fillers[0].confidence",
        ),
        (
            json!({ "fillers": [{ "name": "a", "slot": "need", "state": "weak", "when": { "event": "nothing" } }] }),
            "fillers[0].when.event",
        ),
        (
            json!({ "stages": [{ "name": "a", "to": "engaged" }] }),
            "stages[0]",
        ),
        (
            json!({ "stages": [{ "name": "a", "to": "new", "min_score": 1 }] }),
            "stages[0].to",
        ),
        (
            json!({ "stages": [{ "name": "a", "to": "engaged", "min_coverage": 1.5 }] }),
            "stages[0].min_coverage",
        ),
        (
            json!({ "stages": [{ "name": "a", "to": "engaged", "when": { "field": "a", "gt": "x" } }] }),
            "stages[0].when.gt",
        ),
    ] {
        let found = rules(changes.clone()).mistakes();
        assert!(
            found.iter().any(|mistake| mistake.field == path),
            "{changes}: {path} is not among {found:?}"
        );
    }
}

fn state() -> impl Strategy<Value = SlotState> {
    prop::sample::select(SlotState::ALL)
}

fn some_answer() -> impl Strategy<Value = SlotAnswer> {
    let (slots, sources) = (Framework::Bant.slots(), SlotSource::ALL);
    let parts = (
        prop::sample::select(slots),
        state(),
        0..=10_u8,
        prop::sample::select(sources),
        0..4_i64,
    );
    parts.prop_map(|(slot, state, confidence, source, days)| SlotAnswer {
        source,
        answered_at: now() - TimeDelta::days(days),
        rule: source.is_rule().then(|| format!("rule{days}")),
        ..answer(slot, state, f64::from(confidence) / 10.0)
    })
}

fn standing(answers: Vec<SlotAnswer>) -> Standing {
    let case = Case { answers, ..case() };
    assess(
        json!({ "weak_allowed": 1, "slots": { "need": { "weight": 3, "required": false } } }),
        &case,
    )
    .standing
}

proptest! {
    #[test]
    fn the_order_of_answers_does_not_matter(answers in prop::collection::vec(some_answer(), 0..12), turn in 0..12_usize) {
        let mut turned = answers.clone();
        let by = turn.min(turned.len());
        turned.rotate_left(by);
        let mut reversed = answers.clone();
        reversed.reverse();
        prop_assert_eq!(fold(answers.clone()), fold(turned));
        prop_assert_eq!(fold(answers.clone()), fold(reversed));
        // One at a time, as they come, is the same as all at once.
        let mut kept: BTreeMap<Slot, SlotAnswer> = BTreeMap::new();
        for one in answers.clone() {
            kept = fold(kept.into_values().chain([one]));
        }
        prop_assert_eq!(fold(answers), kept);
    }

    #[test]
    fn to_confirm_a_slot_never_lowers_anything(answers in prop::collection::vec(some_answer(), 0..12), slot in prop::sample::select(Framework::Bant.slots())) {
        let before = fold(answers.clone());
        let confidence = before.get(&slot).map_or(0.0, |answer| answer.confidence);
        let mut after = before.clone();
        after.insert(slot, answer(slot, SlotState::Confirmed, confidence));
        let (before, after) = (standing(before.into_values().collect()), standing(after.into_values().collect()));
        prop_assert!(after.coverage >= before.coverage - 1e-12);
        prop_assert!(after.verdict >= before.verdict);
        prop_assert!((0.0..=1.0).contains(&after.coverage));
    }

    #[test]
    fn a_rule_never_lowers_a_slot_and_never_speaks_over_a_person(answers in prop::collection::vec(some_answer(), 1..12)) {
        let kept = fold(answers.clone());
        for (slot, stays) in &kept {
            for other in answers.iter().filter(|other| other.slot == *slot && other.state != SlotState::Unknown) {
                prop_assert!(stays.source.weight() >= other.source.weight());
                if stays.source.is_rule() {
                    prop_assert!(stays.state >= other.state);
                }
            }
        }
    }

    #[test]
    fn rules_only_move_forward_and_come_to_rest(
        answers in prop::collection::vec(some_answer(), 0..12),
        from in prop::sample::select(LeadStage::ALL),
        score in 0..40_i32,
        deal in any::<bool>(),
        submitted in any::<bool>(),
    ) {
        let mut case = Case { answers, ..case() };
        case.lead.stage = from;
        case.lead.score.total = score;
        case.lead.tags = Tags::parse(deal.then_some("deal")).unwrap();
        case.events = submitted.then(|| event(1, LeadEventKind::FormSubmitted, 1)).into_iter().collect();
        let found = assess(stages(), &case);
        if let Some(step) = found.step {
            prop_assert_eq!(step.from, from);
            prop_assert!(from.is_open() && from.next().contains(&step.to));
            prop_assert!(step.to == LeadStage::Disqualified || step.to.rank() > from.rank());
            case.lead.move_to(step.to, now()).unwrap();
            case.answers = fold(case.answers.into_iter().chain(found.filled)).into_values().collect();
        }
        let again = assess(stages(), &case);
        prop_assert_eq!((again.step, again.filled), (None, vec![]));
    }

    #[test]
    fn a_question_is_asked_exactly_while_one_would_help(answers in prop::collection::vec(some_answer(), 0..12)) {
        let standing = standing(answers);
        let open = standing.slots.iter().any(|slot| matches!(slot.state, SlotState::Unknown | SlotState::Weak));
        let expected = open && standing.verdict != QualificationVerdict::Disqualified;
        prop_assert_eq!(standing.next_question.is_some(), expected);
        prop_assert!(!standing.reasons.is_empty());
    }
}
