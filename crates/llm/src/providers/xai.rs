//! xAI's Grok.

use crate::wire::openai::Dialect;
use groundswell_domain::llm::Vendor;

pub(super) const DIALECT: Dialect = Dialect {
    vendor: Vendor::XAi,
    max_tokens: "max_completion_tokens",
    ask_usage: true,
    required: "required",
    strict: true,
    short_ids: false,
    dimensions: false,
    image_size: false,
    ask_base64: true,
};
