//! Why a mail came back.

use super::codes::Command;
use super::phrases::{of_agent, of_server, of_status, speaks_of};
use super::provider::of_provider;
use super::said::Said;

crate::text_enum::text_enum! {
    /// The reasons that sisimai tells apart, by our names.
    BounceReason {
        /// There is no such mailbox.
        UserUnknown => "user_unknown",
        /// There is no such domain.
        HostUnknown => "host_unknown",
        /// The mailbox has moved to another address.
        Moved => "moved",
        /// The domain takes no mail.
        NotAccepting => "not_accepting",
        MailboxFull => "mailbox_full",
        /// The account is locked or has not been used for long.
        Suspended => "suspended",
        /// Refused after the content was seen, by a rule of the recipient or the server.
        Filtered => "filtered",
        /// SPF, DKIM or DMARC did not pass.
        Authentication => "authentication",
        BadReputation => "bad_reputation",
        /// Our server's address or name is refused.
        Blocked => "blocked",
        NoReverseDns => "no_reverse_dns",
        /// The sender's address is refused.
        SenderRejected => "sender_rejected",
        Spam => "spam",
        Virus => "virus",
        Policy => "policy",
        Security => "security",
        Content => "content",
        NotCompliant => "not_compliant",
        TooBig => "too_big",
        /// Larger than this recipient may receive.
        OverLimit => "over_limit",
        TooFast => "too_fast",
        TooManyConnections => "too_many_connections",
        NoRelaying => "no_relaying",
        /// It was tried for too long.
        Expired => "expired",
        Network => "network",
        Tls => "tls",
        System => "system",
        SystemFull => "system_full",
        /// The program that puts mail into mailboxes failed.
        Mailer => "mailer",
        Syntax => "syntax",
        /// A provider that we send through did not even try.
        Suppressed => "suppressed",
        /// Something was said that nobody understands.
        Undecided => "undecided",
        /// Nothing was said.
        Undefined => "undefined",
        Delivered => "delivered",
        /// An automatic answer.
        Vacation => "vacation",
        /// The recipient called it spam.
        Feedback => "feedback",
        /// A report on authentication, which no recipient has asked for.
        Report => "report",
    }
}

use BounceReason as Reason;

/// In which order reasons are asked whether they fit: the exact ones first.
const FIRST: [Reason; 19] = [
    Reason::MailboxFull,
    Reason::TooBig,
    Reason::OverLimit,
    Reason::Suspended,
    Reason::Moved,
    Reason::NoRelaying,
    Reason::Authentication,
    Reason::UserUnknown,
    Reason::Filtered,
    Reason::NoReverseDns,
    Reason::NotCompliant,
    Reason::BadReputation,
    Reason::Content,
    Reason::SenderRejected,
    Reason::HostUnknown,
    Reason::Spam,
    Reason::TooFast,
    Reason::TooManyConnections,
    Reason::Blocked,
];

/// And then by their phrases alone.
const THEN: [Reason; 19] = [
    Reason::MailboxFull,
    Reason::Authentication,
    Reason::BadReputation,
    Reason::TooFast,
    Reason::Spam,
    Reason::Virus,
    Reason::Policy,
    Reason::NoRelaying,
    Reason::System,
    Reason::Network,
    Reason::Suspended,
    Reason::Content,
    Reason::SystemFull,
    Reason::NotAccepting,
    Reason::Expired,
    Reason::Tls,
    Reason::Security,
    Reason::Suppressed,
    Reason::Mailer,
];

impl BounceReason {
    /// Whether it says something of the mailbox, and not of us, of the mail, or of a server on the way.
    pub fn is_of_recipient(self) -> bool {
        matches!(
            self,
            Self::UserUnknown
                | Self::HostUnknown
                | Self::Moved
                | Self::NotAccepting
                | Self::MailboxFull
                | Self::Suspended
                | Self::Filtered
                | Self::OverLimit
                | Self::Suppressed
        )
    }

    /// Whether a program that knows more may overrule it.
    pub(super) fn is_vague(self) -> bool {
        matches!(
            self,
            Self::Filtered | Self::Undecided | Self::Undefined | Self::System | Self::Security
        )
    }
}

pub(super) fn of(said: &Said) -> Reason {
    if matches!(said.action.as_str(), "delivered" | "expanded") {
        return Reason::Delivered;
    }
    let agent = || {
        matches!(said.command, None | Some(Command::Data))
            .then(|| of_agent(&said.text))
            .flatten()
    };
    agent()
        .or_else(|| of_provider(said))
        .or_else(|| of_server(&said.text, false))
        .unwrap_or_else(|| general(said))
}

fn general(said: &Said) -> Reason {
    let text = &said.text;
    if said.status.starts_with("2.") {
        return Reason::Delivered;
    }
    if let Some(reason) = FIRST.into_iter().find(|reason| fits(*reason, said)) {
        return reason;
    }
    if let Some(reason) = THEN.into_iter().find(|reason| speaks_of(*reason, text)) {
        return reason;
    }
    if let Some(reason) = of_status(&said.status) {
        return reason;
    }
    let reply: u16 = said.reply.parse().unwrap_or_default();
    match said.status.get(..3) {
        Some("5.6" | "4.6") => Reason::Content,
        Some("5.7" | "4.7") => Reason::Security,
        _ if (401..=407).contains(&reply) || (501..=507).contains(&reply) => Reason::Syntax,
        _ if said.action == "delayed" => Reason::Expired,
        _ if said.command == Some(Command::Hello) => Reason::Blocked,
        _ => of_server(text, true).unwrap_or({
            if speaks_of(Reason::Vacation, text) {
                Reason::Vacation
            } else if text.is_empty() {
                Reason::Undefined
            } else {
                Reason::Undecided
            }
        }),
    }
}

/// Whether a reason fits the code, the command and the words together.
fn fits(reason: Reason, said: &Said) -> bool {
    let (text, command) = (&said.text, said.command);
    let by_status = of_status(&said.status);
    let is = by_status == Some(reason);
    let early = command.is_some_and(Command::is_early);
    match reason {
        Reason::TooBig if by_status == Some(Reason::OverLimit) => false,
        Reason::Suspended => said.reply == "525" || speaks_of(reason, text),
        Reason::Moved | Reason::NotCompliant | Reason::BadReputation | Reason::TooFast => {
            speaks_of(reason, text)
        }
        Reason::NoRelaying => {
            !matches!(command, Some(Command::Connection | Command::Hello)) && speaks_of(reason, text)
        }
        Reason::UserUnknown | Reason::Filtered if by_status == Some(Reason::Suspended) => false,
        Reason::UserUnknown if is => ![
            Reason::NoRelaying,
            Reason::Blocked,
            Reason::MailboxFull,
            Reason::Moved,
            Reason::SenderRejected,
            Reason::NotAccepting,
        ]
        .into_iter()
        .any(|other| speaks_of(other, text)),
        Reason::UserUnknown => command == Some(Command::Rcpt) && speaks_of(reason, text),
        // Said of the recipient, but not in answer to its name: a filter spoke, and the mailbox may exist.
        Reason::Filtered => {
            (is || !early) && (speaks_of(reason, text) || speaks_of(Reason::UserUnknown, text))
        }
        Reason::Content => !fits(Reason::Spam, said) && (is || speaks_of(reason, text)),
        Reason::SenderRejected if is => true,
        Reason::SenderRejected => {
            let open = match command {
                Some(Command::Mail) => true,
                Some(Command::Data) => by_status != Some(Reason::UserUnknown),
                _ => matches!(by_status, None | Some(Reason::Security | Reason::System)),
            };
            open && speaks_of(reason, text)
        }
        Reason::HostUnknown if is => !speaks_of(Reason::Network, text),
        Reason::Spam => !said.status.is_empty() && (is || (!early && speaks_of(reason, text))),
        _ => is || speaks_of(reason, text),
    }
}
