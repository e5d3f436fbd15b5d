//! The jobs that follow a submission: what they mail, and to whom.

use super::auto_reply::auto_reply;
use super::notices::notices;
use crate::App;
use crate::email::suppressed;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::consents::ConsentDecision;
use groundswell_domain::email::{DeliverMessage, MessageKind, NewMessage};
use groundswell_domain::forms::{FollowConfirmation, FollowUp, confirmation_id, is_like};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, Scope, UnitOfWork};

/// Confirmation mails to one address within a day. Anybody can fill in forms with a stranger's address.
const MOST_A_DAY: usize = 3;

/// Tells the team, and asks the visitor to confirm or answers them.
pub async fn follow_up(app: &App, scope: &Scope, job: &FollowUp) -> Result<(), Error> {
    let repos = app.store.read(scope);
    // Deleted meanwhile: then there is nothing to tell.
    let Some(submission) = repos.forms().submission(job.submission_id).await? else {
        return Ok(());
    };
    let Some(form) = repos.forms().get(submission.form_id).await? else {
        return Ok(());
    };
    let mut mails = notices(app, &form, &submission)?;
    let said = repos
        .consents()
        .of_submission(submission.lead_id, submission.id)
        .await?;
    let waits = said
        .iter()
        .any(|consent| consent.decision == ConsentDecision::Pending);
    let confirmed = said.iter().any(|consent| consent.confirmation.is_some());
    if let Some(lead) = repos.leads().get(submission.lead_id).await? {
        if waits {
            mails.push(NewMessage {
                id: confirmation_id(submission.id),
                kind: MessageKind::Confirmation,
                campaign_id: None,
                lead_id: Some(lead.id),
                to: lead.email,
                content: None,
                suppressed: None,
                topic_id: None,
            });
        // One who confirmed already is answered by the other job.
        } else if let Some(reply) = form.settings.auto_reply.as_ref().filter(|_| !confirmed) {
            mails.push(auto_reply(app, repos.as_ref(), &form, reply, &submission, &lead).await?);
        }
    }
    queue(app, scope, mails, Some(job)).await
}

/// Answers the visitor, who has shown that the address is theirs.
pub async fn follow_confirmation(app: &App, scope: &Scope, job: &FollowConfirmation) -> Result<(), Error> {
    let repos = app.store.read(scope);
    let Some(submission) = repos.forms().submission(job.submission_id).await? else {
        return Ok(());
    };
    let (form, lead) = (
        repos.forms().get(submission.form_id).await?,
        repos.leads().get(submission.lead_id).await?,
    );
    let (Some(form), Some(lead)) = (form, lead) else {
        return Ok(());
    };
    let Some(reply) = &form.settings.auto_reply else {
        return Ok(());
    };
    let mail = auto_reply(app, repos.as_ref(), &form, reply, &submission, &lead).await?;
    queue(app, scope, vec![mail], None).await
}

/// Puts mails into the ledger, with a job for each that is to leave. Running it twice makes no second mail: the ids follow
/// from the submission. `job` is done again for what has to wait.
async fn queue(
    app: &App,
    scope: &Scope,
    mails: Vec<NewMessage>,
    job: Option<&FollowUp>,
) -> Result<(), Error> {
    if mails.is_empty() {
        return Ok(());
    }
    let now = app.now();
    let unit = app.store.begin(scope).await?;
    for mut mail in mails {
        if unit.messages().get(mail.id).await?.is_some() {
            continue;
        }
        if mail.suppressed.is_none() {
            match (may_leave(app, scope, unit.as_ref(), &mail).await?, job) {
                (Leave::Now, _) => {}
                (Leave::At(time), Some(job)) => {
                    let again = NewJob::new(app.id(), job, time);
                    unit.jobs().enqueue(&again, now).await?;
                    continue;
                }
                (Leave::At(_), None) => mail.suppressed = Some("has to wait".to_owned()),
                (Leave::Never(reason), _) => mail.suppressed = Some(reason.to_owned()),
            }
        }
        let waits = mail.suppressed.is_none();
        for message_id in unit.messages().insert_many(&[mail], now).await? {
            if waits {
                let job = NewJob::new(app.id(), &DeliverMessage { message_id }, now);
                unit.jobs().enqueue(&job, now).await?;
            }
        }
    }
    unit.commit().await?;
    Ok(())
}

/// Whether a mail may be sent.
enum Leave {
    Now,
    At(DateTime<Utc>),
    Never(&'static str),
}

/// The team's own mails always may.
async fn may_leave(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    mail: &NewMessage,
) -> Result<Leave, Error> {
    if !matches!(mail.kind, MessageKind::Confirmation | MessageKind::AutoReply) {
        return Ok(Leave::Now);
    }
    // Locks the lead, so that two jobs count one after the other.
    let keys = [mail.to.key()];
    unit.leads().by_email_keys(&keys).await?;
    if !suppressed(app, unit, scope, &keys).await?.is_empty() {
        return Ok(Leave::Never("on the suppression list"));
    }
    let now = app.now();
    let day = now - TimeDelta::days(1);
    let earlier = unit.messages().queued_since(mail.kind, &keys[0], day).await?;
    if mail.kind == MessageKind::AutoReply {
        // Two programs must not write to each other for ever.
        let answered = earlier.iter().any(|(id, _)| is_like(*id, mail.id));
        return Ok(if answered {
            Leave::Never("the address was answered just now: at most once a day for a form")
        } else {
            Leave::Now
        });
    }
    if earlier.len() >= MOST_A_DAY {
        return Ok(Leave::Never(
            "the address was asked to confirm already: at most once an hour and three times a day",
        ));
    }
    // Somebody signs up for two things: the second question comes an hour after the first.
    let free = earlier.first().map(|(_, at)| *at + TimeDelta::hours(1));
    Ok(free.filter(|free| *free > now).map_or(Leave::Now, Leave::At))
}
