//! Training: a job that reads all outcomes in pieces, learns from them, and keeps what came of it.
//!
//! Learning keeps a processor busy for seconds, so the worker does it on a thread of its own, between [`read_outcomes`] and
//! [`keep_training`]; a use-case has no threads.

use crate::jobs::Stop;
use crate::{App, effect};
use chrono::TimeDelta;
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::prediction::{
    Dataset, KeptModel, LeadFacts, PredictionStatus, ScoreLeads, TrainPrediction, Training,
};
use groundswell_domain::{Error, JobId, Repos, Scope, ScoringModelId};
use serde::Serialize;
use uuid::Builder;

/// Leads that are read at once.
const PIECE: u32 = 1000;
/// The youngest leads with an outcome that are learned from: what is kept of them must fit into memory, and customs change.
const MOST_OUTCOMES: usize = 250_000;
/// Most pieces of open leads that are looked at for what they don't have.
const OPEN_PIECES: usize = 5;
/// Days back from the age at which leads end in which open ones are looked for, at least.
const RECENT_DAYS: i64 = 30;

#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrainingStarted {
    pub job_id: JobId,
}

/// Puts the job into the queue, unless it is there already.
pub async fn start_training(app: &App, scope: &Scope) -> Result<TrainingStarted, Error> {
    scope.require(Permission::LeadsWrite)?;
    scope.require_whole_organization()?;
    let now = app.now();
    let job = NewJob::new(app.id(), &TrainPrediction {}, now).unique("leads.predict.train");
    let unit = app.store.begin(scope).await?;
    let started = TrainingStarted {
        job_id: unit.jobs().enqueue(&job, now).await?,
    };
    effect::commit(app, scope, unit, Outcome::Accepted, &started).await?;
    Ok(started)
}

/// The same, asked of a scoring model: there is one prediction, beside every model's points.
pub async fn start_training_beside(
    app: &App,
    scope: &Scope,
    model: ScoringModelId,
) -> Result<TrainingStarted, Error> {
    scope.require(Permission::LeadsWrite)?;
    let known = app.store.read(scope).scoring().get(model).await?;
    known.ok_or(Error::NotFound {
        what: "scoring model",
    })?;
    start_training(app, scope).await
}

/// Everything to learn from. `None` when the worker should stop.
pub async fn read_outcomes(app: &App, scope: &Scope, stop: &Stop) -> Result<Option<Dataset>, Error> {
    let repos = app.store.read(scope);
    let mut dataset = Dataset::default();
    let mut before = None;
    while dataset.len() < MOST_OUTCOMES {
        if stop.is_set() {
            return Ok(None);
        }
        let piece = repos.predictions().outcomes(before, PIECE).await?;
        dataset.extend(piece.iter().filter_map(LeadFacts::example));
        match piece.last() {
            Some(last) if piece.len() == PIECE as usize => before = Some(last.lead.id),
            _ => break,
        }
    }
    see_open(app, repos.as_ref(), &mut dataset).await?;
    Ok(Some(dataset))
}

/// Looks at open leads that are as old as leads are when they end, the ones that just got there first.
async fn see_open(app: &App, repos: &dyn Repos, dataset: &mut Dataset) -> Result<(), Error> {
    let Some(age) = dataset.median_age() else {
        return Ok(());
    };
    let youngest = app.now() - age;
    let recently = (youngest - age.max(TimeDelta::days(RECENT_DAYS))).timestamp_millis();
    // Ids are in order of time.
    let from = u64::try_from(recently).map(|ms| Builder::from_unix_timestamp_millis(ms, &[0; 10]));
    let mut after = from.ok().map(|id| id.into_uuid().into());
    let mut fell_back = after.is_none();
    let mut seen = 0;
    for _ in 0..OPEN_PIECES {
        let piece = repos.predictions().open_leads(after, PIECE).await?;
        let old = piece.iter().filter(|facts| facts.lead.created_at <= youngest);
        for facts in old {
            dataset.see_open(facts.features());
            seen += 1;
        }
        after = match piece.last() {
            Some(last) if piece.len() == PIECE as usize && last.lead.created_at <= youngest => {
                Some(last.lead.id)
            }
            // Few came lately: the oldest ones will have to do.
            _ if !fell_back && seen == 0 => {
                fell_back = true;
                None
            }
            _ => break,
        };
    }
    Ok(())
}

/// Keeps what came of a training, `None` if it broke, and sees to it that leads are given probabilities.
pub async fn keep_training(app: &App, scope: &Scope, training: Option<Training>) -> Result<(), Error> {
    let now = app.now();
    let kept = if let Some(training) = training {
        KeptModel::new(app.id(), training, now).map_err(Error::internal)?
    } else {
        let message = "the training broke: the log of the worker has the place".to_owned();
        KeptModel::failed(app.id(), message, now)
    };
    let unit = app.store.begin(scope).await?;
    unit.predictions().insert(&kept).await?;
    if kept.head.status == PredictionStatus::Trained {
        let work = ScoreLeads {
            model_id: kept.head.id,
        };
        let job = NewJob::new(app.id(), &work, now).unique(format!("leads.predict.score:{}", kept.head.id));
        unit.jobs().enqueue(&job, now).await?;
    }
    Ok(unit.commit().await?)
}
