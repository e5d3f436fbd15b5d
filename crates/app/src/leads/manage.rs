//! Create, read, update, delete, and the numbers.

use super::commands::{LeadPatch, NewLead};
use super::history;
use crate::audit::{self, Event};
use crate::{App, clients, effect, email, organization, qualification, scoring, segments, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{EmailAddress, Verification};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{
    Lead, LeadFilter, LeadOverview, LeadProfile, LeadSort, LeadStage, LeadStatus, Score, Utm,
};
use groundswell_domain::money::{Currency, Money, MoneyInput};
use groundswell_domain::sequences::ExitReason;
use groundswell_domain::validate::Problems;
use groundswell_domain::{
    ClientId, Error, LeadId, Page, PageRequest, Patch, Repos, Scope, StoreError, UnitOfWork,
};
use serde_json::Value;

pub(super) const MISSING: Error = Error::NotFound { what: "lead" };

pub async fn create_lead(app: &App, scope: &Scope, new: NewLead) -> Result<Lead, Error> {
    scope.require(Permission::LeadsWrite)?;
    let region = organization::region(app, scope).await?;
    let unit = app.store.begin(scope).await?;
    let currency = organization::currency(unit.as_ref()).await?;
    let mut lead = from_input(app, new, None, currency)?;
    lead.read_phone(region);
    lead.client_id = lead.client_id.or(scope.client);
    check_client(scope, unit.as_ref(), lead.client_id).await?;
    check_not_erased(app, scope, unit.as_ref(), &lead.email).await?;
    unit.leads().insert(&lead).await.map_err(taken)?;
    if lead.stage != LeadStage::New {
        qualification::set_by_hand(app, scope, unit.as_ref(), &lead).await?;
    }
    if let Some(score) = scoring::changed(app, scope, unit.as_ref(), lead.id, &[]).await? {
        lead.score = score;
    }
    effect::commit(app, scope, unit, Outcome::Created, &lead).await?;
    Ok(lead)
}

async fn check_client(scope: &Scope, unit: &dyn UnitOfWork, client: Option<ClientId>) -> Result<(), Error> {
    let mut problems = Problems::new();
    let theirs = scope.client.is_none() || scope.client == client;
    problems.check(theirs, "client_id", "must be the client that you are limited to");
    clients::check_client(unit, &mut problems, client).await?;
    problems.finish()
}

/// Whoever asked to be forgotten does not come back by somebody else's hand; their own, in a form, is another matter.
async fn check_not_erased(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    address: &EmailAddress,
) -> Result<(), Error> {
    if email::erased(app, unit, scope, &[address.key()])
        .await?
        .is_empty()
    {
        return Ok(());
    }
    Err(Error::conflict(
        "lead_erased",
        "the person with this mail address asked to be forgotten; if they changed their mind, delete the entry for \
         it in the suppression list first",
    ))
}

fn taken(error: StoreError) -> Error {
    match error {
        StoreError::Duplicate { .. } => Error::conflict(
            "lead_exists",
            "there is a lead with this mail address already, or one that was merged with it",
        ),
        other => other.into(),
    }
}

/// A lead as the caller describes it; identity, score and history are those of `old`.
fn from_input(app: &App, new: NewLead, old: Option<&Lead>, currency: Currency) -> Result<Lead, Error> {
    let before = old.map_or(LeadStage::New, |old| old.stage);
    let stage = meant(before, new.stage, new.status)?;
    if old.is_some() {
        before.check_move(stage)?;
    }
    let mut problems = Problems::new();
    let email = problems.take("email", new.email.parse::<EmailAddress>());
    let mut profile = LeadProfile::default();
    let texts = [
        ("phone", new.phone),
        ("company", new.company),
        ("title", new.title),
    ];
    problems.take("name", profile.set("name", Value::String(new.name)));
    for (field, text) in texts {
        problems.take(field, profile.set(field, text.map_or(Value::Null, Value::String)));
    }
    check_custom(&mut problems, &new.custom_fields);
    profile.custom_fields = new.custom_fields;
    let source = problems.line("source", new.source.as_deref().unwrap_or("manual"), 60, false);
    let utm = check_utm(&mut problems, new.utm.unwrap_or_default());
    let value = worth(&mut problems, new.value, currency);
    let given = reason(&mut problems, new.outcome_reason.as_deref(), stage);
    problems.finish()?;
    let Some(email) = email else {
        return Err(Error::invalid("email", "is not a valid mail address"));
    };
    let now = app.now();
    let verification = old
        .filter(|old| old.email.key() == email.key())
        .map_or_else(|| Verification::of(&email), |old| old.verification);
    let mut lead = Lead {
        id: old.map_or_else(|| app.id(), |old| old.id),
        name: String::new(),
        email,
        verification,
        phone: None,
        phone_e164: None,
        company: None,
        title: None,
        source,
        status: stage.status(),
        stage,
        stage_since: old
            .filter(|old| old.stage == stage)
            .map_or(now, |old| old.stage_since),
        furthest_stage: old
            .map_or(LeadStage::New, |old| old.furthest_stage)
            .or_further(stage),
        outcome_reason: given,
        value,
        tags: new.tags,
        custom_fields: serde_json::Map::new(),
        score: old.map_or_else(Score::default, |old| old.score),
        utm,
        client_id: new.client_id,
        created_at: old.map_or(now, |old| old.created_at),
        updated_at: now,
        version: old.map_or(1, |old| old.version + 1),
    };
    lead.set_profile(profile);
    Ok(lead)
}

/// The stage that somebody means who names a stage, a status, or both.
fn meant(now: LeadStage, stage: Option<LeadStage>, status: Option<LeadStatus>) -> Result<LeadStage, Error> {
    match (stage, status) {
        (Some(stage), Some(status)) if stage.status() != status => Err(Error::invalid(
            "status",
            format!(
                "does not fit the stage: a lead that is {stage} has the status {}; leave one of the two out",
                stage.status()
            ),
        )),
        (Some(stage), _) => Ok(stage),
        (None, Some(status)) => Ok(now.meant_by(status)),
        (None, None) => Ok(now),
    }
}

fn check_utm(problems: &mut Problems, utm: Utm) -> Utm {
    let mut check = |name: &str, text: Option<String>| {
        text.map(|text| problems.line(name, &text, 500, true))
            .filter(|text| !text.is_empty())
    };
    Utm {
        source: check("utm.source", utm.source),
        medium: check("utm.medium", utm.medium),
        campaign: check("utm.campaign", utm.campaign),
    }
}

fn worth(problems: &mut Problems, given: Option<MoneyInput>, currency: Currency) -> Option<Money> {
    let money = problems.take("value", given?.resolve(currency))?;
    problems.check(money.minor >= 0, "value", "must not be negative");
    Some(money)
}

fn reason(problems: &mut Problems, given: Option<&str>, stage: LeadStage) -> Option<String> {
    let text = problems.line("outcome_reason", given?, 100, true);
    if text.is_empty() {
        return None;
    }
    problems.check(
        !stage.is_open(),
        "outcome_reason",
        format!("is for leads that are converted or disqualified; this one is {stage}"),
    );
    Some(text)
}

fn check_custom(problems: &mut Problems, fields: &serde_json::Map<String, Value>) {
    let most = groundswell_domain::leads::MAX_CUSTOM_FIELDS;
    problems.check(
        fields.len() <= most,
        "custom_fields",
        format!("at most {most} fields"),
    );
    problems.check(
        fields.keys().all(|key| (1..=100).contains(&key.chars().count())),
        "custom_fields",
        "keys have 1 to 100 characters",
    );
    problems.json("custom_fields", &Value::Object(fields.clone()));
}

pub async fn get_lead(app: &App, scope: &Scope, id: LeadId) -> Result<Lead, Error> {
    scope.require(Permission::LeadsRead)?;
    require(app.store.read(scope).as_ref(), id).await
}

/// The lead; one that was merged says where it is.
pub(crate) async fn require<R: Repos + ?Sized>(repos: &R, id: LeadId) -> Result<Lead, Error> {
    if let Some(lead) = repos.leads().get(id).await? {
        return Ok(lead);
    }
    // A client must not learn of leads that are not its own.
    match repos.merges().merged_into(id).await? {
        Some(into) if repos.leads().get(into).await?.is_some() => Err(Error::Merged { into }),
        _ => Err(MISSING),
    }
}

pub async fn list_leads(
    app: &App,
    scope: &Scope,
    filter: &LeadFilter,
    page: &PageRequest<LeadSort>,
) -> Result<Page<Lead>, Error> {
    scope.require(Permission::LeadsRead)?;
    filter.check()?;
    let repos = app.store.read(scope);
    let mut filter = filter.clone();
    segments::of_filter(app, repos.as_ref(), &mut filter).await?;
    Ok(repos.leads().list(&filter, page).await?)
}

pub async fn replace_lead(
    app: &App,
    scope: &Scope,
    id: LeadId,
    new: NewLead,
    expected: Option<i32>,
) -> Result<Lead, Error> {
    change(app, scope, id, expected, |old, currency| {
        from_input(app, new, Some(&old), currency)
    })
    .await
}

pub async fn update_lead(
    app: &App,
    scope: &Scope,
    id: LeadId,
    patch: LeadPatch,
    expected: Option<i32>,
) -> Result<Lead, Error> {
    change(app, scope, id, expected, |old, currency| {
        patched(app, old, patch, currency)
    })
    .await
}

fn patched(app: &App, mut lead: Lead, patch: LeadPatch, currency: Currency) -> Result<Lead, Error> {
    let mut problems = Problems::new();
    if let Some(text) = patch.email
        && let Some(email) = problems.take("email", text.parse::<EmailAddress>())
    {
        lead.set_email(email);
    }
    let mut profile = lead.profile();
    let texts = [
        ("name", patch.name),
        ("phone", patch.phone),
        ("company", patch.company),
        ("title", patch.title),
    ];
    for (field, text) in texts {
        match text {
            Patch::Absent => {}
            Patch::Null => drop(problems.take(field, profile.set(field, Value::Null))),
            Patch::Value(text) => drop(problems.take(field, profile.set(field, Value::String(text)))),
        }
    }
    match patch.custom_fields {
        Patch::Absent => {}
        Patch::Null => profile.custom_fields.clear(),
        Patch::Value(fields) => {
            for (key, value) in fields {
                if value.is_null() {
                    profile.custom_fields.remove(&key);
                } else {
                    profile.custom_fields.insert(key, value);
                }
            }
            check_custom(&mut problems, &profile.custom_fields);
        }
    }
    lead.set_profile(profile);
    if let Some(source) = patch.source {
        lead.source = problems.line("source", &source, 60, false);
    }
    patch.tags.apply_or_default(&mut lead.tags);
    patch.client_id.apply(&mut lead.client_id);
    match patch.value {
        Patch::Absent => {}
        Patch::Null => lead.value = None,
        Patch::Value(value) => lead.value = worth(&mut problems, Some(value), currency),
    }
    let now = app.now();
    lead.move_to(meant(lead.stage, patch.stage, patch.status)?, now)?;
    match patch.outcome_reason {
        Patch::Absent => {}
        Patch::Null => lead.outcome_reason = None,
        Patch::Value(text) => lead.outcome_reason = reason(&mut problems, Some(&text), lead.stage),
    }
    problems.finish()?;
    lead.updated_at = now;
    lead.version += 1;
    Ok(lead)
}

async fn change(
    app: &App,
    scope: &Scope,
    id: LeadId,
    expected: Option<i32>,
    edit: impl FnOnce(Lead, Currency) -> Result<Lead, Error>,
) -> Result<Lead, Error> {
    scope.require(Permission::LeadsWrite)?;
    let region = organization::region(app, scope).await?;
    let unit = app.store.begin(scope).await?;
    let old = require(unit.as_ref(), id).await?;
    let (current, address) = (old.version, old.email.key());
    let (stage, since) = (old.stage, old.stage_since);
    version::check("lead", current, expected)?;
    let currency = organization::currency(unit.as_ref()).await?;
    let mut lead = edit(old, currency)?;
    lead.read_phone(region);
    if lead.email.key() != address {
        check_not_erased(app, scope, unit.as_ref(), &lead.email).await?;
    }
    check_client(scope, unit.as_ref(), lead.client_id).await?;
    version::written(
        "lead",
        unit.leads().update(&lead, current).await.map_err(taken)?,
        current,
    )?;
    if lead.stage != stage {
        qualification::set_by_hand(app, scope, unit.as_ref(), &lead).await?;
    }
    let moved = (lead.stage != stage).then(|| history::stage_changed(app, scope, &lead, (stage, since)));
    let sum = scoring::changed(app, scope, unit.as_ref(), lead.id, moved.as_slice()).await?;
    lead.score = sum.unwrap_or(lead.score);
    unit.commit().await?;
    Ok(lead)
}

pub async fn delete_lead(app: &App, scope: &Scope, id: LeadId) -> Result<(), Error> {
    scope.require(Permission::LeadsWrite)?;
    let unit = app.store.begin(scope).await?;
    unit.sequences().lock_leads(&[id]).await?;
    unit.sequences().leads_go(&[id], ExitReason::Deleted).await?;
    if !unit.leads().delete(id).await? {
        return Err(MISSING);
    }
    let event = Event::of(AuditAction::LeadDeleted, id);
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}

pub async fn overview(app: &App, scope: &Scope) -> Result<LeadOverview, Error> {
    scope.require(Permission::LeadsRead)?;
    Ok(LeadOverview::from(
        &app.store.read(scope).leads().status_counts().await?,
    ))
}
