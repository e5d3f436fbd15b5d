//! Tells the team that someone filled in a form.

use crate::App;
use groundswell_domain::Error;
use groundswell_domain::email::{MergeFields, MessageContent, MessageKind, NewMessage, TemplateSource};
use groundswell_domain::forms::{Form, Submission, notification_id};
use serde_json::{Value, json};

const SUBJECT: &str = "New submission: {{ form }}";
const TEST_SUBJECT: &str = "[Test] New submission: {{ form }}";
const HTML: &str = include_str!("notify.html");

/// One mail to each address that wants to know.
pub(super) fn notices(app: &App, form: &Form, submission: &Submission) -> Result<Vec<NewMessage>, Error> {
    if form.settings.notify.is_empty() {
        return Ok(Vec::new());
    }
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
    let subject = if submission.test { TEST_SUBJECT } else { SUBJECT };
    let source = TemplateSource::html(subject, HTML).with_variables(["form", "answers", "referrer"]);
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
    let message = |(index, to): (u8, &groundswell_domain::email::EmailAddress)| NewMessage {
        id: notification_id(submission.id, index),
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
        topic_id: None,
    };
    Ok((0u8..).zip(&form.settings.notify).map(message).collect())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
