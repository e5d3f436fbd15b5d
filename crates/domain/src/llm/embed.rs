//! Texts as vectors.

use super::Usage;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbedRequest {
    /// Up to 2,048 texts, which is what the smallest of the vendors' limits allows in one call.
    pub texts: Vec<String>,
    /// How long the vectors are, where a model leaves a choice.
    pub dimensions: Option<u32>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Embeddings {
    /// One for each text, in the same order.
    pub vectors: Vec<Vec<f32>>,
    pub usage: Option<Usage>,
}
