//! A writer that needs no model and no key: first drafts from a brief, by templates and grammar.
//!
//! It says what the brief says, and around that general things that are true without knowing the offer; it makes up no fact, no figure and no
//! opinion of anybody. The same brief and seed always give the same draft, another seed gives another one. What it cannot do
//! (a language, a length for which there is nothing to say) is an error or a note, never a guess.
//!
//! Phrases are data: `data/writer/en`, read by `pool`. A brief becomes `facts` (cleaned, in the brand's words), a `pen` chooses phrases and
//! fills them in, a `page` grows to the length that was asked for, and `kinds` has a file for each kind of text.

mod brief;
mod clean;
mod draft;
mod facts;
mod grammar;
mod kinds;
mod page;
mod pen;
mod pool;
#[cfg(test)]
mod tests;
mod voice;

pub use brief::{AdLimits, Brief, DraftKind, Objective, Tone};
pub use draft::{AdTexts, Draft, PlanEntry, ScoredHeadline, SearchResult};

use crate::editorial::count_words;
use crate::error::Error;
use crate::validate::Problems;
use kinds::Desk;

/// How drafts of this writer are labelled.
pub const PROVIDER: &str = "builtin";

/// Writes a first draft. The same brief and seed give the same draft.
///
/// Errors name the fields of the brief that cannot be used: too long, empty, a language this writer does not know, or a term that
/// the brand's voice bans and for which it prefers no other.
pub fn write(brief: &Brief, seed: u64) -> Result<Draft, Error> {
    let mut problems = Problems::new();
    brief.check(&mut problems);
    // What is too long is not even read.
    problems.finish()?;
    let mut problems = Problems::new();
    let speech = voice::Speech::new(&brief.voice);
    let facts = facts::Facts::of(brief, &speech, &mut problems);
    problems.finish()?;
    let desk = Desk {
        brief,
        facts: &facts,
        speech: &speech,
        seed,
    };
    let work = match brief.kind {
        DraftKind::Blog | DraftKind::SeoContent => kinds::article::write(&desk),
        DraftKind::Email => kinds::email::write(&desk),
        DraftKind::Social => kinds::social::write(&desk),
        DraftKind::Ad => kinds::ad::write(&desk),
        DraftKind::Headlines => kinds::headlines::write(&desk),
        DraftKind::ContentPlan => kinds::content_plan::write(&desk),
        DraftKind::MarketingPlan => kinds::marketing_plan::write(&desk),
        DraftKind::ProductDescription => kinds::product::write(&desk),
        DraftKind::ProposalSection => kinds::proposal::write(&desk),
    };
    Ok(Draft {
        provider: PROVIDER,
        kind: brief.kind,
        language: "en",
        seed,
        tone: facts.tone,
        objective: facts.objective,
        title: facts.title.clone(),
        preheader: work.preheader,
        words: count_words(&work.body),
        characters: kinds::social::characters(&work.body, facts.url.as_deref(), brief.link_characters),
        body: work.body,
        search: work.search,
        headlines: work.headlines,
        ad: work.ad,
        plan: work.plan,
        notes: work.notes,
    })
}
