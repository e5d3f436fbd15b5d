//! The program itself, as its own process: for what can only be seen from outside, such as its log.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokio::process::{Child, Command};

/// Runs until it is stopped or dropped; on a free port, with SQLite in its data folder.
pub struct Binary {
    pub base: String,
    folder: PathBuf,
    log: PathBuf,
    child: Child,
}

/// `GROUNDSWELL_TEST_BIN`, or what `cargo build --workspace` put beside this test.
pub(crate) fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("GROUNDSWELL_TEST_BIN") {
        return path.into();
    }
    let path = std::env::current_exe()
        .unwrap()
        .ancestors()
        .nth(2)
        .unwrap()
        .join("groundswell");
    assert!(
        path.is_file(),
        "{} is missing: run `cargo build --workspace` first",
        path.display()
    );
    path
}

impl Binary {
    /// `serve` with a data folder of its own. `settings` are environment variables.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        Self::start_in(&new_folder(), "serve", settings).await
    }

    /// `serve`, `api` or `worker` with this data folder.
    pub async fn start_in(folder: &Path, command: &str, settings: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let log = folder.with_extension(format!("log{}", COUNT.fetch_add(1, Ordering::Relaxed)));
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let file = std::fs::File::create(&log).unwrap();
        let child = Command::new(program())
            .arg(command)
            .env("GROUNDSWELL__DATA__DIR", folder)
            .env("GROUNDSWELL__SERVER__PORT", port.to_string())
            .env("GROUNDSWELL__WORKER__POLL_MS", "20")
            // Whoever waits for a mail waits for another one.
            .env("GROUNDSWELL__AUTH__CONFIRM_ADDRESSES", "false")
            .env("GROUNDSWELL__DNS__ENABLED", "false")
            .envs(settings.iter().copied())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut binary = Self {
            base: format!("http://127.0.0.1:{port}"),
            folder: folder.to_owned(),
            log,
            child,
        };
        let http = reqwest::Client::new();
        let ready = || async {
            if command == "worker" {
                return std::fs::read_to_string(&binary.log).is_ok_and(|text| text.contains("is ready"));
            }
            http.get(format!("{}/readyz", binary.base))
                .send()
                .await
                .is_ok_and(|answer| answer.status() == 200)
        };
        let started = until(ready).await;
        let log = if started {
            String::new()
        } else {
            binary.stop().await
        };
        assert!(started, "the program did not start: {log}");
        binary
    }

    /// Of the process, in bytes. Only Linux tells.
    pub fn resident_memory(&self) -> u64 {
        let id = self.child.id().unwrap();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        line.trim()
            .strip_suffix("kB")
            .unwrap()
            .trim()
            .parse::<u64>()
            .unwrap()
            * 1024
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The first mail in the outbox, as its page shows it.
    pub async fn first_mail(&self, http: &reqwest::Client) -> String {
        let page = |path: String| async move {
            http.get(format!("{}{path}", self.base))
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
        };
        let mut id = String::new();
        let found = until(async || {
            let list = page("/dev/mailbox".into()).await;
            let first = list.split("href=\"/dev/mailbox/").nth(1);
            first
                .and_then(|rest| rest.split('"').next())
                .unwrap_or_default()
                .clone_into(&mut id);
            !id.is_empty()
        })
        .await;
        assert!(found, "no mail came");
        let page = page(format!("/dev/mailbox/{id}")).await;
        // It is HTML in an attribute: what matters to readers of addresses is escaped, perhaps twice.
        page.replace("&amp;", "&").replace("&#x2f;", "/")
    }

    /// Ends it as an operator would, and throws its data away; everything it has written.
    pub async fn stop(&mut self) -> String {
        let (_, text) = self.end().await;
        let _ = std::fs::remove_dir_all(&self.folder);
        text
    }

    /// Ends it as an operator would, and keeps its data; the exit code and everything it has written.
    pub async fn end(&mut self) -> (Option<i32>, String) {
        if let Some(id) = self.child.id() {
            let told = Command::new("kill")
                .args(["-TERM", &id.to_string()])
                .status()
                .await;
            assert!(told.is_ok_and(|status| status.success()));
        }
        let status = self.child.wait().await.unwrap();
        let text = std::fs::read(&self.log).unwrap();
        let _ = std::fs::remove_file(&self.log);
        (status.code(), String::from_utf8_lossy(&text).into_owned())
    }
}

/// The name of a folder that nobody has made yet.
pub fn new_folder() -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("gs_bin_{}_{number}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    folder
}

/// Another process has a clock of its own, so it must be waited for: at most 20 seconds.
pub async fn until(mut done: impl AsyncFnMut() -> bool) -> bool {
    for _ in 0..400 {
        if done().await {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}
