//! Who is in a segment.

use super::audience::{moment, of_filter};
use super::commands::{Preview, PreviewRequest};
use super::{MISSING, expression};
use crate::{App, clients, effect};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::leads::{Lead, LeadFilter, LeadSort};
use groundswell_domain::segments::{Chosen, Rule};
use groundswell_domain::validate::Problems;
use groundswell_domain::{Error, Page, PageRequest, Scope, SegmentId};
use std::sync::Arc;

/// Most leads in a sample.
const MOST_SHOWN: u32 = 50;
/// Counts the leads that meet an expression, and shows some of them, without keeping anything.
pub async fn preview_segment(app: &App, scope: &Scope, request: PreviewRequest) -> Result<Preview, Error> {
    scope.require(Permission::LeadsRead)?;
    let started = app.now();
    let repos = app.store.read(scope);
    let mut problems = Problems::new();
    let limit = request.limit.unwrap_or(10);
    problems.check(
        limit <= MOST_SHOWN,
        "limit",
        format!("must be between 0 and {MOST_SHOWN}"),
    );
    clients::check_client(repos.as_ref(), &mut problems, request.client_id).await?;
    let condition = expression::read(repos.as_ref(), &request.expression, &mut problems).await?;
    problems.finish()?;
    let condition = condition.ok_or_else(|| Error::invalid("expression", "is missing"))?;
    let canonical = condition.to_string();
    let rule = Rule {
        condition,
        client: request.client_id,
        moment: moment(app, repos.as_ref()).await?,
    };
    let filter = LeadFilter {
        segment: Some(Chosen::Rule(Arc::new(rule))),
        ..LeadFilter::default()
    };
    let count = repos.leads().count(&filter).await?;
    let mut sample = if limit == 0 || count == 0 {
        Vec::new()
    } else {
        repos.leads().some(&filter, limit).await?
    };
    sample.sort_by_key(|lead| (lead.created_at, lead.id));
    let preview = Preview {
        count,
        sample,
        took_ms: (app.now() - started).num_milliseconds(),
        canonical,
    };
    if scope.idempotency.is_some() {
        let unit = app.store.begin(scope).await?;
        effect::commit(app, scope, unit, Outcome::Done, &preview).await?;
    }
    Ok(preview)
}

pub async fn list_segment_leads(
    app: &App,
    scope: &Scope,
    id: SegmentId,
    page: &PageRequest<LeadSort>,
) -> Result<Page<Lead>, Error> {
    scope.require(Permission::LeadsRead)?;
    let repos = app.store.read(scope);
    repos.segments().get(id).await?.ok_or(MISSING)?;
    let mut filter = LeadFilter {
        segment_id: Some(id),
        ..LeadFilter::default()
    };
    of_filter(app, repos.as_ref(), &mut filter).await?;
    Ok(repos.leads().list(&filter, page).await?)
}
