//! What somebody else has read out of a bounce, a provider that sends for us, say.

use super::codes::{Command, status_in};
use super::{Bounce, BounceKind, BounceReason, Statement};

/// What a server was told when it said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Who the mail is for.
    Recipient,
    /// The mail itself.
    Content,
}

#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    pub recipient: &'a str,
    /// What the recipient's server said.
    pub said: &'a str,
    /// Enhanced status code (RFC 3463); may be empty.
    pub status: &'a str,
    pub message_id: Option<&'a str>,
    pub complaint: bool,
    /// What the server answered to, if that is certain.
    pub step: Option<Step>,
}

/// Judged as if it stood in a mail: providers call for good what is none, a full mailbox, say.
pub fn told(told: Told<'_>) -> Bounce {
    let message_id = told
        .message_id
        .map(|id| id.trim_matches(['<', '>', ' ']).to_owned());
    Statement {
        recipient: Some(told.recipient.to_owned()),
        text: told.said.to_owned(),
        status: told.status.to_owned(),
        decided: told.complaint.then_some(BounceReason::Feedback),
        command: told.step.map(|step| match step {
            Step::Recipient => Command::Rcpt,
            Step::Content => Command::Data,
        }),
        ..Statement::default()
    }
    .judged(message_id)
}

/// A server that mails are handed to said no.
#[derive(Debug, Clone, Copy)]
pub struct Refusal<'a> {
    pub recipient: &'a str,
    /// Its reply, with the code.
    pub reply: &'a str,
    /// `None`: the API of a provider, which has one answer for everything; or somebody of several who put the mail off.
    pub step: Option<Step>,
    /// It said so for good, and was not only asked too often.
    pub for_good: bool,
    /// The Message-ID of the mail.
    pub message_id: &'a str,
}

/// What a refusal means for the address: `None` if it means nothing, as it is about us, the mail or the server. A relay that is set up wrongly refuses
/// every recipient, and none of them may be given up because of that; so only what is surely said of the recipient counts.
pub fn refused(refusal: Refusal<'_>) -> Option<Bounce> {
    // An API also refuses senders, contents and accounts, in words of its own: it must name whom it means. (Its quotas are no full mailboxes.) Who puts a
    // mail off may also speak as mail servers do, with a status.
    let named = || {
        let reply = refusal.reply.to_lowercase();
        reply.contains(&refusal.recipient.to_lowercase())
    };
    let by_status = || !refusal.for_good && status_in(refusal.reply, "").is_some();
    if refusal.step.is_none() && !named() && !by_status() {
        return None;
    }
    let mut bounce = told(Told {
        recipient: refusal.recipient,
        said: refusal.reply,
        status: "",
        message_id: Some(refusal.message_id),
        complaint: false,
        step: refusal.step,
    });
    match bounce.kind {
        BounceKind::Hard if refusal.for_good => {}
        BounceKind::Hard => bounce.kind = BounceKind::Soft,
        BounceKind::Soft if bounce.reason.is_of_recipient() => {}
        BounceKind::Soft | BounceKind::Complaint | BounceKind::Notice => return None,
    }
    Some(bounce)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(reply: &str, step: Option<Step>, for_good: bool) -> Option<(BounceKind, BounceReason)> {
        let refusal = Refusal {
            recipient: "ada@x.example",
            reply,
            step,
            for_good,
            message_id: "1@us.example",
        };
        refused(refusal).map(|bounce| (bounce.kind, bounce.reason))
    }

    #[test]
    fn only_what_is_said_of_the_recipient_counts() {
        let (recipient, content) = (Some(Step::Recipient), Some(Step::Content));
        let unknown = Some((BounceKind::Hard, BounceReason::UserUnknown));
        let full = Some((BounceKind::Soft, BounceReason::MailboxFull));
        for (reply, step, expected) in [
            (
                "550 5.1.1 <ada@x.example>: Recipient address rejected: User unknown",
                recipient,
                unknown,
            ),
            ("550 No such user here", recipient, unknown),
            (
                "552 5.2.2 The email account that you tried to reach is over quota",
                recipient,
                full,
            ),
            ("552 5.2.2 Mailbox full", content, full),
            ("500 5.3.0 Error: command failed", recipient, None),
            ("554 5.7.1 <ada@x.example>: Relay access denied", recipient, None),
            (
                "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
                recipient,
                None,
            ),
            (
                "550 5.7.1 Message rejected as spam by content filtering",
                content,
                None,
            ),
            (
                "550 5.7.26 This mail is unauthenticated: SPF and DKIM did not pass",
                content,
                None,
            ),
            ("552 5.3.4 Message size exceeds fixed limit", content, None),
            (
                "400 Mailgun: {\"message\":\"from parameter is not a valid address\"}",
                None,
                None,
            ),
            (
                "400 Mailgun: {\"message\":\"550 5.1.1 user unknown\"}",
                None,
                None,
            ),
            (
                "400 Mailgun: {\"message\":\"550 5.1.1 Ada@x.example: user unknown\"}",
                None,
                unknown,
            ),
        ] {
            assert_eq!(judged(reply, step, true), expected, "{reply}");
        }
        // Put off too often, by a mail server and by an API.
        assert_eq!(
            judged("452 4.2.2 Mailbox full", None, false),
            Some((BounceKind::Soft, BounceReason::MailboxFull))
        );
        let quota = r#"429 Resend: {"name":"daily_quota_exceeded","message":"You have exceeded your daily quota. Quota exceeded"}"#;
        assert_eq!(judged(quota, None, false), None);
        // Only asked too often: never at once for good.
        assert_eq!(
            judged(
                "450 4.1.1 <ada@x.example>: Recipient address rejected: user unknown",
                recipient,
                false
            )
            .map(|judged| judged.0),
            Some(BounceKind::Soft)
        );
    }
}
