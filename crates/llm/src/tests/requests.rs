//! What is sent, held against files that were checked against what vendors publish (testdata/README.md).

use super::server::{Play, Server};
use super::{adapter, file, target};
use groundswell_domain::llm::{
    ChatRequest, ImagePart, JsonSchema, Message, Part, Role, Sampling, Tool, ToolCall, ToolChoice, Vendor,
};
use serde_json::{Value, json};

/// Everything that a request can have.
fn everything() -> ChatRequest {
    let parameters = json!({ "type": "object", "properties": { "email": { "type": "string" } },
        "required": ["email"], "additionalProperties": false });
    ChatRequest {
        messages: vec![
            Message::text(Role::System, "Be brief."),
            Message {
                role: Role::User,
                parts: vec![
                    Part::Text {
                        text: "Who is this?".into(),
                    },
                    Part::Image(ImagePart {
                        media_type: "image/png".into(),
                        data: "aGk=".into(),
                    }),
                ],
            },
            Message {
                role: Role::Assistant,
                parts: vec![Part::ToolCall(ToolCall {
                    id: "call00001".into(),
                    name: "find_lead".into(),
                    arguments: json!({ "email": "a@x.example" }),
                })],
            },
            Message {
                role: Role::Tool,
                parts: vec![Part::ToolResult {
                    id: "call00001".into(),
                    content: "Ada".into(),
                }],
            },
            Message::text(Role::User, "And as JSON?"),
        ],
        tools: vec![Tool {
            name: "find_lead".into(),
            description: "Finds a lead".into(),
            parameters: parameters.clone(),
        }],
        tool_choice: ToolChoice::Auto,
        schema: Some(JsonSchema {
            name: "lead".into(),
            schema: parameters,
        }),
        sampling: Sampling {
            temperature: Some("0.7".parse().unwrap()),
            top_p: None,
        },
        stop: vec!["END".into()],
        max_output_tokens: 500,
    }
}

async fn sent(vendor: Vendor) -> (String, Value, Vec<(String, String)>) {
    let server = Server::playing([Play::of("data: [DONE]\n\n")]).await;
    drop(
        adapter(vendor)
            .stream(&target(vendor, &server), &everything())
            .await
            .unwrap(),
    );
    let asked = server.asked().pop().unwrap();
    let secret = [
        "authorization",
        "x-api-key",
        "x-goog-api-key",
        "anthropic-version",
    ];
    let headers = secret
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), asked.header(name)?.to_owned())));
    let headers = headers.collect();
    assert_eq!(asked.header("content-type"), Some("application/json"));
    (asked.path, asked.body, headers)
}

#[tokio::test]
async fn every_vendor_is_asked_in_its_own_way() {
    let bearer = [(
        "authorization".to_owned(),
        "Bearer sk-very-secret-0123".to_owned(),
    )];
    let mut wrong = Vec::new();
    for vendor in Vendor::ALL
        .iter()
        .copied()
        .filter(|vendor| *vendor != Vendor::Builtin)
    {
        let (path, body, headers) = sent(vendor).await;
        match vendor {
            Vendor::Anthropic => {
                assert_eq!(path, "/v1/messages");
                let key = ("x-api-key".to_owned(), "sk-very-secret-0123".to_owned());
                assert_eq!(
                    headers,
                    [key, ("anthropic-version".to_owned(), "2023-06-01".to_owned())]
                );
            }
            Vendor::Gemini => {
                assert_eq!(
                    path,
                    "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
                );
                assert_eq!(headers[0].0, "x-goog-api-key");
            }
            _ => {
                assert_eq!(path, "/v1/chat/completions");
                assert_eq!(headers, bearer);
            }
        }
        let name = format!("{vendor}/request.json");
        if std::env::var_os("GROUNDSWELL_WRITE_TESTDATA").is_some() {
            let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("testdata")
                .join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, format!("{body:#}\n")).unwrap();
        }
        let expected: Value = serde_json::from_slice(&file(&name)).unwrap();
        if body != expected {
            wrong.push(format!("{name}: {body:#}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
