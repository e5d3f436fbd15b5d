//! New keys in the place of old ones, while everybody goes on working.
//!
//! Three things, one after the other: every data key is wrapped with the current master key; every organization gets a new
//! data key, and its secrets are sealed with that; old data keys that seal nothing any more are deleted. All state is in the
//! rows: each secret names its data key, each data key its master key, and when the rotation began is kept, so that whoever
//! comes after a kill knows which data keys are new ones. Every write names what it read, so that a value that somebody puts
//! meanwhile is never lost, and several rotations at once do each other no harm.

mod organization;
mod rewrap;
mod verify;

pub use verify::{Verified, verify};

use crate::App;
use chrono::{DateTime, Utc};
use groundswell_domain::{Error, OrganizationId, SecretId};

/// Secrets in one transaction: a moment, also for whoever waits for SQLite's one writer.
const BATCH: u32 = 200;
/// Organizations that are looked up at a time.
const ORGANIZATIONS: u32 = 500;

/// Secrets that are sealed with a new key, of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

/// What does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    pub organization: OrganizationId,
    /// `None`: it is a data key.
    pub secret: Option<SecretId>,
    /// A sentence.
    pub reason: String,
}

/// What a rotation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rotated {
    /// Data keys that went under the current master key.
    pub rewrapped: u64,
    /// New data keys.
    pub keys: u64,
    /// Secrets that were sealed with a new data key.
    pub resealed: u64,
    pub unreadable: Vec<Unreadable>,
    /// Organizations that were so busy that some of their secrets are still sealed with an old key.
    pub unfinished: u64,
    /// Data keys that still need another master key.
    pub foreign: u64,
}

impl Rotated {
    pub fn is_complete(&self) -> bool {
        self.unreadable.is_empty() && self.unfinished == 0 && self.foreign == 0
    }
}

/// One run, and what it has done so far.
struct Run<'a> {
    app: &'a App,
    began: DateTime<Utc>,
    progress: Progress,
    report: &'a mut (dyn FnMut(Progress) + Send),
    rotated: Rotated,
}

/// Rotates the keys of all organizations. Stopped at any point, it goes on where it was when it is called again. `report` is
/// called after every batch.
pub async fn rotate(app: &App, report: &mut (dyn FnMut(Progress) + Send)) -> Result<Rotated, Error> {
    let directory = app.system.keys();
    let mut rotated = Rotated::default();
    // First, so that the old master key can soon be done without, whatever becomes of the rest.
    rewrap::rewrap(app, &mut rotated).await?;
    let began = directory.begin_rotation(app.now()).await?;
    let census = directory.census(Some(began)).await?;
    let progress = Progress {
        done: census.secrets.saturating_sub(census.waiting),
        total: census.secrets,
    };
    report(progress);
    let mut run = Run {
        app,
        began,
        progress,
        report,
        rotated,
    };
    let mut after = None;
    loop {
        let holders = directory.key_holders(None, after, ORGANIZATIONS).await?;
        for organization in &holders {
            run.organization(*organization).await?;
        }
        match holders.last() {
            Some(last) => after = Some(*last),
            None => break,
        }
    }
    let mut rotated = run.rotated;
    // A process that still has the old master key as its current one may have made keys meanwhile.
    rewrap::rewrap(app, &mut rotated).await?;
    if rotated.unfinished == 0 {
        directory.end_rotation(began).await?;
    }
    let masters = directory.census(None).await?.masters;
    let current = app.vault.current_master();
    rotated.foreign = masters
        .iter()
        .filter(|(master, _)| master != current)
        .map(|(_, count)| count)
        .sum();
    Ok(rotated)
}
