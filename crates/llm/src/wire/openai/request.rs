//! What is written.

use super::Dialect;
use groundswell_domain::llm::{
    ChatRequest, EmbedRequest, ImageRequest, Message, Part, Role, Target, ToolChoice, Vendor,
};
use rust_decimal::prelude::ToPrimitive;
use serde_json::{Map, Value, json};

pub(crate) fn chat(dialect: &Dialect, target: &Target, request: &ChatRequest, stream: bool) -> Value {
    let mut body = Map::new();
    body.insert("model".into(), json!(target.model));
    let messages = request.messages.iter().flat_map(|said| message(dialect, said));
    body.insert("messages".into(), Value::Array(messages.collect()));
    body.insert(dialect.max_tokens.into(), json!(request.max_output_tokens));
    if target.temperature {
        if let Some(temperature) = request.sampling.temperature.and_then(|value| value.to_f64()) {
            body.insert("temperature".into(), json!(temperature));
        }
        if let Some(top_p) = request.sampling.top_p.and_then(|value| value.to_f64()) {
            body.insert("top_p".into(), json!(top_p));
        }
    }
    if !request.stop.is_empty() {
        body.insert("stop".into(), json!(request.stop));
    }
    if !request.tools.is_empty() {
        body.insert("tools".into(), tools(request));
        let choice = match request.tool_choice {
            ToolChoice::Auto => "auto",
            ToolChoice::Required => dialect.required,
            ToolChoice::None => "none",
        };
        body.insert("tool_choice".into(), json!(choice));
    }
    if let Some(schema) = request.schema.as_ref().filter(|_| target.native_schema) {
        let strict = dialect.strict && is_strict(&schema.schema);
        let format = json!({
            "type": "json_schema",
            "json_schema": { "name": schema.name, "schema": schema.schema, "strict": strict },
        });
        body.insert("response_format".into(), format);
    }
    if stream {
        body.insert("stream".into(), json!(true));
        if dialect.ask_usage {
            body.insert("stream_options".into(), json!({ "include_usage": true }));
        }
    }
    if dialect.vendor == Vendor::OpenRouter {
        body.insert("usage".into(), json!({ "include": true }));
    }
    Value::Object(body)
}

fn tools(request: &ChatRequest) -> Value {
    let tools = request.tools.iter().map(|tool| {
        json!({
            "type": "function",
            "function": { "name": tool.name, "description": tool.description, "parameters": tool.parameters },
        })
    });
    tools.collect()
}

/// One message of ours can be several of theirs: each answer of a tool is one.
fn message(dialect: &Dialect, message: &Message) -> Vec<Value> {
    match message.role {
        Role::System => vec![json!({ "role": "system", "content": message.plain() })],
        Role::User => vec![json!({ "role": "user", "content": content(message) })],
        Role::Assistant => {
            let calls: Vec<Value> = message
                .parts
                .iter()
                .filter_map(|part| match part {
                    Part::ToolCall(call) => Some(json!({
                        "id": id(dialect, &call.id),
                        "type": "function",
                        "function": { "name": call.name, "arguments": call.arguments.to_string() },
                    })),
                    _ => None,
                })
                .collect();
            let text = message.plain();
            let mut said = json!({ "role": "assistant", "content": text });
            if !calls.is_empty() {
                if text.is_empty() {
                    said["content"] = Value::Null;
                }
                said["tool_calls"] = Value::Array(calls);
            }
            vec![said]
        }
        Role::Tool => message
            .parts
            .iter()
            .filter_map(|part| match part {
                Part::ToolResult { id, content } => {
                    Some(json!({ "role": "tool", "tool_call_id": self::id(dialect, id), "content": content }))
                }
                _ => None,
            })
            .collect(),
    }
}

/// Another vendor may have made the id. A short one is made of it in the same way each time: FNV-1a, in base 36.
fn id(dialect: &Dialect, id: &str) -> String {
    let is_short = id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if is_short || !dialect.short_ids {
        return id.to_owned();
    }
    let mut hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut short = String::new();
    for _ in 0..9 {
        short.push(char::from_digit(u32::try_from(hash % 36).unwrap_or(0), 36).unwrap_or('0'));
        hash /= 36;
    }
    short
}

/// Plain text where there is nothing else: some servers know no parts.
fn content(message: &Message) -> Value {
    if !message.parts.iter().any(|part| matches!(part, Part::Image(_))) {
        return json!(message.plain());
    }
    let parts = message.parts.iter().filter_map(|part| match part {
        Part::Text { text } => Some(json!({ "type": "text", "text": text })),
        Part::Image(image) => {
            let url = format!("data:{};base64,{}", image.media_type, image.data);
            Some(json!({ "type": "image_url", "image_url": { "url": url } }))
        }
        _ => None,
    });
    parts.collect()
}

/// Whether a schema is of the kind that can be followed to the letter: every object closed, and all of its properties required.
/// <https://platform.openai.com/docs/guides/structured-outputs#supported-schemas>
fn is_strict(schema: &Value) -> bool {
    match schema {
        Value::Object(fields) => {
            let is_object = fields.get("type").and_then(Value::as_str) == Some("object");
            let closed = fields.get("additionalProperties") == Some(&Value::Bool(false));
            let required = || {
                let empty = Map::new();
                let properties = fields
                    .get("properties")
                    .and_then(Value::as_object)
                    .unwrap_or(&empty);
                let required = fields.get("required").and_then(Value::as_array);
                properties
                    .keys()
                    .all(|name| required.is_some_and(|names| names.iter().any(|required| required == name)))
            };
            let unknown = [
                "oneOf",
                "allOf",
                "not",
                "if",
                "patternProperties",
                "dependentRequired",
            ];
            (!is_object || (closed && required()))
                && !unknown.iter().any(|word| fields.contains_key(*word))
                && fields.values().all(is_strict)
        }
        Value::Array(values) => values.iter().all(is_strict),
        _ => true,
    }
}

pub(crate) fn embed(dialect: &Dialect, target: &Target, request: &EmbedRequest) -> Value {
    let mut body = json!({ "model": target.model, "input": request.texts });
    if let Some(dimensions) = request.dimensions.filter(|_| dialect.dimensions) {
        body["dimensions"] = json!(dimensions);
    }
    body
}

pub(crate) fn image(dialect: &Dialect, target: &Target, request: &ImageRequest) -> Value {
    let mut body = json!({ "model": target.model, "prompt": request.prompt, "n": request.count });
    if let Some((width, height)) = request.size.filter(|_| dialect.image_size) {
        body["size"] = json!(format!("{width}x{height}"));
    }
    if dialect.ask_base64 {
        body["response_format"] = json!("b64_json");
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_others_are_made_short_where_they_must_be() {
        let mistral = crate::providers::MISTRAL;
        let short = id(&mistral, "call_a83b5a17826d49bd9e9ba20c");
        assert!(
            short.len() == 9 && short.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{short}"
        );
        assert_eq!(id(&mistral, "D681PevKs"), "D681PevKs");
        assert_ne!(id(&mistral, "toolu_1"), id(&mistral, "toolu_2"));
    }

    #[test]
    fn only_closed_schemas_with_all_required_are_strict() {
        let closed = json!({ "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": { "a": { "type": "array", "items": { "type": "string" } } } });
        assert!(is_strict(&closed));
        for (field, value) in [
            ("required", json!([])),
            ("additionalProperties", json!(true)),
            ("allOf", json!([])),
            ("properties", json!({ "a": { "type": "object" } })),
        ] {
            let mut open = closed.clone();
            open[field] = value;
            assert!(!is_strict(&open), "{field}");
        }
    }
}
