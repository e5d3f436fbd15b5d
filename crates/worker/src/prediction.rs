//! Trains on a thread of its own: it takes seconds, in which no other job of this process could go on.

use groundswell_app::App;
use groundswell_app::jobs::{Progress, Stop};
use groundswell_app::leads::prediction::{keep_training, read_outcomes};
use groundswell_domain::leads::prediction::train as learn;
use groundswell_domain::{Error, Scope};

pub(crate) async fn train(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    let Some(dataset) = read_outcomes(app, scope, stop).await? else {
        return Ok(Progress::ContinueAt(app.now()));
    };
    // It only fails by a panic, which the same outcomes would cause again: people are told, and no other attempt is made.
    let training = tokio::task::spawn_blocking(move || learn(&dataset)).await;
    if let Err(error) = &training {
        tracing::error!(%error, "the training of the prediction broke");
    }
    keep_training(app, scope, training.ok()).await?;
    Ok(Progress::Done)
}
