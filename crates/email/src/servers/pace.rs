//! How often a server may be asked. What providers allow is for the whole account, so all processes count together, in the database: one
//! small statement per mail, and only at servers that have a rate.

use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{Pace, SendingDirectory, Turn};
use std::time::Duration;

/// A mail waits for its turn so long with its lease held; for longer it goes back to the queue. Well below a lease.
const PATIENCE: TimeDelta = TimeDelta::seconds(5);

/// So many mails in so long a time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    pub mails: f64,
    pub within: Duration,
}

impl Rate {
    fn pace(&self) -> Pace {
        let interval = self.within.as_secs_f64() / self.mails.max(1e-6);
        #[expect(clippy::cast_possible_truncation, reason = "at most a million minutes")]
        let interval = TimeDelta::microseconds((interval * 1e6) as i64);
        Pace {
            interval,
            // A second's worth, and always one.
            burst: interval.max(TimeDelta::seconds(1)),
            patience: PATIENCE,
        }
    }
}

/// How long to wait for the turn that was taken; as an error, how long until there may be one.
pub(super) async fn turn(
    turns: &dyn SendingDirectory,
    server: &str,
    rate: &Rate,
    now: DateTime<Utc>,
) -> Result<Duration, Duration> {
    match turns.take_turn(server, &rate.pace(), now).await {
        Ok(Turn::At(at)) => Ok((at - now).to_std().unwrap_or_default()),
        Ok(Turn::NotBefore(at)) => Err((at - now)
            .to_std()
            .unwrap_or_default()
            .max(Duration::from_secs(1))),
        // The database is what everything else waits for, too.
        Err(error) => {
            tracing::warn!(server, %error, "no turn could be taken");
            Err(Duration::from_secs(5))
        }
    }
}
