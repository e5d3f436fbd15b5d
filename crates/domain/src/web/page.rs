//! A page, read.

use crate::egress::Fetched;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is known of a page. Texts have their character references resolved and their blanks collapsed; lists are bounded.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub title: Option<String>,
    pub description: Option<String>,
    /// As it is written, which may be relative.
    pub canonical: Option<String>,
    /// The `lang` of the document, as it is written.
    pub declared_language: Option<String>,
    /// The language of its text, ISO 639-1, when that could be told with certainty.
    pub detected_language: Option<String>,
    /// Open Graph by name, without the `og:`.
    pub open_graph: BTreeMap<String, String>,
    /// `<meta name="generator">`.
    pub generator: Option<String>,
    /// Blocks of JSON-LD that are JSON.
    pub json_ld: Vec<Value>,
    /// Addresses of scripts, style sheets, frames and images, as they are written.
    pub resources: Vec<String>,
    /// Numbers of links that call somebody.
    pub phones: Vec<String>,
    /// The beginning of its visible text.
    pub text: String,
}

/// Reads pages. It takes any bytes and never fails: of what is no page, little is known.
pub trait PageReader: Send + Sync {
    /// The time that it takes and the memory are bounded by the length of the body.
    fn read(&self, answer: &Fetched) -> Page;
}
