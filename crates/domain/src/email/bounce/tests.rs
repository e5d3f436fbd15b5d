//! 590 real mails that came back, and what sisimai makes of them (`tests/data/bounce`).

use super::*;
use std::collections::BTreeMap;
use std::io::Read;

/// The files of a tar archive: blocks of 512 bytes, name first, size in octal digits at 124.
fn files(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut all = BTreeMap::new();
    let mut at = 0;
    while at + 512 <= archive.len() && archive[at] != 0 {
        let header = &archive[at..at + 512];
        let text = |range: std::ops::Range<usize>| {
            String::from_utf8_lossy(&header[range])
                .trim_matches(['\0', ' '])
                .to_owned()
        };
        let size = usize::from_str_radix(&text(124..136), 8).unwrap();
        if header[156] == b'0' {
            let name = text(0..100).trim_start_matches("./").to_owned();
            all.insert(name, archive[at + 512..at + 512 + size].to_vec());
        }
        at += 512 + size.div_ceil(512) * 512;
    }
    all
}

fn mails() -> BTreeMap<String, Vec<u8>> {
    let packed: &[u8] = include_bytes!("../../../tests/data/bounce/sisimai_emails.tar.gz");
    let mut archive = Vec::new();
    flate2::read::GzDecoder::new(packed)
        .read_to_end(&mut archive)
        .unwrap();
    files(&archive)
}

/// Our names of sisimai's reasons.
fn ours(reason: &str) -> &str {
    match reason {
        "authfailure" => "authentication",
        "badreputation" => "bad_reputation",
        "contenterror" => "content",
        "exceedlimit" => "over_limit",
        "failedstarttls" => "tls",
        "hasmoved" => "moved",
        "hostunknown" => "host_unknown",
        "mailboxfull" => "mailbox_full",
        "mailererror" => "mailer",
        "mesgtoobig" => "too_big",
        "networkerror" => "network",
        "norelaying" => "no_relaying",
        "notaccept" => "not_accepting",
        "notcompliantrfc" => "not_compliant",
        "onhold" => "undecided",
        "policyviolation" => "policy",
        "rejected" => "sender_rejected",
        "requireptr" => "no_reverse_dns",
        "securityerror" => "security",
        "spamdetected" => "spam",
        "speeding" => "too_fast",
        "suspend" => "suspended",
        "syntaxerror" => "syntax",
        "systemerror" => "system",
        "systemfull" => "system_full",
        "toomanyconn" => "too_many_connections",
        "userunknown" => "user_unknown",
        "virusdetected" => "virus",
        same => same,
    }
}

#[test]
fn real_bounces_are_understood() {
    let mails = mails();
    let rows: Vec<Vec<&str>> = include_str!("../../../tests/data/bounce/expected.tsv")
        .lines()
        .skip(1)
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), 630);
    let (mut kinds, mut reasons, mut seen) = (0, 0, BTreeMap::new());
    let mut wrong = Vec::new();
    for row in &rows {
        let read = read(&mails[&format!("bsd/{}", row[0])]);
        // One mail's two lines have the same index: they are taken in order.
        let twice = rows.iter().filter(|other| other[..2] == row[..2]).count() > 1;
        let again = seen
            .entry(row[0])
            .and_modify(|count| *count += 1)
            .or_insert(1_usize);
        let index = if twice { *again } else { row[1].parse().unwrap() };
        let bounce = read.get(index - 1);
        let hard = bounce.map(|bounce| bounce.kind == BounceKind::Hard);
        let kind_fits = hard == Some(row[5] == "true");
        let reason_fits = bounce.is_some_and(|bounce| {
            // A report on authentication is feedback to sisimai.
            let own = if bounce.reason == BounceReason::Report {
                "feedback"
            } else {
                bounce.reason.as_str()
            };
            own == ours(row[4])
        });
        kinds += u32::from(kind_fits);
        reasons += u32::from(reason_fits);
        if !kind_fits || !reason_fits {
            wrong.push(format!(
                "{} {}: {} {}, not {:?}",
                row[0],
                row[1],
                row[4],
                row[5],
                bounce.map(|bounce| (bounce.kind, bounce.reason))
            ));
        }
    }
    let share = |count: u32| f64::from(count) / 630.0;
    let report = format!("{:.4} {:.4}\n{}", share(kinds), share(reasons), wrong.join("\n"));
    assert!(share(kinds) >= 0.98 && share(reasons) >= 0.90, "{report}");
}

#[test]
fn what_is_no_bounce_gives_none() {
    let mails = mails();
    let not: Vec<_> = mails
        .iter()
        .filter(|(name, _)| name.starts_with("not/"))
        .collect();
    assert_eq!(not.len(), 2);
    for (name, mail) in not {
        assert_eq!(read(mail), [], "{name}");
    }
    assert_eq!(read(b""), []);
    assert_eq!(read(b"\xff\xfe\0\n\n\n"), []);
}

#[test]
fn complaints_are_complaints_and_reports_are_not() {
    let mails = mails();
    let kinds = |name: &str| -> Vec<_> { read(&mails[name]).iter().map(|bounce| bounce.kind).collect() };
    let all: Vec<&String> = mails.keys().filter(|name| name.starts_with("bsd/arf-")).collect();
    let complaints = all
        .iter()
        .filter(|name| kinds(name).contains(&BounceKind::Complaint))
        .count();
    let reports = all
        .iter()
        .filter(|name| kinds(name) == [BounceKind::Notice])
        .count();
    assert!(
        complaints >= 10 && reports >= 3,
        "{complaints} {reports} of {}",
        all.len()
    );
}

const OWN: &str = "From: MAILER-DAEMON@mx.example.net\r\nTo: bounces@us.example\r\nSubject: Undelivered Mail\r\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\n\
    <ada@example.org>: host mx.example.org said: 550 5.1.1 User unknown (in reply to RCPT TO command)\r\n\r\n--b\r\n\
    Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; ada@example.org\r\n\
    Action: failed\r\nStatus: 5.1.1\r\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\
    Message-ID: <01980000-0000-7000-8000-000000000001@us.example>\r\nTo: ada@example.org\r\n\r\nHello\r\n--b--\r\n";

#[test]
fn a_bounce_names_our_mail() {
    let [bounce] = &read(OWN.as_bytes())[..] else {
        panic!()
    };
    assert_eq!(bounce.recipient.as_deref(), Some("ada@example.org"));
    assert_eq!(
        (bounce.kind, bounce.reason),
        (BounceKind::Hard, BounceReason::UserUnknown)
    );
    assert_eq!(bounce.status.as_deref(), Some("5.1.1"));
    assert_eq!(bounce.reply.as_deref(), Some("550"));
    let id = message_of(bounce.message_id.as_deref().unwrap()).unwrap();
    assert_eq!(id.to_string(), "01980000-0000-7000-8000-000000000001");
}

#[test]
fn a_warning_that_it_is_still_tried_is_only_a_notice() {
    let mail = OWN
        .replace("Action: failed", "Action: delayed")
        .replace("550 5.1.1 User unknown", "452 4.2.2 Mailbox full")
        .replace("5.1.1", "4.2.2");
    let [bounce] = &read(mail.as_bytes())[..] else {
        panic!()
    };
    assert_eq!(
        (bounce.kind, bounce.reason),
        (BounceKind::Notice, BounceReason::MailboxFull)
    );
}

#[test]
fn any_damage_is_survived() {
    for cut in (0..OWN.len()).step_by(7) {
        let _ = read(&OWN.as_bytes()[..cut]);
        let _ = read(&OWN.as_bytes()[cut..]);
    }
}
