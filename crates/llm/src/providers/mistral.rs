//! Mistral. It refuses fields that it does not know, and tells usage in streams by itself.

use crate::wire::openai::Dialect;
use groundswell_domain::llm::Vendor;

pub(crate) const DIALECT: Dialect = Dialect {
    vendor: Vendor::Mistral,
    max_tokens: "max_tokens",
    ask_usage: false,
    required: "any",
    strict: true,
    short_ids: true,
    dimensions: false,
    image_size: false,
    ask_base64: false,
};
