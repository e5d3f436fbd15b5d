//! A real SMTP server for tests: postfix's `smtp-sink`, which takes every mail and keeps it in a file.
//!
//! `GROUNDSWELL_TEST_SMTP_SINK` names the program (`/usr/sbin/smtp-sink` when unset).

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use std::{env, fs, io};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use uuid::Uuid;

/// A running server on 127.0.0.1. It ends, and its mails are gone, when this is dropped.
#[derive(Debug)]
pub struct SmtpSink {
    child: Child,
    port: u16,
    folder: PathBuf,
}

impl SmtpSink {
    /// Starts a server on a free port. `arguments` make it misbehave, for example `["-f", "RCPT"]` (5xx),
    /// `["-r", "DATA"]` (4xx) or `["-q", "."]` (hangs up); see `man smtp-sink`.
    pub async fn start(arguments: &[&str]) -> io::Result<Self> {
        let folder = env::temp_dir().join(format!("groundswell-sink-{}", new_name()));
        fs::create_dir(&folder)?;
        // As root the program must switch to another user, who then writes the files.
        #[cfg(unix)]
        fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777))?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = spawn(port, &folder, arguments).await?;
        Ok(Self { child, port, folder })
    }

    /// Ends the server with all its connections, and starts another one at the same place. The mails stay.
    pub async fn restart(&mut self, arguments: &[&str]) -> io::Result<()> {
        self.child.kill().await?;
        self.child = spawn(self.port, &self.folder, arguments).await?;
        Ok(())
    }

    /// Ends the server; from now on connections are refused. The mails stay.
    pub async fn stop(&mut self) -> io::Result<()> {
        self.child.kill().await
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL under which a mailer reaches it.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=none", self.port)
    }

    /// Every mail that was received whole, in no particular order.
    pub fn mails(&self) -> io::Result<Vec<SunkMail>> {
        let mut mails = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let dump = fs::read(entry?.path())?;
            // The file exists from MAIL on; `Received` comes with DATA, and the empty line with the end.
            if dump.ends_with(b"\n\n") && dump.windows(10).any(|line| line == b"\nReceived:") {
                mails.push(SunkMail::parse(&dump));
            }
        }
        Ok(mails)
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a name that no other test process has; nothing depends on its value"
)]
fn new_name() -> Uuid {
    Uuid::new_v4()
}

async fn spawn(port: u16, folder: &Path, arguments: &[&str]) -> io::Result<Child> {
    let program = env::var("GROUNDSWELL_TEST_SMTP_SINK").unwrap_or_else(|_| "/usr/sbin/smtp-sink".into());
    let mut command = Command::new(&program);
    command
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if is_root()? {
        command.args(["-u", "postfix"]);
    }
    command
        .arg("-d")
        .arg(folder.join("mail."))
        .args(arguments)
        .arg(format!("127.0.0.1:{port}"))
        .arg("256");
    let mut child = command
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("{program} can't be started: {error}")))?;
    // There is nothing but trying that tells when it listens. A first connection that says nothing leaves no mail.
    for _ in 0..500 {
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("{program} ended at once: {status}")));
        }
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Ok(child);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(io::Error::other(format!(
        "{program} does not listen after 5 seconds"
    )))
}

#[cfg(unix)]
fn is_root() -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(fs::metadata("/proc/self")?.uid() == 0)
}

#[cfg(not(unix))]
fn is_root() -> io::Result<bool> {
    Ok(false)
}

/// A mail as the server got it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SunkMail {
    /// The address of `MAIL FROM`, without angle brackets.
    pub mail_from: String,
    /// The addresses of `RCPT TO`.
    pub recipients: Vec<String>,
    /// Header fields in order, unfolded, as they were sent (encoded words stay encoded).
    pub headers: Vec<(String, String)>,
    /// Everything after the headers, with LF line ends.
    pub body: String,
}

impl SunkMail {
    /// Reads a dump of smtp-sink: its own `X-` records and a `Received` field, then the mail.
    fn parse(dump: &[u8]) -> Self {
        let text = String::from_utf8_lossy(dump).replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in head.lines() {
            match (
                line.starts_with([' ', '\t']),
                fields.last_mut(),
                line.split_once(':'),
            ) {
                (true, Some((_, value)), _) => value.push_str(line),
                (false, _, Some((name, value))) => fields.push((name.to_owned(), value.trim().to_owned())),
                _ => {}
            }
        }
        let end = fields
            .iter()
            .position(|(name, _)| name == "Received")
            .map_or(0, |at| at + 1);
        let headers = fields.split_off(end);
        let arguments = |wanted: &'static str| {
            fields
                .iter()
                .filter(move |(name, _)| name == wanted)
                .map(|(_, value)| address(value))
        };
        Self {
            mail_from: arguments("X-Mail-Args").next().unwrap_or_default(),
            recipients: arguments("X-Rcpt-Args").collect(),
            headers,
            body: body.to_owned(),
        }
    }

    /// The first field of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The decoded part of this kind (`text/plain`, `text/html`) of a `multipart/alternative` mail.
    pub fn part(&self, kind: &str) -> Option<String> {
        let boundary = self
            .header("Content-Type")?
            .split("boundary=\"")
            .nth(1)?
            .split('"')
            .next()?;
        let delimiter = format!("--{boundary}");
        self.body.split(&delimiter).find_map(|part| {
            let (head, content) = part.trim_start_matches('\n').split_once("\n\n")?;
            let head = head.to_ascii_lowercase();
            if !head.contains(&format!("content-type: {kind}")) {
                return None;
            }
            let content = content.strip_suffix('\n').unwrap_or(content);
            let bytes = if head.contains("quoted-printable") {
                quoted_printable(content)
            } else if head.contains("base64") {
                base64(content)
            } else {
                content.as_bytes().to_vec()
            };
            Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
        })
    }
}

/// `FROM:<a@b> SIZE=1` -> `a@b`.
fn address(argument: &str) -> String {
    argument
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .map_or(argument, |(address, _)| address)
        .to_owned()
}

fn quoted_printable(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'=', [b'\n', tail @ ..]) => tail,
            (b'=', [high, low, tail @ ..]) => {
                let digit = |byte: &u8| {
                    char::from(*byte)
                        .to_digit(16)
                        .and_then(|digit| u8::try_from(digit).ok())
                };
                if let (Some(high), Some(low)) = (digit(high), digit(low)) {
                    out.push(high * 16 + low);
                }
                tail
            }
            (byte, tail) => {
                out.push(*byte);
                tail
            }
        };
    }
    out
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut held) = (0_u32, 0);
    for value in text
        .bytes()
        .filter_map(|byte| ALPHABET.iter().position(|known| *known == byte))
    {
        bits = (bits << 6) | u32::try_from(value).unwrap_or_default();
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from((bits >> held) & 0xff).unwrap_or_default());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dump_is_read_back() {
        let dump = b"X-Client-Addr: 127.0.0.1\nX-Client-Proto: ESMTP\nX-Helo-Args: h\nX-Mail-Args: FROM:<a@b.de> BODY=8BITMIME\n\
            X-Rcpt-Args: TO:<c@d.de>\nReceived: from h\n\tby smtp-sink\nFrom: a@b.de\nSubject: one\n two\n\
            Content-Type: multipart/alternative;\n boundary=\"=_1\"\n\n--=_1\nContent-Type: text/plain; charset=utf-8\n\
            Content-Transfer-Encoding: base64\n\nSMOkbGxv\n--=_1\nContent-Type: text/html; charset=utf-8\n\
            Content-Transfer-Encoding: quoted-printable\n\n<p>H=C3=A4l=\nlo =3D</p>\n--=_1--\n";
        let mail = SunkMail::parse(dump);
        assert_eq!(
            (mail.mail_from.as_str(), mail.recipients.as_slice()),
            ("a@b.de", &["c@d.de".to_owned()][..])
        );
        assert_eq!(mail.header("subject"), Some("one two"));
        assert_eq!(mail.headers.len(), 3);
        assert_eq!(mail.part("text/plain").as_deref(), Some("Hällo"));
        assert_eq!(mail.part("text/html").as_deref(), Some("<p>Hällo =</p>"));
        assert_eq!(mail.part("text/calendar"), None);
    }
}
