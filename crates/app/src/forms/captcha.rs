//! The captcha of a form: a signed puzzle, and whether a solution of it counts.
//!
//! Nothing is asked of the store here. That a puzzle is used once is seen to where the submission is written down.

use crate::App;
use groundswell_domain::forms::{
    CHALLENGE_LIFE, Challenge, Form, Puzzle, SpentChallenge, is_solved, token_of,
};

/// What the signature is for.
const PURPOSE: &str = "form captcha";

/// Why a submission is not taken yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CaptchaProblem {
    Missing,
    Wrong,
    Expired,
}

impl CaptchaProblem {
    /// Stable, for programs.
    pub fn code(self) -> &'static str {
        match self {
            Self::Missing => "captcha_required",
            Self::Wrong => "captcha_wrong",
            Self::Expired => "captcha_expired",
        }
    }

    /// For programmers.
    pub fn message(self) -> &'static str {
        match self {
            Self::Missing => {
                "this form needs a captcha: take a puzzle from GET /api/lead-capture/forms/{id}/challenge and send its solution as gs_captcha"
            }
            Self::Wrong => "gs_captcha is not a solution of a puzzle of this form",
            Self::Expired => {
                "the puzzle has expired: take another one from GET /api/lead-capture/forms/{id}/challenge"
            }
        }
    }
}

/// A new puzzle for a visitor of this form.
pub fn captcha_puzzle(app: &App, form: &Form) -> Puzzle {
    let challenge = Challenge {
        id: app.id(),
        form: form.id,
        expires_at: app.now() + CHALLENGE_LIFE,
        bits: form.settings.captcha_bits(),
    };
    Puzzle {
        challenge: app.links.sign(PURPOSE, &challenge.to_bytes()),
        bits: challenge.bits,
        algorithm: "SHA-256",
        expires_at: challenge.expires_at,
    }
}

/// Whether a form may be taken: what was solved for it, or `None` when it asks for nothing.
pub fn check_captcha(
    app: &App,
    form: &Form,
    solution: Option<&str>,
) -> Result<Option<SpentChallenge>, CaptchaProblem> {
    if !form.settings.captcha {
        return Ok(None);
    }
    let solution = solution
        .filter(|text| !text.is_empty())
        .ok_or(CaptchaProblem::Missing)?;
    let signed = token_of(solution).and_then(|token| app.links.verify(PURPOSE, token));
    let challenge = signed
        .and_then(|bytes| Challenge::from_bytes(&bytes))
        .filter(|challenge| challenge.form == form.id && is_solved(solution, challenge.bits))
        .ok_or(CaptchaProblem::Wrong)?;
    if challenge.expires_at <= app.now() {
        return Err(CaptchaProblem::Expired);
    }
    Ok(Some(SpentChallenge {
        id: challenge.id,
        form_id: form.id,
        expires_at: challenge.expires_at,
    }))
}
