//! Writes submissions with their leads, first score entries, consents, jobs and kept answers.
//!
//! Every part finds out by its key whether it is there already, so that doing it again after a commit of unknown fate
//! changes nothing.

use super::{challenges, convert};
use crate::entity::submissions;
use crate::session::Session;
use crate::{consents, dialect, jobs, leads, scoring};
use chrono::TimeDelta;
use groundswell_domain::forms::NewCapture;
use groundswell_domain::idempotency::{IdempotencyRepo, KEPT_HOURS, Outcome};
use groundswell_domain::leads::{Lead, LeadRepo, Score, ScoreEntry, Tags};
use groundswell_domain::{LeadId, StoreError};
use sea_orm::ConnectionTrait;
use std::collections::{BTreeSet, HashMap};

/// Writes captures of one organization, no two of them with the same address; the leads they went to, in their order.
pub(super) async fn write<C: ConnectionTrait + Send>(
    session: &Session<C>,
    captures: &[NewCapture],
) -> Result<Vec<LeadId>, StoreError> {
    let solved = captures
        .iter()
        .filter_map(|capture| Some((capture.challenge.as_ref()?, capture.submission.id)))
        .collect();
    challenges::spend(&session.conn, session.organization, solved).await?;
    let known = upsert(session, captures).await?;
    let lead_of = |capture: &NewCapture| known.get(&capture.lead.id).copied().unwrap_or(capture.lead.id);

    let mut rows = Vec::with_capacity(captures.len());
    for capture in captures {
        let mut row = convert::submission_row(session.organization, &capture.submission)?;
        row.lead_id = lead_of(capture).0;
        rows.push(row);
    }
    let unique = [submissions::Column::OrganizationId, submissions::Column::Id];
    dialect::insert_new::<submissions::Entity>(&session.conn, rows, &unique, &[unique[1]]).await?;

    let happened: Vec<_> = captures
        .iter()
        .flat_map(|capture| capture.events(lead_of(capture)))
        .collect();
    leads::insert_events(&session.conn, session.organization, &happened).await?;
    score_again(session, captures, &known).await?;

    let granted = captures.iter().flat_map(|capture| {
        let row = |consent| consents::row_of(session.organization, lead_of(capture), consent);
        capture.consents.iter().map(row)
    });
    consents::insert_new(&session.conn, granted.collect::<Result<_, _>>()?).await?;

    let new: Vec<_> = captures
        .iter()
        .flat_map(|capture| {
            let jobs = capture
                .job
                .iter()
                .chain(&capture.qualify)
                .chain(&capture.sequences);
            jobs.map(|job| (job, capture.submission.created_at))
        })
        .collect();
    if !new.is_empty() {
        jobs::insert(session, &new).await?;
        session.added_work();
    }
    for capture in captures {
        let Some(key) = &capture.idempotency else { continue };
        let (data, now) = (capture.answer(lead_of(capture)), capture.submission.created_at);
        let until = now + TimeDelta::hours(KEPT_HOURS);
        session.record(key, Outcome::Recorded, &data, now, until).await?;
    }
    Ok(captures.iter().map(lead_of).collect())
}

/// Of leads that were known, by models that look at all of a lead. After its events.
async fn score_again<C: ConnectionTrait + Send>(
    session: &Session<C>,
    captures: &[NewCapture],
    known: &HashMap<LeadId, LeadId>,
) -> Result<(), StoreError> {
    for capture in captures.iter().filter(|capture| !capture.scorers.is_additive()) {
        if let Some(lead) = known.get(&capture.lead.id) {
            let now = capture.scored_at;
            scoring::rescore(
                &session.conn,
                session.organization,
                &capture.scorers,
                &[lead.0],
                now,
            )
            .await?;
        }
    }
    Ok(())
}

/// Adds or completes the leads, with their score. Answers which known lead each new one turned out to be.
async fn upsert<C: ConnectionTrait + Send>(
    session: &Session<C>,
    captures: &[NewCapture],
) -> Result<HashMap<LeadId, LeadId>, StoreError> {
    let first: Vec<_> = captures
        .iter()
        .map(|capture| (&capture.lead, capture.score.as_slice()))
        .collect();
    let added = leads::insert_scored(&session.conn, session.organization, &first).await?;
    let met: Vec<_> = captures
        .iter()
        .filter(|capture| !added.contains(&capture.lead.id))
        .collect();
    if met.is_empty() {
        return Ok(HashMap::new());
    }
    complete(session, &met).await
}

async fn complete<C: ConnectionTrait + Send>(
    session: &Session<C>,
    captures: &[&NewCapture],
) -> Result<HashMap<LeadId, LeadId>, StoreError> {
    let keys: Vec<_> = captures.iter().map(|capture| capture.lead.email.key()).collect();
    let rows = leads::rows_by_email_keys(&session.conn, session.organization, &keys).await?;
    let (mut owners, mut found) = (HashMap::new(), HashMap::with_capacity(rows.len()));
    for row in rows {
        // Nothing here is about the score, and no writer takes it from a lead.
        let lead = row.with(Score::default())?;
        owners.insert(lead.email.key(), lead.id);
        found.insert(lead.id, lead);
    }
    let others: Vec<String> = keys
        .iter()
        .filter(|key| !owners.contains_key(*key))
        .cloned()
        .collect();
    if !others.is_empty() {
        let aliases = leads::aliases(&session.conn, session.organization, &others).await?;
        owners.extend(aliases.into_iter().map(|(key, id)| (key, id.into())));
    }
    let (mut known, mut changed, mut scores) = (HashMap::new(), BTreeSet::new(), Vec::new());
    for (capture, key) in captures.iter().zip(&keys) {
        let Some(lead) = owners.get(key).and_then(|id| found.get_mut(id)) else {
            // It was deleted between the two statements.
            return Err(StoreError::Unavailable("the lead is just being deleted".into()));
        };
        known.insert(capture.lead.id, lead.id);
        if capture.scorers.is_additive() {
            scores.extend(capture.score.iter().map(|line| ScoreEntry {
                lead_id: lead.id,
                ..line.clone()
            }));
        }
        let told = capture.lead.profile();
        let mut profile = lead.profile();
        let renewed = profile.renew(&told, &capture.renewed);
        lead.set_profile(profile);
        // Tags of a capture say how its lead came to be; this one was there before.
        if lead.fill(&told, &Tags::default()) || renewed {
            lead.updated_at = capture.submission.created_at;
            if lead.phone == capture.lead.phone {
                lead.phone_e164.clone_from(&capture.lead.phone_e164);
            }
            changed.insert(lead.id);
        }
    }
    let changed: Vec<Lead> = changed.iter().filter_map(|id| found.remove(id)).collect();
    if !changed.is_empty() {
        session.update_many(&changed).await?;
    }
    session.add_score(&scores).await?;
    Ok(known)
}
