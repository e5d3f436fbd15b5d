//! The envelope in which Amazon SNS delivers by HTTPS: what of it is signed, and which addresses in it are Amazon's.
//!
//! Everything here is in the message of whoever calls, so nothing is believed before the signature is checked, and before that nothing is asked for but a
//! certificate, at an address that only SNS can publish under (SNS Developer Guide, "Verifying the signatures of Amazon SNS messages").

use serde::Deserialize;
use url::Url;

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct SnsMessage {
    #[serde(rename = "Type")]
    pub kind: String,
    pub message_id: String,
    pub topic_arn: String,
    pub message: String,
    pub timestamp: String,
    #[serde(default)]
    pub subject: Option<String>,
    /// Of a confirmation.
    #[serde(default)]
    pub token: Option<String>,
    #[serde(default, rename = "SubscribeURL")]
    pub subscribe_url: Option<String>,
    /// `1`: SHA-1 with RSA; `2`: SHA-256 with RSA.
    pub signature_version: String,
    /// In base64.
    pub signature: String,
    #[serde(rename = "SigningCertURL")]
    pub signing_cert_url: String,
}

impl SnsMessage {
    /// The error is a sentence.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        serde_json::from_slice(body).map_err(|error| {
            format!("is no message of Amazon SNS (raw message delivery must be off): {error}")
        })
    }

    pub fn is_notification(&self) -> bool {
        self.kind == "Notification"
    }

    /// What the signature is made of: names and values in this order, each on a line. `None` for what SNS does not send.
    pub fn signed_text(&self) -> Option<String> {
        let fields = match self.kind.as_str() {
            "Notification" => vec![
                ("Message", Some(&self.message)),
                ("MessageId", Some(&self.message_id)),
                ("Subject", self.subject.as_ref()),
                ("Timestamp", Some(&self.timestamp)),
                ("TopicArn", Some(&self.topic_arn)),
                ("Type", Some(&self.kind)),
            ],
            "SubscriptionConfirmation" | "UnsubscribeConfirmation" => vec![
                ("Message", Some(&self.message)),
                ("MessageId", Some(&self.message_id)),
                ("SubscribeURL", Some(self.subscribe_url.as_ref()?)),
                ("Timestamp", Some(&self.timestamp)),
                ("Token", Some(self.token.as_ref()?)),
                ("TopicArn", Some(&self.topic_arn)),
                ("Type", Some(&self.kind)),
            ],
            _ => return None,
        };
        let lines = fields
            .into_iter()
            .filter_map(|(name, value)| Some(format!("{name}\n{}\n", value?)));
        Some(lines.collect())
    }

    /// Where the certificate lies, if that is where SNS publishes those of the topic's region.
    pub fn certificate(&self) -> Option<Url> {
        let url = self.of_sns(&self.signing_cert_url)?;
        // SNS answers other paths and queries with what others have chosen.
        let plain = url.query().is_none()
            && url.path().matches('/').count() == 1
            && url.path().starts_with("/SimpleNotificationService-")
            && url.path().strip_suffix(".pem").is_some();
        plain.then_some(url)
    }

    /// For a `SubscriptionConfirmation`: what has to be asked for so that messages come. An error says why it must not be.
    pub fn confirmation(&self) -> Result<Option<Url>, String> {
        if self.kind != "SubscriptionConfirmation" {
            return Ok(None);
        }
        let url = self.subscribe_url.as_deref().and_then(|text| self.of_sns(text));
        let url = url.ok_or("names a SubscribeURL that is not of Amazon SNS in the topic's region")?;
        let is = |name: &str, value: &str| {
            url.query_pairs()
                .filter(|(own, _)| own == name)
                .map(|(_, own)| own == value)
                .collect::<Vec<_>>()
                == [true]
        };
        if url.path() == "/" && is("Action", "ConfirmSubscription") && is("TopicArn", &self.topic_arn) {
            return Ok(Some(url));
        }
        Err("names a SubscribeURL that is no confirmation of this topic".to_owned())
    }

    /// An address of SNS itself, in the region of the topic.
    fn of_sns(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let host = host_of(&self.topic_arn)?;
        let fits = url.scheme() == "https"
            && url.host_str() == Some(host.as_str())
            && url.port().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        fits.then_some(url)
    }
}

/// The server of a topic's region. A topic is `arn:PARTITION:sns:REGION:ACCOUNT:NAME`.
fn host_of(topic: &str) -> Option<String> {
    let mut parts = topic.split(':');
    let end = match (parts.next()?, parts.next()?, parts.next()?) {
        ("arn", "aws" | "aws-us-gov", "sns") => "amazonaws.com",
        ("arn", "aws-cn", "sns") => "amazonaws.com.cn",
        _ => return None,
    };
    let region = parts.next()?;
    let plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || sign == '-';
    (!region.is_empty() && region.chars().all(plain)).then(|| format!("sns.{region}.{end}"))
}

/// Whether it is the name of a topic.
pub fn is_topic(text: &str) -> bool {
    host_of(text).is_some() && text.split(':').count() == 6 && text.split(':').all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ses";

    fn message(kind: &str, certificate: &str, subscribe: &str) -> SnsMessage {
        let body = json!({
            "Type": kind, "MessageId": "m", "TopicArn": TOPIC, "Message": "hello", "Timestamp": "t", "Token": "k",
            "SignatureVersion": "2", "Signature": "", "SigningCertURL": certificate, "SubscribeURL": subscribe,
        });
        SnsMessage::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn what_is_signed_is_what_amazon_says() {
        let mut notification = message("Notification", "", "");
        assert_eq!(
            notification.signed_text().unwrap(),
            format!("Message\nhello\nMessageId\nm\nTimestamp\nt\nTopicArn\n{TOPIC}\nType\nNotification\n")
        );
        notification.subject = Some("s".to_owned());
        assert!(
            notification
                .signed_text()
                .unwrap()
                .contains("MessageId\nm\nSubject\ns\nTimestamp")
        );
        assert_eq!(
            message("SubscriptionConfirmation", "", "u")
                .signed_text()
                .unwrap(),
            format!(
                "Message\nhello\nMessageId\nm\nSubscribeURL\nu\nTimestamp\nt\nToken\nk\nTopicArn\n{TOPIC}\nType\nSubscriptionConfirmation\n"
            )
        );
        assert_eq!(message("Other", "", "").signed_text(), None);
    }

    #[test]
    fn certificates_come_from_the_topic_s_region_only() {
        let good = "https://sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab12.pem";
        assert_eq!(
            message("Notification", good, "").certificate().map(String::from),
            Some(good.to_owned())
        );
        for bad in [
            "http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab12.pem",
            "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab12.pem",
            "https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-ab12.pem",
            "https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-ab12.pem",
            "https://x@sns.eu-central-1.amazonaws.com/SimpleNotificationService-ab12.pem",
            "https://sns.eu-central-1.amazonaws.com:8443/SimpleNotificationService-ab12.pem",
            "https://sns.eu-central-1.amazonaws.com/?Action=x&y=/SimpleNotificationService-ab12.pem",
            "https://sns.eu-central-1.amazonaws.com/x/SimpleNotificationService-ab12.pem",
            "https://bucket.s3.amazonaws.com/SimpleNotificationService-ab12.pem",
            "https://sns.eu-central-1.amazonaws.com/other.pem",
            "",
        ] {
            assert_eq!(message("Notification", bad, "").certificate(), None, "{bad}");
        }
    }

    #[test]
    fn only_a_confirmation_of_the_topic_is_asked_for() {
        let base = "https://sns.eu-central-1.amazonaws.com";
        let good = format!("{base}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token=k");
        let confirmation = |url: &str| message("SubscriptionConfirmation", "", url).confirmation();
        assert_eq!(confirmation(&good), Ok(Some(Url::parse(&good).unwrap())));
        assert_eq!(message("Notification", "", &good).confirmation(), Ok(None));
        for bad in [
            good.replace("https", "http"),
            good.replace("eu-central-1.amazonaws.com", "eu-central-1.evil.example"),
            good.replace("ConfirmSubscription", "DeleteTopic"),
            good.replace(":ses", ":other"),
            format!("{good}&Action=DeleteTopic"),
            good.replace("/?", "/x?"),
        ] {
            assert!(confirmation(&bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn topics_are_told_from_other_things() {
        assert!(is_topic(TOPIC) && is_topic("arn:aws-cn:sns:cn-north-1:1:x"));
        for bad in [
            "",
            "arn:aws:sqs:eu-central-1:1:x",
            "arn:aws:sns:EU:1:x",
            "arn:aws:sns:a/b:1:x",
            "arn:aws:sns:a:1:",
        ] {
            assert!(!is_topic(bad), "{bad}");
        }
    }
}
