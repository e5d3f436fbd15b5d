//! `groundswell doctor`: looks at everything that must be right, and says what to do about what is not.

use super::keys;
use crate::compose::{self, Composed, Schema};
use crate::config::{Config, Transport};
use chrono::TimeDelta;
use groundswell_app::{App, email};
use groundswell_domain::email::CheckOutcome;
use groundswell_domain::jobs::JobStatus;
use groundswell_domain::{Scope, SystemStore};
use groundswell_storage::SeaStore;
use secrecy::ExposeSecret;
use std::process::ExitCode;

/// How one thing is.
enum Finding {
    Good(String),
    /// Works, but someone should know.
    Note(String),
    /// What is wrong, and what to do.
    Bad(String, String),
}

/// What was found so far, printed as it comes.
#[derive(Default)]
struct Report {
    bad: u32,
}

impl Report {
    fn add(&mut self, name: &str, finding: Finding) {
        match finding {
            Finding::Good(text) => println!("ok    {name:<14} {text}"),
            Finding::Note(text) => println!("note  {name:<14} {text}"),
            Finding::Bad(text, advice) => {
                self.bad += 1;
                println!("BAD   {name:<14} {text}\n      {:<14} -> {advice}", "");
            }
        }
    }
}

pub(super) async fn doctor(config: Result<Config, String>) -> Result<ExitCode, String> {
    let mut report = Report::default();
    match config {
        Ok(config) => {
            report.add(
                "configuration",
                Finding::Good("every setting is known and has a possible value".into()),
            );
            check(&config, &mut report).await;
        }
        Err(error) => report.add(
            "configuration",
            Finding::Bad(
                error,
                "mend it in your file or in the environment; all settings are in config/default.toml".into(),
            ),
        ),
    }
    if report.bad == 0 {
        println!("everything is all right");
        return Ok(ExitCode::SUCCESS);
    }
    println!(
        "{} found",
        if report.bad == 1 {
            "1 problem".to_owned()
        } else {
            format!("{} problems", report.bad)
        }
    );
    Ok(ExitCode::FAILURE)
}

async fn check(config: &Config, report: &mut Report) {
    report.add("public address", public_address(config));
    report.add("data folder", data_folder(config));
    let store = match compose::open_store(config).await {
        Ok(store) => store,
        Err(error) => {
            let advice = "check database.url, that the server runs, and that the user may connect";
            report.add("database", Finding::Bad(error, advice.into()));
            return;
        }
    };
    report.add("database", database(&store).await);
    report.add("migrations", migrations(&store).await);
    isolation(config, &store, report).await;
    let composed = match compose::compose(config, Schema::AsItIs).await {
        Ok(composed) => composed,
        Err(error) => {
            let advice = "use the key that this installation was started with; see security.master_key";
            report.add("keys", Finding::Bad(error, advice.into()));
            return;
        }
    };
    report.add("keys", master_key(&composed));
    report.add("secrets", secrets(&composed).await);
    let app = composed.app;
    report.add("sending", sending(&app).await);
    mail(config, &app, report).await;
    report.add("returned mail", returned(config, &app));
    domains(config, &app, report).await;
    issuers(config, &app, report).await;
    report.add("clock", clock(&app).await);
    report.add("jobs", jobs(&store).await);
    report.add("limits", limits(config).await);
    report.add("egress", egress(config));
}

fn master_key(composed: &Composed) -> Finding {
    let keys = &composed.keys;
    if keys.is_being_replaced() {
        return Finding::Note(format!(
            "the master key is being replaced by {}: run `groundswell keys rotate`",
            keys.current_id()
        ));
    }
    Finding::Good(format!(
        "the master key ({}) is there and is the right one",
        keys.current_id()
    ))
}

async fn secrets(composed: &Composed) -> Finding {
    let found = match keys::Overview::of(composed).await {
        Ok(found) => found,
        Err(error) => return Finding::Bad(error, "run `groundswell migrate`".into()),
    };
    if !found.unknown.is_empty() {
        return Finding::Bad(
            format!(
                "there are data keys that need a master key which is not here: {}",
                found.unknown.join(", ")
            ),
            "add that key to security.old_master_keys, then run `groundswell keys rotate`".into(),
        );
    }
    if found.is_settled() {
        return Finding::Good(format!("{} stored", keys::number(found.census.secrets)));
    }
    Finding::Note(format!("{}; run `groundswell keys rotate`", found.waiting()))
}

fn public_address(config: &Config) -> Finding {
    match config.public_url() {
        Ok(url)
            if url
                .host_str()
                .is_some_and(|host| host == "0.0.0.0" || host == "[::]") =>
        {
            Finding::Bad(
                format!("links in mails would lead to {url}, where nobody can get"),
                "set server.public_url to the address that people use".into(),
            )
        }
        Ok(url) if url.scheme() == "http" && config.email.transport == Transport::Smtp => Finding::Note(
            format!("{url} is not encrypted; one-click unsubscription (RFC 8058) needs https"),
        ),
        Ok(url) => Finding::Good(url.to_string()),
        Err(error) => Finding::Bad(error, "set server.public_url".into()),
    }
}

async fn isolation(config: &Config, store: &SeaStore, report: &mut Report) {
    let name = "isolation";
    match store.isolation().await {
        Ok(isolation) => {
            match isolation.broken {
                None => report.add(
                    name,
                    Finding::Note(
                        "SQLite has no row-level security: that every query names its organization is the only wall".into(),
                    ),
                ),
                Some(_) if !config.database.row_level_security => report.add(
                    name,
                    Finding::Bad(
                        "database.row_level_security is off: the queries' own conditions are the only wall".into(),
                        "take the setting away".into(),
                    ),
                ),
                Some(broken) if broken.is_empty() => report.add(
                    name,
                    Finding::Good("PostgreSQL forces row-level security on every table".into()),
                ),
                Some(broken) => {
                    for sentence in broken {
                        report.add(
                            name,
                            Finding::Bad(sentence, "see \"Row-level security\" in docs/operations.md".into()),
                        );
                    }
                }
            }
            if let Some(slow) = isolation.slow {
                report.add(name, Finding::Note(slow));
            }
        }
        Err(error) => report.add(
            name,
            Finding::Bad(error.to_string(), "run `groundswell migrate`".into()),
        ),
    }
}

#[cfg(unix)]
fn data_folder(config: &Config) -> Finding {
    use std::os::unix::fs::PermissionsExt;
    let dir = &config.data.dir;
    let others = |path: &std::path::Path| {
        std::fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o077 != 0)
    };
    if !dir.is_dir() {
        return Finding::Note(format!(
            "{} does not exist yet; the first start makes it",
            dir.display()
        ));
    }
    let open: Vec<_> = [dir.clone(), dir.join("master.key"), dir.join("groundswell.db")]
        .into_iter()
        .filter(|path| others(path))
        .map(|path| path.display().to_string())
        .collect();
    if open.is_empty() {
        return Finding::Good(format!("{} is for its owner only", dir.display()));
    }
    Finding::Bad(
        format!("others on this machine can read {}", open.join(", ")),
        format!("chmod -R go= {}", dir.display()),
    )
}

#[cfg(not(unix))]
fn data_folder(config: &Config) -> Finding {
    Finding::Note(format!(
        "{}: its permissions can't be checked on this system",
        config.data.dir.display()
    ))
}

async fn database(store: &SeaStore) -> Finding {
    match store.describe().await {
        Ok(text) if text.starts_with("SQLite") => Finding::Good(format!(
            "{text}; one process, organizations are kept apart by the program alone"
        )),
        Ok(text) => Finding::Good(text),
        Err(error) => Finding::Bad(error.to_string(), "check that the database server runs".into()),
    }
}

async fn migrations(store: &SeaStore) -> Finding {
    match store.pending_migrations().await {
        Ok(pending) if pending.is_empty() => Finding::Good("the database is up to date".into()),
        Ok(pending) => Finding::Bad(
            format!("{} missing: {}", pending.len(), pending.join(", ")),
            "run `groundswell migrate` (or `groundswell serve`, which does it)".into(),
        ),
        Err(error) => Finding::Bad(error.to_string(), "run `groundswell migrate`".into()),
    }
}

async fn sending(app: &App) -> Finding {
    match groundswell_app::email::sending_halt(app).await {
        Ok(None) => Finding::Good("nothing stops mail from leaving".into()),
        Ok(Some(halt)) => Finding::Bad(
            halt.sentence(),
            "groundswell sending resume; after a restore see \"Backup and restore\" in docs/operations.md"
                .into(),
        ),
        Err(error) => Finding::Bad(error.to_string(), "check that the database server runs".into()),
    }
}

/// One line per server.
async fn mail(config: &Config, app: &App, report: &mut Report) {
    if config.email.transport == Transport::Outbox {
        let text =
            "the outbox keeps mails and delivers none; set email.transport and email.smtp_url to deliver";
        report.add("mail", Finding::Note(text.into()));
        return;
    }
    for (name, found) in app.mailer.check().await {
        let finding = match found {
            Ok(text) => Finding::Good(format!("{name}: {text}")),
            Err(error) => Finding::Bad(
                format!("{name}: {error}"),
                "check email.smtp_url, or this one of email.servers: host, port, user, password, tls, key"
                    .into(),
            ),
        };
        report.add("mail", finding);
    }
}

/// By which ways it is heard what came back.
fn returned(config: &Config, app: &App) -> Finding {
    let webhooks: Vec<String> = app
        .webhooks
        .configured()
        .into_iter()
        .filter(|(_, set)| *set)
        .map(|(provider, _)| provider.to_string())
        .collect();
    let mut text = if webhooks.is_empty() {
        "no provider's webhooks are listened to (email.webhooks)".to_owned()
    } else {
        format!("webhooks of {} are listened to", webhooks.join(", "))
    };
    match &app.settings.return_address {
        Some(address) => text = format!("{text}; mails return to {address}"),
        None => text.push_str("; mails return to their sender (email.return_address)"),
    }
    if app.mailer.can_tell() {
        text.push_str("; what became of mails in doubt is asked for");
    }
    match app.settings.bounces_days {
        0 => text.push_str("; what came back is kept for ever"),
        days => text = format!("{text}; what came back is kept for {days} days"),
    }
    let deaf: Vec<&str> = config
        .email
        .servers
        .iter()
        .filter_map(|server| server.kind.provider())
        .filter(|provider| !webhooks.iter().any(|name| name == provider))
        .collect();
    if deaf.is_empty() {
        return Finding::Good(text);
    }
    Finding::Note(format!(
        "{text}. Mails leave by {}, whose bounces and complaints nobody hears: set its key in email.webhooks",
        deaf.join(", ")
    ))
}

/// One line for each domain that anybody sends from, as the DNS is now.
async fn domains(config: &Config, app: &App, report: &mut Report) {
    let name = "mail domains";
    if !config.dns.enabled {
        report.add(name, Finding::Note("the DNS is not asked (dns.enabled)".into()));
        return;
    }
    let mut found = Vec::new();
    if let Err(error) = email::look_at_all(app, &mut |domain| found.push(domain)).await {
        report.add(
            name,
            Finding::Bad(error.to_string(), "run `groundswell migrate`".into()),
        );
        return;
    }
    if found.is_empty() {
        let text = "nobody sends from a domain of their own: every mail comes from email.from, unsigned";
        report.add(name, Finding::Note(text.into()));
    }
    for domain in found {
        let of = format!("{} (organization {})", domain.domain, domain.organization);
        let troubles = domain.troubles();
        let open: Vec<&str> = domain
            .checks
            .each()
            .into_iter()
            .filter(|(_, check)| check.status == CheckOutcome::Unknown)
            .map(|(what, _)| what)
            .collect();
        let finding = match (troubles.is_empty(), domain.verified) {
            (false, true) => Finding::Bad(
                format!("{of}: {}", troubles.join("; ")),
                "set the records that GET /api/email/domains shows, then POST its check".into(),
            ),
            (false, false) => Finding::Note(format!("{of} is not used yet: {}", troubles.join("; "))),
            (true, _) if !open.is_empty() => {
                Finding::Note(format!("{of}: no name server told about {}", open.join(", ")))
            }
            (true, true)
                if domain
                    .checked_at
                    .is_none_or(|at| app.now() - at > TimeDelta::days(3)) =>
            {
                Finding::Bad(
                    format!("{of} is right, and was not looked at by itself for three days"),
                    "run a worker: it looks at each domain once a day".into(),
                )
            }
            (true, false) => {
                Finding::Note(format!("{of}: everything is set; POST its check to send from it"))
            }
            (true, true) => Finding::Good(format!("{of}: SPF, DKIM, DMARC and MX are right")),
        };
        report.add(name, finding);
    }
}

/// One line per issuer, and one for each organization of theirs that is not there.
async fn issuers(config: &Config, app: &App, report: &mut Report) {
    if config.auth.issuers.is_empty() {
        let text = "none is trusted: people sign in with their password";
        report.add("issuers", Finding::Good(text.into()));
    }
    for (name, state) in app.issuers.check().await {
        let finding = match state {
            Ok(text) => Finding::Good(format!("{name}: {text}")),
            Err(error) => Finding::Bad(
                format!("{name}: {error}"),
                "check jwks_url and algorithms in auth.issuers, and that this machine may connect there"
                    .into(),
            ),
        };
        report.add("issuers", finding);
    }
    for organization in config
        .auth
        .issuers
        .iter()
        .filter_map(|issuer| issuer.organization)
    {
        let scope = Scope::operator(organization, app.request_id());
        let finding = match app.store.read(&scope).identity().organization().await {
            Ok(Some(_)) => continue,
            Ok(None) => Finding::Bad(
                format!("there is no organization {organization}"),
                "set organization in auth.issuers to the id that `GET /api/organization` shows".into(),
            ),
            Err(error) => Finding::Bad(error.to_string(), "run `groundswell migrate`".into()),
        };
        report.add("issuers", finding);
    }
}

async fn clock(app: &App) -> Finding {
    match app.system.database_time().await {
        Ok(time) => {
            let seconds = (app.now() - time).num_seconds().abs();
            if seconds <= 2 {
                return Finding::Good("this machine and the database agree".into());
            }
            Finding::Bad(
                format!("this machine's clock and the database's are {seconds} s apart"),
                "run NTP on both: leases and tokens depend on it".into(),
            )
        }
        Err(error) => Finding::Bad(error.to_string(), "check that the database server runs".into()),
    }
}

async fn limits(config: &Config) -> Finding {
    if !config.limits.enabled {
        return Finding::Bad(
            "rate limits are off: anybody can try passwords as fast as they like".into(),
            "set limits.enabled".into(),
        );
    }
    let url = config.limits.redis_url.expose_secret();
    if url.is_empty() {
        return Finding::Good("each process counts for itself; set limits.redis_url for several".into());
    }
    match groundswell_limits::check_redis(url).await {
        Ok(text) => Finding::Good(text),
        Err(error) => Finding::Bad(
            error,
            "check limits.redis_url; until then each process counts for itself".into(),
        ),
    }
}

fn egress(config: &Config) -> Finding {
    let egress = &config.egress;
    let mut notes = Vec::new();
    if !egress.allow.is_empty() {
        notes.push(format!(
            "addresses that people name may lead to {}: whatever answers there without a password is theirs",
            egress.allow.join(", ")
        ));
    }
    if !egress.proxy.expose_secret().is_empty() {
        notes.push("requests go through egress.proxy, which has to refuse private networks itself".into());
    }
    if notes.is_empty() {
        return Finding::Good("addresses that people name lead to the public internet only".into());
    }
    Finding::Note(notes.join("; "))
}

async fn jobs(store: &SeaStore) -> Finding {
    match store.jobs().depth().await {
        Ok(rows) => {
            let sum = |status| {
                rows.iter()
                    .filter(|row| row.1 == status)
                    .map(|row| row.2)
                    .sum::<i64>()
            };
            Finding::Good(format!(
                "{} waiting, {} running",
                sum(JobStatus::Queued),
                sum(JobStatus::Running)
            ))
        }
        Err(error) => Finding::Bad(error.to_string(), "run `groundswell migrate`".into()),
    }
}
