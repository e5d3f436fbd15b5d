//! A browser that a test uses as a person would: with keys, eyes and patience.
//!
//! Chromium is spoken to in the words of its `DevTools` protocol, over two pipes: JSON texts with NUL between them. That needs
//! no port, no driver and no library.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

const PATIENCE: Duration = Duration::from_secs(30);

/// One page in one browser, which ends with it.
pub struct Chromium {
    _child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: Option<String>,
    next: u64,
    profile: PathBuf,
}

impl Chromium {
    /// `None` when `GROUNDSWELL_TEST_CHROMIUM` names no browser.
    pub async fn start(width: u32) -> Option<Self> {
        let Ok(program) = std::env::var("GROUNDSWELL_TEST_CHROMIUM") else {
            eprintln!("skipped: GROUNDSWELL_TEST_CHROMIUM names no browser");
            return None;
        };
        let profile = crate::binary::new_folder();
        // The protocol wants the descriptors 3 and 4.
        let mut child = Command::new("sh")
            .args([
                "-c",
                "exec \"$0\" \"$@\" 3<&0 4>&1 >/dev/null 2>/dev/null </dev/null",
                &program,
            ])
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--hide-scrollbars",
                "--no-first-run",
                "--disable-background-timer-throttling",
                "--remote-debugging-pipe",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut browser = Self {
            _child: child,
            input,
            output: BufReader::new(output),
            session: None,
            next: 0,
            profile,
        };
        let target = browser
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach).await;
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        browser.call("Page.enable", json!({})).await;
        browser.resize(width).await;
        Some(browser)
    }

    /// Asks, and waits for the answer; what the browser tells by itself meanwhile is not heard.
    pub async fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.next += 1;
        let mut message = json!({ "id": self.next, "method": method, "params": parameters });
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        self.input
            .write_all(format!("{message}\0").as_bytes())
            .await
            .unwrap();
        let answer = async {
            loop {
                let mut text = Vec::new();
                self.output.read_until(0, &mut text).await.unwrap();
                text.pop();
                let mut answer: Value = serde_json::from_slice(&text).unwrap();
                if answer["id"] == self.next {
                    assert!(answer.get("error").is_none(), "{method}: {answer}");
                    return answer["result"].take();
                }
            }
        };
        let answer = tokio::time::timeout(PATIENCE, answer).await;
        answer.unwrap_or_else(|_| panic!("{method} is not answered"))
    }

    pub async fn resize(&mut self, width: u32) {
        let size = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", size).await;
    }

    pub async fn without_scripts(&mut self) {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }))
            .await;
    }

    /// Opens a page, and waits until it is there with all that belongs to it.
    pub async fn open(&mut self, url: &str) {
        let opened = self.call("Page.navigate", json!({ "url": url })).await;
        assert!(opened.get("errorText").is_none(), "{url}: {opened}");
        self.until("document.readyState == 'complete'").await;
    }

    /// What an expression is in the page; promises are awaited.
    pub async fn eval(&mut self, expression: &str) -> Value {
        let parameters = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        let mut answer = self.call("Runtime.evaluate", parameters).await;
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer}");
        answer["result"]["value"].take()
    }

    /// Waits until an expression holds. A page that is just going away holds nothing.
    pub async fn until(&mut self, expression: &str) {
        let begun = std::time::Instant::now();
        while begun.elapsed() < PATIENCE {
            let parameters = json!({ "expression": expression, "returnByValue": true });
            let answer = self.call("Runtime.evaluate", parameters).await;
            if answer["result"]["value"] == true {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let page = self.eval("document.documentElement.outerHTML").await;
        panic!("never: {expression}\n{page}");
    }

    /// Types a text where the focus is.
    pub async fn type_text(&mut self, text: &str) {
        self.call("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses and lets go of a key: `Tab`, `Enter`, `Space`, `ArrowDown`.
    pub async fn press(&mut self, key: &str) {
        let (code, number, text) = match key {
            "Tab" => ("Tab", 9, ""),
            "Enter" => ("Enter", 13, "\r"),
            "Space" => ("Space", 32, " "),
            "ArrowDown" => ("ArrowDown", 40, ""),
            other => panic!("teach `press` the key {other}"),
        };
        let name = if key == "Space" { " " } else { key };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": name, "code": code, "windowsVirtualKeyCode": number, "text": text });
            self.call("Input.dispatchKeyEvent", event).await;
        }
    }

    /// A picture of the whole page, for people to look at: where `GROUNDSWELL_TEST_SCREENSHOTS` says.
    pub async fn picture(&mut self, name: &str) {
        use base64::Engine;
        let Some(folder) = std::env::var_os("GROUNDSWELL_TEST_SCREENSHOTS") else {
            return;
        };
        let taken = self
            .call(
                "Page.captureScreenshot",
                json!({ "format": "png", "captureBeyondViewport": true }),
            )
            .await;
        let png = base64::engine::general_purpose::STANDARD
            .decode(taken["data"].as_str().unwrap())
            .unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}
