//! Shows a template as somebody would get it, and looks it over.

use super::commands::{LintTemplate, PreviewTemplate};
use super::links::merge_fields;
use super::shared::with_shared;
use super::templates::MISSING;
use super::versions::get;
use super::{link_check, links};
use crate::App;
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{LintReport, MergeFields, Template, TemplateSource};
use groundswell_domain::identity::Permission;
use groundswell_domain::{Error, LeadId, OrganizationId, Repos, RequestId, Scope, TemplateId};
use serde::Serialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

const PURPOSE: &str = "template-preview";
/// For how long a page can be looked at.
const PAGE_HOURS: i64 = 24;
const BAD_LINK: Error = Error::NotFound { what: "preview" };

/// A template, filled in.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Preview {
    /// The version that is shown.
    pub version: i32,
    pub subject: String,
    pub html: String,
    pub text: String,
    pub lint: LintReport,
    /// A page to look at, at 360, 600 and 800 pixels, in light and in dark. Whoever has the address sees it. It shows the lead, but not
    /// `sample` and `variables`, which are kept nowhere.
    pub page_url: String,
    /// When the page ends.
    pub page_expires_at: DateTime<Utc>,
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct PreviewPage {
    pub name: String,
    pub version: i32,
    pub subject: String,
    pub html: String,
    pub text: String,
}

/// Fills a template in for a lead of the organization, or for one that is made up.
pub async fn preview_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    preview: PreviewTemplate,
) -> Result<Preview, Error> {
    scope.require(Permission::EmailRead)?;
    if preview.lead_id.is_some() {
        scope.require(Permission::LeadsRead)?;
        if !preview.sample.is_empty() {
            return Err(Error::invalid("sample", "leave it out when there is a lead_id"));
        }
    }
    let repos = app.store.read(scope);
    let template = repos.templates().get(id).await?.ok_or(MISSING)?;
    let number = preview.version.unwrap_or(template.latest_version);
    let source = source(app, repos.as_ref(), &template, number).await?;
    let mut fields = sample_fields(app, repos.as_ref(), preview.lead_id).await?;
    if let Value::Object(lead) = &mut fields.lead {
        lead.extend(preview.sample);
    }
    fields.variables = preview.variables;
    let compiled = app.templates.compile(&source).map_err(Error::Invalid)?;
    let mail = compiled
        .render(&fields, None)
        .map_err(|message| Error::invalid("html", message))?;
    let expires = app.now() + TimeDelta::hours(PAGE_HOURS);
    let token = Shown {
        organization: scope.organization,
        template: id,
        version: number,
        lead: preview.lead_id,
        expires,
    }
    .sign(app);
    let base = app.settings.public_url.as_str().trim_end_matches('/');
    Ok(Preview {
        version: number,
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
        lint: app.templates.lint(&source, &fields),
        page_url: format!("{base}/preview/mail/{token}"),
        page_expires_at: expires,
    })
}

/// The page behind the address of a preview: whoever has it was given it.
pub async fn preview_page(app: &App, token: &str, request: RequestId) -> Result<PreviewPage, Error> {
    let shown = Shown::read(app, token).ok_or(BAD_LINK)?;
    if app.now() >= shown.expires {
        return Err(BAD_LINK);
    }
    let scope = Scope::system(shown.organization, request);
    let repos = app.store.read(&scope);
    let template = repos.templates().get(shown.template).await?.ok_or(BAD_LINK)?;
    let source = source(app, repos.as_ref(), &template, shown.version).await?;
    let fields = sample_fields(app, repos.as_ref(), shown.lead).await?;
    let compiled = app.templates.compile(&source).map_err(Error::Invalid)?;
    let mail = compiled
        .render(&fields, None)
        .map_err(|message| Error::invalid("html", message))?;
    Ok(PreviewPage {
        name: template.name,
        version: shown.version,
        subject: mail.subject,
        html: mail.html,
        text: mail.text,
    })
}

/// Looks a version over; on request also whether its links lead somewhere.
pub async fn lint_template(
    app: &App,
    scope: &Scope,
    id: TemplateId,
    lint: LintTemplate,
) -> Result<LintReport, Error> {
    scope.require(Permission::EmailRead)?;
    if lint.check_links {
        // Requests to others are made for those who could send the mail, too.
        scope.require(Permission::TemplatesWrite)?;
    }
    let repos = app.store.read(scope);
    let template = repos.templates().get(id).await?.ok_or(MISSING)?;
    let number = lint.version.unwrap_or(template.latest_version);
    let source = source(app, repos.as_ref(), &template, number).await?;
    let report = lint_source(app, repos.as_ref(), &source).await?;
    drop(repos);
    if lint.check_links {
        let dead = link_check::dead_links(app, &report.links).await;
        return Ok(report.and(dead));
    }
    Ok(report)
}

/// As it is for the sample lead.
pub(super) async fn lint_source<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    source: &TemplateSource,
) -> Result<LintReport, Error> {
    let fields = sample_fields(app, repos, None).await?;
    Ok(app.templates.lint(source, &fields))
}

async fn source<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    template: &Template,
    number: i32,
) -> Result<TemplateSource, Error> {
    let version = get(repos, template.id, number).await?;
    with_shared(app, repos, version.source()).await
}

/// Of a lead, or of somebody who does not exist.
async fn sample_fields<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    lead: Option<LeadId>,
) -> Result<MergeFields, Error> {
    let organization = repos.identity().organization().await?;
    let organization = organization.ok_or(Error::NotFound { what: "organization" })?;
    let lead = match lead {
        Some(id) => merge_fields(
            &repos
                .leads()
                .get(id)
                .await?
                .ok_or_else(|| Error::invalid("lead_id", "there is no such lead"))?,
        ),
        None => sample_lead(),
    };
    Ok(MergeFields {
        lead,
        organization: json!({ "name": organization.name }),
        variables: Map::new(),
        unsubscribe_url: Some(links::nobodys_unsubscribe_url(app, &organization)),
    })
}

/// Somebody with everything that templates can ask for.
fn sample_lead() -> Value {
    json!({
        "name": "Alex Morgan",
        "first_name": "Alex",
        "email": "alex.morgan@example.com",
        "phone": "+1 202 555 0143",
        "company": "Morgan & Partners",
        "title": "Head of Marketing",
        "source": "form",
        "status": "qualified",
        "stage": "qualified",
        "language": "en",
        "score": { "total": 60, "fit": 35, "engagement": 25 },
        "tags": ["customer", "newsletter", "vip"],
        "custom_fields": {},
    })
}

/// What the address of a page says, signed.
struct Shown {
    organization: OrganizationId,
    template: TemplateId,
    version: i32,
    lead: Option<LeadId>,
    expires: DateTime<Utc>,
}

impl Shown {
    fn sign(&self, app: &App) -> String {
        let mut payload = [
            self.organization.0.as_bytes().as_slice(),
            self.template.0.as_bytes(),
            &self.version.to_be_bytes(),
            &self.expires.timestamp().to_be_bytes(),
        ]
        .concat();
        if let Some(lead) = self.lead {
            payload.extend(lead.0.as_bytes());
        }
        app.links.sign(PURPOSE, &payload)
    }

    fn read(app: &App, token: &str) -> Option<Self> {
        let payload = app.links.verify(PURPOSE, token)?;
        let (organization, rest) = payload.split_first_chunk::<16>()?;
        let (template, rest) = rest.split_first_chunk::<16>()?;
        let (version, rest) = rest.split_first_chunk::<4>()?;
        let (expires, rest) = rest.split_first_chunk::<8>()?;
        let lead = match rest {
            [] => None,
            rest => Some(Uuid::from_slice(rest).ok()?.into()),
        };
        Some(Self {
            organization: Uuid::from_bytes(*organization).into(),
            template: Uuid::from_bytes(*template).into(),
            version: i32::from_be_bytes(*version),
            lead,
            expires: DateTime::from_timestamp(i64::from_be_bytes(*expires), 0)?,
        })
    }
}
