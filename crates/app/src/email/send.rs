//! Single mails: into the ledger at once, to the server by a job.

use super::commands::{EmailQueued, SendEmail};
use super::delivery::{self, Batch, hand_over, lease_end};
use super::links::{TrackedLinks, merge_fields};
use super::shared::{live_source, with_shared};
use super::suppressed::suppressed;
use super::topics;
use crate::jobs::Progress;
use crate::{App, effect, forms, identity};
use chrono::TimeDelta;
use groundswell_domain::email::{
    AutoSubmitted, DeliverMessage, EmailAddress, MergeFields, MessageContent, MessageKind, MessageStatus,
    NewMessage, OutgoingMail, RenderedMail, Settled, Settlement, TOPIC_LEFT, TemplateSource,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, MessageId, Repos, Scope, TopicId};
use serde_json::json;

/// Queues one mail. A suppressed address is refused: nothing is kept that would never be sent.
pub async fn send_email(app: &App, scope: &Scope, send: SendEmail) -> Result<EmailQueued, Error> {
    scope.require(Permission::EmailSend)?;
    let to: EmailAddress = send
        .to
        .parse()
        .map_err(|message: String| Error::invalid("to", message))?;
    let unit = app.store.begin(scope).await?;
    let repos: &dyn Repos = unit.as_ref();
    if let Some(reason) = suppressed(app, repos, scope, &[to.key()]).await?.get(&to.key()) {
        return Err(Error::conflict(
            "recipient_suppressed",
            format!(
                "{to} must not be written to (reason: {reason}); remove it from the suppression list first"
            ),
        ));
    }
    let mut problems = Problems::new();
    topics::check_mail(repos, &mut problems, send.topic_id).await?;
    problems.finish()?;
    if has_left(repos, &to, send.topic_id).await? {
        return Err(Error::conflict(
            "recipient_left_topic",
            format!(
                "{to} left the topic of this mail: send it about another one, or about none if it is no such mail"
            ),
        ));
    }
    let source = source(app, repos, &send).await?;
    let template = app
        .templates
        .compile(&source)
        .map_err(|problems| Error::Invalid(renamed(problems, &send)))?;
    let lead = repos.leads().by_email_keys(&[to.key()]).await?.pop();
    let organization = repos
        .identity()
        .organization()
        .await?
        .ok_or(Error::NotFound { what: "organization" })?;
    let id: MessageId = app.id();
    let links = TrackedLinks::new(app, &organization, id);
    let fields = MergeFields {
        lead: lead
            .as_ref()
            .map_or_else(|| json!({ "email": to.as_str() }), merge_fields),
        organization: json!({ "name": organization.name }),
        variables: send.variables,
        unsubscribe_url: Some(links.unsubscribe_url()),
    };
    let mail = template
        .render(&fields, Some(&links))
        .map_err(|message| Error::invalid("body", message))?;
    let now = app.now();
    let message = NewMessage {
        id,
        kind: MessageKind::Single,
        campaign_id: None,
        lead_id: lead.map(|lead| lead.id),
        to,
        content: Some(MessageContent {
            subject: mail.subject,
            html: mail.html,
            text: mail.text,
        }),
        suppressed: None,
        topic_id: send.topic_id,
    };
    repos.messages().insert_many(&[message], now).await?;
    repos
        .jobs()
        .enqueue(
            &NewJob::new(app.id(), &DeliverMessage { message_id: id }, now),
            now,
        )
        .await?;
    let queued = EmailQueued {
        email_id: id,
        status: MessageStatus::Queued,
    };
    effect::commit(app, scope, unit, Outcome::Accepted, &queued).await?;
    Ok(queued)
}

/// Whether an address gets no mail about a topic.
async fn has_left<R: Repos + ?Sized>(
    repos: &R,
    to: &EmailAddress,
    topic: Option<TopicId>,
) -> Result<bool, Error> {
    Ok(!repos
        .topics()
        .left(&[to.key()], topic.as_slice())
        .await?
        .is_empty())
}

/// What to send: the template, or subject and body.
async fn source(app: &App, repos: &dyn Repos, send: &SendEmail) -> Result<TemplateSource, Error> {
    let names: Vec<String> = send.variables.keys().cloned().collect();
    if let Some(id) = send.template_id {
        if send.body.as_deref().is_some_and(|body| !body.is_empty()) {
            return Err(Error::invalid("body", "leave it out when there is a template_id"));
        }
        let mut source = live_source(app, repos, id)
            .await?
            .ok_or_else(|| Error::invalid("template_id", "there is no such template"))?;
        if let Some(subject) = &send.subject {
            source.subject.clone_from(subject);
        }
        return Ok(source);
    }
    let required = |field: &str, text: &Option<String>| {
        text.clone()
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| Error::invalid(field, "is required without a template_id"))
    };
    let body = required("body", &send.body)?;
    let plain = !body.contains('<');
    let html = if plain {
        format!("<div style=\"white-space: pre-wrap\">{body}</div>")
    } else {
        body.clone()
    };
    let source = TemplateSource::html(required("subject", &send.subject)?, html)
        .with_text(plain.then_some(body))
        .with_variables(names);
    with_shared(app, repos, source).await
}

/// Problems are found in `html`; the caller wrote it as `body`.
fn renamed(
    problems: Vec<groundswell_domain::FieldError>,
    send: &SendEmail,
) -> Vec<groundswell_domain::FieldError> {
    let name = if send.template_id.is_some() {
        "template_id"
    } else {
        "body"
    };
    problems
        .into_iter()
        .map(|mut problem| {
            if problem.field != "subject" {
                name.clone_into(&mut problem.field);
            }
            problem
        })
        .collect()
}

/// Mails to visitors that no person sent. (Those to the organization's own people stay as they always were.)
fn auto_submitted(kind: MessageKind) -> Option<AutoSubmitted> {
    match kind {
        MessageKind::Confirmation => Some(AutoSubmitted::Generated),
        MessageKind::AutoReply => Some(AutoSubmitted::Replied),
        MessageKind::Campaign
        | MessageKind::Single
        | MessageKind::Notification
        | MessageKind::Account
        | MessageKind::Sequence => None,
    }
}

/// The job: hands one mail over, and comes back as long as the ledger says that it is not settled.
pub async fn deliver_message(app: &App, scope: &Scope, job: &DeliverMessage) -> Result<Progress, Error> {
    delivery::sweep(app, scope, None).await?;
    let now = app.now();
    let lease = app.id();
    let unit = app.store.begin(scope).await?;
    let claimed = unit
        .messages()
        .claim_one(job.message_id, lease, now, lease_end(app, now))
        .await?;
    let content = unit.messages().content(job.message_id).await?;
    let suppressed = match &claimed {
        Some(message) => {
            let keys = [message.to.key()];
            if !suppressed(app, unit.as_ref(), scope, &keys).await?.is_empty() {
                Some("on the suppression list")
            } else if has_left(unit.as_ref(), &message.to, message.topic_id).await? {
                Some(TOPIC_LEFT)
            } else {
                None
            }
        }
        None => None,
    };
    unit.commit().await?;
    if let Some(message) = claimed.as_ref().filter(|message| message.to.is_erased()) {
        // It was put off by the server, and its recipient erased meanwhile.
        let end = Settled::Suppressed {
            reason: "erased".into(),
        };
        let id = message.id;
        delivery::settle(app, scope, &[Settlement { id, lease, end }]).await?;
        return Ok(Progress::Done);
    }
    let content = match &claimed {
        Some(message) if matches!(message.kind, MessageKind::Account | MessageKind::Confirmation) => {
            let mail = if message.kind == MessageKind::Account {
                identity::link_mail(app, scope, message.id).await?
            } else {
                forms::confirmation_mail(app, scope, message.id).await?
            };
            if mail.is_none() {
                let reason = "the link is no longer good".into();
                let end = Settled::Suppressed { reason };
                let id = message.id;
                delivery::settle(app, scope, &[Settlement { id, lease, end }]).await?;
                return Ok(Progress::Done);
            }
            mail
        }
        _ => content.map(|content| RenderedMail {
            subject: content.subject,
            html: content.html,
            text: content.text,
        }),
    };
    if let (Some(message), Some(mail)) = (claimed, content) {
        let bulk = matches!(message.kind, MessageKind::Campaign | MessageKind::Single);
        let automatic = auto_submitted(message.kind);
        let organization = identity::get_organization(app, scope).await?;
        let links = TrackedLinks::new(app, &organization, message.id);
        if let Some(reason) = suppressed.filter(|_| bulk || automatic.is_some()) {
            let reason = reason.to_owned();
            let end = Settled::Suppressed { reason };
            let id = message.id;
            delivery::settle(app, scope, &[Settlement { id, lease, end }]).await?;
            return Ok(Progress::Done);
        }
        let mail = OutgoingMail {
            organization: scope.organization,
            id: message.id,
            to: message.to,
            to_name: String::new(),
            mail,
            unsubscribe_url: bulk.then(|| links.unsubscribe_url()),
            auto_submitted: automatic,
        };
        hand_over(
            app,
            scope,
            Batch {
                lease,
                client: None,
                mails: vec![(mail, message.attempts)],
            },
        )
        .await?;
    }
    let message = app.store.read(scope).messages().get(job.message_id).await?;
    Ok(match message {
        Some(message) if message.status == MessageStatus::Queued => {
            Progress::ContinueAt(message.next_attempt_at)
        }
        // Another worker holds it, or died holding it: look again when its lease is over.
        Some(message) if matches!(message.status, MessageStatus::Claimed | MessageStatus::Sending) => {
            Progress::ContinueAt(now + TimeDelta::from_std(app.settings.send_lease).unwrap_or_default())
        }
        _ => Progress::Done,
    })
}
