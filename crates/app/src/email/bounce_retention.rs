//! What came back of mails is kept for as long as the operator says.

use crate::App;
use chrono::TimeDelta;
use groundswell_domain::Error;

/// Rows in one statement.
const PIECE: u32 = 1000;

/// Deletes what is older than the settings keep, of every organization. Answers how many.
pub async fn forget_bounces(app: &App) -> Result<u64, Error> {
    let age = TimeDelta::days(i64::from(app.settings.bounces_days));
    let before = app.now().checked_sub_signed(age);
    let Some(before) = before.filter(|_| age > TimeDelta::zero()) else {
        return Ok(0);
    };
    let mut all = 0;
    loop {
        let gone = app.system.sending().forget_bounces(before, PIECE).await?;
        all += gone;
        if gone < u64::from(PIECE) {
            return Ok(all);
        }
    }
}
