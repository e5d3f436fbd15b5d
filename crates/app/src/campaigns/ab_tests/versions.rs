//! The mail of each version.

use crate::App;
use crate::email::{live_source, with_shared};
use groundswell_domain::campaigns::{AbDesign, Campaign};
use groundswell_domain::email::TemplateSource;
use groundswell_domain::{Error, FieldError, Repos};

/// What a campaign says: its template, its own mail, or that of the campaign which it sends again.
pub(in crate::campaigns) async fn mail_of<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    campaign: &Campaign,
) -> Result<Option<TemplateSource>, Error> {
    if let Some(id) = campaign.content.template_id {
        return live_source(app, repos, id).await;
    }
    if campaign.content.is_empty() && campaign.resend_of.is_some() {
        return Ok(campaign.frozen.clone());
    }
    match campaign.content.own_mail() {
        Some(mail) => with_shared(app, repos, mail).await.map(Some),
        None => Ok(None),
    }
}

/// The mails of all versions, each of which can be made; `base` is the campaign's.
pub(in crate::campaigns) async fn versions<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    design: &AbDesign,
    base: &TemplateSource,
) -> Result<Vec<TemplateSource>, Error> {
    let (mut mails, mut problems) = (Vec::new(), Vec::new());
    for (index, variant) in design.variants.iter().enumerate() {
        let mail = match variant.template_id {
            Some(id) => live_source(app, repos, id)
                .await?
                .map(|source| variant.mail(&source)),
            // What it says itself may mention other partials than the campaign's mail does.
            None => Some(with_shared(app, repos, variant.mail(base)).await?),
        };
        let Some(mail) = mail else {
            let field = format!("variants[{index}].template_id");
            problems.push(FieldError::new(field, "there is no such template"));
            continue;
        };
        if let Err(wrong) = app.templates.compile(&mail) {
            let named = |problem: FieldError| {
                FieldError::new(format!("variants[{index}].{}", problem.field), problem.message)
            };
            problems.extend(wrong.into_iter().map(named));
        }
        mails.push(mail);
    }
    if problems.is_empty() {
        Ok(mails)
    } else {
        Err(Error::Invalid(problems))
    }
}
