//! Moving those inside to the newest revision.

use super::{known, wake};
use crate::App;
use crate::jobs::{Progress, Stop};
use groundswell_domain::sequences::{Enrollment, MoveEnrollments, moved};
use groundswell_domain::{EnrollmentId, Error, LeadId, Scope, SequenceId};

/// Enrollments in one transaction.
const PIECE: u32 = 500;

/// The job. Killed anywhere, it goes on with those who are still on an older revision.
pub async fn move_enrollments(
    app: &App,
    scope: &Scope,
    job: &MoveEnrollments,
    stop: &Stop,
) -> Result<Progress, Error> {
    let id = job.sequence_id;
    loop {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        let repos = app.store.read(scope);
        let Some(sequence) = repos.sequences().get(id).await? else {
            return Ok(Progress::Done);
        };
        // It was edited again meanwhile, and maybe those inside are to stay: whoever was to be moved goes no further than was asked.
        let wanted = job.revision;
        let outdated = repos.sequences().outdated(id, wanted, PIECE).await?;
        if outdated.is_empty() || sequence.revision < wanted {
            return Ok(Progress::Done);
        }
        let (ids, leads): (Vec<EnrollmentId>, Vec<LeadId>) = outdated.into_iter().unzip();
        let unit = app.store.begin(scope).await?;
        unit.sequences().lock_leads(&leads).await?;
        let mut inside = unit.sequences().lock(&ids).await?;
        inside.retain(|one| one.is_active() && one.version < wanted);
        let mut versions: Vec<(SequenceId, i32)> = inside.iter().map(|one| (id, one.version)).collect();
        versions.push((id, wanted));
        versions.sort_unstable();
        versions.dedup();
        let definitions = unit.sequences().definitions(&versions).await?;
        let Some(new) = definitions.get(&(id, wanted)) else {
            return Ok(Progress::Done);
        };
        let now = app.now();
        let after: Vec<Enrollment> = inside
            .iter()
            .filter_map(|one| {
                Some(moved(
                    one,
                    known::definition(&definitions, one)?,
                    (new, wanted),
                    now,
                ))
            })
            .collect();
        unit.sequences().write(&after).await?;
        wake::soon(app, unit.as_ref()).await?;
        unit.commit().await?;
    }
}
