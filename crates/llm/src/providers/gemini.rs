//! Google's Gemini.

use super::speaker::malformed;
use crate::line::Line;
use crate::wire::gemini::{self, Replies};
use async_trait::async_trait;
use groundswell_domain::llm::{
    ChatRequest, ChunkSource, Completion, EmbedRequest, Embeddings, ImageRequest, Images, LlmProvider,
    ProviderFailure, Target, Vendor,
};
use secrecy::SecretString;

pub(super) struct Gemini {
    pub line: Line,
}

fn headers(target: &Target) -> Vec<(String, SecretString)> {
    // Never as a parameter of the address, which ends up in logs.
    let key = target.key.clone();
    key.map(|key| ("x-goog-api-key".to_owned(), key))
        .into_iter()
        .collect()
}

fn path(target: &Target, method: &str) -> String {
    format!("models/{}:{method}", target.model)
}

#[async_trait]
impl LlmProvider for Gemini {
    fn vendor(&self) -> Vendor {
        Vendor::Gemini
    }

    async fn complete(&self, target: &Target, request: &ChatRequest) -> Result<Completion, ProviderFailure> {
        let body = gemini::chat(target, request);
        let path = path(target, "generateContent");
        let value = self
            .line
            .whole(target, &path, headers(target), &body, &Replies::default())
            .await?;
        gemini::completion(&value).map_err(malformed)
    }

    async fn stream(
        &self,
        target: &Target,
        request: &ChatRequest,
    ) -> Result<Box<dyn ChunkSource>, ProviderFailure> {
        let body = gemini::chat(target, request);
        let path = path(target, "streamGenerateContent");
        let reads = Box::new(Replies::default());
        self.line
            .stream(target, &path, Some("alt=sse"), headers(target), &body, reads)
            .await
    }

    async fn embed(&self, target: &Target, request: &EmbedRequest) -> Result<Embeddings, ProviderFailure> {
        let body = gemini::embed(target, request);
        let path = path(target, "batchEmbedContents");
        let value = self
            .line
            .whole(target, &path, headers(target), &body, &Replies::default())
            .await?;
        gemini::embeddings(&value, request.texts.len()).map_err(malformed)
    }

    async fn image(&self, target: &Target, request: &ImageRequest) -> Result<Images, ProviderFailure> {
        let body = gemini::image(request);
        let path = path(target, "generateContent");
        let value = self
            .line
            .whole(target, &path, headers(target), &body, &Replies::default())
            .await?;
        gemini::images(&value).map_err(malformed)
    }
}
