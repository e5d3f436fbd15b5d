//! One file for each vendor: which language it speaks, and how it differs.

mod anthropic;
mod compatible;
mod gemini;
mod mistral;
mod ollama;
mod openai;
mod openrouter;
mod speaker;
mod xai;

#[cfg(test)]
pub(crate) use mistral::DIALECT as MISTRAL;

use crate::line::Line;
use groundswell_domain::llm::{LlmProvider, Vendor};
use std::sync::Arc;

/// The adapter of a vendor; `None` for texts that are made without a model.
pub fn provider(vendor: Vendor, line: &Line) -> Option<Arc<dyn LlmProvider>> {
    let speaks = |dialect, headers| -> Arc<dyn LlmProvider> {
        Arc::new(speaker::Speaker {
            line: line.clone(),
            dialect,
            headers,
        })
    };
    Some(match vendor {
        Vendor::OpenAi => speaks(openai::DIALECT, &[]),
        Vendor::Mistral => speaks(mistral::DIALECT, &[]),
        Vendor::XAi => speaks(xai::DIALECT, &[]),
        Vendor::OpenRouter => speaks(openrouter::DIALECT, openrouter::HEADERS),
        Vendor::Ollama => speaks(ollama::DIALECT, &[]),
        Vendor::Compatible => speaks(compatible::DIALECT, &[]),
        Vendor::Anthropic => Arc::new(anthropic::Anthropic { line: line.clone() }),
        Vendor::Gemini => Arc::new(gemini::Gemini { line: line.clone() }),
        Vendor::Builtin => return None,
    })
}

/// The adapters of all vendors.
pub fn all(line: &Line) -> Vec<Arc<dyn LlmProvider>> {
    Vendor::ALL
        .iter()
        .filter_map(|vendor| provider(*vendor, line))
        .collect()
}
