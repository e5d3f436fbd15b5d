//! Signatures, checked by the same cryptography from the other side, and what changes on the way may be. That others read them
//! the same is shown by scripts/check-dkim, with dkimpy.

use super::*;
use crate::mime;
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::email::{EmailAddress, OutgoingMail, RenderedMail};
use uuid::Uuid;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

fn mail() -> Vec<u8> {
    let mail = OutgoingMail {
        organization: Uuid::nil().into(),
        id: Uuid::from_u128(7).into(),
        to: EmailAddress::from_trusted("bob@example.org".into()),
        to_name: "Bob".into(),
        mail: RenderedMail {
            subject: "Grüße: ein Betreff, der für eine einzige Zeile viel zu lang ist, wirklich".into(),
            html: "<p>Hällo  </p>\n\n<p>.</p>\n\n".into(),
            text: "Hällo \t x\n.\n\n\n".into(),
        },
        unsubscribe_url: Some("https://example.com/u/abc".into()),
        auto_submitted: None,
    };
    let sender = "Ada & Söhne <mail@example.com>".parse().unwrap();
    mime::build(&sender, &mail, noon()).unwrap().bytes
}

fn signed(algorithm: DkimAlgorithm, without: &[&str]) -> (NewDkimKey, String) {
    let key = AwsLcDkim.generate(algorithm).unwrap();
    let signer = AwsLcDkim
        .signer("example.com", "gs1", algorithm, &key.private)
        .unwrap();
    let header = signer.sign(&mail(), without, noon()).unwrap();
    (key, header)
}

/// A tag's value, without folds.
fn tag(header: &str, name: &str) -> String {
    let value = header.trim_end().trim_start_matches("DKIM-Signature:");
    let found = value
        .split(';')
        .map(str::trim)
        .find_map(|tag| tag.strip_prefix(&format!("{name}=")));
    found.unwrap().split_whitespace().collect()
}

/// What a receiver computes from a mail that may have changed on the way: the hash of its body, and the text that is signed.
fn as_received(header: &str, mail: &str) -> (String, String) {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let hash = STANDARD.encode(digest(&SHA256, &canonical::body(body.as_bytes())));
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let mut lines: Vec<&str> = unfolded.split("\r\n").collect();
    let mut text = String::new();
    for name in tag(header, "h").split(':') {
        let is = |line: &&str| line.split(':').next().unwrap().eq_ignore_ascii_case(name);
        if let Some(at) = lines.iter().rposition(is) {
            text.push_str(&canonical::header(lines.remove(at)));
            text.push_str("\r\n");
        }
    }
    let at = header.rfind("b=").unwrap() + 2;
    text.push_str(&canonical::header(&header[..at]));
    (hash, text)
}

fn verifies(key: &NewDkimKey, header: &str, mail: &str) -> bool {
    let (hash, text) = as_received(header, mail);
    let public = STANDARD.decode(&key.public).unwrap();
    let signature = STANDARD.decode(tag(header, "b")).unwrap();
    let good = if tag(header, "a") == "rsa-sha256" {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &public)
            .verify(text.as_bytes(), &signature)
            .is_ok()
    } else {
        let text = digest(&SHA256, text.as_bytes());
        UnparsedPublicKey::new(&ED25519, &public)
            .verify(text.as_ref(), &signature)
            .is_ok()
    };
    good && hash == tag(header, "bh")
}

#[test]
fn both_kinds_of_keys_sign_what_receivers_can_check() {
    let mail = String::from_utf8(mail()).unwrap();
    for algorithm in DkimAlgorithm::ALL {
        let (key, header) = signed(*algorithm, &[]);
        assert!(verifies(&key, &header, &mail), "{header}");
        assert_eq!(
            (
                tag(&header, "d"),
                tag(&header, "s"),
                tag(&header, "t"),
                tag(&header, "c")
            ),
            (
                "example.com".into(),
                "gs1".into(),
                "1700000000".into(),
                "relaxed/relaxed".into()
            )
        );
        let names = tag(&header, "h");
        for name in [
            "From",
            "To",
            "Subject",
            "Date",
            "Message-ID",
            "List-Unsubscribe",
            "List-Unsubscribe-Post",
            "MIME-Version",
            "Content-Type",
        ] {
            assert!(names.split(':').any(|found| found == name), "{name}: {names}");
        }
        assert!(
            header.starts_with("DKIM-Signature: ") && header.ends_with("\r\n"),
            "{header}"
        );
        assert!(header.split("\r\n").all(|line| line.len() <= 100), "{header}");
    }
}

#[test]
fn blanks_may_change_on_the_way_and_nothing_else() {
    let mail = String::from_utf8(mail()).unwrap();
    let (key, header) = signed(DkimAlgorithm::Ed25519, &[]);
    let refolded = mail.replace("To: Bob <", "To:\tBob \r\n  <") + "\r\n\r\n";
    assert!(verifies(&key, &header, &refolded));
    for (from, to) in [
        ("To: Bob", "To: Rob"),
        ("From: ", "From: evil@example.net\r\nFrom: "),
        ("Subject: ", "Subject: Win\r\nSubject: "),
        (
            "List-Unsubscribe: <https://example.com",
            "List-Unsubscribe: <https://example.net",
        ),
        ("H=C3=A4llo", "H=C3=A4ll0"),
        (
            "Content-Type: multipart/alternative",
            "Content-Type: multipart/mixed",
        ),
    ] {
        assert!(mail.contains(from), "{from}");
        assert!(
            !verifies(&key, &header, &mail.replacen(from, to, 1)),
            "{from} → {to}"
        );
    }
}

#[test]
fn another_from_after_ours_is_seen_too() {
    let mail = String::from_utf8(mail()).unwrap();
    let (key, header) = signed(DkimAlgorithm::Ed25519, &[]);
    let doubled = mail.replacen("Date: ", "From: evil@example.net\r\nDate: ", 1);
    assert!(!verifies(&key, &header, &doubled));
}

#[test]
fn what_is_rewritten_on_the_way_is_left_out() {
    let mail = String::from_utf8(mail()).unwrap();
    let (key, header) = signed(DkimAlgorithm::Rsa, &["message-id", "Date"]);
    let names = tag(&header, "h");
    assert!(
        !names.contains("Message-ID") && !names.contains("Date"),
        "{names}"
    );
    let rewritten = mail.replacen("Message-ID: <", "Message-ID: <1-2-", 1);
    assert!(verifies(&key, &header, &rewritten));
}

#[test]
fn a_key_is_of_its_kind_and_never_shown() {
    let key = AwsLcDkim.generate(DkimAlgorithm::Ed25519).unwrap();
    assert_eq!(STANDARD.decode(&key.public).unwrap().len(), 32);
    let signer = |algorithm, private: &SecretString| AwsLcDkim.signer("example.com", "s", algorithm, private);
    assert!(signer(DkimAlgorithm::Rsa, &key.private).is_err());
    assert!(signer(DkimAlgorithm::Ed25519, &"nonsense".into()).is_err());
    let good = signer(DkimAlgorithm::Ed25519, &key.private).unwrap();
    assert_eq!(format!("{good:?}"), "s._domainkey.example.com");
}

/// For scripts/check-dkim: writes signed mails and the records that belong to them into the folder that the variable names.
#[test]
#[ignore = "writes files for scripts/check-dkim, which runs it"]
fn samples_for_an_outside_verifier() {
    let folder = std::env::var("GROUNDSWELL_DKIM_SAMPLES").unwrap();
    for algorithm in DkimAlgorithm::ALL {
        let (key, header) = signed(*algorithm, &[]);
        let whole = [header.as_bytes(), &mail()].concat();
        let record = format!("v=DKIM1; k={algorithm}; p={}", key.public);
        std::fs::write(format!("{folder}/{algorithm}.eml"), whole).unwrap();
        std::fs::write(format!("{folder}/{algorithm}.txt"), record).unwrap();
    }
}
