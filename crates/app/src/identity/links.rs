//! Links that work once, and the mails they travel in.
//!
//! A link's row and the mail's place in the ledger are written together, under one id. The link itself is computed when the
//! mail is handed over: neither job nor ledger nor table has it.

use crate::App;
use groundswell_domain::email::{
    DeliverMessage, EmailAddress, MergeFields, MessageKind, NewMessage, RenderedMail, TemplateSource,
};
use groundswell_domain::identity::{OneTimeToken, Organization, Purpose, User};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, MessageId, OneTimeTokenId, OrganizationId, Repos, Scope};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

/// Ends older links of this purpose, and mails a new one.
pub(super) async fn send_link(
    app: &App,
    repos: &dyn Repos,
    user: &User,
    purpose: Purpose,
) -> Result<(), Error> {
    let now = app.now();
    let token = OneTimeToken::new(app.id(), user.id, purpose, now);
    repos.identity().end_one_time(user.id, purpose, now).await?;
    repos.identity().insert_one_time(&token).await?;
    let message = NewMessage {
        id: MessageId(token.id.0),
        kind: MessageKind::Account,
        campaign_id: None,
        lead_id: None,
        to: user.email.clone(),
        content: None,
        suppressed: None,
        topic_id: None,
    };
    let message_id = message.id;
    repos.messages().insert_many(&[message], now).await?;
    let job = NewJob::new(app.id(), &DeliverMessage { message_id }, now);
    repos.jobs().enqueue(&job, now).await?;
    Ok(())
}

/// The mail of a link; none when the link is used up or too old, so that there is nothing to send.
pub(crate) async fn link_mail(
    app: &App,
    scope: &Scope,
    id: MessageId,
) -> Result<Option<RenderedMail>, Error> {
    let repos = app.store.read(scope);
    let token = repos.identity().one_time(OneTimeTokenId(id.0)).await?;
    let Some(token) = token.filter(|token| token.is_good(app.now())) else {
        return Ok(None);
    };
    let user = repos.identity().user(token.user_id).await?;
    let organization = repos.identity().organization().await?;
    match (user, organization) {
        (Some(user), Some(organization)) => render(app, &token, &user, &organization).map(Some),
        _ => Ok(None),
    }
}

fn render(
    app: &App,
    token: &OneTimeToken,
    user: &User,
    organization: &Organization,
) -> Result<RenderedMail, Error> {
    let (subject, html) = match token.purpose {
        Purpose::Invitation => (
            "You are invited to {{ organization.name }}",
            include_str!("mails/invitation.html"),
        ),
        Purpose::PasswordReset => ("Choose a new password", include_str!("mails/password_reset.html")),
        Purpose::EmailVerification => (
            "Confirm your mail address",
            include_str!("mails/email_verification.html"),
        ),
    };
    // Never from a Host header: whoever sends one must not decide where a link in somebody's mail leads.
    let base = app.settings.public_url.as_str().trim_end_matches('/');
    let secret = app.tokens.one_time(token.purpose, token.id);
    let mut variables = Map::<String, Value>::new();
    variables.insert("name".into(), json!(user.name));
    variables.insert(
        "link".into(),
        json!(format!("{base}/account/{}", secret.expose_secret())),
    );
    let source = TemplateSource::html(subject, html).with_variables(["name", "link"]);
    let template = app.templates.compile(&source).map_err(Error::Invalid)?;
    let fields = MergeFields {
        organization: json!({ "name": organization.name }),
        variables,
        ..MergeFields::default()
    };
    template.render(&fields, None).map_err(Error::internal)
}

/// A link that was shown to us, with the organization it belongs to.
pub(super) async fn shown(
    app: &App,
    purpose: Purpose,
    text: &str,
) -> Result<(OrganizationId, OneTimeToken), Error> {
    let id = app.tokens.read_one_time(purpose, text.trim()).ok_or_else(spent)?;
    let (organization, token) = app.system.identity().one_time(id).await?.ok_or_else(spent)?;
    if token.purpose == purpose && token.is_good(app.now()) {
        Ok((organization, token))
    } else {
        Err(spent())
    }
}

/// Whom a link was mailed to.
#[derive(Debug)]
pub struct LinkInfo {
    pub email: EmailAddress,
    pub name: String,
    pub organization: String,
}

/// Looks at a link without using it.
pub async fn look_at_link(app: &App, purpose: Purpose, text: &str) -> Result<LinkInfo, Error> {
    let (organization, token) = shown(app, purpose, text).await?;
    let scope = Scope::system(organization, app.request_id());
    let repos = app.store.read(&scope);
    let user = repos.identity().user(token.user_id).await?;
    let organization = repos.identity().organization().await?;
    match (user, organization) {
        (Some(user), Some(organization)) => Ok(LinkInfo {
            email: user.email,
            name: user.name,
            organization: organization.name,
        }),
        _ => Err(spent()),
    }
}

/// One answer for links that are wrong, old or used: nobody learns which.
pub(super) fn spent() -> Error {
    Error::invalid(
        "token",
        "is not valid: the link was used, replaced by a newer one, or is too old",
    )
}
