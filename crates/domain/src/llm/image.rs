//! Images from words.

use super::Usage;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRequest {
    pub prompt: String,
    /// 1 to 4.
    pub count: u32,
    /// Width and height in pixels, where a model leaves a choice.
    pub size: Option<(u32, u32)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GeneratedImage {
    /// `None` when the vendor does not say; the bytes will.
    pub media_type: Option<String>,
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Images {
    pub images: Vec<GeneratedImage>,
    pub usage: Option<Usage>,
}
