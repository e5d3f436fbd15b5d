//! What is read.

use crate::wire::{Reader, Said, is_bad_key, is_too_long, number, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::llm::{
    Assembly, Chunk, Completion, Embeddings, FailureKind, Finish, GeneratedImage, Images, Usage,
};
use serde_json::Value;

/// The state of one answer.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    model_told: bool,
    finished: bool,
}

impl Reader for Replies {
    fn event(&mut self, data: &str) -> Result<Said, String> {
        if data.trim() == "[DONE]" {
            return Ok(Said::End);
        }
        let value: Value =
            serde_json::from_str(data).map_err(|error| format!("an event is no JSON: {error}"))?;
        if let Some((kind, message)) = self.error(200, &value) {
            return Ok(Said::Error(kind, message, value));
        }
        let mut chunks = Vec::new();
        if let Some(model) = text(&value, "/model").filter(|model| !self.model_told && !model.is_empty()) {
            self.model_told = true;
            chunks.push(Chunk::Model(model.to_owned()));
        }
        if let Some(choice) = value.pointer("/choices/0") {
            let delta = choice.get("delta").unwrap_or(&Value::Null);
            pieces(delta, &mut chunks);
            if let Some(reason) = text(choice, "/finish_reason") {
                self.finished = true;
                chunks.push(Chunk::Finish(finish(reason)));
            }
        }
        if let Some(usage) = usage(&value) {
            chunks.push(Chunk::Usage(usage));
        }
        Ok(Said::Chunks(chunks))
    }

    /// Some servers leave `[DONE]` out.
    fn is_complete(&self) -> bool {
        self.finished
    }

    fn error(&self, status: u16, body: &Value) -> Option<(FailureKind, String)> {
        // {"error": {"message", "type", "code"}}; Ollama and xAI: {"error": "..."}; Mistral: {"message"} or {"detail"}.
        let error = body.get("error").filter(|error| !error.is_null());
        let error = error.or_else(|| (status >= 400).then_some(body))?;
        let message = text(error, "/message")
            .or_else(|| error.as_str())
            .or_else(|| text(body, "/message"))
            .or_else(|| text(body, "/detail"))
            .map_or_else(|| error.to_string(), str::to_owned);
        let code = error.get("code").or_else(|| body.get("code"));
        // OpenRouter's code is a status, also within a stream.
        let said = code
            .and_then(Value::as_u64)
            .and_then(|code| u16::try_from(code).ok());
        let status = if (400..600).contains(&status) {
            status
        } else {
            said.unwrap_or(500)
        };
        let word = code
            .and_then(Value::as_str)
            .or_else(|| text(error, "/type"))
            .unwrap_or_default();
        let kind = match word {
            "insufficient_quota" | "billing_hard_limit_reached" => FailureKind::QuotaExhausted,
            "context_length_exceeded" | "string_above_max_length" => FailureKind::TooLong,
            "invalid_api_key" | "account_deactivated" => FailureKind::Unauthorized,
            "rate_limit_exceeded" | "rate_limit_error" => FailureKind::RateLimited,
            "model_not_found" => FailureKind::ModelUnknown,
            "server_error" if status == 500 => FailureKind::ServerError,
            _ if status < 500 && is_bad_key(&message) => FailureKind::Unauthorized,
            _ if status < 500 && is_too_long(&message) => FailureKind::TooLong,
            _ => FailureKind::of_status(status),
        };
        Some((kind, message))
    }
}

/// What a message, or a part of one, says.
fn pieces(delta: &Value, chunks: &mut Vec<Chunk>) {
    match delta.get("content") {
        Some(Value::String(text)) if !text.is_empty() => chunks.push(Chunk::Text(text.clone())),
        // Mistral's reasoning models: parts, of which only text is an answer.
        Some(Value::Array(parts)) => {
            let texts = parts.iter().filter(|part| text(part, "/type") == Some("text"));
            chunks.extend(texts.filter_map(|part| Some(Chunk::Text(text(part, "/text")?.to_owned()))));
        }
        _ => {}
    }
    if let Some(refusal) = text(delta, "/refusal").filter(|refusal| !refusal.is_empty()) {
        chunks.push(Chunk::Refusal(refusal.to_owned()));
    }
    let calls = delta.get("tool_calls").and_then(Value::as_array);
    for (at, call) in calls.into_iter().flatten().enumerate() {
        let index = call.get("index").and_then(Value::as_u64);
        let arguments = match call.pointer("/function/arguments") {
            Some(Value::String(text)) => text.clone(),
            // Some servers write the object itself.
            Some(value @ Value::Object(_)) => value.to_string(),
            _ => String::new(),
        };
        let some = |pointer| {
            text(call, pointer)
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        chunks.push(Chunk::ToolCall {
            index: index
                .and_then(|index| u32::try_from(index).ok())
                .unwrap_or_else(|| u32::try_from(at).unwrap_or(0)),
            id: some("/id"),
            name: some("/function/name"),
            arguments,
        });
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "stop" => Finish::Stop,
        "length" | "model_length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        "content_filter" => Finish::Refused,
        _ => Finish::Other,
    }
}

fn usage(value: &Value) -> Option<Usage> {
    let usage = value.get("usage").filter(|usage| usage.is_object())?;
    let reasoning = number(usage, "/completion_tokens_details/reasoning_tokens");
    let (input, output) = (
        number(usage, "/prompt_tokens"),
        number(usage, "/completion_tokens"),
    );
    // xAI leaves reasoning out of the completion's tokens, and charges for it: its total tells.
    let beside = number(usage, "/total_tokens") >= input + output + reasoning && reasoning > 0;
    Some(Usage {
        input,
        cached_input: number(usage, "/prompt_tokens_details/cached_tokens"),
        cache_write: number(usage, "/prompt_tokens_details/cache_write_tokens"),
        output: if beside { output + reasoning } else { output },
        reasoning,
        estimated: false,
    })
}

/// A whole answer.
pub(crate) fn completion(value: &Value) -> Result<Completion, String> {
    let choice = value.pointer("/choices/0").ok_or("the answer has no choices")?;
    let message = choice.get("message").ok_or("the answer has no message")?;
    let mut chunks = Vec::new();
    pieces(message, &mut chunks);
    if let Some(model) = text(value, "/model") {
        chunks.push(Chunk::Model(model.to_owned()));
    }
    chunks.extend(usage(value).map(Chunk::Usage));
    if let Some(reason) = text(choice, "/finish_reason") {
        chunks.push(Chunk::Finish(finish(reason)));
    }
    let mut assembly = Assembly::default();
    for chunk in &chunks {
        assembly.add(chunk);
    }
    assembly.finish()
}

pub(crate) fn embeddings(value: &Value, count: usize) -> Result<Embeddings, String> {
    let data = value
        .get("data")
        .and_then(Value::as_array)
        .ok_or("the answer has no data")?;
    let mut vectors = vec![Vec::new(); count];
    for (at, entry) in data.iter().enumerate() {
        let index = entry
            .get("index")
            .and_then(Value::as_u64)
            .and_then(|index| usize::try_from(index).ok());
        let place = vectors
            .get_mut(index.unwrap_or(at))
            .ok_or("the answer has more vectors than texts")?;
        *place = vector(entry.get("embedding"))?;
    }
    if vectors.iter().any(Vec::is_empty) {
        return Err("the answer has fewer vectors than texts".into());
    }
    Ok(Embeddings {
        vectors,
        usage: usage(value),
    })
}

/// Numbers of a vector; also for the others.
pub(crate) fn vector(value: Option<&Value>) -> Result<Vec<f32>, String> {
    let numbers = value.and_then(Value::as_array).ok_or("a vector is no list")?;
    let number = |value: &Value| {
        value
            .as_f64()
            .ok_or_else(|| "a vector has what is no number".to_owned())
    };
    #[expect(
        clippy::cast_possible_truncation,
        reason = "vendors compute in single precision or less"
    )]
    numbers
        .iter()
        .map(|value| number(value).map(|number| number as f32))
        .collect()
}

pub(crate) fn images(value: &Value) -> Result<Images, String> {
    let data = value
        .get("data")
        .and_then(Value::as_array)
        .ok_or("the answer has no data")?;
    let images: Result<Vec<_>, String> = data
        .iter()
        .map(|image| {
            let text = text(image, "/b64_json").ok_or("an image has no bytes")?;
            let bytes = STANDARD.decode(text).map_err(|_| "an image is no base64")?;
            Ok(GeneratedImage {
                media_type: value
                    .get("output_format")
                    .and_then(Value::as_str)
                    .map(|format| format!("image/{format}")),
                bytes,
            })
        })
        .collect();
    let usage = value
        .get("usage")
        .filter(|usage| usage.is_object())
        .map(|usage| Usage {
            input: number(usage, "/input_tokens"),
            output: number(usage, "/output_tokens"),
            ..Usage::default()
        });
    Ok(Images {
        images: images?,
        usage,
    })
}
