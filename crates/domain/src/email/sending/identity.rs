//! As whom one mail is sent.

use super::MailFrom;
use crate::email::MailSigner;
use crate::ids::SendingDomainId;
use std::sync::Arc;

/// A verified domain that a mail is sent from, with its keys opened.
#[derive(Debug, Clone)]
pub struct Identity {
    pub from: MailFrom,
    pub domain: SendingDomainId,
    /// One for each of the domain's keys; a mail is signed by all of them.
    pub signers: Vec<Arc<dyn MailSigner>>,
    /// Whether the domain is being warmed up: it may then send so many mails a day.
    pub warming: bool,
}
