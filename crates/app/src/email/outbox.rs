//! Mails that were kept instead of delivered. For the person at the machine, so without a scope: the API shows them
//! on loopback only.

use crate::App;
use groundswell_domain::email::OutboxMail;
use groundswell_domain::{Error, MessageId};

/// Mails on one page of the mailbox.
const PAGE: u32 = 50;

/// Whether mails are kept and not delivered.
fn kept(app: &App) -> Result<(), Error> {
    if app.mailer.name() == "outbox" {
        Ok(())
    } else {
        Err(Error::NotFound { what: "mailbox" })
    }
}

/// Newest first, and where the next page starts when there is one.
pub async fn outbox_list(
    app: &App,
    before: Option<MessageId>,
) -> Result<(Vec<OutboxMail>, Option<MessageId>), Error> {
    kept(app)?;
    let mut mails = app.system.outbox().latest(before, PAGE + 1).await?;
    let more = mails.len() > PAGE as usize;
    mails.truncate(PAGE as usize);
    let next = mails.last().filter(|_| more).map(|mail| mail.id);
    Ok((mails, next))
}

pub async fn outbox_mail(app: &App, id: MessageId) -> Result<OutboxMail, Error> {
    kept(app)?;
    app.system
        .outbox()
        .mail(id)
        .await?
        .ok_or(Error::NotFound { what: "mail" })
}
