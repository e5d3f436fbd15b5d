//! Answers whoever sent a form: once a day and form, and never a program or a mailbox of many (RFC 3834, section 2).

use crate::App;
use crate::email::{merge_fields, with_shared};
use groundswell_domain::email::{
    AddressFlag, MergeFields, MessageContent, MessageKind, NewMessage, RenderedMail, TemplateSource, flags,
};
use groundswell_domain::forms::{AutoReply, Form, Submission, auto_reply_id};
use groundswell_domain::leads::Lead;
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, FieldError, Repos};
use serde_json::{Map, json};

/// The mail for the ledger; one that can't be made is in there with the reason.
pub(super) async fn auto_reply<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    form: &Form,
    reply: &AutoReply,
    submission: &Submission,
    lead: &Lead,
) -> Result<NewMessage, Error> {
    let made = if flags(&lead.email).contains(&AddressFlag::Role) {
        Err("a role address is not answered by itself".to_owned())
    } else {
        render(app, repos, form, reply, submission, lead).await?
    };
    let (content, suppressed) = match made {
        Ok(mail) => {
            let RenderedMail { subject, html, text } = mail;
            (Some(MessageContent { subject, html, text }), None)
        }
        Err(reason) => (None, Some(reason)),
    };
    Ok(NewMessage {
        id: auto_reply_id(submission.id, form.id, &lead.email.key()),
        kind: MessageKind::AutoReply,
        campaign_id: None,
        lead_id: Some(lead.id),
        to: lead.email.clone(),
        content,
        suppressed,
        topic_id: None,
    })
}

async fn render<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    form: &Form,
    reply: &AutoReply,
    submission: &Submission,
    lead: &Lead,
) -> Result<Result<RenderedMail, String>, Error> {
    let Some(source) = source(app, repos, reply).await? else {
        return Ok(Err("the template is gone, or was never published".to_owned()));
    };
    let Some(organization) = repos.identity().organization().await? else {
        return Ok(Err("the organization is gone".to_owned()));
    };
    let Ok(template) = app.templates.compile(&source) else {
        return Ok(Err("the template has mistakes".to_owned()));
    };
    let mut variables = Map::new();
    variables.insert("form".into(), json!(form.name));
    variables.insert("answers".into(), json!(submission.answers));
    let fields = MergeFields {
        lead: merge_fields(lead),
        organization: json!({ "name": organization.name }),
        variables,
        unsubscribe_url: None,
    };
    Ok(template.render(&fields, None))
}

/// None when the template is gone, or nothing of it was ever published.
async fn source<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    reply: &AutoReply,
) -> Result<Option<TemplateSource>, Error> {
    let Some(id) = reply.template_id else {
        let own = |text: &Option<String>| text.clone().unwrap_or_default();
        let source = TemplateSource::html(own(&reply.subject), own(&reply.html))
            .with_text(reply.text.clone())
            .with_variables(["form", "answers"]);
        return with_shared(app, repos, source).await.map(Some);
    };
    let Some(live) = repos.templates().live(id).await? else {
        return Ok(None);
    };
    let mut source = with_shared(app, repos, live.source()).await?;
    if let Some(subject) = reply.subject.as_ref().filter(|text| !text.trim().is_empty()) {
        source.subject.clone_from(subject);
    }
    for name in ["form", "answers"] {
        if !source.variables.iter().any(|known| known == name) {
            source.variables.push(name.to_owned());
        }
    }
    Ok(Some(source))
}

/// What is wrong with the texts of a form's own mails.
pub(super) async fn check_mails<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    form: &Form,
    problems: &mut Problems,
) -> Result<(), Error> {
    let mut add = |place: &str, found: Vec<FieldError>| {
        for problem in found {
            problems.add(format!("settings.{place}.{}", problem.field), problem.message);
        }
    };
    if let Some(reply) = &form.settings.auto_reply {
        let missing = || {
            FieldError::new(
                "template_id",
                "there is no such template, or it was never published",
            )
        };
        match source(app, repos, reply).await? {
            None => add("auto_reply", vec![missing()]),
            Some(source) => add(
                "auto_reply",
                app.templates.compile(&source).err().unwrap_or_default(),
            ),
        }
    }
    if let Some(words) = &form.settings.confirmation {
        let source = with_shared(app, repos, super::confirmation::source(Some(words))).await?;
        add(
            "confirmation",
            app.templates.compile(&source).err().unwrap_or_default(),
        );
    }
    Ok(())
}
