//! The organization's own settings, and each person's preferences.

use super::commands::{OrganizationPatch, RetentionPatch};
use crate::audit::{self, Event};
use crate::{App, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::Mailing;
use groundswell_domain::identity::{Organization, Permission, public_url};
use groundswell_domain::privacy::{MOST_DAYS, Retention};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Patch, Scope, UserId};
use serde_json::{Map, Value};

/// Sending domains of one organization; it can't have more.
const MOST_DOMAINS: u32 = 100;

const MISSING: Error = Error::NotFound { what: "organization" };

pub async fn get_organization(app: &App, scope: &Scope) -> Result<Organization, Error> {
    app.store
        .read(scope)
        .identity()
        .organization()
        .await?
        .ok_or(MISSING)
}

pub async fn update_organization(
    app: &App,
    scope: &Scope,
    patch: OrganizationPatch,
    expected: Option<i32>,
) -> Result<Organization, Error> {
    scope.require(Permission::OrganizationManage)?;
    let unit = app.store.begin(scope).await?;
    let mut organization = unit.identity().organization().await?.ok_or(MISSING)?;
    let (current, old) = (organization.version, organization.clone());
    version::check("organization", current, expected)?;
    let mut problems = Problems::new();
    if let Some(name) = patch.name {
        organization.name = problems.line("name", &name, 200, false);
    }
    match patch.public_url {
        Patch::Absent => {}
        Patch::Null => organization.public_url = None,
        Patch::Value(text) => organization.public_url = problems.take("public_url", public_url(&text)),
    }
    let from_before = organization.from.clone();
    patch.from.apply(&mut organization.from);
    if organization.from != from_before
        && let Some(from) = &mut organization.from
    {
        from.check(&mut problems, "from");
        let domains = unit.sending().verified_domains(MOST_DOMAINS).await?;
        problems.check(
            domains
                .iter()
                .any(|domain| domain.client_id.is_none() && domain.covers(from)),
            "from.address",
            "must be at a verified sending domain of the organization (POST /api/email/domains, then its check)",
        );
    }
    match patch.retention {
        Patch::Absent => {}
        Patch::Null => organization.retention = Retention::default(),
        Patch::Value(days) => keep_for(&mut problems, &mut organization.retention, days),
    }
    match patch.mailing {
        Patch::Absent => {}
        Patch::Null => organization.mailing = Mailing::default(),
        Patch::Value(mailing) => organization.mailing = mailing,
    }
    organization.mailing.check(&mut problems);
    problems.finish()?;
    organization.currency = patch.currency.unwrap_or(organization.currency);
    organization.time_zone = patch.time_zone.unwrap_or(organization.time_zone);
    if let Some(locale) = patch.locale {
        organization.locale = locale;
    }
    patch.region.apply(&mut organization.region);
    organization.updated_at = app.now();
    organization.version += 1;
    let written = unit
        .identity()
        .update_organization(&organization, current)
        .await?;
    version::written("organization", written, current)?;
    let (before, after) = audit::changes(&old, &organization)?;
    let event = Event::of(AuditAction::OrganizationUpdated, organization.id)
        .before(before)
        .after(after);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    app.regions.invalidate(&scope.organization).await;
    app.senders.invalidate(&scope.organization).await;
    Ok(organization)
}

fn keep_for(problems: &mut Problems, retention: &mut Retention, patch: RetentionPatch) {
    let RetentionPatch {
        leads_inactive_days,
        submissions_days,
        messages_days,
        events_days,
        audit_days,
    } = patch;
    for (name, days, target) in [
        (
            "leads_inactive_days",
            leads_inactive_days,
            &mut retention.leads_inactive_days,
        ),
        (
            "submissions_days",
            submissions_days,
            &mut retention.submissions_days,
        ),
        ("messages_days", messages_days, &mut retention.messages_days),
        ("events_days", events_days, &mut retention.events_days),
        ("audit_days", audit_days, &mut retention.audit_days),
    ] {
        days.apply(target);
        problems.check(
            target.is_none_or(|days| (1..=MOST_DAYS).contains(&days)),
            &format!("retention.{name}"),
            format!("must be 1 to {MOST_DAYS}, or null to keep for ever"),
        );
    }
}

fn person(scope: &Scope) -> Result<UserId, Error> {
    scope
        .actor
        .user()
        .ok_or_else(|| Error::Unauthenticated("sign in first".into()))
}

/// Whatever a user interface wants to remember: a free JSON object.
pub async fn get_preferences(app: &App, scope: &Scope) -> Result<Map<String, Value>, Error> {
    let found = app
        .store
        .read(scope)
        .identity()
        .preferences(person(scope)?)
        .await?;
    found.ok_or(Error::NotFound { what: "user" })
}

pub async fn set_preferences(
    app: &App,
    scope: &Scope,
    preferences: Map<String, Value>,
) -> Result<Map<String, Value>, Error> {
    let user = person(scope)?;
    let mut problems = Problems::new();
    problems.json("preferences", &Value::Object(preferences.clone()));
    problems.finish()?;
    let repos = app.store.read(scope);
    repos.identity().set_preferences(user, &preferences).await?;
    Ok(preferences)
}
