//! What vendors say when they do not answer.

use super::server::{Play, Server};
use super::{adapter, hello, target};
use groundswell_domain::llm::{FailureKind, NamedBy, ProviderFailure, Vendor};
use std::time::Duration;

async fn refused(
    vendor: Vendor,
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: &str,
) -> ProviderFailure {
    let play = Play {
        status,
        headers,
        ..Play::of(body)
    };
    let server = Server::playing([play.clone(), play]).await;
    let target = target(vendor, &server);
    let whole = adapter(vendor).complete(&target, &hello()).await.unwrap_err();
    let streamed = adapter(vendor).stream(&target, &hello()).await.err().unwrap();
    assert_eq!(whole, streamed, "a stream is refused in the same way");
    whole
}

#[tokio::test]
#[allow(clippy::too_many_lines, reason = "one table")]
async fn error_bodies_of_each_vendor_have_one_meaning() {
    use FailureKind::{
        Forbidden, Invalid, ModelUnknown, Overloaded, QuotaExhausted, RateLimited, ServerError, TooLong,
        Unauthorized,
    };
    let cases: [(Vendor, u16, &str, FailureKind); 25] = [
        (
            Vendor::OpenAi,
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-ab***45.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            Unauthorized,
        ),
        (
            Vendor::OpenAi,
            429,
            r#"{"error":{"message":"Rate limit reached for gpt-5-mini","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
            RateLimited,
        ),
        (
            Vendor::OpenAi,
            429,
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            QuotaExhausted,
        ),
        (
            Vendor::OpenAi,
            400,
            r#"{"error":{"message":"This model's maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            TooLong,
        ),
        (
            Vendor::OpenAi,
            400,
            r#"{"error":{"message":"Unsupported value: 'temperature'","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#,
            Invalid,
        ),
        (
            Vendor::OpenAi,
            404,
            r#"{"error":{"message":"The model `x` does not exist","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            ModelUnknown,
        ),
        (
            Vendor::OpenAi,
            500,
            r#"{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}"#,
            ServerError,
        ),
        (
            Vendor::OpenAi,
            503,
            r"<html><body>upstream connect error</body></html>",
            Overloaded,
        ),
        (
            Vendor::Anthropic,
            401,
            r#"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}"#,
            Unauthorized,
        ),
        (
            Vendor::Anthropic,
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#,
            QuotaExhausted,
        ),
        (
            Vendor::Anthropic,
            400,
            r#"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
            TooLong,
        ),
        (
            Vendor::Anthropic,
            403,
            r#"{"type":"error","error":{"type":"permission_error","message":"no"}}"#,
            Forbidden,
        ),
        (
            Vendor::Anthropic,
            429,
            r#"{"type":"error","error":{"type":"rate_limit_error","message":"Number of request tokens has exceeded your per-minute rate limit"}}"#,
            RateLimited,
        ),
        (
            Vendor::Anthropic,
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            Overloaded,
        ),
        (
            Vendor::Gemini,
            400,
            r#"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
            Unauthorized,
        ),
        (
            Vendor::Gemini,
            400,
            r#"{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}"#,
            TooLong,
        ),
        (
            Vendor::Gemini,
            503,
            r#"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
            Overloaded,
        ),
        (
            Vendor::Gemini,
            404,
            r#"{"error":{"code":404,"message":"models/x is not found","status":"NOT_FOUND"}}"#,
            ModelUnknown,
        ),
        (Vendor::Mistral, 401, r#"{"detail":"Unauthorized"}"#, Unauthorized),
        (
            Vendor::Mistral,
            422,
            r#"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","code":null}"#,
            Invalid,
        ),
        (
            Vendor::Mistral,
            429,
            r#"{"object":"error","message":"Requests rate limit exceeded","type":"rate_limited","param":null,"code":"1300"}"#,
            RateLimited,
        ),
        (
            Vendor::XAi,
            400,
            r#"{"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai."}"#,
            Unauthorized,
        ),
        (
            Vendor::OpenRouter,
            402,
            r#"{"error":{"message":"Insufficient credits","code":402}}"#,
            QuotaExhausted,
        ),
        (
            Vendor::OpenRouter,
            200,
            r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"provider_name":"X"}}}"#,
            ServerError,
        ),
        (
            Vendor::Ollama,
            404,
            r#"{"error":{"message":"model \"x\" not found, try pulling it first","type":"api_error","param":null,"code":null}}"#,
            ModelUnknown,
        ),
    ];
    for (vendor, status, body, kind) in cases {
        let failure = if status == 200 {
            let server = Server::playing([Play::of(body)]).await;
            adapter(vendor)
                .complete(&target(vendor, &server), &hello())
                .await
                .unwrap_err()
        } else {
            refused(vendor, status, Vec::new(), body).await
        };
        assert_eq!(failure.kind, kind, "{vendor} {status} {body}");
        assert_eq!(failure.status, (status != 200).then_some(status), "{body}");
        assert!(!failure.message.is_empty() && failure.message.len() <= ProviderFailure::MAX_MESSAGE);
    }
}

#[tokio::test]
async fn wishes_to_be_left_alone_are_read_wherever_they_stand() {
    let limit = r#"{"error":{"message":"slow down","code":"rate_limit_exceeded"}}"#;
    let after = |headers| refused(Vendor::OpenAi, 429, headers, limit);
    let seconds = after(vec![("retry-after", "20".to_owned())]).await;
    assert_eq!(seconds.retry_after, Some(Duration::from_secs(20)));
    let date = after(vec![("retry-after", "Fri, 15 Jan 2027 08:00:07 GMT".to_owned())]).await;
    assert_eq!(date.retry_after, Some(Duration::from_secs(7)));
    let exact = after(vec![
        ("retry-after", "1".to_owned()),
        ("retry-after-ms", "250".to_owned()),
    ])
    .await;
    assert_eq!(exact.retry_after, Some(Duration::from_millis(250)));
    assert_eq!(after(Vec::new()).await.retry_after, None);
    let google = r#"{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#;
    let google = refused(Vendor::Gemini, 429, Vec::new(), google).await;
    assert_eq!(google.retry_after, Some(Duration::from_millis(34_500)));
}

#[tokio::test]
async fn a_key_is_in_no_message() {
    let body = r#"{"error":{"message":"Bad key sk-very-secret-0123\nfor ada@x.example","code":null}}"#;
    let failure = refused(Vendor::OpenAi, 400, Vec::new(), body).await;
    assert_eq!(failure.message, "Bad key [key] for [email]");
}

#[tokio::test]
async fn answers_that_are_no_json_or_no_answer_are_malformed() {
    for vendor in [Vendor::OpenAi, Vendor::Anthropic, Vendor::Gemini] {
        for body in ["", "<html>", "{\"choices\":", "{}", "[]", "{\"choices\":[]}"] {
            let server = Server::playing([Play::of(body)]).await;
            let failure = adapter(vendor)
                .complete(&target(vendor, &server), &hello())
                .await
                .unwrap_err();
            assert_eq!(failure.kind, FailureKind::Malformed, "{vendor} {body}: {failure}");
        }
    }
    let cut = Play {
        cut: Some(9),
        ..Play::of("{\"choices\":[]}")
    };
    let server = Server::playing([cut]).await;
    let failure = adapter(Vendor::OpenAi)
        .complete(&target(Vendor::OpenAi, &server), &hello())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::CutStream);
}

#[tokio::test]
async fn redirects_are_not_followed_and_nobody_is_unreachable() {
    let elsewhere = vec![("location", "http://127.0.0.1:9/".to_owned())];
    let failure = refused(Vendor::OpenAi, 302, elsewhere, "").await;
    assert_eq!(failure.kind, FailureKind::Malformed);
    let server = Server::playing([]).await;
    let mut nobody = target(Vendor::OpenAi, &server);
    nobody.endpoint.base_url = "http://127.0.0.1:1/v1".parse().unwrap();
    let failure = adapter(Vendor::OpenAi)
        .complete(&nobody, &hello())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Unreachable);
}

#[tokio::test]
async fn what_an_organization_named_goes_through_the_guarded_client() {
    let server = Server::playing([Play::of("{}")]).await;
    let mut named = target(Vendor::Compatible, &server);
    named.endpoint.named_by = NamedBy::Organization;
    let failure = adapter(Vendor::Compatible)
        .complete(&named, &hello())
        .await
        .unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused);
    assert!(server.asked().is_empty(), "nothing was sent");
}
