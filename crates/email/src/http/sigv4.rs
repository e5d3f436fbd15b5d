//! Signature version 4, as AWS wants requests signed ("Create a signed AWS API request" in the IAM user guide). By hand, because one kind of
//! request does not need the SDK's types; AWS's published examples are the test.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use std::fmt::Write;

pub struct Credentials {
    /// The access key's id.
    pub access: String,
    pub secret: SecretString,
}

/// The value of the header `Authorization`. `scope` is region and service, `target` method, path and query (both encoded); `headers` are
/// in lower case, in alphabetic order, and among them `host` and `x-amz-date`, which is `time` (`20150830T123600Z`).
pub(super) fn sign(
    credentials: &Credentials,
    scope: (&str, &str),
    target: (&str, &str, &str),
    headers: &[(&str, &str)],
    body: &[u8],
    time: &str,
) -> String {
    let (region, service) = scope;
    let (method, path, query) = target;
    let date = &time[..time.len().min(8)];
    let mut listed = String::new();
    for (name, value) in headers {
        let _ = writeln!(listed, "{name}:{}", value.trim());
    }
    let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
    let names = names.join(";");
    let request = format!(
        "{method}\n{path}\n{query}\n{listed}\n{names}\n{}",
        hex(&Sha256::digest(body))
    );
    let within = format!("{date}/{region}/{service}/aws4_request");
    let text = format!(
        "AWS4-HMAC-SHA256\n{time}\n{within}\n{}",
        hex(&Sha256::digest(request.as_bytes()))
    );
    let secret = format!("AWS4{}", credentials.secret.expose_secret());
    let key = [date, region, service, "aws4_request"]
        .iter()
        .fold(secret.into_bytes(), |key, part| hmac(&key, part));
    format!(
        "AWS4-HMAC-SHA256 Credential={}/{within}, SignedHeaders={names}, Signature={}",
        credentials.access,
        hex(&hmac(&key, &text))
    )
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    // A key of any length is possible.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of the AWS Signature Version 4 test suite: `get-vanilla`, `post-vanilla` and `post-x-www-form-urlencoded`.
    #[test]
    fn the_published_examples() {
        let credentials = Credentials {
            access: "AKIDEXAMPLE".into(),
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
        };
        let plain = [
            ("host", "example.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
        ];
        let form = [
            ("content-type", "application/x-www-form-urlencoded"),
            plain[0],
            plain[1],
        ];
        for (method, headers, body, signature) in [
            (
                "GET",
                &plain[..],
                "",
                "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
            ),
            (
                "POST",
                &plain[..],
                "",
                "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
            ),
            (
                "POST",
                &form[..],
                "Param1=value1",
                "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
            ),
        ] {
            let header = sign(
                &credentials,
                ("us-east-1", "service"),
                (method, "/", ""),
                headers,
                body.as_bytes(),
                "20150830T123600Z",
            );
            let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=";
            assert!(header.starts_with(start), "{header}");
            assert!(
                header.ends_with(&format!("Signature={signature}")),
                "{method}: {header}"
            );
        }
    }
}
