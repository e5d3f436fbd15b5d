//! Against a server of a few lines that answers as the providers' documentation shows, and keeps what it was asked.

use super::*;
use crate::servers::ServersMailer;
use crate::test_store::{Kept, Noon};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use groundswell_domain::email::{EmailAddress, Mailer, OutgoingMail, RenderedMail, SendError};
use serde_json::{Value, json};
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

/// A request, as it came.
#[derive(Debug, Clone)]
struct Asked {
    line: String,
    head: String,
    body: Vec<u8>,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Gives one answer after the other; an empty one hangs up after the request was read.
struct Api {
    base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Api {
    async fn start(answers: &[&str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (kept, mut answers) = (
            asked.clone(),
            answers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        );
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let request = read(&mut stream).await;
                kept.lock().unwrap().push(request);
                if answers.is_empty() {
                    return;
                }
                let answer = answers.remove(0);
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { base, asked }
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> Asked {
    let mut bytes = Vec::new();
    loop {
        let mut piece = [0; 4096];
        let length = stream.read(&mut piece).await.unwrap();
        bytes.extend_from_slice(&piece[..length]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let mut asked = Asked {
            line: head.lines().next().unwrap().to_owned(),
            head,
            body: bytes[end + 4..].to_vec(),
        };
        let wanted: usize = asked
            .header("content-length")
            .map_or(0, |text| text.parse().unwrap());
        while asked.body.len() < wanted {
            let length = stream.read(&mut piece).await.unwrap();
            asked.body.extend_from_slice(&piece[..length]);
        }
        return asked;
    }
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n{headers}\r\n{body}",
        body.len()
    )
}

fn mail() -> OutgoingMail {
    OutgoingMail {
        organization: Uuid::nil().into(),
        id: Uuid::from_u128(7).into(),
        to: EmailAddress::from_trusted("bob@bücher.example".into()),
        to_name: "Bob, Jr.".into(),
        mail: RenderedMail {
            subject: "Grüße".into(),
            html: "<p>Hällo</p>".into(),
            text: "Hällo".into(),
        },
        unsubscribe_url: Some("https://example.com/u/1".into()),
        auto_submitted: None,
    }
}

const ID: &str = "00000000-0000-0000-0000-000000000007";

async fn send(provider: impl Provider + 'static) -> Result<String, SendError> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let options = ServerOptions {
        name: "api".into(),
        weight: 1,
        rate: None,
    };
    let server = over_http(options, provider, 4, Arc::new(Noon)).unwrap();
    let sender = "Ada <mail@example.com>".parse().unwrap();
    ServersMailer::new(vec![server], sender, Arc::new(Noon), Arc::new(Kept::default()))
        .send(&mail(), None)
        .await
}

fn sendgrid(api: &Api) -> SendGrid {
    SendGrid {
        base: api.base.clone(),
        key: "SG.key".into(),
    }
}

fn resend(api: &Api) -> Resend {
    Resend {
        base: api.base.clone(),
        key: "re_key".into(),
    }
}

fn ses(api: &Api) -> Ses {
    Ses::new(
        Some(api.base.clone()),
        "eu-central-1".into(),
        "AKIDEXAMPLE:secret",
        Some("news".into()),
    )
    .unwrap()
}

#[tokio::test]
async fn sendgrid_is_asked_as_its_documentation_says() {
    let accepted = answer("202 Accepted", "x-message-id: 14c5d75ce93.dfd.64b469\r\n", "");
    let api = Api::start(&[&accepted]).await;
    assert_eq!(
        send(sendgrid(&api)).await.unwrap(),
        "202 SendGrid 14c5d75ce93.dfd.64b469"
    );
    let asked = &api.asked()[0];
    assert_eq!(asked.line, "POST /v3/mail/send HTTP/1.1");
    assert_eq!(asked.header("authorization"), Some("Bearer SG.key"));
    assert_eq!(
        asked.json(),
        json!({
            "personalizations": [{
                "to": [{ "email": "bob@xn--bcher-kva.example", "name": "Bob, Jr." }],
                "custom_args": { "groundswell_id": ID },
            }],
            "from": { "email": "mail@example.com", "name": "Ada" },
            "subject": "Grüße",
            "content": [
                { "type": "text/plain", "value": "Hällo" },
                { "type": "text/html", "value": "<p>Hällo</p>" },
            ],
            "headers": {
                "Message-ID": format!("<{ID}@example.com>"),
                "List-Unsubscribe": "<https://example.com/u/1>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Precedence": "bulk",
            },
            "tracking_settings": {
                "click_tracking": { "enable": false, "enable_text": false },
                "open_tracking": { "enable": false },
                "subscription_tracking": { "enable": false },
            },
        })
    );
}

#[tokio::test]
async fn mailgun_gets_the_finished_mail() {
    let queued = answer(
        "200 OK",
        "",
        r#"{"id":"<20111114174239.25659.5817@samples.mailgun.org>","message":"Queued. Thank you."}"#,
    );
    let api = Api::start(&[&queued]).await;
    let mailgun = Mailgun {
        base: api.base.clone(),
        key: "key-1".into(),
        domain: "mg.example.com".into(),
    };
    assert_eq!(
        send(mailgun).await.unwrap(),
        "200 Mailgun <20111114174239.25659.5817@samples.mailgun.org>"
    );
    let asked = &api.asked()[0];
    assert_eq!(asked.line, "POST /v3/mg.example.com/messages.mime HTTP/1.1");
    let login = format!("Basic {}", STANDARD.encode("api:key-1"));
    assert_eq!(asked.header("authorization"), Some(login.as_str()));
    let body = String::from_utf8(asked.body.clone()).unwrap();
    for part in [
        "name=\"to\"\r\n\r\nbob@xn--bcher-kva.example\r\n",
        "name=\"o:tracking\"\r\n\r\nno\r\n",
        &format!("name=\"v:groundswell_id\"\r\n\r\n{ID}\r\n"),
        "name=\"message\"; filename=\"message.eml\"",
        &format!("Message-ID: <{ID}@example.com>\r\n"),
        "List-Unsubscribe: <https://example.com/u/1>\r\n",
    ] {
        assert!(body.contains(part), "{part}\n{body}");
    }
}

#[tokio::test]
async fn mailgun_tells_what_became_of_a_mail() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let ours = format!(r#""user-variables":{{"groundswell_id":"{ID}"}}"#);
    let by_header = format!(r#""message":{{"headers":{{"message-id":"{ID}@example.com"}}}}"#);
    for (status, items, expected) in [
        ("200 OK", String::new(), Ok(None)),
        (
            "200 OK",
            r#"{"event":"delivered","message":{"headers":{"message-id":"other@example.com"}}}"#.to_owned(),
            Ok(None),
        ),
        (
            "200 OK",
            format!(r#"{{"event":"accepted",{ours}}}"#),
            Ok(Some(Fate::Sent)),
        ),
        (
            "200 OK",
            format!(r#"{{"event":"failed",{by_header}}}"#),
            Ok(Some(Fate::Sent)),
        ),
        (
            "200 OK",
            format!(r#"{{"event":"accepted",{ours}}},{{"event":"rejected",{ours}}}"#),
            Ok(Some(Fate::NotSent)),
        ),
        ("401 Unauthorized", String::new(), Err(())),
    ] {
        let api = Api::start(&[&answer(status, "", &format!(r#"{{"items":[{items}]}}"#))]).await;
        let options = ServerOptions {
            name: "mg".into(),
            weight: 1,
            rate: None,
        };
        let mailgun = Mailgun {
            base: api.base.clone(),
            key: "key-1".into(),
            domain: "mg.example.com".into(),
        };
        let server = over_http(options, mailgun, 1, Arc::new(Noon)).unwrap();
        let sender = "mail@example.com".parse().unwrap();
        let mailer = ServersMailer::new(vec![server], sender, Arc::new(Noon), Arc::new(Kept::default()));
        assert!(mailer.can_tell());
        let doubted = Doubted {
            id: mail().id,
            to: mail().to,
            created_at: DateTime::from_timestamp(1_800_000_000, 0).unwrap(),
        };
        let told = mailer.fate(&doubted).await;
        assert!(
            told.as_ref().err().is_none_or(|error| !error.contains("key-1")),
            "{told:?}"
        );
        assert_eq!(told.map_err(|_| ()), expected, "{items}");
        let line = &api.asked()[0].line;
        assert_eq!(
            line,
            "GET /v3/mg.example.com/events?recipient=bob%40xn--bcher-kva.example&begin=1800000000&ascending=yes&limit=20 HTTP/1.1"
        );
    }
}

#[tokio::test]
async fn resend_is_given_our_id_as_its_idempotency_key() {
    let taken = answer("200 OK", "", r#"{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#);
    let api = Api::start(&[&taken]).await;
    assert_eq!(
        send(resend(&api)).await.unwrap(),
        "200 Resend 49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"
    );
    let asked = &api.asked()[0];
    assert_eq!(asked.line, "POST /emails HTTP/1.1");
    assert_eq!(asked.header("idempotency-key"), Some(ID));
    assert!(asked.header("user-agent").unwrap().starts_with("groundswell/"));
    let body = asked.json();
    assert_eq!(
        (&body["from"], &body["to"], &body["subject"]),
        (
            &json!("\"Ada\" <mail@example.com>"),
            &json!(["\"Bob, Jr.\" <bob@xn--bcher-kva.example>"]),
            &json!("Grüße")
        )
    );
    assert_eq!(
        body["headers"]["List-Unsubscribe-Post"],
        "List-Unsubscribe=One-Click"
    );
    assert_eq!(body["tags"], json!([{ "name": "groundswell_id", "value": ID }]));
}

#[tokio::test]
async fn a_doubt_at_resend_is_asked_away_with_the_same_key() {
    let taken = answer("200 OK", "", r#"{"id":"1"}"#);
    for doubt in [
        "",
        &answer("500 Internal Server Error", "", r#"{"name":"application_error"}"#),
    ] {
        let api = Api::start(&[doubt, &taken]).await;
        send(resend(&api)).await.unwrap();
        let asked = api.asked();
        assert_eq!(asked.len(), 2);
        assert_eq!(
            (asked[0].header("idempotency-key"), &asked[0].body),
            (asked[1].header("idempotency-key"), &asked[1].body)
        );
    }
    let api = Api::start(&["", ""]).await;
    let sent = send(resend(&api)).await;
    assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
    let busy = answer(
        "409 Conflict",
        "",
        r#"{"statusCode":409,"name":"concurrent_idempotent_requests","message":"x"}"#,
    );
    let api = Api::start(&[&busy, &busy]).await;
    let sent = send(resend(&api)).await;
    assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
}

#[tokio::test]
async fn ses_gets_a_signed_request_with_the_finished_mail() {
    let taken = answer("200 OK", "", r#"{"MessageId":"0107018f-6f3b"}"#);
    let api = Api::start(&[&taken]).await;
    assert_eq!(send(ses(&api)).await.unwrap(), "200 Amazon SES 0107018f-6f3b");
    let asked = &api.asked()[0];
    assert_eq!(asked.line, "POST /v2/email/outbound-emails HTTP/1.1");
    assert_eq!(asked.header("x-amz-date"), Some("20270115T080000Z"));
    let authorization = asked.header("authorization").unwrap();
    assert!(
        authorization.starts_with(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20270115/eu-central-1/ses/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, Signature="
        ),
        "{authorization}"
    );
    // What was signed is what was sent.
    let headers = [
        ("content-type", asked.header("content-type").unwrap()),
        ("host", asked.header("host").unwrap()),
        ("x-amz-date", asked.header("x-amz-date").unwrap()),
    ];
    let credentials = sigv4::Credentials {
        access: "AKIDEXAMPLE".into(),
        secret: "secret".into(),
    };
    let again = sigv4::sign(
        &credentials,
        ("eu-central-1", "ses"),
        ("POST", "/v2/email/outbound-emails", ""),
        &headers,
        &asked.body,
        "20270115T080000Z",
    );
    assert_eq!(authorization, again);
    let body = asked.json();
    assert_eq!(body["ConfigurationSetName"], "news");
    assert_eq!(
        body["Destination"],
        json!({ "ToAddresses": ["bob@xn--bcher-kva.example"] })
    );
    assert_eq!(
        body["EmailTags"],
        json!([{ "Name": "groundswell_id", "Value": ID }])
    );
    let raw = STANDARD
        .decode(body["Content"]["Raw"]["Data"].as_str().unwrap())
        .unwrap();
    let raw = String::from_utf8(raw).unwrap();
    assert!(raw.starts_with("From: Ada <mail@example.com>\r\n"), "{raw}");
}

/// What an answer comes to.
enum Is {
    Transient,
    Permanent,
    Unknown,
    Later(u64),
}

/// Status, headers, body, and what they mean.
type Answered = (&'static str, &'static str, &'static str, Is);

const AT_SENDGRID: &[Answered] = &[
    (
        "400 Bad Request",
        "",
        r#"{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email"}]}"#,
        Is::Permanent,
    ),
    (
        "401 Unauthorized",
        "",
        r#"{"errors":[{"message":"The provided authorization grant is invalid, expired, or revoked"}]}"#,
        Is::Transient,
    ),
    ("403 Forbidden", "", "{}", Is::Transient),
    ("413 Payload Too Large", "", "{}", Is::Permanent),
    (
        "429 Too Many Requests",
        "retry-after: 7\r\n",
        r#"{"errors":[{"message":"too many requests"}]}"#,
        Is::Later(7),
    ),
    ("429 Too Many Requests", "", "{}", Is::Later(30)),
    ("500 Internal Server Error", "", "{}", Is::Unknown),
    ("502 Bad Gateway", "", "<html>", Is::Unknown),
    ("503 Service Unavailable", "", "{}", Is::Transient),
    (
        "302 Found",
        "location: http://127.0.0.1:1/\r\n",
        "",
        Is::Permanent,
    ),
];

const AT_SES: &[Answered] = &[
    (
        "400 Bad Request",
        "x-amzn-errortype: MessageRejected\r\n",
        r#"{"message":"Email address is not verified."}"#,
        Is::Transient,
    ),
    (
        "400 Bad Request",
        "x-amzn-errortype: MessageRejected\r\n",
        r#"{"message":"The message contains a virus."}"#,
        Is::Permanent,
    ),
    (
        "400 Bad Request",
        "x-amzn-errortype: SendingPausedException:http://internal/\r\n",
        "{}",
        Is::Transient,
    ),
    (
        "400 Bad Request",
        "",
        r#"{"__type":"com.amazon.ses#LimitExceededException"}"#,
        Is::Transient,
    ),
    (
        "429 Too Many Requests",
        "",
        r#"{"__type":"TooManyRequestsException"}"#,
        Is::Later(30),
    ),
];

const AT_RESEND: &[Answered] = &[
    (
        "422 Unprocessable Entity",
        "",
        r#"{"name":"validation_error"}"#,
        Is::Permanent,
    ),
    (
        "429 Too Many Requests",
        "retry-after: 1\r\n",
        r#"{"name":"rate_limit_exceeded"}"#,
        Is::Later(1),
    ),
    (
        "429 Too Many Requests",
        "",
        r#"{"name":"daily_quota_exceeded"}"#,
        Is::Transient,
    ),
];

#[tokio::test]
async fn answers_mean_what_the_documentation_says() {
    let cases = AT_SENDGRID
        .iter()
        .map(|case| ("sendgrid", case))
        .chain(AT_SES.iter().map(|case| ("ses", case)))
        .chain(AT_RESEND.iter().map(|case| ("resend", case)));
    for (provider, (status, headers, body, is)) in cases {
        let api = Api::start(&[&answer(status, headers, body)]).await;
        let sent = match provider {
            "sendgrid" => send(sendgrid(&api)).await,
            "ses" => send(ses(&api)).await,
            _ => send(resend(&api)).await,
        };
        let fits = match (&sent, is) {
            (Err(SendError::Transient(_)), Is::Transient)
            | (Err(SendError::Refused { step: None, .. }), Is::Permanent)
            | (Err(SendError::Unknown(_)), Is::Unknown) => true,
            (Err(SendError::Later { after, .. }), Is::Later(seconds)) => after.as_secs() == *seconds,
            _ => false,
        };
        assert!(fits, "{provider} {status} {body}: {sent:?}");
        assert!(!format!("{sent:?}").contains("SG.key"));
    }
}

#[tokio::test]
async fn silence_is_a_doubt_and_a_closed_door_none() {
    let api = Api::start(&[""]).await;
    let sent = send(sendgrid(&api)).await;
    assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
    let nobody = Api {
        base: "http://127.0.0.1:1".into(),
        asked: Arc::default(),
    };
    let sent = send(sendgrid(&nobody)).await;
    assert!(matches!(sent, Err(SendError::Transient(_))), "{sent:?}");
}

#[tokio::test]
async fn the_check_asks_for_nothing_but_an_answer() {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    for (status, good) in [
        ("200 OK", true),
        ("403 Forbidden", true),
        ("401 Unauthorized", false),
    ] {
        let api = Api::start(&[&answer(status, "", "{}")]).await;
        let options = ServerOptions {
            name: "api".into(),
            weight: 1,
            rate: None,
        };
        let server = over_http(options, ses(&api), 1, Arc::new(Noon)).unwrap();
        let sender = "mail@example.com".parse().unwrap();
        let mailer = ServersMailer::new(vec![server], sender, Arc::new(Noon), Arc::new(Kept::default()));
        let found = mailer.check().await;
        assert_eq!(found[0].1.is_ok(), good, "{found:?}");
        assert_eq!(api.asked()[0].line, "GET /v2/email/account HTTP/1.1");
    }
}

#[tokio::test]
async fn a_second_answer_says_nothing_of_the_first() {
    for again in [
        answer("503 Service Unavailable", "", "{}"),
        answer("429 Too Many Requests", "retry-after: 1\r\n", "{}"),
    ] {
        let api = Api::start(&["", &again]).await;
        let sent = send(resend(&api)).await;
        assert!(matches!(sent, Err(SendError::Unknown(_))), "{sent:?}");
    }
}
