//! What other contexts call when something happened to leads. Costs a look into a cache where no sequence is active.

use super::{enroll, exits, look, wake};
use crate::App;
use groundswell_domain::consents::Purpose;
use groundswell_domain::forms::capture_events;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::sequences::{AfterSubmission, ExitReason, Sequence, Step};
use groundswell_domain::{Error, LeadId, OrganizationId, Repos, Scope, SubmissionId};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Leads in one statement.
const TOGETHER: usize = 500;

/// The active sequences, as they were at most a second ago. Read through `repos`, which may be a transaction: asking for
/// another connection while holding one could wait for ever.
pub(super) async fn active<R: Repos + ?Sized>(
    app: &App,
    organization: OrganizationId,
    repos: &R,
) -> Result<Arc<Vec<Sequence>>, Error> {
    if let Some(kept) = app.sequences.get(&organization).await {
        return Ok(kept);
    }
    let found = Arc::new(repos.sequences().active().await?);
    app.sequences.insert(organization, found.clone()).await;
    Ok(found)
}

/// In the transaction of what happened, which has locked the leads.
pub(crate) async fn after_events<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    events: &[LeadEvent],
) -> Result<(), Error> {
    let gone: BTreeSet<LeadId> = events
        .iter()
        .filter(|event| ends(event))
        .map(|event| event.lead_id)
        .collect();
    exits::exit_all(app, unit, &gone, None, ExitReason::Unsubscribed).await?;
    let sequences = active(app, scope.organization, unit).await?;
    if sequences.is_empty() {
        return Ok(());
    }
    // Those in one that is paused now are found when it goes on.
    for sequence in sequences.iter().filter(|sequence| sequence.topic_id.is_some()) {
        let about = |event: &&LeadEvent| {
            event.kind == LeadEventKind::TopicLeft && event.subject == sequence.topic_id.map(|id| id.0)
        };
        let left = events.iter().filter(about).map(|event| event.lead_id).collect();
        exits::exit_all(app, unit, &left, Some(sequence.id), ExitReason::Unsubscribed).await?;
    }
    for sequence in sequences.iter() {
        // What it does itself lets nobody into it again: that would have no end.
        let own = sequence.id.to_string();
        let is_own = |event: &&LeadEvent| {
            event.subject == Some(sequence.id.0)
                || event.data.get("sequence_id").and_then(|id| id.as_str()) == Some(own.as_str())
        };
        let entering = events
            .iter()
            .filter(|event| !is_own(event) && sequence.entry.lets_in(event));
        let leads: BTreeSet<LeadId> = entering.map(|event| event.lead_id).collect();
        let leads: Vec<LeadId> = leads.into_iter().filter(|lead| !gone.contains(lead)).collect();
        for leads in leads.chunks(TOGETHER) {
            enroll::let_in(app, unit, sequence, leads, None).await?;
        }
    }
    let leads: BTreeSet<LeadId> = events.iter().map(|event| event.lead_id).collect();
    let leads: Vec<LeadId> = leads.into_iter().collect();
    look::soon(app, unit, &sequences, &leads).await?;
    go_on(app, unit, &sequences, &leads).await
}

/// Whoever says this wants no more mail.
fn ends(event: &LeadEvent) -> bool {
    let purpose = || event.data.get("purpose").and_then(|purpose| purpose.as_str());
    match event.kind {
        LeadEventKind::Unsubscribed => true,
        LeadEventKind::ConsentWithdrawn => purpose() == Some(Purpose::marketing().as_str()),
        _ => false,
    }
}

/// In the transaction in which these leads were written.
pub(crate) async fn after_writing<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    unit: &R,
    leads: &[LeadId],
) -> Result<(), Error> {
    if leads.is_empty() {
        return Ok(());
    }
    let sequences = active(app, scope.organization, unit).await?;
    look::soon(app, unit, &sequences, leads).await?;
    go_on(app, unit, &sequences, leads).await
}

/// Looks at those who wait for something.
async fn go_on<R: Repos + ?Sized>(
    app: &App,
    unit: &R,
    sequences: &[Sequence],
    leads: &[LeadId],
) -> Result<(), Error> {
    let listens = |sequence: &Sequence| {
        let definition = &sequence.definition;
        let waits = definition
            .steps
            .iter()
            .any(|step| matches!(step, Step::WaitUntil { .. }));
        // Those inside may be on an older revision.
        waits || !definition.goals.is_empty() || sequence.revision > 1
    };
    if !sequences.iter().any(listens) {
        return Ok(());
    }
    let mut woken = false;
    for leads in leads.chunks(TOGETHER) {
        woken |= unit.sequences().wake(leads, app.now()).await?;
    }
    if woken {
        wake::soon(app, unit).await?;
    }
    Ok(())
}

/// The job that goes with a submission; none where no sequence is active.
pub(crate) async fn after_capture<R: Repos + ?Sized>(
    app: &App,
    scope: &Scope,
    repos: &R,
    submission: SubmissionId,
) -> Result<Option<NewJob>, Error> {
    let sequences = active(app, scope.organization, repos).await?;
    Ok((!sequences.is_empty()).then(|| {
        let payload = AfterSubmission {
            submission_id: submission,
        };
        NewJob::new(app.id(), &payload, app.now())
    }))
}

/// The job: what a submission means for sequences. Doing it twice lets nobody in twice at a time.
pub async fn after_submission(app: &App, scope: &Scope, job: &AfterSubmission) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    let Some(submission) = unit.forms().submission(job.submission_id).await? else {
        return Ok(());
    };
    let lead = submission.lead_id;
    if unit.sequences().lock_leads(&[lead]).await?.is_empty() {
        return Ok(());
    }
    let consents = unit.consents().of_submission(lead, submission.id).await?;
    let events = capture_events(&submission, &consents, lead);
    after_events(app, scope, unit.as_ref(), &events).await?;
    unit.commit().await?;
    Ok(())
}
