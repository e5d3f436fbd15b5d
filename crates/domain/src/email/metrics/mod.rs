//! What came of mails: people's figures, and the raw ones beside them.
//!
//! Rates are of mails that were sent, so that many opens of one mail count once. `reliable` leaves those mails out of which it can't be known
//! whether they were opened: a mail provider has fetched their pictures by itself, and no person was seen.

mod chart;
mod device;

pub use chart::{Chart, chart};
pub use device::Device;

use super::EmailEventKind;
use super::classify::Verdict;
use crate::ids::CampaignId;
use chrono::{DateTime, Utc};
use serde::Serialize;
use std::collections::BTreeMap;

/// Which mails: those that were queued from `from` on and before `to`, and were sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricsFilter {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    pub campaign_id: Option<CampaignId>,
    /// Of recipients' addresses, in ASCII and lower case.
    pub domain: Option<String>,
}

/// Mails, by what people did with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailTotals {
    pub sent: i64,
    pub opened: i64,
    pub clicked: i64,
    pub unsubscribed: i64,
    /// Not opened as far as is known, but fetched by a provider that does so by itself.
    pub prefetched_only: i64,
}

/// Events of a kind and verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VerdictCount {
    pub kind: EmailEventKind,
    pub verdict: Verdict,
    pub events: i64,
    pub mails: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LinkCount {
    pub url: String,
    /// Clicks of people.
    pub human: i64,
    /// Clicks of whomever.
    pub raw: i64,
    /// Mails in which people clicked it.
    pub mails: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainCount {
    pub domain: String,
    pub sent: i64,
    pub opened: i64,
    pub clicked: i64,
}

/// People's events in an hour of the day, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DayHourCount {
    /// 0 to 23.
    pub hour: u8,
    pub opens: i64,
    pub clicks: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceCount {
    pub device: Device,
    pub opens: i64,
    pub clicks: i64,
}

/// People's events by what their programs call themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentCount {
    pub user_agent: Option<String>,
    pub opens: i64,
    pub clicks: i64,
}

/// What the store counts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CountedMails {
    pub totals: MailTotals,
    pub verdicts: Vec<VerdictCount>,
    /// The hundred that most people clicked.
    pub links: Vec<LinkCount>,
    /// The fifty with most mails.
    pub domains: Vec<DomainCount>,
    pub hours: Vec<DayHourCount>,
    /// The thousand most frequent ones.
    pub agents: Vec<AgentCount>,
}

/// Opens and clicks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figures {
    pub opens: i64,
    pub clicks: i64,
}

/// Mails of which it can be known whether people opened them.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reliable {
    pub sent: i64,
    /// 0.0 to 1.0.
    pub open_rate: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EmailMetrics {
    pub from: DateTime<Utc>,
    pub to: DateTime<Utc>,
    #[serde(flatten)]
    pub mails: MailTotals,
    /// Opened ÷ sent, 0.0 to 1.0.
    pub open_rate: f64,
    /// Clicked ÷ sent, 0.0 to 1.0.
    pub click_rate: f64,
    pub reliable: Reliable,
    pub human: Figures,
    pub raw: Figures,
    pub verdicts: Vec<VerdictCount>,
    pub links: Vec<LinkCount>,
    pub domains: Vec<DomainCount>,
    pub devices: Vec<DeviceCount>,
    pub hours: Vec<DayHourCount>,
}

impl EmailMetrics {
    pub fn of(filter: &MetricsFilter, counted: CountedMails) -> Self {
        let mails = counted.totals;
        let figures = |human: bool| {
            let sum = |kind| {
                let wanted = counted
                    .verdicts
                    .iter()
                    .filter(|count| count.kind == kind && (!human || count.verdict.is_human()));
                wanted.map(|count| count.events).sum()
            };
            Figures {
                opens: sum(EmailEventKind::Open),
                clicks: sum(EmailEventKind::Click),
            }
        };
        let known = mails.sent - mails.prefetched_only;
        Self {
            from: filter.from,
            to: filter.to,
            mails,
            open_rate: rate(mails.opened, mails.sent),
            click_rate: rate(mails.clicked, mails.sent),
            reliable: Reliable {
                sent: known,
                open_rate: rate(mails.opened, known),
            },
            human: figures(true),
            raw: figures(false),
            devices: devices(&counted.agents),
            verdicts: counted.verdicts,
            links: counted.links,
            domains: counted.domains,
            hours: counted.hours,
        }
    }
}

fn devices(agents: &[AgentCount]) -> Vec<DeviceCount> {
    let mut sums = BTreeMap::<Device, (i64, i64)>::new();
    for agent in agents {
        let sum = sums
            .entry(Device::of(agent.user_agent.as_deref().unwrap_or_default()))
            .or_default();
        sum.0 += agent.opens;
        sum.1 += agent.clicks;
    }
    let mut all: Vec<DeviceCount> = sums
        .into_iter()
        .map(|(device, (opens, clicks))| DeviceCount {
            device,
            opens,
            clicks,
        })
        .collect();
    all.sort_by_key(|count| (-(count.opens + count.clicks), count.device));
    all
}

#[expect(clippy::cast_precision_loss, reason = "counts of mails")]
fn rate(part: i64, all: i64) -> f64 {
    if all > 0 { part as f64 / all as f64 } else { 0.0 }
}

#[cfg(test)]
mod tests;
