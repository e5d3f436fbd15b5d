//! A real Redis for tests, which keeps nothing on disk.
//!
//! `GROUNDSWELL_TEST_REDIS` names the program (`redis-server` when unset).

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;
use std::{env, io};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// A running server on 127.0.0.1. It ends when this is dropped.
#[derive(Debug)]
pub struct RedisServer {
    child: Child,
    port: u16,
}

impl RedisServer {
    /// Starts a server on a free port.
    pub async fn start() -> io::Result<Self> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let child = spawn(port).await?;
        Ok(Self { child, port })
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Ends it at once; from now on connections are refused.
    pub async fn stop(&mut self) -> io::Result<()> {
        self.child.kill().await
    }

    /// Starts it again at the same place, empty.
    pub async fn restart(&mut self) -> io::Result<()> {
        self.child.kill().await?;
        self.child = spawn(self.port).await?;
        Ok(())
    }

    /// From now on it keeps connections and answers nothing, or answers again.
    pub async fn freeze(&self, frozen: bool) -> io::Result<()> {
        let Some(id) = self.child.id() else {
            return Err(io::Error::other("the server has ended"));
        };
        let signal = if frozen { "-STOP" } else { "-CONT" };
        let status = Command::new("kill")
            .args([signal, &id.to_string()])
            .status()
            .await?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("kill {signal} failed")))
        }
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        let _ = self.child.start_kill();
    }
}

async fn spawn(port: u16) -> io::Result<Child> {
    let program = env::var("GROUNDSWELL_TEST_REDIS").unwrap_or_else(|_| "redis-server".into());
    let mut child = Command::new(&program)
        .args([
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--port",
        ])
        .arg(port.to_string())
        .current_dir(env::temp_dir())
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| io::Error::new(error.kind(), format!("{program} can't be started: {error}")))?;
    // There is nothing but trying that tells when it answers.
    for _ in 0..500 {
        if let Some(status) = child.try_wait()? {
            return Err(io::Error::other(format!("{program} ended at once: {status}")));
        }
        if answers(port).await.is_ok() {
            return Ok(child);
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Err(io::Error::other(format!("{program} does not answer")))
}

async fn answers(port: u16) -> io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    stream.write_all(b"PING\r\n").await?;
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).await?;
    if &answer == b"+PONG" {
        Ok(())
    } else {
        Err(io::Error::other("something else listens there"))
    }
}
