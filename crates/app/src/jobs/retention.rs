//! Finished jobs are kept for as long as the operator says.

use crate::App;
use chrono::TimeDelta;
use groundswell_domain::Error;
use groundswell_domain::jobs::JobStatus;

/// Jobs in one statement: nobody waits long behind it.
const PIECE: u32 = 2000;

/// Deletes finished jobs that are older than the settings keep, of every organization. Answers how many.
pub async fn forget_finished(app: &App) -> Result<u64, Error> {
    let mut all = 0;
    for (status, days) in [
        (JobStatus::Succeeded, app.settings.jobs_days),
        (JobStatus::Cancelled, app.settings.jobs_days),
        (JobStatus::Failed, app.settings.failed_jobs_days),
        (JobStatus::Discarded, app.settings.failed_jobs_days),
    ] {
        let age = TimeDelta::days(i64::from(days));
        let before = app.now().checked_sub_signed(age);
        let Some(before) = before.filter(|_| days > 0) else {
            continue;
        };
        loop {
            let gone = app.system.jobs().forget(status, before, PIECE).await?;
            all += gone;
            if gone < u64::from(PIECE) {
                break;
            }
        }
    }
    Ok(all)
}
