//! Whether a call makes sense, before anybody is asked.

use super::{Call, ChatRequest, Part, Role, Tool};
use crate::validate::Problems;
use rust_decimal::Decimal;
use serde_json::Value;

pub const MAX_MESSAGES: usize = 500;
pub const MAX_TOOLS: usize = 64;
/// Text of a whole conversation, in bytes; images are counted apart.
pub const MAX_PROMPT: usize = 4 * 1024 * 1024;
/// One image in base64, in bytes.
const MAX_IMAGE: usize = 8 * 1024 * 1024;
const MAX_IMAGES: usize = 20;
const MOST_OUTPUT: u32 = 200_000;
const MAX_SCHEMA: usize = 64 * 1024;
const IMAGE_TYPES: [&str; 4] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/// Names everything that no vendor would take.
pub fn check(problems: &mut Problems, call: &Call) {
    let request = &call.request;
    conversation(problems, request);
    images(problems, request);
    tools(problems, request);
    sampling(problems, request);
    if let Some(schema) = &request.schema {
        name(problems, "schema.name", &schema.name);
        object(problems, "schema.schema", &schema.schema);
    }
    if call.choice.pinned {
        let named = call.choice.model.is_some() || call.choice.provider.is_some();
        problems.check(
            named,
            "model",
            "must be named when no other may be asked (pinned)",
        );
    }
    if let Some(model) = &call.choice.model {
        problems.check(
            is_model(model),
            "model",
            "must have 1 to 200 characters and no blanks",
        );
    }
}

/// Names of models go into paths of some vendors.
fn is_model(model: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || "._-:/@+".contains(c);
    (1..=200).contains(&model.len()) && model.chars().all(fine) && !model.contains("..")
}

fn conversation(problems: &mut Problems, request: &ChatRequest) {
    let messages = &request.messages;
    problems.check(
        (1..=MAX_MESSAGES).contains(&messages.len()),
        "messages",
        format!("must have 1 to {MAX_MESSAGES} messages"),
    );
    let asks = messages.iter().any(|message| message.role != Role::System);
    problems.check(asks, "messages", "must have a message that is not the system's");
    let mut bytes = 0;
    for (at, message) in messages.iter().enumerate() {
        let field = format!("messages[{at}]");
        problems.check(!message.parts.is_empty(), &field, "must not be empty");
        for part in &message.parts {
            let (fits, size) = match part {
                Part::Text { text } => (message.role != Role::Tool, text.len()),
                Part::Image(_) => (message.role == Role::User, 0),
                Part::ToolCall(call) => (
                    message.role == Role::Assistant,
                    call.name.len() + call.arguments.to_string().len(),
                ),
                Part::ToolResult { content, .. } => (message.role == Role::Tool, content.len()),
            };
            bytes += size;
            problems.check(
                fits,
                &field,
                "text belongs to system, user and assistant, images to user, tool_call to assistant, tool_result to tool",
            );
        }
    }
    problems.check(
        bytes <= MAX_PROMPT,
        "messages",
        format!("must have at most {MAX_PROMPT} bytes of text"),
    );
    let most = 1..=MOST_OUTPUT;
    problems.check(
        most.contains(&request.max_output_tokens),
        "max_output_tokens",
        format!("must be 1 to {MOST_OUTPUT}"),
    );
    let stops = request.stop.len() <= 4 && request.stop.iter().all(|stop| (1..=100).contains(&stop.len()));
    problems.check(stops, "stop", "must have at most 4 texts of 1 to 100 bytes");
}

fn images(problems: &mut Problems, request: &ChatRequest) {
    problems.check(
        request.images().count() <= MAX_IMAGES,
        "messages",
        format!("must have at most {MAX_IMAGES} images"),
    );
    for image in request.images() {
        let fine = IMAGE_TYPES.contains(&image.media_type.as_str());
        problems.check(
            fine,
            "messages",
            format!("images must be one of {}", IMAGE_TYPES.join(", ")),
        );
        let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        problems.check(
            !image.data.is_empty() && image.data.len() <= MAX_IMAGE && image.data.bytes().all(is_base64),
            "messages",
            format!("images must be base64 of at most {MAX_IMAGE} bytes"),
        );
    }
}

fn tools(problems: &mut Problems, request: &ChatRequest) {
    problems.check(
        request.tools.len() <= MAX_TOOLS,
        "tools",
        format!("must have at most {MAX_TOOLS} tools"),
    );
    for (at, tool) in request.tools.iter().enumerate() {
        let Tool {
            name: called,
            parameters,
            ..
        } = tool;
        name(problems, &format!("tools[{at}].name"), called);
        object(problems, &format!("tools[{at}].parameters"), parameters);
        let twice = request.tools[..at].iter().any(|earlier| earlier.name == *called);
        problems.check(
            !twice,
            &format!("tools[{at}].name"),
            "is the name of another tool as well",
        );
    }
}

fn sampling(problems: &mut Problems, request: &ChatRequest) {
    let within = |value: Option<Decimal>, most: i64| {
        value.is_none_or(|value| value >= Decimal::ZERO && value <= Decimal::from(most))
    };
    problems.check(
        within(request.sampling.temperature, 2),
        "temperature",
        "must be 0 to 2",
    );
    problems.check(
        within(request.sampling.top_p, 1) && request.sampling.top_p != Some(Decimal::ZERO),
        "top_p",
        "must be above 0 and at most 1",
    );
}

fn name(problems: &mut Problems, field: &str, name: &str) {
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    problems.check(
        (1..=64).contains(&name.len()) && name.bytes().all(fine),
        field,
        "must have 1 to 64 of a-z, A-Z, 0-9, _ and -",
    );
}

fn object(problems: &mut Problems, field: &str, schema: &Value) {
    let is_object = schema.get("type").and_then(Value::as_str) == Some("object");
    problems.check(is_object, field, "must be a JSON Schema whose type is object");
    problems.check(
        schema.to_string().len() <= MAX_SCHEMA,
        field,
        format!("must have at most {MAX_SCHEMA} bytes"),
    );
}
