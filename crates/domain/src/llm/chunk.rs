//! What comes back of a model: at once, or piece by piece.

use super::{ToolCall, Usage};
use serde::Serialize;
use serde_json::Value;

crate::text_enum::text_enum! {
    /// Why an answer ended.
    Finish {
        Stop => "stop",
        /// At the most tokens that it may have.
        Length => "length",
        ToolCalls => "tool_calls",
        /// The vendor or its model would not answer.
        Refused => "refused",
        /// Something that the vendor does not explain.
        Other => "other",
    }
}

/// A piece of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Chunk {
    Text(String),
    /// The words of a refusal.
    Refusal(String),
    /// A part of a call; parts with the same index belong together. `id` and `name` come with the first.
    ToolCall {
        index: u32,
        id: Option<String>,
        name: Option<String>,
        /// A fragment of the JSON text of its arguments.
        arguments: String,
    },
    /// The model, as the vendor names it.
    Model(String),
    /// Later ones replace earlier ones, field by field the larger.
    Usage(Usage),
    Finish(Finish),
}

impl Chunk {
    /// Whether the caller gets to see it, so that there is no way back.
    pub fn is_content(&self) -> bool {
        matches!(self, Self::Text(_) | Self::Refusal(_) | Self::ToolCall { .. })
    }
}

/// A whole answer of a provider.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Completion {
    pub text: String,
    pub tool_calls: Vec<ToolCall>,
    /// The words of a refusal, if there were some.
    pub refusal: Option<String>,
    pub finish: Finish,
    /// `None` when the vendor does not say.
    pub usage: Option<Usage>,
    /// The model, as the vendor names it.
    pub model: Option<String>,
}

#[derive(Debug, Default)]
struct PartialCall {
    index: u32,
    id: String,
    name: String,
    arguments: String,
}

/// Puts pieces together.
#[derive(Debug, Default)]
pub struct Assembly {
    text: String,
    refusal: String,
    calls: Vec<PartialCall>,
    finish: Option<Finish>,
    usage: Option<Usage>,
    model: Option<String>,
}

impl Assembly {
    pub fn add(&mut self, chunk: &Chunk) {
        match chunk {
            Chunk::Text(text) => self.text.push_str(text),
            Chunk::Refusal(text) => self.refusal.push_str(text),
            Chunk::ToolCall {
                index,
                id,
                name,
                arguments,
            } => self.call(*index, id.as_deref(), name.as_deref(), arguments),
            Chunk::Model(model) => self.model = Some(model.clone()),
            Chunk::Usage(usage) => {
                let known = self.usage.unwrap_or_default();
                self.usage = Some(Usage {
                    input: known.input.max(usage.input),
                    cached_input: known.cached_input.max(usage.cached_input),
                    cache_write: known.cache_write.max(usage.cache_write),
                    output: known.output.max(usage.output),
                    reasoning: known.reasoning.max(usage.reasoning),
                    estimated: false,
                });
            }
            Chunk::Finish(finish) => self.finish = Some(*finish),
        }
    }

    fn call(&mut self, index: u32, id: Option<&str>, name: Option<&str>, arguments: &str) {
        let at = self.calls.iter().position(|call| call.index == index);
        let at = at.unwrap_or_else(|| {
            self.calls.push(PartialCall {
                index,
                ..PartialCall::default()
            });
            self.calls.len() - 1
        });
        let call = &mut self.calls[at];
        // Some servers repeat both with every fragment.
        if let Some(id) = id.filter(|_| call.id.is_empty()) {
            id.clone_into(&mut call.id);
        }
        if let Some(name) = name.filter(|_| call.name.is_empty()) {
            name.clone_into(&mut call.name);
        }
        call.arguments.push_str(arguments);
    }

    /// Bytes that the model wrote so far.
    pub fn written(&self) -> usize {
        let calls = self
            .calls
            .iter()
            .map(|call| call.name.len() + call.arguments.len());
        self.text.len() + self.refusal.len() + calls.sum::<usize>()
    }

    pub fn usage(&self) -> Option<Usage> {
        self.usage
    }

    /// The whole, or a sentence about what is wrong with the arguments of a tool.
    pub fn finish(self) -> Result<Completion, String> {
        let mut tool_calls = Vec::with_capacity(self.calls.len());
        for call in self.calls {
            let PartialCall {
                index,
                id,
                name,
                arguments,
            } = call;
            if name.is_empty() {
                return Err("a call of a tool has no name".into());
            }
            let arguments = parse_arguments(&arguments)
                .ok_or_else(|| format!("the arguments of the tool {name} are no JSON object"))?;
            let id = if id.is_empty() {
                format!("call_{index}")
            } else {
                id
            };
            tool_calls.push(ToolCall { id, name, arguments });
        }
        let refused = !self.refusal.is_empty();
        let finish = match self.finish.unwrap_or(Finish::Other) {
            _ if refused => Finish::Refused,
            Finish::Stop if !tool_calls.is_empty() => Finish::ToolCalls,
            finish => finish,
        };
        Ok(Completion {
            text: self.text,
            tool_calls,
            refusal: refused.then_some(self.refusal),
            finish,
            usage: self.usage,
            model: self.model,
        })
    }
}

/// A tool without parameters is called with nothing, which is an empty object.
fn parse_arguments(text: &str) -> Option<Value> {
    if text.trim().is_empty() {
        return Some(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_str(text).ok().filter(Value::is_object)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(index: u32, id: Option<&str>, name: Option<&str>, arguments: &str) -> Chunk {
        Chunk::ToolCall {
            index,
            id: id.map(str::to_owned),
            name: name.map(str::to_owned),
            arguments: arguments.to_owned(),
        }
    }

    #[test]
    fn fragments_of_two_tools_come_mixed() {
        let mut assembly = Assembly::default();
        for chunk in [
            Chunk::Text("Let me ".into()),
            call(0, Some("a"), Some("find"), "{\"q\":"),
            call(1, Some("b"), Some("now"), ""),
            Chunk::Text("look.".into()),
            call(0, Some("a"), Some("find"), "\"x\"}"),
            Chunk::Finish(Finish::Stop),
        ] {
            assembly.add(&chunk);
        }
        assert_eq!(
            assembly.written(),
            "Let me look.".len() + "find{\"q\":\"x\"}now".len()
        );
        let whole = assembly.finish().unwrap();
        assert_eq!(
            (whole.text.as_str(), whole.finish),
            ("Let me look.", Finish::ToolCalls)
        );
        assert_eq!(whole.tool_calls[0].arguments, serde_json::json!({ "q": "x" }));
        assert_eq!(whole.tool_calls[1].arguments, serde_json::json!({}));
        assert_eq!(whole.usage, None);
    }

    #[test]
    fn arguments_that_are_cut_are_an_error_that_names_the_tool() {
        let mut assembly = Assembly::default();
        assembly.add(&call(0, Some("a"), Some("find"), "{\"q\":"));
        assert!(assembly.finish().unwrap_err().contains("find"));
    }

    #[test]
    fn a_refusal_is_a_refusal_however_it_ends() {
        let mut assembly = Assembly::default();
        assembly.add(&Chunk::Refusal("No.".into()));
        assembly.add(&Chunk::Finish(Finish::Stop));
        let whole = assembly.finish().unwrap();
        assert_eq!(
            (whole.finish, whole.refusal.as_deref()),
            (Finish::Refused, Some("No."))
        );
    }
}
