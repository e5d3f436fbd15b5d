//! What would happen to a lead.

use super::MISSING;
use super::commands::SimulateInput;
use crate::email::LeftOut;
use crate::{App, timing};
use groundswell_domain::consents::{ConsentFilter, ConsentSort};
use groundswell_domain::email::{MessageFilter, MessageSort};
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Lead, TimelineSort};
use groundswell_domain::paging::MAX_LIMIT;
use groundswell_domain::segments::SentMail;
use groundswell_domain::sequences::{
    Enrollment, ExitReason, Sequence, Simulation, Standing, World, ZoneOf, simulate,
};
use groundswell_domain::timing::{Hours, Model};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, PageRequest, Repos, Scope, SequenceId, Sort};

/// Longest walk, in days.
const MOST_DAYS: u32 = 400;
const DAYS: u32 = 90;
const MOST_ASSUMED: usize = 100;

/// The newest version of the sequence, whatever its state, on a made clock. Of what happened to the lead before, the last 200 events,
/// mails and consents are known.
pub async fn simulate_sequence(
    app: &App,
    scope: &Scope,
    id: SequenceId,
    input: SimulateInput,
) -> Result<Simulation, Error> {
    scope.require(Permission::EmailRead)?;
    // It answers questions about a lead.
    scope.require(Permission::LeadsRead)?;
    let days = input.days.unwrap_or(DAYS);
    let mut problems = Problems::new();
    problems.check(
        (1..=MOST_DAYS).contains(&days),
        "days",
        format!("must be 1 to {MOST_DAYS}"),
    );
    problems.check(
        input.assume.len() <= MOST_ASSUMED
            && input
                .assume
                .iter()
                .all(|one| one.days <= MOST_DAYS && one.hours <= 24 * MOST_DAYS),
        "assume",
        format!("at most {MOST_ASSUMED} things, each within {MOST_DAYS} days"),
    );
    let start = problems.time("start", input.start).unwrap_or_else(|| app.now());
    problems.finish()?;
    let repos = app.store.read(scope);
    let sequence = repos.sequences().get(id).await?.ok_or(MISSING)?;
    let lead = repos.leads().get(input.lead_id).await?;
    let lead = lead.ok_or_else(|| Error::invalid("lead_id", "there is no such lead"))?;
    let Some(first) = sequence.definition.first() else {
        return Err(Error::internal("a sequence without steps"));
    };
    let enrollment = Enrollment::enter(app.id(), (id, sequence.revision), lead.id, first, start);
    let world = world(app, scope, repos.as_ref(), lead, &sequence).await?;
    Ok(simulate(
        &sequence.definition,
        enrollment,
        world,
        &input.assume,
        days,
    ))
}

async fn world(
    app: &App,
    scope: &Scope,
    repos: &dyn Repos,
    lead: Lead,
    sequence: &Sequence,
) -> Result<World, Error> {
    let (definition, topic) = (&sequence.definition, sequence.topic_id);
    let organization = repos.identity().organization().await?;
    let organization = organization.ok_or(Error::NotFound { what: "organization" })?;
    let newest = |field| PageRequest::new(Some(MAX_LIMIT), None, Sort::descending(field), false);
    let events = repos
        .lead_events()
        .timeline(&lead, &newest(TimelineSort::OccurredAt)?)
        .await?;
    let of_lead = MessageFilter {
        lead_id: Some(lead.id),
        ..MessageFilter::default()
    };
    let page = PageRequest::new(
        Some(MAX_LIMIT),
        None,
        Sort::descending(MessageSort::CreatedAt),
        false,
    )?;
    let sent = repos.messages().list(&of_lead, &page).await?;
    let page = PageRequest::new(
        Some(MAX_LIMIT),
        None,
        Sort::descending(ConsentSort::CreatedAt),
        false,
    )?;
    let consents = repos
        .consents()
        .list(lead.id, &ConsentFilter::default(), &page)
        .await?;
    let key = lead.email.key();
    let keys = std::slice::from_ref(&key);
    let left_out = LeftOut::find(app, repos, scope, keys, &[lead.id], topic.as_slice()).await?;
    let standing = match left_out.reason(&key, Some(lead.id), topic) {
        None => Standing::Fine,
        Some(reason) if left_out.by_themselves(&key, lead.id, topic) => {
            Standing::Barred(ExitReason::Unsubscribed, reason)
        }
        Some(reason) => Standing::Barred(ExitReason::Suppressed, reason),
    };
    let cases = repos.qualification().cases(&[lead.id], false, false).await?;
    let habits = timing::models(app, scope, repos, (&organization, &[&lead]))
        .await?
        .pop();
    Ok(World {
        zone: match definition.timing.time_zone {
            ZoneOf::Lead => timing::zone(&lead, &organization),
            ZoneOf::Organization => organization.time_zone.tz(),
        },
        events: events.items,
        sent: sent
            .items
            .into_iter()
            .filter_map(|mail| {
                Some(SentMail {
                    id: mail.id,
                    campaign: mail.campaign_id,
                    at: mail.sent_at?,
                })
            })
            .collect(),
        consents: consents.items,
        standing,
        held: cases.iter().any(|case| case.hold.is_some()),
        organization_zone: organization.time_zone,
        habits: habits.unwrap_or_else(|| Model::new(&Hours::default(), &Hours::default())),
        lead,
    })
}
