//! Whoever speaks OpenAI's language.

use crate::line::Line;
use crate::wire::openai::{self, Dialect, Replies};
use async_trait::async_trait;
use groundswell_domain::llm::{
    Capability, ChatRequest, ChunkSource, Completion, EmbedRequest, Embeddings, FailureKind, ImageRequest,
    Images, LlmProvider, ProviderFailure, Target, Vendor,
};
use secrecy::{ExposeSecret, SecretString};

pub(super) struct Speaker {
    pub line: Line,
    pub dialect: Dialect,
    /// Beside the key.
    pub headers: &'static [(&'static str, &'static str)],
}

impl Speaker {
    fn headers(&self, target: &Target) -> Vec<(String, SecretString)> {
        let fixed = self
            .headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned().into()));
        let key = target.key.as_ref().map(|key| {
            let value = format!("Bearer {}", key.expose_secret());
            ("authorization".to_owned(), value.into())
        });
        fixed.chain(key).collect()
    }

    fn can(&self, capability: Capability) -> Result<(), ProviderFailure> {
        if self.dialect.vendor.can(capability) {
            return Ok(());
        }
        Err(ProviderFailure::unsupported(&format!(
            "{} has no {capability}",
            self.dialect.vendor
        )))
    }
}

pub(super) fn malformed(message: String) -> ProviderFailure {
    ProviderFailure::new(FailureKind::Malformed, message)
}

#[async_trait]
impl LlmProvider for Speaker {
    fn vendor(&self) -> Vendor {
        self.dialect.vendor
    }

    async fn complete(&self, target: &Target, request: &ChatRequest) -> Result<Completion, ProviderFailure> {
        let body = openai::chat(&self.dialect, target, request, false);
        let headers = self.headers(target);
        let reads = Replies::default();
        let value = self
            .line
            .whole(target, "chat/completions", headers, &body, &reads)
            .await?;
        openai::completion(&value).map_err(malformed)
    }

    async fn stream(
        &self,
        target: &Target,
        request: &ChatRequest,
    ) -> Result<Box<dyn ChunkSource>, ProviderFailure> {
        let body = openai::chat(&self.dialect, target, request, true);
        let reads = Box::new(Replies::default());
        let headers = self.headers(target);
        self.line
            .stream(target, "chat/completions", None, headers, &body, reads)
            .await
    }

    async fn embed(&self, target: &Target, request: &EmbedRequest) -> Result<Embeddings, ProviderFailure> {
        self.can(Capability::Embeddings)?;
        let body = openai::embed(&self.dialect, target, request);
        let reads = Replies::default();
        let value = self
            .line
            .whole(target, "embeddings", self.headers(target), &body, &reads)
            .await?;
        openai::embeddings(&value, request.texts.len()).map_err(malformed)
    }

    async fn image(&self, target: &Target, request: &ImageRequest) -> Result<Images, ProviderFailure> {
        self.can(Capability::Images)?;
        let body = openai::image(&self.dialect, target, request);
        let reads = Replies::default();
        let path = "images/generations";
        let value = self
            .line
            .whole(target, path, self.headers(target), &body, &reads)
            .await?;
        openai::images(&value).map_err(malformed)
    }
}
