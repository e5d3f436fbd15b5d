//! The jobs that follow a submission: what they mail, and to whom.

use super::auto_reply::auto_reply;
use super::notices::notices;
use crate::App;
use crate::email::suppressed;
use chrono::TimeDelta;
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
            });
        // One who confirmed already is answered by the other job.
        } else if let Some(reply) = form.settings.auto_reply.as_ref().filter(|_| !confirmed) {
            mails.push(auto_reply(app, repos.as_ref(), &form, reply, &submission, &lead).await?);
        }
    }
    queue(app, scope, mails).await
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
    queue(app, scope, vec![mail]).await
}

/// Puts mails into the ledger, with a job for each that is to leave. Running it twice makes no second mail: the ids follow
/// from the submission.
async fn queue(app: &App, scope: &Scope, mails: Vec<NewMessage>) -> Result<(), Error> {
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
            mail.suppressed = refusal(app, scope, unit.as_ref(), &mail).await?;
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

/// Why a mail must not be sent. The team's own mails always are.
async fn refusal(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    mail: &NewMessage,
) -> Result<Option<String>, Error> {
    if !matches!(mail.kind, MessageKind::Confirmation | MessageKind::AutoReply) {
        return Ok(None);
    }
    // Locks the lead, so that two jobs count one after the other.
    let keys = [mail.to.key()];
    unit.leads().by_email_keys(&keys).await?;
    if !suppressed(app, unit, scope, &keys).await?.is_empty() {
        return Ok(Some("on the suppression list".to_owned()));
    }
    let now = app.now();
    let day = now - TimeDelta::days(1);
    let earlier = unit.messages().queued_since(mail.kind, &keys[0], day).await?;
    let (enough, reason) = if mail.kind == MessageKind::Confirmation {
        let just_now = earlier
            .first()
            .is_some_and(|(_, at)| *at > now - TimeDelta::hours(1));
        (
            just_now || earlier.len() >= MOST_A_DAY,
            "the address was asked to confirm just now: at most once an hour and three times a day",
        )
    } else {
        // Two programs must not write to each other for ever.
        (
            earlier.iter().any(|(id, _)| is_like(*id, mail.id)),
            "the address was answered just now: at most once a day for a form",
        )
    };
    Ok(enough.then(|| reason.to_owned()))
}
