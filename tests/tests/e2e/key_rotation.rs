//! New keys in the place of old ones, by the real program, while others read and write; and starts with the wrong key.

use groundswell_app::App;
use groundswell_app::identity::{NewAccount, register_with_role};
use groundswell_app::secrets::{PutSecret, put_secret, resolve};
use groundswell_domain::identity::Role;
use groundswell_domain::secrets::{Holder, Secret, Service, last4};
use groundswell_domain::{Actor, Scope};
use groundswell_platform::Argon2Hasher;
use groundswell_server::compose::{Composed, Machine, Schema, compose_on};
use groundswell_server::config::Config;
use groundswell_storage::admin;
use groundswell_tests::{Backend, Binary, command, new_folder, spawn};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

on_both!(killed_and_watched,);

/// Secrets of each of two organizations: few, or as many as a drill wants.
fn size() -> usize {
    let wanted = std::env::var("GROUNDSWELL_DRILL_SECRETS").ok();
    wanted.map_or(1000, |count| count.parse::<usize>().unwrap() / 2)
}

fn key(digits: &str) -> String {
    digits.repeat(32)
}

/// The application in this process, on the database that the program works on.
async fn application(data: &Path, url: &str, current: &str, old: &[&str]) -> Composed {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let old: Vec<_> = old.iter().map(|digits| key(digits)).collect();
    let settings = json!({ "data": { "dir": data }, "database": { "url": url },
        "security": { "master_key": key(current), "old_master_keys": old } });
    let machine = Machine {
        passwords: Some(Arc::new(Argon2Hasher::for_tests())),
        ..Machine::default()
    };
    let config = Config::with(&settings).unwrap();
    compose_on(&config, Schema::Migrate, machine).await.unwrap()
}

fn service(index: usize) -> Service {
    format!("service-{index}").parse().unwrap()
}

fn value(scope: &Scope, index: usize) -> SecretString {
    format!("value {index} of {}", scope.organization).into()
}

fn new(value: &SecretString) -> PutSecret {
    PutSecret {
        value: value.clone(),
        holder: None,
        client_id: None,
    }
}

/// Somebody with this many secrets.
async fn person(app: &App, name: &str, secrets: usize) -> Scope {
    let account = NewAccount {
        email: format!("{name}@rotation.example"),
        password: "correct horse".into(),
        name: name.to_owned(),
        organization_name: name.to_owned(),
    };
    let (organization, user) = register_with_role(app, account, Role::CompanyAdmin)
        .await
        .unwrap();
    let mut scope = Scope::system(organization.id, app.request_id());
    let session = app.id();
    scope.actor = Actor::User {
        user: user.id,
        session,
    };
    put_secret(app, &scope, service(0), new(&value(&scope, 0)))
        .await
        .unwrap();
    let unit = app.store.begin(&scope).await.unwrap();
    let key = unit.data_keys().keys().await.unwrap().pop().unwrap().key;
    for index in 1..secrets {
        let value = value(&scope, index);
        let secret = Secret {
            id: app.id(),
            holder: Holder::User(user.id),
            service: service(index),
            last4: last4(&value),
            created_by: None,
            created_at: app.now(),
            updated_at: app.now(),
            version: 1,
        };
        let place = secret.place(scope.organization);
        let sealed = app.vault.seal(&key, &place, &value).unwrap();
        unit.secrets().insert(&secret, &sealed).await.unwrap();
    }
    unit.commit().await.unwrap();
    scope
}

async fn read(app: &App, scope: &Scope, index: usize) -> Result<String, String> {
    let found = resolve(app, scope, &service(index), None).await;
    let found = found.map_err(|error| format!("{error:?}"))?.ok_or("it is gone")?;
    Ok(found.expose_secret().to_owned())
}

async fn killed_and_watched(backend: Backend) {
    let secrets = size();
    let data = new_folder();
    std::fs::create_dir(&data).unwrap();
    let name = format!("gs_rotation_{}", std::process::id());
    let server = std::env::var("GROUNDSWELL_TEST_PG_URL").unwrap_or_default();
    let url = match backend {
        Backend::Sqlite => format!("sqlite://{}", data.join("groundswell.db").display()),
        Backend::Postgres => {
            admin::drop_database(&server, &name).await.unwrap();
            admin::create_database(&server, &name).await.unwrap()
        }
    };
    // A server that was restarted with both keys, as the steps for operators say.
    let composed = application(&data, &url, "a1", &["b2"]).await;
    let app = composed.app.clone();
    let people = [
        person(&app, "ada", secrets).await,
        person(&app, "ben", secrets).await,
    ];
    let stop = Arc::new(AtomicBool::new(false));
    let reads = Arc::new(AtomicU64::new(0));
    let reader = tokio::spawn({
        let (app, people, stop, reads) = (app.clone(), people.clone(), stop.clone(), reads.clone());
        async move {
            let mut failures = Vec::new();
            let mut index = 0;
            while !stop.load(Ordering::Relaxed) {
                index = (index + 7919) % secrets;
                for scope in &people {
                    let expected = value(scope, index);
                    match read(&app, scope, index).await {
                        Ok(found) if found == expected.expose_secret() => {}
                        other => failures.push(format!("{index}: {other:?}")),
                    }
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            }
            failures
        }
    });
    let writer = tokio::spawn({
        let (app, scope, stop) = (app.clone(), people[0].clone(), stop.clone());
        async move {
            let mut last = 0;
            while !stop.load(Ordering::Relaxed) {
                last += 1;
                let text: SecretString = format!("written {last}").into();
                put_secret(&app, &scope, service(secrets + last % 50), new(&text))
                    .await
                    .unwrap();
                tokio::task::yield_now().await;
            }
            last
        }
    });

    let (current, old) = (key("b2"), format!("[\"{}\"]", key("a1")));
    let settings = [
        ("GROUNDSWELL__DATABASE__URL", url.as_str()),
        ("GROUNDSWELL__SECURITY__MASTER_KEY", current.as_str()),
        ("GROUNDSWELL__SECURITY__OLD_MASTER_KEYS", old.as_str()),
    ];
    let mut killed = 0;
    for target in [80, 60, 45, 30, 15].map(|percent| (secrets * 2 * percent / 100) as u64) {
        let mut child = spawn(&data, &["keys", "rotate"], &settings);
        let directory = app.system.keys();
        loop {
            if child.try_wait().unwrap().is_some() {
                break;
            }
            let rotation = directory.rotation().await.unwrap();
            let waiting = directory.census(rotation).await.unwrap().waiting;
            if rotation.is_some() && waiting > 0 && waiting <= target {
                child.kill().await.unwrap();
                killed += 1;
                break;
            }
            tokio::task::yield_now().await;
        }
    }
    let ended = command(&data, &["keys", "rotate"], &settings).await;
    ended.expect(
        0,
        &[
            "no stored secret needs an old master key",
            " secrets encrypted anew",
        ],
    );
    stop.store(true, Ordering::Relaxed);
    assert_eq!(reader.await.unwrap(), Vec::<String>::new());
    let last = writer.await.unwrap();
    let reads = reads.load(Ordering::Relaxed);
    assert!(reads > 50 && last > 10, "{reads} reads, {last} writes");
    println!(
        "{} secrets: {killed} kills, {reads} reads, {last} writes, no failure",
        secrets * 2
    );
    assert!(killed > 0, "every rotation was over before it could be killed");

    // The old key is not needed for anything.
    let after = application(&data, &url, "b2", &[]).await;
    for scope in &people {
        let repos = after.app.store.read(scope);
        assert_eq!(
            repos.data_keys().keys().await.unwrap().len(),
            1,
            "old data keys are gone"
        );
        for index in 0..secrets {
            let found = read(&after.app, scope, index).await.unwrap();
            assert_eq!(found, value(scope, index).expose_secret());
        }
    }
    let newest = read(&after.app, &people[0], secrets + last % 50).await.unwrap();
    assert_eq!(
        newest,
        format!("written {last}"),
        "a value that was put meanwhile is not lost"
    );
    let alone = &settings[..2];
    command(&data, &["keys", "verify"], alone)
        .await
        .expect(0, &[" secrets can be read"]);
    command(&data, &["keys", "status"], alone).await.expect(
        0,
        &[
            "no rotation is under way",
            "2 data keys are under the current master key",
        ],
    );
    let first = key("a1");
    let wrong = [settings[0], ("GROUNDSWELL__SECURITY__MASTER_KEY", first.as_str())];
    for arguments in [&["serve"][..], &["worker"], &["api"], &["keys", "rotate"]] {
        let ended = command(&data, arguments, &wrong).await;
        ended.expect(
            1,
            &["the master key is the wrong one", "security.old_master_keys"],
        );
        assert!(!ended.err.contains(&first), "{ended:?}");
    }
    command(&data, &["doctor"], &wrong)
        .await
        .expect(1, &["BAD   keys"]);

    composed.store.close().await;
    after.store.close().await;
    if backend == Backend::Postgres {
        admin::drop_database(&server, &name).await.unwrap();
    }
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn a_key_that_is_missing_or_another_one_stops_the_start() {
    let data = new_folder();
    let mut binary = Binary::start_in(&data, "serve", &[]).await;
    let (code, log) = binary.end().await;
    assert_eq!(code, Some(0), "{log}");
    let file = data.join("master.key");
    let kept = std::fs::read(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    for command_line in ["serve", "api", "worker"] {
        let ended = command(&data, &[command_line], &[]).await;
        ended.expect(
            1,
            &["the master key is missing", "master.key", "no new one was made"],
        );
        assert!(!file.exists(), "nothing was made");
    }
    let other = key("c3");
    let wrong = [("GROUNDSWELL__SECURITY__MASTER_KEY", other.as_str())];
    command(&data, &["serve"], &wrong)
        .await
        .expect(1, &["the master key is the wrong one"]);
    command(&data, &["doctor"], &wrong)
        .await
        .expect(1, &["BAD   keys"]);
    let spoilt = [("GROUNDSWELL__SECURITY__OLD_MASTER_KEYS", "[\"s3cret\"]")];
    std::fs::write(&file, &kept).unwrap();
    std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let ended = command(&data, &["serve"], &spoilt).await;
    ended.expect(1, &["security.old_master_keys"]);
    assert!(!ended.err.contains("s3cret"), "{ended:?}");
    command(&data, &["doctor"], &[])
        .await
        .expect(0, &["ok    keys", "ok    secrets"]);

    // While it is being replaced, both are good; the doctor says what is left to do.
    let text = String::from_utf8(kept).unwrap();
    let old = format!("[\"{}\"]", text.trim());
    let both = [wrong[0], ("GROUNDSWELL__SECURITY__OLD_MASTER_KEYS", old.as_str())];
    command(&data, &["doctor"], &both)
        .await
        .expect(0, &["note  keys", "groundswell keys rotate"]);
    command(&data, &["keys", "rotate"], &both)
        .await
        .expect(0, &["no stored secret needs an old master key"]);
    command(&data, &["doctor"], &wrong)
        .await
        .expect(0, &["ok    keys"]);
    command(&data, &["serve"], &[])
        .await
        .expect(1, &["the master key is the wrong one"]);
    std::fs::remove_dir_all(data).unwrap();
}
