//! Against a server of others, where one runs: llmock (`PyPI`) or one that has the same paths. See docs/llm.md.

use super::{adapter, hello, target};
use crate::tests::server::Server;
use groundswell_domain::llm::{Assembly, Finish, Message, Role, Tool, ToolChoice, Vendor};
use serde_json::json;

#[tokio::test]
#[ignore = "needs a server of others, named by GROUNDSWELL_TEST_LLM_SERVER"]
async fn every_adapter_is_understood() {
    let base =
        std::env::var("GROUNDSWELL_TEST_LLM_SERVER").expect("GROUNDSWELL_TEST_LLM_SERVER names the server");
    let unused = Server::playing([]).await;
    for (vendor, path) in [
        (Vendor::OpenAi, "/v1"),
        (Vendor::Compatible, "/v1"),
        (Vendor::Mistral, "/mistral/v1"),
        (Vendor::XAi, "/xai/v1"),
        (Vendor::Anthropic, "/anthropic"),
        (Vendor::Gemini, "/gemini/v1beta"),
    ] {
        let mut target = target(vendor, &unused);
        target.endpoint.base_url = format!("{base}{path}").parse().unwrap();
        let whole = adapter(vendor).complete(&target, &hello()).await.unwrap();
        assert!(
            !whole.text.is_empty() && whole.finish == Finish::Stop,
            "{vendor}: {whole:?}"
        );
        let mut request = hello();
        request
            .messages
            .insert(0, Message::text(Role::System, "Be brief."));
        request.tools.push(Tool {
            name: "find_lead".into(),
            description: "Finds a lead".into(),
            parameters: json!({ "type": "object", "properties": { "email": { "type": "string" } }, "required": ["email"] }),
        });
        request.tool_choice = ToolChoice::Required;
        let mut source = adapter(vendor).stream(&target, &request).await.unwrap();
        let mut assembly = Assembly::default();
        while let Some(chunk) = source.next().await {
            assembly.add(&chunk.unwrap_or_else(|failure| panic!("{vendor}: {failure}")));
        }
        let streamed = assembly.finish().unwrap();
        assert_eq!(streamed.tool_calls.len(), 1, "{vendor}: {streamed:?}");
        assert_eq!(streamed.tool_calls[0].name, "find_lead", "{vendor}");
    }
}
