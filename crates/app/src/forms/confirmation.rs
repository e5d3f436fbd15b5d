//! Double opt-in: a link in a mail to the address, and a button on the page behind it.
//!
//! The link is computed when the mail leaves and kept nowhere. Looking at it changes nothing, since scanners of mail
//! follow every link; the button does.

use crate::consents::happened;
use crate::email::{merge_fields, with_shared};
use crate::{App, leads, scoring};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::consents::{Confirmation, Consent, ConsentDecision};
use groundswell_domain::email::{EmailAddress, MergeFields, RenderedMail, TemplateSource};
use groundswell_domain::forms::{ConfirmationMail, FollowConfirmation, Form, Submission, confirmed_by};
use groundswell_domain::identity::Organization;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{Lead, LeadEvent, LeadEventKind};
use groundswell_domain::{
    Actor, Error, FormId, MessageId, OrganizationId, Origin, Repos, RequestId, Scope, SubmissionId,
};
use serde_json::{Map, json};
use uuid::Uuid;

const PURPOSE: &str = "form-confirm";
/// For how long a link is good.
const LINK_DAYS: i64 = 7;
const BAD_LINK: Error = Error::NotFound { what: "link" };
const SUBJECT: &str = "Please confirm your mail address";
const HTML: &str = include_str!("confirmation.html");

/// Where a double opt-in stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptInState {
    /// It can be confirmed.
    Open,
    Confirmed,
    /// The link is too old, or what it was about was forgotten.
    Over,
}

/// What the page behind the link shows.
#[derive(Debug, Clone)]
pub struct OptIn {
    pub organization: String,
    pub form_id: FormId,
    pub form: String,
    pub email: EmailAddress,
    /// What is to be confirmed, or was: the words of the form.
    pub texts: Vec<String>,
    pub state: OptInState,
}

/// The words of the mail.
pub(super) fn source(words: Option<&ConfirmationMail>) -> TemplateSource {
    let own = |text: Option<&String>, ours: &str| text.cloned().unwrap_or_else(|| ours.to_owned());
    TemplateSource::html(
        own(words.and_then(|words| words.subject.as_ref()), SUBJECT),
        own(words.and_then(|words| words.html.as_ref()), HTML),
    )
    .with_variables(["confirm_url", "form", "consents"])
}

/// The mail with the link; none when there is nothing to confirm any more.
pub(crate) async fn confirmation_mail(
    app: &App,
    scope: &Scope,
    id: MessageId,
) -> Result<Option<RenderedMail>, Error> {
    let repos = app.store.read(scope);
    let Some(asked) = Asked::find(repos.as_ref(), confirmed_by(id)).await? else {
        return Ok(None);
    };
    let texts = asked.texts(|consent| consent.decision == ConsentDecision::Pending);
    if texts.is_empty() {
        return Ok(None);
    }
    let base = asked.organization.public_url.as_ref();
    let base = base.unwrap_or(&app.settings.public_url).as_str();
    let token = sign(app, scope.organization, asked.submission.id);
    let link = format!("{}/f/confirm/{token}", base.trim_end_matches('/'));
    let mut variables = Map::new();
    variables.insert("confirm_url".into(), json!(link));
    variables.insert("form".into(), json!(asked.form.name));
    variables.insert("consents".into(), json!(texts));
    let fields = MergeFields {
        lead: merge_fields(&asked.lead),
        organization: json!({ "name": asked.organization.name }),
        variables,
        unsubscribe_url: None,
    };
    let source = source(asked.form.settings.confirmation.as_ref());
    let source = with_shared(app, repos.as_ref(), source).await?;
    let template = app.templates.compile(&source).map_err(Error::Invalid)?;
    template.render(&fields, None).map(Some).map_err(Error::internal)
}

/// What a link is about. Changes nothing.
pub async fn opt_in(app: &App, token: &str) -> Result<OptIn, Error> {
    let link = read(app, token).ok_or(BAD_LINK)?;
    let scope = link.scope(app.request_id());
    let repos = app.store.read(&scope);
    let asked = Asked::find(repos.as_ref(), link.submission).await?;
    Ok(asked.ok_or(BAD_LINK)?.shown(&link, app.now()))
}

/// Consents from now on, with the proof. Doing it twice is fine.
pub async fn confirm_opt_in(
    app: &App,
    token: &str,
    origin: Origin,
    request: RequestId,
) -> Result<OptIn, Error> {
    let link = read(app, token).ok_or(BAD_LINK)?;
    let mut scope = link.scope(request);
    scope.origin = Some(origin.clone());
    let now = app.now();
    let unit = app.store.begin(&scope).await?;
    let asked = Asked::find(unit.as_ref(), link.submission)
        .await?
        .ok_or(BAD_LINK)?;
    if asked.shown(&link, now).state != OptInState::Open {
        return Ok(asked.shown(&link, now));
    }
    let (lead, submission) = (asked.lead.id, asked.submission.id);
    // Locks the lead before its lines, as captures do.
    let confirmed = LeadEvent {
        subject: Some(asked.form.id.0),
        ..leads::event(
            app,
            lead,
            LeadEventKind::OptInConfirmed,
            json!({ "submission_id": submission }),
        )
    };
    scoring::happened(app, &scope, unit.as_ref(), &[confirmed]).await?;
    let claimed = unit.consents().take_pending(lead, submission).await?;
    if claimed.is_empty() {
        // Two clicks at once: the other one did it.
        drop(unit);
        return opt_in(app, token).await;
    }
    for pending in claimed {
        let user_agent = origin.user_agent.as_deref().map(short);
        let consent = Consent {
            id: app.id(),
            decision: ConsentDecision::Granted,
            confirmation: Some(Confirmation {
                requested_at: pending.created_at,
                ip: origin.ip,
                user_agent,
            }),
            created_at: now,
            ..pending
        };
        unit.consents().add(&consent).await?;
        scoring::happened(app, &scope, unit.as_ref(), &[happened(app, &consent)]).await?;
    }
    if asked.form.settings.auto_reply.is_some() {
        let payload = FollowConfirmation {
            submission_id: submission,
        };
        unit.jobs()
            .enqueue(&NewJob::new(app.id(), &payload, now), now)
            .await?;
    }
    unit.commit().await?;
    opt_in(app, token).await
}

fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}

/// Everything that a link is about.
struct Asked {
    submission: Submission,
    form: Form,
    lead: Lead,
    organization: Organization,
    said: Vec<Consent>,
}

impl Asked {
    async fn find<R: Repos + ?Sized>(repos: &R, id: SubmissionId) -> Result<Option<Self>, Error> {
        let Some(submission) = repos.forms().submission(id).await? else {
            return Ok(None);
        };
        let form = repos.forms().get(submission.form_id).await?;
        let lead = repos.leads().get(submission.lead_id).await?;
        let organization = repos.identity().organization().await?;
        let (Some(form), Some(lead), Some(organization)) = (form, lead, organization) else {
            return Ok(None);
        };
        let said = repos.consents().of_submission(lead.id, id).await?;
        Ok(Some(Self {
            submission,
            form,
            lead,
            organization,
            said,
        }))
    }

    fn texts(&self, which: impl Fn(&Consent) -> bool) -> Vec<String> {
        let said = self.said.iter().filter(|consent| which(consent));
        said.filter_map(|consent| consent.text.clone()).collect()
    }

    fn shown(&self, link: &Link, now: DateTime<Utc>) -> OptIn {
        let pending = self.texts(|consent| consent.decision == ConsentDecision::Pending);
        let confirmed = self.texts(|consent| consent.confirmation.is_some());
        let (state, texts) = if !confirmed.is_empty() {
            (OptInState::Confirmed, confirmed)
        } else if pending.is_empty() || now >= link.good_until() {
            (OptInState::Over, Vec::new())
        } else {
            (OptInState::Open, pending)
        };
        OptIn {
            organization: self.organization.name.clone(),
            form_id: self.form.id,
            form: self.form.name.clone(),
            email: self.lead.email.clone(),
            texts,
            state,
        }
    }
}

struct Link {
    organization: OrganizationId,
    submission: SubmissionId,
    made_at: DateTime<Utc>,
}

impl Link {
    fn good_until(&self) -> DateTime<Utc> {
        self.made_at + TimeDelta::days(LINK_DAYS)
    }

    fn scope(&self, request: RequestId) -> Scope {
        let mut scope = Scope::system(self.organization, request);
        scope.actor = Actor::Recipient;
        scope
    }
}

fn sign(app: &App, organization: OrganizationId, submission: SubmissionId) -> String {
    let made_at = app.now().timestamp().to_be_bytes();
    let payload = [
        organization.0.as_bytes().as_slice(),
        submission.0.as_bytes(),
        &made_at,
    ]
    .concat();
    app.links.sign(PURPOSE, &payload)
}

fn read(app: &App, token: &str) -> Option<Link> {
    let payload = app.links.verify(PURPOSE, token)?;
    let (organization, rest) = payload.split_first_chunk::<16>()?;
    let (submission, rest) = rest.split_first_chunk::<16>()?;
    let made_at = i64::from_be_bytes(rest.try_into().ok()?);
    Some(Link {
        organization: Uuid::from_bytes(*organization).into(),
        submission: Uuid::from_bytes(*submission).into(),
        made_at: DateTime::from_timestamp(made_at, 0)?,
    })
}
