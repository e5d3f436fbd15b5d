//! Answers that must have a form: checked, asked for once more, and then an error that says what is wrong.

use super::{Rig, told};
use groundswell_domain::llm::{Call, GateFailureKind, Hop, JsonSchema, LlmGate, Role, Vendor};
use groundswell_testkit::llm::Play;
use serde_json::json;

const OPENAI: Vendor = Vendor::OpenAi;

fn call(rig: &Rig) -> Call {
    let mut call = rig.call();
    call.request.schema = Some(JsonSchema {
        name: "score".into(),
        schema: json!({ "type": "object", "required": ["score"], "additionalProperties": false,
            "properties": { "score": { "type": "integer", "maximum": 10 } } }),
    });
    call
}

#[tokio::test(start_paused = true)]
async fn what_fits_is_a_value() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [Play::Text("{\"score\": 7}")]);
    let answer = rig.gate.complete(call(&rig)).await.unwrap();
    assert_eq!(answer.json, Some(json!({ "score": 7 })));
    assert!(rig.vendors[&OPENAI].asked()[0].native_schema);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_is_asked_for_once_more_with_the_reason() {
    let rig = Rig::alone(1);
    rig.plays(
        OPENAI,
        [Play::Text("{\"score\": 70}"), Play::Text("{\"score\": 7}")],
    );
    let answer = rig.gate.complete(call(&rig)).await.unwrap();
    assert_eq!(answer.json, Some(json!({ "score": 7 })));
    assert_eq!(
        told(&answer.attempts),
        ["openai schema_mismatch 0001", "openai answered 0001"]
    );
    assert_eq!(answer.usage.output, 100, "both are paid for");
    let asked = rig.vendors[&OPENAI].asked();
    let messages = &asked[1].request.messages;
    assert_eq!((messages.len(), messages[1].role), (3, Role::Assistant));
    assert!(messages[2].plain().contains("/score"), "{}", messages[2].plain());
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_second_time_it_is_an_error_that_says_what_is_wrong() {
    let rig = Rig::alone(1);
    rig.plays(OPENAI, [Play::Text("Sure!"), Play::Text("{\"points\": 7}")]);
    let failed = rig.gate.complete(call(&rig)).await.unwrap_err();
    let GateFailureKind::SchemaMismatch(problems) = &failed.kind else {
        panic!("{failed:?}");
    };
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(failed.cost.dollars().unwrap() > rust_decimal::Decimal::ZERO);
    assert_eq!(told(&failed.attempts), ["openai schema_mismatch 0001"; 2]);
    rig.is_tidy(1);
}

#[tokio::test(start_paused = true)]
async fn a_schema_that_is_none_is_the_callers_mistake() {
    let rig = Rig::alone(1);
    let mut call = call(&rig);
    call.request.schema.as_mut().unwrap().schema = json!({ "type": "object", "required": "score" });
    let failed = rig.gate.complete(call).await.unwrap_err();
    assert!(matches!(failed.kind, GateFailureKind::Invalid(fields) if fields[0].field == "schema.schema"));
}

#[tokio::test(start_paused = true)]
async fn a_model_without_schemas_is_told_in_words() {
    let rig = Rig::new();
    rig.key(Vendor::Anthropic, 1);
    rig.change(|policy| {
        policy.routing.order = vec![Hop {
            provider: "anthropic".parse().unwrap(),
            model: "claude-sonnet-4-0".into(),
        }];
    });
    rig.plays(Vendor::Anthropic, [Play::Text("```json\n{\"score\": 7}\n```")]);
    let answer = rig.gate.complete(call(&rig)).await.unwrap();
    assert_eq!(answer.json, Some(json!({ "score": 7 })));
    let asked = rig.vendors[&Vendor::Anthropic].asked();
    assert!(!asked[0].native_schema && asked[0].request.schema.is_none());
    assert!(asked[0].request.messages[0].plain().contains("JSON Schema"));
}
