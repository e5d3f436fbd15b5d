//! The loop that claims jobs, and its drain.

use crate::attempt::attempt;
use crate::registry::{KINDS, claimable};
use crate::slots::Slots;
use chrono::TimeDelta;
use groundswell_app::App;
use groundswell_app::jobs::Stop;
use groundswell_domain::StoreError;
use groundswell_domain::jobs::{ClaimedJob, Queue, Wanted};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// How a worker works.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    pub slots: SlotSettings,
    /// How long a claim is good without a heartbeat.
    pub lease: Duration,
    /// Must be well below the lease.
    pub heartbeat: Duration,
    /// Longest wait between two looks at the queue: hints make it shorter, and can get lost.
    pub poll: Duration,
    /// How long running jobs may go on after a stop.
    pub drain: Duration,
}

/// Jobs at the same time, by queue.
#[derive(Debug, Clone, Copy)]
pub struct SlotSettings {
    pub default: u32,
    pub mail: u32,
    pub campaigns: u32,
    pub imports: u32,
    pub heavy: u32,
}

impl SlotSettings {
    pub(crate) fn of(self, queue: Queue) -> u32 {
        match queue {
            Queue::Default => self.default,
            Queue::Mail => self.mail,
            Queue::Campaigns => self.campaigns,
            Queue::Imports => self.imports,
            Queue::Heavy => self.heavy,
        }
    }
}

impl Default for SlotSettings {
    fn default() -> Self {
        Self {
            default: 8,
            mail: 4,
            campaigns: 4,
            imports: 2,
            heavy: 2,
        }
    }
}

impl Default for WorkerSettings {
    fn default() -> Self {
        Self {
            slots: SlotSettings::default(),
            lease: Duration::from_mins(1),
            heartbeat: Duration::from_secs(15),
            poll: Duration::from_secs(1),
            drain: Duration::from_secs(25),
        }
    }
}

impl WorkerSettings {
    pub(crate) fn lease(&self) -> TimeDelta {
        TimeDelta::from_std(self.lease).unwrap_or(TimeDelta::seconds(60))
    }
}

/// Works until `shutdown`, then lets running jobs come to a safe point and returns. What is not finished in time is
/// found by another worker when its lease is over.
pub async fn run(app: App, settings: WorkerSettings, shutdown: CancellationToken) {
    let slots = Slots::new(&settings);
    let running = TaskTracker::new();
    let stop = Stop::default();
    let chores = tokio::spawn(chores(app.clone()));
    let sweeps = tokio::spawn(sweeps(app.clone()));
    // The first look comes before the first claim: a database that was restored must not send.
    groundswell_app::email::hold_sending(&app);
    look_at_ledger(&app).await;
    let watch = tokio::spawn(watch(app.clone()));
    let scheduler = tokio::spawn(scheduler(app.clone()));
    while !shutdown.is_cancelled() {
        let wanted = slots.free();
        if wanted.is_empty() {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = slots.freed() => {}
            }
            continue;
        }
        let claimed = match claim(&app, &settings, &wanted).await {
            Ok(claimed) => claimed,
            Err(error) => {
                tracing::warn!(%error, "the queue can't be read; trying again");
                Vec::new()
            }
        };
        if claimed.is_empty() {
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = app.system.jobs().wait_for_work() => {}
                // A queue that was full may have more.
                () = slots.freed() => {}
                () = tokio::time::sleep(settings.poll) => {}
            }
        }
        for job in claimed {
            let Some(slot) = slots.take(&job.kind).await else {
                break;
            };
            let work = attempt(app.clone(), settings.clone(), job, stop.child());
            running.spawn(async move {
                work.await;
                drop(slot);
            });
        }
    }
    chores.abort();
    sweeps.abort();
    watch.abort();
    scheduler.abort();
    running.close();
    stop.set();
    let left = running.len();
    if left > 0 {
        tracing::info!(jobs = left, "draining");
    }
    if tokio::time::timeout(settings.drain, running.wait())
        .await
        .is_err()
    {
        tracing::warn!(
            jobs = running.len(),
            "jobs did not end in time; they go on elsewhere when their leases are over"
        );
    }
}

/// What must be done now and then. Every process may do it: twice is as good as once.
async fn chores(app: App) {
    let mut hours = tokio::time::interval(Duration::from_hours(1));
    loop {
        hours.tick().await;
        match app.system.forget_expired(app.now()).await {
            Ok(0) => {}
            Ok(rows) => tracing::info!(rows, "expired rows were deleted"),
            Err(error) => tracing::warn!(%error, "expired rows could not be deleted"),
        }
        match groundswell_app::audit::forget_expired(&app).await {
            Ok(0) => {}
            Ok(entries) => tracing::info!(
                entries,
                "entries of the audit log were deleted: their time is over"
            ),
            Err(error) => tracing::warn!(%error, "old entries of the audit log could not be deleted"),
        }
        match groundswell_app::jobs::forget_finished(&app).await {
            Ok(0) => {}
            Ok(jobs) => tracing::info!(jobs, "finished jobs were deleted: their time is over"),
            Err(error) => tracing::warn!(%error, "finished jobs could not be deleted"),
        }
        match groundswell_app::email::forget_bounces(&app).await {
            Ok(0) => {}
            Ok(bounces) => tracing::info!(bounces, "returned mails were forgotten: their time is over"),
            Err(error) => tracing::warn!(%error, "old returned mails could not be forgotten"),
        }
        match groundswell_app::privacy::schedule_retention(&app).await {
            Ok(0) => {}
            Ok(organizations) => tracing::info!(organizations, "retention is due"),
            Err(error) => tracing::warn!(%error, "retention could not be scheduled"),
        }
        match groundswell_app::scoring::schedule_decay(&app).await {
            Ok(0) => {}
            Ok(organizations) => {
                tracing::info!(organizations, "points have decayed: scores are computed anew");
            }
            Err(error) => tracing::warn!(%error, "scores could not be computed anew"),
        }
    }
}

/// What people would miss if it were done every hour only. Every process may do it, too.
async fn sweeps(app: App) {
    let mut minutes = tokio::time::interval(Duration::from_mins(1));
    loop {
        minutes.tick().await;
        match groundswell_app::leads::schedule_verification(&app).await {
            Ok(0) => {}
            Ok(organizations) => tracing::debug!(organizations, "addresses are to be verified"),
            Err(error) => tracing::warn!(%error, "the verification of addresses could not be scheduled"),
        }
        match groundswell_app::sequences::schedule_due(&app).await {
            Ok(0) => {}
            Ok(organizations) => tracing::info!(organizations, "sequences were due and forgotten"),
            Err(error) => tracing::warn!(%error, "sequences that are due could not be looked for"),
        }
        match groundswell_app::email::schedule_visits(&app).await {
            Ok(0) => {}
            Ok(organizations) => tracing::info!(organizations, "opens and clicks were overlooked"),
            Err(error) => tracing::warn!(%error, "opens and clicks that wait could not be looked for"),
        }
        match groundswell_app::email::schedule_checks(&app).await {
            Ok(0) => {}
            Ok(domains) => tracing::debug!(domains, "sending domains are to be looked at"),
            Err(error) => tracing::warn!(%error, "looks at sending domains could not be scheduled"),
        }
        match groundswell_app::duplicates::schedule_comparison(&app).await {
            Ok(0) => {}
            Ok(organizations) => tracing::debug!(organizations, "leads are to be compared"),
            Err(error) => tracing::warn!(%error, "the comparison of leads could not be scheduled"),
        }
    }
}

/// How often the ledger of mails is compared with the mark beside it.
const WATCH: Duration = Duration::from_secs(1);

async fn watch(app: App) {
    let mut ticks = tokio::time::interval(WATCH);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    // The first comes at once, and that look has been.
    ticks.tick().await;
    loop {
        ticks.tick().await;
        look_at_ledger(&app).await;
    }
}

async fn look_at_ledger(app: &App) {
    if let Err(error) = groundswell_app::email::watch_ledger(app).await {
        tracing::warn!(%error, "the ledger of mails can't be compared with its mark");
    }
}

/// Schedules are meant to the second. Every process may do it, too.
async fn scheduler(app: App) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        seconds.tick().await;
        match groundswell_app::schedules::tick(&app).await {
            Ok(0) => {}
            Ok(runs) => tracing::info!(runs, "schedules are run"),
            Err(error) => tracing::warn!(%error, "schedules could not be looked at"),
        }
    }
}

async fn claim(
    app: &App,
    settings: &WorkerSettings,
    wanted: &[Wanted<'_>],
) -> Result<Vec<ClaimedJob>, StoreError> {
    let kinds: Vec<Vec<&str>> = wanted.iter().map(|wanted| claimable(app, wanted.kinds)).collect();
    let wanted: Vec<Wanted<'_>> = wanted
        .iter()
        .zip(&kinds)
        .map(|(wanted, kinds)| Wanted { kinds, ..*wanted })
        .filter(|wanted| !wanted.kinds.is_empty())
        .collect();
    let now = app.now();
    app.system
        .jobs()
        .claim(&wanted, app.id(), now, now + settings.lease())
        .await
}

/// Runs everything that is due now, and what that makes due, one after the other. For tests and the command line.
/// Answers how many attempts were made.
pub async fn drain(app: &App) -> Result<u64, StoreError> {
    drain_kinds(app, KINDS).await
}

/// The same for one kind of job only.
pub async fn drain_kind(app: &App, kind: &str) -> Result<u64, StoreError> {
    drain_kinds(app, &[kind]).await
}

async fn drain_kinds(app: &App, kinds: &[&str]) -> Result<u64, StoreError> {
    let settings = WorkerSettings::default();
    let mut attempts = 0;
    loop {
        let wanted = Wanted {
            queue: Queue::Default,
            kinds,
            limit: 16,
        };
        let claimed = claim(app, &settings, &[wanted]).await?;
        if claimed.is_empty() {
            return Ok(attempts);
        }
        for job in claimed {
            attempts += 1;
            attempt(app.clone(), settings.clone(), job, Stop::default()).await;
        }
    }
}
