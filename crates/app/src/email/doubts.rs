//! Mails of which nobody knows whether they were sent: whoever can tell is listened to, and asked.
//!
//! A mail in doubt is never sent again. What settles it is an event of a provider, a mail that came back, or what a provider answers when it is asked.

use super::delivery::count_settled;
use crate::App;
use crate::jobs::{Progress, Stop};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{Doubted, Fate, Message, SettleDoubts, SettledRow};
use groundswell_domain::jobs::{JobPayload, NewJob};
use groundswell_domain::{Error, MessageId, Scope, UnitOfWork};

/// Before this, providers may not have written it down yet.
const FIRST: TimeDelta = TimeDelta::minutes(5);
/// The longest time between two questions: each is asked after as long again as the doubt has lasted.
const SELDOM: TimeDelta = TimeDelta::hours(12);
/// After this a provider that does not know will not learn of it.
const LAST: TimeDelta = TimeDelta::days(3);
/// Mails that are looked at in one go.
const PIECE: u32 = 100;

/// Somebody told what became of a mail. Answers with it if that was not known before; who calls counts it.
pub(super) async fn resolve(
    app: &App,
    unit: &dyn UnitOfWork,
    message: MessageId,
    fate: Fate,
    reason: &str,
) -> Result<Option<SettledRow>, Error> {
    let row = unit.messages().resolve(message, fate, reason, app.now()).await?;
    if row.is_some() {
        tracing::info!(%message, status = %fate.status(), "a mail is no longer in doubt");
    }
    Ok(row)
}

/// The same in a transaction of its own, counted.
pub(super) async fn settle_doubt(
    app: &App,
    scope: &Scope,
    message: MessageId,
    fate: Fate,
    reason: &str,
) -> Result<bool, Error> {
    let unit = app.store.begin(scope).await?;
    let Some(row) = resolve(app, unit.as_ref(), message, fate, reason).await? else {
        return Ok(false);
    };
    count_settled(unit.as_ref(), &[row]).await?;
    unit.commit().await?;
    Ok(true)
}

/// Mails became unknown: those who may know will be asked. In the transaction in which they did.
pub(super) async fn ask_later(app: &App, unit: &dyn UnitOfWork) -> Result<(), Error> {
    if !app.mailer.can_tell() {
        return Ok(());
    }
    let now = app.now();
    let job = NewJob::new(app.id(), &SettleDoubts {}, now)
        .at(now + FIRST)
        .unique(SettleDoubts::KIND);
    unit.jobs().enqueue(&job, now).await?;
    Ok(())
}

/// The job: asks about each mail that is in doubt, and comes back as long as there are some that may still be known. Comes back anew where it was stopped, as
/// asking changes nothing.
pub async fn settle_doubts(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    let since = app.now() - LAST;
    let (mut after, mut youngest, mut told, mut failed) = (None, None::<DateTime<Utc>>, 0_u32, None);
    loop {
        let found = app
            .store
            .read(scope)
            .messages()
            .doubted(since, after, PIECE)
            .await?;
        for message in found.iter().filter(|message| !message.to.is_erased()) {
            if stop.is_set() {
                return Ok(Progress::ContinueAt(app.now()));
            }
            match ask(app, scope, message).await {
                Ok(true) => told += 1,
                Ok(false) => youngest = youngest.max(Some(message.updated_at)),
                Err(error) => {
                    youngest = youngest.max(Some(message.updated_at));
                    failed = Some(error);
                }
            }
        }
        match found.last() {
            // A provider that does not answer need not be asked about all the others now.
            Some(last) if failed.is_none() && found.len() == PIECE as usize => after = Some(last.id),
            _ => break,
        }
    }
    if let Some(error) = failed {
        tracing::warn!(%error, "nobody could be asked what became of mails that are unknown");
    }
    if told > 0 {
        tracing::info!(
            mails = told,
            "what became of mails that were unknown is known now"
        );
    }
    Ok(match youngest {
        Some(since) => {
            let age = app.now() - since;
            Progress::ContinueAt(app.now() + age.clamp(FIRST, SELDOM))
        }
        None => Progress::Done,
    })
}

async fn ask(app: &App, scope: &Scope, message: &Message) -> Result<bool, Error> {
    let doubted = Doubted {
        id: message.id,
        to: message.to.clone(),
        created_at: message.created_at,
    };
    match app.mailer.fate(&doubted).await {
        Ok(Some(fate)) => {
            let reason = match fate {
                Fate::Sent => "the provider has it, as it told when it was asked",
                Fate::NotSent => "the provider did not send it, as it told when it was asked",
            };
            settle_doubt(app, scope, message.id, fate, reason).await
        }
        Ok(None) => Ok(false),
        Err(error) => Err(Error::Unavailable {
            message: error,
            retry_after: std::time::Duration::from_mins(5),
        }),
    }
}
