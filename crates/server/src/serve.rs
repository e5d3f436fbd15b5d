//! Runs the API, the worker, or both, until the process is told to stop.

use crate::compose::{self, Composed, Schema};
use crate::config::Config;
use crate::replay;
use actix_web::dev::ServerHandle;
use groundswell_api::{ApiState, HttpSettings};
use groundswell_app::App;
use secrecy::ExposeSecret;
use std::net::TcpListener;
use std::process::ExitCode;
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What one process does.
#[derive(Debug, Clone, Copy)]
pub struct Parts {
    pub worker: bool,
    pub schema: Schema,
}

/// A server that answers requests.
pub struct Running {
    handle: ServerHandle,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    /// Stops; `gracefully` lets requests that are being answered finish.
    pub async fn stop(self, gracefully: bool) {
        self.handle.stop(gracefully).await;
        // Whatever became of it, it has ended.
        let _ = self.task.await;
    }
}

/// Starts the API on a socket that listens already.
pub fn start(config: &Config, app: App, listener: TcpListener) -> Result<Running, String> {
    let settings = http_settings(config)?;
    let limiters = compose::limiters(config, app.clock.clone())?;
    let drain = Duration::from_secs(config.worker.drain);
    let server = groundswell_api::bind(
        listener,
        config.server.workers,
        drain,
        ApiState::new(app, settings, limiters),
    )
    .map_err(|error| format!("the server can't be started: {error}"))?;
    let handle = server.handle();
    Ok(Running {
        handle,
        task: tokio::spawn(server),
    })
}

fn http_settings(config: &Config) -> Result<HttpSettings, String> {
    let trusted_proxies = config
        .server
        .trusted_proxies
        .iter()
        .map(|text| {
            let network = text
                .parse()
                .or_else(|_| text.parse().map(|ip: std::net::IpAddr| ip.into()));
            network.map_err(|_| {
                format!("the setting server.trusted_proxies: {text} is neither an address nor a network")
            })
        })
        .collect::<Result<_, _>>()?;
    let token = &config.server.metrics_token;
    Ok(HttpSettings {
        limits: config.limits.settings(),
        trusted_proxies,
        cors_origins: config.cors_origins()?,
        local: is_local(&config.public_url()?),
        https: config.public_url()?.scheme() == "https",
        request_timeout: Duration::from_secs(config.server.request_timeout),
        heavy_timeout: Duration::from_secs(config.server.heavy_timeout),
        head_timeout: Duration::from_secs(config.server.head_timeout),
        json_body: config.limits.json_body,
        upload: config.limits.upload,
        import_bytes: config.limits.import_bytes,
        environment: config.server.environment.clone(),
        metrics_token: (!token.expose_secret().is_empty()).then(|| token.clone()),
    })
}

fn is_local(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback() || ip.is_unspecified(),
        None => false,
    }
}

/// The API, with or without a worker beside it, until SIGTERM or SIGINT.
pub(crate) async fn api(config: &Config, parts: Parts) -> Result<ExitCode, String> {
    let started = std::time::Instant::now();
    let address = std::net::SocketAddr::new(config.server.host, config.server.port);
    let listener = TcpListener::bind(address).map_err(|error| {
        format!("can't listen on {address}: {error}; choose another server.port, or stop what uses it")
    })?;
    let composed = compose::compose(config, parts.schema).await?;
    if parts.schema == Schema::Migrate {
        // Before anything is sent: the database may have been restored from a backup.
        replay::replay(&composed.app, &[compose::journal_path(config)]).await?;
    }
    let stop = CancellationToken::new();
    let worker = parts.worker.then(|| {
        tokio::spawn(groundswell_worker::run(
            composed.app.clone(),
            config.worker_settings(),
            stop.clone(),
        ))
    });
    let running = start(config, composed.app.clone(), listener)?;
    let url = config.public_url()?;
    println!("Groundswell is ready at {url} (API documentation: {url}docs)");
    tracing::info!(%address, worker = parts.worker, millis = started.elapsed().as_millis(), "ready");

    until_told().await?;
    tracing::info!("stopping");
    stop.cancel();
    // The worker first: the threads that answer requests own some of the pool's connections, and take them along.
    if let Some(worker) = worker {
        worker
            .await
            .map_err(|error| format!("the worker ended badly: {error}"))?;
    }
    running.stop(true).await;
    end(&composed).await
}

/// The worker alone, until SIGTERM or SIGINT.
pub(crate) async fn worker(config: &Config) -> Result<ExitCode, String> {
    let composed = compose::compose(config, Schema::AsItIs).await?;
    let stop = CancellationToken::new();
    let worker = tokio::spawn(groundswell_worker::run(
        composed.app.clone(),
        config.worker_settings(),
        stop.clone(),
    ));
    println!("The worker is ready");
    until_told().await?;
    tracing::info!("stopping");
    stop.cancel();
    worker
        .await
        .map_err(|error| format!("the worker ended badly: {error}"))?;
    end(&composed).await
}

async fn end(composed: &Composed) -> Result<ExitCode, String> {
    composed.store.close().await;
    tracing::info!("stopped");
    Ok(ExitCode::SUCCESS)
}

/// SIGTERM, or Ctrl-C. A second one ends the process at once.
async fn until_told() -> Result<(), String> {
    let explain = |error: std::io::Error| format!("signals can't be received: {error}");
    let mut terminate = signal(SignalKind::terminate()).map_err(explain)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(explain)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        std::process::exit(130);
    });
    Ok(())
}
