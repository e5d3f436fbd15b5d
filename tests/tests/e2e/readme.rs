//! The first five minutes of the README, run as they stand there.

use groundswell_tests::Binary;
use std::path::Path;
use std::process::Stdio;
use tokio::process::Command;

/// The shell block under a heading.
fn block(text: &str, heading: &str) -> String {
    let (_, section) = text.split_once(heading).unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[tokio::test]
async fn the_first_five_minutes_work_as_they_are_written() {
    // As it comes, with a mail for the registration.
    let mut binary = Binary::start(&[("GROUNDSWELL__AUTH__CONFIRM_ADDRESSES", "true")]).await;
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let script = block(&std::fs::read_to_string(readme).unwrap(), "## First five minutes");
    let base = "BASE=http://127.0.0.1:8080";
    assert_eq!(script.matches(base).count(), 1);
    let script = script.replace(base, &format!("BASE={}", binary.base));
    let folder = binary.folder().with_extension("readme");
    std::fs::create_dir_all(&folder).unwrap();
    let output = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &script])
        .current_dir(&folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(std::time::Duration::from_mins(1), output).await;
    let output = output.expect("a command of the README waits forever").unwrap();
    std::fs::remove_dir_all(folder).unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    let log = binary.stop().await;
    assert!(output.status.success(), "{out}\n{err}\n{log}");
    for said in [
        "Look at it in a browser: http://",
        "\"message\": \"Thank you",
        "\"import_id\"",
        "\"name\": \"Mary Jackson\"",
        "\"name\": \"Katherine Johnson\"",
        "\"name\": \"Grace Hopper\"",
        "\"fair\"",
        "\"total\": 10",
        "active",
        "\"audience\": 3",
        "\"sent\": 3",
        "\"queued\": 0",
    ] {
        assert!(out.contains(said), "{said} was not said:\n{out}\n{err}");
    }
    assert!(err.is_empty(), "{err}");
}
