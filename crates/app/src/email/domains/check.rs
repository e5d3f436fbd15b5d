//! Looks at the DNS.

use super::commands::DomainView;
use super::{MISSING, NEEDS, spf};
use crate::audit::{self, Event};
use crate::{App, effect, version};
use chrono::{DateTime, Utc};
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::{
    Check, CheckDomain, DomainChecks, SendingDomain, SendingDomainSort, check_dkim, check_dmarc, dmarc_names,
    next_look,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::jobs::NewJob;
use groundswell_domain::{Error, OrganizationId, PageRequest, Scope, SendingDomainId, Sort};
use serde_json::json;

/// Organizations, and domains of one, that are looked up at a time.
const BATCH: u32 = 100;

/// Asks the DNS and keeps what it says: from then on mail is sent from the domain, or no longer.
pub async fn check_domain(app: &App, scope: &Scope, id: SendingDomainId) -> Result<DomainView, Error> {
    scope.require(NEEDS)?;
    look_and_keep(app, scope, id).await
}

/// The job: the same by itself, each day. A domain that is gone by now is nothing to do.
pub async fn check_again(app: &App, scope: &Scope, job: &CheckDomain) -> Result<(), Error> {
    match look_and_keep(app, scope, job.domain_id).await {
        Ok(_) | Err(Error::NotFound { .. }) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Puts a job into the queue for each domain that was not looked at for a day. Any number of processes may do so, as often as they
/// like. Answers how many domains they were.
pub async fn schedule_checks(app: &App) -> Result<u64, Error> {
    let now = app.now();
    let due = app.system.sending().due_domains(now, BATCH).await?;
    let mut domains = 0;
    for (organization, domain_id) in due {
        let scope = Scope::job(organization, app.request_id());
        let job = NewJob::new(app.id(), &CheckDomain { domain_id }, now)
            .unique(format!("email.check_domain:{domain_id}"));
        let unit = app.store.begin(&scope).await?;
        unit.jobs().enqueue(&job, now).await?;
        unit.commit().await?;
        domains += 1;
    }
    Ok(domains)
}

async fn look_and_keep(app: &App, scope: &Scope, id: SendingDomainId) -> Result<DomainView, Error> {
    let found = app.store.read(scope).sending().domain(id).await?;
    // Before the transaction: it takes as long as the DNS does.
    let checks = look(app, &found.ok_or(MISSING)?).await;
    let unit = app.store.begin(scope).await?;
    let mut domain = unit.sending().domain(id).await?.ok_or(MISSING)?;
    let (current, before) = (domain.version, domain.verified_at.is_some());
    let failed = domain.checks.failing();
    let now = app.now();
    domain.take(checks, now);
    domain.check_at = Some(now + next_look(app.jitter()));
    domain.updated_at = now;
    domain.version += 1;
    let written = unit.sending().update_domain(&domain, current).await?;
    version::written("sending domain", written, current)?;
    let after = domain.verified_at.is_some();
    let failing = domain.checks.failing();
    if before != after || failed != failing {
        if !domain.checks.troubles().is_empty() {
            let trouble = domain.checks.troubles().join("; ");
            tracing::warn!(
                domain = domain.domain,
                verified = after,
                trouble,
                "a sending domain is not as it should be"
            );
        }
        let event = Event::of(AuditAction::SendingDomainChecked, id)
            .before(json!({ "verified": before, "failing": failed }))
            .after(json!({ "verified": after, "failing": failing, "reason": domain.checks.dkim.reason }));
        audit::record(app, scope, unit.as_ref(), event).await?;
    }
    let view = DomainView::of(domain, &app.settings.spf);
    effect::commit(app, scope, unit, Outcome::Done, &view).await?;
    app.senders.invalidate(&scope.organization).await;
    Ok(view)
}

/// Everything that is looked at, side by side.
async fn look(app: &App, domain: &SendingDomain) -> DomainChecks {
    let name = &domain.domain;
    let (spf, dkim, dmarc, mx) = futures_util::join!(
        spf::check(app.dns.as_ref(), name, &app.settings.spf),
        dkim(app, domain),
        dmarc(app, name),
        mx(app, name)
    );
    DomainChecks {
        spf,
        dkim,
        dmarc,
        mx,
        checked_at: Some(app.now()),
    }
}

/// The worst of its keys; all of them sign.
async fn dkim(app: &App, domain: &SendingDomain) -> Check {
    let mut good = Vec::new();
    for key in &domain.keys {
        let name = key.name(&domain.domain);
        let check = match app.dns.txt(&name).await {
            Ok(found) => check_dkim(&name, key, &found),
            Err(trouble) => Check::unanswered(&name, &trouble),
        };
        if !check.is_good() {
            return check;
        }
        good.push(check.reason);
    }
    Check::pass(good.join("; "))
}

async fn dmarc(app: &App, domain: &str) -> Check {
    let names = dmarc_names(domain);
    let mut last = Check::unknown("not looked at yet");
    for at in &names {
        let found = match app.dns.txt(at).await {
            Ok(found) => found,
            Err(trouble) => return Check::unanswered(at, &trouble),
        };
        let is_there = found
            .iter()
            .any(|text| text.to_ascii_lowercase().contains("v=dmarc1"));
        last = check_dmarc(domain, at, &found);
        if is_there {
            break;
        }
    }
    last
}

async fn mx(app: &App, domain: &str) -> Check {
    match app.dns.mx(domain).await {
        Err(trouble) => Check::unanswered(domain, &trouble),
        Ok(found) if found.is_empty() => Check::fail(format!(
            "{domain} has no MX record, so answers and bounces to its addresses get lost: set one that leads to a mailbox"
        )),
        Ok(found) if found.iter().all(|(_, name)| name.is_empty()) => Check::fail(format!(
            "{domain} says that it takes no mail (a null MX), so answers and bounces get lost"
        )),
        Ok(found) => {
            let names: Vec<&str> = found.iter().map(|(_, name)| name.as_str()).collect();
            Check::pass(format!("answers and bounces go to {}", names.join(", ")))
        }
    }
}

/// One domain of one organization, looked at now. Nothing is kept.
#[derive(Debug, Clone)]
pub struct DomainReport {
    pub organization: OrganizationId,
    pub domain: String,
    /// Whether mail is sent from it, as the last kept check decided.
    pub verified: bool,
    /// When that was.
    pub checked_at: Option<DateTime<Utc>>,
    pub checks: DomainChecks,
}

/// Looks at the domains of all organizations, for the person at the machine; `report` is called for each.
pub async fn look_at_all(app: &App, report: &mut (dyn FnMut(DomainReport) + Send)) -> Result<(), Error> {
    let mut after = None;
    loop {
        let some = app.system.sending().with_domains(after, BATCH).await?;
        for organization in &some {
            let scope = Scope::operator(*organization, app.request_id());
            // There are no more of one organization.
            let page = PageRequest::first(BATCH, Sort::descending(SendingDomainSort::CreatedAt));
            let domains = app.store.read(&scope).sending().list_domains(&page).await?;
            for domain in domains.items {
                report(DomainReport {
                    organization: *organization,
                    checks: look(app, &domain).await,
                    verified: domain.verified_at.is_some(),
                    checked_at: domain.checks.checked_at,
                    domain: domain.domain,
                });
            }
        }
        match some.last() {
            Some(last) => after = Some(*last),
            None => return Ok(()),
        }
    }
}

impl DomainReport {
    /// What is not right, each with its reason; nothing when all is.
    pub fn troubles(&self) -> Vec<String> {
        self.checks.troubles()
    }
}
