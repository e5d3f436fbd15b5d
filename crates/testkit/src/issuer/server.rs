//! A small issuer on this machine: answers every request with the same key set, and counts.

use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

pub struct TestIssuer {
    pub url: Url,
    answer: Arc<Mutex<Option<String>>>,
    requests: Arc<AtomicUsize>,
    server: tokio::task::JoinHandle<()>,
}

impl TestIssuer {
    pub async fn start(keys: &[Value]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/jwks", listener.local_addr().unwrap())).unwrap();
        let answer = Arc::new(Mutex::new(None));
        let requests = Arc::new(AtomicUsize::new(0));
        let server = tokio::spawn(serve(listener, answer.clone(), requests.clone()));
        let issuer = Self {
            url,
            answer,
            requests,
            server,
        };
        issuer.publishes(keys);
        issuer
    }

    /// For an hour.
    pub fn publishes(&self, keys: &[Value]) {
        let body = json!({ "keys": keys }).to_string();
        self.answers("200 OK", "Cache-Control: public, max-age=3600\r\n", &body);
    }

    pub fn answers(&self, status: &str, headers: &str, body: &str) {
        let length = body.len();
        *self.answer.lock().unwrap() = Some(format!(
            "HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
        ));
    }

    /// Connections are closed without an answer.
    pub fn is_away(&self) {
        *self.answer.lock().unwrap() = None;
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn serve(listener: TcpListener, answer: Arc<Mutex<Option<String>>>, requests: Arc<AtomicUsize>) {
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read_u8().await {
                Ok(byte) => request.push(byte),
                Err(_) => break,
            }
        }
        requests.fetch_add(1, Ordering::SeqCst);
        let answer = answer.lock().unwrap().clone();
        if let Some(answer) = answer {
            // Whoever has read enough may hang up.
            let _ = stream.write_all(answer.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
}
