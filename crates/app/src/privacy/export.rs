//! Everything about a person, for themselves: started once, fetched when it is ready.

use super::commands::ExportStarted;
use crate::App;
use crate::audit::{self, Event};
use chrono::TimeDelta;
use futures_util::{Stream, stream};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::privacy::{BuildExport, DataExport};
use groundswell_domain::{Actor, Error, Scope, StoreError, UnitOfWork, UserId};
use std::pin::Pin;

/// How long a file is kept, in days.
pub(super) const KEPT_DAYS: i64 = 7;
/// A file that is not ready after as long is made anew, in days.
const GIVEN_UP_DAYS: i64 = 1;
/// When to ask again, in seconds.
const WAIT: u32 = 5;

type Pieces = Pin<Box<dyn Stream<Item = Result<Vec<u8>, Error>>>>;

pub enum Exported {
    Pending(ExportStarted),
    Ready(Pieces),
}

/// The file, if there is one that is neither too old nor, with `fresh`, to be replaced; else a job makes it.
pub async fn data_export(app: &App, scope: &Scope, fresh: bool) -> Result<Exported, Error> {
    let Actor::User { user, .. } = scope.actor else {
        return Err(Error::Forbidden(
            "a person's data is for that person, when they are signed in: an API key can't have it".into(),
        ));
    };
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    if let Some(export) = unit.exports().of(user).await? {
        let good = now < export.expires_at;
        if let Some(build) = export.build.filter(|_| good && !fresh) {
            unit.commit().await?;
            return Ok(Exported::Ready(pieces(app, scope, &export, build)));
        }
        let job = unit.jobs().get(export.job_id).await?;
        let is_coming = job.is_some_and(|job| !job.status.is_final());
        if good && export.build.is_none() && is_coming {
            return Ok(Exported::Pending(started(&export)));
        }
        unit.exports().delete(export.id).await?;
    }
    start(app, scope, unit, user).await
}

async fn start(app: &App, scope: &Scope, unit: Box<dyn UnitOfWork>, user: UserId) -> Result<Exported, Error> {
    let now = app.now();
    let payload = BuildExport {
        export_id: app.id(),
        user_id: user,
    };
    let job = NewJob::new(app.id(), &payload, now);
    let export = DataExport {
        id: payload.export_id,
        user_id: user,
        job_id: job.id,
        created_at: now,
        build: None,
        expires_at: now + TimeDelta::days(GIVEN_UP_DAYS),
    };
    match unit.exports().insert(&export).await {
        Err(StoreError::Duplicate { .. }) => {
            return Err(Error::conflict(
                "export_in_progress",
                "another request has just started this export: ask again",
            ));
        }
        other => other?,
    }
    unit.jobs().enqueue(&job, now).await?;
    let event = Event::of(AuditAction::UserDataExported, user);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(Exported::Pending(started(&export)))
}

fn started(export: &DataExport) -> ExportStarted {
    ExportStarted {
        job_id: export.job_id,
        status: "pending",
        created_at: export.created_at,
        retry_after: WAIT,
    }
}

fn pieces(app: &App, scope: &Scope, export: &DataExport, build: uuid::Uuid) -> Pieces {
    let start = (app.clone(), scope.clone(), 0_i32);
    let id = export.id;
    Box::pin(stream::try_unfold(
        start,
        move |(app, scope, number)| async move {
            let piece = app.store.read(&scope).exports().piece(id, build, number).await?;
            Ok(piece.map(|piece| (piece, (app, scope, number + 1))))
        },
    ))
}
