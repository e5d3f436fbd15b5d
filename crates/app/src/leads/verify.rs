//! Asks the DNS whether the addresses of leads can be reached: some time after they came, never while somebody waits.
//!
//! A sweep, and not a job for each lead: a form that takes a thousand leads a second costs no more for it, and an import of a
//! hundred thousand leads asks about each of its domains once.

use crate::jobs::{Progress, Stop};
use crate::{App, scoring};
use futures_util::{StreamExt, stream};
use groundswell_domain::email::{Checked, Due, Verdict, Verification, VerifyLeads, next_check};
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, Scope};
use std::collections::{BTreeSet, HashMap};

/// Organizations that are looked at together.
const PAGE: u32 = 200;
/// Leads of one round.
const ROUND: u32 = 1_000;
/// Domains that are asked about at the same time.
const AT_ONCE: usize = 32;

/// Puts a job into the queue for each organization that has leads to look at. Any number of processes may do so, as often as
/// they like. Answers how many organizations they were.
pub async fn schedule_verification(app: &App) -> Result<u64, Error> {
    if !app.settings.verify_addresses {
        return Ok(0);
    }
    let now = app.now();
    let (mut after, mut due) = (None, 0);
    loop {
        let page = app
            .system
            .leads()
            .organizations_to_verify(now, after, PAGE)
            .await?;
        for organization in &page {
            let scope = Scope::job(*organization, app.request_id());
            let job = NewJob::new(app.id(), &VerifyLeads {}, now).unique("verification");
            let unit = app.store.begin(&scope).await?;
            unit.jobs().enqueue(&job, now).await?;
            unit.commit().await?;
            due += 1;
        }
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(*last),
            _ => return Ok(due),
        }
    }
}

/// The job: rounds of leads, each domain asked about once.
pub async fn verify_leads(app: &App, scope: &Scope, stop: &Stop) -> Result<Progress, Error> {
    let mut known = HashMap::new();
    while !stop.is_set() {
        let now = app.now();
        let due = app
            .store
            .read(scope)
            .leads()
            .due_for_verification(now, ROUND)
            .await?;
        if due.is_empty() {
            return Ok(Progress::Done);
        }
        ask(app, &due, &mut known).await;
        let checked: Vec<Checked> = due.iter().map(|lead| check(app, lead, &known)).collect();
        let unit = app.store.begin(scope).await?;
        let written = unit.leads().verified(&checked).await?;
        // Rules may ask what was found.
        let looked_at: Vec<_> = checked.iter().map(|lead| lead.id).collect();
        scoring::refit(app, scope, unit.as_ref(), &looked_at).await?;
        unit.commit().await?;
        if written == 0 {
            // Somebody else is writing them: the next sweep finds what is left.
            return Ok(Progress::Done);
        }
    }
    Ok(Progress::ContinueAt(app.now()))
}

/// Adds the verdicts of domains that are not known yet.
async fn ask(app: &App, due: &[Due], known: &mut HashMap<String, Verdict>) {
    let domains: BTreeSet<String> = due.iter().map(|lead| lead.email.ascii_domain()).collect();
    let new: Vec<String> = domains
        .into_iter()
        .filter(|domain| !known.contains_key(domain))
        .collect();
    let asked = stream::iter(new).map(|domain| async move {
        let verdict = app.exchangers.takes_mail(&domain).await;
        (domain, verdict)
    });
    let answers: Vec<(String, Verdict)> = asked.buffer_unordered(AT_ONCE).collect().await;
    known.extend(answers);
}

fn check(app: &App, lead: &Due, known: &HashMap<String, Verdict>) -> Checked {
    let now = app.now();
    let domain = lead.email.ascii_domain();
    let mx = known.get(&domain).copied().unwrap_or(Verdict::Unknown);
    Checked {
        id: lead.id,
        email_key: lead.email.key(),
        verification: Verification::of(&lead.email).with_mx(mx, now),
        next: next_check(mx, lead.created_at, now),
    }
}
