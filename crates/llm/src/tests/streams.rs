//! Streams: recorded ones, in pieces of every size, and cut at every byte.

use super::server::{Play, Server};
use super::{adapter, file, hello, target};
use groundswell_domain::llm::{
    Assembly, Chunk, Completion, FailureKind, Finish, ProviderFailure, Usage, Vendor,
};

async fn read(vendor: Vendor, play: Play) -> (Vec<Chunk>, Option<ProviderFailure>) {
    let server = Server::playing([play]).await;
    let mut source = adapter(vendor)
        .stream(&target(vendor, &server), &hello())
        .await
        .unwrap();
    let mut chunks = Vec::new();
    while let Some(chunk) = source.next().await {
        match chunk {
            Ok(chunk) => chunks.push(chunk),
            Err(failure) => {
                assert!(source.next().await.is_none(), "nothing comes after a failure");
                return (chunks, Some(failure));
            }
        }
    }
    (chunks, None)
}

async fn whole(vendor: Vendor, name: &str) -> Completion {
    let body = file(name);
    let mut expected = None;
    for piece in [1, 2, 3, 7, 64, usize::MAX] {
        let (chunks, failure) = read(
            vendor,
            Play {
                piece,
                ..Play::of(body.clone())
            },
        )
        .await;
        assert_eq!(failure, None, "{name} in pieces of {piece}");
        let mut assembly = Assembly::default();
        for chunk in &chunks {
            assembly.add(chunk);
        }
        let completion = assembly.finish().unwrap();
        assert_eq!(
            expected.get_or_insert_with(|| completion.clone()),
            &completion,
            "{name} in pieces of {piece}"
        );
    }
    // Lines may end in any way.
    let other = String::from_utf8(body).unwrap().replace('\n', "\r\n");
    let (_, failure) = read(
        vendor,
        Play {
            piece: 5,
            ..Play::of(other)
        },
    )
    .await;
    assert_eq!(failure, None, "{name} with other line ends");
    expected.unwrap()
}

fn tokens(usage: Option<Usage>) -> (u64, u64, u64, u64) {
    let usage = usage.expect("usage is told");
    (usage.input, usage.cached_input, usage.output, usage.reasoning)
}

#[tokio::test]
async fn recorded_texts_come_out_in_any_pieces() {
    for (vendor, name, text, model, counted) in [
        (
            Vendor::OpenAi,
            "openai/text.sse",
            "gpt-5-mini mock reply: I saw 'Say hello'.",
            "gpt-5-mini",
            (2, 0, 10, 0),
        ),
        (
            Vendor::OpenRouter,
            "openrouter/text.sse",
            "Hello",
            "openai/gpt-5-mini",
            (9, 0, 3, 0),
        ),
        (
            Vendor::Ollama,
            "ollama/text.sse",
            "Hi there",
            "llama3.2",
            (26, 0, 3, 0),
        ),
        (
            Vendor::Compatible,
            "ollama/text.sse",
            "Hi there",
            "llama3.2",
            (26, 0, 3, 0),
        ),
        (
            Vendor::Mistral,
            "mistral/reasoning.sse",
            "Grüße 🎉",
            "magistral-medium",
            (12, 0, 20, 0),
        ),
    ] {
        let found = whole(vendor, name).await;
        assert_eq!(found.text, text, "{name}");
        assert_eq!(found.model.as_deref(), Some(model), "{name}");
        assert_eq!(found.finish, Finish::Stop, "{name}");
        assert_eq!(tokens(found.usage), counted, "{name}");
    }
    for (vendor, name, output) in [
        (Vendor::Anthropic, "anthropic/text.sse", 14),
        (Vendor::Gemini, "gemini/text.sse", 10),
        (Vendor::Mistral, "mistral/text.sse", 15),
        (Vendor::XAi, "xai/text.sse", 8),
    ] {
        let found = whole(vendor, name).await;
        assert!(
            found.text.len() > 10 && found.finish == Finish::Stop,
            "{name}: {found:?}"
        );
        assert_eq!(tokens(found.usage), (2, 0, output, 0), "{name}");
    }
}

#[tokio::test]
async fn recorded_calls_of_tools_come_out_in_any_pieces() {
    for vendor in [
        Vendor::OpenAi,
        Vendor::Anthropic,
        Vendor::Gemini,
        Vendor::Mistral,
        Vendor::XAi,
    ] {
        let found = whole(vendor, &format!("{vendor}/tools.sse")).await;
        assert_eq!(found.finish, Finish::ToolCalls, "{vendor}");
        assert_eq!(found.tool_calls.len(), 1, "{vendor}");
        let call = &found.tool_calls[0];
        assert_eq!(call.name, "find_lead", "{vendor}");
        assert_eq!(
            call.arguments,
            serde_json::json!({ "email": "mock-email" }),
            "{vendor}"
        );
        assert!(!call.id.is_empty(), "{vendor}");
    }
}

#[tokio::test]
async fn refusals_and_reasoning_are_told_apart_from_answers() {
    let refused = whole(Vendor::OpenAi, "openai/refusal.sse").await;
    assert_eq!(refused.finish, Finish::Refused);
    assert_eq!(refused.refusal.as_deref(), Some("I can’t help with that."));
    assert_eq!(
        tokens(refused.usage),
        (90, 64, 200, 192),
        "reasoning is part of OpenAI's count"
    );
    let blocked = whole(Vendor::Gemini, "gemini/blocked.sse").await;
    assert_eq!(blocked.finish, Finish::Refused);
    assert!(blocked.refusal.unwrap().contains("PROHIBITED_CONTENT"));
    let thinking = whole(Vendor::Gemini, "gemini/thinking.sse").await;
    assert_eq!(
        (thinking.text.as_str(), thinking.finish),
        ("Yes.", Finish::Length)
    );
    assert_eq!(
        tokens(thinking.usage),
        (11, 8, 52, 50),
        "thoughts are beside Google's count"
    );
}

#[tokio::test]
async fn an_error_within_a_stream_comes_after_what_came_before_it() {
    let (chunks, failure) = read(Vendor::Anthropic, Play::of(file("anthropic/overloaded.sse"))).await;
    assert!(chunks.contains(&Chunk::Text("Hello".into())));
    assert_eq!(failure.unwrap().kind, FailureKind::Overloaded);
    let usage = chunks.iter().find_map(|chunk| match chunk {
        Chunk::Usage(usage) => Some(*usage),
        _ => None,
    });
    let usage = usage.unwrap();
    assert_eq!(
        (usage.input, usage.cached_input, usage.cache_write),
        (1125, 1000, 100),
        "beside Anthropic's count"
    );
    let (chunks, failure) = read(Vendor::OpenRouter, Play::of(file("openrouter/broken.sse"))).await;
    assert!(chunks.contains(&Chunk::Text("Hel".into())));
    let failure = failure.unwrap();
    assert_eq!(
        (failure.kind, failure.message.as_str()),
        (FailureKind::ServerError, "Provider disconnected")
    );
}

/// Wherever it is cut, it is either an error or the whole answer: never a short one that looks whole.
#[tokio::test]
async fn a_stream_that_is_cut_never_looks_whole() {
    for (vendor, name) in [
        (Vendor::OpenAi, "openai/tools.sse"),
        (Vendor::Anthropic, "anthropic/tools.sse"),
        (Vendor::Gemini, "gemini/text.sse"),
    ] {
        let body = file(name);
        let expected = whole(vendor, name).await;
        for at in (0..body.len()).step_by(29) {
            // Once the connection breaks, once it ends as if that were all.
            for broken in [true, false] {
                let play = if broken {
                    Play {
                        cut: Some(at),
                        ..Play::of(body.clone())
                    }
                } else {
                    Play::of(body[..at].to_vec())
                };
                let (chunks, failure) = read(vendor, play).await;
                if let Some(failure) = failure {
                    assert_eq!(failure.kind, FailureKind::CutStream, "{name} at {at}: {failure}");
                    continue;
                }
                let mut assembly = Assembly::default();
                for chunk in &chunks {
                    assembly.add(chunk);
                }
                let found = assembly.finish().unwrap();
                let words = (&found.text, &found.tool_calls, found.finish);
                assert_eq!(
                    words,
                    (&expected.text, &expected.tool_calls, expected.finish),
                    "{name} at {at}"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_is_no_stream_is_malformed() {
    for body in ["data: {\"choices\": [\n\n", "data: <html>\n\n"] {
        let (_, failure) = read(Vendor::OpenAi, Play::of(body)).await;
        assert_eq!(failure.unwrap().kind, FailureKind::Malformed, "{body}");
    }
    let (_, failure) = read(Vendor::OpenAi, Play::of("<html>Sorry</html>")).await;
    assert_eq!(failure.unwrap().kind, FailureKind::CutStream);
}
