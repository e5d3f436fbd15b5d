//! What is asked of a model, and what is said about it.

use super::{ImagePart, Message, Part, ProviderName, Spender};
use crate::ids::RequestId;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Most tokens that an answer may have unless the caller says otherwise; the reference system's figure.
pub const MAX_OUTPUT_TOKENS: u32 = 4000;

crate::text_enum::text_enum! {
    /// What is in a prompt, and so where it may be sent.
    DataClass {
        /// Would be published anyway.
        Public => "public",
        /// Of the organization, and of no person.
        Internal => "internal",
        /// About people: may be restricted to models on machines of the operator.
        Personal => "personal",
    }
}

/// What the text is for, such as `headline` or `lead-summary`: 1 to 64 of a-z, 0-9, `_` and `-`. Routing rules name it.
pub type Task = crate::secrets::Service;

/// A tool that the model may call.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tool {
    /// 1 to 64 of a-z, A-Z, 0-9, `_` and `-`: what all vendors take.
    pub name: String,
    pub description: String,
    /// A JSON Schema of the arguments, whose type is `object`.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub parameters: Value,
}

crate::text_enum::text_enum! {
    /// Whether the model calls tools.
    ToolChoice {
        /// As it sees fit.
        Auto => "auto",
        /// At least one.
        Required => "required",
        None => "none",
    }
}

/// The form that an answer must have.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct JsonSchema {
    /// As [`Tool::name`].
    pub name: String,
    /// JSON Schema, draft 2020-12 unless it names another. References to other documents are not followed.
    #[cfg_attr(feature = "openapi", schema(value_type = Object))]
    pub schema: Value,
}

/// How the next word is chosen. Absent means the vendor's default.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Sampling {
    /// 0 to 2. Left out where a model refuses to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub temperature: Option<Decimal>,
    /// Above 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<f64>))]
    pub top_p: Option<Decimal>,
}

/// What goes to a model.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ChatRequest {
    pub messages: Vec<Message>,
    pub tools: Vec<Tool>,
    pub tool_choice: ToolChoice,
    pub schema: Option<JsonSchema>,
    pub sampling: Sampling,
    pub stop: Vec<String>,
    /// Most tokens of the answer, reasoning included.
    pub max_output_tokens: u32,
}

impl ChatRequest {
    /// A conversation and nothing else.
    pub fn of(messages: Vec<Message>) -> Self {
        Self {
            messages,
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            schema: None,
            sampling: Sampling::default(),
            stop: Vec::new(),
            max_output_tokens: MAX_OUTPUT_TOKENS,
        }
    }

    pub fn images(&self) -> impl Iterator<Item = &ImagePart> {
        let parts = self.messages.iter().flat_map(|message| &message.parts);
        parts.filter_map(|part| match part {
            Part::Image(image) => Some(image),
            _ => None,
        })
    }
}

/// Which model is wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct ModelChoice {
    pub provider: Option<ProviderName>,
    /// The vendor's name of it.
    pub model: Option<String>,
    /// This one or none: no other is asked when it does not answer.
    pub pinned: bool,
}

/// One use of the gate.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    pub spender: Spender,
    pub request_id: Option<RequestId>,
    pub request: ChatRequest,
    pub choice: ModelChoice,
    pub task: Option<Task>,
    pub data_class: DataClass,
    /// An equal call of the same tenant may be answered with the same words.
    pub cache: bool,
    /// Models whose price nobody knows may be used although a budget applies.
    pub allow_unknown_price: bool,
}

impl Call {
    /// The most common one.
    pub fn of(spender: Spender, request: ChatRequest) -> Self {
        Self {
            spender,
            request_id: None,
            request,
            choice: ModelChoice::default(),
            task: None,
            data_class: DataClass::Internal,
            cache: false,
            allow_unknown_price: false,
        }
    }
}
