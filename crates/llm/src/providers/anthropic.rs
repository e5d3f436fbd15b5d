//! Anthropic. It has neither embeddings nor images.

use super::speaker::malformed;
use crate::line::Line;
use crate::wire::anthropic::{self, Replies};
use async_trait::async_trait;
use groundswell_domain::llm::{
    ChatRequest, ChunkSource, Completion, EmbedRequest, Embeddings, ImageRequest, Images, LlmProvider,
    ProviderFailure, Target, Vendor,
};
use secrecy::SecretString;

/// Fixed by its makers in 2023 and valid ever since.
const VERSION: &str = "2023-06-01";
const PATH: &str = "v1/messages";

pub(super) struct Anthropic {
    pub line: Line,
}

fn headers(target: &Target) -> Vec<(String, SecretString)> {
    let mut headers = vec![("anthropic-version".to_owned(), VERSION.to_owned().into())];
    if let Some(key) = &target.key {
        headers.push(("x-api-key".to_owned(), key.clone()));
    }
    headers
}

#[async_trait]
impl LlmProvider for Anthropic {
    fn vendor(&self) -> Vendor {
        Vendor::Anthropic
    }

    async fn complete(&self, target: &Target, request: &ChatRequest) -> Result<Completion, ProviderFailure> {
        let body = anthropic::chat(target, request, false);
        let value = self
            .line
            .whole(target, PATH, headers(target), &body, &Replies::default())
            .await?;
        anthropic::completion(&value).map_err(malformed)
    }

    async fn stream(
        &self,
        target: &Target,
        request: &ChatRequest,
    ) -> Result<Box<dyn ChunkSource>, ProviderFailure> {
        let body = anthropic::chat(target, request, true);
        let reads = Box::new(Replies::default());
        self.line
            .stream(target, PATH, None, headers(target), &body, reads)
            .await
    }

    async fn embed(&self, _: &Target, _: &EmbedRequest) -> Result<Embeddings, ProviderFailure> {
        Err(ProviderFailure::unsupported("Anthropic has no embeddings"))
    }

    async fn image(&self, _: &Target, _: &ImageRequest) -> Result<Images, ProviderFailure> {
        Err(ProviderFailure::unsupported("Anthropic makes no images"))
    }
}
