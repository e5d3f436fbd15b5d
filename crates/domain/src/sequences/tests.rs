//! The interpreter on random sequences, and on those that people make.

use super::*;
use crate::email::Verification;
use crate::ids::{EnrollmentId, LeadId, SequenceId};
use crate::leads::{Lead, LeadStage, Score, Tags, Utm};
use crate::locale::TimeZone;
use crate::timing::{Hours, Model};
use crate::validate::Problems;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use uuid::Uuid;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn definition(value: Value) -> Definition {
    serde_json::from_value(value).unwrap()
}

fn mistakes(definition: &Definition) -> Vec<String> {
    let mut problems = Problems::new();
    definition.check(&mut problems);
    let all: Vec<crate::FieldError> = problems.into();
    all.into_iter()
        .map(|problem| format!("{}: {}", problem.field, problem.message))
        .collect()
}

fn lead() -> Lead {
    let email: crate::email::EmailAddress = "grace@navy.example".parse().unwrap();
    let now = at("2026-03-01T10:00:00Z");
    Lead {
        id: LeadId(Uuid::from_u128(1)),
        name: "Grace".into(),
        verification: Verification::of(&email),
        email,
        phone: None,
        phone_e164: None,
        company: None,
        title: None,
        source: "manual".into(),
        status: LeadStage::New.status(),
        stage: LeadStage::New,
        stage_since: now,
        furthest_stage: LeadStage::New,
        outcome_reason: None,
        value: None,
        tags: Tags::default(),
        custom_fields: Map::new(),
        score: Score::default(),
        utm: Utm::default(),
        client_id: None,
        created_at: now,
        updated_at: now,
        version: 1,
    }
}

fn world() -> World {
    World {
        lead: lead(),
        events: Vec::new(),
        sent: Vec::new(),
        consents: Vec::new(),
        standing: Standing::Fine,
        held: false,
        organization_zone: TimeZone::UTC,
        zone: Tz::UTC,
        habits: Model::new(&Hours::default(), &Hours::default()),
    }
}

fn entered(definition: &Definition, now: DateTime<Utc>) -> Enrollment {
    let sequence = (SequenceId(Uuid::from_u128(2)), 1);
    let first = definition.first().unwrap();
    Enrollment::enter(
        EnrollmentId(Uuid::from_u128(3)),
        sequence,
        LeadId(Uuid::from_u128(1)),
        first,
        now,
    )
}

fn mail() -> Value {
    json!({ "subject": "Hello", "html": "<p>Hello</p>" })
}

/// Day 0, 3 and 7; whoever clicks in the first mail gets another second one.
fn three_mails() -> Definition {
    definition(json!({
        "steps": [
            { "id": "day0", "type": "send", "content": mail() },
            { "id": "three", "type": "wait", "for": { "days": 3 } },
            { "id": "clicked", "type": "branch", "when": { "clicked": { "step": "day0" } }, "then": "warm" },
            { "id": "day3", "type": "send", "content": mail(), "next": "four" },
            { "id": "warm", "type": "send", "content": mail() },
            { "id": "four", "type": "wait", "for": { "days": 4 } },
            { "id": "day7", "type": "send", "content": mail() }
        ]
    }))
}

fn sends(simulation: &Simulation) -> Vec<(i64, &str)> {
    let sent = simulation
        .lines
        .iter()
        .filter(|line| matches!(line.effect, Some(Effect::Send { .. })));
    sent.map(|line| (line.day, line.step.as_str())).collect()
}

#[test]
fn day_0_3_and_7_and_a_click_takes_its_branch() {
    let definition = three_mails();
    assert_eq!(mistakes(&definition), [""; 0]);
    let start = at("2026-03-02T10:00:00Z");
    let plain = simulate(&definition, entered(&definition, start), world(), &[], 30);
    assert_eq!(sends(&plain), [(0, "day0"), (3, "day3"), (7, "day7")]);
    assert_eq!(
        plain.lines.last().unwrap().exit_reason,
        Some(ExitReason::Finished)
    );
    let click: Vec<Assumed> =
        serde_json::from_value(json!([{ "days": 1, "what": { "clicked": { "step": "day0" } } }])).unwrap();
    let warm = simulate(&definition, entered(&definition, start), world(), &click, 30);
    assert_eq!(sends(&warm), [(0, "day0"), (3, "warm"), (7, "day7")]);
    let gone: Vec<Assumed> = serde_json::from_value(json!([{ "days": 4, "what": "unsubscribed" }])).unwrap();
    let gone = simulate(&definition, entered(&definition, start), world(), &gone, 30);
    assert_eq!(sends(&gone), [(0, "day0"), (3, "day3")]);
    assert_eq!(
        gone.lines.last().unwrap().exit_reason,
        Some(ExitReason::Unsubscribed)
    );
    let short = simulate(&definition, entered(&definition, start), world(), &[], 5);
    assert!(!short.ended);
}

#[test]
fn waiting_for_something_ends_when_it_happens_or_time_is_up() {
    let definition = definition(json!({
        "steps": [
            { "id": "ask", "type": "send", "content": mail() },
            { "id": "form", "type": "wait_until", "until": { "event": { "kind": "form_submitted" } },
              "timeout": { "days": 5 }, "otherwise": "remind", "next": "thank" },
            { "id": "thank", "type": "add_tag", "tag": "answered", "next": "end" },
            { "id": "remind", "type": "send", "content": mail() }
        ],
        "goals": [{ "condition": "tag = 'customer'" }]
    }));
    assert_eq!(mistakes(&definition), [""; 0]);
    let start = at("2026-03-02T10:00:00Z");
    let never = simulate(&definition, entered(&definition, start), world(), &[], 30);
    assert_eq!(sends(&never), [(0, "ask"), (5, "remind")]);
    let sent = [Assumed {
        days: 2,
        hours: 1,
        what: Assumption::Event {
            kind: crate::leads::LeadEventKind::FormSubmitted,
            subject: None,
            name: None,
        },
    }];
    let answered = simulate(&definition, entered(&definition, start), world(), &sent, 30);
    assert_eq!(sends(&answered), [(0, "ask")]);
    let last = answered.lines.last().unwrap();
    assert_eq!(
        (last.at, last.exit_reason),
        (start + TimeDelta::hours(49), Some(ExitReason::Finished))
    );
    let mut customer = world();
    customer.lead.tags = Tags::parse(["customer"]).unwrap();
    let goal = simulate(&definition, entered(&definition, start), customer, &[], 30);
    assert_eq!(goal.lines.len(), 1);
    assert_eq!(goal.lines[0].exit_reason, Some(ExitReason::Goal));
}

#[test]
fn dates_come_from_the_lead_and_hours_from_its_clock() {
    let definition = definition(json!({
        "steps": [
            { "id": "date", "type": "wait_until", "until": { "date": { "field": "renewal", "offset_days": -1, "hour": 8 } }, "otherwise": "none" },
            { "id": "due", "type": "send", "content": mail(), "next": "end" },
            { "id": "none", "type": "exit", "note": "no date" }
        ]
    }));
    assert_eq!(mistakes(&definition), [""; 0]);
    let start = at("2026-03-02T10:00:00Z");
    let unknown = simulate(&definition, entered(&definition, start), world(), &[], 60);
    assert_eq!(
        unknown.lines.last().unwrap().exit_note.as_deref(),
        Some("no date")
    );
    let mut known = world();
    known.zone = "America/New_York".parse().unwrap();
    known
        .lead
        .custom_fields
        .insert("renewal".into(), json!("2026-03-09"));
    let due = simulate(&definition, entered(&definition, start), known, &[], 60);
    let line = due.lines.iter().find(|line| line.effect.is_some()).unwrap();
    // Clocks were put forward in the night before.
    assert_eq!(line.at, at("2026-03-08T12:00:00Z"));
}

#[test]
fn dates_of_another_age_are_none() {
    let definition = definition(json!({
        "steps": [
            { "id": "date", "type": "wait_until", "until": { "date": { "field": "renewal", "offset_days": 366, "hour": 8 } }, "otherwise": "none" },
            { "id": "due", "type": "send", "content": mail(), "next": "end" },
            { "id": "none", "type": "exit", "note": "no date" }
        ]
    }));
    let start = at("2026-03-02T10:00:00Z");
    for (date, is_one) in [
        ("9999-12-31", false),
        ("+262142-12-31", false),
        ("-262143-01-01", false),
        ("9001-01-01T00:00:00Z", false),
        ("0000-12-31", false),
        ("9000-12-31", true),
        ("0001-01-01", true),
    ] {
        let mut dated = world();
        dated.lead.custom_fields.insert("renewal".into(), json!(date));
        let end = simulate(&definition, entered(&definition, start), dated, &[], 3);
        let none = end.lines.last().and_then(|line| line.exit_note.as_deref()) == Some("no date");
        assert_eq!(none, !is_one, "{date}");
    }
}

#[test]
fn mails_wait_for_the_morning_and_a_webhook_that_fails_goes_its_way() {
    let definition = definition(json!({
        "steps": [
            { "id": "tell", "type": "webhook", "url": "https://crm.example/hook", "on_failure": "task" },
            { "id": "mail", "type": "send", "content": mail(), "next": "end" },
            { "id": "task", "type": "create_task", "title": "Call them" },
            { "id": "stage", "type": "change_stage", "stage": "engaged" }
        ]
    }));
    assert_eq!(mistakes(&definition), [""; 0]);
    let start = at("2026-03-02T23:30:00Z");
    let fine = simulate(&definition, entered(&definition, start), world(), &[], 30);
    let line = fine
        .lines
        .iter()
        .find(|line| matches!(line.effect, Some(Effect::Send { .. })))
        .unwrap();
    assert_eq!(line.at, at("2026-03-03T07:00:00Z"));
    let fails = [Assumed {
        days: 0,
        hours: 0,
        what: Assumption::WebhooksFail,
    }];
    let failed = simulate(&definition, entered(&definition, start), world(), &fails, 30);
    assert_eq!(sends(&failed), []);
    assert!(
        failed
            .lines
            .iter()
            .any(|line| matches!(line.effect, Some(Effect::CreateTask(_))))
    );
}

#[test]
fn mistakes_name_their_step() {
    for (steps, expected) in [
        (json!([]), "steps: a sequence needs at least one step"),
        (
            json!([{ "id": "a", "type": "send", "content": mail(), "next": "nowhere" }]),
            "steps[0].next: step `a` leads to `nowhere`, which there is not",
        ),
        (
            json!([{ "id": "a", "type": "add_tag", "tag": "x", "next": "b" }, { "id": "b", "type": "add_tag", "tag": "y", "next": "a" }]),
            "steps[0]: step `a` is in a circle without a wait: a lead would go round for ever",
        ),
        (
            json!([{ "id": "a", "type": "exit" }, { "id": "b", "type": "exit" }]),
            "steps[1]: no way leads to step `b`",
        ),
        (
            json!([{ "id": "a", "type": "send", "content": {} }]),
            "steps[0].content: step `a` needs either a template_id, or subject and html",
        ),
        (
            json!([{ "id": "a", "type": "wait_until", "until": { "condition": "tag = 'x'" } }]),
            "steps[0].timeout: step `a` could wait for ever: say after how long it goes on",
        ),
        (
            json!([{ "id": "a", "type": "branch", "when": { "opened": { "step": "b" } }, "then": "end" }]),
            "steps[0].when: `b` is no step that sends a mail",
        ),
    ] {
        let found = mistakes(&definition(json!({ "steps": steps })));
        assert!(found.iter().any(|found| found == expected), "{found:?}");
    }
    let circle = json!([{ "id": "a", "type": "send", "content": mail() }, { "id": "b", "type": "wait", "for": { "days": 1 }, "next": "a" }]);
    assert_eq!(mistakes(&definition(json!({ "steps": circle }))), [""; 0]);
}

#[test]
fn those_who_are_moved_stay_at_their_step_or_go_to_the_next_that_is_left() {
    let old = three_mails();
    let now = at("2026-03-02T10:00:00Z");
    let mut inside = entered(&old, now);
    inside.step = "three".into();
    inside.phase = Phase::Waiting;
    inside.due_at = Some(now + TimeDelta::days(3));
    let mut new = old.clone();
    let later = now + TimeDelta::days(1);
    let kept = moved(&inside, &old, (&new, 2), later);
    assert_eq!(
        (kept.step.as_str(), kept.version, kept.arrived_at),
        ("three", 2, now)
    );
    assert_eq!(
        (kept.phase, kept.due_at, kept.wake_at),
        (Phase::Waiting, None, Some(later))
    );
    assert_eq!(kept.taken, inside.taken, "it is where it was");
    new.steps.retain(|step| !matches!(step.id(), "three" | "clicked"));
    let on = moved(&inside, &old, (&new, 2), later);
    assert_eq!((on.step.as_str(), on.arrived_at), ("day3", later));
    assert_eq!(
        on.taken,
        inside.taken + 1,
        "the answer of a webhook of the place before is told from one of this"
    );
    new.steps.truncate(1);
    let out = moved(&inside, &old, (&new, 2), later);
    assert_eq!(out.exit_reason, Some(ExitReason::Moved));
}

#[test]
fn who_may_come_again() {
    let now = at("2026-03-20T10:00:00Z");
    let was = |days| {
        Some(LastEntry {
            entered_at: now - TimeDelta::days(50),
            exited_at: Some(now - TimeDelta::days(days)),
        })
    };
    let inside = Some(LastEntry {
        entered_at: now,
        exited_at: None,
    });
    assert_eq!(ReEntry::Never.refuses(None, now), None);
    assert!(ReEntry::Never.refuses(was(40), now).is_some());
    assert!(ReEntry::AfterDays(10).refuses(was(9), now).is_some());
    assert_eq!(ReEntry::AfterDays(10).refuses(was(10), now), None);
    assert_eq!(ReEntry::Always.refuses(was(0), now), None);
    assert!(ReEntry::Always.refuses(inside, now).is_some());
    assert_eq!(ReEntry::Replace.refuses(inside, now), None);
}

/// A step that leads only to others by number, which may be any.
fn step(index: usize, count: usize) -> impl Strategy<Value = Value> {
    let id = format!("s{index}");
    let to = move |target: usize| {
        if target >= count {
            json!("end")
        } else {
            json!(format!("s{target}"))
        }
    };
    (0..9_u8, 0..=count, 0..=count).prop_map(move |(kind, first, second)| match kind {
        0..=2 => json!({ "id": id, "type": "send", "content": mail(), "next": to(first) }),
        3 | 4 => json!({ "id": id, "type": "wait", "for": { "hours": 1 + first }, "next": to(second) }),
        5 => json!({ "id": id, "type": "branch", "when": { "condition": "tag = 'x'" }, "then": to(first), "otherwise": to(second) }),
        6 => json!({ "id": id, "type": "split", "ways": [{ "weight": 1, "next": to(first) }, { "weight": 2, "next": to(second) }] }),
        7 => json!({ "id": id, "type": "wait_until", "until": { "event": { "kind": "note_added" } },
            "timeout": { "hours": 1 + first }, "otherwise": to(first), "next": to(second) }),
        _ => json!({ "id": id, "type": "add_tag", "tag": "x", "next": to(first) }),
    })
}

fn sequences() -> impl Strategy<Value = Definition> {
    (1..12_usize).prop_flat_map(|count| {
        let steps: Vec<_> = (0..count).map(|index| step(index, count)).collect();
        steps.prop_map(|steps| definition(json!({ "steps": steps })))
    })
}

proptest! {
    #[test]
    fn everybody_comes_to_an_end_and_no_place_sends_twice(definition in sequences(), wakes in prop::collection::vec(0..400_i64, 0..6)) {
        let found = mistakes(&definition);
        prop_assume!(!found.iter().any(|found| !found.contains("no way leads")));
        let mut now = at("2026-03-27T21:10:00Z");
        let mut inside = entered(&definition, now);
        let facts = Fixed(wakes.len().is_multiple_of(2));
        let mut sent: BTreeMap<(String, i32), u32> = BTreeMap::new();
        let mut looks = 0;
        for minutes in &wakes {
            // Looking too early, or twice, changes nothing but when it is looked at next.
            let early = advance(&definition, &inside, &facts, now - TimeDelta::minutes(1));
            prop_assert!(inside.wake_at.is_none_or(|at| at < now) || (early.effect.is_none() && early.enrollment == inside));
            let done = advance(&definition, &inside, &facts, now);
            prop_assert_eq!(&done, &advance(&definition, &inside, &facts, now));
            if let Some(Effect::Send { step, .. }) = &done.effect {
                *sent.entry((step.clone(), inside.taken)).or_default() += 1;
            }
            inside = done.enrollment;
            now += TimeDelta::minutes(*minutes);
        }
        while inside.is_active() {
            looks += 1;
            prop_assert!(looks < 3 * MOST_TAKEN, "it goes on for ever");
            let wake = inside.wake_at.unwrap();
            now = now.max(wake);
            let done = advance(&definition, &inside, &facts, now);
            prop_assert!(
                done.enrollment.taken > inside.taken || !done.enrollment.is_active() || done.enrollment.wake_at > Some(now),
                "it neither went on nor waits: {:?}", done.enrollment
            );
            if let Some(Effect::Send { step, .. }) = &done.effect {
                *sent.entry((step.clone(), inside.taken)).or_default() += 1;
                prop_assert!(definition.timing.allows(now, Tz::UTC));
            }
            inside = done.enrollment;
        }
        prop_assert!(sent.values().all(|times| *times == 1));
        prop_assert!(inside.exit_reason.is_some() && inside.wake_at.is_none());
    }

    #[test]
    fn every_definition_reads_back(definition in sequences()) {
        let text = serde_json::to_string(&definition).unwrap();
        prop_assert_eq!(serde_json::from_str::<Definition>(&text).unwrap(), definition);
    }
}

/// All tests have one answer.
struct Fixed(bool);

impl Facts for Fixed {
    fn standing(&self) -> Standing {
        Standing::Fine
    }
    fn holds(&self, _: &Test, _: &Enrollment) -> bool {
        self.0
    }
    fn field(&self, _: &str) -> Option<&Value> {
        None
    }
    fn zone(&self) -> Tz {
        Tz::UTC
    }
    fn habits(&self) -> Option<&Model> {
        None
    }
}
