//! Answers that come at once: words, vectors, images.

use super::server::{Play, Server};
use super::{adapter, file, hello, target};
use groundswell_domain::llm::{EmbedRequest, FailureKind, Finish, ImageRequest, Vendor};
use serde_json::json;

#[tokio::test]
async fn recorded_answers_are_read() {
    for (vendor, name, model, output) in [
        (Vendor::OpenAi, "openai/text.json", Some("gpt-5-mini"), 10),
        (
            Vendor::Anthropic,
            "anthropic/text.json",
            Some("claude-sonnet-4-5"),
            14,
        ),
        (Vendor::Gemini, "gemini/text.json", None, 10),
        (
            Vendor::Mistral,
            "mistral/text.json",
            Some("mistral-large-latest"),
            15,
        ),
        (Vendor::XAi, "xai/text.json", Some("grok-4"), 8),
    ] {
        let server = Server::playing([Play {
            piece: 3,
            ..Play::of(file(name))
        }])
        .await;
        let found = adapter(vendor)
            .complete(&target(vendor, &server), &hello())
            .await
            .unwrap();
        assert!(
            found.text.len() > 10 && found.finish == Finish::Stop,
            "{name}: {found:?}"
        );
        assert_eq!(found.model.as_deref(), model, "{name}");
        let usage = found.usage.unwrap();
        assert_eq!((usage.input, usage.output), (2, output), "{name}");
    }
    let server = Server::playing([Play::of(file("xai/reasoning.json"))]).await;
    let found = adapter(Vendor::XAi)
        .complete(&target(Vendor::XAi, &server), &hello())
        .await
        .unwrap();
    let usage = found.usage.unwrap();
    assert_eq!(
        (usage.input, usage.cached_input, usage.output, usage.reasoning),
        (32, 6, 103, 94)
    );
}

#[tokio::test]
async fn vectors_come_in_the_order_of_the_texts() {
    let request = EmbedRequest {
        texts: vec!["a".into(), "b".into()],
        dimensions: Some(2),
    };
    let openai = json!({ "data": [
        { "index": 1, "embedding": [0.5, -1] }, { "index": 0, "embedding": [1.0, 0.25] },
    ], "usage": { "prompt_tokens": 2, "total_tokens": 2 } });
    let server = Server::playing([Play::of(openai.to_string())]).await;
    let found = adapter(Vendor::OpenAi)
        .embed(&target(Vendor::OpenAi, &server), &request)
        .await
        .unwrap();
    assert_eq!(found.vectors, [[1.0, 0.25], [0.5, -1.0]]);
    assert_eq!(found.usage.unwrap().input, 2);
    let asked = server.asked();
    assert_eq!(asked[0].path, "/v1/embeddings");
    assert_eq!(
        asked[0].body,
        json!({ "model": "gpt-5-mini", "input": ["a", "b"], "dimensions": 2 })
    );

    let gemini = json!({ "embeddings": [{ "values": [1.0] }, { "values": [2.0] }] });
    let server = Server::playing([Play::of(gemini.to_string())]).await;
    let found = adapter(Vendor::Gemini)
        .embed(&target(Vendor::Gemini, &server), &request)
        .await
        .unwrap();
    assert_eq!(found.vectors, [[1.0], [2.0]]);
    assert_eq!(
        server.asked()[0].path,
        "/v1beta/models/gemini-2.5-flash:batchEmbedContents"
    );

    let short = json!({ "data": [{ "index": 0, "embedding": [1.0] }] });
    let server = Server::playing([Play::of(short.to_string())]).await;
    let failure = adapter(Vendor::Mistral)
        .embed(&target(Vendor::Mistral, &server), &request)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Malformed);
    for vendor in [Vendor::Anthropic, Vendor::XAi] {
        let server = Server::playing([]).await;
        let failure = adapter(vendor)
            .embed(&target(vendor, &server), &request)
            .await
            .unwrap_err();
        assert_eq!(failure.kind, FailureKind::Unsupported, "{vendor}");
    }
}

#[tokio::test]
async fn images_are_bytes() {
    let request = ImageRequest {
        prompt: "A boat".into(),
        count: 1,
        size: Some((1024, 1024)),
    };
    let openai = json!({ "created": 1, "output_format": "png", "data": [{ "b64_json": "aGk=" }],
        "usage": { "input_tokens": 5, "output_tokens": 1000, "total_tokens": 1005 } });
    let server = Server::playing([Play::of(openai.to_string())]).await;
    let found = adapter(Vendor::OpenAi)
        .image(&target(Vendor::OpenAi, &server), &request)
        .await
        .unwrap();
    assert_eq!(
        (found.images[0].bytes.as_slice(), found.usage.unwrap().output),
        (b"hi".as_slice(), 1000)
    );
    assert_eq!(found.images[0].media_type.as_deref(), Some("image/png"));
    let expected = json!({ "model": "gpt-5-mini", "prompt": "A boat", "n": 1, "size": "1024x1024" });
    assert_eq!(server.asked()[0].body, expected);
    let gemini = json!({ "candidates": [{ "content": { "parts": [{ "text": "Here" },
        { "inlineData": { "mimeType": "image/png", "data": "aGk=" } }] }, "finishReason": "STOP" }] });
    let server = Server::playing([Play::of(gemini.to_string())]).await;
    let found = adapter(Vendor::Gemini)
        .image(&target(Vendor::Gemini, &server), &request)
        .await
        .unwrap();
    assert_eq!(found.images[0].bytes, b"hi");
    let server = Server::playing([]).await;
    let failure = adapter(Vendor::Mistral)
        .image(&target(Vendor::Mistral, &server), &request)
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unsupported);
}
