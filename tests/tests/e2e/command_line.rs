//! The program as an operator meets it.

use groundswell_testkit::issuer::TestIssuer;
use groundswell_testkit::issuer::keys::{RSA_FIRST_N, rsa_jwk};
use groundswell_tests::{Binary, command, new_folder};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::{Duration, Instant};

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_wrong_setting_stops_the_start_and_is_named() {
    let data = new_folder();
    for (name, value, said) in [
        ("GROUNDSWELL__SERVER__PROT", "1", "server.prot"),
        ("GROUNDSWELL__SERVER__PORT", "s3cret", "server.port"),
        ("GROUNDSWELL__SERVER__PORT", "70000", "server.port"),
        ("GROUNDSWELL__NONSENSE__KEY", "1", "nonsense"),
        ("GROUNDSWELL__EMAIL__TRANSPORT", "pigeon", "email.transport"),
        ("GROUNDSWELL__EMAIL__TRANSPORT", "smtp", "email.smtp_url"),
        ("GROUNDSWELL__EMAIL__FROM", "nobody", "email.from"),
        ("GROUNDSWELL__EMAIL__SEND_GROUP", "0", "email.send_group"),
        (
            "GROUNDSWELL__SECURITY__MASTER_KEY",
            "s3cret",
            "security.master_key",
        ),
        (
            "GROUNDSWELL__SERVER__PUBLIC_URL",
            "ftp://x.example",
            "server.public_url",
        ),
        (
            "GROUNDSWELL__SERVER__TRUSTED_PROXIES",
            "[nonsense]",
            "server.trusted_proxies",
        ),
        (
            "GROUNDSWELL__DATABASE__URL",
            "mysql://root:s3cret@x.example/x",
            "database.url",
        ),
        ("GROUNDSWELL__LOG__LEVEL", "shouting=loud=x", "log.level"),
        ("GROUNDSWELL__WORKER__HEARTBEAT", "60", "worker.heartbeat"),
        ("GROUNDSWELL_CONFIG", "/no/such/file.toml", "/no/such/file.toml"),
    ] {
        let ended = command(&data, &["serve"], &[(name, value)]).await;
        ended.expect(1, &[said]);
        assert!(
            !ended.err.contains("s3cret") && !ended.out.contains("s3cret"),
            "{ended:?}"
        );
        assert!(
            ended.err.starts_with("groundswell: ") && !ended.err.contains("panicked"),
            "{ended:?}"
        );
    }
    let file = data.with_extension("toml");
    for (text, said) in [
        ("[email]\nform = \"x@y.example\"", "email.form"),
        ("[server]\nworkers = \"many\"", "server.workers"),
        ("[server\nport = 1", "toml"),
    ] {
        std::fs::write(&file, text).unwrap();
        command(&data, &["--config", file.to_str().unwrap(), "serve"], &[])
            .await
            .expect(1, &[said]);
    }
    std::fs::remove_file(file).unwrap();
    let _ = std::fs::remove_dir_all(data);
}

#[tokio::test]
async fn the_first_start_keeps_its_secrets_and_is_quick() {
    let started = Instant::now();
    let mut binary = Binary::start(&[]).await;
    // A second is promised of a release build; this one may not be, and the machine may be busy.
    assert!(
        started.elapsed() < Duration::from_secs(3),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(mode(binary.folder()), 0o700);
    for entry in std::fs::read_dir(binary.folder()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    assert!(binary.folder().join("master.key").is_file() && binary.folder().join("groundswell.db").is_file());
    // A second one on the same port says what is in its way.
    let port = binary.base.rsplit(':').next().unwrap().to_owned();
    let other = new_folder();
    command(&other, &["serve"], &[("GROUNDSWELL__SERVER__PORT", &port)])
        .await
        .expect(1, &[&port, "server.port"]);
    let data = binary.folder().to_owned();
    let (code, log) = binary.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains(&format!("ready at {}", binary.base)), "{log}");
    // The key is kept: who was signed in still is, after a restart.
    let key = std::fs::read(data.join("master.key")).unwrap();
    let mut again = Binary::start_in(&data, "serve", &[]).await;
    assert_eq!(std::fs::read(data.join("master.key")).unwrap(), key);
    again.stop().await;
}

#[tokio::test]
async fn the_doctor_finds_what_is_wrong() {
    let data = new_folder();
    let doctor = async |settings: &[(&str, &str)]| command(&data, &["doctor"], settings).await;
    doctor(&[])
        .await
        .expect(1, &["BAD   migrations", "groundswell migrate"]);
    command(&data, &["migrate"], &[]).await.expect(0, &["up to date"]);
    let good = doctor(&[]).await;
    good.expect(
        0,
        &[
            "ok    database",
            "ok    migrations",
            "ok    keys",
            "ok    clock",
            "all right",
        ],
    );
    assert!(!good.out.contains("BAD"), "{}", good.out);
    for (settings, said) in [
        (
            &[("GROUNDSWELL__DATABASE__URL", "postgres://x:s3cret@127.0.0.1:1/x")][..],
            &["BAD   database", "database.url"][..],
        ),
        (
            &[
                ("GROUNDSWELL__EMAIL__TRANSPORT", "smtp"),
                (
                    "GROUNDSWELL__EMAIL__SMTP_URL",
                    "smtp://x:s3cret@127.0.0.1:1?tls=none",
                ),
            ],
            &["BAD   mail", "email.smtp_url"],
        ),
        (
            &[("GROUNDSWELL__SERVER__PROT", "1")],
            &["BAD   configuration", "server.prot"],
        ),
        (
            &[("GROUNDSWELL__SECURITY__MASTER_KEY", "s3cret")],
            &["BAD", "security.master_key"],
        ),
        (
            &[("GROUNDSWELL__LIMITS__REDIS_URL", "redis://x:s3cret@127.0.0.1:1/0")],
            &["BAD   limits", "limits.redis_url", "127.0.0.1:1"],
        ),
        (
            &[("GROUNDSWELL__LIMITS__REDIS_URL", "http://x:s3cret@y")],
            &["BAD   limits", "limits.redis_url"],
        ),
        (
            &[("GROUNDSWELL__LIMITS__ENABLED", "false")],
            &["BAD   limits", "limits.enabled"],
        ),
        (
            &[("GROUNDSWELL__SERVER__HOST", "0.0.0.0")],
            &["BAD   public address", "server.public_url"],
        ),
    ] {
        let ended = doctor(settings).await;
        ended.expect(1, said).expect(1, &["1 problem found"]);
        assert!(
            !ended.out.contains("s3cret") && !ended.err.contains("s3cret"),
            "{ended:?}"
        );
    }
    std::fs::set_permissions(&data, std::fs::Permissions::from_mode(0o755)).unwrap();
    doctor(&[])
        .await
        .expect(1, &["BAD   data folder", "chmod -R go="]);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn the_doctor_asks_the_trusted_issuers() {
    let data = new_folder();
    command(&data, &["migrate"], &[]).await.expect(0, &["up to date"]);
    let issuer = TestIssuer::start(&[rsa_jwk("first", RSA_FIRST_N)]).await;
    let idp = format!(
        "kind=\"oidc\", name=\"idp\", issuer=\"https://id.example.com\", audience=\"us\", jwks_url=\"{}\"",
        issuer.url
    );
    let secret = "s3cret-s3cret-s3cret-s3cret-s3cret";
    let supabase = format!(
        "kind=\"supabase\", issuer=\"https://abc.supabase.co\", secret=\"{secret}\", email_proof=\"issuer\""
    );
    let doctor = async |issuers: &str| {
        let ended = command(&data, &["doctor"], &[("GROUNDSWELL__AUTH__ISSUERS", issuers)]).await;
        assert!(
            !ended.out.contains(secret) && !ended.err.contains(secret),
            "{ended:?}"
        );
        ended
    };
    let both = format!("[{{{idp}}}, {{{supabase}}}]");
    doctor(&both)
        .await
        .expect(0, &["ok    issuers        idp: 1 key", "supabase: HS256"]);
    let nowhere = "organization=\"0190b1f2-0000-7000-8000-000000000001\"";
    doctor(&format!("[{{{idp}, {nowhere}}}]"))
        .await
        .expect(1, &["BAD   issuers", "there is no organization 0190b1f2"]);
    issuer.publishes(&[]);
    doctor(&both).await.expect(1, &["BAD   issuers", "has no key"]);
    issuer.answers("404 Not Found", "", "");
    doctor(&both).await.expect(1, &["BAD   issuers", "404"]);
    issuer.is_away();
    doctor(&both)
        .await
        .expect(1, &["BAD   issuers", "can't be had", "1 problem found"]);
    doctor(&format!("[{{{supabase}, create=\"user\"}}]"))
        .await
        .expect(1, &["BAD   configuration", "auth.issuers.0", "`organization`"]);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn the_document_of_the_api_is_the_one_in_the_docs() {
    let data = new_folder();
    // Works where no setting is right.
    let printed = command(&data, &["openapi"], &[("GROUNDSWELL__SERVER__PROT", "1")]).await;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/openapi.json");
    let kept = std::fs::read_to_string(&path).unwrap();
    let same = printed.expect(0, &["\"openapi\": \"3.1"]).out == kept;
    assert!(
        same,
        "docs/openapi.json is not up to date: groundswell openapi > docs/openapi.json"
    );
    assert!(!data.exists(), "nothing is made for a document");
    command(&data, &["--version"], &[])
        .await
        .expect(0, &["groundswell "]);
    command(&data, &["launch-everything"], &[])
        .await
        .expect(2, &["--help"]);
}
