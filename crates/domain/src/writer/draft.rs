//! What a writer hands over.

use super::brief::{DraftKind, Objective, Tone};
use crate::editorial::HeadlineScore;
use chrono::NaiveDate;
use serde::Serialize;

/// What search engines show of a page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SearchResult {
    /// At most 60 characters.
    pub title: String,
    /// At most 155 characters.
    pub description: String,
    /// Last part of the address.
    pub slug: String,
}

/// A headline and what speaks for it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScoredHeadline {
    pub text: String,
    #[serde(flatten)]
    pub score: HeadlineScore,
}

/// The texts of an ad, the most important ones first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AdTexts {
    pub headlines: Vec<String>,
    pub descriptions: Vec<String>,
}

/// One thing to publish.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PlanEntry {
    /// From 1.
    pub week: u32,
    pub weekday: String,
    /// When the plan has a first day.
    pub date: Option<NaiveDate>,
    pub platform: String,
    pub format: String,
    pub title: String,
    /// What to do, in a sentence; absent when the angle was explained before.
    pub idea: Option<String>,
    /// The message it carries, from 1; absent when the brief has none.
    pub message: Option<u32>,
}

/// A first draft.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Draft {
    /// `builtin`.
    pub provider: &'static str,
    pub kind: DraftKind,
    /// Language tag.
    pub language: &'static str,
    /// The same brief and seed make the same draft.
    pub seed: u64,
    pub tone: Tone,
    pub objective: Objective,
    /// Title, or the subject of a mail.
    pub title: String,
    /// What inboxes show beside the subject of a mail.
    pub preheader: Option<String>,
    /// Markdown for articles, plans, product descriptions and proposals; plain text for mails, posts, ads and headlines.
    pub body: String,
    pub search: Option<SearchResult>,
    pub headlines: Vec<ScoredHeadline>,
    pub ad: Option<AdTexts>,
    pub plan: Vec<PlanEntry>,
    /// Of the body.
    pub words: usize,
    /// Of the body; an address counts as `link_characters` of the brief.
    pub characters: usize,
    /// What of the brief could not be done, and why, in sentences.
    pub notes: Vec<String>,
}
