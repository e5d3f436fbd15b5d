//! Handing over the mails of steps. They are merged when they leave, as campaigns' are, and people who must not be written to
//! by then get none.

use super::known::Definitions;
use crate::email::{
    Batch, Frequency, LeftOut, Room, TrackedLinks, hand_over, lease_end, live_source, merge_fields, settle,
    sweep, with_shared,
};
use crate::forms::lead_token;
use crate::jobs::{Progress, Stop};
use crate::{App, identity, timing};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::email::{
    CompiledTemplate, MergeFields, OutgoingMail, Settled, Settlement, TemplateSource,
};
use groundswell_domain::identity::Organization;
use groundswell_domain::leads::{Lead, LeadFilter};
use groundswell_domain::sequences::{
    ClaimedMail, DeliverSequenceMails, Draft, DraftStatus, MailContent, Step, ZoneOf,
};
use groundswell_domain::{ClientId, Error, LeadId, LeaseToken, Repos, Scope, SequenceId, TopicId};
use serde_json::{Map, json};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Groups in one claim: each costs two commits, a claim costs one more.
const GROUPS: u32 = 5;
/// The only merge field that is left in a draft.
pub(super) const UNSUBSCRIBE: &str = "{{ unsubscribe_url }}";

/// The job.
pub async fn deliver_mails(
    app: &App,
    scope: &Scope,
    job: &DeliverSequenceMails,
    stop: &Stop,
) -> Result<Progress, Error> {
    sweep(app, scope, None).await?;
    let organization = identity::get_organization(app, scope).await?;
    let group = app.settings.send_group.max(1);
    loop {
        let (lease, now): (LeaseToken, _) = (app.id(), app.now());
        let unit = app.store.begin(scope).await?;
        let claimed = unit
            .sequences()
            .claim_batch(job.batch, group * GROUPS, lease, now, lease_end(app, now))
            .await?;
        unit.commit().await?;
        if claimed.is_empty() {
            let next = app.store.read(scope).sequences().batch_due(job.batch).await?;
            return Ok(next.map_or(Progress::Done, |at| {
                Progress::ContinueAt(at.max(now + TimeDelta::seconds(1)))
            }));
        }
        let mails = prepare(app, scope, &organization, lease, &claimed).await?;
        // A lead of a client hears from the client.
        for of_client in mails.chunk_by(|one, next| one.0 == next.0) {
            for mails in of_client.chunks(group as usize) {
                if stop.is_set() || app.is_halted() {
                    give_back(app, scope, lease).await?;
                    return Ok(Progress::ContinueAt(app.now()));
                }
                let batch = Batch {
                    lease,
                    client: mails[0].0,
                    mails: mails.iter().map(|(_, mail)| mail.clone()).collect(),
                };
                if let Some(until) = hand_over(app, scope, batch).await?.busy {
                    give_back(app, scope, lease).await?;
                    return Ok(Progress::ContinueAt(until));
                }
            }
        }
    }
}

async fn give_back(app: &App, scope: &Scope, lease: LeaseToken) -> Result<(), Error> {
    let unit = app.store.begin(scope).await?;
    unit.messages().release(lease, app.now()).await?;
    Ok(unit.commit().await?)
}

/// A mail that is ready, with the tries before this one, and the client of its lead.
type Ready = (Option<ClientId>, (OutgoingMail, i32));

/// Fills in the merge fields. People who must not be written to any more, and mails that can't be made, are settled.
async fn prepare(
    app: &App,
    scope: &Scope,
    organization: &Organization,
    lease: LeaseToken,
    claimed: &[ClaimedMail],
) -> Result<Vec<Ready>, Error> {
    let repos = app.store.read(scope);
    let ids: Vec<LeadId> = claimed.iter().filter_map(|mail| mail.message.lead_id).collect();
    let filter = LeadFilter {
        lead_ids: Some(ids.clone()),
        ..LeadFilter::default()
    };
    let most = u32::try_from(ids.len()).unwrap_or(u32::MAX);
    let leads = repos.leads().after(&filter, None, most.max(1)).await?;
    let leads: HashMap<LeadId, Lead> = leads.into_iter().map(|lead| (lead.id, lead)).collect();
    let keys: Vec<String> = claimed.iter().map(|mail| mail.message.to.key()).collect();
    let topics: BTreeSet<TopicId> = claimed.iter().filter_map(|mail| mail.message.topic_id).collect();
    let topics: Vec<TopicId> = topics.into_iter().collect();
    let left_out = LeftOut::find(app, repos.as_ref(), scope, &keys, &ids, &topics).await?;
    let frequency = Frequency::find(app, repos.as_ref(), organization.mailing, &ids, lease).await?;
    let mut texts = Texts::read(repos.as_ref(), claimed).await?;
    let (mut mails, mut ends, mut later) = (Vec::new(), Vec::new(), Vec::new());
    for (mail, key) in claimed.iter().zip(&keys) {
        let message = &mail.message;
        let lead = message.lead_id.and_then(|id| leads.get(&id));
        let end = match (left_out.reason(key, message.lead_id, message.topic_id), lead) {
            (Some(reason), _) => Some(Settled::Suppressed { reason }),
            (None, None) => Some(Settled::Suppressed {
                reason: "lead deleted".into(),
            }),
            (None, Some(lead)) => {
                // It may have been put off since its step was taken.
                if let Some(slot) = texts.slot(mail, lead, organization, app.now()) {
                    later.push((message.id, slot));
                    continue;
                }
                // A step is not left out because a campaign was first: it waits.
                if let Room::Full(until) | Room::Unclear(until) =
                    frequency.leaving(lead.id, message.id, app.now())
                {
                    later.push((message.id, until));
                    continue;
                }
                let template = texts.template(app, repos.as_ref(), mail, lead.id).await?;
                match template.and_then(|template| merged(app, scope, organization, &template, (mail, lead)))
                {
                    Ok(outgoing) => {
                        mails.push((lead.client_id, (outgoing, message.attempts)));
                        None
                    }
                    Err(reason) => Some(Settled::Failed { reason }),
                }
            }
        };
        ends.extend(end.map(|end| Settlement {
            id: message.id,
            lease,
            end,
        }));
    }
    if !later.is_empty() {
        let unit = app.store.begin(scope).await?;
        unit.messages().postpone(&later, lease, app.now()).await?;
        unit.commit().await?;
    }
    settle(app, scope, &ends).await?;
    mails.sort_by_key(|(client, _)| *client);
    Ok(mails)
}

fn merged(
    app: &App,
    scope: &Scope,
    organization: &Organization,
    template: &Arc<dyn CompiledTemplate>,
    (mail, lead): (&ClaimedMail, &Lead),
) -> Result<OutgoingMail, String> {
    let links = TrackedLinks::new(app, organization, mail.message.id);
    let mut about = merge_fields(lead);
    about["form_token"] = lead_token(app, scope.organization, lead.id).into();
    let fields = MergeFields {
        lead: about,
        organization: json!({ "name": organization.name }),
        variables: Map::new(),
        unsubscribe_url: Some(links.unsubscribe_url()),
    };
    Ok(OutgoingMail {
        organization: scope.organization,
        id: mail.message.id,
        to: mail.message.to.clone(),
        to_name: lead.name.clone(),
        mail: template.render(&fields, Some(&links))?,
        unsubscribe_url: fields.unsubscribe_url,
        auto_submitted: None,
    })
}

/// A template, or why there is none.
type Compiled = Result<Arc<dyn CompiledTemplate>, String>;

/// The templates of a claim, each compiled once.
struct Texts {
    definitions: Definitions,
    drafts: HashMap<(SequenceId, LeadId), Draft>,
    compiled: BTreeMap<(SequenceId, i32, String), Compiled>,
}

impl Texts {
    async fn read<R: Repos + ?Sized>(repos: &R, claimed: &[ClaimedMail]) -> Result<Self, Error> {
        let mut wanted: Vec<(SequenceId, i32)> = claimed
            .iter()
            .map(|mail| (mail.sequence_id, mail.version))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        let definitions = repos.sequences().definitions(&wanted).await?;
        let mut personal: BTreeMap<SequenceId, Vec<LeadId>> = BTreeMap::new();
        for mail in claimed {
            let content = content(&definitions, mail);
            if content.is_some_and(|content| content.personal) {
                personal
                    .entry(mail.sequence_id)
                    .or_default()
                    .extend(mail.message.lead_id);
            }
        }
        let mut drafts = HashMap::new();
        for (sequence, leads) in personal {
            let found = repos.sequences().draft_texts(sequence, &leads).await?;
            drafts.extend(found.into_iter().map(|(lead, draft)| ((sequence, lead), draft)));
        }
        Ok(Self {
            definitions,
            drafts,
            compiled: BTreeMap::new(),
        })
    }

    /// When the mail may leave to the lead, if that is not now.
    fn slot(
        &self,
        mail: &ClaimedMail,
        lead: &Lead,
        organization: &Organization,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let timing = &self.definitions.get(&(mail.sequence_id, mail.version))?.timing;
        let zone = match timing.time_zone {
            ZoneOf::Lead => timing::zone(lead, organization),
            ZoneOf::Organization => organization.time_zone.tz(),
        };
        Some(timing.slot(now, zone, None)).filter(|slot| *slot > now)
    }

    async fn template<R: Repos + ?Sized>(
        &mut self,
        app: &App,
        repos: &R,
        mail: &ClaimedMail,
        lead: LeadId,
    ) -> Result<Compiled, Error> {
        let Some(content) = content(&self.definitions, mail) else {
            return Ok(Err(format!("step `{}` sends no mail", mail.step)));
        };
        if content.personal {
            // After a merge it can be that of the lead that stayed, which nobody approved.
            let draft = self.drafts.get(&(mail.sequence_id, lead));
            let source = draft
                .filter(|draft| draft.status == DraftStatus::Entered)
                .map(literal)
                .ok_or("there is no approved draft for this lead".to_owned());
            return Ok(source.and_then(|source| compile(app, &source)));
        }
        let key = (mail.sequence_id, mail.version, mail.step.clone());
        if let Some(known) = self.compiled.get(&key) {
            return Ok(known.clone());
        }
        let source = source(app, repos, content)
            .await?
            .ok_or("the template is gone".to_owned());
        let compiled = source.and_then(|source| compile(app, &source));
        self.compiled.insert(key, compiled.clone());
        Ok(compiled)
    }
}

fn content<'a>(definitions: &'a Definitions, mail: &ClaimedMail) -> Option<&'a MailContent> {
    match definitions
        .get(&(mail.sequence_id, mail.version))?
        .step(&mail.step)?
    {
        Step::Send { content, .. } => Some(content),
        _ => None,
    }
}

/// What a mail is made from: the one place where sequences read templates.
pub(super) async fn source<R: Repos + ?Sized>(
    app: &App,
    repos: &R,
    content: &MailContent,
) -> Result<Option<TemplateSource>, Error> {
    if let Some(id) = content.template_id {
        return live_source(app, repos, id).await;
    }
    match content.own_mail() {
        Some(mail) => with_shared(app, repos, mail).await.map(Some),
        None => Ok(None),
    }
}

fn compile(app: &App, source: &TemplateSource) -> Compiled {
    app.templates.compile(source).map_err(|problems| {
        let all = problems
            .iter()
            .map(|problem| format!("{}: {}", problem.field, problem.message));
        all.collect::<Vec<_>>().join("; ")
    })
}

/// A draft says what it says: nothing in it is a merge field but the link to unsubscribe. A lead's name may have braces in it.
pub(super) fn literal(draft: &Draft) -> TemplateSource {
    let html = draft.html.split(UNSUBSCRIBE).map(escaped).collect::<Vec<_>>();
    let text = draft.text.as_ref().map(|text| {
        let parts = text.split(UNSUBSCRIBE).map(escaped);
        parts.collect::<Vec<_>>().join(UNSUBSCRIBE)
    });
    TemplateSource::html(escaped(&draft.subject), html.join(UNSUBSCRIBE)).with_text(text)
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        if let Some(b'{' | b'%' | b'#') = tail.as_bytes().get(1) {
            out.push_str("{{ '");
            out.push_str(&tail[..2]);
            out.push_str("' }}");
            rest = &tail[2..];
        } else {
            out.push('{');
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn braces_are_kept_as_they_are() {
        assert_eq!(escaped("a {b} {{ x }} {%"), "a {b} {{ '{{' }} x }} {{ '{%' }}");
        assert_eq!(escaped("{{{#"), "{{ '{{' }}{{ '{#' }}");
    }
}
