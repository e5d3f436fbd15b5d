//! Mails that came back: who is not written to any more because of them.

use super::admission::note_complaint;
use super::delivery::count_settled;
use super::doubts;
use super::suppressed::keys_of;
use crate::audit::{self, Event};
use crate::{App, effect, leads, scoring};
use chrono::TimeDelta;
use groundswell_domain::audit::AuditAction;
use groundswell_domain::email::bounce::{
    self, Bounce, BounceKind, BounceReason, KeptBounce, message_of, returned_to,
};
use groundswell_domain::email::{
    EmailAddress, Fate, Message, MessageFilter, MessageSort, MessageStatus, SettledRow, Suppression,
    SuppressionReason,
};
use groundswell_domain::idempotency::Outcome;
use groundswell_domain::identity::Permission;
use groundswell_domain::identity::{OrganizationFilter, OrganizationSort};
use groundswell_domain::leads::{LeadEvent, LeadEventKind};
use groundswell_domain::{Error, LeadId, MessageId, OrganizationId, PageRequest, Scope, Sort, UnitOfWork};
use serde::Serialize;
use serde_json::json;

/// What a mail that came back said of one recipient, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TakenBounce {
    pub recipient: Option<String>,
    pub kind: BounceKind,
    pub reason: BounceReason,
    /// Enhanced status code (RFC 3463).
    pub status: Option<String>,
    /// Our mail that came back, if it is known.
    pub message_id: Option<MessageId>,
    /// The same report was here before: nothing was done again.
    pub repeated: bool,
    /// Why the address is not written to any more, if it is because of this.
    pub suppressed: Option<SuppressionReason>,
}

/// Reads a mail that came back, as it arrived (`message/rfc822`). One that is no bounce gives an empty list.
pub async fn take_bounce(app: &App, scope: &Scope, mail: &[u8]) -> Result<Vec<TakenBounce>, Error> {
    scope.require(Permission::SuppressionsWrite)?;
    let found = read(app, mail, &[]);
    let unit = app.store.begin(scope).await?;
    let mut taken = Vec::with_capacity(found.len());
    for bounce in found {
        taken.push(take(app, scope, unit.as_ref(), bounce, None).await?);
    }
    effect::commit(app, scope, unit, Outcome::Done, &taken).await?;
    Ok(taken)
}

/// The same for a mail server of this installation, which knows of no organization: it is the one whose mail came back, else the only one that there is.
/// `delivered_to` are addresses that the mail server delivered it to. `None` if the mail is of no organization here.
pub async fn take_returned(
    app: &App,
    organization: Option<OrganizationId>,
    delivered_to: &[String],
    mail: &[u8],
) -> Result<Option<Vec<TakenBounce>>, Error> {
    let found = read(app, mail, delivered_to);
    if found.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let organization = match organization {
        Some(organization) => organization,
        None => match owner(app, &found).await? {
            Some(owner) => owner,
            None => return Ok(None),
        },
    };
    let scope = Scope::operator(organization, app.request_id());
    let unit = app.store.begin(&scope).await?;
    if unit.identity().organization().await?.is_none() {
        return Err(Error::NotFound { what: "organization" });
    }
    let mut taken = Vec::with_capacity(found.len());
    for bounce in found {
        taken.push(take(app, &scope, unit.as_ref(), bounce, None).await?);
    }
    unit.commit().await?;
    Ok(Some(taken))
}

async fn owner(app: &App, found: &[Bounce]) -> Result<Option<OrganizationId>, Error> {
    let ids = found
        .iter()
        .filter_map(|bounce| bounce.message_id.as_deref().and_then(message_of));
    for id in ids {
        if let Some(owner) = app.system.sending().owner_of(id).await? {
            return Ok(Some(owner));
        }
    }
    let two = PageRequest::first(2, Sort::descending(OrganizationSort::CreatedAt));
    let all = app
        .system
        .organizations()
        .organizations(&OrganizationFilter::default(), &two)
        .await?;
    Ok(match &all.items[..] {
        [only] => Some(only.id),
        _ => None,
    })
}

/// What a mail says, and of which of our mails: if no Message-ID of ours is in it, by the address that it was returned to.
fn read(app: &App, mail: &[u8], delivered_to: &[String]) -> Vec<Bounce> {
    let mut found = bounce::read(mail);
    let Some(pattern) = &app.settings.return_address else {
        return found;
    };
    let named = |bounce: &Bounce| bounce.message_id.as_deref().and_then(message_of).is_some();
    if found.iter().all(named) {
        return found;
    }
    let own = delivered_to.iter().cloned().chain(returned_to(mail));
    if let Some(id) = own.into_iter().find_map(|address| pattern.mail_of(&address)) {
        for bounce in found.iter_mut().filter(|bounce| !named(bounce)) {
            bounce.message_id = Some(format!("{id}@"));
        }
    }
    found
}

/// One recipient of it. In a transaction. `key` is what somebody else calls it.
pub(super) async fn take(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    bounce: Bounce,
    key: Option<String>,
) -> Result<TakenBounce, Error> {
    let message = match bounce.message_id.as_deref().and_then(message_of) {
        Some(id) => unit.messages().get(id).await?,
        None => None,
    };
    let address = address_of(&bounce, message.as_ref());
    let mut taken = TakenBounce {
        recipient: bounce
            .recipient
            .as_deref()
            .map(|text| without(text, [None, None])),
        kind: bounce.kind,
        reason: bounce.reason,
        status: bounce.status.clone(),
        message_id: message.as_ref().map(|message| message.id),
        repeated: false,
        suppressed: None,
    };
    let Some(address) = address else {
        return Ok(taken);
    };
    // A provider serves the whole installation: what it says of mails that this organization never sent is not for it.
    if key.is_some() && message.is_none() && !wrote_to(unit, &address).await? {
        return Ok(taken);
    }
    let hash = app.pseudonyms.of_address(scope.organization, &address.key());
    let kept = KeptBounce {
        id: app.id(),
        event_key: short(
            app,
            scope,
            key.unwrap_or_else(|| event_key(&bounce, message.as_ref(), &hash)),
        ),
        message_id: taken.message_id,
        address: hash.clone(),
        kind: bounce.kind,
        reason: bounce.reason,
        status: bounce.status.clone(),
        diagnostic: without(
            &bounce.diagnostic,
            [bounce.recipient.as_deref(), Some(address.as_str())],
        ),
        created_at: app.now(),
    };
    taken.repeated = !unit.bounces().keep(&kept).await?;
    // Receivers are locked before mails, and those before leads and numbers.
    if bounce.kind == BounceKind::Complaint && !taken.repeated {
        note_complaint(app, unit, &address).await?;
    }
    let no_doubt = no_doubt(app, unit, message.as_ref()).await?;
    if !taken.repeated {
        follow(app, scope, unit, (&address, &hash), message.as_ref(), &mut taken).await?;
    }
    if let Some(row) = no_doubt {
        count_settled(unit, &[row]).await?;
    }
    Ok(taken)
}

/// That something is said of a mail proves that it was sent.
async fn no_doubt(
    app: &App,
    unit: &dyn UnitOfWork,
    message: Option<&Message>,
) -> Result<Option<SettledRow>, Error> {
    let in_doubt =
        |message: &&Message| matches!(message.status, MessageStatus::Sending | MessageStatus::Unknown);
    let Some(message) = message.filter(in_doubt) else {
        return Ok(None);
    };
    let reason = "it was sent, as what came back shows";
    doubts::resolve(app, unit, message.id, Fate::Sent, reason).await
}

/// What follows from a report that was not here before.
async fn follow(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    (address, hash): (&EmailAddress, &str),
    message: Option<&Message>,
    taken: &mut TakenBounce,
) -> Result<(), Error> {
    let reason = match taken.kind {
        BounceKind::Hard => Some(SuppressionReason::HardBounce),
        BounceKind::Complaint => Some(SuppressionReason::Complaint),
        BounceKind::Soft => {
            let since = app.now() - TimeDelta::days(i64::from(app.settings.soft_bounce_days));
            let strikes = unit.bounces().count(hash, BounceKind::Soft, since).await?;
            (strikes >= u64::from(app.settings.soft_bounces)).then_some(SuppressionReason::SoftBounces)
        }
        BounceKind::Notice => None,
    };
    if let Some(reason) = reason
        && suppress(app, scope, unit, address, reason).await?
    {
        taken.suppressed = Some(reason);
    }
    if let Some(lead) = lead_of(unit, message, address).await? {
        tell(app, scope, unit, lead, taken).await?;
    }
    Ok(())
}

/// To whom the mail went, by our ledger; else whom the report names.
fn address_of(bounce: &Bounce, message: Option<&Message>) -> Option<EmailAddress> {
    let ours = message
        .map(|message| message.to.clone())
        .filter(|to| !to.is_erased());
    ours.or_else(|| bounce.recipient.as_deref()?.parse().ok())
}

/// Of a mail that is known: kind, status and mail, as servers repeat themselves. Of others also what was said.
fn event_key(bounce: &Bounce, message: Option<&Message>, address: &str) -> String {
    let status = bounce.status.as_deref().unwrap_or_default();
    match (message, &bounce.message_id) {
        (Some(message), _) => format!("{}:{}:{status}", message.id, bounce.kind),
        (None, Some(id)) => format!("{id}:{}:{status}:{address}", bounce.kind),
        (None, None) => format!("{}:{status}:{address}:{}", bounce.kind, bounce.diagnostic),
    }
}

/// As an index can hold it.
fn short(app: &App, scope: &Scope, key: String) -> String {
    if key.len() <= 200 && !key.chars().any(char::is_control) {
        key
    } else {
        app.pseudonyms.of_address(scope.organization, &key)
    }
}

/// Whether the ledger has a mail to this address.
async fn wrote_to(unit: &dyn UnitOfWork, address: &EmailAddress) -> Result<bool, Error> {
    let filter = MessageFilter {
        to: Some(address.to_string()),
        ..MessageFilter::default()
    };
    let one = PageRequest::first(1, Sort::descending(MessageSort::CreatedAt));
    Ok(!unit.messages().list(&filter, &one).await?.items.is_empty())
}

/// The text without the addresses: the hash beside it would be in vain.
fn without(text: &str, addresses: [Option<&str>; 2]) -> String {
    let mut text = text.to_owned();
    for address in addresses
        .into_iter()
        .flatten()
        .filter(|address| !address.is_empty())
    {
        text = text.replace(address, "<recipient>");
    }
    text.chars().filter(|sign| !sign.is_control()).take(500).collect()
}

/// True when the address was not on the list before.
async fn suppress(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    address: &EmailAddress,
    reason: SuppressionReason,
) -> Result<bool, Error> {
    let keys = keys_of(app, scope, &address.key());
    if !unit.suppressions().find(&keys).await?.is_empty() {
        return Ok(false);
    }
    let suppression = Suppression {
        id: app.id(),
        email: Some(address.clone()),
        email_hash: None,
        reason,
        note: None,
        created_at: app.now(),
    };
    if !unit.suppressions().insert(&suppression).await? {
        return Ok(false);
    }
    let event = Event::of(AuditAction::SuppressionAdded, suppression.id).after(json!({ "reason": reason }));
    audit::record(app, scope, unit, event).await?;
    Ok(true)
}

async fn lead_of(
    unit: &dyn UnitOfWork,
    message: Option<&Message>,
    address: &EmailAddress,
) -> Result<Option<LeadId>, Error> {
    if let Some(lead) = message.and_then(|message| message.lead_id) {
        return Ok(Some(lead));
    }
    let found = unit.leads().by_email_keys(&[address.key()]).await?;
    Ok(found.first().map(|lead| lead.id))
}

/// The lead's history and score.
async fn tell(
    app: &App,
    scope: &Scope,
    unit: &dyn UnitOfWork,
    lead: LeadId,
    taken: &TakenBounce,
) -> Result<(), Error> {
    let kind = match taken.kind {
        BounceKind::Hard => LeadEventKind::EmailBounced,
        BounceKind::Complaint => LeadEventKind::EmailComplained,
        BounceKind::Soft | BounceKind::Notice => return Ok(()),
    };
    let data = json!({ "reason": taken.reason, "status": taken.status });
    let event = LeadEvent {
        subject: taken.message_id.map(|id| id.0),
        ..leads::event(app, lead, kind, data)
    };
    scoring::happened(app, scope, unit, &[event]).await
}
