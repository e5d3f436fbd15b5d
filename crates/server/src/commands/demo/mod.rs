//! `groundswell demo`: one organization with believable data, made through the same use-cases as everything else.

mod people;

use super::open;
use crate::cli::DemoArgs;
use crate::config::{Config, Transport};
use chrono::TimeDelta;
use groundswell_app::App;
use groundswell_app::campaigns::{NewCampaign, create_campaign, get_campaign, launch};
use groundswell_app::clients::{NewClient, create_client};
use groundswell_app::email::{
    Choice, TemplateInput, Visit, create_template, record_click, record_open, unsubscribe,
};
use groundswell_app::forms::{Capture, capture, create_form};
use groundswell_app::identity::{NewAccount, register_with_role};
use groundswell_app::leads::{LeadPatch, list_leads, update_lead};
use groundswell_app::projects::{NewProject, create_project};
use groundswell_domain::campaigns::{CampaignStatus, SnapshotAudience};
use groundswell_domain::email::classify::Method;
use groundswell_domain::email::{MessageFilter, MessageSort, MessageStatus, Settled, Settlement, TakeVisits};
use groundswell_domain::forms::Attribution;
use groundswell_domain::identity::Role;
use groundswell_domain::jobs::JobPayload;
use groundswell_domain::leads::LeadFilter;
use groundswell_domain::projects::Project;
use groundswell_domain::{CampaignId, Error, Origin, PageRequest, Scope, Sort};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use std::process::ExitCode;

/// Leads that the demo has.
const LEADS: usize = 500;

pub(super) async fn demo(config: &Config, args: DemoArgs) -> Result<ExitCode, String> {
    if config.email.transport != Transport::Outbox {
        return Err(
            "the demo makes people up, and no mail must go to them: run it with email.transport = \"outbox\""
                .into(),
        );
    }
    let composed = open(config).await?;
    let app = &composed.app;
    let password = args.password.unwrap_or_else(|| made_up(app));
    let account = NewAccount {
        email: args.email.clone(),
        password: password.clone().into(),
        name: "Dana Demo".into(),
        organization_name: "Harbor & Pine Coffee Roasters".into(),
    };
    let (organization, user) = register_with_role(app, account, Role::CompanyAdmin)
        .await
        .map_err(|error| match error {
            Error::Conflict { .. } => format!(
                "there is a demo already: sign in as {}, or give another --email",
                args.email
            ),
            other => other.to_string(),
        })?;
    let mut scope = Scope::system(organization.id, app.request_id());
    scope.actor = groundswell_domain::Actor::User {
        user: user.id,
        session: app.id(),
    };
    Box::pin(fill(app, &scope))
        .await
        .map_err(|error| error.to_string())?;
    println!("The demo is ready: {LEADS} leads, two forms, two clients, a finished and a running campaign.");
    println!("  sign in   {}", args.email);
    println!("  password  {password}");
    println!("  try       {}docs", app.settings.public_url);
    Ok(ExitCode::SUCCESS)
}

fn made_up(app: &App) -> String {
    let mut bytes = [0; 12];
    app.entropy.fill(&mut bytes);
    bytes
        .iter()
        .fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

async fn fill(app: &App, scope: &Scope) -> Result<(), Error> {
    let newsletter = create_form(app, scope, input(people::newsletter_form())?).await?;
    let tasting = create_form(app, scope, input(people::tasting_form())?).await?;
    for index in 0..LEADS {
        let form = if index % 3 == 0 { &tasting } else { &newsletter };
        capture(app, scope.request, form, visitor(index)).await?;
    }
    let template = create_template(app, scope, input::<TemplateInput>(people::template())?).await?;
    sort_leads(app, scope).await?;

    let [spring, trial] = people::clients();
    let spring = client_with_project(app, scope, spring).await?;
    let trial = client_with_project(app, scope, trial).await?;

    let finished = create_campaign(
        app,
        scope,
        input::<NewCampaign>(people::finished_campaign(template.id, &spring))?,
    )
    .await?;
    launch(app, scope, finished.id).await?;
    groundswell_worker::drain(app).await?;
    react(app, scope, finished.id).await?;
    groundswell_worker::drain_kind(app, TakeVisits::KIND).await?;

    let running = create_campaign(
        app,
        scope,
        input::<NewCampaign>(people::running_campaign(template.id, &trial))?,
    )
    .await?;
    launch(app, scope, running.id).await?;
    groundswell_worker::drain_kind(app, SnapshotAudience::KIND).await?;
    put_off(app, scope, running.id).await?;
    groundswell_worker::drain(app).await?;
    let done = get_campaign(app, scope, finished.id).await?;
    if done.status != CampaignStatus::Completed {
        return Err(Error::internal(format!(
            "the finished campaign is {}",
            done.status
        )));
    }
    Ok(())
}

async fn client_with_project(
    app: &App,
    scope: &Scope,
    (client, project): (Value, Value),
) -> Result<Project, Error> {
    let client = create_client(app, scope, input::<NewClient>(client)?).await?;
    let mut project = input::<NewProject>(project)?;
    project.client_id = Some(client.id);
    create_project(app, scope, project).await
}

/// Some people's mail servers are slow to accept: their mails wait for another try, so the campaign is still running
/// when someone looks.
async fn put_off(app: &App, scope: &Scope, campaign: CampaignId) -> Result<(), Error> {
    let now = app.now();
    let lease = app.id();
    let unit = app.store.begin(scope).await?;
    let claimed = unit
        .messages()
        .claim_campaign(campaign, 37, lease, now, now + TimeDelta::minutes(1))
        .await?;
    let ends: Vec<_> = claimed
        .iter()
        .map(|message| Settlement {
            id: message.id,
            lease,
            end: Settled::Retry {
                reason: "451 4.7.1 greylisted, try again later".into(),
                at: now + TimeDelta::hours(6),
            },
        })
        .collect();
    unit.messages().settle(&ends, now).await?;
    unit.commit().await?;
    Ok(())
}
/// The demo's own texts, as a caller of the API would send them.
fn input<T: DeserializeOwned>(value: Value) -> Result<T, Error> {
    serde_json::from_value(value).map_err(Error::internal)
}

fn visitor(index: usize) -> Capture {
    let person = people::person(index);
    let mut answers = Map::new();
    for (name, value) in [
        ("name", json!(person.name)),
        ("email", json!(person.email)),
        ("company", json!(person.company)),
        ("interest", json!(person.interest)),
    ] {
        answers.insert(name.to_owned(), value);
    }
    if index.is_multiple_of(3) {
        answers.insert("seats".to_owned(), json!(1 + index % 6));
    }
    Capture {
        answers,
        custom_fields: Map::new(),
        attribution: Attribution {
            referrer: Some(person.referrer.to_owned()),
            utm_source: Some(person.source.to_owned()),
            utm_medium: Some("web".to_owned()),
            utm_campaign: None,
        },
        user_agent: Some("Mozilla/5.0 (demo)".to_owned()),
        trapped: false,
        took: None,
        idempotency: None,
        challenge: None,
    }
}

/// Gives the leads a past: some were contacted, some qualified, some bought.
async fn sort_leads(app: &App, scope: &Scope) -> Result<(), Error> {
    let mut cursor = None;
    let mut index = 0;
    loop {
        let request = PageRequest::new(Some(200), cursor, Sort::parse("created_at")?, false)?;
        let page = list_leads(app, scope, &LeadFilter::default(), &request).await?;
        for lead in page.items {
            let (stage, tags) = people::past(index);
            index += 1;
            let patch: LeadPatch = input(json!({ "stage": stage, "tags": tags }))?;
            update_lead(app, scope, lead.id, patch, None).await?;
        }
        cursor = page.next;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

/// Opens and clicks of people who got the finished campaign, by the links in their mails.
async fn react(app: &App, scope: &Scope, campaign: CampaignId) -> Result<(), Error> {
    let filter = MessageFilter {
        campaign_id: Some(campaign),
        status: Some(MessageStatus::Sent),
        ..MessageFilter::default()
    };
    let first = PageRequest::first(200, Sort::descending(MessageSort::CreatedAt));
    let page = app.store.read(scope).messages().list(&filter, &first).await?;
    for (index, message) in page.items.iter().enumerate() {
        let Some(mail) = app.system.outbox().mail(message.id).await? else {
            continue;
        };
        let agent = || Some("Mozilla/5.0 (demo)".to_owned());
        let visit = || Visit {
            user_agent: agent(),
            ip: None,
            method: Method::Get,
            language: true,
        };
        if people::opens(index) {
            for token in tokens(&mail.html, "/t/o/").take(1) {
                record_open(app, token, visit()).await?;
            }
        }
        if people::clicks(index) {
            for token in tokens(&mail.html, "/t/c/").take(1) {
                record_click(app, token, visit()).await?;
            }
        }
        if people::unsubscribes(index) {
            for token in tokens(&mail.html, "/u/").take(1) {
                let origin = Origin {
                    ip: None,
                    user_agent: agent(),
                };
                unsubscribe(app, token, Choice::Everything, origin, app.request_id()).await?;
            }
        }
    }
    Ok(())
}

/// The tokens of links with this path.
fn tokens<'a>(html: &'a str, path: &'a str) -> impl Iterator<Item = &'a str> {
    html.match_indices(path).filter_map(move |(at, _)| {
        let rest = &html[at + path.len()..];
        rest.split(['"', '\'', '<', ' ', '&'])
            .next()
            .filter(|token| !token.is_empty())
    })
}
