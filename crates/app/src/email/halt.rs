//! Whether mail may leave at all: watched by every process that sends, decided by whoever runs the installation.

use super::delivery::{complete_if_settled, count};
use super::doubts;
use crate::App;
use groundswell_domain::campaigns::{MetricsDelta, SnapshotAudience};
use groundswell_domain::email::{Halt, HaltReason, Mark, MessageStatus};
use groundswell_domain::jobs::JobPayload;
use groundswell_domain::{CampaignId, Error, OrganizationId, Scope};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

/// Mails that become `unknown` in one transaction.
const PIECE: u32 = 1_000;
/// Organizations that are looked up at once.
const PAGE: u32 = 100;
const DOUBT: &str =
    "it was queued in a database that was restored from a backup, and may have been sent since";

/// What becomes of mails that are queued when sending goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queued {
    /// They are sent.
    Send,
    /// They may have been sent already: they become `unknown`, and are not sent by themselves.
    Unknown,
}

impl App {
    /// Whether no mail may leave, as this process knows since it last looked (see [`watch_ledger`]).
    pub fn is_halted(&self) -> bool {
        self.halted.load(Ordering::Relaxed)
    }
}

/// Until the first look nothing leaves: it may find that nothing must.
pub fn hold_sending(app: &App) {
    app.halted.store(true, Ordering::Relaxed);
}

/// Compares the ledger with the mark beside it, and stops everything where the ledger has gone back; else moves both marks on. Every
/// process that sends does this before its first mail, and every few seconds.
pub async fn watch_ledger(app: &App) -> Result<Option<Halt>, Error> {
    let halt = look(app).await?;
    app.halted.store(halt.is_some(), Ordering::Relaxed);
    Ok(halt)
}

async fn look(app: &App) -> Result<Option<Halt>, Error> {
    let sending = app.system.sending_switch();
    if let Some(halt) = sending.halt().await? {
        return Ok(Some(halt));
    }
    // Read before the other: somebody may move both on meanwhile.
    let seen = app.mark.read().await.map_err(Error::internal)?;
    let known = sending.mark().await?;
    if seen.is_some_and(|seen| seen.is_lost_in(known)) {
        let halt = Halt {
            reason: HaltReason::Restored,
            since: app.now(),
            known_until: known.map(|known| known.at),
        };
        if sending.stop(&halt).await? {
            tracing::error!(
                "{}; decide with `groundswell sending resume` (docs/operations.md, \"Backup and restore\")",
                halt.sentence()
            );
        }
        return Ok(Some(halt));
    }
    let now = app.now();
    let next = Mark {
        ledger: known.map_or_else(|| app.id(), |known| known.ledger),
        at: known.map_or(now, |known| known.at.max(now)),
    };
    let moved = sending.move_mark(known, next, now).await?;
    let mark = if moved { Some(next) } else { sending.mark().await? };
    if let Some(mark) = mark {
        keep(app, mark).await;
    }
    Ok(None)
}

/// A process that can't keep the mark can't find a restore; that is told once, and no reason to send nothing.
async fn keep(app: &App, mark: Mark) {
    static TOLD: AtomicBool = AtomicBool::new(false);
    if let Err(error) = app.mark.write(mark).await
        && !TOLD.swap(true, Ordering::Relaxed)
    {
        tracing::warn!(
            error,
            "without it this process can't notice that the database was restored"
        );
    }
}

/// Nothing leaves any more, within a few seconds. False when that was so already.
pub async fn stop_sending(app: &App) -> Result<bool, Error> {
    let halt = Halt {
        reason: HaltReason::Operator,
        since: app.now(),
        known_until: None,
    };
    Ok(app.system.sending_switch().stop(&halt).await?)
}

pub async fn sending_halt(app: &App) -> Result<Option<Halt>, Error> {
    Ok(app.system.sending_switch().halt().await?)
}

/// Lets mail leave again. Answers how many mails became `unknown`. Of a restored database it must be said what becomes of queued mails.
pub async fn resume_sending(app: &App, queued: Option<Queued>) -> Result<u64, Error> {
    let sending = app.system.sending_switch();
    let halt = sending
        .halt()
        .await?
        .ok_or_else(|| Error::conflict("sending_not_stopped", "mail leaves already"))?;
    let queued = match (halt.reason, queued) {
        (_, Some(queued)) => queued,
        (HaltReason::Operator, None) => Queued::Send,
        (HaltReason::Restored, None) => {
            return Err(Error::conflict(
                "say_what_becomes_of_queued",
                "the database was restored: say what becomes of mails that it has as queued, and that may have been sent since \
                 the backup was made",
            ));
        }
    };
    let doubted = match queued {
        Queued::Send => 0,
        Queued::Unknown => doubt(app).await?,
    };
    let known = sending.mark().await?;
    let now = app.now();
    if let Some(known) = known {
        let mark = Mark {
            at: known.at.max(now),
            ..known
        };
        sending.move_mark(Some(known), mark, now).await?;
    }
    sending.go().await?;
    tracing::warn!(doubted, "mail leaves again");
    Ok(doubted)
}

async fn doubt(app: &App) -> Result<u64, Error> {
    // What they still write into the ledger would be sent afterwards.
    let depth = app.system.jobs().depth().await?;
    if depth.iter().any(|(kind, _, _)| kind == SnapshotAudience::KIND) {
        return Err(Error::conflict(
            "audiences_unfinished",
            "the audience of a campaign is still being written into the ledger: let a worker run, and try again in a moment",
        ));
    }
    let (mut after, mut doubted) = (None, 0);
    loop {
        let page = app
            .system
            .sending_switch()
            .organizations_with_open_mails(after, PAGE)
            .await?;
        for organization in &page {
            doubted += doubt_all_of(app, *organization).await?;
        }
        match page.last() {
            Some(last) => after = Some(*last),
            None => return Ok(doubted),
        }
    }
}

async fn doubt_all_of(app: &App, organization: OrganizationId) -> Result<u64, Error> {
    let scope = Scope::system(organization, app.request_id());
    let mut campaigns: BTreeSet<CampaignId> = BTreeSet::new();
    let mut all = 0;
    loop {
        let unit = app.store.begin(&scope).await?;
        let doubted = unit.messages().doubt(DOUBT, PIECE, app.now()).await?;
        if doubted.is_empty() {
            break;
        }
        doubts::ask_later(app, unit.as_ref()).await?;
        for (campaign, mails) in doubted {
            all += mails;
            let Some(campaign) = campaign else { continue };
            campaigns.insert(campaign);
            let mut delta = MetricsDelta::default();
            delta.count(MessageStatus::Unknown, i64::try_from(mails).unwrap_or(i64::MAX));
            count(unit.as_ref(), campaign, &delta).await?;
        }
        unit.commit().await?;
    }
    for campaign in campaigns {
        complete_if_settled(app, &scope, campaign).await?;
    }
    Ok(all)
}
