//! OpenRouter, which asks others.

use crate::wire::openai::Dialect;
use groundswell_domain::llm::Vendor;

pub(super) const DIALECT: Dialect = Dialect {
    vendor: Vendor::OpenRouter,
    max_tokens: "max_tokens",
    ask_usage: true,
    required: "required",
    strict: true,
    short_ids: false,
    dimensions: true,
    image_size: false,
    ask_base64: false,
};

/// By which its operators know whose calls these are. <https://openrouter.ai/docs/app-attribution>
pub(super) const HEADERS: &[(&str, &str)] = &[("x-title", "Groundswell")];
