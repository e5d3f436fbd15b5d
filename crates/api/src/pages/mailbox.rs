//! The mailbox of the outbox transport: what would have been sent.

use super::engine::render;
use super::page::HtmlPage;
use chrono::{DateTime, Utc};
use groundswell_domain::email::OutboxMail;
use groundswell_domain::{Error, MessageId};
use serde::Serialize;
use serde_json::json;

#[derive(Serialize)]
struct Row<'a> {
    id: String,
    to: &'a str,
    subject: &'a str,
    at: String,
    datetime: String,
}

/// A list of mails, newest first. `older` tells that it is not the first page; `next` is where the following one starts.
pub fn mailbox_page(mails: &[OutboxMail], older: bool, next: Option<MessageId>) -> Result<HtmlPage, Error> {
    let mails: Vec<_> = mails
        .iter()
        .map(|mail| Row {
            id: mail.id.to_string(),
            to: &mail.to,
            subject: &mail.subject,
            at: readable(mail.created_at),
            datetime: mail.created_at.to_rfc3339(),
        })
        .collect();
    let next = next.map(|id| id.to_string());
    Ok(HtmlPage::closed(render(
        "mailbox.html",
        json!({ "mails": mails, "older": older, "next": next }),
    )?))
}

/// One mail: its HTML in a frame that runs no scripts and has no access to this origin, its text and its headers.
pub fn mail_page(mail: &OutboxMail) -> Result<HtmlPage, Error> {
    // Links open beside the mailbox, as they do in a mail program.
    let preview = format!("<base target=\"_blank\">{}", mail.html);
    let mail = json!({
        "subject": mail.subject,
        "from": mail.from,
        "to": mail.to,
        "at": readable(mail.created_at),
        "datetime": mail.created_at.to_rfc3339(),
        "preview": preview,
        "text": mail.text,
        "headers": mail.headers,
    });
    Ok(HtmlPage::preview(render("mail.html", json!({ "mail": mail }))?))
}

fn readable(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail() -> OutboxMail {
        OutboxMail {
            id: uuid::Uuid::from_u128(7).into(),
            organization_id: uuid::Uuid::nil().into(),
            from: "Example GmbH <hello@example.com>".into(),
            to: "Ada Lovelace <ada@example.com>".into(),
            subject: "Spring <b>offers</b> for you".into(),
            html: "<!doctype html><p style=\"color:#060\">Hello \"Ada\"</p><script>parent.stolen=1</script>"
                .into(),
            text: "Hello Ada\n\n<script>1</script>".into(),
            headers: "Subject: Spring\nList-Unsubscribe: <https://example.com/u/x>".into(),
            created_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        }
    }

    #[test]
    fn a_mail_cannot_leave_its_frame() {
        let page = mail_page(&mail()).unwrap();
        assert!(
            page.html
                .contains("Not delivered: this installation uses the outbox")
        );
        assert!(
            !page.html.contains("<script"),
            "everything of the mail is escaped"
        );
        let sandbox = page
            .html
            .split("sandbox=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        assert!(!sandbox.contains("scripts") && !sandbox.contains("same-origin"));
        assert!(page.html.contains("srcdoc=\"&lt;base target="));
        assert!(page.policy.starts_with("default-src 'none'") && !page.policy.contains("script-src"));
    }

    #[test]
    fn the_list_leads_to_each_mail_and_to_older_ones() {
        let page = mailbox_page(&[mail()], false, Some(mail().id)).unwrap();
        assert!(
            page.html
                .contains("href=\"/dev/mailbox/00000000-0000-0000-0000-000000000007\"")
        );
        assert!(page.html.contains("?before=00000000-0000-0000-0000-000000000007"));
        assert!(page.html.contains("Spring &lt;b&gt;offers"));
        assert!(
            mailbox_page(&[], false, None)
                .unwrap()
                .html
                .contains("No mails yet")
        );
    }
}
