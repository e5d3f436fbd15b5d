//! The channels that there are.

mod email;

use crate::App;
use email::EmailChannel;
pub(super) use email::enqueue_lanes;
use groundswell_domain::Error;
use groundswell_domain::campaigns::{Campaign, CampaignType, Channel};

/// Those of a campaign, or a sentence about the first one that nothing can be sent over.
pub(super) fn of(app: &App, campaign: &Campaign) -> Result<Vec<Box<dyn Channel>>, Error> {
    if !matches!(campaign.kind, CampaignType::Email | CampaignType::Mixed) {
        return Err(not_available(format!(
            "a campaign of type {} can't be launched yet: only email and mixed campaigns can",
            campaign.kind
        )));
    }
    let mut channels: Vec<Box<dyn Channel>> = Vec::new();
    for name in &campaign.channels {
        let channel = EmailChannel::new(app);
        if name != channel.name() {
            return Err(not_available(format!(
                "nothing can be sent over the channel {name} yet: channels are {}",
                channel.name()
            )));
        }
        if channels.iter().all(|known| known.name() != channel.name()) {
            channels.push(Box::new(channel));
        }
    }
    Ok(channels)
}

fn not_available(sentence: String) -> Error {
    Error::conflict("channel_not_available", sentence)
}
