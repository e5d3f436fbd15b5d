//! Ollama, by its OpenAI-compatible side. It answers the same wherever it runs, mostly without a key.

use crate::wire::openai::Dialect;
use groundswell_domain::llm::Vendor;

pub(super) const DIALECT: Dialect = Dialect {
    vendor: Vendor::Ollama,
    max_tokens: "max_tokens",
    ask_usage: true,
    required: "required",
    strict: false,
    short_ids: false,
    dimensions: false,
    image_size: false,
    ask_base64: false,
};
