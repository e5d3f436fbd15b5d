//! The engine: takes the next step with everybody whose time has come.
//!
//! A piece is one transaction: it locks the leads and then the enrollments, asks the interpreter, and writes what it says with what
//! it does: rows of the ledger, tags, stages, jobs. Whatever ends the process in between, the whole piece is as if it had not
//! been, so no step is left out and none is taken twice. A piece that fails is taken apart, so that one bad enrollment fails alone.

use super::effects::Effects;
use super::known::{Known, definition};
use super::wake;
use crate::App;
use crate::jobs::{Progress, Stop};
use chrono::TimeDelta;
use groundswell_domain::sequences::{
    Counts, EnrollmentStatus, ExitReason, Phase, RunSequences, SequenceStatus, advance,
};
use groundswell_domain::{EnrollmentId, Error, LeadId, Scope, SequenceId};

/// Enrollments in one transaction.
const PIECE: u32 = 200;
/// A job gives its place to others after this long.
const TURN: TimeDelta = TimeDelta::seconds(20);
/// What is due within this time is waited for by the same job.
const NEAR: TimeDelta = TimeDelta::seconds(60);

/// The job.
pub async fn run_sequences(
    app: &App,
    scope: &Scope,
    _: &RunSequences,
    stop: &Stop,
) -> Result<Progress, Error> {
    let started = app.now();
    loop {
        let repos = app.store.read(scope);
        let sequences = repos.sequences().with_due(app.now()).await?;
        if sequences.is_empty() {
            let next = repos.sequences().next_due().await?;
            return Ok(match next.filter(|next| *next <= app.now() + NEAR) {
                Some(next) => Progress::ContinueAt(next.max(app.now() + TimeDelta::seconds(1))),
                None => Progress::Done,
            });
        }
        for sequence in sequences {
            if stop.is_set() || app.now() - started > TURN {
                return Ok(Progress::ContinueAt(app.now()));
            }
            let due = repos.sequences().due(sequence, app.now(), PIECE).await?;
            match piece(app, scope, sequence, &due).await {
                Ok(()) => {}
                Err(error @ Error::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, %sequence, "a piece of a sequence failed: one by one");
                    for one in due {
                        alone(app, scope, sequence, one).await?;
                    }
                }
            }
        }
    }
}

/// One enrollment by itself; when it can't go on it leaves, so that it does not hold up the others.
async fn alone(
    app: &App,
    scope: &Scope,
    sequence: SequenceId,
    one: (EnrollmentId, LeadId),
) -> Result<(), Error> {
    let error = match piece(app, scope, sequence, &[one]).await {
        Ok(()) => return Ok(()),
        Err(error @ Error::Unavailable { .. }) => return Err(error),
        Err(Error::Internal(source)) => source.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::error!(%error, %sequence, enrollment = %one.0, "an enrollment failed");
    let unit = app.store.begin(scope).await?;
    unit.sequences().lock_leads(&[one.1]).await?;
    let mut found = unit.sequences().lock(&[one.0]).await?;
    for enrollment in &mut found {
        enrollment.exit(
            ExitReason::Failed,
            Some(error.chars().take(500).collect()),
            app.now(),
        );
    }
    unit.sequences().write(&found).await?;
    unit.commit().await?;
    Ok(())
}

/// One step of each of these, as far as they are still due.
async fn piece(
    app: &App,
    scope: &Scope,
    sequence: SequenceId,
    due: &[(EnrollmentId, LeadId)],
) -> Result<(), Error> {
    let now = app.now();
    let (ids, leads): (Vec<EnrollmentId>, Vec<LeadId>) = due.iter().copied().unzip();
    let unit = app.store.begin(scope).await?;
    let cases = unit.qualification().cases(&leads, false, true).await?;
    let mut enrollments = unit.sequences().lock(&ids).await?;
    // Others may have been faster, or somebody paused it.
    enrollments
        .retain(|one| one.status == EnrollmentStatus::Active && one.wake_at.is_some_and(|at| at <= now));
    let found = unit.sequences().get(sequence).await?;
    let Some(found) = found.filter(|found| found.status == SequenceStatus::Active) else {
        return Ok(());
    };
    let mut wanted: Vec<(SequenceId, i32)> = enrollments.iter().map(|one| (sequence, one.version)).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let definitions = unit.sequences().definitions(&wanted).await?;
    let known = Known::read(
        app,
        scope,
        unit.as_ref(),
        cases,
        found.topic_id,
        (&enrollments, &definitions),
    )
    .await?;
    let mut effects = Effects::new(app, scope, &found);
    let (mut written, mut arrived) = (Vec::new(), Counts::new());
    for enrollment in &enrollments {
        let Some(case) = known.cases.get(&enrollment.lead_id) else {
            continue;
        };
        let Some(definition) = definition(&definitions, enrollment) else {
            let mut lost = enrollment.clone();
            lost.exit(ExitReason::Failed, Some("its version is gone".to_owned()), now);
            written.push(lost);
            continue;
        };
        if enrollment.phase == Phase::Arrived {
            *arrived.entry(format!("step:{}", enrollment.step)).or_default() += 1;
        }
        let done = advance(definition, enrollment, &known.about(case, definition), now);
        if let Some(effect) = done.effect {
            effects.add(case, enrollment, effect)?;
        }
        written.push(done.enrollment);
    }
    // First this: what the effects bring about may let these go on at once.
    unit.sequences().write(&written).await?;
    wake::at(app, unit.as_ref(), written.iter().filter_map(|one| one.wake_at)).await?;
    effects.write(unit.as_ref(), &known.organization).await?;
    unit.sequences().count(sequence, &arrived).await?;
    unit.commit().await?;
    Ok(())
}
