//! Any server that speaks OpenAI's language: only what all of them know is asked for.

use crate::wire::openai::Dialect;
use groundswell_domain::llm::Vendor;

pub(super) const DIALECT: Dialect = Dialect {
    vendor: Vendor::Compatible,
    max_tokens: "max_tokens",
    ask_usage: true,
    required: "required",
    strict: false,
    short_ids: false,
    dimensions: false,
    image_size: true,
    ask_base64: false,
};
