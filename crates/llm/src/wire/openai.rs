//! OpenAI's chat completions, and what others have made of them.
//! <https://platform.openai.com/docs/api-reference/chat>

mod reply;
mod request;

pub(crate) use reply::{Replies, completion, embeddings, images, vector};
pub(crate) use request::{chat, embed, image};

use groundswell_domain::llm::Vendor;

/// How one vendor differs.
#[derive(Debug, Clone, Copy)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a way in which a server differs"
)]
pub(crate) struct Dialect {
    pub vendor: Vendor,
    /// The field for the most tokens of an answer.
    pub max_tokens: &'static str,
    /// Usage at the end of a stream must be asked for.
    pub ask_usage: bool,
    /// The word for "must call a tool".
    pub required: &'static str,
    /// Schemas can be told to be followed to the letter.
    pub strict: bool,
    /// Calls of tools must have ids of nine letters and digits.
    pub short_ids: bool,
    /// Embeddings can be shortened.
    pub dimensions: bool,
    /// Images can be of a chosen size.
    pub image_size: bool,
    /// Images come as bytes only when that is asked for.
    pub ask_base64: bool,
}
