//! Create, replace, change, delete.

use super::MISSING;
use super::commands::{BulkCreated, CampaignPatch, NewCampaign, NewCampaigns};
use super::lifecycle;
use crate::audit::{self, Event};
use crate::email::{topics, with_shared};
use crate::organization::currency;
use crate::{App, clients, effect, version};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::campaigns::{
    Action, Campaign, CampaignContent, CampaignMetrics, CampaignStatus, Delivery, UtmPlan,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{LeadFilter, Tags};
use groundswell_domain::money::{Currency, MoneyInput};
use groundswell_domain::validate::Problems;
use groundswell_domain::{CampaignId, Error, FieldError, Patch, Scope, TopicId, UnitOfWork};
use serde_json::json;

/// Most campaigns in one bulk request.
const MAX_BULK: usize = 100;

pub async fn create_campaign(app: &App, scope: &Scope, new: NewCampaign) -> Result<Campaign, Error> {
    scope.require(Permission::CampaignsWrite)?;
    let unit = app.store.begin(scope).await?;
    let currency = currency(unit.as_ref()).await?;
    let campaign = insert(app, scope, unit.as_ref(), new, currency).await?;
    effect::commit(app, scope, unit, Outcome::Created, &campaign).await?;
    Ok(campaign)
}

/// All or none; problems are named by the place in the list.
pub async fn create_campaigns(app: &App, scope: &Scope, new: NewCampaigns) -> Result<BulkCreated, Error> {
    scope.require(Permission::CampaignsWrite)?;
    if !(1..=MAX_BULK).contains(&new.campaigns.len()) {
        return Err(Error::invalid(
            "campaigns",
            format!("must have 1 to {MAX_BULK} campaigns"),
        ));
    }
    let unit = app.store.begin(scope).await?;
    let currency = currency(unit.as_ref()).await?;
    let mut campaigns = Vec::new();
    let mut problems = Vec::new();
    for (index, new) in new.campaigns.into_iter().enumerate() {
        match insert(app, scope, unit.as_ref(), new, currency).await {
            Ok(campaign) => campaigns.push(campaign),
            Err(Error::Invalid(fields)) => problems.extend(
                fields
                    .into_iter()
                    .map(|f| FieldError::new(format!("campaigns[{index}].{}", f.field), f.message)),
            ),
            Err(other) => return Err(other),
        }
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let answer = BulkCreated {
        created: campaigns.len(),
        campaigns,
    };
    effect::commit(app, scope, unit, Outcome::Created, &answer).await?;
    Ok(answer)
}

async fn insert(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    new: NewCampaign,
    currency: Currency,
) -> Result<Campaign, Error> {
    let now = app.now();
    let mut campaign = Campaign {
        id: app.id(),
        name: String::new(),
        kind: new.kind,
        status: CampaignStatus::Draft,
        objective: None,
        description: None,
        budget_allocated: None,
        currency,
        channels: Vec::new(),
        target_audience: LeadFilter::default(),
        content: CampaignContent::default(),
        delivery: Delivery::default(),
        utm: UtmPlan::default(),
        topic_id: None,
        goal: None,
        resend_of: None,
        metrics: CampaignMetrics::default(),
        start_date: None,
        end_date: None,
        client_id: None,
        project_id: None,
        created_by: scope.actor.user(),
        failure: None,
        created_at: now,
        updated_at: now,
        version: 1,
        run: 0,
        frozen: None,
        tags: None,
        audience: None,
        snapshot_after: None,
        snapshot_done: false,
        launched_at: None,
    };
    fill(app, unit, &mut campaign, new, currency).await?;
    unit.campaigns().insert(&campaign).await?;
    Ok(campaign)
}

/// Takes over everything a caller describes, and checks it.
async fn fill(
    app: &App,
    unit: &dyn UnitOfWork,
    campaign: &mut Campaign,
    new: NewCampaign,
    currency: Currency,
) -> Result<(), Error> {
    let mut problems = Problems::new();
    campaign.name = new.name;
    campaign.kind = new.kind;
    campaign.objective = new.objective;
    campaign.description = new.description;
    set_budget(
        &mut problems,
        campaign,
        &new.budget.map_or(Patch::Null, Patch::Value),
        currency,
    );
    campaign.channels = new.channels;
    campaign.target_audience = new.target_audience;
    campaign.content = new.content;
    campaign.delivery = new.delivery;
    campaign.utm = new.utm;
    let topic = std::mem::replace(&mut campaign.topic_id, new.topic_id);
    campaign.goal = new.goal;
    campaign.start_date = new.start_date;
    campaign.end_date = new.end_date;
    campaign.client_id = new.client_id;
    campaign.project_id = new.project_id;
    check(app, unit, campaign, topic, problems).await
}

pub async fn replace_campaign(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    new: NewCampaign,
    expected: Option<i32>,
) -> Result<Campaign, Error> {
    let (unit, mut campaign) = editable(app, scope, id, expected).await?;
    let currency = currency(unit.as_ref()).await?;
    let before = campaign.clone();
    fill(app, unit.as_ref(), &mut campaign, new, currency).await?;
    save(app, unit, before, campaign).await
}

pub async fn update_campaign(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    patch: CampaignPatch,
    expected: Option<i32>,
) -> Result<Campaign, Error> {
    let (unit, mut campaign) = editable(app, scope, id, expected).await?;
    let before = campaign.clone();
    let mut problems = Problems::new();
    let currency = currency(unit.as_ref()).await?;
    set_budget(&mut problems, &mut campaign, &patch.budget, currency);
    campaign.name = patch.name.unwrap_or(campaign.name);
    campaign.kind = patch.kind.unwrap_or(campaign.kind);
    patch.objective.apply(&mut campaign.objective);
    patch.description.apply(&mut campaign.description);
    campaign.channels = patch.channels.unwrap_or(campaign.channels);
    campaign.target_audience = patch.target_audience.unwrap_or(campaign.target_audience);
    campaign.content = patch.content.unwrap_or(campaign.content);
    campaign.delivery = patch.delivery.unwrap_or(campaign.delivery);
    campaign.utm = patch.utm.unwrap_or(campaign.utm);
    patch.topic_id.apply(&mut campaign.topic_id);
    patch.goal.apply(&mut campaign.goal);
    patch.start_date.apply(&mut campaign.start_date);
    patch.end_date.apply(&mut campaign.end_date);
    patch.client_id.apply(&mut campaign.client_id);
    patch.project_id.apply(&mut campaign.project_id);
    check(app, unit.as_ref(), &mut campaign, before.topic_id, problems).await?;
    save(app, unit, before, campaign).await
}

async fn editable(
    app: &App,
    scope: &Scope,
    id: CampaignId,
    expected: Option<i32>,
) -> Result<(Box<dyn UnitOfWork>, Campaign), Error> {
    scope.require(Permission::CampaignsWrite)?;
    let unit = app.store.begin(scope).await?;
    let campaign = unit.campaigns().get_locked(id).await?.ok_or(MISSING)?;
    version::check("campaign", campaign.version, expected)?;
    campaign.status.after(Action::Edit)?;
    if campaign.status == CampaignStatus::Scheduled {
        // Whoever changes what will go out must be allowed to send it.
        scope.require(Permission::CampaignsLaunch)?;
    }
    Ok((unit, campaign))
}

async fn save(
    app: &App,
    unit: Box<dyn UnitOfWork>,
    before: Campaign,
    mut campaign: Campaign,
) -> Result<Campaign, Error> {
    if before.launched_at.is_some()
        && (before.target_audience != campaign.target_audience
            || before.content != campaign.content
            || before.utm != campaign.utm
            || before.topic_id != campaign.topic_id
            || before.channels != campaign.channels
            || before.kind != campaign.kind)
    {
        return Err(Error::conflict(
            "campaign_state",
            "this campaign was launched: its audience, content, links, topic, channels and type can't be changed any more",
        ));
    }
    campaign.updated_at = app.now();
    campaign.version += 1;
    if campaign.status == CampaignStatus::Scheduled && campaign.start_date != before.start_date {
        lifecycle::book_start(app, unit.as_ref(), &mut campaign).await?;
    }
    version::written(
        "campaign",
        unit.campaigns().update(&campaign, before.version).await?,
        before.version,
    )?;
    unit.commit().await?;
    Ok(campaign)
}

/// The budget brings its currency along; clearing it goes back to the organization's.
fn set_budget(
    problems: &mut Problems,
    campaign: &mut Campaign,
    budget: &Patch<MoneyInput>,
    currency: Currency,
) {
    match budget {
        Patch::Absent => {}
        Patch::Null => (campaign.budget_allocated, campaign.currency) = (None, currency),
        Patch::Value(input) => {
            if let Some(money) = problems.take("budget", input.resolve(currency)) {
                problems.check(money.minor >= 0, "budget", "must not be negative");
                (campaign.budget_allocated, campaign.currency) = (Some(money.amount()), money.currency);
            }
        }
    }
}

/// A topic that it had `before` may have been archived since.
async fn check(
    app: &App,
    unit: &dyn UnitOfWork,
    campaign: &mut Campaign,
    before: Option<TopicId>,
    mut problems: Problems,
) -> Result<(), Error> {
    campaign.name = problems.line("name", &campaign.name, 200, false);
    for (field, text) in [
        ("objective", &campaign.objective),
        ("description", &campaign.description),
    ] {
        problems.text(field, text.as_deref().unwrap_or_default(), 5000);
    }
    if campaign.channels.is_empty() {
        campaign.channels = vec![campaign.kind.to_string()];
    }
    problems.check(campaign.channels.len() <= 20, "channels", "at most 20");
    for channel in &campaign.channels {
        problems.line("channels", channel, 40, false);
    }
    problems.check(
        !matches!((campaign.start_date, campaign.end_date), (Some(start), Some(end)) if end <= start),
        "end_date",
        "must be after start_date",
    );
    campaign.start_date = problems.time("start_date", campaign.start_date);
    campaign.end_date = problems.time("end_date", campaign.end_date);
    campaign.delivery.check(&mut problems);
    campaign.utm.check(&mut problems);
    if let Some(goal) = &mut campaign.goal {
        goal.check(&mut problems);
    }
    let topic = topics::check(unit, &mut problems, campaign.topic_id, before).await?;
    if let Some(topic) = topic.filter(|topic| !topic.fits(campaign.client_id)) {
        let message = format!("the topic `{}` belongs to another client", topic.name);
        problems.add("topic_id", message);
    }
    check_audience(&mut problems, &mut campaign.target_audience);
    if let Some(segment) = campaign.target_audience.segment_id {
        // Locked, so that it does not go away before the campaign is there that needs it.
        let known = unit.segments().get_locked(segment).await?.is_some();
        problems.check(known, "target_audience.segment_id", "there is no such segment");
    }
    clients::check_links(unit, &mut problems, campaign.client_id, campaign.project_id).await?;
    let mut all: Vec<FieldError> = problems.into();
    all.extend(check_content(app, unit, &campaign.content).await?);
    if all.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(all))
    }
}

fn check_audience(problems: &mut Problems, audience: &mut LeadFilter) {
    for (field, tags) in [
        ("tags_any", &mut audience.tags_any),
        ("tags_all", &mut audience.tags_all),
    ] {
        if let Some(parsed) = problems.take(&format!("target_audience.{field}"), Tags::parse(&*tags)) {
            *tags = parsed.into();
        }
    }
    if let Some(ids) = &audience.lead_ids {
        problems.check(ids.len() <= 10_000, "target_audience.lead_ids", "at most 10000");
    }
    for (field, text) in [("source", &audience.source), ("company", &audience.company)] {
        problems.text(
            &format!("target_audience.{field}"),
            text.as_deref().unwrap_or_default(),
            300,
        );
    }
}

/// A draft may be incomplete; what is there must be right.
async fn check_content(
    app: &App,
    unit: &dyn UnitOfWork,
    content: &CampaignContent,
) -> Result<Vec<FieldError>, Error> {
    if content.is_empty() {
        return Ok(Vec::new());
    }
    let own = content.subject.is_some() || content.html.is_some() || content.text.is_some();
    if let Some(template) = content.template_id {
        if own {
            let message = "give either a template_id or a mail of its own, not both";
            return Ok(vec![FieldError::new("content", message)]);
        }
        let known = unit.templates().get(template).await?.is_some();
        let missing = FieldError::new("content.template_id", "there is no such template");
        return Ok(if known { Vec::new() } else { vec![missing] });
    }
    let Some(mail) = content.own_mail() else {
        return Ok(vec![FieldError::new(
            "content",
            "a mail needs both subject and html",
        )]);
    };
    let mail = with_shared(app, unit, mail).await?;
    let renamed =
        |problem: FieldError| FieldError::new(format!("content.{}", problem.field), problem.message);
    Ok(app
        .templates
        .compile(&mail)
        .err()
        .unwrap_or_default()
        .into_iter()
        .map(renamed)
        .collect())
}

pub async fn delete_campaign(app: &App, scope: &Scope, id: CampaignId) -> Result<(), Error> {
    scope.require(Permission::CampaignsWrite)?;
    let unit = app.store.begin(scope).await?;
    let campaign = unit.campaigns().get_locked(id).await?.ok_or(MISSING)?;
    campaign.status.after(Action::Delete)?;
    unit.campaigns().delete(id).await?;
    let event = Event::of(AuditAction::CampaignDeleted, id)
        .before(json!({ "name": campaign.name, "status": campaign.status }));
    audit::record(app, scope, unit.as_ref(), event).await?;
    unit.commit().await?;
    Ok(())
}
