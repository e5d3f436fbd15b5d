//! Tells the team that someone filled in a form.

use crate::App;
use groundswell_domain::email::{
    DeliverMessage, MergeFields, MessageContent, MessageKind, NewMessage, NotifySubmission, TemplateSource,
    notification_id,
};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, Scope};
use serde_json::{Value, json};

const SUBJECT: &str = "New submission: {{ form }}";
const HTML: &str = include_str!("notify.html");

/// Puts one mail per address into the ledger. Running it twice makes no second mail: the ids follow from the submission.
pub async fn notify_submission(app: &App, scope: &Scope, job: &NotifySubmission) -> Result<(), Error> {
    let repos = app.store.read(scope);
    // Deleted meanwhile: then there is nothing to tell.
    let Some(submission) = repos.forms().submission(job.submission_id).await? else {
        return Ok(());
    };
    let Some(form) = repos.forms().get(submission.form_id).await? else {
        return Ok(());
    };
    let answers: Vec<Value> = submission
        .answers
        .iter()
        .map(|(name, value)| {
            let label = form
                .fields
                .iter()
                .find(|field| field.name == *name)
                .map_or(name.as_str(), |field| field.label());
            json!({ "label": label, "value": plain(value) })
        })
        .collect();
    let source = TemplateSource {
        subject: SUBJECT.to_owned(),
        html: HTML.to_owned(),
        text: None,
        variables: ["form", "answers", "referrer"].map(str::to_owned).to_vec(),
    };
    let template = app.templates.compile(&source).map_err(Error::Invalid)?;
    let mut variables = serde_json::Map::new();
    variables.insert("form".into(), json!(form.name));
    variables.insert("answers".into(), Value::Array(answers));
    variables.insert("referrer".into(), json!(submission.attribution.referrer));
    let fields = MergeFields {
        variables,
        ..MergeFields::default()
    };
    let mail = template.render(&fields, None).map_err(Error::internal)?;

    let now = app.now();
    let messages: Vec<NewMessage> = (0u8..)
        .zip(&form.settings.notify)
        .map(|(index, to)| NewMessage {
            id: notification_id(job.submission_id, index),
            kind: MessageKind::Notification,
            campaign_id: None,
            lead_id: None,
            to: to.clone(),
            content: Some(MessageContent {
                subject: mail.subject.clone(),
                html: mail.html.clone(),
                text: mail.text.clone(),
            }),
            suppressed: None,
        })
        .collect();
    let unit = app.store.begin(scope).await?;
    for id in unit.messages().insert_many(&messages, now).await? {
        unit.jobs()
            .enqueue(
                &NewJob::new(app.id(), &DeliverMessage { message_id: id }, now),
                now,
            )
            .await?;
    }
    unit.commit().await?;
    Ok(())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
