//! Money: reserved before, settled after, asked for again at every hop.

use super::{Rig, failure, told};
use groundswell_domain::llm::{
    Budget, BudgetScope, Cost, FailureKind, GateFailureKind, Hop, LlmGate, Nanos, Period, Settlement, Vendor,
};
use groundswell_testkit::llm::Play;
use uuid::Uuid;

const OPENAI: Vendor = Vendor::OpenAi;

fn budget(number: u128, scope: BudgetScope, dollars: &str) -> Budget {
    Budget {
        id: Uuid::from_u128(number).into(),
        scope,
        period: Period::Day,
        limit: Nanos::from_dollars(dollars.parse().unwrap()),
    }
}

#[tokio::test(start_paused = true)]
async fn the_worst_case_is_set_aside_and_what_it_cost_is_kept() {
    let rig = Rig::alone(1);
    let budget = budget(1, BudgetScope::Organization, "1");
    rig.budget(budget.clone());
    rig.plays(OPENAI, [Play::Text("Hello")]);
    rig.ask().await.unwrap();
    assert_eq!(rig.ledger.sums(budget.id), (Nanos(125_000), Nanos::ZERO));
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_budget_that_has_not_enough_refuses_with_the_number() {
    let rig = Rig::alone(1);
    // 1,000 tokens of an answer can cost 0.002.
    rig.budget(budget(1, BudgetScope::Organization, "0.002"));
    let failed = rig.ask().await.unwrap_err();
    let GateFailureKind::OverBudget(short) = &failed.kind else {
        panic!("{failed:?}");
    };
    assert_eq!(short.left(), Nanos(2_000_000));
    assert!(short.needed > Nanos(2_000_000), "the prompt costs, too");
    assert!(
        failed.message.contains("0.002 USD left of 0.002"),
        "{}",
        failed.message
    );
    assert_eq!(told(&failed.attempts), ["openai over_budget 0001"]);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn each_hop_is_asked_for_anew_and_a_dearer_one_refused() {
    let rig = Rig::keyed();
    // Enough for gpt-5-mini, and not for claude-sonnet-4-5 (0.015 for 1,000 tokens).
    rig.budget(budget(1, BudgetScope::Organization, "0.01"));
    rig.plays(
        OPENAI,
        [
            failure(FailureKind::ServerError),
            failure(FailureKind::ServerError),
        ],
    );
    rig.plays(Vendor::Mistral, [Play::Text("Bonjour")]);
    let answer = rig.ask().await.unwrap();
    let expected = [
        "openai server_error 0001",
        "openai server_error 0001",
        "anthropic over_budget 0001",
        "mistral answered 0001",
    ];
    assert_eq!(told(&answer.attempts), expected);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn many_calls_at_once_never_come_to_more_than_there_is() {
    let rig = Rig::alone(1);
    let limit = budget(1, BudgetScope::Organization, "0.0105");
    rig.budget(limit.clone());
    // Each may cost 0.002 and a little: five fit.
    rig.plays(OPENAI, vec![Play::after(1, Play::Text("Hello")); 5]);
    let calls = (0..40).map(|_| {
        let (gate, call) = (rig.gate.clone(), rig.call());
        tokio::spawn(async move { gate.complete(call).await })
    });
    let mut answered = 0;
    for call in calls.collect::<Vec<_>>() {
        match call.await.unwrap() {
            Ok(_) => answered += 1,
            Err(failed) => assert!(
                matches!(failed.kind, GateFailureKind::OverBudget(_)),
                "{failed:?}"
            ),
        }
    }
    assert_eq!(answered, 5);
    assert_eq!(rig.ledger.sums(limit.id), (Nanos(5 * 125_000), Nanos::ZERO));
    rig.is_tidy(40);
}

#[tokio::test(start_paused = true)]
async fn an_unknown_price_needs_a_flag_under_a_budget_and_is_never_nothing() {
    let rig = Rig::new();
    rig.key(OPENAI, 1);
    rig.change(|policy| {
        policy.routing.order = vec![Hop {
            provider: "openai".parse().unwrap(),
            model: "gpt-of-tomorrow".into(),
        }];
    });
    rig.plays(OPENAI, [Play::Text("Hello"), Play::Text("Hello")]);
    // No budget, no question; the cost is not known.
    assert_eq!(rig.ask().await.unwrap().cost, Cost::Unknown);
    rig.budget(budget(1, BudgetScope::Organization, "100"));
    let failed = rig.ask().await.unwrap_err();
    assert_eq!(failed.kind, GateFailureKind::UnknownPrice);
    assert_eq!(told(&failed.attempts), ["openai unknown_price 0001"]);
    let mut call = rig.call();
    call.allow_unknown_price = true;
    assert_eq!(rig.gate.complete(call).await.unwrap().cost, Cost::Unknown);
    assert_eq!(rig.ledger.settled(), [Settlement::Unpriced, Settlement::Unpriced]);
    rig.is_tidy(3);
}

#[tokio::test(start_paused = true)]
async fn every_scope_counts_what_is_its_own() {
    let rig = Rig::alone(1);
    let user: groundswell_domain::ids::UserId = Uuid::from_u128(9).into();
    rig.budget(budget(1, BudgetScope::User(user), "0.001"));
    rig.budget(budget(2, BudgetScope::Agent("writer".into()), "0.001"));
    rig.plays(OPENAI, [Play::Text("Hello")]);
    rig.ask().await.unwrap();
    let mut call = rig.call();
    call.spender.user = Some(user);
    let failed = rig.gate.complete(call).await.unwrap_err();
    assert!(
        matches!(failed.kind, GateFailureKind::OverBudget(short) if short.scope == BudgetScope::User(user))
    );
    let mut call = rig.call();
    call.spender.agent = Some("writer".into());
    let failed = rig.gate.complete(call).await.unwrap_err();
    assert!(
        failed.message.contains("the agent writer's budget"),
        "{}",
        failed.message
    );
    rig.is_tidy(3);
}
