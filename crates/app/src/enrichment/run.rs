//! The job: asks one source after the other about one lead, and writes down what each says before it asks the next one.
//!
//! It can be killed anywhere and run again: a source that has answered is not asked again while its answer counts. Nothing is asked while a
//! transaction is open.

use super::ask::{Asked, ask, question};
use super::record::{Known, Said};
use super::visit::{Visit, visit};
use crate::App;
use crate::jobs::{Progress, Stop};
use chrono::{DateTime, TimeDelta, Utc};
use groundswell_domain::enrichment::{
    Check, CheckOutcome, EnrichLead, EnrichmentProvider, EnrichmentSource, Finding, Site, SiteOutcome,
    Variables, company_domain, from_address, from_title,
};
use groundswell_domain::leads::Lead;
use groundswell_domain::{Error, Scope};
use std::time::Duration;

/// What follows from the lead itself costs nothing and is always found anew; it counts this long.
const KEPT: TimeDelta = TimeDelta::days(365);
/// What failed is tried again after a day, unless somebody asks for it.
const FAILED: TimeDelta = TimeDelta::days(1);
/// Most providers that are asked.
const MOST_PROVIDERS: u32 = 20;

pub async fn enrich_lead(app: &App, scope: &Scope, job: &EnrichLead, stop: &Stop) -> Result<Progress, Error> {
    let repos = app.store.read(scope);
    let Some(lead) = repos.leads().get(job.lead_id).await? else {
        return Ok(Progress::Done);
    };
    let providers = repos.enrichment().waterfall(MOST_PROVIDERS).await?;
    drop(repos);
    let mut run = Run {
        app,
        scope,
        since: job.since,
        lead,
        later: None,
        trouble: None,
    };
    let of_lead = run.of_lead();
    if !run.write(of_lead).await? {
        return Ok(Progress::Done);
    }
    run.site().await?;
    for provider in &providers {
        if stop.is_set() {
            return Ok(Progress::ContinueAt(app.now()));
        }
        run.provider(provider).await?;
    }
    match (run.later, run.trouble) {
        (Some(at), _) => Ok(Progress::ContinueAt(at)),
        (None, Some(message)) => Err(Error::Unavailable {
            message,
            retry_after: Duration::from_mins(1),
        }),
        (None, None) => Ok(Progress::Done),
    }
}

pub(super) struct Run<'a> {
    pub app: &'a App,
    pub scope: &'a Scope,
    since: Option<DateTime<Utc>>,
    pub lead: Lead,
    /// When a source can be asked that could not be asked now.
    later: Option<DateTime<Utc>>,
    /// What a provider said that may say something else a little later.
    trouble: Option<String>,
}

impl Run<'_> {
    /// What the address and the title say.
    fn of_lead(&self) -> Vec<Said> {
        let title = self.lead.title.as_deref().unwrap_or_default();
        let sources = [
            (
                EnrichmentSource::Address,
                self.lead.email.key(),
                from_address(&self.lead.email),
            ),
            (EnrichmentSource::Title, title.to_owned(), from_title(title)),
        ];
        let now = self.app.now();
        sources
            .into_iter()
            .map(|(source, asked, findings)| Said {
                source,
                check: Check {
                    outcome: outcome(&findings),
                    message: None,
                    asked,
                    at: now,
                    expires_at: now + KEPT,
                },
                findings,
            })
            .collect()
    }

    async fn site(&mut self) -> Result<(), Error> {
        let Some(domain) = company_domain(&self.lead.email) else {
            return Ok(());
        };
        let source = EnrichmentSource::Site;
        if self
            .known()
            .await?
            .is_fresh(source, &domain, self.since, self.app.now())
        {
            return Ok(());
        }
        match visit(self.app, self.scope, &domain, self.since).await? {
            Visit::Later(at) => self.come_back(at),
            Visit::Known(site) => drop(self.write(vec![of_site(site)]).await?),
        }
        Ok(())
    }

    async fn provider(&mut self, provider: &EnrichmentProvider) -> Result<(), Error> {
        let source = EnrichmentSource::Provider(provider.id);
        let variables = Variables {
            domain: company_domain(&self.lead.email),
            email: Some(self.lead.email.as_str().to_owned()),
            company: self.lead.company.clone(),
            name: Some(self.lead.name.clone()),
        };
        let Some(request) = question(provider, &variables) else {
            return Ok(());
        };
        // Other settings of a provider are another question.
        let asked = format!(
            "{} {} {}",
            provider.version,
            request.url,
            variables.company.as_deref().unwrap_or_default()
        );
        let now = self.app.now();
        let known = self.known().await?;
        if known.is_fresh(source, &asked, self.since, now) || !provider.is_worth_asking(&known.values, now) {
            return Ok(());
        }
        if let Some(at) = self.turn(provider, &known, &asked).await? {
            self.come_back(at);
            return Ok(());
        }
        let Asked {
            outcome,
            findings,
            message,
            again,
        } = ask(self.app, self.scope, provider, &self.lead, request).await?;
        let now = self.app.now();
        let kept = match outcome {
            CheckOutcome::Failed if again => TimeDelta::zero(),
            CheckOutcome::Failed => FAILED,
            _ => TimeDelta::days(provider.expiry_days.into()),
        };
        if again {
            let message = message.clone().unwrap_or_default();
            self.trouble = Some(format!("{}: {message}", provider.name));
        }
        let check = Check {
            outcome,
            message,
            asked,
            at: now,
            expires_at: now + kept,
        };
        self.write(vec![Said {
            source,
            check,
            findings,
        }])
        .await?;
        Ok(())
    }

    /// Waits for the provider's next turn, unless that is now: when to come back. A turn that was taken before is used.
    async fn turn(
        &mut self,
        provider: &EnrichmentProvider,
        known: &Known,
        asked: &str,
    ) -> Result<Option<DateTime<Utc>>, Error> {
        let source = EnrichmentSource::Provider(provider.id);
        let now = self.app.now();
        if let Some(check) = known.enrichment.checks.get(&source)
            && check.outcome == CheckOutcome::Waiting
            && check.asked == asked
        {
            return Ok(Some(check.expires_at).filter(|turn| *turn > now));
        }
        let unit = self.app.store.begin(self.scope).await?;
        let turn = unit.enrichment().take_turn(provider, now).await?;
        unit.commit().await?;
        let Some(turn) = turn.filter(|turn| *turn > now) else {
            return Ok(None);
        };
        let check = Check {
            outcome: CheckOutcome::Waiting,
            message: None,
            asked: asked.to_owned(),
            at: now,
            expires_at: turn,
        };
        self.note(source, check).await?;
        Ok(Some(turn))
    }

    fn come_back(&mut self, at: DateTime<Utc>) {
        self.later = Some(self.later.map_or(at, |earlier| earlier.min(at)));
    }
}

fn outcome(findings: &[Finding]) -> CheckOutcome {
    if findings.is_empty() {
        CheckOutcome::Nothing
    } else {
        CheckOutcome::Found
    }
}

/// A visit counts from when it was made, for every lead of the company.
fn of_site(site: Site) -> Said {
    let outcome = match site.outcome {
        SiteOutcome::Found => outcome(&site.findings),
        SiteOutcome::Refused => CheckOutcome::Refused,
        SiteOutcome::Failed | SiteOutcome::Visiting => CheckOutcome::Failed,
    };
    Said {
        source: EnrichmentSource::Site,
        check: Check {
            outcome,
            message: site.message,
            asked: site.domain,
            at: site.fetched_at,
            expires_at: site.expires_at,
        },
        findings: site.findings,
    }
}
