//! Telling somebody of the organization that there is something to do.

use crate::App;
use groundswell_domain::email::{MergeFields, MessageContent, MessageKind, NewMessage, TemplateSource};
use groundswell_domain::identity::{Organization, UserStatus};
use groundswell_domain::leads::Lead;
use groundswell_domain::sequences::CreateTask;
use groundswell_domain::{Error, MessageId, Repos};
use serde_json::{Map, json};

const SUBJECT: &str = "To do: {{ title }}";
const HTML: &str = "<p><strong>{{ title }}</strong></p><p style=\"white-space: pre-wrap\">{{ details }}</p>\
    <p>About: {{ who }}</p>";

/// The mail to whoever is to do it; none without a person, or when their account is gone or locked.
pub(super) async fn notice<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    organization: &Organization,
    lead: &Lead,
    (task, id): (&CreateTask, MessageId),
) -> Result<Option<NewMessage>, Error> {
    let Some(user) = task.user_id else { return Ok(None) };
    let user = unit.identity().user(user).await?;
    let Some(user) = user.filter(|user| user.status == UserStatus::Active) else {
        return Ok(None);
    };
    let source = TemplateSource {
        variables: ["title", "details", "who"].map(str::to_owned).to_vec(),
        ..TemplateSource::html(SUBJECT, HTML)
    };
    let template = app.templates.compile(&source).map_err(Error::Invalid)?;
    let mut variables = Map::new();
    variables.insert("title".into(), json!(task.title));
    variables.insert("details".into(), json!(task.text.clone().unwrap_or_default()));
    variables.insert(
        "who".into(),
        json!(format!("{} <{}>", lead.name, lead.email).trim()),
    );
    let fields = MergeFields {
        organization: json!({ "name": organization.name }),
        variables,
        ..MergeFields::default()
    };
    let mail = template.render(&fields, None).map_err(Error::internal)?;
    Ok(Some(NewMessage {
        id,
        kind: MessageKind::Notification,
        campaign_id: None,
        lead_id: None,
        to: user.email,
        content: Some(MessageContent {
            subject: mail.subject,
            html: mail.html,
            text: mail.text,
        }),
        suppressed: None,
        topic_id: None,
    }))
}
