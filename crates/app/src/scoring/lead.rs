//! One lead's score, and the ledger behind it.

use super::commands::{LeadScore, ModelScore};
use crate::{App, effect, qualification};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Score, ScoreEntry, ScoreSort};
use groundswell_domain::scoring::{Scorers, ScoringModel};
use groundswell_domain::{Error, LeadId, Page, PageRequest, Scope, ScoringModelId, Sort};

const MISSING: Error = Error::NotFound { what: "lead" };
const NO_MODEL: Error = Error::NotFound {
    what: "scoring model",
};
/// Lines that are shown at once.
const SHOWN: u32 = 200;

/// Computes a lead's score anew, by all active models.
pub async fn score_lead(app: &App, scope: &Scope, id: LeadId) -> Result<LeadScore, Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    unit.leads().get(id).await?.ok_or(MISSING)?;
    let models = unit.scoring().active().await?;
    let scorers = Scorers::of(scope.organization, &models, app.now());
    let sums = unit.scoring().rescore(&scorers, &[id], app.now()).await?;
    let (_, sum) = sums.into_iter().next().ok_or(MISSING)?;
    qualification::after_writing(app, scope, unit.as_ref(), &[id]).await?;
    let lines = unit.scoring().lines(&[id]).await?;
    let page = PageRequest::first(SHOWN, Sort::descending(ScoreSort::CreatedAt));
    let newest = unit.leads().score_entries(id, None, &page).await?;
    let of_model = |model: &ScoringModel| ModelScore {
        model_id: model.id,
        primary: model.primary,
        score: Score::sum(lines.iter().filter(|line| {
            if model.primary {
                line.primary
            } else {
                !line.primary && line.model_id == model.id
            }
        })),
    };
    let answer = LeadScore {
        lead_id: id,
        score: sum,
        entries: newest.items,
        models: models.iter().map(of_model).collect(),
    };
    effect::commit(app, scope, unit, Outcome::Done, &answer).await?;
    Ok(answer)
}

/// The ledger behind a lead's score, or behind what another model gives it.
pub async fn score_entries(
    app: &App,
    scope: &Scope,
    id: LeadId,
    model: Option<ScoringModelId>,
    page: &PageRequest<ScoreSort>,
) -> Result<Page<ScoreEntry>, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    repos.leads().get(id).await?.ok_or(MISSING)?;
    let beside = match model {
        None => None,
        Some(model) => {
            let model = repos.scoring().get(model).await?.ok_or(NO_MODEL)?;
            (!model.primary).then_some(model.id)
        }
    };
    Ok(repos.leads().score_entries(id, beside, page).await?)
}
