//! A server that answers as it is told by the address, also as no server should.

use std::io::Write;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

pub struct Server {
    pub port: u16,
    /// The address that each connection came to.
    peers: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Server {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let peers = Arc::<Mutex<Vec<String>>>::default();
        let seen = peers.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                seen.lock()
                    .unwrap()
                    .push(stream.local_addr().unwrap().ip().to_string());
                tokio::spawn(answer(stream));
            }
        });
        Self { port, peers, task }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn peers(&self) -> Vec<String> {
        self.peers.lock().unwrap().clone()
    }

    pub fn requests(&self) -> usize {
        self.peers().len()
    }
}

/// One request per connection.
async fn answer(mut stream: TcpStream) {
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut piece).await {
            Ok(count) if count > 0 => request.extend_from_slice(&piece[..count]),
            _ => return,
        }
        // A handshake of TLS, which we don't speak.
        if request.first() == Some(&0x16) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
            return;
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let address = request.split(' ').nth(1).unwrap_or_default().to_owned();
    let path = address.split('?').next().unwrap_or_default();
    // The client may hang up at any moment: that is what some tests are about.
    let _ = match path {
        "/slow-head" => return tokio::time::sleep(std::time::Duration::from_mins(1)).await,
        "/slow-body" => drip(&mut stream).await,
        "/large" => flood(&mut stream).await,
        _ => stream.write_all(&reply(path, &address, &request)).await,
    };
    let _ = stream.shutdown().await;
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length = head.lines().find_map(|line| {
        line.to_lowercase()
            .strip_prefix("content-length: ")?
            .parse::<usize>()
            .ok()
    });
    body.len() >= length.unwrap_or(0)
}

fn reply(path: &str, address: &str, request: &str) -> Vec<u8> {
    let with = |headers: &str, body: &[u8]| {
        let mut all = format!(
            "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
            body.len()
        )
        .into_bytes();
        all.extend_from_slice(body);
        all
    };
    let redirect = |to: &str| {
        format!("HTTP/1.1 302 Found\r\nConnection: close\r\nContent-Length: 0\r\nLocation: {to}\r\n\r\n")
            .into_bytes()
    };
    match path {
        "/echo" => with("X-Own: 1\r\nSet-Cookie: a=b\r\n", echo(request).as_bytes()),
        "/redirect" => redirect(address.split_once("to=").unwrap_or_default().1),
        "/round" => redirect("/round"),
        "/zipped" => with("Content-Encoding: gzip\r\n", &gzip(b"hello hello hello")),
        "/bomb" => with("Content-Encoding: gzip\r\n", &gzip(&vec![0; 100 * 1024 * 1024])),
        "/huge-header" => with(&format!("X-Huge: {}\r\n", "x".repeat(1024 * 1024)), b""),
        "/many-headers" => with(&"X-More: 1\r\n".repeat(10_000), b""),
        "/no-http" => b"220 mail.example ESMTP\r\n".to_vec(),
        _ => b"HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n".to_vec(),
    }
}

/// Method and address, headers with names in lower case, and the body.
fn echo(request: &str) -> String {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    let first = lines.next().unwrap().trim_end_matches(" HTTP/1.1");
    let headers = lines.map(|line| {
        let (name, value) = line.split_once(": ").unwrap();
        format!("{}: {value}\n", name.to_lowercase())
    });
    format!("{first}\n{}\n{body}", headers.collect::<String>())
}

async fn drip(stream: &mut TcpStream) -> std::io::Result<()> {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    for _ in 0..100 {
        stream.write_all(b"x").await?;
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    Ok(())
}

/// Without a length, until the client has had enough.
async fn flood(stream: &mut TcpStream) -> std::io::Result<()> {
    stream
        .write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        .await?;
    for _ in 0..10_000 {
        stream.write_all(&[b'x'; 10_000]).await?;
    }
    Ok(())
}

fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}
