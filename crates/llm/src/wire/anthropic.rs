//! Anthropic's messages. <https://docs.anthropic.com/en/api/messages>

use super::{Reader, Said, is_too_long, number, text};
use groundswell_domain::llm::{
    Assembly, ChatRequest, Chunk, Completion, FailureKind, Finish, Message, Part, Role, Target, ToolChoice,
    Usage,
};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

pub(crate) fn chat(target: &Target, request: &ChatRequest, stream: bool) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), json!(target.model));
    body.insert("max_tokens".into(), json!(request.max_output_tokens));
    let system: Vec<String> = request
        .messages
        .iter()
        .filter(|message| message.role == Role::System)
        .map(Message::plain)
        .collect();
    if !system.is_empty() {
        body.insert("system".into(), json!(system.join("\n\n")));
    }
    body.insert("messages".into(), messages(request));
    // It goes from 0 to 1 here. Newer models refuse both at once.
    let sampling = request.sampling;
    if let Some(temperature) = sampling.temperature.filter(|_| target.temperature) {
        body.insert(
            "temperature".into(),
            json!(temperature.min(Decimal::ONE).to_f64()),
        );
    } else if let Some(top_p) = sampling.top_p.filter(|_| target.temperature) {
        body.insert("top_p".into(), json!(top_p.to_f64()));
    }
    if !request.stop.is_empty() {
        body.insert("stop_sequences".into(), json!(request.stop));
    }
    if !request.tools.is_empty() {
        let tools = request.tools.iter().map(|tool| {
            json!({ "name": tool.name, "description": tool.description, "input_schema": tool.parameters })
        });
        body.insert("tools".into(), tools.collect());
        let choice = match request.tool_choice {
            ToolChoice::Auto => "auto",
            ToolChoice::Required => "any",
            ToolChoice::None => "none",
        };
        body.insert("tool_choice".into(), json!({ "type": choice }));
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| target.native_schema) {
        let format = json!({ "type": "json_schema", "schema": schema.schema });
        body.insert("output_config".into(), json!({ "format": format }));
    }
    if stream {
        body.insert("stream".into(), json!(true));
    }
    Value::Object(body)
}

/// Roles take turns here: neighbours of one role are one message.
fn messages(request: &ChatRequest) -> Value {
    let mut turns: Vec<(&str, Vec<Value>)> = Vec::new();
    for message in &request.messages {
        let role = match message.role {
            Role::System => continue,
            Role::User | Role::Tool => "user",
            Role::Assistant => "assistant",
        };
        // An empty text is refused.
        let parts = message.parts.iter().filter_map(|part| match part {
            Part::Text { text } => (!text.is_empty()).then(|| json!({ "type": "text", "text": text })),
            Part::Image(image) => Some(json!({
                "type": "image",
                "source": { "type": "base64", "media_type": image.media_type, "data": image.data },
            })),
            Part::ToolCall(call) => {
                Some(json!({ "type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments }))
            }
            Part::ToolResult { id, content } => {
                Some(json!({ "type": "tool_result", "tool_use_id": id, "content": content }))
            }
        });
        match turns.last_mut() {
            Some((last, content)) if *last == role => content.extend(parts),
            _ => turns.push((role, parts.collect())),
        }
    }
    let turns = turns.into_iter().filter(|(_, content)| !content.is_empty());
    turns
        .map(|(role, content)| json!({ "role": role, "content": content }))
        .collect()
}

/// The state of one answer.
#[derive(Debug, Default)]
pub(crate) struct Replies {
    stopped: bool,
    usage: Usage,
    /// Blocks that are calls of tools, by their place, and whether parts of their arguments came.
    tools: Vec<u64>,
}

impl Reader for Replies {
    fn event(&mut self, data: &str) -> Result<Said, String> {
        let value: Value =
            serde_json::from_str(data).map_err(|error| format!("an event is no JSON: {error}"))?;
        let mut chunks = Vec::new();
        match text(&value, "/type").unwrap_or_default() {
            "message_start" => {
                if let Some(model) = text(&value, "/message/model") {
                    chunks.push(Chunk::Model(model.to_owned()));
                }
                chunks.extend(self.count(value.pointer("/message/usage")));
            }
            "content_block_start" => {
                let block = value.get("content_block").unwrap_or(&Value::Null);
                let index = number(&value, "/index");
                if text(block, "/type") == Some("tool_use") {
                    self.tools.push(index);
                    chunks.push(tool_use(index, block, String::new()));
                } else if let Some(words) = text(block, "/text").filter(|words| !words.is_empty()) {
                    chunks.push(Chunk::Text(words.to_owned()));
                }
            }
            "content_block_delta" => {
                let index = number(&value, "/index");
                if let Some(words) = text(&value, "/delta/text").filter(|words| !words.is_empty()) {
                    chunks.push(Chunk::Text(words.to_owned()));
                } else if let Some(json) =
                    text(&value, "/delta/partial_json").filter(|_| self.tools.contains(&index))
                {
                    chunks.push(Chunk::ToolCall {
                        index: u32::try_from(index).unwrap_or(0),
                        id: None,
                        name: None,
                        arguments: json.to_owned(),
                    });
                }
            }
            "message_delta" => {
                chunks.extend(self.count(value.get("usage")));
                if let Some(reason) = text(&value, "/delta/stop_reason") {
                    self.stopped = true;
                    chunks.push(Chunk::Finish(finish(reason)));
                }
            }
            "message_stop" => return Ok(Said::End),
            "error" => {
                let (kind, message) = self
                    .error(500, &value)
                    .unwrap_or((FailureKind::ServerError, "an error without words".to_owned()));
                return Ok(Said::Error(kind, message, value));
            }
            // Pings, thoughts, and what comes in the future: Anthropic asks to pass over what is unknown.
            _ => {}
        }
        Ok(Said::Chunks(chunks))
    }

    fn is_complete(&self) -> bool {
        self.stopped
    }

    fn error(&self, status: u16, body: &Value) -> Option<(FailureKind, String)> {
        if text(body, "/type") != Some("error") && status < 400 {
            return None;
        }
        let message = text(body, "/error/message")
            .or_else(|| body.as_str())
            .unwrap_or("an error without words");
        let kind = match text(body, "/error/type").unwrap_or_default() {
            "authentication_error" => FailureKind::Unauthorized,
            "billing_error" => FailureKind::QuotaExhausted,
            "permission_error" => FailureKind::Forbidden,
            "not_found_error" => FailureKind::ModelUnknown,
            "request_too_large" => FailureKind::TooLong,
            "rate_limit_error" => FailureKind::RateLimited,
            "overloaded_error" => FailureKind::Overloaded,
            "timeout_error" => FailureKind::Timeout,
            "api_error" => FailureKind::ServerError,
            "invalid_request_error" if message.contains("credit balance") => FailureKind::QuotaExhausted,
            "invalid_request_error" if is_too_long(message) => FailureKind::TooLong,
            "invalid_request_error" => FailureKind::Invalid,
            _ => FailureKind::of_status(status),
        };
        Some((kind, message.to_owned()))
    }
}

impl Replies {
    /// Counts come in parts: the prompt at the start, the answer at the end. What was cached is beside `input_tokens` here.
    fn count(&mut self, usage: Option<&Value>) -> Option<Chunk> {
        let usage = usage.filter(|usage| usage.is_object())?;
        let cached = number(usage, "/cache_read_input_tokens");
        let written = number(usage, "/cache_creation_input_tokens");
        let known = &mut self.usage;
        known.input = known.input.max(number(usage, "/input_tokens") + cached + written);
        known.cached_input = known.cached_input.max(cached);
        known.cache_write = known.cache_write.max(written);
        known.output = known.output.max(number(usage, "/output_tokens"));
        Some(Chunk::Usage(*known))
    }
}

fn tool_use(index: u64, block: &Value, arguments: String) -> Chunk {
    Chunk::ToolCall {
        index: u32::try_from(index).unwrap_or(0),
        id: text(block, "/id").map(str::to_owned),
        name: text(block, "/name").map(str::to_owned),
        arguments,
    }
}

fn finish(reason: &str) -> Finish {
    match reason {
        "end_turn" | "stop_sequence" => Finish::Stop,
        "max_tokens" | "model_context_window_exceeded" => Finish::Length,
        "tool_use" => Finish::ToolCalls,
        "refusal" => Finish::Refused,
        _ => Finish::Other,
    }
}

/// A whole answer.
pub(crate) fn completion(value: &Value) -> Result<Completion, String> {
    let content = value
        .get("content")
        .and_then(Value::as_array)
        .ok_or("the answer has no content")?;
    let mut assembly = Assembly::default();
    for (index, block) in content.iter().enumerate() {
        match text(block, "/type").unwrap_or_default() {
            "text" => assembly.add(&Chunk::Text(text(block, "/text").unwrap_or_default().to_owned())),
            "tool_use" => {
                let arguments = block.get("input").map(Value::to_string).unwrap_or_default();
                assembly.add(&tool_use(index as u64, block, arguments));
            }
            _ => {}
        }
    }
    if let Some(model) = text(value, "/model") {
        assembly.add(&Chunk::Model(model.to_owned()));
    }
    if let Some(usage) = Replies::default().count(value.get("usage")) {
        assembly.add(&usage);
    }
    let reason = text(value, "/stop_reason").ok_or("the answer has no stop_reason")?;
    assembly.add(&Chunk::Finish(finish(reason)));
    assembly.finish()
}
