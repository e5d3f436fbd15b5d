//! Google's generateContent. <https://ai.google.dev/api/generate-content>

use super::{Reader, Said, is_bad_key, is_too_long, number, text};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::llm::{
    Assembly, ChatRequest, Chunk, Completion, EmbedRequest, Embeddings, FailureKind, Finish, GeneratedImage,
    ImageRequest, Images, Message, Part, Role, Target, ToolChoice, Usage,
};
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

pub(crate) fn chat(target: &Target, request: &ChatRequest) -> Value {
    let mut body = Map::new();
    let system: Vec<String> = request
        .messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(Message::plain)
        .collect();
    if !system.is_empty() {
        body.insert(
            "systemInstruction".into(),
            json!({ "parts": [{ "text": system.join("\n\n") }] }),
        );
    }
    body.insert("contents".into(), contents(request));
    let mut config = Map::new();
    config.insert("maxOutputTokens".into(), json!(request.max_output_tokens));
    if target.temperature {
        if let Some(temperature) = request.sampling.temperature.and_then(|value| value.to_f64()) {
            config.insert("temperature".into(), json!(temperature));
        }
        if let Some(top_p) = request.sampling.top_p.and_then(|value| value.to_f64()) {
            config.insert("topP".into(), json!(top_p));
        }
    }
    if !request.stop.is_empty() {
        config.insert("stopSequences".into(), json!(request.stop));
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| target.native_schema) {
        config.insert("responseMimeType".into(), json!("application/json"));
        config.insert("responseJsonSchema".into(), schema.schema.clone());
    }
    body.insert("generationConfig".into(), Value::Object(config));
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request
            .tools
            .iter()
            .map(|tool| {
                json!({ "name": tool.name, "description": tool.description, "parametersJsonSchema": tool.parameters })
            })
            .collect();
        body.insert("tools".into(), json!([{ "functionDeclarations": tools }]));
        let mode = match request.tool_choice {
            ToolChoice::Auto => "AUTO",
            ToolChoice::Required => "ANY",
            ToolChoice::None => "NONE",
        };
        body.insert(
            "toolConfig".into(),
            json!({ "functionCallingConfig": { "mode": mode } }),
        );
    }
    Value::Object(body)
}

fn contents(request: &ChatRequest) -> Value {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let role = match message.role {
            Role::System => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "model",
        };
        let parts = message.parts.iter().filter_map(|part| match part {
            Part::Text { text } => (!text.is_empty()).then(|| json!({ "text": text })),
            Part::Image(image) => {
                Some(json!({ "inlineData": { "mimeType": image.media_type, "data": image.data } }))
            }
            Part::ToolCall(call) => {
                Some(json!({ "functionCall": { "name": call.name, "args": call.arguments } }))
            }
            // Answers go by the name of the tool here, which the call has.
            Part::ToolResult { id, content } => Some(json!({
                "functionResponse": { "name": name_of(request, id), "response": { "result": content } },
            })),
        });
        match turns.last_mut() {
            Some((last, content)) if *last == role => content.extend(parts),
            _ => turns.push((role, parts.collect())),
        }
    }
    let turns = turns.into_iter().filter(|(_, parts)| !parts.is_empty());
    turns
        .map(|(role, parts)| json!({ "role": role, "parts": parts }))
        .collect()
}

fn name_of<'a>(request: &'a ChatRequest, id: &'a str) -> &'a str {
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    let mut calls = parts.filter_map(|part| match part {
        Part::ToolCall(call) if call.id == id => Some(call.name.as_str()),
        _ => None,
    });
    calls.next().unwrap_or(id)
}

/// The state of one answer.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    model_told: bool,
    finished: bool,
    calls: u32,
}

impl Replies {
    fn read(&mut self, value: &Value) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        if let Some(model) = text(value, "/modelVersion").filter(|_| !self.model_told) {
            self.model_told = true;
            chunks.push(Chunk::Model(model.to_owned()));
        }
        let parts = value
            .pointer("/candidates/0/content/parts")
            .and_then(Value::as_array);
        for part in parts.into_iter().flatten() {
            let thought = part.get("thought").and_then(Value::as_bool).unwrap_or_default();
            if let Some(words) = text(part, "/text").filter(|words| !thought && !words.is_empty()) {
                chunks.push(Chunk::Text(words.to_owned()));
            }
            if let Some(call) = part.get("functionCall") {
                let index = self.calls;
                self.calls += 1;
                chunks.push(Chunk::ToolCall {
                    index,
                    id: text(call, "/id")
                        .map_or_else(|| Some(format!("call_{index}")), |id| Some(id.to_owned())),
                    name: text(call, "/name").map(str::to_owned),
                    arguments: call.get("args").map(Value::to_string).unwrap_or_default(),
                });
            }
        }
        if let Some(reason) = text(value, "/promptFeedback/blockReason") {
            self.finished = true;
            chunks.push(Chunk::Refusal(format!("the prompt was blocked: {reason}")));
            chunks.push(Chunk::Finish(Finish::Refused));
        } else if let Some(reason) = text(value, "/candidates/0/finishReason") {
            self.finished = true;
            chunks.push(Chunk::Finish(finish(reason)));
        }
        chunks.extend(usage(value).map(Chunk::Usage));
        chunks
    }
}

impl Reader for Replies {
    fn event(&mut self, data: &str) -> Result<Said, String> {
        let value: Value =
            serde_json::from_str(data).map_err(|error| format!("an event is no JSON: {error}"))?;
        if let Some((kind, message)) = self.error(200, &value) {
            return Ok(Said::Error(kind, message, value));
        }
        Ok(Said::Chunks(self.read(&value)))
    }

    /// There is no last event: the reason why it ended is in the last one of the answer.
    fn is_complete(&self) -> bool {
        self.finished
    }

    fn error(&self, status: u16, body: &Value) -> Option<(FailureKind, String)> {
        // Errors of streams come in a list.
        let body = body.get(0).unwrap_or(body);
        let error = body.get("error").filter(|error| error.is_object());
        if error.is_none() && status < 400 {
            return None;
        }
        let message = error
            .and_then(|error| text(error, "/message"))
            .unwrap_or("an error without words");
        let said = error
            .and_then(|error| error.get("code")?.as_u64())
            .and_then(|code| u16::try_from(code).ok());
        let status = if status >= 400 {
            status
        } else {
            said.unwrap_or(500)
        };
        let word = error.and_then(|error| text(error, "/status")).unwrap_or_default();
        let kind = match word {
            _ if status < 500 && is_bad_key(message) => FailureKind::Unauthorized,
            _ if status < 500 && is_too_long(message) => FailureKind::TooLong,
            "UNAUTHENTICATED" => FailureKind::Unauthorized,
            "RESOURCE_EXHAUSTED" => FailureKind::RateLimited,
            "UNAVAILABLE" => FailureKind::Overloaded,
            "DEADLINE_EXCEEDED" => FailureKind::Timeout,
            _ => FailureKind::of_status(status),
        };
        Some((kind, message.to_owned()))
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "STOP" => Finish::Stop,
        "MAX_TOKENS" => Finish::Length,
        "SAFETY"
        | "RECITATION"
        | "LANGUAGE"
        | "BLOCKLIST"
        | "PROHIBITED_CONTENT"
        | "SPII"
        | "IMAGE_SAFETY"
        | "IMAGE_PROHIBITED_CONTENT"
        | "IMAGE_RECITATION" => Finish::Refused,
        _ => Finish::Other,
    }
}

/// Thoughts are beside the answer's tokens here, and charged like them.
fn usage(value: &Value) -> Option<Usage> {
    let usage = value.get("usageMetadata")?;
    let reasoning = number(usage, "/thoughtsTokenCount");
    Some(Usage {
        input: number(usage, "/promptTokenCount") + number(usage, "/toolUsePromptTokenCount"),
        cached_input: number(usage, "/cachedContentTokenCount"),
        cache_write: 0,
        output: number(usage, "/candidatesTokenCount") + reasoning,
        reasoning,
        estimated: false,
    })
}

/// A whole answer.
pub(crate) fn completion(value: &Value) -> Result<Completion, String> {
    let mut replies = Replies::default();
    let chunks = replies.read(value);
    if !replies.is_complete() {
        return Err("the answer has no candidate that ended".into());
    }
    let mut assembly = Assembly::default();
    for chunk in &chunks {
        assembly.add(chunk);
    }
    assembly.finish()
}

pub(crate) fn embed(target: &Target, request: &EmbedRequest) -> Value {
    let requests = request.texts.iter().map(|text| {
        let mut one = json!({
            "model": format!("models/{}", target.model),
            "content": { "parts": [{ "text": text }] },
        });
        if let Some(dimensions) = request.dimensions {
            one["outputDimensionality"] = json!(dimensions);
        }
        one
    });
    json!({ "requests": requests.collect::<Vec<_>>() })
}

pub(crate) fn embeddings(value: &Value, count: usize) -> Result<Embeddings, String> {
    let list = value
        .get("embeddings")
        .and_then(Value::as_array)
        .ok_or("the answer has no embeddings")?;
    let vectors: Result<Vec<_>, String> = list
        .iter()
        .map(|entry| super::openai::vector(entry.get("values")))
        .collect();
    let vectors = vectors?;
    if vectors.len() != count {
        return Err(format!(
            "the answer has {} vectors for {count} texts",
            vectors.len()
        ));
    }
    Ok(Embeddings { vectors, usage: None })
}

pub(crate) fn image(request: &ImageRequest) -> Value {
    json!({
        "contents": [{ "role": "user", "parts": [{ "text": request.prompt }] }],
        "generationConfig": { "responseModalities": ["TEXT", "IMAGE"] },
    })
}

pub(crate) fn images(value: &Value) -> Result<Images, String> {
    let parts = value
        .pointer("/candidates/0/content/parts")
        .and_then(Value::as_array);
    let images: Result<Vec<_>, String> = parts
        .into_iter()
        .flatten()
        .filter_map(|part| part.get("inlineData"))
        .map(|data| {
            let bytes = STANDARD.decode(text(data, "/data").unwrap_or_default());
            Ok(GeneratedImage {
                media_type: text(data, "/mimeType").map(str::to_owned),
                bytes: bytes.map_err(|_| "an image is no base64")?,
            })
        })
        .collect();
    let images = images?;
    if images.is_empty() {
        return Err("the answer has no image".into());
    }
    Ok(Images {
        images,
        usage: usage(value),
    })
}
