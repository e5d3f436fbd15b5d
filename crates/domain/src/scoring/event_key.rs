//! What ledger lines call an event.

use crate::leads::{LeadEvent, LeadEventKind};

/// What happened, as a line of the ledger names it. A mail counts once for each rule, however often it is opened.
pub(super) fn event_key(event: &LeadEvent) -> String {
    match event.kind {
        LeadEventKind::FormSubmitted => format!("submission:{}", event.id),
        LeadEventKind::EmailOpened | LeadEventKind::EmailClicked | LeadEventKind::Unsubscribed => {
            format!("message:{}", event.subject.unwrap_or(event.id.0))
        }
        kind => format!("{kind}:{}", event.id),
    }
}
