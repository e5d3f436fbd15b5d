//! The channels that there are.

mod email;

use crate::App;
use email::EmailChannel;
pub(super) use email::enqueue_lanes;
use groundswell_domain::Error;
use groundswell_domain::campaigns::{Campaign, CampaignType, Channel};

fn all(app: &App) -> Vec<Box<dyn Channel>> {
    vec![Box::new(EmailChannel::new(app))]
}

/// Those of a campaign that is to be launched, or a sentence about the first one that nothing can be sent over.
pub(super) fn of(app: &App, campaign: &Campaign) -> Result<Vec<Box<dyn Channel>>, Error> {
    if !matches!(campaign.kind, CampaignType::Email | CampaignType::Mixed) {
        return Err(not_available(format!(
            "a campaign of type {} can't be launched yet: only email and mixed campaigns can",
            campaign.kind
        )));
    }
    let channels = all(app);
    let known: Vec<&str> = channels.iter().map(|channel| channel.name()).collect();
    if let Some(name) = campaign
        .channels
        .iter()
        .find(|name| !known.contains(&name.as_str()))
    {
        return Err(not_available(format!(
            "nothing can be sent over the channel {name} yet: channels are {}",
            known.join(", ")
        )));
    }
    Ok(named(channels, campaign))
}

/// Those of a campaign that was launched. One from before channels were looked at may name others: it went out by mail.
pub(super) fn launched(app: &App, campaign: &Campaign) -> Vec<Box<dyn Channel>> {
    let channels = named(all(app), campaign);
    if channels.is_empty() { all(app) } else { channels }
}

fn named(channels: Vec<Box<dyn Channel>>, campaign: &Campaign) -> Vec<Box<dyn Channel>> {
    let names = |channel: &dyn Channel| campaign.channels.iter().any(|name| name == channel.name());
    channels
        .into_iter()
        .filter(|channel| names(channel.as_ref()))
        .collect()
}

fn not_available(sentence: String) -> Error {
    Error::conflict("channel_not_available", sentence)
}
