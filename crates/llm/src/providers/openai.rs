//! OpenAI. Its newer models refuse `max_tokens`; images are bytes without being asked for.

use crate::wire::openai::Dialect;
use groundswell_domain::llm::Vendor;

pub(super) const DIALECT: Dialect = Dialect {
    vendor: Vendor::OpenAi,
    max_tokens: "max_completion_tokens",
    ask_usage: true,
    required: "required",
    strict: true,
    short_ids: false,
    dimensions: true,
    image_size: true,
    ask_base64: false,
};
