//! Commands of the program that end by themselves.

use crate::binary::program;
use std::path::Path;
use std::process::Stdio;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// What a command left behind.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Ended with this code, and said every one of these things.
    #[track_caller]
    pub fn expect(&self, code: i32, said: &[&str]) -> &Self {
        assert_eq!(self.code, Some(code), "{self:?}");
        for part in said {
            assert!(
                self.out.contains(part) || self.err.contains(part),
                "{part} was not said: {self:?}"
            );
        }
        self
    }
}

/// Runs the program in the folder above `data`, which is its data folder. `settings` are environment variables.
pub async fn command(data: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Ended {
    fed_command(data, arguments, settings, b"").await
}

/// The same with something on standard input.
pub async fn fed_command(data: &Path, arguments: &[&str], settings: &[(&str, &str)], input: &[u8]) -> Ended {
    let mut child = Command::new(program())
        .args(arguments)
        .current_dir(data.parent().unwrap())
        .env("GROUNDSWELL__DATA__DIR", data)
        .env("GROUNDSWELL__SERVER__PORT", "0")
        .envs(settings.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let work = async {
        // Whoever does not read has ended.
        let _ = stdin.write_all(input).await;
        drop(stdin);
        child.wait_with_output().await
    };
    let output = tokio::time::timeout(std::time::Duration::from_mins(2), work)
        .await
        .unwrap_or_else(|_| panic!("{arguments:?} does not end"))
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    Ended {
        code: output.status.code(),
        out: text(&output.stdout),
        err: text(&output.stderr),
    }
}

/// Starts a command that is to be killed before it ends.
pub fn spawn(data: &Path, arguments: &[&str], settings: &[(&str, &str)]) -> Child {
    Command::new(program())
        .args(arguments)
        .current_dir(data.parent().unwrap())
        .env("GROUNDSWELL__DATA__DIR", data)
        .envs(settings.iter().copied())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}
