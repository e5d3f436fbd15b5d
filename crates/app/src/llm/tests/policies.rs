//! Whose keys, whose eyes, which answers are given again, and what is written down.

use super::{Rig, told};
use groundswell_domain::llm::{
    Bodies, Capability, DataClass, GateFailureKind, Hop, LlmGate, LogPolicy, Message, NamedBy, Role, Tool,
    Vendor,
};
use groundswell_testkit::llm::Play;
use std::time::Duration;

const OPENAI: Vendor = Vendor::OpenAi;

#[tokio::test(start_paused = true)]
async fn personal_data_goes_to_local_models_only() {
    let rig = Rig::keyed();
    rig.change(|policy| {
        policy.routing.personal_stays_local = true;
        policy.routing.order.push(Hop {
            provider: "ollama".parse().unwrap(),
            model: "llama3.2".into(),
        });
    });
    rig.plays(Vendor::Ollama, [Play::Text("Hi")]);
    let mut call = rig.call();
    call.data_class = DataClass::Personal;
    let answer = rig.gate.complete(call.clone()).await.unwrap();
    let expected = [
        "openai data_class -",
        "anthropic data_class -",
        "mistral data_class -",
        "ollama answered -",
    ];
    assert_eq!(told(&answer.attempts), expected);
    assert_eq!(answer.cost.dollars().unwrap().to_string(), "0");
    rig.change(|policy| policy.routing.order.truncate(3));
    let failed = rig.gate.complete(call).await.unwrap_err();
    assert_eq!(failed.kind, GateFailureKind::NobodyToAsk);
    rig.is_tidy(2);
}

#[tokio::test(start_paused = true)]
async fn the_operators_keys_never_go_to_an_address_of_an_organization() {
    let rig = Rig::alone(1);
    rig.change(|policy| {
        let profile = policy
            .profiles
            .iter_mut()
            .find(|profile| profile.vendor == OPENAI)
            .unwrap();
        profile.endpoint.base_url = "https://evil.example/v1".parse().unwrap();
        profile.endpoint.named_by = NamedBy::Organization;
    });
    let failed = rig.ask().await.unwrap_err();
    assert_eq!(told(&failed.attempts), ["openai no_key -"]);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn what_a_model_can_not_is_not_asked_of_it() {
    let rig = Rig::keyed();
    assert!(!Vendor::Builtin.can(Capability::Tools));
    rig.change(|policy| {
        policy.routing.order = vec![Hop {
            provider: "openai".parse().unwrap(),
            model: "text-embedding-3-small".into(),
        }];
    });
    let mut call = rig.call();
    call.request.tools.push(Tool {
        name: "x".into(),
        description: String::new(),
        parameters: serde_json::json!({ "type": "object" }),
    });
    let failed = rig.gate.complete(call).await.unwrap_err();
    assert_eq!(told(&failed.attempts), ["openai not_capable -"]);
}

#[tokio::test(start_paused = true)]
async fn an_equal_call_of_the_same_tenant_is_answered_again_if_both_ask_for_it() {
    let rig = Rig::alone(1);
    rig.plays(
        OPENAI,
        [Play::Text("one"), Play::Text("two"), Play::Text("three")],
    );
    let mut call = rig.call();
    call.cache = true;
    let first = rig.gate.complete(call.clone()).await.unwrap();
    let again = rig.gate.complete(call.clone()).await.unwrap();
    assert_eq!(
        (again.text.as_str(), again.cached, again.attempts.len()),
        ("one", true, 0)
    );
    assert_eq!(again.cost.dollars().unwrap().to_string(), "0");
    assert!(!first.cached && first.id != again.id);
    assert_eq!(
        rig.ask().await.unwrap().text,
        "two",
        "who does not ask for it gets a new one"
    );
    tokio::time::advance(Duration::from_hours(25)).await;
    assert_eq!(
        rig.gate.complete(call.clone()).await.unwrap().text,
        "three",
        "it is too old"
    );
    call.request.messages.push(Message::text(Role::User, "More"));
    rig.plays(OPENAI, [Play::Text("four")]);
    assert_eq!(rig.gate.complete(call).await.unwrap().text, "four");
    rig.is_tidy(5);
}

#[tokio::test(start_paused = true)]
async fn words_are_kept_as_the_policy_says() {
    let rig = Rig::alone(1);
    rig.change(|policy| {
        policy.log = LogPolicy {
            bodies: Bodies::Redacted,
            days: 7,
        }
    });
    rig.plays(OPENAI, [Play::Text("Mail ada@x.example")]);
    rig.ask().await.unwrap();
    let record = rig.log.records().remove(0);
    assert_eq!(record.prompt.as_deref(), Some("user: Say hello\n"));
    assert_eq!(record.answer.as_deref(), Some("Mail [email]"));
    assert_eq!(record.keep_words_until - record.at, chrono::TimeDelta::days(7));
    assert_eq!(record.answered.unwrap().1, "gpt-5-mini");
}
