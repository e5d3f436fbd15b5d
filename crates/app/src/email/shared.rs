//! What mails share: partials, and the brand. Looked up once, and kept with the source: a campaign that was launched goes on with
//! what there was then.

use crate::App;
use groundswell_domain::email::{MAX_INCLUDE_DEPTH, TemplatePartial, TemplateSource};
use groundswell_domain::{Error, Repos, TemplateId};

/// The source with everything that it mentions. What there is not is left to the compiler, which says where it is missed.
pub(crate) async fn with_shared<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    mut source: TemplateSource,
) -> Result<TemplateSource, Error> {
    let mut wanted = app.templates.includes(&source.html);
    for _ in 0..=MAX_INCLUDE_DEPTH {
        wanted.retain(|name| source.partials.iter().all(|known| known.name != *name));
        if wanted.is_empty() {
            break;
        }
        let found = repos.partials().by_names(&wanted).await?;
        wanted = found
            .iter()
            .flat_map(|partial| app.templates.includes(&partial.html))
            .collect();
        source.partials.extend(found.iter().map(TemplatePartial::content));
    }
    if source.mentions_brand() {
        source.brand = Some(repos.brands().get().await?.brand);
    }
    Ok(source)
}

/// What is sent of a template: its live version. `None` when there is no such template; one that was never published is an error.
pub(crate) async fn live_source<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    id: TemplateId,
) -> Result<Option<TemplateSource>, Error> {
    if let Some(version) = repos.templates().live(id).await? {
        return with_shared(app, repos, version.source()).await.map(Some);
    }
    match repos.templates().get(id).await? {
        Some(_) => Err(Error::conflict(
            "template_not_published",
            "the template has no published version: publish one, and it can be sent",
        )),
        None => Ok(None),
    }
}
