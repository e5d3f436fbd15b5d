//! A double opt-in in a real browser: from the mailbox to the button.
//!
//! `GROUNDSWELL_TEST_CHROMIUM` names the browser; without it there is nothing to click with.

use crate::intake::{double_opt_in, form};
use groundswell_tests::{Backend, TestServer};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

/// A browser that is told what to do over its debugging pipe (Chrome `DevTools` Protocol): messages end with a NUL.
struct Browser {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    session: String,
    last: u64,
    profile: std::path::PathBuf,
}

impl Browser {
    async fn start(program: &str) -> Self {
        let profile = std::env::temp_dir().join(format!("gs_click_{}", std::process::id()));
        // It reads from descriptor 3 and writes to 4.
        let script = "exec \"$0\" --headless --no-sandbox --disable-gpu --no-first-run --remote-debugging-pipe \
            --user-data-dir=\"$1\" --window-size=390,900 3<&0 4>&1 </dev/null >/dev/null 2>&1";
        let mut child = Command::new("sh")
            .args(["-c", script, program])
            .arg(&profile)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut browser = Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
            session: String::new(),
            last: 0,
            profile,
        };
        let target = browser
            .call("Target.createTarget", json!({ "url": "about:blank" }))
            .await["targetId"]
            .clone();
        let attach = json!({ "targetId": target, "flatten": true });
        let session = browser.call("Target.attachToTarget", attach).await["sessionId"].clone();
        session.as_str().unwrap().clone_into(&mut browser.session);
        browser.call("Page.enable", json!({})).await;
        browser
    }

    async fn message(&mut self) -> Value {
        let mut bytes = Vec::new();
        let read = self.output.read_until(0, &mut bytes);
        let read = tokio::time::timeout(std::time::Duration::from_mins(1), read).await;
        assert!(
            read.expect("the browser says nothing").unwrap() > 0,
            "the browser ended"
        );
        bytes.pop();
        serde_json::from_slice(&bytes).unwrap()
    }

    async fn send(&mut self, method: &str, parameters: Value) -> u64 {
        self.last += 1;
        let mut message = json!({ "id": self.last, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.write_all(&bytes).await.unwrap();
        self.last
    }

    async fn call(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.send(method, parameters).await;
        loop {
            let message = self.message().await;
            if message["id"] == id {
                assert!(message["error"].is_null(), "{method}: {message}");
                return message["result"].clone();
            }
        }
    }

    /// Does something that leads to another page, and waits until that is loaded.
    async fn leave(&mut self, method: &str, parameters: Value) {
        self.send(method, parameters).await;
        while self.message().await["method"] != "Page.loadEventFired" {}
    }

    async fn open(&mut self, url: &str) {
        self.leave("Page.navigate", json!({ "url": url })).await;
    }

    async fn evaluate(&mut self, script: &str) -> Value {
        let parameters = json!({ "expression": script, "returnByValue": true });
        self.call("Runtime.evaluate", parameters).await["result"]["value"].clone()
    }

    /// With the keyboard, as somebody without a mouse does.
    async fn press_enter_on(&mut self, selector: &str) {
        let focused = self
            .evaluate(&format!("(e => {{ e.focus(); return document.activeElement === e }})(document.querySelector('{selector}'))"))
            .await;
        assert_eq!(focused, true, "{selector} can't be reached");
        let key = |kind: &str| json!({ "type": kind, "key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r" });
        self.leave("Input.dispatchKeyEvent", key("keyDown")).await;
    }

    async fn text(&mut self) -> String {
        let text = self.evaluate("document.body.innerText").await;
        text.as_str().unwrap().to_owned()
    }

    async fn stop(mut self) {
        self.child.kill().await.unwrap();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_visitor_signs_up_and_follows_the_link_in_the_mail() {
    let Ok(program) = std::env::var("GROUNDSWELL_TEST_CHROMIUM") else {
        eprintln!("skipped: GROUNDSWELL_TEST_CHROMIUM names no browser");
        return;
    };
    let server = TestServer::start(Backend::Sqlite).await;
    let ada = server.register("Ada").await;
    let form = form(&ada, double_opt_in()).await;
    let mut browser = Browser::start(&program).await;
    browser.open(&server.url(&format!("/f/{form}"))).await;
    browser
        .evaluate("document.querySelector('[name=email]').value = 'grace@navy.example'; for (const box of document.querySelectorAll('[type=checkbox]')) box.checked = true; 1")
        .await;
    browser.press_enter_on("button[type=submit]").await;
    assert!(browser.text().await.contains("Thank you"));
    server.drain().await;

    // The newest mail of the mailbox, and the link in it.
    browser.open(&server.url("/dev/mailbox")).await;
    assert!(browser.text().await.contains("Please confirm your mail address"));
    let mail = browser
        .evaluate("document.querySelector('a[href^=\"/dev/mailbox/\"]').href")
        .await;
    browser.open(mail.as_str().unwrap()).await;
    let link = browser
        .evaluate("new DOMParser().parseFromString(document.querySelector('iframe').srcdoc, 'text/html').querySelector('a[href*=\"/f/confirm/\"]').href")
        .await;
    browser.open(link.as_str().unwrap()).await;
    let page = browser.text().await;
    assert!(
        page.contains("Please confirm") && page.contains("grace@navy.example"),
        "{page}"
    );
    let found = ada.get_list("/api/leads?q=grace@navy.example").await;
    let lead = found["data"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/api/leads/{lead}/consents?current=true&purpose=marketing");
    assert_eq!(ada.get_list(&path).await["data"][0]["decision"], "pending");
    browser.press_enter_on("button[type=submit]").await;
    let page = browser.text().await;
    assert!(page.contains("it is confirmed"), "{page}");
    assert_eq!(ada.get_list(&path).await["data"][0]["decision"], "granted");
    browser.stop().await;
    server.stop().await;
}
