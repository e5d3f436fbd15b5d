//! How many tokens a prompt is, before anybody counts them.

use super::{ChatRequest, Message, Part};

/// Tokens of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenBound {
    /// It is not more. Every vendor's tokenizer works on bytes (byte-level BPE, or `SentencePiece` with byte fallback), so that a text has at
    /// most one token for each byte of it; what a vendor adds by itself is added here.
    pub at_most: u64,
    /// What it is usually: for windows and charges, where a bound four times too high would do harm.
    pub likely: u64,
}

/// Around each message: role, separators (OpenAI's cookbook counts 3 to 4).
const PER_MESSAGE: u64 = 8;
/// Around each request: the priming of the answer.
const PER_REQUEST: u64 = 32;
/// What a vendor tells a model about tools, once there are some: Anthropic documents up to 804 tokens.
const TOOLS: u64 = 1000;
/// What it tells about a form, beside the form.
const SCHEMA: u64 = 500;
/// An image is usually not of the largest size.
const LIKELY_IMAGE: u64 = 1600;

/// Counts a request; `image_tokens` is the most that an image can be for the model.
pub fn count(request: &ChatRequest, image_tokens: u64) -> TokenBound {
    let mut sum = TokenBound {
        at_most: PER_REQUEST,
        likely: PER_REQUEST,
    };
    for message in &request.messages {
        sum = sum.plus(of_message(message, image_tokens));
    }
    for tool in &request.tools {
        let text = tool.name.len() + tool.description.len() + tool.parameters.to_string().len();
        sum = sum.plus(of_bytes(text)).plus(flat(PER_MESSAGE));
    }
    if !request.tools.is_empty() {
        sum = sum.plus(flat(TOOLS));
    }
    if let Some(schema) = &request.schema {
        // It is sent as a form, or written into the prompt; never both.
        let text = schema.name.len() + schema.schema.to_string().len();
        sum = sum.plus(of_bytes(text)).plus(flat(SCHEMA));
    }
    sum
}

fn of_message(message: &Message, image_tokens: u64) -> TokenBound {
    message.parts.iter().fold(flat(PER_MESSAGE), |sum, part| {
        sum.plus(match part {
            Part::Text { text } => TokenBound::of_text(text),
            Part::Image(_) => TokenBound {
                at_most: image_tokens,
                likely: image_tokens.min(LIKELY_IMAGE),
            },
            Part::ToolCall(call) => {
                of_bytes(call.id.len() + call.name.len() + call.arguments.to_string().len())
            }
            Part::ToolResult { id, content } => of_bytes(id.len()).plus(TokenBound::of_text(content)),
        })
    })
}

fn flat(tokens: u64) -> TokenBound {
    TokenBound {
        at_most: tokens,
        likely: tokens,
    }
}

fn of_bytes(bytes: usize) -> TokenBound {
    let bytes = bytes as u64;
    TokenBound {
        at_most: bytes,
        likely: bytes.div_ceil(3),
    }
}

impl TokenBound {
    /// A third of the bytes: English has four bytes in a token, German three, Chinese two to three.
    pub fn of_text(text: &str) -> Self {
        of_bytes(text.len())
    }

    /// Of so many bytes of text.
    pub fn of_bytes(bytes: usize) -> Self {
        of_bytes(bytes)
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            at_most: self.at_most.saturating_add(other.at_most),
            likely: self.likely.saturating_add(other.likely),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{ImagePart, Role};

    #[test]
    fn counts_bytes_and_what_lies_around_them() {
        let request = ChatRequest::of(vec![Message::text(Role::User, "Grüße 🎉")]);
        let bound = count(&request, 5000);
        assert_eq!(bound.at_most, 12 + PER_MESSAGE + PER_REQUEST);
        assert_eq!(bound.likely, 4 + PER_MESSAGE + PER_REQUEST);
    }

    #[test]
    fn images_tools_and_schemas_are_counted() {
        let mut request = ChatRequest::of(vec![Message::text(Role::User, "x")]);
        let plain = count(&request, 5000).at_most;
        request.messages[0].parts.push(Part::Image(ImagePart {
            media_type: "image/png".into(),
            data: "AAAA".into(),
        }));
        assert_eq!(count(&request, 5000).at_most, plain + 5000);
        request.schema = Some(crate::llm::JsonSchema {
            name: "x".into(),
            schema: serde_json::json!({ "type": "object" }),
        });
        assert!(count(&request, 5000).at_most > plain + 5000 + SCHEMA);
    }
}
