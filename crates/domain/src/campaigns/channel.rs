//! One way in which a campaign reaches people.
//!
//! A campaign may name several channels. Each step of its life is told to all of them, in the transaction of that step: a channel
//! writes jobs, and does nothing that can't be rolled back. To add one, implement this and name it where the use-cases list
//! the channels there are; its mails, posts or calls need a ledger of their own by which the campaign is counted.

use super::Campaign;
use crate::error::Error;
use crate::store::{Repos, UnitOfWork};
use async_trait::async_trait;

#[async_trait]
pub trait Channel: Send + Sync {
    /// The word by which campaigns name it.
    fn name(&self) -> &'static str;
    /// Whether the campaign has what goes out over this channel, or a sentence that says what it lacks.
    async fn check(&self, repos: &dyn Repos, campaign: &Campaign) -> Result<(), Error>;
    /// Writes into the campaign what goes out, so that later changes elsewhere don't reach it. Only at a launch.
    async fn freeze(&self, unit: &dyn UnitOfWork, campaign: &mut Campaign) -> Result<(), Error>;
    /// Goes to work for the campaign's run, from the beginning or from where a pause stopped it.
    async fn begin(&self, unit: &dyn UnitOfWork, campaign: &Campaign) -> Result<(), Error>;
    /// Takes back what has not left of a campaign that was launched, and counts it.
    async fn cancel(&self, unit: &dyn UnitOfWork, campaign: &Campaign) -> Result<(), Error>;
}
